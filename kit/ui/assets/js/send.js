/** `[data-send]` is a form that only carries on what the person has decided: it is sent at once. */
export function sendForms(document) {
  document.querySelector("form[data-send]")?.submit();
}
