/** Configured servers that cannot be used as they are, as they are found when somebody looks here. */
import { html } from "../../html.js";
import { post } from "../../state/server.js";
import { t } from "../../state/words.js";
import { useEffect, useState } from "../../vendor/hooks.js";
import { Findings } from "../settings/doctor.js";

/** @typedef {import("../settings/doctor.js").Finding} Finding */

export function Silent() {
  const [found, setFound] = useState(/** @type {Finding[]} */ ([]));
  useEffect(() => {
    // Nothing is drawn or said for it. Others than admins may not know; then nothing is told.
    post("/api/servers/check", { draw: false }).then(
      (told) => setFound(told.findings.filter((/** @type {Finding} */ one) => !one.ok)),
      () => {},
    );
  }, []);
  if (!found.length) return null;
  return html`<section class="card silent"><h2>${t("connect.silent")}</h2><${Findings} found=${found} /></section>`;
}
