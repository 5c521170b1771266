/** Gives the focus to the summary of a form's mistakes, so that it is read first. */
export function focusMistakes(document) {
  document.querySelector("[data-focus]")?.focus();
}
