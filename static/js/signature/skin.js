// The editor's tools are as light or as dark as the page. What is written stands on white paper, as most readers see it:
// black letters, which Outlook writes as such, would vanish on a dark one.
export function followTheme() {
  const root = document.documentElement;
  const apply = () => {
    document.querySelectorAll("[data-skin]").forEach((link) => { link.disabled = link.dataset.skin !== root.dataset.bsTheme; });
  };
  apply();
  new MutationObserver(apply).observe(root, { attributeFilter: ["data-bs-theme"] });
}
