// A second click while the first is under way does nothing.
export function guardAgainstSecondClick(form) {
  form.addEventListener("submit", (event) => {
    if ("sending" in form.dataset) {
      event.preventDefault();
      return;
    }
    form.dataset.sending = "";
    event.submitter?.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", () => delete form.dataset.sending);
}
