// The whole loop on one project: it drifted and its opinion was unfavourable, a recommendation is overdue
// and escalates; the brigade is sent, a contract with two tranches is signed by both sides, the first is
// released by a figure that nobody types, the second is held; the conference reorients the project, and
// anybody reads what happened.
import { OFFICER, asOfficer, checkPage, expect, test } from '../support/page.mjs';

test.setTimeout(180_000);

const main = (page) => page.locator('main');
const press = (page, name) => main(page).getByRole('button', { name, exact: true }).click();
const follow = (page, name) => main(page).getByRole('link', { name, exact: true }).first().click();
const field = (page, name) => page.locator(`main [name="${name}"]`);

async function fillDay(page, name, date) {
  await field(page, `${name}-day`).fill(String(date.getDate()));
  await field(page, `${name}-month`).fill(String(date.getMonth() + 1));
  await field(page, `${name}-year`).fill(String(date.getFullYear()));
}

/** A form that has one button, named like the link that leads to it. */
async function act(page, name, fields = {}) {
  await follow(page, name);
  for (const [field_, value] of Object.entries(fields)) await field(page, field_).fill(value);
  await press(page, name);
}

/** The ministry's digital director, in a browser of her own. */
async function asDirector(browser) {
  const context = await browser.newContext({ baseURL: process.env.GOUVERNAIL_URL, locale: 'fr-FR' });
  const page = await context.newPage();
  await page.goto('/sign-in');
  await page.getByLabel('Adresse électronique').fill('jeanne.riou@ministere.example');
  await page.getByLabel('Mot de passe').fill(OFFICER.password);
  await main(page).getByRole('button', { name: 'Se connecter' }).click();
  await expect(page.locator('header')).toContainText('Jeanne Riou');
  return page;
}

test('one project goes through the whole loop, in the open', async ({ page, browser }) => {
  await asOfficer(page);
  await page.goto('/steering');
  const overdue = page.locator('#overdue tbody tr').first();
  await expect(overdue).toContainText('Directeur du numérique saisi');
  const title = await overdue.locator('td').first().innerText();
  await page.locator('#risk tbody tr', { hasText: title }).getByRole('link').first().click();
  const steering = new URL(page.url()).pathname;
  const product = steering.split('/')[2];

  // It drifted, the watch saw it, the opinion was unfavourable, a recommendation is overdue.
  for (const happened of ['Alerte : dérive du coût', 'Examen annoncé', 'Dossier complet',
    'Avis rendu', 'En retard : directeur du numérique saisi']) {
    await expect(main(page)).toContainText(happened);
  }
  await expect(page.locator('#reviews')).toContainText('Défavorable');

  // The brigade is sent from the alert, and has the request.
  await page.locator('#alerts tbody tr', { hasText: 'Dérive de la durée' }).getByRole('link').first().click();
  await act(page, 'Envoyer la brigade', { reason: 'Le lot unique ne tient pas.' });
  await expect(main(page)).toContainText('Brigade demandée');
  await page.goto('/brigade/requests?state=open&origin=alert');
  await page.locator('#requests tbody tr', { hasText: title }).getByRole('link').first().click();
  await expect(main(page)).toContainText('Le lot unique ne tient pas.');

  // A contract with two tranches: one rests on what the platform counts, the other on the target itself.
  await page.goto(`/contracts/new?product=${product}&kind=money`);
  await field(page, 'purpose').fill('Livrer un premier lot utile, puis l’ouvrir.');
  await fillDay(page, 'ends', new Date(Date.now() + 400 * 86_400_000));
  await field(page, 'directorate_signatory').fill('Camille Moreau');
  await field(page, 'ministry_body').fill('Ministère porteur');
  await field(page, 'ministry_signatory').fill('Jeanne Riou');
  await main(page).getByLabel('Connexions par mois').check();
  for (const [number, amount, share] of [[1, '400 000', '10'], [2, '600 000', '100']]) {
    await field(page, `tranche${number}_amount`).fill(amount);
    await field(page, `tranche${number}_share`).fill(share);
    await field(page, `tranche${number}_indicator`).selectOption({ label: 'Connexions par mois' });
  }
  await press(page, 'Préparer un contrat');
  await expect(page.locator('#signatures')).toContainText('Personne n’a encore signé');
  const contract = new URL(page.url()).pathname;
  await act(page, 'Ouvrir la négociation');
  await act(page, 'Arrêter le texte pour signature');
  await act(page, 'Signer pour la direction');
  // One side alone signs nothing into force.
  await expect(page.locator('#tranches').getByRole('link', { name: 'Libérer la tranche' })).toHaveCount(0);

  const director = await asDirector(browser);
  await director.goto(contract);
  await act(director, 'Signer pour le ministère');
  await expect(main(director)).toContainText('En vigueur');

  // The first tranche is released by a person because its figure is there; the second is held.
  await page.goto(contract);
  const tranches = page.locator('#tranches tbody tr');
  await expect(tranches.nth(0)).toContainText('compté par la plateforme');
  await expect(tranches.nth(0)).toContainText('Condition remplie.');
  await tranches.nth(0).getByRole('link', { name: 'Libérer la tranche' }).click();
  await press(page, 'Libérer la tranche');
  await expect(tranches.nth(0)).toContainText('Libérée');
  await expect(tranches.nth(1)).toContainText('Pas encore.');
  await tranches.nth(1).getByRole('link', { name: 'Retenir la tranche' }).click();
  await field(page, 'reason').fill('Une recommandation est en retard.');
  await press(page, 'Retenir la tranche');
  await expect(tranches.nth(1)).toContainText('Retenue');
  await checkPage(page, 'loop-contract');

  // The conference is held today, on frozen files, and reorients the project.
  await page.goto(steering);
  await follow(page, 'Page du ministère');
  const ministry = await page.getByRole('heading', { level: 1 }).innerText();
  await page.goto('/steering/conferences/new');
  await field(page, 'ministry').selectOption({ label: ministry });
  await main(page).getByLabel('Conférence extraordinaire').check();
  await fillDay(page, 'day', new Date());
  await field(page, 'hour').fill('0 h 01');
  await field(page, 'place').fill('Salle du conseil');
  await field(page, 'reason').fill('Le projet ne tient pas.');
  await field(page, 'people-directorate').fill('Camille Moreau, cheffe du pôle portefeuille');
  await field(page, 'people-ministry').fill('Jeanne Riou, directrice du numérique');
  await press(page, 'Prévoir une conférence');
  const conference = new URL(page.url()).pathname;
  await follow(page, 'Ordre du jour');
  await main(page).getByRole('button', { name: `Retenir « ${title} »` }).click();
  await page.goto(conference);
  await act(page, 'Préparer : geler les dossiers');
  const point = page.locator('#agenda tbody tr', { hasText: title }).getByRole('link').first();
  await point.click();
  // Its file holds what other modules told on that day.
  await expect(page.locator('#file')).toContainText('Jours de la brigade');
  await page.goto(conference);
  await act(page, 'Constater la tenue');
  await page.locator('#agenda tbody tr', { hasText: title }).getByRole('link').first().click();
  await act(page, 'Écrire le compte rendu du point', { discussion: 'Le besoin demeure, le lot unique non.' });
  await follow(page, 'Consigner une décision');
  await main(page).getByLabel('Réorienter', { exact: true }).check();
  await field(page, 'reasons').fill('Un seul lot ne sert personne avant trois ans.');
  await field(page, 'next').fill('Livrer le premier lot à un service pilote.');
  await fillDay(page, 'next_by', new Date(Date.now() + 120 * 86_400_000));
  await press(page, 'Consigner une décision');
  await page.goto(conference);
  await act(page, 'Adopter le compte rendu pour la direction');
  await director.goto(conference);
  await act(director, 'Adopter le compte rendu pour le ministère');
  await expect(main(director)).toContainText('Compte rendu adopté');
  await director.context().close();

  // What the directorate publishes today, anybody reads today.
  await page.goto(steering);
  await page.locator('#decisions tbody a').first().click();
  const decision = new URL(page.url()).pathname;
  await page.goto(`${decision}/publication`);
  await fillDay(page, 'on', new Date());
  await press(page, 'Publication et occultations');
  await page.goto(`${contract}/publication`);
  await fillDay(page, 'on', new Date());
  await main(page).getByRole('button').last().click();
  const anybody = await browser.newContext({ baseURL: process.env.GOUVERNAIL_URL, locale: 'fr-FR' });
  const outside = await anybody.newPage();
  await outside.goto(`/products/${product}`);
  await follow(outside, 'Avis, décisions et contrats publiés');
  await expect(main(outside)).toContainText('Défavorable');
  await expect(main(outside)).toContainText('Décision de réorienter');
  await expect(main(outside)).toContainText('Un seul lot ne sert personne avant trois ans.');
  await expect(main(outside)).toContainText('ontrat');
  await expect(main(outside)).not.toContainText('Une recommandation est en retard.');
  await checkPage(outside, 'loop-public');
  await anybody.close();
});
