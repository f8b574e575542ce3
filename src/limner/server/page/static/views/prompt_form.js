/** The form for a prompt: by hand, by a wish that a model fulfils, or an earlier one. */
import { html } from "../html.js";
import { edited, refine, rewrite } from "../state/pictures.js";
import { about } from "../state/settings.js";
import { slotOf } from "../state/slots.js";
import { link } from "../state/view.js";
import { t } from "../state/words.js";
import { useEffect, useRef, useState } from "../vendor/hooks.js";
import { Dialog } from "./dialog.js";

/** The form for a prompt, wherever it was asked for. */
export function PromptForm() {
  const id = edited.value;
  if (!id) return null;
  return html`<${Prompt} key=${id} id=${id} />`;
}

/** @param {{id: string}} props */
function Prompt({ id }) {
  const slot = slotOf(id).value;
  const [prompt, setPrompt] = useState(slot?.prompt ?? "");
  const [wish, setWish] = useState("");
  const [busy, setBusy] = useState(false);
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  useEffect(() => field.current?.focus(), []);
  const close = () => (edited.value = null);
  if (!slot) return null;

  /** @param {"replace" | "append"} mode */
  const draw = async (mode) => {
    setBusy(true);
    if (await rewrite(id, prompt.trim(), mode)) close();
    setBusy(false);
  };
  const improve = async () => {
    setBusy(true);
    const told = await refine(id, wish.trim());
    if (told) {
      setPrompt(told.prompt);
      setWish("");
    }
    setBusy(false);
  };
  // Without a model nobody understands a wish; its words are drawn all the same where they are joined.
  const alone = about.value?.storyteller ?? false;
  const join = () => {
    setPrompt(joined(prompt, wish));
    setWish("");
    field.current?.focus();
  };
  const fulfil = alone ? join : improve;
  return html`<${Dialog} title=${t("prompt.title")} onClose=${close} class="prompt-form">
    <label for="prompt-text">${t("prompt.text")}</label>
    <textarea id="prompt-text" ref=${field} rows="4" dir="auto" value=${prompt} disabled=${busy}
      onInput=${(/** @type {any} */ event) => setPrompt(event.target.value)}></textarea>
    <label for="prompt-wish">${t(alone ? "prompt.add" : "prompt.wish")}</label>
    <div class="row">
      <input id="prompt-wish" dir="auto" value=${wish} disabled=${busy} placeholder=${t(alone ? "prompt.add.example" : "prompt.wish.example")}
        onInput=${(/** @type {any} */ event) => setWish(event.target.value)}
        onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Enter" && wish.trim() && fulfil()} />
      <button type="button" class="quiet" disabled=${busy || !wish.trim()} onClick=${fulfil}>${t(alone ? "prompt.join" : "prompt.improve")}</button>
    </div>
    ${alone && html`<p class="small">${t("prompt.alone")} <a href=${link("connect")} onClick=${close}>${t("connect.one")}</a></p>`}
    ${slot.versions.length > 1 && html`<details class="versions">
      <summary>${t("prompt.earlier")}</summary>
      <ul>${slot.versions.map(
        (one) => html`<li key=${one.number}><button type="button" class="version" dir="auto" aria-current=${one.number === slot.version}
          onClick=${() => setPrompt(one.text)}>${one.text}</button></li>`,
      )}</ul>
    </details>`}
    <div class="ends">
      <button type="button" class="quiet" onClick=${close}>${t("cancel")}</button>
      ${slot.alternatives.length > 0 && html`<button type="button" class="quiet" disabled=${busy || !prompt.trim()}
        onClick=${() => draw("append")}>${t("prompt.beside")}</button>`}
      <button type="button" class="main" disabled=${busy || !prompt.trim()} onClick=${() => draw("replace")}>${t("prompt.draw")}</button>
    </div>
  </${Dialog}>`;
}

/**
 * A prompt with more words at its end.
 * @param {string} prompt
 * @param {string} more
 */
function joined(prompt, more) {
  const before = prompt.trim().replace(/[\s,，.。;；]+$/u, "");
  const glue = /\p{Script=Han}$/u.test(before) ? "，" : ", ";
  return before ? `${before}${glue}${more.trim()}` : more.trim();
}
