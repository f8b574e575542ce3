/** One picture, as large as can be: a dialog of its own, with keys, fingers and wheel. */
import { html } from "../../html.js";
import { messages } from "../../state/conversation.js";
import { attempt } from "../../state/notices.js";
import { around, comparing, looked, redraw, turn } from "../../state/pictures.js";
import { at } from "../../state/server.js";
import { loadSlot, slotOf } from "../../state/slots.js";
import { t } from "../../state/words.js";
import { useEffect, useRef, useState } from "../../vendor/hooks.js";
import { copyPicture, copyText } from "../copying.js";
import { Dialog } from "../dialog.js";
import { Icon, IconButton } from "../icon.js";
import { Menu } from "../menu.js";
import { shownOf } from "../picture.js";
import { fileOf } from "../saving.js";
import { Compare } from "./compare.js";
import { Facts } from "./facts.js";
import { styleOf, WHOLE, zoomed } from "./place.js";
import { touching } from "./touching.js";

/** @typedef {import("../../state/slots.js").LiveSlot} LiveSlot */
/** @typedef {import("./place.js").Place} Place */

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
  comparing.value = false;
  around.value = null;
}

/** @param {LiveSlot | null} slot */
function compare(slot) {
  if (slot && slot.alternatives.length > 1) comparing.value = !comparing.value;
}

/** @param {number} to */
function goTo(to) {
  const ids = neighbours();
  const id = ids[Math.min(Math.max(to, 0), ids.length - 1)];
  if (id) looked.value = id;
}

/**
 * Go on from a picture that was deleted: to the one that stands where it stood, or back to the page.
 * @param {string} id
 * @param {number} at Where it stood.
 */
function leave(id, at) {
  const rest = neighbours().filter((one) => one !== id);
  if (!rest.length) return close();
  if (around.value) around.value = rest;
  looked.value = rest[Math.min(at, rest.length - 1)];
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
  const seen = useRef({ id, at: 0 });
  if (shown) seen.current = { id, at: Math.max(n, 0) };
  const gone = slot?.state === "deleted" && seen.current.id === id;
  const beside = comparing.value && (slot?.alternatives.length ?? 0) > 1;

  useEffect(() => {
    attempt(() => loadSlot(id));
  }, [id]);
  useEffect(() => setPlace((old) => ({ ...old, ...WHOLE })), [id, shown?.id]);
  useEffect(() => {
    if (gone) leave(id, seen.current.at);
  }, [gone]);
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
      c: () => slot && copyText(slot.prompt),
      d: () => /** @type {HTMLElement | null} */ (document.querySelector(".viewer [download]"))?.click(),
      x: () => compare(slot),
      n: () => turn(id, 1),
      m: () => turn(id, 1),
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
      ${slot && picture && html`<a class="icon-button" href=${fileOf(slot)} download aria-label=${t("picture.save")} title=${t("picture.save")}><${Icon} name="download" /></a>
        <${Menu} icon="more" label=${t("picture.more")} items=${[
          { label: t("picture.copy.image"), icon: "copy", act: () => copyPicture(at(picture.url)) },
          { label: t("picture.plain"), icon: "download", act: () => location.assign(fileOf(slot, false)) },
          { label: t("picture.page"), icon: "plug", act: () => window.open(at(picture.url), "_blank", "noopener") },
        ]} />`}
      <${IconButton} icon="close" label=${t("close")} onClick=${close} />
    </div>
    <div class="stage" ref=${stage} data-zoomed=${place.scale > 1} hidden=${beside}>
      ${picture && html`<${Large} slot=${slot} picture=${picture} place=${place} />`}
      ${slot && !picture && html`<p class="none">${slot.state === "deleted" ? t("picture.deleted") : (slot.failure?.reason ?? t("picture.drawing"))}</p>`}
    </div>
    ${beside && html`<${Compare} slot=${slot} key=${`${id}/${slot?.selected}`} />`}
    <${IconButton} class="before" icon="left" label=${t("viewer.previous")} disabled=${n <= 0} onClick=${() => goTo(n - 1)} />
    <${IconButton} class="behind" icon="right" label=${t("viewer.next")} disabled=${n < 0 || n >= ids.length - 1} onClick=${() => goTo(n + 1)} />
    ${slot && told && html`<${Facts} slot=${slot} />`}
  </${Dialog}>`;
}

/** @param {{slot: LiveSlot, picture: import("../../api.js").Picture, place: Place}} props */
function Large({ slot, picture, place }) {
  const lying = place.turned % 180 === 90;
  return html`<img src=${at(picture.url)} alt=${slot.prompt} draggable=${false} width=${picture.width} height=${picture.height}
    data-lying=${lying} style=${{
      transform: styleOf(place),
      "--wide": `${picture.width / picture.height}`,
    }} />`;
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
