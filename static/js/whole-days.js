// Whole days have no clock times: their fields are out of sight while the box is ticked.
export function followWholeDays(form) {
  const box = form.querySelector("[name='whole_day']");
  if (!box) return;
  const update = () => form.querySelectorAll("[data-clock]").forEach((field) => {
    field.closest("[class*='col-']").hidden = box.checked;
  });
  box.addEventListener("change", update);
  addEventListener("pageshow", update);
  update();
}
