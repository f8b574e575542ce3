/** How the pictures of the page stand: asked for once, and then told by limner as it happens. */
import { call } from "./limner.js";

/**
 * @typedef {object} PictureState
 * @property {string} slot MESSAGE/VARIANT/ORDINAL.
 * @property {string} chat
 * @property {"queued" | "drawing" | "ready" | "failed" | "deleted"} state
 * @property {string} prompt
 * @property {number} pending
 * @property {number} count
 * @property {number | null} selected
 * @property {string | null} digest
 * @property {number | null} width
 * @property {number | null} height
 * @property {string | null} reason
 * @property {string | null} size
 * @property {number | null} [fraction] How far it is.
 * @property {string | null} [preview] Where the unfinished picture is.
 * @property {string | null} [waits] Why and how long, in words.
 */

const MOST = 200; // in one question
const AGAIN = 700; // milliseconds until what nobody knew yet is asked for again
const TRIES = 8;

/** @type {Map<string, PictureState>} */
const known = new Map();
/** @type {Map<string, string>} */
const ids = new Map();
/** @type {Map<string, number>} */
const wanted = new Map();
/** @type {Set<(id: string) => void>} */
const watchers = new Set();
let timer = 0;
let asking = 0;
/** @type {[string, any][]} */
let meanwhile = [];

/** @param {string} id */
export const stateOf = (id) => known.get(id) ?? null;

/** @param {string} slot */
export const idOf = (slot) => ids.get(slot) ?? null;

/** Every picture that is known. */
export const all = () => [...known.entries()];

/** @param {(id: string) => void} watcher */
export function onState(watcher) {
  watchers.add(watcher);
}

/** @param {string} id */
export function want(id) {
  if (known.has(id) || wanted.has(id)) return;
  wanted.set(id, 0);
  schedule(20);
}

/** Ask for everything again: something was missed. */
export function askAnew() {
  for (const id of known.keys()) wanted.set(id, 0);
  schedule(0);
}

/**
 * Ask how pictures stand. What is heard of them until the answer comes is newer than that.
 * @param {string[]} some
 */
export async function ask(some) {
  asking += 1;
  try {
    for (let start = 0; start < some.length; start += MOST) {
      const part = some.slice(start, start + MOST);
      const told = await call("GET", `/api/pictures/states?ids=${part.join(",")}`);
      for (const [id, state] of Object.entries(told.pictures)) put(id, state);
      for (const [kind, data] of meanwhile) apply(kind, data);
    }
  } finally {
    asking -= 1;
    if (!asking) meanwhile = [];
  }
}

/** @param {number} ms */
function schedule(ms) {
  if (!timer) timer = setTimeout(load, ms);
}

async function load() {
  timer = 0;
  const some = [...wanted.keys()].slice(0, MOST);
  if (!some.length) return;
  try {
    await ask(some);
  } catch {
    return; // asked for anew as soon as limner is there again
  }
  for (const id of some) {
    const tries = (wanted.get(id) ?? 0) + 1;
    if (known.has(id) || tries >= TRIES) wanted.delete(id);
    else wanted.set(id, tries);
  }
  if (wanted.size) schedule(AGAIN);
}

/**
 * @param {string} id
 * @param {PictureState} state
 */
function put(id, state) {
  const before = known.get(id);
  const goes = state.pending > 0 || state.state === "queued" || state.state === "drawing";
  const live = before && goes ? { fraction: before.fraction, preview: before.preview, waits: before.waits } : {};
  known.set(id, { ...live, ...state });
  ids.set(state.slot, id);
  wanted.delete(id);
  changed(id);
}

/** @param {string} id */
function changed(id) {
  for (const watcher of watchers) watcher(id);
}

/**
 * limner tells what happens to a slot.
 * @param {string} kind
 * @param {any} data
 */
export function heard(kind, data) {
  if (!kind.startsWith("slot.")) return;
  if (asking) meanwhile.push([kind, data]);
  apply(kind, data);
}

/**
 * @param {string} kind
 * @param {any} data
 */
function apply(kind, data) {
  const id = ids.get(data.slot_id);
  const before = id && known.get(id);
  if (!id || !before) return;
  if (kind === "slot.progress") {
    known.set(id, { ...before, fraction: data.fraction, preview: data.preview ?? before.preview, waits: null });
    changed(id);
  } else if (data.slot) {
    const begun = kind === "slot.started" ? { fraction: null, preview: null, waits: null } : {};
    put(id, { ...brief(data.slot, before.chat), ...begun });
  }
}

/**
 * Put what was done to a slot to use, before limner's events tell of it.
 * @param {any} slot
 */
export function replaced(slot) {
  const id = ids.get(slot.id);
  const before = id && known.get(id);
  if (id && before) put(id, brief(slot, before.chat));
}

/**
 * Say how long the waiting ones have to wait.
 * @param {Map<string, string>} waits In words, by slot.
 */
export function waiting(waits) {
  for (const [id, state] of known) {
    const now = waits.get(state.slot) ?? null;
    if ((state.waits ?? null) === now) continue;
    known.set(id, { ...state, waits: now });
    changed(id);
  }
}

/**
 * A slot as the whole of it is told, in the short form.
 * @param {any} slot
 * @param {string} chat
 * @returns {PictureState}
 */
function brief(slot, chat) {
  const shown = slot.selected === null ? null : slot.alternatives[slot.selected];
  return {
    slot: slot.id,
    chat,
    state: slot.state,
    prompt: slot.prompt,
    pending: slot.pending,
    count: slot.alternatives.length,
    selected: slot.selected,
    digest: shown?.picture.digest ?? null,
    width: shown?.picture.width ?? null,
    height: shown?.picture.height ?? null,
    reason: slot.failure?.reason ?? null,
    size: slot.attributes.size ?? null,
  };
}

/** @param {PictureState} state */
export const isDrawn = (state) => state.pending > 0 || state.state === "queued" || state.state === "drawing";
