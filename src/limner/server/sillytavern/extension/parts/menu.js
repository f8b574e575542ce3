/** The menu of a picture: what can be done with it as it stands now. */
import { copy, discard, pictureAt, redraw, retry, stop } from "./doing.js";
import { make } from "./element.js";
import { address } from "./limner.js";
import { editPrompt } from "./prompt.js";
import { isDrawn, stateOf } from "./states.js";
import { look } from "./viewer.js";
import { t } from "./words.js";

/** @type {HTMLElement | null} */
let open = null;

/**
 * @param {string} id
 * @param {HTMLElement} from The button that opens it.
 */
export function openMenu(id, from) {
  const state = stateOf(id);
  if (!state) return;
  close();
  const busy = isDrawn(state);
  const items = [
    state.digest && ["fa-expand", t("look"), () => look(id)],
    state.digest && !busy && ["fa-plus", t("again"), () => redraw(id, "append")],
    state.digest && !busy && ["fa-arrows-rotate", t("replace"), () => redraw(id, "replace")],
    !state.digest && !busy && ["fa-rotate-right", t("retry"), () => retry(id)],
    ["fa-pencil", t("edit"), () => editPrompt(id)],
    ["fa-copy", t("copy"), () => copy(state.prompt)],
    state.digest && ["fa-download", t("download"), () => download(id)],
    busy && ["fa-stop", t("stop"), () => stop([id])],
    state.digest && ["fa-trash-can", t("delete"), () => discard(id)],
    ["fa-up-right-from-square", t("open"), () => window.open(`${address()}/picture/${id}`, "_blank", "noopener")],
  ].filter(Boolean);
  open = make("div.limner-menu", { role: "menu", onkeydown: keys });
  for (const [icon, label, act] of /** @type {[string, string, () => void][]} */ (items)) {
    const item = make("button", { role: "menuitem", tabindex: "-1" }, make(`i.fa-solid.fa-fw.${icon}`, { "aria-hidden": "true" }), label);
    item.addEventListener("click", () => {
      close();
      from.focus();
      act();
    });
    open.append(item);
  }
  document.body.append(open);
  place(open, from);
  /** @type {HTMLElement} */ (open.firstElementChild).focus();
  setTimeout(() => document.addEventListener("pointerdown", outside), 0);
  opener = from;
}

/** @type {HTMLElement | null} */
let opener = null;

export function close() {
  document.removeEventListener("pointerdown", outside);
  open?.remove();
  open = null;
}

/** @param {PointerEvent} event */
function outside(event) {
  if (!open?.contains(/** @type {Node} */ (event.target))) close();
}

/**
 * Below the button, or above it where there is no room.
 * @param {HTMLElement} menu
 * @param {HTMLElement} from
 */
function place(menu, from) {
  const at = from.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8));
  const below = at.bottom + 4 + menu.offsetHeight <= innerHeight - 8;
  const top = below ? at.bottom + 4 : Math.max(8, at.top - 4 - menu.offsetHeight);
  menu.style.left = `${left}px`;
  menu.style.top = `${top}px`;
}

/** @param {KeyboardEvent} event */
function keys(event) {
  const items = [...(open?.children ?? [])];
  const now = items.indexOf(/** @type {Element} */ (document.activeElement));
  const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") {
    close();
    opener?.focus();
  } else if (to !== undefined) {
    /** @type {HTMLElement} */ (items[(to + items.length) % items.length]).focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

/** @param {string} id */
async function download(id) {
  const answer = await fetch(pictureAt(id));
  const link = make("a", { href: URL.createObjectURL(await answer.blob()), download: `${id}.png` });
  link.click();
  URL.revokeObjectURL(link.getAttribute("href") ?? "");
}
