/** Servers that answer at their usual places on this machine, and are not used yet. */
import { html } from "../../html.js";
import { attempt, tell } from "../../state/notices.js";
import { get, post } from "../../state/server.js";
import { loadAbout, loadModels } from "../../state/settings.js";
import { t } from "../../state/words.js";
import { useEffect, useState } from "../../vendor/hooks.js";
import { Icon } from "../icon.js";

/** @typedef {{kind: string, name: string, address: string, models: string[]}} Server */

export function Found() {
  const [found, setFound] = useState(/** @type {Server[]} */ ([]));
  useEffect(() => {
    // Others than admins may not know; then there is nothing to offer.
    get("/api/servers/found").then((told) => setFound(told.found), () => {});
  }, []);
  /** @param {Server} server */
  const use = async (server) => {
    const told = await attempt(() => post("/api/servers/use", { kind: server.kind, address: server.address }));
    if (!told) return;
    setFound(found.filter((one) => one !== server));
    tell(told.now ? t("found.now", { name: server.name }) : t("found.later", { name: server.name }));
    await attempt(loadAbout);
    await attempt(loadModels);
  };
  if (!found.length) return null;
  return html`<section class="card found"><h2>${t("found")}</h2>
    <ul>${found.map((one) => html`<li key=${`${one.kind} ${one.address}`} class="row">
      <${Icon} name=${one.kind === "text" ? "pen" : "picture"} />
      <span class="grow"><b>${one.name}</b> <code>${one.address}</code>
        ${one.models.length > 0 && html`<span class="small"> ${one.models.slice(0, 4).join(", ")}</span>`}</span>
      <button type="button" class="main" onClick=${() => use(one)}>${t("found.use")}</button></li>`)}</ul>
  </section>`;
}
