// After a refused form the focus goes to the first field to mend, or to the summary.
export function showErrors(summary) {
  if (!summary) return;
  const field = document.querySelector("form [aria-invalid='true']:not([hidden])");
  (field ?? summary).focus();
}
