/** What is open beside the conversation. */
import { signal } from "../vendor/signals.js";
import { recall, remember } from "./memory.js";

const narrow = matchMedia("(max-width: 800px)");

/** Whether the list of conversations is shown. */
export const aside = signal(!narrow.matches && recall("aside") !== "closed");
/** @type {import("../vendor/signals.js").Signal<import("./origins.js").Asking[]>} */
export const asking = signal([]);
/** Whether the list of keys is shown. */
export const helped = signal(false);

/** @param {boolean} open */
export function showAside(open) {
  aside.value = open;
  if (!narrow.matches) remember("aside", open ? null : "closed");
}

/** On a phone the list covers what is behind it. */
export function leaveAside() {
  if (narrow.matches) aside.value = false;
}

export function isNarrow() {
  return narrow.matches;
}

narrow.addEventListener("change", () => {
  aside.value = !narrow.matches && recall("aside") !== "closed";
});
