import { checkKeyboard, checkSkipLink } from '../support/keyboard.mjs';
import { asOfficer, checkPage, expect, test } from '../support/page.mjs';
import { NO_PAGES, PAGES, declaredRoutes } from '../support/pages.mjs';

test('every route is a page that is visited, or left out for a reason', () => {
  const listed = [...new Set(PAGES.map(({ route }) => route)), ...Object.keys(NO_PAGES)];
  expect(listed.sort()).toEqual(declaredRoutes().sort());
  expect(new Set(PAGES.map(({ name }) => name)).size).toBe(PAGES.length);
});

for (const { name, route, at = route, signedIn, smoke } of PAGES) {
  const tag = smoke ? '@smoke' : [];
  test(`${name} is accessible, French, tidy, and used by keyboard`, { tag }, async ({ page }) => {
    if (signedIn) await asOfficer(page);
    const path = typeof at === 'string' ? at : await at(page);
    const answer = await page.goto(path);
    expect(answer.status()).toBe(200);
    expect(new URL(page.url()).pathname, 'it is there, not elsewhere').toBe(path.split('?')[0]);
    await checkPage(page, name);
    await checkKeyboard(page);
    await page.goto(path);
    await checkSkipLink(page);
  });
}

test('the whole menu is used by keyboard', async ({ page }) => {
  await page.goto('/products');
  await checkKeyboard(page, { withMenu: true });
  await asOfficer(page);
  await page.goto('/products');
  await checkKeyboard(page, { withMenu: true });
});

test('the menu of a narrow screen is opened by keyboard', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 800 });
  await page.goto('/products');
  const menu = page.locator('summary', { hasText: 'Menu' });
  const link = page.getByRole('link', { name: 'Cohortes et glissements' });
  await expect(link).toBeHidden();
  for (let tabs = 0; tabs < 10 && !(await menu.evaluate((e) => e === document.activeElement)); tabs += 1) {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await expect(link).toBeVisible();
  while (!(await link.evaluate((e) => e === document.activeElement))) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/cohorts$/);
});

test('a page that is not there says what to do', async ({ page }) => {
  const answer = await page.goto('/nowhere');
  expect(answer.status()).toBe(404);
  await expect(page.locator('h1')).toHaveText('Page introuvable');
  await checkPage(page, 'not-found');
});

test('the reader chooses theme and language', async ({ page }) => {
  await page.goto('/products');
  await page.getByLabel('Apparence').selectOption('dark');
  await page.getByRole('button', { name: 'Appliquer' }).click();
  await expect(page).toHaveURL(/\/products$/);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await checkPage(page, 'dark');
  await page.getByLabel('Langue').selectOption('en');
  await page.getByRole('button', { name: 'Appliquer' }).click();
  await expect(page.locator('h1')).toHaveText('Digital products');
});
