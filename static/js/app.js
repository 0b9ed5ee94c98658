// Each behaviour stands in a module of its own and does nothing on pages without its elements.
import { followMethod } from "./method-parts.js";
import { guardAgainstSecondClick } from "./once.js";
import { showErrors } from "./errors.js";
import { switchTheme } from "./theme-switch.js";
import { watchChanges } from "./unsaved-changes.js";

switchTheme(document.querySelector("[data-theme-switch]"));
document.querySelectorAll("[data-settings-form]").forEach((form) => {
  followMethod(form);
  watchChanges(form);
});
document.querySelectorAll("form[data-once], form[data-settings-form]").forEach(guardAgainstSecondClick);
showErrors(document.querySelector("[data-errors]"));
