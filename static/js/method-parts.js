// Shows the parts of the form that the chosen method uses. Which these are stands in the page: every choice names them in
// data-uses, every part of the form its own name in data-part.
export function followMethod(form) {
  const choices = [...form.querySelectorAll("[data-uses]")];
  if (!choices.length) return;
  const update = () => {
    const chosen = choices.find((choice) => choice.checked);
    if (!chosen) return;
    const used = chosen.dataset.uses.split(" ");
    form.querySelectorAll("[data-part]").forEach((part) => show(part, used.includes(part.dataset.part)));
  };
  choices.forEach((choice) => choice.addEventListener("change", update));
  update();
}

function show(part, isUsed) {
  part.disabled = !isUsed;
  part.hidden = !isUsed && !("staysInView" in part.dataset);
  const reason = part.querySelector("[data-reason]");
  if (reason) reason.hidden = isUsed;
}
