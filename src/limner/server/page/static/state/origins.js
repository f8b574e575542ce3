/** Pages of other programs: those that ask to use limner, and those that may. */

import { effect, signal } from "../vendor/signals.js";
import { on, onReset } from "./live.js";
import { attempt } from "./notices.js";
import { call, get, path, post } from "./server.js";
import { admin } from "./settings.js";
import { asking } from "./view.js";

/**
 * @typedef {{id: string, origin: string, name: string, code: string}} Asking
 * @typedef {{origin: string, name: string, since: number}} Paired
 * @typedef {{waiting: Asking[], paired: Paired[]}} Origins
 */

/** @type {import("../vendor/signals.js").Signal<Origins>} */
export const origins = signal(/** @type {Origins} */ ({ waiting: [], paired: [] }));

/** @param {Origins} told */
function take(told) {
  origins.value = told;
  asking.value = told.waiting;
}

async function loadOrigins() {
  if (!admin.value) return; // others may not know
  const told = await get("/api/origins").catch(() => null);
  if (told) take(told);
}

on("origins", loadOrigins);
onReset(loadOrigins);
effect(() => {
  loadOrigins();
});

/**
 * @param {string} id
 * @param {"allow" | "refuse"} answer
 */
export const say = (id, answer) => attempt(async () => take(await post(path`/api/origins/${id}/${answer}`)));

/** @param {string} origin */
export const forget = (origin) => attempt(async () => take(await call("DELETE", path`/api/origins?origin=${origin}`)));
