/** Pages of other programs: those that ask to use limner, and those that may. */

import { signal } from "../vendor/signals.js";
import { on, onReset } from "./live.js";
import { attempt } from "./notices.js";
import { call, get, path, post } from "./server.js";
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
  const told = await get("/api/origins").catch(() => null); // others than admins may not know
  if (told) take(told);
}

on("origins", loadOrigins);
onReset(loadOrigins);
loadOrigins();

/**
 * @param {string} id
 * @param {"allow" | "refuse"} answer
 */
export const say = (id, answer) => attempt(async () => take(await post(path`/api/origins/${id}/${answer}`)));

/** @param {string} origin */
export const forget = (origin) => attempt(async () => take(await call("DELETE", path`/api/origins?origin=${origin}`)));
