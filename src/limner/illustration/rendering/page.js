
(() => {
  "use strict";
  const root = document.documentElement;
  const KEY = "limner-theme";
  const dark = matchMedia("(prefers-color-scheme: dark)");

  // A kept file may be opened where nothing can be remembered: that must not stop the page.
  const remembered = () => {
    try { return localStorage.getItem(KEY); } catch { return null; }
  };
  const remember = (theme) => {
    try {
      if (theme) localStorage.setItem(KEY, theme);
      else localStorage.removeItem(KEY);
    } catch { /* it lasts as long as the page is open */ }
  };

  const make = (name, properties = {}, ...children) => {
    const { attributes = {}, ...rest } = properties;
    const element = Object.assign(document.createElement(name), rest);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const icon = (...paths) => {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    for (const d of paths) {
      const path = document.createElementNS(space, "path");
      path.setAttribute("d", d);
      svg.append(path);
    }
    return svg;
  };
  const button = (className, label, ...children) => make(
    "button", { type: "button", className, title: label, attributes: { "aria-label": label } },
    ...children,
  );

  const setTheme = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  };

  const addThemeButton = () => {
    const toggle = button("theme", "", icon(
      "M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 1 0 0-17", "M12 3.5v17", "M12 8h6", "M12 12h8.3",
      "M12 16h6.5",
    ));
    const isDark = () => (root.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
    const describe = () => {
      toggle.title = isDark() ? "Light page" : "Dark page";
      toggle.setAttribute("aria-label", toggle.title);
    };
    toggle.addEventListener("click", () => {
      const wanted = isDark() ? "light" : "dark";
      const theme = wanted === (dark.matches ? "dark" : "light") ? null : wanted;
      setTheme(theme);
      remember(theme);
      describe();
    });
    dark.addEventListener("change", describe);
    describe();
    document.body.prepend(toggle);
  };

  const addPlateButtons = (image, index, open) => {
    const caption = image.parentElement.querySelector(".prompt");
    const enlarge = button("enlarge", `Enlarge picture ${index + 1}: ${image.alt}`);
    enlarge.removeAttribute("title");
    image.replaceWith(enlarge);
    enlarge.append(image);
    enlarge.addEventListener("click", (event) => {
      event.preventDefault();
      open(index);
    });
    caption.hidden = true;
    caption.id = `prompt-${index + 1}`;
    const ask = make("button", {
      type: "button", className: "ask", textContent: "prompt",
      attributes: { "aria-expanded": "false", "aria-controls": caption.id, lang: "en" },
    });
    ask.addEventListener("click", () => {
      caption.hidden = !caption.hidden;
      ask.setAttribute("aria-expanded", String(!caption.hidden));
    });
    enlarge.after(ask);
  };

  const makeLightbox = (images) => {
    let at = 0;
    let start = null;
    let swiped = false;
    const picture = make("img", { alt: "" });
    const stage = make("div", { className: "stage" }, picture);
    const words = make("p", { dir: "auto" });
    const count = make("span", { className: "count", attributes: { "aria-live": "polite" } });
    const save = make(
      "a", { className: "save", title: "Save picture", attributes: { "aria-label": "Save picture" } },
      icon("M12 4v11", "M7 10.5l5 5l5-5", "M5 20h14"),
    );
    const close = button("close", "Close", icon("M6 6l12 12", "M18 6l-12 12"));
    const previous = button("turn previous", "Previous picture", icon("M15 5l-7 7l7 7"));
    const next = button("turn next", "Next picture", icon("M9 5l7 7l-7 7"));
    const dialog = make(
      "dialog", { className: "lightbox", lang: "en", attributes: { "aria-label": "Pictures" } },
      stage, make("div", { className: "legend" }, count, words),
      make("div", { className: "bar" }, save, close), previous, next,
    );

    const show = (index) => {
      if (index < 0 || index >= images.length) return;
      at = index;
      const image = images[at];
      picture.src = save.href = image.src;
      picture.alt = words.textContent = image.alt;
      save.download = image.dataset.name;
      count.textContent = `${at + 1} / ${images.length}`;
      // A button that vanishes under the focus would take the keyboard with it.
      const held = document.activeElement;
      previous.disabled = at === 0;
      next.disabled = at === images.length - 1;
      if (held === previous && previous.disabled) next.focus();
      if (held === next && next.disabled) previous.focus();
    };
    const keys = {
      ArrowLeft: () => show(at - 1), ArrowRight: () => show(at + 1),
      Home: () => show(0), End: () => show(images.length - 1),
    };
    dialog.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || !keys[event.key]) return;
      event.preventDefault();
      keys[event.key]();
    });
    previous.addEventListener("click", () => show(at - 1));
    next.addEventListener("click", () => show(at + 1));
    close.addEventListener("click", () => dialog.close());
    stage.addEventListener("pointerdown", (event) => {
      start = event.isPrimary ? { x: event.clientX, y: event.clientY } : null;
    });
    stage.addEventListener("pointercancel", () => { start = null; });
    stage.addEventListener("pointerup", (event) => {
      if (!start || !event.isPrimary || event.button !== 0) return;
      const [x, y] = [event.clientX - start.x, event.clientY - start.y];
      start = null;
      swiped = Math.hypot(x, y) > 8;
      if (Math.abs(x) > 45 && Math.abs(x) > 1.5 * Math.abs(y)) show(at + (x < 0 ? 1 : -1));
      else if (y > 90) dialog.close();
    });
    stage.addEventListener("click", () => {
      if (!swiped) dialog.close();
      swiped = false;
    });
    stage.addEventListener("dragstart", (event) => event.preventDefault());
    dialog.addEventListener("close", () => { picture.removeAttribute("src"); });
    document.body.append(dialog);
    return (index) => {
      show(index);
      dialog.showModal();
      close.focus();
    };
  };

  setTheme(remembered());
  document.addEventListener("DOMContentLoaded", () => {
    addThemeButton();
    const images = [...document.querySelectorAll(".plate img")];
    const open = images.length && makeLightbox(images);
    images.forEach((image, index) => addPlateButtons(image, index, open));
  });
})();
