// Shows a check stage by stage: the server starts it and tells, whenever asked, how far it is. What it tells is HTML, of which
// only the changed stages are put into the page, so that a screen reader hears these and nothing twice.
import { offerCopying } from "./copy.js";

const PAUSE = 300; // milliseconds between two questions
const asTold = new WeakMap(); // pieces of the page, as the server told them

export function showChecks(panel) {
  const place = panel.querySelector("[data-check-place]");
  panel.querySelectorAll("[data-check]").forEach((button) => {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      if (!("checking" in panel.dataset)) start(panel, place, button);
    });
  });
  if (place.querySelector("[data-poll]")) follow(panel, place);
}

async function start(panel, place, button) {
  busy(panel, true);
  place.replaceChildren();
  try {
    const form = button.form;
    const body = new FormData(form, button);
    // The buttons of the form are named "action", which hides its property of that name.
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { "X-Progressive": "1" } });
    if (answer.redirected || ![200, 422].includes(answer.status)) throw new Error(answer.statusText);
    show(place, await answer.text());
    await follow(panel, place);
  } catch {
    place.replaceChildren(panel.querySelector("[data-check-problem]").content.cloneNode(true));
    busy(panel, false);
  }
}

async function follow(panel, place) {
  busy(panel, true);
  for (let address = pollAddress(place); address; address = pollAddress(place)) {
    await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
    const answer = await ask(address);
    if (!answer) continue;
    if (answer.redirected || !answer.ok) {
      place.replaceChildren(panel.querySelector("[data-check-lost]").content.cloneNode(true));
      break;
    }
    show(place, await answer.text());
  }
  busy(panel, false);
  if (place.querySelector("[data-saved='yes']")) await refreshStatus();
}

// Nothing, while the network or the site is away: both may come back.
async function ask(address) {
  try {
    const answer = await fetch(address);
    return answer.status < 500 ? answer : null;
  } catch {
    return null;
  }
}

function pollAddress(place) {
  return place.querySelector("[data-poll]")?.dataset.poll;
}

function busy(panel, isBusy) {
  if (isBusy) panel.dataset.checking = "";
  else delete panel.dataset.checking;
  panel.querySelectorAll("[data-check]").forEach((button) => button.setAttribute("aria-busy", String(isBusy)));
}

function show(place, html) {
  const told = parsed(html).querySelector(".check-run");
  told.querySelectorAll(":scope > *, [data-step]").forEach((piece) => asTold.set(piece, piece.outerHTML));
  const shown = place.querySelector(".check-run");
  if (!shown || !sameSteps(shown, told)) {
    place.replaceChildren(told);
  } else {
    [...told.children].forEach((child, index) => replaceChanged(shown, child, index));
    if ("poll" in told.dataset) shown.dataset.poll = told.dataset.poll;
    else delete shown.dataset.poll;
  }
  place.querySelectorAll("[data-copy][hidden]").forEach(offerCopying);
}

function replaceChanged(shown, child, index) {
  const old = shown.children[index];
  if (!old) shown.append(child);
  else if (child.matches("ol")) [...child.children].forEach((step, number) => replaceChanged(old, step, number));
  else if (asTold.get(old) !== asTold.get(child)) old.replaceWith(child);
}

function sameSteps(shown, told) {
  const codes = (run) => [...run.querySelectorAll("[data-step]")].map((step) => step.dataset.step).join();
  return codes(shown) === codes(told);
}

// What the page says elsewhere of the stored settings follows from the check. What somebody may be filling in stays.
async function refreshStatus() {
  const answer = await fetch(location.href);
  if (!answer.ok || answer.redirected) return;
  const page = parsed(await answer.text());
  document.querySelectorAll("[data-status]").forEach((part) => {
    const fresh = page.querySelector(`[data-status="${part.dataset.status}"]`);
    if (fresh && !part.querySelector("input:enabled")) part.replaceWith(fresh);
  });
}

function parsed(html) {
  return new DOMParser().parseFromString(html, "text/html");
}
