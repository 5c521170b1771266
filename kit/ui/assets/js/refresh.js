/** Seconds between two looks at a work that goes on. */
const PAUSE_SECONDS = 1;

/**
 * `[data-refresh]` holds the progress of a long work: it is brought up to date in place, so that
 * focus stays where it is, and the page is loaded again when the work has ended.
 */
export function followProgress(document) {
  const shown = document.querySelector("[data-refresh]");
  if (!shown) return;
  const look = async () => {
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const now = page.querySelector("[data-refresh]");
        if (!now) {
          location.reload();
          return;
        }
        const [bar, next] = [shown, now].map((part) => part.querySelector("progress"));
        for (const name of ["value", "max"]) {
          if (next.hasAttribute(name)) bar.setAttribute(name, next.getAttribute(name));
        }
        const [text, said] = [shown, now].map((part) => part.querySelector("[role=status]"));
        if (text.textContent !== said.textContent) text.textContent = said.textContent;
      }
    } catch {
      // The connection is away: the next look may find it.
    }
    setTimeout(look, PAUSE_SECONDS * 1000);
  };
  setTimeout(look, PAUSE_SECONDS * 1000);
}
