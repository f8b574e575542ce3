/** A picture in its place: waiting, growing, made, or failed. One image element for life. */
import { html } from "../html.js";
import { choices } from "../state/conversation.js";
import { choose, edited, looked, redraw, retry, turn } from "../state/pictures.js";
import { at } from "../state/server.js";
import { settings } from "../state/settings.js";
import { slotOf } from "../state/slots.js";
import { percent, t } from "../state/words.js";
import { useEffect, useRef, useState } from "../vendor/hooks.js";
import { fetchAhead } from "./further.js";
import { Icon, IconButton } from "./icon.js";
import { Menu } from "./menu.js";

/** @typedef {import("../state/slots.js").LiveSlot} LiveSlot */

const LARGE = 1280;
const SWIPE = 50; // pixels
const STRIP = 24; // pictures

/** @param {{id: string}} props */
export function Picture({ id }) {
  const slot = slotOf(id).value;
  const [bared, bare] = useState(false);
  const veiled = !bared && choices.value?.blurred;
  if (!slot) return html`<div class="picture"><div class="frame" style=${shape(null)}></div></div>`;
  if (slot.state === "deleted") return null;
  const shown = shownOf(slot);
  if (!shown && slot.state === "failed") return html`<${Failed} slot=${slot} />`;
  const drawing = isDrawn(slot);
  return html`<div class="picture" data-state=${slot.state} onKeyDown=${(/** @type {KeyboardEvent} */ event) => keys(event, id)}>
    <div class="frame" style=${shape(slot)} data-veiled=${veiled} onPointerDown=${(/** @type {PointerEvent} */ event) => touched(event, slot)}>
      <button type="button" class="look" disabled=${!shown} aria-label=${t("picture.open", { prompt: slot.prompt })}
        onPointerEnter=${() => fetchAhead("viewer")} onClick=${() => (veiled ? bare(true) : look(id))}>
        <${Canvas} slot=${slot} />
      </button>
      ${drawing && html`<${Growing} slot=${slot} />`}
      ${shown && html`<${Tools} slot=${slot} />`}
    </div>
    ${shown && html`<${Turning} slot=${slot} />`}
    ${slot.alternatives.length + slot.pending > 2 && html`<${Strip} slot=${slot} />`}
  </div>`;
}

/** @param {string} id */
function look(id) {
  looked.value = id;
}

/**
 * A finger that goes across it turns to the next of its pictures, or to the one before; where there is
 * one alone it does nothing, for a hand that scrolls goes astray, and pictures may cost something.
 * @param {PointerEvent} event
 * @param {LiveSlot} slot
 */
function touched(event, slot) {
  if (event.pointerType !== "touch" || !event.isPrimary || slot.alternatives.length < 2) return;
  const { clientX, clientY } = event;
  const here = /** @type {HTMLElement} */ (event.currentTarget);
  const over = new AbortController();
  const ended = (/** @type {PointerEvent} */ now) => {
    over.abort();
    const across = now.clientX - clientX;
    if (now.type === "pointercancel" || Math.abs(across) < SWIPE || Math.abs(now.clientY - clientY) > SWIPE) return;
    turn(slot.id, across < 0 ? 1 : -1);
  };
  here.addEventListener("pointerup", ended, { signal: over.signal });
  here.addEventListener("pointercancel", ended, { signal: over.signal });
}

/** @param {LiveSlot} slot */
export function shownOf(slot) {
  return slot.selected === null ? null : (slot.alternatives[slot.selected] ?? null);
}

/** @param {LiveSlot} slot */
export function isDrawn(slot) {
  return slot.pending > 0 || slot.state === "queued" || slot.state === "drawing";
}

/**
 * How large its place is, from before it is drawn.
 * @param {LiveSlot | null} slot
 */
function shape(slot) {
  const picture = slot ? shownOf(slot)?.picture : null;
  const wish = /^\s*(\d+)\s*[x×*]\s*(\d+)\s*$/i.exec(slot?.attributes.size ?? "");
  const chosen = settings.value?.settings;
  const width = picture?.width ?? Number(wish?.[1] ?? chosen?.width ?? 768);
  const height = picture?.height ?? Number(wish?.[2] ?? chosen?.height ?? 512);
  const share = chosen?.shown_width ?? 100;
  return { "aspect-ratio": `${width} / ${height}`, "--natural": `${width}px`, "--share": `${share}%` };
}

/**
 * The one image of a place. What it shows stays until the next is there to be shown.
 * @param {{slot: LiveSlot}} props
 */
function Canvas({ slot }) {
  const image = useRef(/** @type {HTMLImageElement | null} */ (null));
  const wanted = sourceOf(slot);
  useEffect(() => {
    const here = image.current;
    if (!here || !wanted || here.src === wanted) return undefined;
    if (!here.getAttribute("src") && !isDrawn(slot)) {
      here.src = wanted; // It was there before us: the browser loads it when it comes in sight.
      return undefined;
    }
    let over = false;
    const next = new Image();
    next.src = wanted;
    const show = () => {
      if (!over) here.src = wanted;
    };
    next.decode().then(show, show);
    return () => {
      over = true;
    };
  }, [wanted]);
  const picture = shownOf(slot)?.picture;
  return html`<img ref=${image} alt=${slot.prompt} draggable=${false} loading="lazy" decoding="async"
    width=${picture?.width} height=${picture?.height}
    onLoad=${(/** @type {Event} */ event) => /** @type {Element} */ (event.target).classList.add("there")} />`;
}

/** @param {LiveSlot} slot */
function sourceOf(slot) {
  const picture = shownOf(slot)?.picture;
  if (picture) {
    const large = Math.max(picture.width, picture.height) > LARGE;
    return at(large ? `${picture.thumbnail}?side=1024` : picture.url);
  }
  return slot.preview ? at(slot.preview) : null;
}

/** @param {{slot: LiveSlot}} props */
function Growing({ slot }) {
  const far = slot.fraction;
  const words =
    slot.state === "queued" && far === null ? t("picture.queued") : far ? percent(far) : t("picture.drawing");
  return html`<div class="growing">
    <span class="state">${words}</span>
    <progress max="1" value=${far ?? 0} aria-label=${t("picture.drawing")} data-idle=${far === null}></progress>
    ${slot.selected === null && html`<span class="wish" dir="auto">${slot.prompt}</span>`}
  </div>`;
}

/** @param {{slot: LiveSlot}} props */
function Tools({ slot }) {
  return html`<div class="tools">
    <${IconButton} icon="again" label=${t("picture.again")} disabled=${slot.pending > 0}
      onClick=${() => redraw(slot.id, "append")} />
    <${IconButton} icon="edit" label=${t("picture.edit")} onClick=${() => (edited.value = slot.id)} />
    <${Menu} icon="more" label=${t("picture.more")} items=${async () => (await import("./picture_menu.js")).itemsFor(slot.id)} />
  </div>`;
}

/** @param {{slot: LiveSlot}} props */
function Turning({ slot }) {
  const count = slot.alternatives.length;
  if (count < 2 || slot.selected === null) return null;
  return html`<div class="turning">
    <${IconButton} icon="left" label=${t("picture.previous")} disabled=${slot.selected === 0}
      onClick=${() => turn(slot.id, -1)} />
    <span aria-live="polite">${slot.selected + 1} / ${count}</span>
    <${IconButton} icon=${slot.selected + 1 === count ? "plus" : "right"}
      label=${slot.selected + 1 === count ? t("picture.again") : t("picture.next")}
      disabled=${slot.selected + 1 === count && slot.pending > 0} onClick=${() => turn(slot.id, 1)} />
  </div>`;
}

/** All of its pictures side by side, with a place for each that is still to come. @param {{slot: LiveSlot}} props */
function Strip({ slot }) {
  const first = Math.max(0, slot.alternatives.length - STRIP);
  return html`<ul class="strip" aria-label=${t("picture.all")}>
    ${slot.alternatives.slice(first).map(
      (one, n) => html`<li key=${one.id}><button type="button" aria-current=${first + n === slot.selected}
        aria-label=${t("picture.number", { n: first + n + 1 })} onClick=${() => choose(slot.id, first + n)}>
        <img src=${at(`${one.picture.thumbnail}?side=128`)} alt="" loading="lazy" /></button></li>`,
    )}
    ${Array.from({ length: Math.min(slot.pending, STRIP) }, (_, n) => html`<li key=${`waiting ${n}`} class="coming" role="img" aria-label=${t("picture.drawing")}></li>`)}
  </ul>`;
}

/** @param {{slot: LiveSlot}} props */
function Failed({ slot }) {
  return html`<div class="picture failed" role="group" aria-label=${t("picture.failed")}>
    <${Icon} name="warning" />
    <div class="why">
      <strong>${t("picture.failed")}</strong>
      <span dir="auto">${slot.failure?.reason}</span>
      <span class="wish" dir="auto">${slot.prompt}</span>
    </div>
    <div class="ways">
      <button type="button" class="quiet" onClick=${() => retry(slot.id)}>${t("picture.retry")}</button>
      <button type="button" class="quiet" onClick=${() => (edited.value = slot.id)}>${t("picture.edit")}</button>
    </div>
  </div>`;
}

/**
 * @param {KeyboardEvent} event
 * @param {string} id
 */
function keys(event, id) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  /** @type {Record<string, () => unknown>} */
  const ways = {
    n: () => turn(id, 1),
    m: () => turn(id, 1),
    p: () => turn(id, -1),
    ArrowRight: () => turn(id, 1),
    ArrowLeft: () => turn(id, -1),
    e: () => (edited.value = id),
    r: () => redraw(id, "append"),
  };
  const way = ways[event.key];
  if (!way || event.defaultPrevented) return;
  event.preventDefault();
  event.stopPropagation();
  way();
}
