// Buttons that choose a method in the form, as if somebody had clicked it there; nothing is sent or saved.
export function chooseByButton(form) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-choose]");
    if (button?.form !== form) return;
    const choice = [...form.querySelectorAll("[name='method']")].find((each) => each.value === button.dataset.choose);
    if (!choice || choice.disabled) return;
    event.preventDefault();
    choice.checked = true;
    choice.dispatchEvent(new Event("change", { bubbles: true }));
    choice.focus();
  });
}
