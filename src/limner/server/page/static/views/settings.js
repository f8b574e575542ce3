/** What holds on this server, changed one by one; each choice counts at once. */
import { html } from "../html.js";
import { recall, remember } from "../state/memory.js";
import { attempt, inWords } from "../state/notices.js";
import { get } from "../state/server.js";
import { about, change, loadModels, loadSettings, models, settings } from "../state/settings.js";
import { chooseLanguage, LANGUAGES, language, t } from "../state/words.js";
import { useEffect, useState } from "../vendor/hooks.js";
import { Head } from "./head.js";
import { IconButton } from "./icon.js";

/** @typedef {import("../state/words.js").Key} Key */
/** @typedef {{name: string, kind: "number" | "text" | "long" | "switch" | "choice", min?: number, max?: number, step?: number, choices?: [string, string][]}} Field */

/** @type {{title: Key, fields: Field[]}[]} */
const GROUPS = [
  {
    title: "settings.writing",
    fields: [
      { name: "model", kind: "choice" },
      { name: "system_prompt", kind: "long" },
      { name: "illustrate", kind: "switch" },
      { name: "preset", kind: "choice" },
      { name: "every_words", kind: "number", min: 1, max: 10000 },
    ],
  },
  {
    title: "settings.pictures",
    fields: [
      { name: "width", kind: "number", min: 64, max: 4096, step: 8 },
      { name: "height", kind: "number", min: 64, max: 4096, step: 8 },
      { name: "seed", kind: "number", min: 0 },
      { name: "negative_prompt", kind: "long" },
      { name: "shown_width", kind: "number", min: 10, max: 100, step: 5 },
      { name: "default_mode", kind: "choice" },
    ],
  },
  {
    title: "settings.limits",
    fields: [
      { name: "max_concurrent", kind: "number", min: 1, max: 1000 },
      { name: "min_interval", kind: "number", min: 0, step: 0.1 },
      { name: "picture_timeout", kind: "number", min: 0 },
      { name: "settle_timeout", kind: "number", min: 0 },
    ],
  },
];

export function Settings() {
  const [presets, setPresets] = useState(/** @type {[string, string][]} */ ([]));
  useEffect(() => {
    attempt(loadSettings);
    attempt(loadModels);
    attempt(async () => {
      const told = await get("/api/presets");
      setPresets(told.presets.map((/** @type {any} */ one) => [one.id, one.name]));
    });
  }, []);
  /** @type {Record<string, [string, string][]>} */
  const choices = {
    model: [["", t("model.default")], ...(models.value ?? []).map((one) => /** @type {[string, string]} */ ([one.name, one.name]))],
    preset: presets,
    default_mode: [["replace", t("picture.replace")], ["append", t("prompt.beside")]],
  };
  return html`<${Head} title=${t("settings")} />
  <div class="pane">
    <${Browser} />
    ${settings.value && GROUPS.map(
      (group) => html`<section key=${group.title} class="card"><h2>${t(group.title)}</h2>
        ${group.fields.map((field) => html`<${One} key=${field.name} field=${field} choices=${choices[field.name]} />`)}
      </section>`,
    )}
    <section class="card"><h2>${t("settings.server")}</h2>
      <dl class="facts-list">
        <dt>limner</dt><dd>${about.value?.version}</dd>
        <dt>${t("settings.models")}</dt><dd>${about.value?.models.join(", ") || t("model.storyteller")}</dd>
        <dt>${t("settings.backends")}</dt><dd>${about.value?.backends.join(", ")}</dd>
        ${about.value?.bears && html`<dt>${t("settings.bears")}</dt><dd>${about.value.bears}</dd>`}
      </dl>
      ${about.value?.user && html`<form method="post" action="logout"><button class="quiet">${t("logout", { user: about.value.user })}</button></form>`}
    </section>
  </div>`;
}

/** What only this browser is told. */
function Browser() {
  const [theme, setTheme] = useState(recall("theme") ?? "system");
  /** @param {string} wanted */
  const choose = (wanted) => {
    setTheme(wanted);
    remember("theme", wanted === "system" ? null : wanted);
    if (wanted === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = wanted;
  };
  return html`<section class="card"><h2>${t("settings.browser")}</h2>
    <div class="setting"><label for="language">${t("settings.language")}</label>
      <select id="language" value=${language.value} onChange=${(/** @type {any} */ event) => chooseLanguage(event.target.value)}>
        ${Object.entries(LANGUAGES).map(([code, name]) => html`<option key=${code} value=${code}>${name}</option>`)}
      </select></div>
    <div class="setting"><label for="theme">${t("settings.theme")}</label>
      <select id="theme" value=${theme} onChange=${(/** @type {any} */ event) => choose(event.target.value)}>
        ${/** @type {const} */ (["system", "light", "dark"]).map((name) => html`<option key=${name} value=${name}>${t(`theme.${name}`)}</option>`)}
      </select></div>
  </section>`;
}

/** @param {{field: Field, choices?: [string, string][]}} props */
function One({ field, choices = [] }) {
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
    else if (kind !== "number") choose(target.value || (name === "model" ? null : ""));
    else if (target.value === "") choose(null);
    else choose(Number(target.value));
  };
  const shared = { id, "aria-describedby": `${id}-about`, "aria-invalid": Boolean(wrong), onChange: picked };
  return html`<div class="setting">
    <label for=${id}>${t(/** @type {Key} */ (`setting.${name}`))}</label>
    ${kind === "switch" && html`<input type="checkbox" role="switch" ...${shared} checked=${value} />`}
    ${kind === "number" && html`<input type="number" ...${shared} min=${field.min} max=${field.max} step=${field.step ?? "any"} value=${value ?? ""} />`}
    ${kind === "long" && html`<textarea ...${shared} rows="2" dir="auto" value=${value}></textarea>`}
    ${kind === "choice" && html`<select ...${shared} value=${value ?? ""}>${choices.map(([key, word]) => html`<option key=${key} value=${key}>${word}</option>`)}</select>`}
    ${chosen ? html`<${IconButton} icon="rotate" label=${t("settings.reset")} onClick=${() => choose(null)} />` : html`<span></span>`}
    <p id=${`${id}-about`} class="small">${wrong ? html`<span class="wrong" role="alert">${wrong}</span>` : t(/** @type {Key} */ (`setting.${name}.about`))}</p>
  </div>`;
}
