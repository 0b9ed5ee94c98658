// The page of a signature: the editor in the place of the text area, and beside it what goes out.
import { startEditor } from "./signature/editor.js";
import { insertFiles } from "./signature/incoming.js";
import { offerCopyForOutlook } from "./signature/outlook.js";
import { showLive } from "./signature/preview.js";

const form = document.querySelector("[data-signature-form]");
const area = form.querySelector("[data-signature]");
// What the server could not sanitise stays text.
if (area.dataset.signature === "clean") startEditor(form, area);
showLive(form, area);
insertFiles(form, area);
document.querySelectorAll("[data-copy-signature]").forEach(offerCopyForOutlook);
