// Whatever is pasted, dropped or chosen goes to the server, and only its answer into the editor.
import { collectFiles } from "./dropped-files.js";
import { report } from "./report.js";

const TOO_LARGE = [400, 413];

export function takePastesAndDrops(editor, form) {
  let isOwnDrag = false;
  editor.on("dragstart", () => { isOwnDrag = true; });
  editor.on("dragend", () => { isOwnDrag = false; });
  editor.on("paste", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    insert(editor, form, event.clipboardData);
  }, true);
  editor.on("drop", (event) => {
    if (isOwnDrag) return; // moves what is there
    event.preventDefault();
    event.stopImmediatePropagation();
    const place = editor.getDoc().caretRangeFromPoint?.(event.clientX, event.clientY);
    if (place) editor.selection.setRng(place);
    insert(editor, form, event.dataTransfer);
  }, true);
}

// Files that were chosen below the editor replace what is in it.
export function insertFiles(form, area) {
  const input = form.querySelector("[data-signature-files]");
  const editor = globalThis.tinymce?.get(area.id);
  if (!editor) return; // then the button sends them
  form.querySelector("[data-import-button]").hidden = true;
  input.addEventListener("change", async () => {
    const files = [...input.files].map((file) => [file, file.webkitRelativePath || file.name]);
    if (!files.length) return;
    const answer = await ask(editor, form, withFiles(new FormData(), files));
    input.value = "";
    if (answer) editor.undoManager.transact(() => editor.setContent(answer.html));
    editor.focus();
  });
}

export async function cleaned(editor, form, html) {
  const body = new FormData();
  body.append("html", new Blob([html]), "html");
  body.append("own", "1");
  return ask(editor, form, body);
}

async function insert(editor, form, transfer) {
  const html = transfer.getData("text/html");
  const rtf = transfer.getData("text/rtf");
  const isOwn = transfer.types.includes("x-tinymce/html");
  const text = transfer.getData("text/plain");
  const files = await collectFiles(transfer);
  const body = new FormData();
  if (files.length && !hasText(html)) withFiles(body, files);
  else if (html) {
    // As files, because fields are limited to what people type.
    body.append("html", new Blob([html]), "html");
    if (rtf) body.append("rtf", new Blob([rtf]), "rtf");
    if (isOwn) body.append("own", "1");
  } else {
    editor.insertContent(text.split(/\r?\n/).map((line) => editor.dom.encode(line)).join("<br>"));
    return;
  }
  const answer = await ask(editor, form, body);
  if (answer) editor.insertContent(answer.html);
}

export async function insertPictures(editor, form, files) {
  const answer = await ask(editor, form, withFiles(new FormData(), files.map((file) => [file, file.name])));
  if (answer) editor.insertContent(answer.html);
}

// The picture comes into the place of a missing one, in its size and with its description.
export async function fillPlace(editor, form, file, place) {
  const answer = await ask(editor, form, withFiles(new FormData(), [[file, file.name]]));
  if (!answer) return;
  editor.undoManager.transact(() => {
    const { alt, width, height } = place;
    editor.selection.select(place);
    editor.insertContent(answer.html);
    const added = editor.dom.select("img").find((each) => each.getAttribute("src") === sourceOf(answer.html));
    if (added && width && height) editor.dom.setAttribs(added, { width, height });
    if (added && alt) added.alt = alt;
  });
}

function sourceOf(html) {
  return new DOMParser().parseFromString(html, "text/html").querySelector("img")?.getAttribute("src");
}

function withFiles(body, files) {
  for (const [file, path] of files) {
    body.append("files", file);
    body.append("paths", path);
  }
  return body;
}

function hasText(html) {
  return Boolean(new DOMParser().parseFromString(html, "text/html").body.textContent.trim());
}

async function ask(editor, form, body) {
  body.append("shown", editor.getContent());
  editor.setProgressState(true);
  try {
    const headers = { "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value };
    const response = await fetch(form.dataset.paste, { method: "POST", body, headers });
    const isJson = response.headers.get("Content-Type")?.includes("json");
    const { textTooLarge, textFailed } = form.dataset;
    const answer = isJson
      ? await response.json()
      : { error: TOO_LARGE.includes(response.status) ? textTooLarge : textFailed };
    report(form, answer);
    return answer.error ? null : answer;
  } catch {
    report(form, { error: form.dataset.textFailed });
    return null;
  } finally {
    editor.setProgressState(false);
  }
}
