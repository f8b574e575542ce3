/** A text that is there already gets its pictures. */
import { html } from "../html.js";
import { draftOf, keepDraft } from "../state/memory.js";
import { illustrate } from "../state/turns.js";
import { t } from "../state/words.js";
import { useState } from "../vendor/hooks.js";
import { Head } from "./head.js";

const DRAFT = "illustrate";

export function Illustrate() {
  const [text, setText] = useState(draftOf(DRAFT));
  const [busy, setBusy] = useState(false);
  const [over, setOver] = useState(false);
  /** @param {string} now */
  const typed = (now) => {
    setText(now);
    keepDraft(DRAFT, now.length < 200_000 ? now : "");
  };
  const begin = async () => {
    setBusy(true);
    if (await illustrate(text)) keepDraft(DRAFT, "");
    setBusy(false);
  };
  /** @param {Event} event */
  const above = (event) => {
    event.preventDefault();
    setOver(true);
  };
  /** @param {DragEvent} event */
  const dropped = async (event) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer?.files[0];
    if (file) typed(await file.text());
  };
  return html`<${Head} title=${t("illustrate")} />
  <div class="pane">
    <p>${t("illustrate.text")}</p>
    <textarea class="manuscript" dir="auto" data-over=${over} value=${text} aria-label=${t("illustrate.label")} placeholder=${t("illustrate.label")}
      onInput=${(/** @type {any} */ event) => typed(event.target.value)}
      onDragOver=${above}
      onDragLeave=${() => setOver(false)} onDrop=${dropped}></textarea>
    <p class="small">${t("illustrate.tags")} <code>${'<!--img-prompt="a fox in the snow"-->'}</code></p>
    <div class="ends"><button type="button" class="main" disabled=${busy || !text.trim()} onClick=${begin}>${t("illustrate.begin")}</button></div>
  </div>`;
}
