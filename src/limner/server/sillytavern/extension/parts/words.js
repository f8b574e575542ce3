/** What the extension says, in the language that SillyTavern speaks. */
import en from "../words/en.js";
import zh from "../words/zh.js";
import { tavern } from "./tavern.js";

/** @typedef {keyof typeof en} Key */

function locale() {
  const now = tavern().getCurrentLocale?.() ?? localStorage.getItem("language") ?? navigator.language;
  return String(now).toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

/**
 * What a key says, with its {values} filled in.
 * @param {Key} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  const words = locale() === "zh-CN" ? zh : en;
  return words[key].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** @param {number} fraction */
export const percent = (fraction) => new Intl.NumberFormat(locale(), { style: "percent" }).format(fraction);

/** @param {number} seconds How long something takes. */
export function duration(seconds) {
  const [amount, unit] =
    seconds < 90 ? [seconds, "second"] : seconds < 5400 ? [seconds / 60, "minute"] : [seconds / 3600, "hour"];
  const form = /** @type {Intl.NumberFormatOptions} */ ({ style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 0 });
  return new Intl.NumberFormat(locale(), form).format(Math.max(1, Math.round(amount)));
}

/** @param {number} seconds Since the epoch. */
export const moment = (seconds) =>
  new Intl.DateTimeFormat(locale(), { timeStyle: "short" }).format(new Date(seconds * 1000));
