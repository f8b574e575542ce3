/** What the page says, in the reader's language; numbers and times as they are written there. */
import { signal } from "../vendor/signals.js";
import en from "../words/en.js";
import { recall, remember } from "./memory.js";

/** @typedef {keyof typeof en} Key */
/** @typedef {Record<Key, string>} Words */

export const LANGUAGES = { en: "English", zh: "简体中文" };
/** @typedef {keyof typeof LANGUAGES} Language */

/** @type {Record<Language, () => Promise<Words>>} */
const books = {
  en: async () => en,
  zh: async () => (await import("../words/zh.js")).default,
};

/** @type {import("../vendor/signals.js").Signal<Language>} */
export const language = signal("en");
/** @type {import("../vendor/signals.js").Signal<Words>} */
const words = signal(en);

/** @returns {Language} */
function preferred() {
  const chosen = recall("language");
  if (chosen === "en" || chosen === "zh") return chosen;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/**
 * Speak a language from now on; without one, that of the reader.
 * @param {Language} [wanted]
 */
export async function chooseLanguage(wanted) {
  if (wanted) remember("language", wanted);
  const chosen = wanted ?? preferred();
  const book = await books[chosen]().catch(() => null);
  if (!book) return;
  words.value = book;
  language.value = chosen;
  document.documentElement.lang = locale();
}

export function locale() {
  return language.value === "zh" ? "zh-CN" : "en";
}

/**
 * What a key says, with its {values} filled in.
 * @param {Key} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  return words.value[key].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * The same for a number of things: `key.one` or `key.other`.
 * @param {string} key
 * @param {number} n
 */
export function counted(key, n) {
  const form = new Intl.PluralRules(locale()).select(n) === "one" ? "one" : "other";
  return t(/** @type {Key} */ (`${key}.${form}`), { n: number(n) });
}

/** @param {number} n */
export function number(n) {
  return new Intl.NumberFormat(locale()).format(n);
}

/** @param {number} fraction */
export function percent(fraction) {
  return new Intl.NumberFormat(locale(), { style: "percent" }).format(fraction);
}

/** @param {number} seconds Since the epoch. */
export function moment(seconds) {
  const then = new Date(seconds * 1000);
  const today = then.toDateString() === new Date().toDateString();
  /** @type {Intl.DateTimeFormatOptions} */
  const form = today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(locale(), form).format(then);
}

/** @param {number} seconds How long something takes. */
export function duration(seconds) {
  const [amount, unit] =
    seconds < 90 ? [seconds, "second"] : seconds < 5400 ? [seconds / 60, "minute"] : [seconds / 3600, "hour"];
  const form = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 0 };
  return new Intl.NumberFormat(locale(), /** @type {Intl.NumberFormatOptions} */ (form)).format(
    Math.max(1, Math.round(amount)),
  );
}
