/** A field that keeps what is typed, whatever is told of its value meanwhile, until that is taken. */
import { html } from "../html.js";
import { useState } from "../vendor/hooks.js";

/**
 * @param {{tag?: "input" | "textarea", value: any, keep: (event: any) => unknown} & Record<string, any>} props `keep`
 * takes what was typed; false: it stays as it is, for whoever typed it to mend.
 */
export function Typed({ tag = "input", value, keep, ...rest }) {
  const [draft, setDraft] = useState(/** @type {string | null} */ (null));
  return html`<${tag} ...${rest} value=${draft ?? value ?? ""} onInput=${(/** @type {any} */ event) => setDraft(event.target.value)}
    onChange=${async (/** @type {any} */ event) => {
      if ((await keep(event)) !== false) setDraft(null);
    }} />`;
}
