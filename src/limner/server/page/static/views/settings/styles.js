/** Looks for pictures: what stands before and behind each prompt, with a picture to see what it does. */
import { html } from "../../html.js";
import { inWords } from "../../state/notices.js";
import { at } from "../../state/server.js";
import { change, settings } from "../../state/settings.js";
import { t } from "../../state/words.js";
import { useState } from "../../vendor/hooks.js";
import { Icon } from "../icon.js";
import { Typed } from "../typed.js";

/** @typedef {{name: string, prefix: string, suffix: string, negative: string, reference: string}} Style */

export function Styles() {
  const now = settings.value?.settings;
  const [wrong, setWrong] = useState("");
  /** @type {Style[]} */
  const styles = now?.styles ?? [];
  /** @type {string[]} */
  const worn = now?.style ?? [];
  /** @param {Record<string, unknown>} choices */
  const keep = async (choices) => {
    try {
      await change(choices);
      setWrong("");
      return true;
    } catch (error) {
      setWrong(inWords(error));
      return false;
    }
  };
  /** @param {number} n @param {Partial<Style>} part */
  const edit = (n, part) => {
    const old = styles[n];
    const changed = styles.map((one, m) => (m === n ? { ...one, ...part } : one));
    const names = worn.map((name) => (name === old.name ? (part.name ?? name) : name));
    return keep({ styles: changed, style: names });
  };
  /** @param {Style} style */
  const remove = (style) => keep({ styles: styles.filter((one) => one !== style), style: worn.filter((name) => name !== style.name) });
  /** @param {string} name */
  const wear = (name) => keep({ style: worn.includes(name) ? worn.filter((one) => one !== name) : [...worn, name] });
  const add = () => keep({ styles: [...styles, { name: free(styles), prefix: "", suffix: "", negative: "", reference: "" }] });
  return html`<section class="card styles"><h2>${t("styles")}</h2>
    <p class="small">${t("styles.about")}</p>
    ${styles.map((style, n) => html`<details key=${n} class="style"><summary><span dir="auto">${style.name}</span>
        <span class="small">${worn.includes(style.name) ? t("styles.worn") : ""}</span></summary>
      <label class="switch"><input type="checkbox" role="switch" checked=${worn.includes(style.name)} onChange=${() => wear(style.name)} />${t("styles.wear")}</label>
      <div class="parts">${/** @type {const} */ (["name", "prefix", "suffix", "negative", "reference"]).map((part) => html`<label key=${part}>${t(`styles.${part}`)}
        <${Typed} dir="auto" value=${style[part]} keep=${(/** @type {any} */ event) => edit(n, { [part]: event.target.value })} /></label>`)}</div>
      <div class="ends"><button type="button" class="quiet" onClick=${() => remove(style)}><${Icon} name="trash" />${t("delete")}</button></div>
    </details>`)}
    ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
    <div class="row"><button type="button" class="quiet" onClick=${add}><${Icon} name="plus" />${t("styles.add")}</button></div>
    <${Preview} />
  </section>`;
}

/** A name that no style has. @param {{name: string}[]} known */
export function free(known) {
  const names = new Set(known.map((one) => one.name.toLowerCase()));
  for (let n = known.length + 1; ; n++) {
    const name = t("styles.new", { n });
    if (!names.has(name.toLowerCase())) return name;
  }
}

/** What the styles of this moment make of a prompt: drawn when it is wished, and not kept. */
function Preview() {
  const [prompt, setPrompt] = useState("a fox asleep in the snow, morning light");
  const [shown, setShown] = useState(/** @type {{url: string, told: string} | null} */ (null));
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  const draw = async (/** @type {Event} */ event) => {
    event.preventDefault();
    setBusy(true);
    setWrong("");
    try {
      const answer = await fetch(at("/api/preview"), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ prompt }),
      });
      if (!answer.ok) throw new Error((await answer.json()).error.message);
      if (shown) URL.revokeObjectURL(shown.url);
      setShown({ url: URL.createObjectURL(await answer.blob()), told: decodeURIComponent(answer.headers.get("x-limner-prompt") ?? "") });
    } catch (error) {
      setWrong(inWords(error));
    }
    setBusy(false);
  };
  return html`<form class="preview" onSubmit=${draw}>
    <label for="preview-prompt">${t("styles.try")}</label>
    <div class="row"><input id="preview-prompt" dir="auto" required maxlength="2000" value=${prompt} onInput=${(/** @type {any} */ event) => setPrompt(event.target.value)} />
      <button type="submit" class="quiet" disabled=${busy}>${busy ? t("picture.drawing") : t("prompt.draw")}</button></div>
    <div class="previewed" aria-live="polite" aria-busy=${busy}>
      ${wrong && html`<p class="wrong">${wrong}</p>`}
      ${shown && html`<img src=${shown.url} alt=${prompt} /><p class="small" dir="auto">${shown.told}</p>`}
    </div>
  </form>`;
}

