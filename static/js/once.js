// A second click while the first is under way does nothing.
const PATIENCE = 15_000; // milliseconds; then the answer is taken for lost

export function guardAgainstSecondClick(form) {
  const release = () => {
    delete form.dataset.sending;
    form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  };
  form.addEventListener("submit", (event) => {
    if ("sending" in form.dataset) {
      event.preventDefault();
      return;
    }
    form.dataset.sending = "";
    event.submitter?.setAttribute("aria-busy", "true");
    setTimeout(release, PATIENCE);
  });
  addEventListener("pageshow", release);
}
