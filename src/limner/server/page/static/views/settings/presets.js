/** The instructions by which models ask for pictures: looked at, copied, changed, deleted. */
import { html } from "../../html.js";
import { on } from "../../state/live.js";
import { attempt, inWords, tell } from "../../state/notices.js";
import { call, get, path, post } from "../../state/server.js";
import { t } from "../../state/words.js";
import { useEffect, useState } from "../../vendor/hooks.js";
import { signal } from "../../vendor/signals.js";

/** @typedef {{id: string, name: string, template: string, built_in: boolean, shows_a_tag: boolean, prompts: string | null}} Preset */

/** @type {import("../../vendor/signals.js").Signal<Preset[]>} */
export const presets = signal([]);

export async function loadPresets() {
  presets.value = (await get("/api/presets")).presets;
}
on("presets", () => loadPresets().catch(() => {}));

export function Presets() {
  const all = presets.value;
  const [id, setId] = useState("default");
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const [writer, setWriter] = useState(/** @type {string | null} */ (null));
  const [wrong, setWrong] = useState("");
  const one = all.find((known) => known.id === id) ?? all[0];
  useEffect(() => {
    setName(one ? (one.built_in ? t("presets.copy", { name: one.name }) : one.name) : "");
    setText(one?.template ?? "");
    setWriter(one?.prompts ?? null);
    setWrong("");
  }, [one?.id, one?.template, one?.prompts]);
  if (!one) return null;
  const changed = text !== one.template || writer !== one.prompts || (!one.built_in && name !== one.name);
  /** @param {() => Promise<any>} work */
  const keep = async (work) => {
    try {
      const kept = await work();
      await loadPresets();
      if (kept) setId(kept.id);
      setWrong("");
      tell(t("kept"));
    } catch (error) {
      setWrong(inWords(error));
    }
  };
  const save = () => keep(() => call("PATCH", path`/api/presets/${one.id}`, { name, template: text, prompts: writer }));
  const saveAs = () => keep(() => post("/api/presets", { name, template: text, prompts: writer }));
  const remove = async () => {
    const gone = await attempt(() => call("DELETE", path`/api/presets/${one.id}`));
    if (gone === undefined) return;
    setId("default");
    await attempt(loadPresets);
    tell(t("presets.deleted", { name: one.name }), {
      label: t("undo"),
      act: () => attempt(() => post("/api/presets", { name: one.name, template: one.template, prompts: one.prompts })),
    });
  };
  return html`<section class="card presets"><h2>${t("presets")}</h2>
    <p class="small">${t("presets.about")}</p>
    <label for="preset-which">${t("presets.which")}</label>
    <select id="preset-which" value=${one.id} onChange=${(/** @type {any} */ event) => setId(event.target.value)}>
      ${all.map((known) => html`<option key=${known.id} value=${known.id}>${known.name}</option>`)}</select>
    <label for="preset-name">${t("presets.name")}</label>
    <input id="preset-name" dir="auto" maxlength="100" value=${name} onInput=${(/** @type {any} */ event) => setName(event.target.value)} />
    <label for="preset-text">${t("presets.text")}</label>
    <textarea id="preset-text" rows="9" dir="auto" value=${text} onInput=${(/** @type {any} */ event) => setText(event.target.value)}></textarea>
    ${!text.includes("{tag_example}") && !/<!--\s*img/i.test(text) && html`<p class="small">${t("presets.notag")}</p>`}
    <label for="preset-prompts">${t("setting.prompts")}</label>
    <select id="preset-prompts" value=${writer ?? ""} onChange=${(/** @type {any} */ event) => setWriter(event.target.value || null)}>
      <option value="">${t("presets.usual")}</option>
      <option value="model">${t("prompts.model")}</option>
      <option value="second">${t("prompts.second")}</option></select>
    ${writer === "second" && html`<p class="small">${t("presets.second")}</p>`}
    ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
    <div class="ends">
      ${!one.built_in && html`<button type="button" class="quiet" onClick=${remove}>${t("delete")}</button>`}
      <button type="button" class="quiet" disabled=${!text.trim() || !name.trim()} onClick=${saveAs}>${t("presets.save.as")}</button>
      ${!one.built_in && html`<button type="button" class="main" disabled=${!changed || !text.trim() || !name.trim()} onClick=${save}>${t("save")}</button>`}
    </div>
  </section>`;
}
