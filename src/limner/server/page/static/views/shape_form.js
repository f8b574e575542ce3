/** A picture drawn several times at once, in another size, or with a seed of its own. */
import { html } from "../html.js";
import { redraw, reshaped } from "../state/pictures.js";
import { settings } from "../state/settings.js";
import { slotOf } from "../state/slots.js";
import { t } from "../state/words.js";
import { useState } from "../vendor/hooks.js";
import { Dialog } from "./dialog.js";
import { shownOf } from "./picture.js";

const MOST = 8;
const SEED = 2 ** 32 - 1;

export function ShapeForm() {
  const id = /** @type {string} */ (reshaped.value);
  const slot = slotOf(id).value;
  const [count, setCount] = useState(4);
  const [size, setSize] = useState("");
  const [seed, setSeed] = useState("");
  const close = () => (reshaped.value = null);
  if (!slot) return null;
  const picture = shownOf(slot)?.picture;
  const now = settings.value?.settings;
  const [wide, high] = [picture?.width ?? now?.width ?? 768, picture?.height ?? now?.height ?? 512];
  const [long, short] = [Math.max(wide, high), Math.min(wide, high)];
  const square = Math.round(Math.sqrt(long * short) / 64) * 64;
  /** @type {[string, string][]} */
  const sizes = [
    ["", t("shape.same", { size: `${wide} × ${high}` })],
    [`${long}x${short}`, t("shape.wide", { size: `${long} × ${short}` })],
    [`${short}x${long}`, t("shape.tall", { size: `${short} × ${long}` })],
    [`${square}x${square}`, t("shape.square", { size: `${square} × ${square}` })],
  ];
  /** @param {Event} event */
  const draw = async (event) => {
    event.preventDefault();
    close();
    /** @type {{size?: string, seed?: number}} */
    const wish = size ? { size } : {};
    for (let n = 0; n < count; n++) {
      if (!(await redraw(id, "append", seed === "" ? wish : { ...wish, seed: (Number(seed) + n) % (SEED + 1) }))) break;
    }
  };
  return html`<${Dialog} title=${t("picture.several")} onClose=${close} class="shape">
    <form onSubmit=${draw}>
      <p class="small" dir="auto">${slot.prompt}</p>
      <label for="shape-count">${t("shape.count")}</label>
      <input id="shape-count" type="number" min="1" max=${MOST} required value=${count}
        onInput=${(/** @type {any} */ event) => setCount(Math.min(MOST, Math.max(1, event.target.valueAsNumber || 1)))} />
      <label for="shape-size">${t("shape.size")}</label>
      <select id="shape-size" value=${size} onChange=${(/** @type {any} */ event) => setSize(event.target.value)}>
        ${sizes.map(([value, word]) => html`<option key=${word} value=${value}>${word}</option>`)}
      </select>
      <label for="shape-seed">${t("shape.seed")}</label>
      <div class="row"><input id="shape-seed" type="number" min="0" max=${SEED} placeholder=${t("shape.fresh")} value=${seed}
        onInput=${(/** @type {any} */ event) => setSeed(event.target.value)} />
        ${picture?.seed != null && html`<button type="button" class="quiet" onClick=${() => setSeed(String(picture.seed))}>${t("shape.this")}</button>`}</div>
      <p class="small">${t("shape.about")}</p>
      <div class="ends">
        <button type="button" class="quiet" onClick=${close}>${t("cancel")}</button>
        <button type="submit" class="main">${t("shape.draw", { n: count })}</button>
      </div>
    </form>
  </${Dialog}>`;
}
