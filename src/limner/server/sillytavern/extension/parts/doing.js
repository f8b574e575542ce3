/** What one does with a picture; whatever cannot be done is told in one line. */
import { address, call, slotPath } from "./limner.js";
import { replaced, stateOf } from "./states.js";
import { tell } from "./tavern.js";
import { t } from "./words.js";

/**
 * Do something; if it fails, say so.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T | undefined>}
 */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    tell("error", words.charAt(0).toUpperCase() + words.slice(1));
    return undefined;
  }
}

/**
 * @param {string} id
 * @param {string} method
 * @param {string} what
 * @param {unknown} [body]
 */
function change(id, method, what, body) {
  const state = stateOf(id);
  if (!state) return Promise.resolve(undefined);
  return attempt(async () => {
    const slot = await call(method, `${slotPath(state.slot)}${what}`, body);
    replaced(slot);
    return slot;
  });
}

/**
 * @param {string} id
 * @param {"append" | "replace"} mode
 */
export const redraw = (id, mode) => change(id, "POST", "/regenerate", { mode });

/** @param {string} id */
export const retry = (id) => change(id, "POST", "/retry");

/** @param {string} id */
export const slotOf = (id) => change(id, "GET", "");

/**
 * @param {string} id
 * @param {string} prompt
 */
export const setPrompt = (id, prompt) => change(id, "PUT", "/prompt", { prompt });

/**
 * Have a model change the prompt as somebody wishes.
 * @param {string} id
 * @param {string} feedback
 */
export const refine = (id, feedback) => change(id, "POST", "/refine", { feedback });

/**
 * Show the next of its pictures or the one before; past the last one, draw another.
 * @param {string} id
 * @param {number} by
 */
export function turn(id, by) {
  const state = stateOf(id);
  if (!state || state.selected === null) return Promise.resolve(undefined);
  const to = state.selected + by;
  if (to < 0 || (to >= state.count && state.pending > 0)) return Promise.resolve(undefined);
  return to >= state.count ? redraw(id, "append") : change(id, "POST", "/select", { alternative: to });
}

/** @param {string} id */
export async function discard(id) {
  const state = stateOf(id);
  if (!state || !(await change(id, "POST", "/delete", {}))) return;
  tell("info", t("deleted"), () =>
    attempt(async () => {
      await call("POST", `/api/messages/${encodeURIComponent(state.slot.split("/")[0])}/undo`);
      await slotOf(id);
      tell("success", t("undone"));
    }),
  );
}

/** @param {string} text */
export function copy(text) {
  return attempt(async () => {
    await navigator.clipboard.writeText(text);
    tell("success", t("copied"));
  });
}

/**
 * Stop what is drawn or waits for some pictures.
 * @param {string[]} some Their ids.
 */
export function stop(some) {
  const slots = new Set(some.map((id) => stateOf(id)?.slot));
  return attempt(async () => {
    const queue = await call("GET", "/api/queue?limit=500");
    const jobs = queue.jobs.filter((/** @type {any} */ job) => slots.has(job.slot));
    await Promise.all(jobs.map((/** @type {any} */ job) => stopJob(job.id)));
  });
}

/** @param {string} job */
export async function stopJob(job) {
  await call("DELETE", `/api/jobs/${encodeURIComponent(job)}`).catch((error) => {
    if (error.status !== 404) throw error; // it has ended by itself meanwhile
  });
}

/**
 * Where a picture's bytes are, whoever asks.
 * @param {string} id
 * @param {number} [width]
 */
export function pictureAt(id, width) {
  const digest = stateOf(id)?.digest ?? "";
  const query = [width ? `w=${width}` : "", digest ? `v=${digest.slice(0, 12)}` : ""].filter(Boolean).join("&");
  return `${address()}/images/${id}.png${query ? `?${query}` : ""}`;
}
