/** One message: who speaks, what is said, and what one can do with it. */
import { html } from "../html.js";
import { revised, writing } from "../state/conversation.js";
import { attempt, tell } from "../state/notices.js";
import { path, post } from "../state/server.js";
import { slotOf, unfinished } from "../state/slots.js";
import { another, branch, discardMessage, flip, goOn } from "../state/turns.js";
import { counted, t } from "../state/words.js";
import { Blocks } from "./blocks.js";
import { Icon, IconButton } from "./icon.js";
import { Menu } from "./menu.js";

/** @typedef {import("../state/conversation.js").Shown} Shown */

/** @param {{message: Shown}} props */
export function Message({ message }) {
  const { role } = message;
  const name = t(role === "user" ? "you" : role === "system" ? "system" : "storyteller");
  return html`<article class=${`message ${role}`} aria-label=${name} data-writing=${message.writing.value}
    onClick=${role === "user" ? undefined : leadOut}>
    ${role === "user" ? html`<div class="said" dir="auto">${message.told.value.text}</div>` : html`<div class="text"><${Blocks} message=${message} /></div>`}
    ${message.writing.value && message.bare.value && html`<p class="thinking">${t("writing")}</p>`}
    <${Foot} message=${message} />
  </article>`;
}

/**
 * Links of a text lead to places in it, or to a page of their own.
 * @param {MouseEvent} event
 */
function leadOut(event) {
  const found = event.target instanceof Element ? event.target.closest(".text a[href]") : null;
  if (!found) return;
  event.preventDefault();
  const href = found.getAttribute("href") ?? "";
  if (href.startsWith("#")) document.getElementById(decodeURIComponent(href.slice(1)))?.scrollIntoView({ block: "center" });
  else window.open(href, "_blank", "noopener,noreferrer");
}

/** @param {{message: Shown}} props */
function Foot({ message }) {
  if (message.role === "user") {
    return html`<div class="foot">
      <${IconButton} icon="edit" label=${t("message.edit")} onClick=${() => revise(message)} />
      <${IconButton} icon="copy" label=${t("message.copy")} onClick=${() => copy(message)} />
      <${IconButton} icon="trash" label=${t("message.delete")} onClick=${() => discardMessage(message)} />
    </div>`;
  }
  const told = message.told.value;
  const busy = message.writing.value;
  return html`${told.state === "cut" && !busy && html`<p class="cut">${t("message.cut")}</p>`}
  <div class="foot" hidden=${busy}>
    ${told.variants.length > 1 && html`<${Variants} message=${message} />`}
    <${IconButton} icon="again" label=${t("message.again")} disabled=${writing.value !== null} onClick=${() => another(message)} />
    <${IconButton} icon="play" label=${t("message.continue")} disabled=${writing.value !== null} onClick=${() => goOn(message)} />
    <${IconButton} icon="copy" label=${t("message.copy")} onClick=${() => copy(message)} />
    <${Menu} icon="more" label=${t("message.more")} items=${[
      { label: t("message.branch"), icon: "branch", act: () => branch(message) },
      told.slots.length > 0 && { label: t("message.redraw"), icon: "picture", act: () => redrawAll(message) },
      told.slots.length > 0 && { label: t("message.undo"), icon: "rotate", act: () => takeBack(message) },
      { label: t("delete"), icon: "trash", act: () => discardMessage(message) },
    ]} />
  </div>
  <${Progress} message=${message} />`;
}

/** @param {{message: Shown}} props */
function Variants({ message }) {
  const { variant, variants } = message.told.value;
  const place = variants.indexOf(variant);
  return html`<span class="variants">
    <${IconButton} icon="left" label=${t("message.previous")} disabled=${place === 0} onClick=${() => flip(message, -1)} />
    <span aria-live="polite">${place + 1} / ${variants.length}</span>
    <${IconButton} icon="right" label=${t("message.next")} disabled=${place + 1 === variants.length} onClick=${() => flip(message, 1)} />
  </span>`;
}

/** What is still drawn of a message, and how to stop it. @param {{message: Shown}} props */
function Progress({ message }) {
  // While the text grows nothing stands below it that would have to move; the head tells how far all is.
  if (message.writing.value) return null;
  const ids = message.slots.value;
  const open = unfinished(ids);
  const failed = ids.filter((id) => slotOf(id).value?.state === "failed");
  if (!open.length && !failed.length) return null;
  return html`<div class="progress">
    ${open.length > 0 && html`<${Icon} name="picture" />
      <span>${t("progress.of", { done: ids.length - open.length - failed.length, all: ids.length })}</span>`}
    ${failed.length > 0 && !open.length && html`<${Icon} name="warning" /><span>${counted("failed", failed.length)}</span>
      <button type="button" class="quiet" onClick=${() => attempt(() => post(path`/api/messages/${message.id}/retry`))}>${t("retry.all")}</button>`}
  </div>`;
}

/** @param {Shown} message */
function revise(message) {
  revised.value = message;
  document.getElementById("composer")?.focus();
}

/** @param {Shown} message */
async function copy(message) {
  const { text, pieces } = message.told.value;
  const plain = pieces?.map((piece) => piece.text ?? "").join("") ?? text;
  try {
    await navigator.clipboard.writeText(plain.trim());
    tell(t("copied"));
  } catch {
    tell(t("error.copy"), { wrong: true });
  }
}

/** @param {Shown} message */
function redrawAll(message) {
  return attempt(() => post(path`/api/messages/${message.id}/regenerate`, { mode: "append" }));
}

/** @param {Shown} message */
function takeBack(message) {
  return attempt(() => post(path`/api/messages/${message.id}/undo`));
}
