/** What only this browser is told: language and theme. */
import { html } from "../../html.js";
import { recall, remember } from "../../state/memory.js";
import { chooseLanguage, LANGUAGES, language, t } from "../../state/words.js";
import { useState } from "../../vendor/hooks.js";

export function Browser() {
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
