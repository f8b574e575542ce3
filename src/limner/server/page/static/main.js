/** Begins the page: the words of the language first, then what is shown, then what is known. */
import { html } from "./html.js";
import { begin } from "./state/begin.js";
import { chooseLanguage } from "./state/words.js";
import { render } from "./vendor/preact.js";
import { App } from "./views/app.js";

await chooseLanguage();
const place = /** @type {HTMLElement} */ (document.getElementById("page"));
place.replaceChildren();
render(html`<${App} />`, place);
begin();
