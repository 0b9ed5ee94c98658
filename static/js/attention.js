// The focus goes to what the page asks for: a field that was just unlocked, else the first one to mend, else the notice.
export function focusOnWhatMatters() {
  const wanted = ["main [autofocus]", "form [aria-invalid='true']", "[data-attention]"];
  const focus = () => wanted.map((selector) => document.querySelector(selector)).find((element) => element)?.focus();
  // The browser takes the focus away when it goes to the place that the address names.
  if (location.hash) afterLoading(focus);
  else focus();
}

function afterLoading(act) {
  const soon = () => requestAnimationFrame(() => requestAnimationFrame(act));
  if (document.readyState === "complete") soon();
  else addEventListener("load", soon);
}
