// What TinyMCE leaves to be wished in its menus: they stand outside of every part of the page that has a name, and the
// item that has the focus is marked as selected, which ARIA does not allow for items of menus.
export function mendMenus(editor, name) {
  editor.on("init", () => document.querySelectorAll(".tox-tinymce-aux").forEach((place) => {
    place.role = "region";
    place.ariaLabel = name;
    new MutationObserver(mend).observe(place, { attributeFilter: ["aria-selected"], subtree: true });
  }));
}

function mend(changes) {
  for (const { target } of changes) {
    if (target.role?.startsWith("menuitem") && target.ariaSelected !== null) target.ariaSelected = null;
  }
}
