/** Where one writes: it keeps what is written, and says when it cannot be sent. */
import { html } from "../html.js";
import { chatId, choices, messages, revised, writing } from "../state/conversation.js";
import { draftOf, keepDraft } from "../state/memory.js";
import { attempt } from "../state/notices.js";
import { follow } from "../state/scroll.js";
import { about, loadModels, models, settings } from "../state/settings.js";
import { unfinished } from "../state/slots.js";
import { say, sayInstead, stopDrawing, stopWriting } from "../state/turns.js";
import { t } from "../state/words.js";
import { useEffect, useRef, useState } from "../vendor/hooks.js";
import { Icon } from "./icon.js";

export function Composer() {
  const id = chatId.value;
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const [text, setText] = useState("");
  const [sending, setSending] = useState(false);
  const instead = revised.value;
  useEffect(() => {
    setText(draftOf(id));
    revised.value = null;
  }, [id]);
  useEffect(() => {
    if (instead) setText(instead.told.value.text);
  }, [instead]);
  useEffect(() => grow(field.current), [text]);

  /** @param {string} now */
  const typed = (now) => {
    setText(now);
    if (!instead) keepDraft(id, now);
  };
  const send = async () => {
    const words = text.trim();
    if (!words || sending || writing.value) return;
    setSending(true);
    follow();
    const taken = await (instead ? sayInstead(instead, words) : say(words));
    setSending(false);
    if (!taken) return;
    keepDraft(id, "");
    setText("");
    revised.value = null;
    follow();
  };
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    send();
  };
  const leave = () => {
    revised.value = null;
    setText(draftOf(id));
  };
  /** @param {KeyboardEvent} event */
  const key = (event) => {
    if (event.key === "Escape" && instead) leave();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };
  return html`<form class="composer" onSubmit=${submit}>
    ${instead && html`<p class="instead">${t("composer.instead")} <button type="button" class="quiet" onClick=${leave}>${t("cancel")}</button></p>`}
    <div class="box">
      <textarea id="composer" ref=${field} rows="1" dir="auto" value=${text} placeholder=${t("composer.placeholder")}
        aria-label=${t("composer.placeholder")} onInput=${(/** @type {any} */ event) => typed(event.target.value)} onKeyDown=${key}></textarea>
      <div class="row">
        <${Model} />
        <span class="space"></span>
        <${Stops} />
        ${!writing.value && html`<button type="submit" class="send" disabled=${!text.trim() || sending} aria-label=${t("send")} title=${t("send")}>
          <${Icon} name="send" /></button>`}
      </div>
    </div>
  </form>`;
}

/** Text and pictures are stopped each for itself. */
function Stops() {
  const open = unfinished(messages.value.flatMap((one) => one.slots.value));
  return html`
    ${open.length > 0 && html`<button type="button" class="quiet stop-pictures" onClick=${stopDrawing}>
      <${Icon} name="picture" />${t("stop.pictures")}</button>`}
    ${writing.value && html`<button type="button" class="send stop" aria-label=${t("stop.text")} title=${t("stop.text")} onClick=${stopWriting}>
      <${Icon} name="stop" /></button>`}`;
}

function Model() {
  const chosen = choices.value?.model;
  const known = models.value ?? [];
  const first = settings.value?.settings.model ?? (about.value?.storyteller ? t("model.storyteller") : t("model.default"));
  const names = known.map((one) => one.name);
  if (chosen && !names.includes(chosen)) names.unshift(chosen);
  return html`<label class="model"><${Icon} name="pen" />
    <select aria-label=${t("model")} value=${chosen ?? ""} onFocus=${() => attempt(loadModels)}
      onMouseDown=${() => !models.value && attempt(loadModels)}
      onChange=${(/** @type {any} */ event) => choose(event.target.value || null)}>
      <option value="">${first}</option>
      ${names.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}
    </select></label>`;
}

/** Who writes in this conversation. @param {string | null} model */
async function choose(model) {
  const { tune } = await import("./tuned.js");
  tune({ model });
}

/** As high as what is written in it. @param {HTMLTextAreaElement | null} field */
function grow(field) {
  if (!field || CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, 220)}px`;
}

