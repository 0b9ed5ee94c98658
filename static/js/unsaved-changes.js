// The bar with Discard and Save appears when something differs from what was loaded.
export function watchChanges(form) {
  const bar = form.querySelector("[data-save-bar]");
  if (!bar) return;
  const text = bar.querySelector("[data-save-bar-text]");
  const wasChanged = "changed" in form.dataset;
  const loaded = contentOf(form);
  const update = () => {
    const isChanged = wasChanged || contentOf(form) !== loaded;
    bar.classList.toggle("is-idle", !isChanged);
    text.hidden = !isChanged;
  };
  form.addEventListener("input", update);
  form.addEventListener("change", update);
  update();
  // A page from the back button's memory may show values that are no longer stored.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}

function contentOf(form) {
  const data = new FormData(form);
  data.delete("csrfmiddlewaretoken");
  return new URLSearchParams(data).toString();
}
