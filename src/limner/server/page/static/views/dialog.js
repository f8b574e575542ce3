/** A dialog that keeps the focus, and gives it back to where it was. */
import { html } from "../html.js";
import { dialogs } from "../state/view.js";
import { t } from "../state/words.js";
import { useEffect, useRef } from "../vendor/hooks.js";
import { Notices } from "./app.js";
import { IconButton } from "./icon.js";

/**
 * @param {{title: string, onClose: () => void, class?: string, bare?: boolean, children?: any} & Record<string, any>} props
 */
export function Dialog({ title, onClose, class: look = "", bare = false, children, ...rest }) {
  const here = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const before = document.activeElement;
    const dialog = /** @type {HTMLDialogElement} */ (here.current);
    dialog.showModal();
    dialogs.value++;
    return () => {
      dialogs.value--;
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  /** @param {MouseEvent} event */
  const outside = (event) => {
    if (event.target === here.current) onClose();
  };
  return html`<dialog ref=${here} class=${`sheet ${look}`} aria-label=${title} ...${rest}
    onMouseDown=${outside}
    onCancel=${(/** @type {Event} */ event) => {
      event.preventDefault();
      onClose();
    }}>
    <${Notices} within=${true} />
    ${bare
      ? children
      : html`<div class="sheet-inside">
          <header><h2>${title}</h2><${IconButton} icon="close" label=${t("close")} onClick=${onClose} /></header>
          ${children}
        </div>`}
  </dialog>`;
}
