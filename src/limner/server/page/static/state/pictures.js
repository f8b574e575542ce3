/** What one can do with a picture. */
import { signal } from "../vendor/signals.js";
import { load } from "./conversation.js";
import { moment, on } from "./live.js";
import { attempt, tell } from "./notices.js";
import { call, path, post, Refused, slotPath } from "./server.js";
import { learn, slotOf } from "./slots.js";
import { t } from "./words.js";

/** @typedef {import("../api.js").Slot} Slot */

/** Which picture is looked at closely: the id of its slot; null: none. */
export const looked = signal(/** @type {string | null} */ (null));
/** Whether two pictures of its place are looked at beside each other. */
export const comparing = signal(false);
/** Which pictures are before and behind it; null: those of the conversation. */
export const around = signal(/** @type {string[] | null} */ (null));
/** Which picture is to be drawn in another size, with another seed, or several times. */
export const reshaped = signal(/** @type {string | null} */ (null));
/** Which picture is asked about before it is deleted for good. */
export const erased = signal(/** @type {string | null} */ (null));
/** Which prompt is being edited. */
export const edited = signal(/** @type {string | null} */ (null));

/**
 * Change a place; where its message is still being written, as soon as that has ended.
 * @param {() => Promise<Slot | null>} work
 */
async function changed(work) {
  let asked = moment();
  const again = () => {
    asked = moment();
    return work();
  };
  const slot = await attempt(() => work().catch((error) => later(error, again)));
  if (slot) learn(slot, asked);
  return slot;
}

/**
 * @param {unknown} error
 * @param {() => Promise<Slot | null>} work
 */
async function later(error, work) {
  if (!(error instanceof Refused) || error.kind !== "message_busy") throw error;
  tell(t("picture.later"));
  await new Promise((ended) => {
    const offs = ["message.finished", "message.broken", "reset"].map((kind) => on(kind, done));
    function done() {
      for (const off of offs) off();
      ended(null);
    }
  });
  return work();
}

/**
 * Draw it again.
 * @param {string} id
 * @param {"replace" | "append"} mode Whether the old picture goes or stays.
 * @param {{size?: string, seed?: number}} [wish] What is different this time.
 */
export function redraw(id, mode, wish = {}) {
  return changed(() => post(`${slotPath(id)}/regenerate`, { mode, ...wish }));
}

/** @param {string} id */
export function retry(id) {
  return changed(() => post(`${slotPath(id)}/retry`));
}

/**
 * Show another of its pictures; behind the last one another is drawn.
 * @param {string} id
 * @param {number} by
 */
export function turn(id, by) {
  const slot = slotOf(id).value;
  if (!slot || slot.selected === null) return undefined;
  const wanted = slot.selected + by;
  if (wanted < 0) return undefined;
  if (wanted >= slot.alternatives.length) return slot.pending ? undefined : redraw(id, "append");
  return choose(id, wanted);
}

/**
 * @param {string} id
 * @param {number} alternative
 */
export function choose(id, alternative) {
  const held = slotOf(id);
  if (held.value) held.value = { ...held.value, selected: alternative };
  return changed(() => post(`${slotPath(id)}/select`, { alternative }));
}

/**
 * Take the picture that is shown away, with a way back.
 * @param {string} id
 */
export async function discard(id) {
  const slot = await changed(() => post(`${slotPath(id)}/delete`, {}));
  if (!slot) return;
  tell(t("picture.deleted"), { label: t("undo"), act: () => undo(slot.message) });
}

/**
 * Delete a picture for good.
 * @param {string} id
 * @param {string} alternative
 */
export async function erase(id, alternative) {
  const slot = await changed(() => post(`${slotPath(id)}/delete`, { alternative, for_good: true }));
  if (slot) tell(t("picture.erased"));
}

/** @param {string} message */
export async function undo(message) {
  await attempt(() => post(path`/api/messages/${message}/undo`));
  await load();
}

/**
 * Another prompt, and a picture of it.
 * @param {string} id
 * @param {string} prompt
 * @param {"replace" | "append" | null} mode null: nothing is drawn yet.
 */
export async function rewrite(id, prompt, mode) {
  if (prompt !== slotOf(id).value?.prompt) {
    const slot = await changed(() => call("PUT", `${slotPath(id)}/prompt`, { prompt }));
    if (!slot) return false;
  }
  if (mode) await drawNew(id, mode);
  return true;
}

/**
 * @param {string} id
 * @param {"replace" | "append"} mode
 */
function drawNew(id, mode) {
  return slotOf(id).value?.alternatives.length ? redraw(id, mode) : retry(id);
}

/**
 * Have a model change the prompt.
 * @param {string} id
 * @param {string} feedback
 * @returns {Promise<Slot | null | undefined>}
 */
export function refine(id, feedback) {
  return changed(() => post(`${slotPath(id)}/refine`, { feedback }));
}
