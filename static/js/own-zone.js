// Somebody's first activity begins in the time zone of the computer that it is entered on, at the next full hour there.
const HOUR = 3_600_000; // milliseconds

export function offerOwnZone(select) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const option = [...select.options].find((each) => each.value === zone);
  if (!option || select.closest("[data-changed]")) return;
  [...select.options].forEach((each) => { each.defaultSelected = each === option; });
  select.value = zone;
  const start = Math.ceil((Date.now() + 1) / HOUR) * HOUR;
  fill(select.form, "start", new Date(start));
  fill(select.form, "end", new Date(start + HOUR));
}

function fill(form, side, moment) {
  const two = (number) => String(number).padStart(2, "0");
  const day = [moment.getFullYear(), two(moment.getMonth() + 1), two(moment.getDate())].join("-");
  form.elements[`${side}_day`].defaultValue = day;
  form.elements[`${side}_time`].defaultValue = `${two(moment.getHours())}:${two(moment.getMinutes())}`;
}
