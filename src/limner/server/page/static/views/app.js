/** The whole page: what is beside, what is shown, and what lies above it. */
import { html } from "../html.js";
import { connection } from "../state/live.js";
import { dismiss, notices } from "../state/notices.js";
import { aside, asking, helped } from "../state/panels.js";
import { looked } from "../state/pictures.js";
import { shown as queueShown } from "../state/queue.js";
import { route } from "../state/route.js";
import { language, t } from "../state/words.js";
import { useEffect, useState } from "../vendor/hooks.js";
import { Conversation } from "./conversation.js";
import { IconButton } from "./icon.js";
import { Keys, listen } from "./keys.js";
import { PromptForm } from "./picture_menu.js";
import { QueuePanel } from "./queue.js";
import { Sidebar } from "./sidebar.js";
import { Viewer } from "./viewer.js";

const STYLE = new URL("../style/views.css", import.meta.url).href;

/** The style of the further views, once. */
function styled() {
  if (document.querySelector(`link[href="${STYLE}"]`)) return undefined;
  return new Promise((done, failed) => {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = STYLE;
    style.onload = done;
    style.onerror = failed;
    document.head.append(style);
  });
}

/** @type {Record<string, () => Promise<any>>} Views that are loaded when they are wanted. */
const FURTHER = {
  gallery: async () => (await import("./gallery.js")).Gallery,
  settings: async () => (await import("./settings.js")).Settings,
  connect: async () => (await import("./connect.js")).Connect,
  illustrate: async () => (await import("./illustrate.js")).Illustrate,
  asking: async () => (await import("./asking.js")).Asking,
};

export function App() {
  useEffect(listen, []);
  const { view } = route.value;
  return html`<div class="page" data-aside=${aside.value} key=${language.value}>
    <a class="skip" href="#main" onClick=${(/** @type {Event} */ event) => {
      event.preventDefault();
      document.getElementById("main")?.focus();
    }}>${t("skip")}</a>
    <${Sidebar} />
    <main id="main" tabindex="-1">
      ${view in FURTHER ? html`<${Further} key=${view} view=${view} />` : html`<${Conversation} />`}
    </main>
    ${queueShown.value && html`<${QueuePanel} />`}
    ${looked.value && html`<${Viewer} />`}
    <${PromptForm} />
    ${asking.value[0] && html`<${Further} view="asking" />`}
    ${helped.value && html`<${Keys} />`}
    <${Notices} />
  </div>`;
}

/** @param {{view: string}} props */
function Further({ view }) {
  const [found, setFound] = useState(/** @type {{View: any} | "failed" | null} */ (null));
  useEffect(() => {
    Promise.all([FURTHER[view](), styled()]).then(([View]) => setFound({ View })).catch(() => setFound("failed"));
  }, []);
  if (found === "failed") {
    return html`<div class="empty"><p>${t("error.updated")}</p>
      <button type="button" class="main" onClick=${() => location.reload()}>${t("reload")}</button></div>`;
  }
  return found ? html`<${found.View} />` : html`<div class="empty" aria-busy="true"></div>`;
}

function Notices() {
  const lost = connection.value === "lost";
  return html`<div class="notices" role="status" aria-live="polite">
    ${lost && html`<div class="notice wrong" key="lost">${t("connection.lost")}</div>`}
    ${notices.value.map(
      (one) => html`<div key=${one.id} class=${`notice ${one.wrong ? "wrong" : ""}`}>
        <span dir="auto">${one.text}</span>
        ${one.label && html`<button type="button" onClick=${() => {
          dismiss(one.id);
          one.act?.();
        }}>${one.label}</button>`}
        <${IconButton} icon="close" label=${t("close")} onClick=${() => dismiss(one.id)} />
      </div>`,
    )}
  </div>`;
}
