// The editor is as light or as dark as the page.
export function followTheme(editor) {
  const root = document.documentElement;
  const apply = () => {
    const theme = root.dataset.bsTheme;
    document.querySelectorAll("[data-skin]").forEach((link) => { link.disabled = link.dataset.skin !== theme; });
    const content = editor.getDoc();
    if (!content) return;
    content.documentElement.dataset.theme = theme;
    content.querySelectorAll("link[href*='/skins/ui/']").forEach((link) => {
      link.disabled = link.getAttribute("href").includes("oxide-dark") !== (theme === "dark");
    });
  };
  apply();
  editor.on("init", apply);
  new MutationObserver(apply).observe(root, { attributeFilter: ["data-bs-theme"] });
}
