// Shows the parts of the form that the chosen options use. Which these are stands in the page: options name the parts they
// use in data-uses, each part its own name in data-part, and what stands in its place in data-unless-part.
export function followChoices(form) {
  const choices = [...form.querySelectorAll("[data-uses]")];
  if (!choices.length) return;
  const update = () => {
    const chosen = choices.filter((choice) => choice.checked || choice.selected);
    if (!chosen.length) return;
    const used = new Set(chosen.flatMap((choice) => choice.dataset.uses.split(" ")));
    form.querySelectorAll("[data-part]").forEach((part) => showPart(part, used.has(part.dataset.part)));
    form.querySelectorAll("[data-unless-part]").forEach((note) => {
      note.hidden = used.has(note.dataset.unlessPart);
    });
  };
  form.addEventListener("change", update);
  addEventListener("pageshow", update);
  update();
}

function showPart(part, isUsed) {
  part.disabled = !isUsed;
  part.hidden = !isUsed && !("staysInView" in part.dataset);
}
