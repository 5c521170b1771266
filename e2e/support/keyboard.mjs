// A page used without a mouse.
import { expect } from '@playwright/test';

/** Tabs that one control may take: a date has a day, a month, a year and a calendar. */
const TABS_IN_ONE_MAX = 5;

/**
 * Tab goes through everything that can be used, shows where it is, and comes out again at the end;
 * Shift+Tab goes back the same way. What the page itself folds is opened first; the folded sections of the
 * menu, which is the same on every page, only for `withMenu`.
 */
export async function checkKeyboard(page, { withMenu = false } = {}) {
  await page.setViewportSize({ width: 1280, height: 900 });
  const wanted = await page.evaluate((folded) => {
    document.activeElement?.blur();
    for (const details of document.querySelectorAll(folded)) details.open = true;
    // Of radios with one name Tab reaches the chosen one, else the first; arrows reach the others.
    const isReached = (e) => {
      if (e.type !== 'radio') return true;
      const group = [...e.form.querySelectorAll(`[name="${CSS.escape(e.name)}"]`)];
      return e === (group.find((one) => one.checked) ?? group[0]);
    };
    const all = [...document.querySelectorAll(
      'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')];
    window.wanted = all.filter((e) => !e.disabled && e.checkVisibility({ visibilityProperty: true })
      && isReached(e));
    window.look = (e) => {
      const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(e);
      const outline = outlineStyle === 'none' || outlineWidth === '0px' ? '' : outlineColor;
      return `${outline} ${boxShadow}`;
    };
    window.unfocused = new Map(window.wanted.map((e) => [e, window.look(e)]));
    window.reached = new Set();
    return window.wanted.length;
  }, withMenu ? 'details' : 'main details');
  const step = async (key) => {
    await page.keyboard.press(key);
    return page.evaluate(() => {
      const e = document.activeElement;
      if (!e || e === document.body) return null;
      window.reached.add(e);
      const seen = !window.unfocused.has(e) || window.look(e) !== window.unfocused.get(e);
      const { width, height, bottom, top } = e.getBoundingClientRect();
      const onScreen = width > 0 && height > 0 && bottom > 0 && top < innerHeight;
      return { at: window.wanted.indexOf(e), seen, onScreen, html: e.outerHTML.slice(0, 120) };
    });
  };
  let [before, same, left] = [null, 0, false];
  for (let tabs = 0; tabs < wanted * 2 + 60 && !left; tabs += 1) {
    const now = await step('Tab');
    left = now === null && before !== null;
    if (!now) continue;
    expect(now.seen, `the focus can be seen on ${now.html}`).toBe(true);
    expect(now.onScreen, `what has the focus is on the screen: ${now.html}`).toBe(true);
    same = before?.html === now.html && before.at === now.at ? same + 1 : 0;
    expect(same, `Tab gets stuck on ${now.html}`).toBeLessThan(TABS_IN_ONE_MAX);
    before = now;
  }
  expect(left, 'Tab comes out of the page').toBe(true);
  const missed = await page.evaluate(() => window.wanted.filter((e) => !window.reached.has(e))
    .map((e) => e.outerHTML.slice(0, 120)));
  expect(missed, 'what Tab does not reach').toEqual([]);
  let back = null;
  for (let tabs = 0; tabs < 2 * TABS_IN_ONE_MAX && (back === null || back.at >= before.at); tabs += 1) {
    back = await step('Shift+Tab');
  }
  expect(back.at, 'Shift+Tab goes back').toBeLessThan(before.at);
}

/** The first Tab shows a link that leads over the menus, and from there Tab goes on in the text. */
export async function checkSkipLink(page) {
  await page.keyboard.press('Tab');
  const skip = page.locator('.fr-skiplinks a');
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport({ ratio: 1 });
  await page.keyboard.press('Enter');
  await expect(page.locator('main')).toBeFocused();
  const inMain = await page.locator('main').locator('a[href], button, input:not([type=hidden])').count();
  if (inMain > 0) {
    await page.keyboard.press('Tab');
    await expect(page.locator('main :focus')).toHaveCount(1);
  }
}
