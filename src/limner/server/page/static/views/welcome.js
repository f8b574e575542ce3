/** What is shown where nothing has been said yet. */
import { html } from "../html.js";
import { about } from "../state/settings.js";
import { say, tellSample } from "../state/turns.js";
import { t } from "../state/words.js";

const IDEAS = /** @type {const} */ (["idea.lighthouse", "idea.dragon", "idea.forest", "idea.market"]);

export function Welcome() {
  return html`<div class="welcome">
    <h2>${t("welcome.title")}</h2>
    <p>${t("welcome.text")}</p>
    <ul class="ideas">
      ${IDEAS.map((idea) => html`<li key=${idea}><button type="button" onClick=${() => say(t(idea))}>${t(idea)}</button></li>`)}
    </ul>
    ${about.value?.sample && html`<p><button type="button" class="quiet" onClick=${tellSample}>${t("welcome.sample")}</button></p>`}
    ${about.value?.storyteller && html`<p class="hint">${t("welcome.storyteller")}</p>`}
  </div>`;
}
