/** One setting: explained, checked, kept at once, and put back by itself. */
import { html } from "../../html.js";
import { inWords } from "../../state/notices.js";
import { change, settings } from "../../state/settings.js";
import { t } from "../../state/words.js";
import { useState } from "../../vendor/hooks.js";
import { IconButton } from "../icon.js";

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
    } catch (error) {
      setWrong(inWords(error));
    }
  };
  /** @param {any} event */
  const picked = ({ target }) => {
    if (kind === "switch") choose(target.checked);
    else if (kind !== "number") choose(target.value || (kind === "choice" ? null : ""));
    else if (target.value === "") choose(null);
    else if (target.checkValidity()) choose(Number(target.value));
    else setWrong(target.validationMessage);
  };
  const shared = { id, "aria-describedby": `${id}-about`, "aria-invalid": Boolean(wrong), onChange: picked };
  return html`<div class="setting">
    <label for=${id}>${t(/** @type {Key} */ (`setting.${name}`))}</label>
    ${kind === "switch" && html`<input type="checkbox" role="switch" ...${shared} checked=${value} />`}
    ${kind === "number" && html`<input type="number" ...${shared} min=${field.min} max=${field.max} step=${field.step ?? "any"} value=${value ?? ""} />`}
    ${kind === "long" && html`<textarea ...${shared} rows="2" dir="auto" value=${value}></textarea>`}
    ${kind === "choice" && html`<select ...${shared} value=${value ?? ""}>${choices.map(([key, word]) => html`<option key=${key} value=${key}>${word}</option>`)}</select>`}
    ${chosen ? html`<${IconButton} icon="rotate" label=${t("settings.reset", { name: t(/** @type {Key} */ (`setting.${name}`)) })} onClick=${() => choose(null)} />` : html`<span></span>`}
    <p id=${`${id}-about`} class="small">${wrong ? html`<span class="wrong" role="alert">${wrong}</span>` : html`${t(/** @type {Key} */ (`setting.${name}.about`))} ${!chosen && html`<span class="from">${t("settings.from")}</span>`}`}</p>
  </div>`;
}
