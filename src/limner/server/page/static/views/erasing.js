/** Asks once more before a picture is deleted for good. */
import { html } from "../html.js";
import { erase, erased } from "../state/pictures.js";
import { at } from "../state/server.js";
import { slotOf } from "../state/slots.js";
import { t } from "../state/words.js";
import { useEffect, useRef, useState } from "../vendor/hooks.js";
import { Dialog } from "./dialog.js";
import { shownOf } from "./picture.js";

export function Erasing() {
  const id = /** @type {string} */ (erased.value);
  const slot = slotOf(id).value;
  const [busy, setBusy] = useState(false);
  const no = useRef(/** @type {HTMLButtonElement | null} */ (null));
  useEffect(() => no.current?.focus(), []);
  const close = () => (erased.value = null);
  const shown = slot ? shownOf(slot) : null;
  if (!shown) return null;
  const yes = async () => {
    setBusy(true);
    await erase(id, shown.id);
    close();
  };
  return html`<${Dialog} title=${t("erase.title")} onClose=${close} class="erasing">
    <div class="row"><img src=${at(`${shown.picture.thumbnail}?side=256`)} alt="" /><p class="grow" dir="auto">${shown.prompt}</p></div>
    <p>${t("erase.about")}</p>
    <div class="ends">
      <button type="button" class="quiet" ref=${no} onClick=${close}>${t("cancel")}</button>
      <button type="button" class="main danger" disabled=${busy} onClick=${yes}>${t("erase.yes")}</button>
    </div>
  </${Dialog}>`;
}
