/** The keys of the page. */

import { writing } from "../state/conversation.js";
import { looked } from "../state/pictures.js";
import { shown as queueShown } from "../state/queue.js";
import { stopWriting } from "../state/turns.js";
import { aside, go, helped, showAside } from "../state/view.js";
import { begin } from "./sidebar.js";

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
