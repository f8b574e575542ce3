/** Reference pictures: uploaded here, named in tags, styles and characters. */
import { html } from "../../html.js";
import { on } from "../../state/live.js";
import { attempt, inWords, tell } from "../../state/notices.js";
import { at, call, get, path } from "../../state/server.js";
import { counted, t } from "../../state/words.js";
import { useEffect, useRef, useState } from "../../vendor/hooks.js";
import { Icon, IconButton } from "../icon.js";

/** @typedef {{name: string, digest: string, width: number, height: number, kinds: string[], shown_now: boolean}} Reference */

const LARGEST = 8 << 20;

export function References() {
  const [told, setTold] = useState(/** @type {{references: Reference[], kinds: string[]} | null} */ (null));
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  const [over, setOver] = useState(false);
  const file = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => {
    const load = () => get("/api/references").then(setTold, () => {});
    load();
    return on("references", load);
  }, []);
  /** @param {FileList | null | undefined} files */
  const keep = async (files) => {
    setBusy(true);
    setWrong("");
    let kept = 0;
    for (const one of files ?? []) {
      try {
        await upload(one);
        kept++;
      } catch (error) {
        setWrong(`${one.name}: ${inWords(error)}`);
      }
    }
    if (kept) tell(counted("references.kept", kept));
    setBusy(false);
  };
  /** @param {DragEvent} event */
  const dropped = (event) => {
    event.preventDefault();
    setOver(false);
    keep(event.dataTransfer?.files);
  };
  const all = told?.references ?? [];
  return html`<section class="card references" data-over=${over} onDragLeave=${() => setOver(false)} onDrop=${dropped}
    onDragOver=${(/** @type {Event} */ event) => {
      event.preventDefault();
      setOver(true);
    }}><h2>${t("references")}</h2>
    <p class="small">${t("references.about")} <code>${'reference="ann.png"'}</code></p>
    <ul class="shown">${all.map((one) => html`<li key=${`${one.name} ${one.digest}`}>
      <img src=${at(path`/api/references/${one.name}?${one.digest}`)} alt="" loading="lazy" />
      <span class="name" dir="auto" title=${one.name}>${one.name}</span>
      <span class="small">${one.width} × ${one.height}${one.shown_now ? "" : ` · ${t("references.unseen")}`}</span>
      <${IconButton} icon="trash" label=${t("references.delete", { name: one.name })} onClick=${() => attempt(() => call("DELETE", path`/api/references/${one.name}`))} /></li>`)}</ul>
    ${told && !told.kinds.length && html`<p class="small">${t("references.nobody")}</p>`}
    ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
    <div class="row"><button type="button" class="quiet" disabled=${busy} onClick=${() => file.current?.click()}><${Icon} name="plus" />${busy ? t("references.busy") : t("references.add")}</button>
      <input type="file" ref=${file} hidden multiple accept="image/png,image/jpeg,image/webp,image/avif" aria-label=${t("references.add")}
        onChange=${async (/** @type {any} */ event) => {
          await keep(event.target.files);
          event.target.value = "";
        }} /></div>
  </section>`;
}

/** @param {File} file */
async function upload(file) {
  if (file.size > LARGEST) throw new Error(t("references.large"));
  const name = [...file.name].map((sign) => (/[/\\?#%,]/.test(sign) || sign < " " ? "-" : sign)).join("").trim().slice(0, 100);
  const answer = await fetch(at(path`/api/references/${name || "picture"}`), { method: "PUT", body: file });
  if (!answer.ok) throw new Error((await answer.json().catch(() => null))?.error?.message ?? `HTTP ${answer.status}`);
}
