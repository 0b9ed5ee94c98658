// Tells how large the chosen files are, before they are sent, and whether they fit.
export function weighAttachments(form) {
  const input = form.querySelector("[data-attachments]");
  const text = form.querySelector("[data-attachments-text]");
  if (!input || !text) return;
  const limit = Number(input.dataset.limit);
  input.addEventListener("change", () => {
    const files = [...input.files];
    const stored = [...form.querySelectorAll("[data-stored-size]")].map((each) => Number(each.dataset.storedSize));
    const total = [...files.map((file) => file.size), ...stored].reduce((sum, size) => sum + size, 0);
    text.textContent = files.map((file) => `${file.name} (${megabytes(file.size)})`).join(", ");
    if (total > limit) text.textContent += ` – ${megabytes(total)} > ${megabytes(limit)}`;
    input.setCustomValidity(total > limit ? text.textContent : "");
    input.classList.toggle("is-invalid", total > limit);
  });
}

function megabytes(size) {
  return size < 100_000 ? `${(size / 1024).toFixed(1)} KB` : `${(size / 1024 / 1024).toFixed(1)} MB`;
}
