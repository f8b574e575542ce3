/** How other front-ends are told of this server. */
import { html } from "../html.js";
import { tell } from "../state/notices.js";
import { forget, origins } from "../state/origins.js";
import { about } from "../state/settings.js";
import { t } from "../state/words.js";
import { Head } from "./head.js";
import { IconButton } from "./icon.js";

const FRONT_ENDS = /** @type {const} */ ([
  ["SillyTavern", "connect.sillytavern"],
  ["Open WebUI", "connect.openwebui"],
  ["LibreChat", "connect.librechat"],
  ["LobeChat", "connect.lobechat"],
  ["curl, SDKs", "connect.programs"],
]);

export function Connect() {
  const told = about.value;
  return html`<${Head} title=${t("connect")} />
  <div class="pane">
    <p>${t("connect.text")}</p>
    <div class="card">
      <h2>${t("connect.address")}</h2>
      <div class="row"><code class="address">${told?.base}</code>
        <${IconButton} icon="copy" label=${t("copy")} onClick=${() => copy(told?.base ?? "")} /></div>
      <p class="small">${told?.user ? t("connect.token", { user: told.user }) : t("connect.notoken")}</p>
    </div>
    ${told?.storyteller && html`<p class="hint card">${t("connect.nomodel")} <code>limner serve --llm http://127.0.0.1:11434</code></p>`}
    ${origins.value.paired.length > 0 && html`<section class="card"><h2>${t("origins")}</h2>
      <ul class="origins">${origins.value.paired.map((one) => html`<li key=${one.origin} class="row">
        <span class="grow"><b dir="auto">${one.name}</b> <code>${one.origin}</code></span>
        <button type="button" class="quiet" onClick=${() => forget(one.origin)}>${t("origins.forget")}</button></li>`)}</ul></section>`}
    ${FRONT_ENDS.map(([name, word]) => html`<section key=${name} class="card"><h2>${name}</h2><p>${t(word)}</p></section>`)}
    <p class="small row">${["openapi.json", "healthz", "metrics"].map((name) => html`<a key=${name} href=${name}>/${name}</a>`)}</p>
  </div>`;
}

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    tell(t("copied"));
  } catch {
    tell(t("error.copy"), { wrong: true });
  }
}
