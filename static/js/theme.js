// Light or dark before the first paint: the own choice, or else as the system says.
(() => {
  const stored = () => {
    try {
      // The Django admin keeps its choice here as well, and with "auto" leaves it to the system.
      const chosen = localStorage.getItem("theme");
      return ["light", "dark"].includes(chosen) ? chosen : null;
    } catch {
      return null; // storage is switched off in this browser
    }
  };
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    document.documentElement.dataset.bsTheme = stored() ?? (system.matches ? "dark" : "light");
  };
  document.documentElement.classList.add("has-script");
  system.addEventListener("change", apply);
  apply();
})();
