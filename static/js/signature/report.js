// Says above the editor what could not be kept of what was pasted, or why nothing was added.
export function report(form, { error, notes = [] }) {
  const box = form.querySelector("[data-report]");
  const list = box.querySelector("[data-report-list]");
  box.querySelectorAll(".invalid-feedback").forEach((sentence) => sentence.remove());
  list.replaceChildren(...notes.map(line));
  if (error) box.append(element("p", "invalid-feedback", error));
  if (error || notes.length) box.scrollIntoView({ block: "nearest" });
}

function line({ text, place }) {
  const item = element("li", "", text);
  if (place) item.append(" ", element("span", "source", place));
  return item;
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
