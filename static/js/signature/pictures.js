// The signature names its pictures by content id; the editor shows them from their addresses.
const MISSING = "missing-";

export function showPictures(editor, form) {
  const { picture, placeholderPicture } = form.dataset;
  const [before, after] = picture.split("CONTENT-ID");
  const addressOf = (name) => (name.startsWith(MISSING) ? placeholderPicture : before + name + after);
  editor.on("PreInit", () => {
    editor.parser.addAttributeFilter("src", (nodes) => nodes.forEach((node) => {
      const source = node.attr("src");
      const name = source.startsWith("cid:") ? source.slice(4) : nameOf(source, before, after);
      if (!name) return;
      node.attr("src", addressOf(name));
      node.attr("data-mce-src", `cid:${name}`);
    }));
  });
}

export function isMissing(picture) {
  return (picture.dataset.mceSrc ?? "").startsWith(`cid:${MISSING}`);
}

function nameOf(source, before, after) {
  return source.startsWith(before) ? source.slice(before.length, -after.length) : "";
}
