/** The keys of the page, and their list. */
import { html } from "../html.js";
import { writing } from "../state/conversation.js";
import { aside, helped, showAside } from "../state/panels.js";
import { looked } from "../state/pictures.js";
import { shown as queueShown } from "../state/queue.js";
import { go } from "../state/route.js";
import { stopWriting } from "../state/turns.js";
import { t } from "../state/words.js";
import { Dialog } from "./dialog.js";
import { begin } from "./sidebar.js";

const ROWS = /** @type {const} */ ([
  ["?", "keys.help"],
  ["/", "keys.search"],
  ["c", "keys.write"],
  ["Shift N", "keys.new"],
  ["g", "keys.gallery"],
  ["q", "keys.queue"],
  ["s", "keys.sidebar"],
  ["Esc", "keys.stop"],
  ["Enter", "keys.send"],
  ["n p", "keys.turn"],
  ["r", "keys.again"],
  ["e", "keys.prompt"],
  ["← → Home End", "keys.neighbours"],
  ["+ − 0", "keys.zoom"],
  ["t f d", "keys.viewer"],
]);

export function Keys() {
  return html`<${Dialog} title=${t("keys")} onClose=${() => (helped.value = false)} class="keys">
    <dl>${ROWS.map(
      ([keys, word]) => html`<div key=${word}><dt>${keys.split(" ").map((key) => html`<kbd>${key}</kbd>`)}</dt><dd>${t(word)}</dd></div>`,
    )}</dl>
  </${Dialog}>`;
}

/** Listen to the keys of the whole page. */
export function listen() {
  addEventListener("keydown", pressed);
  return () => removeEventListener("keydown", pressed);
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (looked.value || document.querySelector("dialog[open]")) return;
  const target = /** @type {HTMLElement} */ (event.target);
  const typing = target.matches?.("input, textarea, select, [contenteditable]");
  if (event.key === "Escape") {
    if (queueShown.value) queueShown.value = false;
    else if (writing.value && !target.matches?.("input")) stopWriting();
    return;
  }
  const way = typing ? undefined : WAYS[event.key];
  if (!way) return;
  event.preventDefault();
  way();
}

/** @param {string} id */
const focus = (id) => requestAnimationFrame(() => document.getElementById(id)?.focus());

/** @type {Record<string, () => unknown>} */
const WAYS = {
  "?": () => (helped.value = true),
  "/": () => {
    showAside(true);
    focus("search");
  },
  c: () => focus("composer"),
  N: () => begin(),
  g: () => go("gallery"),
  q: () => (queueShown.value = !queueShown.value),
  s: () => showAside(!aside.value),
};
