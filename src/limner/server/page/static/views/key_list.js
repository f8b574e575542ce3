/** The list of keys. */

import { html } from "../html.js";
import { helped } from "../state/view.js";
import { t } from "../state/words.js";
import { Dialog } from "./dialog.js";

const ROWS = /** @type {const} */ ([
  ["?", "keys.help"],
  ["/", "keys.search"],
  ["c", "keys.write"],
  ["Shift N", "keys.new"],
  ["g", "keys.gallery"],
  ["q", "keys.queue"],
  ["s", "keys.sidebar"],
  ["Esc", "keys.stop"],
  ["Enter", "keys.send"],
  ["n m p", "keys.turn"],
  ["r", "keys.again"],
  ["e", "keys.prompt"],
  ["← → Home End", "keys.neighbours"],
  ["+ − 0", "keys.zoom"],
  ["t f d x", "keys.viewer"],
  ["↑ ↓", "keys.order"],
  ["Shift Ctrl", "keys.choose"],
]);

export function Keys() {
  return html`<${Dialog} title=${t("keys")} onClose=${() => (helped.value = false)} class="keys">
    <dl>${ROWS.map(
      ([keys, word]) => html`<div key=${word}><dt>${keys.split(" ").map((key) => html`<kbd>${key}</kbd>`)}</dt><dd>${t(word)}</dd></div>`,
    )}</dl>
  </${Dialog}>`;
}
