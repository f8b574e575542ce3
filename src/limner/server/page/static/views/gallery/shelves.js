/** Where every row of a gallery stands, from the order alone: so the list never changes its length. */

/**
 * @typedef {{chat: string, message: string, at: number, numbers: number[]}} Group
 * @typedef {{top: number, height: number, group: Group, first: number, count: number, index: number, head: boolean}} Row
 * @typedef {{rows: Row[], height: number, columns: number, side: number}} Layout
 */

export const GAP = 10; // pixels
export const HEAD = 44;
const SHAPE = 2 / 3;

/**
 * @param {Group[]} groups
 * @param {number} width Of the list, in pixels.
 * @returns {Layout}
 */
export function layout(groups, width) {
  const least = width < 640 ? 130 : 170;
  const columns = Math.max(2, Math.floor((width + GAP) / (least + GAP)));
  const side = (width - GAP * (columns - 1)) / columns;
  const tall = Math.round(side * SHAPE);
  /** @type {Row[]} */
  const rows = [];
  let top = 0;
  let index = 0;
  for (const group of groups) {
    rows.push({ top, height: HEAD, group, first: 0, count: 0, index, head: true });
    top += HEAD;
    for (let first = 0; first < group.numbers.length; first += columns) {
      const count = Math.min(columns, group.numbers.length - first);
      rows.push({ top, height: tall, group, first, count, index, head: false });
      top += tall + GAP;
      index += count;
    }
    top += GAP;
  }
  return { rows, height: top, columns, side };
}

/**
 * The rows that are in sight, and some around them.
 * @param {Row[]} rows
 * @param {number} from
 * @param {number} to
 */
export function between(rows, from, to) {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle].top + rows[middle].height < from) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < rows.length && rows[end].top < to) end++;
  return rows.slice(low, end);
}
