/** Who may use the server: tokens are made, told once, and revoked. */
import { html } from "../../html.js";
import { attempt, inWords, tell } from "../../state/notices.js";
import { at, call, get, path, post } from "../../state/server.js";
import { about, loadAbout } from "../../state/settings.js";
import { moment, t } from "../../state/words.js";
import { useEffect, useState } from "../../vendor/hooks.js";
import { copyText } from "../copying.js";
import { Icon, IconButton } from "../icon.js";

/** @typedef {{name: string, created_at: number | null, front_end: boolean, admin: boolean, configured: boolean}} Token */

export function Tokens() {
  const [tokens, setTokens] = useState(/** @type {Token[] | null} */ (null));
  const [name, setName] = useState("");
  const [rights, setRights] = useState({ front_end: false, admin: false });
  const [made, setMade] = useState(/** @type {{name: string, token: string} | null} */ (null));
  const [wrong, setWrong] = useState("");
  const load = () => get("/api/tokens").then((told) => setTokens(told.tokens), () => setTokens(null));
  useEffect(() => {
    load();
  }, []);
  if (!tokens) return null; // Others than admins may not know.
  /** @param {Event} event */
  const add = async (event) => {
    event.preventDefault();
    try {
      const told = await post("/api/tokens", { name: name.trim(), ...rights });
      if (!about.value?.user) await logIn(told.token);
      setMade(told);
      setName("");
      setWrong("");
      await attempt(loadAbout);
      await load();
    } catch (error) {
      setWrong(inWords(error));
    }
  };
  /** @param {Token} token */
  const revoke = async (token) => {
    const gone = await attempt(() => call("DELETE", path`/api/tokens/${token.name}`));
    if (gone === undefined) return;
    if (made?.name === token.name) setMade(null);
    tell(t("tokens.revoked", { name: token.name }));
    await load();
  };
  return html`<section class="card tokens"><h2>${t("tokens")}</h2>
    <p class="small">${t("tokens.about")} ${!about.value?.user && t("tokens.first")}</p>
    ${tokens.length > 0 && html`<ul>${tokens.map((one) => html`<li key=${one.name} class="row">
      <span class="grow"><b dir="auto">${one.name}</b> <span class="small">${[
        one.admin && t("tokens.admin"),
        one.front_end && t("tokens.front"),
        one.configured ? t("tokens.configured") : one.created_at !== null && moment(one.created_at),
      ].filter(Boolean).join(" · ")}</span></span>
      ${!one.configured && html`<button type="button" class="quiet" aria-label=${t("tokens.revoke.one", { name: one.name })} onClick=${() => revoke(one)}>${t("tokens.revoke")}</button>`}</li>`)}</ul>`}
    ${made && html`<div class="made" role="status"><p>${t("tokens.made", { name: made.name })}</p>
      <div class="row copied"><code class="address">${made.token}</code><${IconButton} icon="copy" label=${t("copy")} onClick=${() => copyText(made.token)} /></div></div>`}
    <form onSubmit=${add}>
      <label for="token-name">${t("tokens.name")}</label>
      <input id="token-name" required maxlength="64" pattern="[A-Za-z0-9][A-Za-z0-9_.@\\-]*" autocomplete="off" value=${name} onInput=${(/** @type {any} */ event) => setName(event.target.value)} />
      ${/** @type {const} */ (["front_end", "admin"]).map((right) => html`<label key=${right} class="switch"><input type="checkbox" role="switch" checked=${rights[right]}
        onChange=${(/** @type {any} */ event) => setRights({ ...rights, [right]: event.target.checked })} />${t(`tokens.${right}.about`)}</label>`)}
      ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
      <div class="row"><button type="submit" class="quiet" disabled=${!name.trim()}><${Icon} name="plus" />${t("tokens.add")}</button></div>
    </form>
  </section>`;
}

/** Whoever makes the first token is asked for it from then on: this browser keeps it. @param {string} token */
async function logIn(token) {
  await fetch(at("login"), { method: "POST", body: new URLSearchParams({ token }) });
}
