/** The head of a view that is no conversation. */

import { html } from "../html.js";
import { aside, showAside } from "../state/view.js";
import { t } from "../state/words.js";
import { IconButton } from "./icon.js";
import { Indicator } from "./indicator.js";

/** @param {{title: string, children?: any}} props */
export function Head({ title, children }) {
  return html`<header class="head">
    ${!aside.value && html`<${IconButton} icon="menu" label=${t("sidebar.open")} onClick=${() => showAside(true)} />`}
    <h1>${title}</h1>
    <${Indicator} />
    ${children}
  </header>`;
}
