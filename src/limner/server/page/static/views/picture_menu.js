/** What one can do with a picture, by its state. */
import { chatId, choices } from "../state/conversation.js";
import { comparing, discard, edited, erased, looked, redraw, reshaped, retry } from "../state/pictures.js";
import { slotOf } from "../state/slots.js";
import { moreWords, t } from "../state/words.js";
import { copyText } from "./copying.js";
import { isDrawn, shownOf } from "./picture.js";
import { save } from "./saving.js";
import { tune } from "./tuned.js";

/**
 * @param {string} id
 * @returns {Promise<import("./menu.js").Items>}
 */
export async function itemsFor(id) {
  await moreWords();
  const slot = slotOf(id).value;
  if (!slot) return [];
  const shown = shownOf(slot);
  const several = slot.alternatives.length > 1;
  const look = (/** @type {boolean} */ beside) => () => {
    comparing.value = beside;
    looked.value = id;
  };
  return [
    shown !== null && { label: t("picture.look"), icon: "expand", act: look(false) },
    shown !== null
      ? { label: t("picture.again"), icon: "plus", act: () => redraw(id, "append") }
      : { label: t("picture.retry"), icon: "again", off: isDrawn(slot), act: () => retry(id) },
    shown !== null && { label: t("picture.replace"), icon: "again", act: () => redraw(id, "replace") },
    { label: t("picture.several"), icon: "gallery", act: () => (reshaped.value = id) },
    { label: t("picture.edit"), icon: "edit", act: () => (edited.value = id) },
    several && { label: t("picture.compare"), icon: "compare", act: look(true) },
    { label: t("picture.copy"), icon: "copy", act: () => copyText(slot.prompt) },
    shown !== null && { label: t("picture.save"), icon: "download", act: () => save(slot) },
    chatId.value !== null && {
      label: choices.value?.blurred ? t("picture.unblur") : t("picture.blur"),
      icon: "eye",
      act: () => tune({ blurred: !choices.value?.blurred }),
    },
    shown !== null && { label: t("picture.delete"), icon: "trash", act: () => discard(id) },
    shown !== null && { label: t("picture.erase"), icon: "trash", act: () => (erased.value = id) },
  ];
}
