import { checkKeyboard, checkPage, expect, signIn, test } from '../support/page.mjs';

const PUBLIC = ['/', '/products', '/cohorts', '/slips', '/slips?by=band', '/slips/history', '/forecasts', '/start-ups',
  '/organisations', '/journal', '/open-data', '/api', '/accessibility', '/sign-in', '/password'];

const named = (path) => path.replace(/[^a-z-]+/g, '_').replace(/^_|_$/g, '') || 'overview';

for (const path of PUBLIC) {
  test(`${path} is accessible, French and tidy`, async ({ page }) => {
    await page.goto(path);
    await checkPage(page, named(path));
    await page.goto(path);
    await checkKeyboard(page);
  });
}

test('a product and an organisation are accessible', async ({ page }) => {
  await page.goto('/products?kind=large-project&sort=slip&order=desc');
  await page.locator('#products tbody a').first().click();
  await expect(page.locator('#estimates')).toBeVisible();
  await checkPage(page, 'product');
  await page.goto('/products?kind=start-up&phase=acceleration');
  await page.locator('#products tbody a').first().click();
  await checkPage(page, 'start-up');
  await page.goto('/organisations');
  await page.locator('#organisations tbody a').first().click();
  await checkPage(page, 'organisation');
  for (const kind of ['ministry', 'incubator']) {
    await page.goto(`/organisations?kind=${kind}`);
    await page.locator('#organisations tbody a').first().click();
    await page.getByRole('link', { name: 'Voir ses produits' }).click();
    await checkPage(page, kind);
  }
});

test('pages for people who are signed in are accessible', async ({ page }) => {
  await signIn(page, '/imports');
  await expect(page).toHaveURL(/\/imports$/);
  for (const path of ['/imports', '/people', '/people/new', '/organisations/new', '/products/new', '/operations',
    '/outbox', '/account']) {
    await page.goto(path);
    await checkPage(page, `in-${named(path)}`);
  }
  await page.goto('/people');
  await page.locator('#people tbody a').first().click();
  await checkPage(page, 'in-person');
  await page.goto('/products?kind=large-project');
  await page.locator('#products tbody a').first().click();
  const product = page.url();
  await page.goto(`${product}/estimates/new`);
  await checkPage(page, 'in-estimate');
  await checkKeyboard(page);
  await page.goto(`${product}/baseline`);
  await checkPage(page, 'in-baseline');
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
