/** Which view is shown: it stands behind the # of the address. */
import { signal } from "../vendor/signals.js";

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
