/**
 * `<button data-copy="ID" data-copied="Copié">`: copies the text of the element ID, then says so
 * in the button itself. The stylesheet hides the button until it works.
 */
export function copyButtons(document) {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.dataset.ready = "";
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      if (!source) return;
      await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
      button.setAttribute("aria-live", "polite");
      button.textContent = button.dataset.copied ?? button.textContent;
    });
  }
}
