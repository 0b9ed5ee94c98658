// Shows the effect of a change on the page as it is, so that a password that was typed stays in its field meanwhile.
const QUESTION = "effect";

export function showEffect(form) {
  let isAsking = false;
  let mayGo = false;
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (mayGo || button?.value !== "save") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (isAsking) return;
    isAsking = true;
    const effect = await ask(form);
    isAsking = false;
    if (effect) {
      show(form, effect);
    } else {
      mayGo = true;
      form.requestSubmit(button);
    }
  });
  addEventListener("pageshow", () => { mayGo = false; });
}

// What the server has to say before it saves. Without an answer the form goes its usual way.
async function ask(form) {
  const body = new FormData(form);
  body.set("action", QUESTION);
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body });
    return answer.status === 200 && !answer.redirected ? await answer.text() : "";
  } catch {
    return "";
  }
}

function show(form, html) {
  const effect = new DOMParser().parseFromString(html, "text/html").querySelector("[data-effect]");
  const before = form.querySelector("[data-effect]");
  if (before) before.replaceWith(effect);
  else form.querySelector(".card-panel").before(effect);
  const save = form.querySelector("[data-save-with-effect]");
  save.textContent = save.dataset.saveWithEffect;
  effect.focus();
}
