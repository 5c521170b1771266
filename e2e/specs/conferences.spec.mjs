// A ministry's conference: its agenda is made with the keyboard from what the data proposes, its files are
// frozen, and what last year's conference decided is read by both sides and by anybody.
import { field, main } from '../support/acts.mjs';
import { asOfficer, checkPage, expect, test } from '../support/page.mjs';

test.setTimeout(120_000);

const h1 = (page) => page.getByRole('heading', { level: 1 });
const open = async (page, state) => {
  await page.goto(`/steering/conferences?state=${state}`);
  await page.locator('#conferences tbody a').first().click();
};

test('an agenda is made with the keyboard, and its files are frozen', async ({ page }) => {
  await asOfficer(page);
  await open(page, 'planned');
  const ministry = await main(page).getByRole('link', { name: /^Ministère/ }).first().textContent();

  // One of our own: the demo's stays as it is.
  await page.goto('/steering/conferences/new');
  await field(page, 'ministry').selectOption({ label: ministry });
  await main(page).getByLabel('Conférence extraordinaire').check();
  const day = new Date(Date.now() + 20 * 86_400_000);
  const fields = { 'day-day': day.getDate(), 'day-month': day.getMonth() + 1, 'day-year': day.getFullYear(),
    hour: '9 h 30', place: 'Salle 3', reason: 'Un marché s’arrête.',
    'people-directorate': 'Anne Le Goff, cheffe de mission', 'people-ministry': 'Jeanne Riou, directrice' };
  for (const [name, value] of Object.entries(fields)) {
    await field(page, name).fill(String(value));
  }
  await main(page).getByRole('button', { name: 'Prévoir une conférence' }).press('Enter');
  await expect(h1(page)).toContainText('Conférence extraordinaire');
  const conference = new URL(page.url()).pathname;
  await main(page).getByRole('link', { name: 'Ordre du jour', exact: true }).click();

  // The data says why; an officer takes two projects and leaves another out, with a reason.
  await expect(main(page)).toContainText('Comment les projets sont proposés');
  for (const count of [1, 2]) {
    await main(page).getByRole('button', { name: /^Retenir/ }).first().press('Enter');
    await expect(main(page).getByRole('link', { name: /^Retirer/ })).toHaveCount(count);
  }
  const up = main(page).getByRole('button', { name: /^Monter/ });
  await expect(up).toHaveCount(1);
  const moved = (await up.textContent()).match(/«\s*(.*?)\s*»/)[1];
  await up.press('Enter');
  await expect(main(page).getByRole('heading', { level: 2 }).first()).toHaveText(`1. ${moved}`);
  const leave = main(page).getByRole('link', { name: /^Écarter/ }).first();
  const left = (await leave.textContent()).match(/«\s*(.*?)\s*»/)[1];
  await leave.click();
  await field(page, 'reason').fill('Vu en comité le mois dernier.');
  await checkPage(page);
  await main(page).getByRole('button', { name: 'Écarter ce projet de l’ordre du jour' }).press('Enter');

  // Any other project of the ministry is found by its name.
  await main(page).getByRole('link', { name: 'Chercher un projet du ministère' }).press('Enter');
  const other = page.locator('#products tbody a').filter({ hasNotText: left }).first();
  const name = await other.textContent();
  await field(page, 'q').fill(name);
  await field(page, 'q').press('Enter');
  await expect(other).toHaveText(name);
  await checkPage(page);
  await other.press('Enter');
  await field(page, 'note').fill('Un modèle pour les autres.');
  await main(page).getByRole('button', { name: 'Retenir ce projet à l’ordre du jour' }).press('Enter');
  await expect(main(page)).toContainText('Un modèle pour les autres.');

  // Nothing is held before its files are frozen; frozen ones say who told each figure.
  await page.goto(`${conference}/acts/prepare`);
  await main(page).getByRole('button', { name: 'Préparer : geler les dossiers' }).press('Enter');
  await expect(main(page)).toContainText('Vu en comité le mois dernier.');
  await page.locator('#agenda tbody a').first().click();
  await expect(page.locator('#file')).toContainText('Portefeuille, dernière estimation');
  await expect(page.locator('#file')).toContainText('Aucune source ne le dit');
  await checkPage(page);
  await page.goto(`${conference}/acts/held`);
  await main(page).getByRole('button', { name: 'Constater la tenue' }).press('Enter');
  await expect(main(page)).toContainText('La conférence n’a pas encore eu lieu');
});

test('what last year’s conference decided is followed and public', async ({ page, browser }) => {
  await asOfficer(page);
  await open(page, 'prepared');
  await expect(main(page)).toContainText('Ce que la conférence précédente a décidé');
  await expect(page.locator('#previous-decisions')).toContainText('Réorienter');
  await expect(page.locator('#previous-recommendations')).toContainText('Vérifiée');
  const document = await page.request.get(`${page.url()}/conference.pdf`);
  expect(document.headers()['content-type']).toBe('application/pdf');

  await main(page).getByRole('link', { name: /^Ministère/ }).first().click();
  await expect(page.locator('#products')).toBeVisible();
  await checkPage(page);

  const anybody = await browser.newPage();
  await anybody.goto('/steering/published');
  await anybody.locator('#conferences tbody a').first().click();
  await expect(h1(anybody)).toContainText('Conférence numérique');
  await expect(main(anybody)).toContainText('Réorienter');
  await expect(main(anybody)).not.toContainText('Paul Kerven');
  await anybody.close();
});
