/** How other front-ends are told of this server, and whether they have asked already. */
import { html } from "../../html.js";
import { on } from "../../state/live.js";
import { attempt } from "../../state/notices.js";
import { forget, origins } from "../../state/origins.js";
import { get } from "../../state/server.js";
import { about, admin } from "../../state/settings.js";
import { t } from "../../state/words.js";
import { useEffect, useState } from "../../vendor/hooks.js";
import { copyText } from "../copying.js";
import { Head } from "../head.js";
import { IconButton } from "../icon.js";
import { Found } from "./found.js";
import { Light } from "./light.js";
import { Silent } from "./silent.js";

/** @typedef {import("./light.js").Decision} Decision */

const FRONT_ENDS = /** @type {const} */ ([
  ["SillyTavern", "connect.sillytavern", ["connect.sillytavern.1", "connect.sillytavern.2", "connect.sillytavern.3"]],
  ["Open WebUI", "connect.openwebui", ["connect.openwebui.1", "connect.openwebui.2"]],
  ["LibreChat", "connect.librechat", ["connect.librechat.1"]],
  ["LobeChat", "connect.lobechat", ["connect.lobechat.1"]],
]);

/** Where model servers usually are; the one that is shown above is Ollama's. */
const USUAL = /** @type {const} */ ([
  ["LM Studio", "http://127.0.0.1:1234/v1"],
  ["llama.cpp", "http://127.0.0.1:8080/v1"],
  ["OpenAI", "https://api.openai.com/v1"],
]);

/** What is pasted where a front-end is set up by a file. @param {string} base @returns {Record<string, string>} */
const pasted = (base) => ({
  SillyTavern: "limner sillytavern install PATH",
  LibreChat: `endpoints:\n  custom:\n    - name: limner\n      apiKey: none\n      baseURL: ${base}\n      models: { default: [default], fetch: true }`,
  programs: `curl ${base}/chat/completions -H 'Content-Type: application/json' \\\n  -d '{"model": "default", "stream": true, "messages": [{"role": "user", "content": "A tale, please."}]}'`,
});

export function Connect() {
  const told = about.value;
  const decisions = useDecisions();
  const known = new Set(FRONT_ENDS.map(([name]) => /** @type {string} */ (name)));
  const others = decisions.filter((one) => !known.has(one.front_end));
  const texts = pasted(told?.base ?? "");
  return html`<${Head} title=${t("connect")} />
  <div class="pane">
    ${admin.value && html`<${Silent} /><${Found} />`}
    <p>${t("connect.text")}</p>
    <div class="card">
      <h2>${t("connect.address")}</h2>
      <${Copied} text=${told?.base ?? ""} />
      <p class="small">${told?.user ? t("connect.token", { user: told.user }) : t("connect.notoken")}</p>
    </div>
    ${told?.storyteller && html`<p class="hint card">${t("connect.nomodel")} <code>limner serve --llm http://127.0.0.1:11434/v1</code>
      <span class="small">${t("connect.usual")} ${USUAL.map(([name, address], n) => html`${n > 0 && " · "}${name} <code>${address}</code>`)}</span></p>`}
    ${FRONT_ENDS.map(([name, , steps]) => html`<section key=${name} class="card front-end"><h2>${name}
        <${Light} decisions=${decisions.filter((one) => one.front_end === name)} /></h2>
      <ol>${steps.map((step) => html`<li key=${step}>${t(step)}</li>`)}</ol>
      ${texts[name] && html`<${Copied} text=${texts[name]} />`}</section>`)}
    <section class="card front-end"><h2>${t("connect.other")} <${Light} decisions=${others} named=${true} /></h2>
      <p>${t("connect.programs")}</p><${Copied} text=${texts.programs} /></section>
    ${origins.value.paired.length > 0 && html`<section class="card"><h2>${t("origins")}</h2>
      <ul class="origins">${origins.value.paired.map((one) => html`<li key=${one.origin} class="row">
        <span class="grow"><b dir="auto">${one.name}</b> <code>${one.origin}</code></span>
        <button type="button" class="quiet" onClick=${() => forget(one.origin)}>${t("origins.forget")}</button></li>`)}</ul></section>`}
    <p class="small row">${["openapi.json", "healthz", "metrics"].map((name) => html`<a key=${name} href=${name}>/${name}</a>`)}</p>
  </div>`;
}

/** @param {{text: string}} props */
function Copied({ text }) {
  return html`<div class="row copied"><code class="address">${text}</code>
    <${IconButton} icon="copy" label=${t("copy")} onClick=${() => copyText(text)} /></div>`;
}

/** What was decided of the last answers, as it comes. */
function useDecisions() {
  const [decisions, setDecisions] = useState(/** @type {Decision[]} */ ([]));
  useEffect(() => {
    if (!admin.value) return undefined;
    const load = () => attempt(async () => setDecisions((await get("/api/decisions")).decisions));
    let soon = 0;
    load();
    const off = on("decisions", () => {
      clearTimeout(soon);
      soon = setTimeout(load, 200);
    });
    return () => {
      clearTimeout(soon);
      off();
    };
  }, [admin.value]);
  return decisions;
}
