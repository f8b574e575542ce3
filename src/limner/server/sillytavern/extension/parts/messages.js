/** Finding limner's pictures in the messages of the page, and giving each its place. */
import { Frame } from "./frame.js";
import { address } from "./limner.js";
import { onState } from "./states.js";

const PICTURE = /\/images\/([0-9a-v]{20}|[0-9a-f]{32}|[0-9a-f]{40})\.png(?:[?#]|$)/;
const KEPT = "data-limner-src";

/** @type {WeakMap<Element, Map<string, Frame>>} The places of each message, for as long as it is there. */
let frames = new WeakMap();
/** @type {Map<string, Set<Frame>>} */
const shown = new Map();
/** @type {MutationObserver | null} */
let observer = null;
/** @type {string[]} Where pictures of limner's are, besides the address that was typed. */
let places = [];
/** @type {[number, number]} */
let size = [768, 512];
let hooked = false;
let on = false;

/**
 * From now on the pictures of all messages have a place.
 * @param {string[]} more Other addresses of the same limner.
 * @param {[number, number]} usual The size of a picture where nothing else is asked for.
 */
export function showPlaces(more, usual) {
  places = more.map((one) => one.replace(/\/v1$/, ""));
  size = usual;
  if (on) return;
  on = true;
  hookSanitizer();
  observer = new MutationObserver(find);
  const chat = document.getElementById("chat");
  if (chat) observer.observe(chat, { childList: true, subtree: true });
  find();
}

/** Everything as it was without the extension. */
export function hidePlaces() {
  on = false;
  observer?.disconnect();
  for (const frame of [...shown.values()].flatMap((some) => [...some])) {
    const before = frame.before;
    before.setAttribute("src", before.getAttribute(KEPT) ?? before.getAttribute("src") ?? "");
    before.removeAttribute(KEPT);
    if (frame.element.isConnected) frame.element.replaceWith(before);
  }
  frames = new WeakMap();
  shown.clear();
}

/** The pictures that the page shows, in their order, each once. */
export function picturesShown() {
  const all = document.querySelectorAll("#chat .limner-picture");
  return [...new Set([...all].map((one) => /** @type {HTMLElement} */ (one).dataset.limner ?? ""))];
}

/**
 * The id of a picture of limner's in an address; null if it is none.
 * @param {string} url
 */
export function pictureIn(url) {
  const found = PICTURE.exec(url);
  const known = [address(), ...places].some((place) => place && url.startsWith(`${place}/images/`));
  return found && known ? found[1] : null;
}

/** @param {string} text */
export function picturesIn(text) {
  const found = text.match(/https?:\/\/[^\s()<>"']+\/images\/[0-9a-v]+\.png/g) ?? [];
  return found.map(pictureIn).filter((id) => id !== null);
}

/**
 * Have pictures of limner's lose their address before the browser sees it: their place asks for
 * them when they are drawn, so no connection waits for them, however often a message is set anew.
 */
function hookSanitizer() {
  const purify = SillyTavern.libs?.DOMPurify ?? (typeof DOMPurify === "undefined" ? undefined : DOMPurify);
  if (hooked || !purify?.addHook) return;
  hooked = true;
  purify.addHook("afterSanitizeAttributes", (/** @type {Element} */ node, /** @type {unknown} */ _, /** @type {any} */ config) => {
    if (!on || !config?.MESSAGE_SANITIZE || node.tagName !== "IMG") return;
    const source = node.getAttribute("src") ?? "";
    if (!pictureIn(source)) return;
    node.removeAttribute("src");
    node.setAttribute(KEPT, source);
  });
}

function find() {
  const images = document.querySelectorAll("#chat .mes_text img:not(.limner-picture img)");
  /** @type {Map<Element, Map<string, number>>} */
  const counted = new Map();
  for (const image of images) {
    const id = pictureIn(image.getAttribute(KEPT) ?? image.getAttribute("src") ?? "");
    const message = image.closest(".mes");
    if (id && message) image.replaceWith(place(message, id, /** @type {HTMLImageElement} */ (image), counted));
  }
}

/**
 * The place of a picture in a message: the one it had, if that is not on the page any more.
 * @param {Element} message
 * @param {string} id
 * @param {HTMLImageElement} image
 * @param {Map<Element, Map<string, number>>} counted
 */
function place(message, id, image, counted) {
  const known = frames.get(message) ?? new Map();
  frames.set(message, known);
  const seen = counted.get(message) ?? new Map();
  counted.set(message, seen);
  let nth = seen.get(id) ?? 0;
  let key = `${id} ${nth}`;
  while (known.get(key)?.element.isConnected) key = `${id} ${++nth}`;
  seen.set(id, nth + 1);
  const frame = known.get(key) ?? new Frame(id, image, size);
  known.set(key, frame);
  const all = shown.get(id) ?? new Set();
  shown.set(id, all.add(frame));
  frame.update();
  return frame.element;
}

onState((id) => {
  for (const frame of shown.get(id) ?? []) {
    if (frame.element.isConnected) frame.update();
    else shown.get(id)?.delete(frame);
  }
});
