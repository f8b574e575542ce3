/** Patterns of tags, tried on a sample before they are put into the configuration. */
import { html } from "../../html.js";
import { inWords } from "../../state/notices.js";
import { post } from "../../state/server.js";
import { counted, t } from "../../state/words.js";
import { useEffect, useState } from "../../vendor/hooks.js";
import { copyText } from "../copying.js";
import { Icon } from "../icon.js";

/** @typedef {{matches: {start: number, end: number, source: string, prompt: string}[], problems: {pattern: string, reason: string}[], near_misses: number}} Report */

const SAMPLE = 'The fox ran home. [img: a red fox in the snow]\n\n<!--img-prompt="a fox asleep" size="wide"-->';

export function Patterns() {
  const [written, setWritten] = useState("\\[img:(.*?)\\]");
  const [text, setText] = useState(SAMPLE);
  const [report, setReport] = useState(/** @type {Report | null} */ (null));
  const [wrong, setWrong] = useState("");
  const patterns = written.split("\n").filter((line) => line.trim());
  useEffect(() => {
    let over = false;
    const timer = setTimeout(async () => {
      if (!text) return setReport(null);
      try {
        const told = await post("/api/patterns/check", { patterns: patterns.length ? patterns : null, text });
        if (over) return undefined;
        setReport(told);
        setWrong("");
      } catch (error) {
        if (!over) setWrong(inWords(error));
      }
      return undefined;
    }, 250);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [written, text]);
  return html`<section class="card"><h2>${t("patterns")}</h2>
    <p class="small">${t("patterns.about")}</p>
    <label for="patterns">${t("patterns.list")}</label>
    <textarea id="patterns" class="mono" rows="3" spellcheck="false" value=${written} onInput=${(/** @type {any} */ event) => setWritten(event.target.value)}></textarea>
    <label for="patterns-sample">${t("patterns.sample")}</label>
    <textarea id="patterns-sample" rows="4" dir="auto" value=${text} onInput=${(/** @type {any} */ event) => setText(event.target.value)}></textarea>
    <div class="report" aria-live="polite">
      ${wrong && html`<p class="wrong">${wrong}</p>`}
      ${report?.problems.map((one) => html`<p key=${one.pattern} class="wrong"><${Icon} name="warning" /> <code>${one.pattern}</code>: ${one.reason}</p>`)}
      ${report && html`<p class="small">${counted("patterns.found", report.matches.length)}${report.near_misses > 0 ? ` · ${counted("patterns.near", report.near_misses)}` : ""}</p>
        <p class="shown-sample" dir="auto">${marked(text, report.matches)}</p>`}
    </div>
    ${report && !report.problems.length && patterns.length > 0 && html`<div class="row"><code class="address">${toml(patterns)}</code>
      <button type="button" class="quiet" onClick=${() => copyText(toml(patterns))}><${Icon} name="copy" />${t("copy")}</button></div>`}
  </section>`;
}

/** The sample with what was found marked in it. @param {string} text @param {Report["matches"]} matches */
function marked(text, matches) {
  const letters = [...text]; // The server counts characters, not halves of them.
  const parts = [];
  let at = 0;
  for (const one of matches) {
    parts.push(letters.slice(at, one.start).join(""), html`<mark key=${one.start} title=${one.prompt}>${letters.slice(one.start, one.end).join("")}</mark>`);
    at = one.end;
  }
  return [...parts, letters.slice(at).join("")];
}

/** As the settings file has it. @param {string[]} patterns */
function toml(patterns) {
  return `patterns = [${patterns.map((one) => (one.includes("'") ? JSON.stringify(one) : `'${one}'`)).join(", ")}]`;
}
