/* Runs before anything is painted, so that nobody sees a flash of the other theme. */
{
  let chosen = null;
  try {
    chosen = localStorage.getItem("limner.theme");
  } catch {
    /* Nothing can be remembered here. */
  }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
}
