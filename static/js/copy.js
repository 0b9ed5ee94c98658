// Buttons that copy a value. They stay away where the browser does not let a page write to the clipboard.
const SHOWN = 2_000; // milliseconds

export function offerCopying(button) {
  if (!navigator.clipboard) return;
  const label = button.querySelector("[aria-live]");
  const usual = label.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    label.textContent = button.dataset.copied;
    setTimeout(() => {
      label.textContent = usual;
    }, SHOWN);
  });
}
