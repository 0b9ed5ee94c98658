// The switch between light and dark. Going back to what the system says forgets the choice.
export function switchTheme(button) {
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const root = document.documentElement;
    const chosen = root.dataset.bsTheme === "dark" ? "light" : "dark";
    root.dataset.bsTheme = chosen;
    remember(chosen);
  });
}

function remember(chosen) {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  try {
    if (chosen === system) localStorage.removeItem("theme");
    else localStorage.setItem("theme", chosen);
  } catch {
    // storage is switched off: the choice holds for this page
  }
}
