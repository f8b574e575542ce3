/** What is shown: the view, which stands behind the # of the address, and what is open beside it. */
import { signal } from "../vendor/signals.js";
import { recall, remember } from "./memory.js";

/** @typedef {{view: string, id: string | null}} Route */

/** @returns {Route} */
function read() {
  const [view = "", id = ""] = location.hash.replace(/^#\/?/, "").split("/");
  return { view: view || "chat", id: id ? decodeURIComponent(id) : null };
}

/** @type {import("../vendor/signals.js").Signal<Route>} */
export const route = signal(read());

addEventListener("hashchange", () => {
  route.value = read();
});

/**
 * The address of a view on this page.
 * @param {string} view
 * @param {string | null} [id]
 */
export function link(view, id) {
  return `#/${view}${id ? `/${encodeURIComponent(id)}` : ""}`;
}

/**
 * Show a view.
 * @param {string} view
 * @param {string | null} [id]
 * @param {{replace?: boolean}} [how]
 */
export function go(view, id, { replace = false } = {}) {
  const where = link(view, id);
  if (replace) history.replaceState(null, "", where);
  else if (location.hash !== where) history.pushState(null, "", where);
  route.value = read();
}

addEventListener("popstate", () => {
  route.value = read();
});

const narrow = matchMedia("(max-width: 800px)");

/** Whether the list of conversations is shown. */
export const aside = signal(!narrow.matches && recall("aside") !== "closed");
/** @type {import("../vendor/signals.js").Signal<import("./origins.js").Asking[]>} */
export const asking = signal([]);
/** Whether it is known what is shown first. */
export const settled = signal(false);
/** Whether what holds in this conversation is shown. */
export const tuned = signal(false);
/** How many dialogs are open. */
export const dialogs = signal(0);
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
