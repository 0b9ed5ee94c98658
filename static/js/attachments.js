// Tells how large the chosen files are, and keeps them here if they do not fit: an upload would only lose time.
export function weighAttachments(form) {
  const input = form.querySelector("[data-attachments]");
  const text = form.querySelector("[data-attachments-text]");
  if (!input || !text) return;
  const limit = Number(input.dataset.limit);
  input.addEventListener("change", () => {
    const files = [...input.files];
    const stored = [...form.querySelectorAll("[data-stored-size]")].map((each) => Number(each.dataset.storedSize));
    const total = [...files.map((file) => file.size), ...stored].reduce((sum, size) => sum + size, 0);
    const isTooMuch = total > limit;
    text.textContent = files.map((file) => `${visible(file.name)} (${inWords(file.size)})`).join(", ");
    if (isTooMuch) {
      const sentence = input.dataset.tooLarge.replace("{size}", inWords(total)).replace("{limit}", inWords(limit));
      text.textContent += ` – ${sentence}`;
    }
    input.setCustomValidity(isTooMuch ? text.textContent : "");
    input.classList.toggle("is-invalid", isTooMuch);
  });
  form.addEventListener("submit", (event) => {
    if (input.checkValidity()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    input.focus();
  });
}

// Without marks that turn the direction of what follows, as the server stores it.
function visible(name) {
  return name.replace(/\p{C}/gu, "");
}

// As the server says it.
function inWords(size) {
  if (size < 1024) return size === 1 ? "1 byte" : `${size} bytes`;
  return size < 1024 * 1024 ? `${(size / 1024).toFixed(1)} KB` : `${(size / 1024 / 1024).toFixed(1)} MB`;
}
