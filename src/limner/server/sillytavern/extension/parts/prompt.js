/** The form for a picture's prompt: by hand, by a model as one wishes, or as it was before. */

import { showDialog } from "./dialog.js";
import { redraw, refine, setPrompt, slotOf } from "./doing.js";
import { make } from "./element.js";
import { t } from "./words.js";

/** @param {string} id */
export async function editPrompt(id) {
  const slot = await slotOf(id);
  if (!slot) return;
  const text = make("textarea.text_pole", { rows: 4, dir: "auto", "aria-label": t("prompt") });
  text.value = slot.prompt;
  const wish = make("input.text_pole", { dir: "auto", placeholder: t("improveWish"), "aria-label": t("improveWish") });
  const improving = make("button.menu_button", { onclick: improve }, t("improve"));
  const versions = make("details.limner-versions");

  /** @param {any} now */
  function list(now) {
    const earlier = now.versions.filter((/** @type {any} */ one) => one.text !== text.value);
    versions.hidden = earlier.length === 0;
    versions.replaceChildren(make("summary", {}, t("earlier")));
    for (const one of earlier.reverse()) {
      versions.append(make("button.limner-version", { dir: "auto", onclick: () => (text.value = one.text) }, one.text));
    }
  }
  async function improve() {
    if (!wish.value.trim()) return wish.focus();
    improving.disabled = true;
    const told = await refine(id, wish.value.trim());
    improving.disabled = false;
    if (!told) return;
    text.value = told.prompt;
    wish.value = "";
    list(told);
  }
  /** @param {"append" | "replace"} mode */
  async function draw(mode) {
    if (!text.value.trim()) return text.focus();
    if ((await setPrompt(id, text.value.trim())) && (await redraw(id, mode))) dialog.close();
  }
  wish.addEventListener("keydown", (event) => event.key === "Enter" && improve());
  list(slot);
  const ends = make(
    "div.limner-ends",
    {},
    make("button.menu_button", { onclick: () => dialog.close() }, t("cancel")),
    slot.alternatives.length > 0 && make("button.menu_button", { onclick: () => draw("append") }, t("promptKeep")),
    make("button.menu_button.limner-main", { onclick: () => draw("replace") }, t("promptDraw")),
  );
  const dialog = showDialog("limner-prompt", t("promptTitle"), text, make("div.limner-row", {}, wish, improving), versions, ends);
  text.focus();
}
