/** A dialog of the browser's own: it keeps the focus, gives it back, and Escape closes it. */
import { iconButton, make } from "./element.js";
import { t } from "./words.js";

let named = 0;

/**
 * @param {string} kind A class.
 * @param {string} title
 * @param {...Node} content
 */
export function showDialog(kind, title, ...content) {
  const name = `limner-title-${++named}`;
  const dialog = make(`dialog.limner-dialog.${kind}`, { "aria-labelledby": name });
  const head = make("header", {}, make("h3", { id: name, dir: "auto" }, title), iconButton("fa-xmark", t("close"), () => dialog.close()));
  dialog.append(head, ...content);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("keydown", (event) => event.stopPropagation()); // SillyTavern has keys of its own
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
