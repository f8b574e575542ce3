/**
 * The one owner of the conversation's place.
 *
 * Whoever reads at the end is kept at the end while it grows. Whoever has gone up stays there: what
 * comes below moves nothing, and what changes above is made up for by the browser's own anchoring.
 */
import { signal } from "../vendor/signals.js";

/** Whether the end is kept in sight. */
export const following = signal(true);

const NEAR = 48; // pixels

/** @type {HTMLElement | null} */
let scroller = null;
let last = 0;

function left() {
  return scroller ? scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop : 0;
}

function toEnd() {
  if (!scroller) return;
  scroller.scrollTop = scroller.scrollHeight;
  last = scroller.scrollTop;
}

/**
 * It has grown: in the same breath, for what is seen to move first and is scrolled back then counts as a jump.
 */
export function grown() {
  if (following.value) toEnd();
}

/** Keep the end in sight from now on. */
export function follow() {
  following.value = true;
  toEnd();
}

function scrolled() {
  if (!scroller) return;
  const up = scroller.scrollTop < last - 1;
  last = scroller.scrollTop;
  if (left() <= NEAR) following.value = true;
  else if (up) following.value = false;
}

/**
 * @param {HTMLElement} outside What scrolls.
 * @param {HTMLElement} inside What grows.
 */
export function watch(outside, inside) {
  scroller = outside;
  const sized = new ResizeObserver(grown);
  sized.observe(inside);
  sized.observe(outside);
  outside.addEventListener("scroll", scrolled, { passive: true });
  toEnd();
  return () => {
    sized.disconnect();
    outside.removeEventListener("scroll", scrolled);
    scroller = null;
  };
}

/**
 * Put something in above, and leave what is looked at where it is.
 * @param {() => Promise<void>} work
 */
export async function keepPlace(work) {
  const height = scroller?.scrollHeight ?? 0;
  following.value = false;
  await work();
  await new Promise(requestAnimationFrame);
  if (scroller) scroller.scrollTop += scroller.scrollHeight - height;
}
