/** What the page says, in the reader's language; numbers and times as they are written there. */
import { signal } from "../vendor/signals.js";
import en from "../words/en.js";
import { remember } from "./memory.js";

/** @typedef {typeof import("../words/further_en.js").default} FurtherBook */
/** @typedef {keyof typeof en | keyof FurtherBook} Key */
/** @typedef {Record<keyof typeof en, string>} Words */
/** @typedef {Record<keyof FurtherBook, string>} FurtherWords */

export const LANGUAGES = { en: "English", zh: "简体中文" };
/** @typedef {keyof typeof LANGUAGES} Language */

/** @type {Record<Language, () => Promise<Words>>} */
const books = {
  en: async () => en,
  zh: async () => (await import("../words/zh.js")).default,
};

/** What further views say, loaded with the first of them. */
/** @type {Record<Language, () => Promise<FurtherWords>>} */
const furtherBooks = {
  en: async () => (await import("../words/further_en.js")).default,
  zh: async () => (await import("../words/further_zh.js")).default,
};
let wanted = false;

/** @type {import("../vendor/signals.js").Signal<Language>} */
export const language = signal("en");
/** @type {import("../vendor/signals.js").Signal<Record<string, string>>} */
const words = signal(en);

/** That of the document, as `early.js` has found out. @returns {Language} */
function preferred() {
  return document.documentElement.lang.startsWith("zh") ? "zh" : "en";
}

/**
 * Speak a language from now on; without one, that of the reader.
 * @param {Language} [named]
 */
export async function chooseLanguage(named) {
  if (named) remember("language", named);
  const chosen = named ?? preferred();
  const book = await bookOf(chosen).catch(() => null);
  if (!book) return;
  words.value = book;
  language.value = chosen;
  document.documentElement.lang = locale();
}

/** @param {Language} chosen @returns {Promise<Record<string, string>>} */
async function bookOf(chosen) {
  const book = await books[chosen]();
  return wanted ? { ...book, ...(await furtherBooks[chosen]()) } : book;
}

/** @type {Promise<void> | null} */
let loading = null;

/** Have the words of further views, too. */
export function moreWords() {
  wanted = true;
  loading ??= bookOf(language.value).then((book) => {
    words.value = book;
  });
  loading.catch(() => {
    loading = null;
  });
  return loading;
}

/** How numbers and times are written: as where the reader is, if the language is spoken there. */
export function locale() {
  return language.value === "zh" ? "zh-CN" : (navigator.languages.find((one) => /^en\b/i.test(one)) ?? "en");
}

/**
 * What a key says, with its {values} filled in.
 * @param {Key} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  return (words.value[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
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

/** @param {number} seconds How long something took, exactly. */
export function took(seconds) {
  if (seconds >= 90) return duration(seconds);
  const form = { style: "unit", unit: "second", unitDisplay: "short", maximumFractionDigits: seconds < 10 ? 1 : 0 };
  return new Intl.NumberFormat(locale(), /** @type {Intl.NumberFormatOptions} */ (form)).format(seconds);
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
