/* Runs before anything is painted: so nobody sees a flash of the other theme, and the words of the
   reader's language come with everything else, not after it. */
{
  /** @param {string} name */
  const chosen = (name) => {
    try {
      return localStorage.getItem(`limner.${name}`);
    } catch {
      return null; // Nothing can be remembered here.
    }
  };
  const root = document.documentElement;
  const theme = chosen("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const here = /** @type {HTMLScriptElement} */ (document.currentScript).src;
  if (/^zh\b/i.test(chosen("language") ?? navigator.language)) {
    root.lang = "zh-CN";
    const words = document.createElement("link");
    words.rel = "modulepreload";
    words.href = new URL("words/zh.js", here).href;
    document.head.append(words);
  }
}
