/** What holds on this server, changed one by one; each choice counts at once. */
import { html } from "../../html.js";
import { attempt } from "../../state/notices.js";
import { about, admin, loadAbout, loadModels, loadSettings, models, settings } from "../../state/settings.js";
import { t } from "../../state/words.js";
import { useEffect } from "../../vendor/hooks.js";
import { Head } from "../head.js";
import { Browser } from "./browser.js";
import { Characters } from "./characters.js";
import { Costs } from "./costs.js";
import { Doctor } from "./doctor.js";
import { Setting } from "./field.js";
import { Patterns } from "./patterns.js";
import { loadPresets, Presets, presets } from "./presets.js";
import { Rates } from "./rates.js";
import { References } from "./references.js";
import { Styles } from "./styles.js";
import { Tokens } from "./tokens.js";

/** @typedef {import("../../state/words.js").Key} Key */
/** @typedef {import("./field.js").Field} Field */

/** @type {{title: Key, about?: Key, fields: Field[], More?: any}[]} */
const GROUPS = [
  {
    title: "settings.writing",
    fields: [
      { name: "model", kind: "choice" },
      { name: "system_prompt", kind: "long" },
      { name: "context_messages", kind: "number", min: 1, max: 100000, step: 1 },
      { name: "illustrate", kind: "switch" },
      { name: "mode", kind: "choice" },
      { name: "preset", kind: "choice" },
      { name: "every_words", kind: "number", min: 1, max: 10000, step: 1 },
      { name: "depth", kind: "number", min: 0, max: 1000, step: 1 },
      { name: "prompts", kind: "choice" },
      { name: "prompts_model", kind: "choice" },
      { name: "prompts_most", kind: "number", min: 1, max: 30, step: 1 },
    ],
  },
  {
    title: "settings.pictures",
    fields: [
      { name: "width", kind: "number", min: 64, max: 4096, step: 8 },
      { name: "height", kind: "number", min: 64, max: 4096, step: 8 },
      { name: "seed", kind: "number", min: 0, step: 1 },
      { name: "negative_prompt", kind: "long" },
      { name: "shown_width", kind: "number", min: 10, max: 100, step: 5 },
      { name: "default_mode", kind: "choice" },
    ],
  },
  {
    title: "settings.limits",
    fields: [
      { name: "max_concurrent", kind: "number", min: 1, max: 1000, step: 1 },
      { name: "min_interval", kind: "number", min: 0, step: 0.1 },
      { name: "picture_timeout", kind: "number", min: 0, step: 1 },
      { name: "settle_timeout", kind: "number", min: 0, step: 1 },
    ],
    More: Rates,
  },
  {
    title: "settings.budget",
    about: "settings.budget.about",
    fields: [
      { name: "budget_per_message", kind: "text" },
      { name: "budget_per_hour", kind: "text" },
      { name: "budget_per_day", kind: "text" },
      { name: "budget_in_all", kind: "text" },
      { name: "budget_per_owner_hour", kind: "text" },
      { name: "budget_per_owner_day", kind: "text" },
      { name: "budget_per_owner", kind: "text" },
    ],
  },
];

export function Settings() {
  useEffect(() => {
    attempt(loadSettings);
    attempt(loadModels);
    attempt(loadPresets);
    attempt(loadAbout);
  }, []);
  /** @type {Record<string, [string, string][]>} */
  const choices = {
    model: [["", t("model.default")], ...(models.value ?? []).map((one) => /** @type {[string, string]} */ ([one.name, one.name]))],
    preset: [...presets.value.map((one) => /** @type {[string, string]} */ ([one.id, one.name])), ["none", t("tuning.none")]],
    mode: [["", t("mode.usual")], ...["inline", "append", "hold", "off"].map((one) => /** @type {[string, string]} */ ([one, t(/** @type {Key} */ (`mode.${one}`))]))],
    prompts: [["model", t("prompts.model")], ["second", t("prompts.second")]],
    prompts_model: [["", t("prompts.same")], ...(models.value ?? []).map((one) => /** @type {[string, string]} */ ([one.name, one.name]))],
    default_mode: [["replace", t("picture.replace")], ["append", t("prompt.beside")]],
  };
  return html`<${Head} title=${t("settings")} />
  <div class="pane">
    <${Browser} />
    ${admin.value ? html`<${ForAdmins} choices=${choices} />` : about.value && html`<p class="card small">${t("admin.only")}</p><${References} />`}
    <${Server} />
  </div>`;
}

/** What everybody follows. @param {{choices: Record<string, [string, string][]>}} props */
function ForAdmins({ choices }) {
  return html`
    ${settings.value && GROUPS.map(
      (group) => html`<section key=${group.title} class="card"><h2>${t(group.title)}</h2>
        ${group.about && html`<p class="small">${t(group.about)}</p>`}
        ${group.fields.map((field) => html`<${Setting} key=${field.name} field=${field} choices=${choices[field.name]} />`)}
        ${group.More && html`<${group.More} />`}
      </section>`,
    )}
    ${settings.value && html`<${Styles} /><${Characters} />`}
    <${Presets} />
    <${References} />
    <${Patterns} />
    <${Costs} />
    <${Tokens} />`;
}

/** What it is, what only a restart changes, and whether its servers are well. */
function Server() {
  const told = about.value;
  const fixed = settings.value?.restart ?? [];
  return html`<section class="card"><h2>${t("settings.server")}</h2>
    <dl class="facts-list">
      <dt>limner</dt><dd>${told?.version}</dd>
      ${admin.value && html`<dt>${t("settings.models")}</dt><dd>${told?.models.join(", ") || t("model.storyteller")}</dd>
      <dt>${t("settings.backends")}</dt><dd>${told?.backends.join(", ")}</dd>`}
      ${told?.bears && html`<dt>${t("settings.bears")}</dt><dd>${told.bears}</dd>`}
    </dl>
    ${admin.value && html`<${Doctor} />`}
    ${admin.value && fixed.length > 0 && html`<h3>${t("settings.restart")}</h3>
      <dl class="facts-list">${fixed.map((/** @type {{name: string, value: string}} */ one) => html`<dt key=${one.name}><code>${one.name}</code></dt><dd>${one.value}</dd>`)}</dl>`}
    ${told?.user && html`<form method="post" action="logout"><button class="quiet">${t("logout", { user: told.user })}</button></form>`}
  </section>`;
}
