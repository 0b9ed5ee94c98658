// Each behaviour stands in a module of its own and does nothing on pages without its elements.
import { weighAttachments } from "./attachments.js";
import { focusOnWhatMatters } from "./attention.js";
import { showChecks } from "./checks.js";
import { chooseByButton } from "./choosing.js";
import { followChoices } from "./chosen-parts.js";
import { offerCopying } from "./copy.js";
import { showEffect } from "./effect.js";
import { askBeforeLeaving } from "./leaving.js";
import { guardAgainstSecondClick } from "./once.js";
import { tellOwnZone } from "./own-clock.js";
import { offerOwnZone } from "./own-zone.js";
import { followRound } from "./rounds.js";
import { switchTheme } from "./theme-switch.js";
import { watchChanges } from "./unsaved-changes.js";
import { followWholeDays } from "./whole-days.js";

tellOwnZone();
switchTheme(document.querySelector("[data-theme-switch]"));
document.querySelectorAll("[data-own-zone]").forEach(offerOwnZone);
document.querySelectorAll("[data-settings-form]").forEach((form) => {
  followChoices(form);
  chooseByButton(form);
  followWholeDays(form);
  watchChanges(form);
});
document.querySelectorAll("[data-check-panel]").forEach(showChecks);
document.querySelectorAll("[data-round]").forEach(followRound);
document.querySelectorAll("[data-compose]").forEach((form) => {
  weighAttachments(form);
  askBeforeLeaving(form);
});
document.querySelectorAll("[data-shows-effect]").forEach(showEffect);
document.querySelectorAll("form[data-once], form[data-settings-form]").forEach(guardAgainstSecondClick);
document.querySelectorAll("[data-copy]").forEach(offerCopying);
focusOnWhatMatters();
