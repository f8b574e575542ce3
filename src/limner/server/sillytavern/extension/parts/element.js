/** Making elements; text is always text. */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag | `${Tag}.${string}`} name Such as "button.limner-x".
 * @param {Record<string, any>} [attributes] Those that begin with "on" are handlers.
 * @param {...(Node | string | null | undefined | false)} children
 */
export function make(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const made = /** @type {HTMLElementTagNameMap[Tag]} */ (document.createElement(tag));
  if (classes.length) made.className = classes.join(" ");
  if (tag === "button") made.setAttribute("type", "button");
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else made.setAttribute(key, String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/**
 * A button with a picture on it, and words for those who do not see it.
 * @param {string} icon Of Font Awesome, which SillyTavern has.
 * @param {string} label
 * @param {(event: MouseEvent) => void} act
 * @param {boolean} [off]
 */
export function iconButton(icon, label, act, off = false) {
  return make(`button.limner-icon.fa-solid.${icon}`, { title: label, "aria-label": label, disabled: off, onclick: act });
}
