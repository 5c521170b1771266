import { checkPage, expect, signIn, test } from '../support/page.mjs';

const number = async (cell) => Number(await cell.getAttribute('data-value'));

test('the list is filtered, sorted, paged and downloaded', async ({ page, request }) => {
  await page.goto('/products');
  await page.getByRole('link', { name: 'Page suivante' }).click();
  await expect(page).toHaveURL(/after=/);
  await page.goto('/products');
  await page.getByLabel('Nature').selectOption('large-project');
  await page.getByRole('button', { name: 'Filtrer' }).click();
  await expect(page).toHaveURL(/kind=large-project/);
  await page.getByRole('link', { name: 'Coût (M€)' }).click();
  const costs = page.locator('#products tbody tr td:nth-of-type(3)');
  expect(await number(costs.nth(0))).toBeGreaterThanOrEqual(await number(costs.nth(1)));
  await expect(page.getByRole('columnheader', { name: 'Coût (M€)' }))
    .toHaveAttribute('aria-sort', 'descending');
  for (const [format, type] of [['CSV', 'text/csv'], ['XLSX', 'spreadsheetml'], ['JSON', 'json']]) {
    const href = await page.locator('.gv-downloads a', { hasText: format }).getAttribute('href');
    const answer = await request.get(href);
    expect(answer.headers()['content-type']).toContain(type);
    expect((await answer.body()).length).toBeGreaterThan(100);
  }
  await page.getByLabel('Rechercher un nom').fill('rien de tel');
  await page.getByRole('button', { name: 'Filtrer' }).click();
  await expect(page.locator('#products')).toContainText('Aucun produit ne correspond');
});

test('the decomposition is drawn and adds up', async ({ page }) => {
  await page.goto('/cohorts');
  await expect(page.locator('figure[data-table=waterfall-cost] svg')).toBeVisible();
  const cells = page.locator('#waterfall-cost tbody td');
  const parts = [];
  for (let at = 0; at < 4; at += 1) parts.push(await number(cells.nth(at)));
  expect(parts[0] + parts[1] + parts[2]).toBe(parts[3]);
});

test('an estimate is told; a mistake loses nothing', { tag: '@smoke' }, async ({ page }) => {
  await signIn(page, '/products?kind=large-project&sort=cost&order=desc');
  await page.locator('#products tbody a').first().click();
  await page.getByRole('link', { name: 'Ajouter une estimation' }).click();
  await page.getByLabel('Source').fill('comité de pilotage');
  await page.getByLabel('Coût estimé', { exact: false }).fill('cher');
  await page.getByRole('button', { name: 'Enregistrer l’estimation' }).click();
  await expect(page.locator('.gv-error-summary')).toBeFocused();
  await expect(page.getByLabel('Source')).toHaveValue('comité de pilotage');
  await page.getByRole('link', { name: /Indiquez un montant/ }).click();
  await page.keyboard.press('Control+A');
  await page.keyboard.type('999,5');
  await page.getByRole('button', { name: 'Enregistrer l’estimation' }).click();
  await expect(page.locator('#estimates')).toContainText('999,5');
  await expect(page.locator('#estimates')).toContainText('comité de pilotage');
});

test('an edition is tried, imported, and its near name answered', async ({ page }) => {
  const header = 'Ministère porteur;Nom du projet;Début;Durée prévisionnelle en année;'
    + 'Phase du projet en cours;Coût estimé;Date de publication\n';
  await signIn(page, '/products?kind=large-project&sort=cost&order=desc');
  const name = await page.locator('#products tbody a').first().innerText();
  const csv = `${header}MI;${name} seconde vague;01/01/2020;3;Déploiement;12,5;01/10/2026\n`
    + 'MI;Projet mal écrit;32/13/2020;x;Rumeur;cher;01/10/2026\n';
  const send = async (mode) => {
    await page.goto('/imports');
    await page.getByLabel(mode, { exact: true }).check();
    await page.getByLabel('Fichier').setInputFiles(
      { name: 'edition.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
    await page.getByRole('button', { name: 'Envoyer le fichier' }).click();
  };
  await send('Essayer sans rien garder');
  await expect(page.locator('main')).toContainText('rien n’a été gardé', { timeout: 15_000 });
  await expect(page.locator('#rejected')).toContainText('Ce n’est pas un montant');
  await send('Importer');
  await expect(page.locator('main')).toContainText('est importé', { timeout: 15_000 });
  await page.goto('/imports');
  const question = page.locator('form', { hasText: `${name} seconde vague` }).first();
  await question.getByLabel('C’est le même projet').check();
  await question.getByRole('button', { name: 'Enregistrer la réponse' }).click();
  await expect(page.locator('#answers')).toContainText(`${name} seconde vague`);
});

test('a product is added, corrected, and keeps what was typed', async ({ page }) => {
  await signIn(page, '/products');
  await page.getByRole('link', { name: 'Ajouter un produit' }).click();
  await page.getByLabel('Mission').fill('Trouver une aide en un geste.');
  await page.getByLabel('Page du produit').fill('aides');
  await page.getByRole('button', { name: 'Enregistrer la fiche' }).click();
  await expect(page.locator('.gv-error-summary')).toBeFocused();
  await expect(page.locator('.gv-error-summary li')).toHaveCount(2);
  await expect(page.getByLabel('Mission')).toHaveValue('Trouver une aide en un geste.');
  await checkPage(page, 'product-mistakes');
  const name = `Portail des aides ${Date.now()}`;
  await page.getByLabel('Nom', { exact: true }).fill(name);
  await page.getByLabel('Page du produit').fill('https://aides.example');
  await page.getByLabel('Technologies').fill('Rust\nPostgreSQL');
  await page.getByLabel('Phase 1', { exact: true }).selectOption('build');
  const start = page.getByRole('group', { name: 'Début de la phase 1' });
  await start.getByLabel('Jour').fill('1');
  await start.getByLabel('Mois').fill('2');
  await start.getByLabel('Année').fill('2025');
  await page.getByRole('button', { name: 'Enregistrer la fiche' }).click();
  // Nothing is built without a promise that can be measured.
  await expect(page.locator('.gv-error-summary')).toContainText('Pas de construction sans promesse mesurable');
  await page.getByLabel('Phase 1', { exact: true }).selectOption('framing');
  await page.getByRole('button', { name: 'Enregistrer la fiche' }).click();
  await expect(page.locator('h1')).toHaveText(name);
  await expect(page.locator('main')).toContainText('PostgreSQL');
  await page.getByRole('link', { name: 'Modifier la fiche' }).click();
  await checkPage(page, 'product-edit');
  await page.getByLabel('Priorité du Gouvernement').fill('Accès aux droits');
  await page.getByRole('button', { name: 'Enregistrer la fiche' }).click();
  await expect(page.locator('main')).toContainText('Accès aux droits');
  await page.getByRole('link', { name: 'Modifier la fiche' }).click();
  await expect(page.locator('main')).toContainText('priorité du Gouvernement');
  await page.getByRole('button', { name: 'Laisser les imports changer ces champs' }).click();
  await expect(page.getByText('que les imports ne changent plus')).toHaveCount(0);
});

test('a file that is no table is refused in words', async ({ page }) => {
  await signIn(page, '/imports');
  await page.getByLabel('Fichier').setInputFiles(
    { name: 'x.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 x') });
  await page.getByRole('button', { name: 'Envoyer le fichier' }).click();
  await expect(page.getByText('n’a pas pu être lu')).toBeVisible({ timeout: 15_000 });
  await checkPage(page, 'import-refused');
});

test('a wrong password keeps the address and says so', async ({ page }) => {
  await page.goto('/sign-in');
  await page.getByLabel('Adresse électronique').fill('personne@x.example');
  await page.getByLabel('Mot de passe').fill('mauvais');
  await page.keyboard.press('Enter');
  await expect(page.locator('.gv-error-summary')).toBeFocused();
  await expect(page.getByLabel('Adresse électronique')).toHaveValue('personne@x.example');
});

test('signing out ends the session', async ({ page }) => {
  await signIn(page, '/account');
  await page.getByRole('button', { name: 'Se déconnecter' }).click();
  await page.goto('/account');
  await expect(page).toHaveURL(/\/sign-in/);
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });
  test('the list is filtered and a person signs in', async ({ page }) => {
    await page.goto('/products');
    await page.getByLabel('Nature').selectOption('start-up');
    await page.getByRole('button', { name: 'Filtrer' }).click();
    await expect(page).toHaveURL(/kind=start-up/);
    await signIn(page, '/account');
    await expect(page.locator('h1')).toHaveText('Mon compte');
  });
});
