/** A page of another program asks to use limner: somebody here says yes or no. */

import { html } from "../html.js";
import { say } from "../state/origins.js";
import { asking } from "../state/view.js";
import { t } from "../state/words.js";
import { Dialog } from "./dialog.js";

export function Asking() {
  const one = asking.value[0];
  if (!one) return null;
  const refuse = () => say(one.id, "refuse");
  return html`<${Dialog} key=${one.id} title=${t("origins.asks", { name: one.name })} onClose=${refuse} class="asking">
    <p>${t("origins.where", { origin: one.origin })}</p>
    <p class="code">${t("origins.code")} <strong>${one.code}</strong></p>
    <div class="ends">
      <button type="button" class="quiet" onClick=${refuse}>${t("origins.refuse")}</button>
      <button type="button" class="main" onClick=${() => say(one.id, "allow")}>${t("origins.allow")}</button>
    </div>
  </${Dialog}>`;
}
