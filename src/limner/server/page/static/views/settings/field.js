/** One setting: explained, checked, kept at once, and put back by itself. */
import { html } from "../../html.js";
import { inWords } from "../../state/notices.js";
import { change, settings } from "../../state/settings.js";
import { t } from "../../state/words.js";
import { useState } from "../../vendor/hooks.js";
import { IconButton } from "../icon.js";
import { Typed } from "../typed.js";

/** @typedef {import("../../state/words.js").Key} Key */
/** @typedef {{name: string, kind: "number" | "text" | "long" | "switch" | "choice", min?: number, max?: number, step?: number}} Field */

/** @param {{field: Field, choices?: [string, string][]}} props */
export function Setting({ field, choices = [] }) {
  const [wrong, setWrong] = useState("");
  const { name, kind } = field;
  const told = settings.value;
  const value = told?.settings[name];
  const chosen = told?.chosen.includes(name) ?? false;
  const id = `setting-${name}`;
  /** @param {unknown} wanted */
  const choose = async (wanted) => {
    try {
      await change({ [name]: wanted });
      setWrong("");
      return true;
    } catch (error) {
      setWrong(inWords(error));
      return false;
    }
  };
  /** @param {any} event */
  const picked = ({ target }) => {
    if (kind === "switch") return choose(target.checked);
    if (kind !== "number") return choose(target.value || (kind === "choice" ? null : ""));
    if (target.value === "" && !target.validity.badInput) return choose(null);
    if (target.checkValidity()) return choose(Number(target.value));
    setWrong(target.validationMessage);
    return false;
  };
  const shared = { id, "aria-describedby": `${id}-about`, "aria-invalid": Boolean(wrong) };
  return html`<div class="setting" data-kind=${kind}>
    <label for=${id}>${t(/** @type {Key} */ (`setting.${name}`))}</label>
    ${kind === "switch" && html`<input type="checkbox" role="switch" ...${shared} checked=${value} onChange=${picked} />`}
    ${kind === "number" && html`<${Typed} type="number" ...${shared} min=${field.min} max=${field.max} step=${field.step ?? "any"} value=${value} keep=${picked} />`}
    ${kind === "text" && html`<${Typed} dir="auto" maxlength="200" ...${shared} value=${value} keep=${picked} />`}
    ${kind === "long" && html`<${Typed} tag="textarea" ...${shared} rows="2" dir="auto" value=${value} keep=${picked} />`}
    ${kind === "choice" && html`<select ...${shared} onChange=${picked} value=${value ?? ""}>${choices.map(([key, word]) => html`<option key=${key} value=${key}>${word}</option>`)}</select>`}
    ${chosen ? html`<${IconButton} icon="rotate" label=${t("settings.reset", { name: t(/** @type {Key} */ (`setting.${name}`)) })} onClick=${() => choose(null)} />` : html`<span></span>`}
    <p id=${`${id}-about`} class="small">${wrong ? html`<span class="wrong" role="alert">${wrong}</span>` : html`${t(/** @type {Key} */ (`setting.${name}.about`))} ${!chosen && html`<span class="from">${t("settings.from")}</span>`}`}</p>
  </div>`;
}
