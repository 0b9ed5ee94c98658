// Keeps the page of a check of many users up to date: the server tells, whenever asked, how far it is. Only pieces that have
// changed are put into the page, each within its element, which stays: so a screen reader hears what is new in it, once.
const PAUSE = 1000; // milliseconds between two questions

export async function followRound(place) {
  const round = place.firstElementChild;
  while (round.dataset.poll) {
    await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
    let answer;
    try {
      answer = await fetch(round.dataset.poll, { headers: { "X-Progressive": "1" } });
    } catch {
      continue; // The network may come back.
    }
    if (answer.redirected || !answer.ok) return;
    show(round, new DOMParser().parseFromString(await answer.text(), "text/html").body.firstElementChild);
  }
  removeButtons();
}

function show(round, told) {
  const isLast = !("poll" in told.dataset);
  told.querySelectorAll("[data-piece]").forEach((piece) => {
    const shown = round.querySelector(`[data-piece="${piece.dataset.piece}"]`);
    if (shown.innerHTML === piece.innerHTML) return;
    // Whoever is at a link there with the keyboard stays there until the end.
    if (!isLast && shown.contains(document.activeElement)) return;
    leave(shown);
    shown.replaceChildren(...piece.childNodes);
  });
  if (isLast) delete round.dataset.poll;
}

function removeButtons() {
  document.querySelectorAll("[data-while-under-way]").forEach((part) => {
    leave(part);
    part.remove();
  });
}

// What is about to go must not take the focus along.
function leave(part) {
  if (part.contains(document.activeElement)) document.querySelector("[data-round-title]").focus();
}
