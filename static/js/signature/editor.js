// TinyMCE in the place of the text area. It gets no HTML but what the server has sanitised: see incoming.js.
import { addButtons } from "./buttons.js";
import { takePastesAndDrops } from "./incoming.js";
import { mendMenus } from "./menus.js";
import { showPictures } from "./pictures.js";
import { followTheme } from "./skin.js";

const FONTS = ["Aptos", "Arial", "Calibri", "Cambria", "Courier New", "Georgia", "Segoe UI", "Tahoma", "Times New Roman",
  "Trebuchet MS", "Verdana"];
const SIZES = "8pt 9pt 10pt 10.5pt 11pt 12pt 14pt 16pt 18pt 24pt 36pt";
const TOOLS = "undo redo | fontfamily fontsize | bold italic underline strikethrough | forecolor backcolor | alignleft "
  + "aligncenter alignright | bullist numlist outdent indent | link picture table | removeformat source";
const TOOLS_ON_A_PHONE = "bold italic underline | link picture | undo redo | fontfamily fontsize | forecolor backcolor | "
  + "alignleft aligncenter alignright | bullist numlist | table | removeformat source";
const PAUSE = 250; // milliseconds

export function startEditor(form, area) {
  const { contentSkin, contentOwn, textArea, textMenus, placeholders } = form.dataset;
  const isWide = matchMedia("(min-width: 48rem)").matches;
  const tools = isWide ? TOOLS : TOOLS_ON_A_PHONE;
  globalThis.tinymce.init({
    target: area,
    license_key: "gpl",
    promotion: false,
    branding: false,
    onboarding: false,
    menubar: false,
    statusbar: false,
    contextmenu: false,
    skin: false,
    content_css: [contentSkin, contentOwn],
    plugins: "advlist autolink link lists table",
    toolbar: placeholders ? `placeholder | ${tools}` : tools,
    toolbar_mode: isWide ? "wrap" : "sliding",
    height: 400,
    min_height: 260,
    iframe_aria_text: textArea,
    font_family_formats: FONTS.map((name) => `${name}=${name},sans-serif`).join("; "),
    font_size_formats: SIZES,
    color_default_foreground: "#000000",
    link_assume_external_targets: "https",
    link_target_list: false,
    link_title: false,
    table_toolbar: "tableprops tablecellprops | tableinsertrowbefore tableinsertrowafter tabledeleterow | "
      + "tableinsertcolbefore tableinsertcolafter tabledeletecol",
    // What comes from the server is kept as it is.
    valid_elements: "*[*]",
    convert_fonts_to_spans: false,
    convert_urls: false,
    entity_encoding: "raw",
    forced_root_block_attrs: { style: "margin: 0" },
    paste_data_images: false,
    automatic_uploads: false,
    browser_spellcheck: true,
    setup(editor) {
      showPictures(editor, form);
      addButtons(editor, form);
      takePastesAndDrops(editor, form);
      writeBack(editor, area);
      followTheme();
      mendMenus(editor, textMenus);
    },
  });
}

// The text area has what the editor shows, so that saving, the preview and the bar with unsaved changes know it.
function writeBack(editor, area) {
  let timer;
  const write = () => {
    editor.save();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  editor.on("init", () => {
    area.value = area.defaultValue = editor.getContent();
    editor.on("input change undo redo SetContent ObjectResized", () => {
      clearTimeout(timer);
      timer = setTimeout(write, PAUSE);
    });
    editor.on("blur", write);
    area.form.addEventListener("submit", write, { capture: true });
  });
}
