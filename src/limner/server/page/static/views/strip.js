/** All pictures of one place side by side, with a place for each that is still to come. */
import { html } from "../html.js";
import { choose } from "../state/pictures.js";
import { at } from "../state/server.js";
import { slotOf } from "../state/slots.js";
import { t } from "../state/words.js";

const MOST = 24;

/** @param {{id: string}} props */
export function Strip({ id }) {
  const slot = slotOf(id).value;
  if (!slot) return null;
  const first = Math.max(0, slot.alternatives.length - MOST);
  return html`<ul class="strip" aria-label=${t("picture.all")}>
    ${slot.alternatives.slice(first).map(
      (one, n) => html`<li key=${one.id}><button type="button" aria-current=${first + n === slot.selected}
        aria-label=${t("picture.number", { n: first + n + 1 })} onClick=${() => choose(id, first + n)}>
        <img src=${at(`${one.picture.thumbnail}?side=128`)} alt="" loading="lazy" /></button></li>`,
    )}
    ${Array.from({ length: Math.min(slot.pending, MOST) }, (_, n) => html`<li key=${`waiting ${n}`} class="coming" role="img" aria-label=${t("picture.drawing")}></li>`)}
  </ul>`;
}
