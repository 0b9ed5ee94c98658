// Copy for Outlook: the signature with its pictures, as formatted text and as plain text.
const SHOWN = 4_000; // milliseconds

export function offerCopyForOutlook(button) {
  if (!navigator.clipboard?.write || !globalThis.ClipboardItem) return;
  const label = button.querySelector("[aria-live]");
  const usual = label.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const signature = fetch(button.dataset.copySignature).then((response) => response.json());
    const as = (type, name) => signature.then((each) => new Blob([each[name]], { type }));
    try {
      const item = new ClipboardItem({ "text/html": as("text/html", "html"), "text/plain": as("text/plain", "text") });
      await navigator.clipboard.write([item]);
      label.textContent = button.dataset.copied;
    } catch {
      label.textContent = button.dataset.failed;
    }
    setTimeout(() => { label.textContent = usual; }, SHOWN);
  });
}
