// What every page must hold, and how a person signs in.
import AxeBuilder from '@axe-core/playwright';
import { expect, test as base } from '@playwright/test';

export { expect };

/** A test whose page knows the program's address and notes what goes wrong by itself. */
export const test = base.extend({
  baseURL: async ({}, use) => use(process.env.GOUVERNAIL_URL),
  page: async ({ page }, use) => {
    page.problems = [];
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) {
        page.problems.push(message.text());
      }
    });
    page.on('pageerror', (error) => page.problems.push(String(error)));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(process.env.GOUVERNAIL_URL) && !url.startsWith('data:')) {
        page.problems.push(`asked another host: ${url}`);
      }
    });
    await use(page);
    expect(page.problems).toEqual([]);
  },
});

export const OFFICER = { email: 'camille.moreau@dinum.example', password: 'demo gouvernail 2026' };

export async function signIn(page, returnTo = '/') {
  await page.goto(`/sign-in?return_to=${encodeURIComponent(returnTo)}`);
  await page.getByLabel('Adresse électronique').fill(OFFICER.email);
  await page.getByLabel('Mot de passe').fill(OFFICER.password);
  await page.locator('main').getByRole('button', { name: 'Se connecter' }).click();
}

/** Accessibility, language, words, typography, width: the same for every page. */
export async function checkPage(page, name) {
  await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
  await expect(page.locator('h1')).toHaveCount(1);
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 900 });
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow, `${name} is wider than ${width} pixels`).toBeLessThanOrEqual(0);
    const { violations } = await new AxeBuilder({ page }).analyze();
    const told = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(' ')}`);
    expect(told, `${name} at ${width} pixels`).toEqual([]);
    await page.screenshot({ path: `results/${name}-${width}.png`, fullPage: true });
  }
  const text = await page.locator('body').innerText();
  expect(text).not.toContain('⟦');
  const main = await page.locator('main').innerText();
  const wrong = main.match(/[^\s\u00a0\u202f»][;!?](\s|$)|[0-9] [%€]|[a-zé] :(\s|$)/gu);
  expect(wrong, `${name} breaks French typography`).toBeNull();
}

/** Everything that can be used is reached by Tab, with a focus that can be seen. */
export async function checkKeyboard(page) {
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.evaluate(() => document.activeElement?.blur());
  const wanted = await page.evaluate(() => {
    const all = document.querySelectorAll(
      'a[href], button, input:not([type=hidden]), select, textarea, summary');
    return [...all].filter((e) => e.checkVisibility({ visibilityProperty: true })
      && !(e.type === 'radio' && !e.checked && e.form.querySelector(`[name="${e.name}"]:checked`)))
      .length;
  });
  const reached = new Set();
  let unseen = '';
  for (let step = 0; step < wanted + 60; step += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const e = document.activeElement;
      if (!e || e === document.body) return null;
      window.numbered ??= new Map();
      if (!window.numbered.has(e)) window.numbered.set(e, window.numbered.size);
      const style = getComputedStyle(e);
      const seen = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
      return { number: window.numbered.get(e), seen, html: e.outerHTML.slice(0, 120) };
    });
    if (!at) continue;
    reached.add(at.number);
    if (!at.seen) unseen = at.html;
  }
  expect(unseen, 'the focus can be seen').toBe('');
  expect(reached.size).toBeGreaterThanOrEqual(wanted);
}
