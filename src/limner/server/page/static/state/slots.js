/** The places of pictures: one signal for each, whoever tells of it. */
import { signal } from "../vendor/signals.js";
import { moment, on } from "./live.js";
import { get, slotPath } from "./server.js";

/** @typedef {import("../api.js").Slot} Slot */
/** @typedef {Slot & {fraction: number | null, preview: string | null}} LiveSlot */

/** @type {Map<string, import("../vendor/signals.js").Signal<LiveSlot | null>>} */
const known = new Map();
/** @type {Map<string, number>} When an event last told of a place. */
const heard = new Map();

/**
 * What is known of a place; null as long as that is nothing.
 * @param {string} id
 */
export function slotOf(id) {
  let found = known.get(id);
  if (!found) {
    found = signal(/** @type {LiveSlot | null} */ (null));
    known.set(id, found);
  }
  return found;
}

/**
 * The server has told how a place is.
 * @param {Slot} slot
 * @param {number} [asked] The moment at which it was asked for that.
 */
export function learn(slot, asked = Number.POSITIVE_INFINITY) {
  if ((heard.get(slot.id) ?? 0) > asked) return;
  const held = slotOf(slot.id);
  const drawn = slot.state === "drawing" || slot.pending > 0;
  const before = drawn ? held.value : null;
  held.value = { ...slot, fraction: before?.fraction ?? null, preview: before?.preview ?? null };
}

/**
 * Forget the places of a message.
 * @param {string} message
 */
export function forget(message) {
  for (const id of known.keys()) {
    if (!id.startsWith(`${message}/`)) continue;
    known.delete(id);
    heard.delete(id);
  }
}

/** Ask for what is known of a place, if that is nothing yet. @param {string} id */
export async function loadSlot(id) {
  const asked = moment();
  if (!slotOf(id).value) learn(await get(slotPath(id)), asked);
}

/** The pictures that are asked for and not made yet, of these places. */
/** @param {string[]} ids */
export function unfinished(ids) {
  return ids.filter((id) => {
    const slot = slotOf(id).value;
    return slot && (slot.pending > 0 || slot.state === "queued" || slot.state === "drawing");
  });
}

/** @param {{slot: Slot}} told */
const told = ({ slot }) => {
  heard.set(slot.id, moment());
  learn(slot);
};
for (const kind of ["slot.found", "slot.started", "slot.ready", "slot.failed", "slot.gone", "slot.changed"]) {
  on(kind, told);
}
on("slot.progress", ({ slot_id, fraction, preview }) => {
  const held = slotOf(slot_id);
  // What comes late, after the picture is made, is not shown any more.
  if (!held.value || !(held.value.pending > 0 || held.value.state === "drawing")) return;
  held.value = { ...held.value, fraction, preview: preview ?? held.value.preview };
});
