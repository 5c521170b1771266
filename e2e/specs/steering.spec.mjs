// A project as the directorate lives it: it drifts, the watch sees it, a review is opened, its clock
// runs, the opinion is unfavourable, what is recommended becomes overdue, the project is reoriented, and
// anybody reads what happened.
import { act, completeFile, field, fillDay, follow, main, press, refuse } from '../support/acts.mjs';
import { asOfficer, checkPage, expect, test } from '../support/page.mjs';

test.setTimeout(120_000);

const h1 = (page) => page.getByRole('heading', { level: 1 });

test('a project drifts, is reviewed and is reoriented, and anybody reads it', async ({ page, browser }) => {
  await asOfficer(page);

  // The watch has seen it, and says so in figures.
  await page.goto('/steering/alerts?rule=cost');
  const drifting = page.locator('#alerts tbody tr').first();
  await expect(drifting).toContainText('Le coût a dérivé de');
  await drifting.getByRole('link').first().click();
  await expect(h1(page)).toHaveText('Alerte');

  // It goes on the conference's agenda, and its funding is held; then both are settled.
  await follow(page, 'Inscrire à la conférence');
  await field(page, 'reason').fill('Trancher le périmètre');
  await press(page, 'Inscrire à la conférence');
  await follow(page, 'Retenir le financement');
  await field(page, 'reason').fill('En attendant l’avis');
  await press(page, 'Retenir le financement');

  await follow(page, 'Ouvrir un examen de l’article 3');
  await field(page, 'foreseen').fill('48');
  await field(page, 'reason').fill('Le coût prévu dépasse 9 M€.');
  await press(page, 'Annoncer un examen');
  const review = new URL(page.url()).pathname;

  await act(page, 'Ouvrir le dossier', { reason: 'Le ministère réunit les pièces.' });
  // Nothing is received that isn't complete.
  await follow(page, 'Constater le dossier complet');
  await field(page, 'reason').fill('Reçu');
  await press(page, 'Constater le dossier complet');
  await expect(main(page)).toContainText('Il manque 10 pièce(s)');
  await completeFile(page, review);
  await act(page, 'Constater le dossier complet', { reason: 'Toutes les pièces sont là.' });

  // The clock runs, stands still, and goes on.
  await expect(main(page)).toContainText(/Il reste \d+ jours? pour rendre l’avis/);
  await act(page, 'Demander des informations', { reason: 'Le coût par option manque.' });
  await expect(main(page)).toContainText('Le délai est suspendu depuis le');
  await act(page, 'Donner les informations', { reason: 'Le tableau est joint.' });
  await expect(main(page)).toContainText('Le coût par option manque.');

  await refuse(page, 'Le projet ne peut pas commencer, avec un seul lot.');

  for (const [axis, text] of [['delivery', 'Découper en lots'], ['governance', 'Nommer une responsable'],
    ['finance', 'Recalculer le coût complet']]) {
    await follow(page, 'Faire une recommandation');
    await field(page, 'text').fill(text);
    await page.locator(`main [name="axis"][value="${axis}"]`).check();
    await press(page, 'Faire une recommandation');
    await expect(page.locator('#recommendations')).toContainText(text);
  }
  await expect(page.locator('#recommendations tbody tr')).toHaveCount(3);

  // The morning page: an older recommendation is overdue, and has reached the ministry.
  await page.goto('/steering');
  await expect(page.locator('#overdue tbody tr').first()).toContainText('en retard');
  await expect(page.locator('#overdue')).toContainText('Directeur du numérique saisi');
  await expect(page.locator('#held tbody tr')).toHaveCount(1);
  await checkPage(page, 'steering-story-morning');

  await page.goto(review);
  await follow(page, 'Consigner une décision');
  await main(page).getByLabel('Réorienter', { exact: true }).check();
  await field(page, 'reasons').fill('L’avis est défavorable et le besoin demeure.');
  await field(page, 'next').fill('Livrer un premier lot utile.');
  const later = new Date();
  later.setMonth(later.getMonth() + 6);
  await fillDay(page, 'next_by', later);
  await press(page, 'Consigner une décision');
  await expect(page.locator('#figures')).toContainText('Dernier coût estimé');
  const decision = new URL(page.url()).pathname;

  // The conference has settled it, and the funding goes on.
  await page.goto('/steering/agenda');
  await page.locator('#agenda tbody tr').first().getByRole('link', { name: 'Clore ce point' }).click();
  await checkPage(page, 'steering-close-point');
  await field(page, 'outcome').fill('Réorienter');
  await press(page, 'Clore ce point');
  await page.goto('/steering');
  await page.locator('#held tbody a').first().click();
  await follow(page, 'Libérer le financement');
  await checkPage(page, 'steering-release');
  await field(page, 'reason').fill('Le premier lot est défini.');
  await press(page, 'Libérer le financement');
  await expect(main(page)).toContainText('Financement libéré');

  // Both are published today, without one passage.
  for (const path of [review, decision]) {
    await page.goto(`${path}/publication`);
    await fillDay(page, 'on', new Date());
    await field(page, 'redactions').fill('un seul lot | Marché en cours');
    await press(page, 'Publication et occultations');
  }
  const anybody = await browser.newContext({ baseURL: process.env.GOUVERNAIL_URL, locale: 'fr-FR' });
  const outside = await anybody.newPage();
  await outside.goto(`/steering/published${review.replace('/steering', '')}`);
  await expect(main(outside)).toContainText('Le projet ne peut pas commencer, avec […].');
  await expect(main(outside)).toContainText('Marché en cours');
  await expect(main(outside)).not.toContainText('un seul lot');
  await expect(outside.locator('#recommendations tbody tr')).toHaveCount(3);
  await checkPage(outside, 'steering-story-public');
  await outside.goto(`/steering/published${decision.replace('/steering', '')}`);
  await expect(main(outside)).toContainText('Réorienter');
  await anybody.close();
});
