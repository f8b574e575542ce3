/** What people of a story always look like, wherever one of their names stands in a prompt. */
import { html } from "../../html.js";
import { inWords } from "../../state/notices.js";
import { change, settings } from "../../state/settings.js";
import { t } from "../../state/words.js";
import { useState } from "../../vendor/hooks.js";
import { Icon } from "../icon.js";
import { Typed } from "../typed.js";
import { free } from "./styles.js";

/** @typedef {{name: string, triggers: string[], prompt: string, negative: string, reference: string}} Character */

export function Characters() {
  const [wrong, setWrong] = useState("");
  /** @type {Character[]} */
  const all = settings.value?.settings.characters ?? [];
  /** @param {Character[]} characters */
  const keep = async (characters) => {
    try {
      await change({ characters });
      setWrong("");
    } catch (error) {
      setWrong(inWords(error));
    }
  };
  /** @param {number} n @param {Partial<Character>} part */
  const edit = (n, part) => keep(all.map((one, m) => (m === n ? { ...one, ...part } : one)));
  const add = () => keep([...all, { name: free(all), triggers: [], prompt: "", negative: "", reference: "" }]);
  return html`<section class="card styles"><h2>${t("characters")}</h2>
    <p class="small">${t("characters.about")}</p>
    ${all.map((one, n) => html`<details key=${n} class="style"><summary><span dir="auto">${one.name}</span></summary>
      <div class="parts">
        <label>${t("styles.name")}<${Typed} dir="auto" value=${one.name} keep=${(/** @type {any} */ event) => edit(n, { name: event.target.value })} /></label>
        <label>${t("characters.triggers")}<${Typed} dir="auto" value=${one.triggers.join(", ")} keep=${(/** @type {any} */ event) => edit(n, { triggers: list(event.target.value) })} /></label>
        <label>${t("characters.look")}<${Typed} dir="auto" value=${one.prompt} keep=${(/** @type {any} */ event) => edit(n, { prompt: event.target.value })} /></label>
        <label>${t("styles.negative")}<${Typed} dir="auto" value=${one.negative} keep=${(/** @type {any} */ event) => edit(n, { negative: event.target.value })} /></label>
        <label>${t("styles.reference")}<${Typed} dir="auto" maxlength="500" value=${one.reference} keep=${(/** @type {any} */ event) => edit(n, { reference: event.target.value })} /></label>
      </div>
      <div class="ends"><button type="button" class="quiet" onClick=${() => keep(all.filter((other) => other !== one))}><${Icon} name="trash" />${t("delete")}</button></div>
    </details>`)}
    ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
    <div class="row"><button type="button" class="quiet" onClick=${add}><${Icon} name="plus" />${t("characters.add")}</button></div>
  </section>`;
}

/** @param {string} words */
function list(words) {
  return words.split(/[,，]/).map((word) => word.trim()).filter(Boolean);
}
