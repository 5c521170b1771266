// A product's cost as its team lives it: an address with inputs is sent to somebody, a version is made, a
// mistake names its line, two versions are compared, one is published without a line.
import { field, follow, main, press } from '../support/acts.mjs';
import { asOfficer, checkPage, expect, test } from '../support/page.mjs';

test.setTimeout(120_000);

const h1 = (page) => page.getByRole('heading', { level: 1 });

test('agents and contractors are compared, and the address holds the inputs', async ({ page }) => {
  await page.goto('/costs/agents-or-contractors');
  await expect(main(page)).toContainText('Ordre de grandeur, à remplacer');
  await field(page, 'daily_rate').fill('150');
  await press(page, 'Comparer');
  await expect(page).toHaveURL(/daily_rate=150/);
  await expect(main(page)).toContainText('les prestataires coûtent');
  await expect(main(page)).toContainText('de moins');
  await expect(page.locator('#sensitivity')).toContainText('la réponse est une autre');
  await checkPage(page);
  // Out of its limits: the field says them, and nothing is lost.
  await field(page, 'years').fill('21');
  await press(page, 'Comparer');
  await expect(main(page)).toContainText('1 – 20');
  await expect(field(page, 'daily_rate')).toHaveValue('150');
});

test('a version is made, compared and published without a line', async ({ page, browser }) => {
  await asOfficer(page);
  await page.goto('/costs');
  await page.locator('#costs tbody a').nth(2).click();
  const own = new URL(page.url()).pathname;
  await expect(main(page)).toContainText(
    'ne couvre que la construction et deux années de fonctionnement');

  await follow(page, 'Faire une nouvelle version');
  // The lines of the latest version and three empty rows; more of them lose nothing that was typed.
  const rows = page.locator('#rows [role="group"]');
  const count = await rows.count();
  const free = count - 2;
  await field(page, `kind-${free}`).selectOption('hosting');
  await field(page, `year-${free}`).fill('2027');
  await field(page, `label-${free}`).fill('Machine d’essai');
  await field(page, `amount-${free}`).fill('12 USD');
  await field(page, 'reason').fill('Un essai de machine en plus.');
  await press(page, 'Ajouter des lignes');
  await expect(rows).toHaveCount(count + 10);
  await expect(page).toHaveURL(new RegExp(`#kind-${count + 1}$`));
  await expect(field(page, `amount-${free}`)).toHaveValue('12 USD');
  await checkPage(page);
  // The mistake stands beside its field, and the key Enter sends the form.
  await field(page, `amount-${free}`).press('Enter');
  await expect(page.locator(`#amount-${free}-error`)).toContainText('dans une autre monnaie');
  await checkPage(page);
  await field(page, `amount-${free}`).fill('12 000');
  await press(page, 'Enregistrer cette version');
  await expect(page).toHaveURL(new RegExp(`${own}$`));
  await expect(page.locator('#versions tbody tr')).toHaveCount(3);

  await follow(page, 'Comparer deux versions');
  await expect(page.locator('#differences')).toContainText('Machine d’essai');

  await page.goto(`${own}/3/publication`);
  await field(page, 'redactions').fill('1 | Prix protégé par le secret des affaires.');
  await press(page, 'Décider de la publication');
  await expect(h1(page)).toContainText('Coût complet de');

  // Anybody reads it, without the line and without a total that would tell it.
  const context = await browser.newContext({ baseURL: process.env.GOUVERNAIL_URL, locale: 'fr-FR' });
  const anybody = await context.newPage();
  await anybody.goto(`${own}/published`);
  await expect(main(anybody)).toContainText('Prix protégé par le secret des affaires.');
  await expect(main(anybody)).toContainText('sans les lignes cachées');
  await context.close();
});
