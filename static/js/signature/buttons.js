// Buttons of our own: a picture from a file, its description and size, the source, and placeholders.
import { cleaned, fillPlace, insertPictures } from "./incoming.js";
import { isMissing } from "./pictures.js";

export function addButtons(editor, form) {
  const { textPicture, textSource, textPlaceholder, placeholders } = form.dataset;
  editor.ui.registry.addToggleButton("picture", {
    icon: "image",
    tooltip: textPicture,
    onAction: () => act(editor, form),
    onSetup: (button) => editor.selection.selectorChangedWithUnbind("img", button.setActive).unbind,
  });
  editor.ui.registry.addButton("source", {
    icon: "sourcecode",
    tooltip: textSource,
    onAction: () => openSource(editor, form),
  });
  editor.ui.registry.addMenuButton("placeholder", {
    text: textPlaceholder,
    fetch: (show) => show((placeholders ?? "").split(" ").map((name) => ({
      type: "menuitem",
      text: `{{ ${name} }}`,
      onAction: () => editor.insertContent(`{{ ${name} }}`),
    }))),
  });
  editor.on("dblclick", ({ target }) => { if (target.nodeName === "IMG") act(editor, form); });
}

// A picture is described; where one is missing, or none is chosen, one is added.
function act(editor, form) {
  const picture = chosenPicture(editor);
  if (picture && !isMissing(picture)) describe(editor, form, picture);
  else choose(editor, form, picture);
}

function chosenPicture(editor) {
  const node = editor.selection.getNode();
  return node.nodeName === "IMG" ? node : null;
}

function choose(editor, form, place) {
  const input = document.createElement("input");
  Object.assign(input, { type: "file", accept: "image/png,image/jpeg,image/gif", multiple: !place });
  input.addEventListener("change", () => {
    if (place) fillPlace(editor, form, input.files[0], place);
    else insertPictures(editor, form, [...input.files]);
  });
  input.click();
}

function describe(editor, form, picture) {
  const { textPicture, textDescription, textWidth, textHeight } = form.dataset;
  editor.windowManager.open({
    title: textPicture,
    body: {
      type: "panel",
      items: [
        { type: "input", name: "alt", label: textDescription },
        { type: "grid", columns: 2, items: [
          { type: "input", name: "width", label: textWidth, inputMode: "numeric" },
          { type: "input", name: "height", label: textHeight, inputMode: "numeric" },
        ] },
      ],
    },
    initialData: {
      alt: picture.getAttribute("alt") ?? "",
      width: picture.getAttribute("width") ?? "",
      height: picture.getAttribute("height") ?? "",
    },
    buttons: [{ type: "cancel", text: "Cancel" }, { type: "submit", text: "Save", buttonType: "primary" }],
    onSubmit(dialog) {
      const { alt, width, height } = dialog.getData();
      editor.undoManager.transact(() => {
        editor.dom.setAttribs(picture, { alt, width: width || null, height: height || null });
        editor.dom.setStyles(picture, { width: "", height: "" });
      });
      dialog.close();
    },
  });
}

function openSource(editor, form) {
  editor.windowManager.open({
    title: form.dataset.textSource,
    size: "large",
    body: { type: "panel", items: [{ type: "textarea", name: "html", label: form.dataset.textSource, maximized: true }] },
    initialData: { html: editor.getContent({ source_view: true }) },
    buttons: [{ type: "cancel", text: "Cancel" }, { type: "submit", text: "Save", buttonType: "primary" }],
    async onSubmit(dialog) {
      const answer = await cleaned(editor, form, dialog.getData().html);
      dialog.close();
      if (answer) editor.undoManager.transact(() => editor.setContent(answer.html));
    },
  });
}
