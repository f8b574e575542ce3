/** The pictures that left the queue last, to be looked at from there. */
import { html } from "../../html.js";
import { looked } from "../../state/pictures.js";
import { at } from "../../state/server.js";
import { loadSlot, slotOf } from "../../state/slots.js";
import { t } from "../../state/words.js";
import { useEffect } from "../../vendor/hooks.js";
import { shownOf } from "../picture.js";

/** @typedef {import("./timeline.js").Run} Run */

const MOST = 6;

/** @param {{runs: Run[]}} props */
export function Lately({ runs }) {
  const done = runs.filter((run) => run.slot && run.outcome === "done").reverse();
  const slots = [...new Set(done.map((run) => /** @type {string} */ (run.slot)))].slice(0, MOST);
  if (!slots.length) return null;
  return html`<h3>${t("queue.lately")}</h3>
    <ul class="lately">${slots.map((id) => html`<${Drawn} key=${id} id=${id} />`)}</ul>`;
}

/** @param {{id: string}} props */
function Drawn({ id }) {
  const slot = slotOf(id).value;
  useEffect(() => {
    loadSlot(id).catch(() => {}); // It may be gone.
  }, [id]);
  const picture = slot ? shownOf(slot)?.picture : null;
  if (!slot || !picture) return null;
  return html`<li><button type="button" class="thumb" aria-label=${t("picture.open", { prompt: slot.prompt })} title=${slot.prompt}
    onClick=${() => (looked.value = id)}><img src=${at(`${picture.thumbnail}?side=128`)} alt="" draggable=${false} /></button></li>`;
}
