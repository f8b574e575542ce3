/** What is known of a picture, and what one can do with it. */
import { html } from "../../html.js";
import { comparing, discard, edited, erased, redraw, reshaped, turn } from "../../state/pictures.js";
import { moment, t, took } from "../../state/words.js";
import { copyText } from "../copying.js";
import { IconButton } from "../icon.js";
import { isDrawn, shownOf } from "../picture.js";

/** @param {{slot: import("../../state/slots.js").LiveSlot}} props */
export function Facts({ slot }) {
  const shown = shownOf(slot);
  const picture = shown?.picture;
  const info = picture?.info ?? {};
  const seconds = Number(info.seconds ?? Number.NaN);
  const server = [info.member ?? info.backend, info.model].filter((one) => typeof one === "string").join(" · ");
  const count = slot.alternatives.length;
  return html`<div class="facts">
    <p class="prompt" dir="auto">${shown?.prompt ?? slot.prompt}</p>
    <p class="small">
      ${picture && html`<span>${picture.width} × ${picture.height}</span>`}
      ${picture?.seed != null && html`<span>${t("viewer.seed", { seed: picture.seed })}</span>`}
      ${server && html`<span dir="auto">${server}</span>`}
      ${shown?.made_at != null && html`<span>${moment(shown.made_at)}</span>`}
      ${Number.isFinite(seconds) && html`<span>${t("viewer.took", { time: took(seconds) })}</span>`}
      ${typeof info.cost === "string" && html`<span>${t("viewer.cost", { cost: info.cost })}</span>`}
    </p>
    <div class="row">
      ${count > 1 && html`<span class="variants">
        <${IconButton} icon="left" label=${t("picture.previous")} disabled=${slot.selected === 0} onClick=${() => turn(slot.id, -1)} />
        <span aria-live="polite">${(slot.selected ?? 0) + 1} / ${count}</span>
        <${IconButton} icon="right" label=${t("picture.next")} disabled=${(slot.selected ?? 0) + 1 >= count} onClick=${() => turn(slot.id, 1)} />
      </span>
      <button type="button" class="quiet" aria-pressed=${comparing.value} onClick=${() => (comparing.value = !comparing.value)}>${t("picture.compare")}</button>`}
      <button type="button" class="quiet" disabled=${slot.pending > 0} onClick=${() => redraw(slot.id, "append")}>
        ${isDrawn(slot) ? t("picture.drawing") : t("picture.again")}</button>
      <button type="button" class="quiet" onClick=${() => (reshaped.value = slot.id)}>${t("picture.several")}</button>
      <button type="button" class="quiet" onClick=${() => (edited.value = slot.id)}>${t("picture.edit")}</button>
      <button type="button" class="quiet" onClick=${() => copyText(shown?.prompt ?? slot.prompt)}>${t("picture.copy")}</button>
      ${shown && html`<button type="button" class="quiet" onClick=${() => discard(slot.id)}>${t("picture.delete")}</button>
      <button type="button" class="quiet" onClick=${() => (erased.value = slot.id)}>${t("picture.erase")}</button>`}
    </div>
  </div>`;
}
