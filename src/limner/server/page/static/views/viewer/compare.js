/** Two pictures of one place: one over the other behind a slider, or side by side. */
import { html } from "../../html.js";
import { recall, remember } from "../../state/memory.js";
import { at } from "../../state/server.js";
import { t } from "../../state/words.js";
import { useState } from "../../vendor/hooks.js";

/** @typedef {import("../../state/slots.js").LiveSlot} LiveSlot */
/** @typedef {import("../../api.js").Alternative} Alternative */

/** @param {{slot: LiveSlot}} props */
export function Compare({ slot }) {
  const all = slot.alternatives;
  const right = slot.selected ?? all.length - 1;
  const [left, setLeft] = useState(right > 0 ? right - 1 : 1);
  const [cut, setCut] = useState(50);
  const [beside, setBeside] = useState(recall("compare") === "beside");
  const one = all[Math.min(left, all.length - 1)];
  const other = all[right];
  /** @param {boolean} wanted */
  const arrange = (wanted) => {
    setBeside(wanted);
    remember("compare", wanted ? "beside" : null);
  };
  const { width, height } = other.picture;
  return html`<div class="compare" data-beside=${beside} style=${{ "--wide": width / height }} onKeyDown=${(/** @type {Event} */ event) => event.stopPropagation()}>
    <div class="pair">
      <figure><img src=${at(one.picture.url)} alt=${t("compare.first", { prompt: one.prompt })} draggable=${false} /></figure>
      <figure style=${beside ? {} : { "clip-path": `inset(0 0 0 ${cut}%)` }}><img src=${at(other.picture.url)} alt=${t("compare.second", { prompt: other.prompt })} draggable=${false} /></figure>
      ${!beside && html`<span class="cut" style=${{ left: `${cut}%` }}></span>
        <input type="range" min="0" max="100" step="0.5" value=${cut} aria-label=${t("compare.slider")}
          onInput=${(/** @type {any} */ event) => setCut(event.target.valueAsNumber)} />`}
    </div>
    <div class="row">
      <label>${t("compare.with")} <select value=${left} onChange=${(/** @type {any} */ event) => setLeft(Number(event.target.value))}>
        ${all.map((_, n) => n !== right && html`<option key=${n} value=${n}>${t("picture.number", { n: n + 1 })}</option>`)}</select></label>
      <button type="button" class="quiet" aria-pressed=${!beside} onClick=${() => arrange(false)}>${t("compare.over")}</button>
      <button type="button" class="quiet" aria-pressed=${beside} onClick=${() => arrange(true)}>${t("compare.beside")}</button>
    </div>
  </div>`;
}
