/** A button that opens a short list of things to do. */
import { html } from "../html.js";
import { useEffect, useRef, useState } from "../vendor/hooks.js";
import { Icon, IconButton } from "./icon.js";

/** @typedef {{label: string, icon: any, act: () => unknown, off?: boolean}} Item */

/** @typedef {(Item | false)[]} Items */

/** @param {{icon: any, label: string, items: Items | (() => Promise<Items>), class?: string}} props */
export function Menu({ icon, label, items: given, class: look = "" }) {
  const [open, setOpen] = useState(false);
  const [items, setItems] = useState(/** @type {Items} */ ([]));
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const button = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    const here = list.current;
    if (!open || !here) return undefined;
    here.showPopover();
    put(here, /** @type {HTMLElement} */ (button.current));
    /** @type {HTMLElement | null} */ (here.querySelector("button:not(:disabled)"))?.focus();
    /** @param {any} event */
    const toggled = (event) => event.newState === "closed" && setOpen(false);
    here.addEventListener("toggle", toggled);
    return () => here.removeEventListener("toggle", toggled);
  }, [open]);
  const press = async () => {
    if (!open) setItems(await (typeof given === "function" ? given() : given));
    setOpen(!open);
  };
  const close = () => {
    setOpen(false);
    button.current?.querySelector("button")?.focus({ preventScroll: true });
  };
  return html`<span class=${`menu ${look}`} ref=${button}>
    <${IconButton} icon=${icon} label=${label} aria-haspopup="menu" aria-expanded=${open} onClick=${press} />
    ${open && html`<div class="menu-list" role="menu" popover="auto" aria-label=${label} ref=${list}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => walk(event, close)}>
      ${items.map(
        (item) => item && html`<button type="button" role="menuitem" disabled=${item.off} onClick=${() => {
          close();
          item.act();
        }}><${Icon} name=${item.icon} />${item.label}</button>`,
      )}
    </div>`}
  </span>`;
}

/**
 * Beside its button, and on the screen.
 * @param {HTMLElement} list
 * @param {HTMLElement} button
 */
function put(list, button) {
  const from = button.getBoundingClientRect();
  const size = list.getBoundingClientRect();
  const left = Math.min(Math.max(8, from.right - size.width), innerWidth - size.width - 8);
  const below = from.bottom + 4 + size.height < innerHeight;
  list.style.left = `${left}px`;
  list.style.top = `${below ? from.bottom + 4 : Math.max(8, from.top - size.height - 4)}px`;
}

/**
 * @param {KeyboardEvent} event
 * @param {() => void} close
 */
function walk(event, close) {
  const list = /** @type {HTMLElement} */ (event.currentTarget);
  const all = [.../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("button:not(:disabled)"))];
  const now = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  /** @type {Record<string, number>} */
  const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: all.length - 1 };
  event.stopPropagation();
  if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    close();
  } else if (event.key in to) {
    event.preventDefault();
    all.at(to[event.key] % all.length)?.focus();
  }
}
