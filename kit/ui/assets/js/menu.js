/** Opens the side menu on wide screens and closes it on narrow ones. */
export function openMenu(document) {
  const menu = document.querySelector("details.gv-menu");
  if (!menu) return;
  const wide = window.matchMedia("(min-width: 64rem)");
  const follow = () => {
    menu.open = wide.matches;
  };
  follow();
  wide.addEventListener("change", follow);
}
