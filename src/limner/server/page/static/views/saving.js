/** Saves files: a picture with its prompt and seed in it, or what was fetched. */
import { at, slotPath } from "../state/server.js";

/**
 * The address of a picture as a file.
 * @param {import("../state/slots.js").LiveSlot} slot
 * @param {boolean} [described] Whether prompt and seed stand in it.
 */
export function fileOf(slot, described = true) {
  return at(`${slotPath(slot.id)}/file?alternative=${slot.selected ?? 0}&described=${described}`);
}

/** @param {import("../state/slots.js").LiveSlot} slot */
export function save(slot) {
  follow(fileOf(slot), "");
}

/**
 * @param {Blob} data
 * @param {string} name
 */
export function saveData(data, name) {
  const url = URL.createObjectURL(data);
  follow(url, name);
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // Once the browser has surely begun.
}

/** @param {string} href @param {string} name */
function follow(href, name) {
  const link = document.createElement("a");
  link.href = href;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
}
