/**
 * The text of a message, block by block.
 *
 * The server has made the HTML and cleaned it. A block that is shown already is changed only where
 * it is different, so that selected words stay selected and pictures stay the same elements.
 */
import { html } from "../html.js";
import { grown } from "../state/scroll.js";
import { useLayoutEffect, useRef } from "../vendor/hooks.js";
import { render } from "../vendor/preact.js";
import { Picture } from "./picture.js";

/** @type {{createHTML: (html: string) => string}} */
const trusted =
  /** @type {any} */ (globalThis).trustedTypes?.createPolicy("limner", {
    /** @param {string} html Of the server, who has cleaned it. */
    createHTML: (html) => html,
  }) ?? { createHTML: (html) => html };

/** @type {WeakMap<Element, string>} Which picture an element of the text holds. */
const holders = new WeakMap();

/** @param {{message: import("../state/conversation.js").Shown}} props */
export function Blocks({ message }) {
  const { variant } = message.told.value;
  useLayoutEffect(grown, [message.blocks.value]);
  return message.blocks.value.map(
    (text, n) => html`<${Block} key=${`${variant}/${n}`} told=${text} slots=${`${message.id}/${variant}`} />`,
  );
}

/**
 * One block; as it reads its own signal, it is passed over where only others are new.
 * @param {{told: import("../vendor/signals.js").Signal<string>, slots: string}} props
 */
function Block({ told, slots }) {
  const text = told.value;
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    const made = document.createElement("template");
    made.innerHTML = trusted.createHTML(text);
    const here = /** @type {HTMLElement} */ (place.current);
    const more = here.hasChildNodes();
    morph(here, made.content);
    fill(here, slots);
    if (more) grown(); // For new ones the list does it once.
  }, [text]);
  useLayoutEffect(() => () => place.current && empty(place.current), []);
  return html`<div class="block" dir="auto" ref=${place}></div>`;
}

/**
 * Make the children of one element like those of another, changing as little as can be.
 * @param {ParentNode & Node} here
 * @param {Node} wanted
 */
export function morph(here, wanted) {
  let old = here.firstChild;
  for (const node of [...wanted.childNodes]) {
    if (!old) {
      here.append(node);
      continue;
    }
    const next = /** @type {ChildNode | null} */ (old.nextSibling);
    if (!same(old, node)) {
      if (old instanceof Element) empty(old);
      old.replaceWith(node);
    } else if (old instanceof Text) grow(old, /** @type {Text} */ (node));
    else if (old instanceof Element && !slotOf(old)) morph(old, node);
    old = next;
  }
  while (old) {
    const next = /** @type {ChildNode | null} */ (old.nextSibling);
    if (old instanceof Element) empty(old);
    old.remove();
    old = next;
  }
}

/**
 * @param {Node} one
 * @param {Node} other
 */
function same(one, other) {
  if (one.nodeName !== other.nodeName) return false;
  if (!(one instanceof Element) || !(other instanceof Element)) return true;
  if (slotOf(one) !== slotOf(other)) return false;
  const names = other.getAttributeNames();
  if (one.nodeName === "DETAILS") return true; // Whether it is open is the reader's choice.
  if (slotOf(one)) return true;
  const own = one.getAttributeNames();
  return own.length === names.length && names.every((name) => one.getAttribute(name) === other.getAttribute(name));
}

/**
 * More of the same words, or fewer; others stand somewhere else, and are another text.
 * @param {Text} text
 * @param {Text} wanted
 */
function grow(text, wanted) {
  if (text.data === wanted.data) return;
  if (wanted.data.startsWith(text.data)) text.appendData(wanted.data.slice(text.data.length));
  else if (text.data.startsWith(wanted.data)) text.deleteData(wanted.data.length, text.data.length);
  else text.replaceWith(wanted);
}

/** @param {Node} node */
function slotOf(node) {
  return node instanceof HTMLElement ? node.dataset.slot : undefined;
}

/**
 * Put pictures into their places.
 * @param {HTMLElement} here
 * @param {string} slots
 */
function fill(here, slots) {
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (here.querySelectorAll("[data-slot]"))) {
    const id = `${slots}/${place.dataset.slot}`;
    if (holders.get(place) === id) continue;
    empty(place);
    holders.set(place, id);
    place.classList.add("place");
    render(html`<${Picture} id=${id} />`, place);
  }
}

/** @param {Element} here */
function empty(here) {
  for (const place of [here, ...here.querySelectorAll("[data-slot]")]) {
    if (!holders.delete(place)) continue;
    render(null, place);
  }
}
