/** What holds in this conversation alone. */

import { html } from "../html.js";
import { chatId, choices } from "../state/conversation.js";
import { attempt } from "../state/notices.js";
import { get } from "../state/server.js";
import { loadModels, models, settings } from "../state/settings.js";
import { tuned } from "../state/view.js";
import { t } from "../state/words.js";
import { useEffect, useState } from "../vendor/hooks.js";
import { Dialog } from "./dialog.js";
import { tune } from "./tuned.js";
import { Typed } from "./typed.js";

export function Tuning() {
  const [presets, setPresets] = useState(/** @type {{id: string, name: string}[]} */ ([]));
  useEffect(() => {
    attempt(loadModels);
    attempt(async () => setPresets((await get("/api/presets")).presets));
  }, []);
  const close = () => (tuned.value = false);
  const chosen = choices.value;
  const common = settings.value?.settings;
  const nameOf = (/** @type {string} */ id) => presets.find((one) => one.id === id)?.name ?? id;
  return html`<${Dialog} title=${t("tuning")} onClose=${close} class="tuning">
    <p class="small">${chatId.value ? t("tuning.about") : t("tuning.new")}</p>
    <label for="tuning-model">${t("model")}</label>
    <select id="tuning-model" value=${chosen?.model ?? ""} onChange=${(/** @type {any} */ event) => tune({ model: event.target.value || null })}>
      <option value="">${t("tuning.common", { value: common?.model ?? t("model.default") })}</option>
      ${namesOf(chosen?.model).map((name) => html`<option key=${name} value=${name}>${name}</option>`)}
    </select>
    <label for="tuning-system">${t("setting.system_prompt")}</label>
    <${Typed} tag="textarea" id="tuning-system" rows="4" dir="auto" value=${chosen?.system_prompt} placeholder=${common?.system_prompt || t("setting.system_prompt.about")}
      keep=${(/** @type {any} */ event) => tune({ system_prompt: event.target.value || null })} />
    <label for="tuning-preset">${t("setting.preset")}</label>
    <select id="tuning-preset" value=${chosen?.preset ?? ""} onChange=${(/** @type {any} */ event) => tune({ preset: event.target.value || null })}>
      <option value="">${t("tuning.common", { value: nameOf(common?.preset ?? "default") })}</option>
      <option value="none">${t("tuning.none")}</option>
      ${presets.map((one) => html`<option key=${one.id} value=${one.id}>${one.name}</option>`)}
    </select>
    <label for="tuning-prompts">${t("setting.prompts")}</label>
    <select id="tuning-prompts" value=${chosen?.prompts ?? ""} onChange=${(/** @type {any} */ event) => tune({ prompts: event.target.value || null })}>
      <option value="">${t("tuning.common", { value: t(common?.prompts === "second" ? "prompts.second" : "prompts.model") })}</option>
      <option value="model">${t("prompts.model")}</option>
      <option value="second">${t("prompts.second")}</option>
    </select>
    ${(chosen?.prompts ?? common?.prompts) === "second" && html`<label for="tuning-prompts-model">${t("setting.prompts_model")}</label>
    <select id="tuning-prompts-model" value=${chosen?.prompts_model ?? ""} onChange=${(/** @type {any} */ event) => tune({ prompts_model: event.target.value || null })}>
      <option value="">${t("tuning.common", { value: common?.prompts_model ?? t("prompts.same") })}</option>
      ${namesOf(chosen?.prompts_model).map((name) => html`<option key=${name} value=${name}>${name}</option>`)}
    </select>`}
    <label class="switch"><input type="checkbox" role="switch" checked=${chosen?.blurred ?? false}
      onChange=${(/** @type {any} */ event) => tune({ blurred: event.target.checked })} />${t("picture.blur")}</label>
    <div class="ends"><button type="button" class="main" onClick=${close}>${t("close")}</button></div>
  </${Dialog}>`;
}

/** The models there are, and the one that was chosen if it is not among them. @param {string | null | undefined} chosen */
function namesOf(chosen) {
  const names = (models.value ?? []).map((one) => one.name);
  if (chosen && !names.includes(chosen)) names.unshift(chosen);
  return names;
}
