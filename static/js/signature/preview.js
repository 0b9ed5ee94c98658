// What goes out, while it is written: the form is sent to the frame, and the meter asked for anew.
const PAUSE = 500; // milliseconds

export function showLive(form, area) {
  const switches = document.querySelector("[data-preview]");
  const meter = document.querySelector("[data-meter]");
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const [html, text] = ["html", "text"].map((name) => hidden(switches, name));
  hidden(switches, "csrfmiddlewaretoken").value = token;
  switches.method = "post";
  let timer;
  const show = () => {
    html.value = area.value;
    text.value = ownText(form);
    switches.submit();
    measure(meter, area.value, token);
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  switches.addEventListener("change", show);
  switches.addEventListener("submit", (event) => {
    event.preventDefault();
    show();
  });
  // What was typed and not saved is shown as such, also after the back button.
  if ("changed" in form.dataset) show();
}

function hidden(form, name) {
  const input = document.createElement("input");
  Object.assign(input, { type: "hidden", name });
  form.append(input);
  return input;
}

function ownText(form) {
  const field = form.querySelector("[data-part] textarea");
  return field && !field.matches(":disabled") ? field.value : "";
}

let newest = 0;

async function measure(meter, html, token) {
  const number = ++newest;
  const body = new URLSearchParams({ html });
  const response = await fetch(meter.dataset.meter, { method: "POST", body, headers: { "X-CSRFToken": token } })
    .catch(() => null);
  if (!response?.ok || number !== newest) return;
  const answer = new DOMParser().parseFromString(await response.text(), "text/html");
  meter.replaceChildren(...answer.body.childNodes);
}
