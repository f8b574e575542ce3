/** The whole page: what is beside, what is shown, and what lies above it. */

import { html } from "../html.js";
import { connection } from "../state/live.js";
import { dismiss, notices } from "../state/notices.js";
import { edited, erased, looked, reshaped } from "../state/pictures.js";
import { shown as queueShown } from "../state/queue.js";
import { aside, asking, dialogs, helped, route, tuned } from "../state/view.js";
import { language, t } from "../state/words.js";
import { useEffect } from "../vendor/hooks.js";
import { Conversation } from "./conversation.js";
import { Further, VIEWS } from "./further.js";
import { IconButton } from "./icon.js";
import { listen } from "./keys.js";
import { Sidebar } from "./sidebar.js";

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
      ${VIEWS.has(view) ? html`<${Further} key=${view} name=${view} />` : html`<${Conversation} />`}
    </main>
    ${queueShown.value && html`<${Further} name="queue" above=${true} />`}
    ${looked.value && html`<${Further} name="viewer" above=${true} />`}
    ${edited.value && html`<${Further} name="prompt" above=${true} />`}
    ${reshaped.value && html`<${Further} name="shape" above=${true} />`}
    ${erased.value && html`<${Further} name="erasing" above=${true} />`}
    ${tuned.value && html`<${Further} name="tuning" above=${true} />`}
    ${asking.value[0] && html`<${Further} name="asking" above=${true} />`}
    ${helped.value && html`<${Further} name="keys" above=${true} />`}
    <${Notices} />
  </div>`;
}

/**
 * What was done, and what could not be; an open dialog has it within itself, for else nobody reaches it.
 * @param {{within?: boolean}} props
 */
export function Notices({ within = false }) {
  const lost = connection.value === "lost";
  return html`<div class="notices" role="status" aria-live="polite" data-behind=${!within && dialogs.value > 0}>
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
