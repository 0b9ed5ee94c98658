// The bar with Discard and Save appears when something differs from what the server sent.
export function watchChanges(form) {
  const bar = form.querySelector("[data-save-bar]");
  if (!bar) return;
  const text = bar.querySelector("[data-save-bar-text]");
  const update = () => {
    const isChanged = "changed" in form.dataset || [...form.elements].some(isFieldChanged);
    bar.classList.toggle("is-idle", !isChanged);
    text.hidden = !isChanged;
  };
  form.addEventListener("input", update);
  form.addEventListener("change", update);
  addEventListener("pageshow", (event) => {
    // A page from the back button's memory may show values that are no longer stored.
    if (event.persisted) location.reload();
    else update();
  });
  update();
}

function isFieldChanged(field) {
  if (field.matches("button, fieldset, [type='hidden']") || field.matches(":disabled")) return false;
  if (field.matches("[type='radio'], [type='checkbox']")) return field.checked !== field.defaultChecked;
  if (field.matches("select")) return [...field.options].some(isOptionChanged);
  return field.value !== field.defaultValue;
}

function isOptionChanged(option, _index, options) {
  const isDefault = option.defaultSelected || (option === options[0] && !options.some((each) => each.defaultSelected));
  return option.selected !== isDefault;
}
