/** Fingers, mouse and wheel on a picture: pan, pinch, swipe. */

/**
 * @typedef {object} Ways
 * @property {(by: number, from?: {x: number, y: number}) => void} zoom
 * @property {(x: number, y: number) => void} pan
 * @property {(by: number) => void} swipe
 * @property {() => void} whole
 * @property {() => boolean} isWhole
 */

const SWIPE = 50; // pixels
const ACROSS = 100;

/**
 * @param {HTMLElement} stage
 * @param {() => Ways} ways Those of now.
 */
export function touching(stage, ways) {
  /** @type {Map<number, {x: number, y: number}>} */
  const fingers = new Map();
  let begun = { x: 0, y: 0 };
  let pinched = false;

  /** @param {{clientX: number, clientY: number}} event */
  const fromMiddle = (event) => {
    const box = stage.getBoundingClientRect();
    return { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 };
  };
  const apart = () => {
    const [one, other] = [...fingers.values()];
    return Math.hypot(one.x - other.x, one.y - other.y);
  };
  /** @param {PointerEvent} event */
  const down = (event) => {
    if (event.button > 0) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    stage.setPointerCapture(event.pointerId);
    if (fingers.size === 1) {
      begun = { x: event.clientX, y: event.clientY };
      pinched = false;
    } else pinched = true;
  };
  /** @param {PointerEvent} event */
  const move = (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const wide = fingers.size === 2 ? apart() : 0;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (wide) ways().zoom(apart() / wide, fromMiddle(event));
    else if (!ways().isWhole()) ways().pan(event.clientX - before.x, event.clientY - before.y);
  };
  /** @param {PointerEvent} event */
  const up = (event) => {
    if (!fingers.delete(event.pointerId) || fingers.size || pinched || !ways().isWhole()) return;
    const x = event.clientX - begun.x;
    const y = event.clientY - begun.y;
    if (event.type === "pointerup" && Math.abs(x) > SWIPE && Math.abs(y) < ACROSS) ways().swipe(x < 0 ? 1 : -1);
  };
  /** @param {WheelEvent} event */
  const wheel = (event) => {
    event.preventDefault();
    ways().zoom(Math.exp(-event.deltaY / 400), fromMiddle(event));
  };
  const off = new AbortController();
  const { signal } = off;
  stage.addEventListener("pointerdown", down, { signal });
  stage.addEventListener("pointermove", move, { signal });
  stage.addEventListener("pointerup", up, { signal });
  stage.addEventListener("pointercancel", up, { signal });
  stage.addEventListener("wheel", wheel, { signal, passive: false });
  return () => off.abort();
}
