/** A text that is there already gets its pictures. */
import { html } from "../html.js";
import { draftOf, keepDraft } from "../state/memory.js";
import { attempt } from "../state/notices.js";
import { at, Refused } from "../state/server.js";
import { illustrate } from "../state/turns.js";
import { t } from "../state/words.js";
import { useRef, useState } from "../vendor/hooks.js";
import { Head } from "./head.js";

const DRAFT = "illustrate";

export function Illustrate() {
  const [text, setText] = useState(draftOf(DRAFT));
  const [scenes, setScenes] = useState("auto");
  const [busy, setBusy] = useState(false);
  const file = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [over, setOver] = useState(false);
  /** @param {string} now */
  const typed = (now) => {
    setText(now);
    keepDraft(DRAFT, now.length < 200_000 ? now : "");
  };
  const begin = async () => {
    setBusy(true);
    if (await illustrate(text, scenes)) keepDraft(DRAFT, "");
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
    await read(event.dataTransfer?.files[0]);
  };
  /** A story in a file of whatever kind; the server makes text of it. @param {File | undefined} given */
  const read = async (given) => {
    if (!given) return;
    setBusy(true);
    const told = await attempt(() => send(given));
    setBusy(false);
    if (told) typed(told.text);
  };
  return html`<${Head} title=${t("illustrate")} />
  <div class="pane">
    <p>${t("illustrate.text")}</p>
    <textarea class="manuscript" dir="auto" data-over=${over} value=${text} aria-label=${t("illustrate.label")} placeholder=${t("illustrate.label")}
      onInput=${(/** @type {any} */ event) => typed(event.target.value)}
      onDragOver=${above}
      onDragLeave=${() => setOver(false)} onDrop=${dropped}></textarea>
    <div class="row"><button type="button" class="quiet" disabled=${busy} onClick=${() => file.current?.click()}>${t("illustrate.file")}</button>
      <input type="file" ref=${file} hidden aria-label=${t("illustrate.file")} onChange=${async (/** @type {any} */ event) => {
        await read(event.target.files[0]);
        event.target.value = "";
      }} /><span class="space"></span>
      <label class="row">${t("illustrate.scenes")} <select id="scenes" value=${scenes} onChange=${(/** @type {any} */ event) => setScenes(event.target.value)}>
        ${/** @type {const} */ (["auto", "words", "none"]).map((who) => html`<option key=${who} value=${who}>${t(`scenes.${who}`)}</option>`)}</select></label></div>
    <p class="small">${t("illustrate.tags")} <code>${'<!--img-prompt="a fox in the snow"-->'}</code></p>
    <div class="ends"><button type="button" class="main" disabled=${busy || !text.trim()} onClick=${begin}>${t("illustrate.begin")}</button></div>
  </div>`;
}

/** @param {File} file */
async function send(file) {
  const answer = await fetch(at(`/api/manuscripts?name=${encodeURIComponent(file.name.slice(-200))}`), { method: "POST", body: file });
  const told = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(answer.status, told?.error ?? { kind: "error", message: `HTTP ${answer.status}` });
  return told;
}
