/** One picture, as large as can be: a dialog of its own, with keys, fingers and wheel. */
import { html } from "../html.js";
import { messages } from "../state/conversation.js";
import { attempt } from "../state/notices.js";
import { around, discard, edited, looked, redraw, turn } from "../state/pictures.js";
import { at, get, slotPath } from "../state/server.js";
import { learn, slotOf } from "../state/slots.js";
import { duration, t } from "../state/words.js";
import { useEffect, useRef, useState } from "../vendor/hooks.js";
import { Dialog } from "./dialog.js";
import { Icon, IconButton } from "./icon.js";
import { isDrawn, shownOf } from "./picture.js";
import { copyPrompt } from "./picture_menu.js";
import { touching } from "./touching.js";

/** @typedef {import("../state/slots.js").LiveSlot} LiveSlot */
/** @typedef {{scale: number, x: number, y: number, turned: number}} Place */

const WHOLE = { scale: 1, x: 0, y: 0 };
const LARGEST = 8;

/** All pictures that can be looked at from here, in reading order. */
function neighbours() {
  const ids = around.value ?? messages.value.flatMap((one) => one.slots.value);
  return ids.filter((id) => {
    const slot = slotOf(id).value;
    return around.value || (slot && shownOf(slot));
  });
}

function close() {
  looked.value = null;
  around.value = null;
}

/** @param {number} to */
function goTo(to) {
  const ids = neighbours();
  const id = ids[Math.min(Math.max(to, 0), ids.length - 1)];
  if (id) looked.value = id;
}

export function Viewer() {
  const id = /** @type {string} */ (looked.value);
  const ids = neighbours();
  const n = ids.indexOf(id);
  const slot = slotOf(id).value;
  const [place, setPlace] = useState(/** @type {Place} */ ({ ...WHOLE, turned: 0 }));
  const [told, setTold] = useState(true);
  const stage = useRef(/** @type {HTMLElement | null} */ (null));
  const shown = slot ? shownOf(slot) : null;
  const picture = shown?.picture;

  useEffect(() => {
    if (!slot) attempt(async () => learn(await get(slotPath(id))));
  }, [id]);
  useEffect(() => setPlace((old) => ({ ...old, ...WHOLE })), [id, shown?.id]);
  useEffect(() => {
    for (const near of [ids[n - 1], ids[n + 1]]) ahead(near);
  }, [id]);

  /** @param {number} by @param {{x: number, y: number}} [from] */
  const zoom = (by, from) => setPlace((old) => zoomed(old, by, from));
  const ways = {
    zoom,
    /** @param {number} x @param {number} y */
    pan: (x, y) => setPlace((old) => ({ ...old, x: old.x + x, y: old.y + y })),
    /** @param {number} by */
    swipe: (by) => goTo(n + by),
    whole: () => setPlace((old) => ({ ...old, ...WHOLE })),
    isWhole: () => place.scale === 1,
  };
  const turnRound = () => setPlace((old) => ({ ...WHOLE, turned: (old.turned + 90) % 360 }));
  const latest = useRef(ways);
  latest.current = ways;
  useEffect(() => (stage.current ? touching(stage.current, () => latest.current) : undefined), []);

  /** @param {KeyboardEvent} event */
  const keys = (event) => {
    event.stopPropagation(); // The page's own keys sleep meanwhile.
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    /** @type {Record<string, () => unknown>} */
    const known = {
      ArrowLeft: () => goTo(n - 1),
      ArrowRight: () => goTo(n + 1),
      Home: () => goTo(0),
      End: () => goTo(ids.length - 1),
      "+": () => zoom(1.3),
      "=": () => zoom(1.3),
      "-": () => zoom(1 / 1.3),
      0: ways.whole,
      t: turnRound,
      f: () => full(stage.current),
      i: () => setTold(!told),
      c: () => slot && copyPrompt(slot.prompt),
      d: () => /** @type {HTMLElement | null} */ (document.querySelector(".viewer [download]"))?.click(),
      n: () => turn(id, 1),
      p: () => turn(id, -1),
      r: () => redraw(id, "append"),
    };
    const way = known[event.key];
    if (!way) return;
    event.preventDefault();
    way();
  };

  return html`<${Dialog} title=${t("viewer")} bare=${true} class="viewer" onClose=${close} onKeyDown=${keys}>
    <div class="viewer-head">
      <span aria-live="polite">${n >= 0 && `${n + 1} / ${ids.length}`}</span>
      <span class="space"></span>
      <${IconButton} icon="rotate" label=${t("viewer.rotate")} onClick=${turnRound} />
      <${IconButton} icon="expand" label=${t("viewer.full")} onClick=${() => full(stage.current)} />
      ${picture && html`<a class="icon-button" href=${at(picture.url)} download=${nameOf(slot, picture)} aria-label=${t("download")} title=${t("download")}><${Icon} name="download" /></a>`}
      <${IconButton} icon="close" label=${t("close")} onClick=${close} />
    </div>
    <div class="stage" ref=${stage} data-zoomed=${place.scale > 1}>
      ${picture && html`<${Large} slot=${slot} picture=${picture} place=${place} />`}
      ${slot && !picture && html`<p class="none">${slot.failure?.reason ?? t("picture.drawing")}</p>`}
    </div>
    <${IconButton} class="before" icon="left" label=${t("viewer.previous")} disabled=${n <= 0} onClick=${() => goTo(n - 1)} />
    <${IconButton} class="behind" icon="right" label=${t("viewer.next")} disabled=${n < 0 || n >= ids.length - 1} onClick=${() => goTo(n + 1)} />
    ${slot && told && html`<${Facts} slot=${slot} />`}
  </${Dialog}>`;
}

/** @param {{slot: LiveSlot, picture: import("../api.js").Picture, place: Place}} props */
function Large({ slot, picture, place }) {
  const lying = place.turned % 180 === 90;
  return html`<img src=${at(picture.url)} alt=${slot.prompt} draggable="false" width=${picture.width} height=${picture.height}
    data-lying=${lying} style=${{
      transform: `translate(${place.x}px, ${place.y}px) scale(${place.scale}) rotate(${place.turned}deg)`,
      "--wide": `${picture.width / picture.height}`,
    }} />`;
}

/** @param {{slot: LiveSlot}} props */
function Facts({ slot }) {
  const shown = shownOf(slot);
  const picture = shown?.picture;
  const seconds = Number(picture?.info.seconds ?? picture?.info.duration ?? Number.NaN);
  const server = picture?.info.server ?? picture?.info.backend ?? picture?.info.model;
  const count = slot.alternatives.length;
  return html`<div class="facts">
    <p class="prompt" dir="auto">${shown?.prompt ?? slot.prompt}</p>
    <p class="small">
      ${picture && html`<span>${picture.width} × ${picture.height}</span>`}
      ${picture?.seed != null && html`<span>${t("viewer.seed", { seed: picture.seed })}</span>`}
      ${typeof server === "string" && html`<span>${server}</span>`}
      ${Number.isFinite(seconds) && html`<span>${duration(seconds)}</span>`}
    </p>
    <div class="row">
      ${count > 1 && html`<span class="variants">
        <${IconButton} icon="left" label=${t("picture.previous")} disabled=${slot.selected === 0} onClick=${() => turn(slot.id, -1)} />
        <span aria-live="polite">${(slot.selected ?? 0) + 1} / ${count}</span>
        <${IconButton} icon="right" label=${t("picture.next")} disabled=${(slot.selected ?? 0) + 1 >= count} onClick=${() => turn(slot.id, 1)} />
      </span>`}
      <button type="button" class="quiet" disabled=${slot.pending > 0} onClick=${() => redraw(slot.id, "append")}>
        ${isDrawn(slot) ? t("picture.drawing") : t("picture.again")}</button>
      <button type="button" class="quiet" onClick=${() => (edited.value = slot.id)}>${t("picture.edit")}</button>
      <button type="button" class="quiet" onClick=${() => copyPrompt(slot.prompt)}>${t("picture.copy")}</button>
      <button type="button" class="quiet" onClick=${() => discard(slot.id)}>${t("delete")}</button>
    </div>
  </div>`;
}

/**
 * @param {Place} old
 * @param {number} by
 * @param {{x: number, y: number}} [from] What stays where it is, from the middle.
 * @returns {Place}
 */
function zoomed(old, by, from = { x: 0, y: 0 }) {
  const scale = Math.min(Math.max(old.scale * by, 1), LARGEST);
  if (scale === 1) return { ...old, ...WHOLE };
  const real = scale / old.scale;
  return { ...old, scale, x: from.x - (from.x - old.x) * real, y: from.y - (from.y - old.y) * real };
}

/** @param {HTMLElement | null} stage */
function full(stage) {
  const viewer = stage?.closest("dialog");
  if (document.fullscreenElement) document.exitFullscreen();
  else viewer?.requestFullscreen?.().catch(() => {});
}

/** Have the browser load what may be looked at next. @param {string | undefined} id */
function ahead(id) {
  const slot = id ? slotOf(id).value : null;
  const picture = slot ? shownOf(slot)?.picture : null;
  if (picture) new Image().src = at(picture.url);
}

/**
 * @param {LiveSlot | null} slot
 * @param {import("../api.js").Picture} picture
 */
function nameOf(slot, picture) {
  const words = (slot?.prompt ?? "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-");
  const ending = picture.media_type.replace("image/", "").replace("jpeg", "jpg").replace("svg+xml", "svg");
  return `${words.slice(0, 60).replace(/^-|-$/g, "") || picture.digest.slice(0, 12)}.${ending}`;
}
