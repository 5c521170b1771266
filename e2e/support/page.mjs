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

/** Pictures are for people who look at them; where nobody does, they aren't taken. */
const TAKES_PICTURES = !process.env.CI;

let officersCookies;

/** Signed in without the page: a test that isn't about signing in doesn't try a secret again. */
export async function asOfficer(page) {
  if (officersCookies) {
    await page.context().addCookies(officersCookies);
    return;
  }
  await signIn(page);
  officersCookies = await page.context().cookies();
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
    // In the page itself: no page has a frame of another origin, for which axe would open one more
    // page each time.
    // Violations alone: what passes isn't told in detail, which takes half of the time.
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true)
      .options({ resultTypes: ['violations'] }).analyze();
    const told = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(' ')}`);
    expect(told, `${name} at ${width} pixels`).toEqual([]);
    if (TAKES_PICTURES) {
      await page.screenshot({ path: `results/${name}-${width}.png`, fullPage: true });
    }
  }
  const text = await page.locator('body').innerText();
  expect(text).not.toContain('⟦');
  const main = await page.locator('main').innerText();
  const wrong = main.match(/[^\s\u00a0\u202f»][;!?](\s|$)|[0-9] [%€]|[a-zé] :(\s|$)/gu);
  expect(wrong, `${name} breaks French typography`).toBeNull();
}
