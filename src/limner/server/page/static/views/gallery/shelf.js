/** The rows of a gallery: the message they are of, and its pictures. */

import { html } from "../../html.js";
import { chats, titleOf } from "../../state/chats.js";
import { around, looked } from "../../state/pictures.js";
import { at } from "../../state/server.js";
import { link } from "../../state/view.js";
import { moment, t } from "../../state/words.js";

/** @typedef {import("./shelves.js").Row} Row */
/** @typedef {import("./details.js").Details} Details */

/** @param {{row: Row, named: boolean}} props */
export function ShelfHead({ row, named }) {
  const { chat: id, at: when } = row.group;
  const chat = chats.value?.find((one) => one.id === id);
  return html`<h2 class="shelf-head" style=${{ top: `${row.top}px`, height: `${row.height}px` }}>
    <a href=${link("chat", id)} dir="auto">${named ? titleOf(chat) : t("gallery.message")}</a><span>${moment(when)}</span></h2>`;
}

/**
 * @param {{row: Row, plan: import("./shelves.js").Layout, details: Details, chosen: Set<number> | null, toggle: (number: number) => void}} props
 */
export function ShelfRow({ row, plan, details, chosen, toggle }) {
  const numbers = row.group.numbers.slice(row.first, row.first + row.count);
  details.count.value; // What is loaded is shown when it is there.
  return html`<ul class="shelf-row" style=${{ top: `${row.top}px`, height: `${row.height}px`, "--columns": plan.columns }}>
    ${numbers.map((number, n) => html`<${Cell} key=${number} entry=${details.known.get(number)} toggle=${() => toggle(number)} picked=${chosen?.has(number)} index=${row.index + n} columns=${plan.columns}
      details=${details} />`)}
  </ul>`;
}

/**
 * `picked` is undefined where nothing is selected.
 * @param {{entry?: import("../../api.js").GalleryEntry, index: number, columns: number, details: Details, picked?: boolean, toggle: () => void}} props
 */
function Cell({ entry, index, columns, details, picked, toggle }) {
  if (!entry) return html`<li class="coming"></li>`;
  const selecting = picked !== undefined;
  const press = () => (selecting ? toggle() : look(entry, details));
  return html`<li><button type="button" data-index=${index} data-picked=${picked} aria-pressed=${picked}
    aria-label=${selecting ? t("select.one", { prompt: entry.prompt }) : t("picture.open", { prompt: entry.prompt })} title=${entry.prompt}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => walk(event, index, columns, details.numbers.length)} onClick=${press}>
    <img src=${at(`${entry.picture.thumbnail}?side=320`)} alt="" decoding="async" draggable=${false} />
  </button></li>`;
}

/** @param {import("../../api.js").GalleryEntry} entry @param {Details} details */
function look(entry, details) {
  const known = details.numbers.flatMap((number) => details.known.get(number) ?? []);
  around.value = [...new Set(known.map((one) => one.slot))];
  looked.value = entry.slot;
}

/**
 * Arrows go through the pictures, also to those that are not there yet.
 * @param {KeyboardEvent} event
 * @param {number} index
 * @param {number} columns
 * @param {number} count
 */
function walk(event, index, columns, count) {
  /** @type {Record<string, number>} */
  const to = { ArrowRight: index + 1, ArrowLeft: index - 1, ArrowDown: index + columns, ArrowUp: index - columns, Home: 0, End: count - 1 };
  if (!(event.key in to)) return;
  event.preventDefault();
  const wanted = Math.min(Math.max(to[event.key], 0), count - 1);
  const scroller = /** @type {HTMLElement} */ (/** @type {HTMLElement} */ (event.currentTarget).closest(".gallery"));
  if (wanted === 0) scroller.scrollTop = 0;
  if (wanted === count - 1) scroller.scrollTop = scroller.scrollHeight;
  let tries = 0;
  const focus = () => {
    const found = scroller.querySelector(`[data-index="${wanted}"]`);
    if (found instanceof HTMLElement) found.focus();
    else if (tries++ < 60) requestAnimationFrame(focus);
  };
  focus();
}
