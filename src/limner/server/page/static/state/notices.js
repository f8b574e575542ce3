/** Short notices at the edge: what was done, with a way back, and what could not be done. */
import { signal } from "../vendor/signals.js";
import { Unreachable } from "./server.js";
import { t } from "./words.js";

/**
 * @typedef {object} Notice
 * @property {number} id
 * @property {string} text
 * @property {boolean} wrong Whether something failed.
 * @property {string} [label] What the button says.
 * @property {() => void} [act] What it does.
 */

/** @type {import("../vendor/signals.js").Signal<Notice[]>} */
export const notices = signal([]);

const SHOWN = 7000;
let next = 1;

/** @param {number} id */
export function dismiss(id) {
  notices.value = notices.value.filter((one) => one.id !== id);
}

/**
 * @param {string} text
 * @param {{wrong?: boolean, label?: string, act?: () => void}} [how]
 */
export function tell(text, { wrong = false, label, act } = {}) {
  const id = next++;
  notices.value = [...notices.value.slice(-2), { id, text, wrong, label, act }];
  setTimeout(dismiss, act || wrong ? SHOWN * 1.5 : SHOWN, id);
}

/** @param {unknown} error */
export function inWords(error) {
  if (error instanceof Unreachable) return t("error.unreachable");
  const words = error instanceof Error ? error.message : String(error);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

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
    tell(inWords(error), { wrong: true });
    return undefined;
  }
}
