/** Where a picture stands on the stage: how large, how far moved, how turned. */

/** @typedef {{scale: number, x: number, y: number, turned: number}} Place */

export const WHOLE = { scale: 1, x: 0, y: 0 };
const LARGEST = 8;

/**
 * @param {Place} old
 * @param {number} by
 * @param {{x: number, y: number}} [from] What stays where it is, from the middle.
 * @returns {Place}
 */
export function zoomed(old, by, from = { x: 0, y: 0 }) {
  const scale = Math.min(Math.max(old.scale * by, 1), LARGEST);
  if (scale === 1) return { ...old, ...WHOLE };
  const real = scale / old.scale;
  return { ...old, scale, x: from.x - (from.x - old.x) * real, y: from.y - (from.y - old.y) * real };
}

/** @param {Place} place */
export function styleOf(place) {
  return `translate(${place.x}px, ${place.y}px) scale(${place.scale}) rotate(${place.turned}deg)`;
}
