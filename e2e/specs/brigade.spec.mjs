// A ministry asks for the brigade, an officer chooses who goes and is refused whom another mission has,
// the ministry agrees, days are recorded, and the board shows it.
import { field, fillDay, follow, main, press } from '../support/acts.mjs';
import { asOfficer, expect, test } from '../support/page.mjs';

test.setTimeout(120_000);

const inDays = (days) => new Date(Date.now() + days * 86_400_000);

test('the brigade is asked for, chosen by a person and booked once', async ({ page }) => {
  await asOfficer(page);
  await page.goto('/brigade/requests/new');
  await page.locator('#products tbody a').first().click();
  await field(page, 'need').fill('Les mises en service s’arrêtent une fois sur trois.');
  await field(page, 'wanted-devops').fill('3,5');
  await field(page, 'contribution').fill('Une chaîne de mise en service qui tient.');
  await press(page, 'Envoyer la demande');
  await expect(main(page)).toContainText('À remplir.');
  await expect(field(page, 'wanted-devops')).toHaveValue('3,5');
  await field(page, 'impact').fill('Aucun arrêt pendant trois mois.');
  await press(page, 'Envoyer la demande');
  const request = new URL(page.url()).pathname;
  await expect(main(page)).toContainText('couvre les 3,5 jours demandés');

  // More than anybody has.
  await main(page).locator('#proposals-devops').getByRole('link', { name: 'Choisir' }).first().click();
  await field(page, 'title').fill('Mise en service');
  await field(page, 'objective').fill('Rendre la mise en service sûre.');
  await field(page, 'criterion').fill('Dix mises en service d’affilée.');
  await fillDay(page, 'from', inDays(0));
  await fillDay(page, 'to', inDays(30));
  await field(page, 'days-0').fill('100');
  await press(page, 'Proposer la mission');
  await expect(main(page)).toContainText('n’a plus assez de jours libres');
  await field(page, 'days-0').fill('2');
  await press(page, 'Proposer la mission');
  await expect(main(page)).toContainText('Proposée');
  // An officer doesn't agree in the ministry's place.
  await expect(main(page).getByRole('link', { name: 'Accepter la mission' })).toHaveCount(0);
  await page.goto(request);
  await expect(main(page)).toContainText('Acceptée');
});

test('a report is due and days are recorded within what was agreed', async ({ page }) => {
  await asOfficer(page);
  await page.goto('/brigade/missions?state=running');
  await page.locator('#missions tbody a').first().click();
  await follow(page, 'Saisir des jours');
  await fillDay(page, 'on', inDays(3));
  await press(page, 'Enregistrer le jour');
  await expect(main(page)).toContainText('Ce jour est à venir');
});

test('the board moves by four weeks and says who is over-booked', async ({ page }) => {
  await asOfficer(page);
  await page.goto('/brigade/board');
  await expect(page.locator('#board thead th')).toHaveCount(13);
  await expect(main(page)).toContainText('Des personnes sont surréservées');
  const before = await page.locator('#board thead th').nth(5).textContent();
  await follow(page, '4 semaines plus tard');
  await expect(page.locator('#board thead th').nth(1)).toHaveText(before);
});
