// The quality of a procedure as everybody lives it: a user answers on a telephone without an account, the
// team reads, takes a name away and declares; anybody reads the edition; a conference's file will tell it.
import { field, fillDay, follow, main, press } from '../support/acts.mjs';
import { asOfficer, checkPage, expect, test } from '../support/page.mjs';

test.setTimeout(120_000);

test('a user says how it went, and the team hears it', async ({ page, browser }) => {
  await asOfficer(page);
  await page.goto('/observatory/procedures');
  await page.locator('#procedures tbody th a').first().click();
  const procedure = new URL(page.url()).pathname;
  await expect(page.locator('#button')).toContainText(`${procedure}/review`);

  // Somebody on a telephone, without an account; scripts don't run.
  const context = await browser.newContext({
    baseURL: process.env.GOUVERNAIL_URL, locale: 'fr-FR', javaScriptEnabled: false,
    viewport: { width: 360, height: 640 },
  });
  const user = await context.newPage();
  await user.goto(procedure);
  await follow(user, 'Je donne mon avis');
  await press(user, 'Envoyer mon avis');
  await expect(main(user)).toContainText('Choisissez une des trois réponses');
  await main(user).getByLabel('Mal', { exact: true }).check();
  await press(user, 'Envoyer mon avis');
  await expect(main(user)).toContainText('Voulez-vous préciser');
  await main(user).getByLabel('Peu clair', { exact: true }).check();
  await main(user).getByLabel('Oui, mais personne ne m’a répondu', { exact: true }).check();
  const said = 'Madame Untel m’a raccroché au nez, rappelez-moi au 06 12 34 56 78';
  await field(user, 'comment').fill(said);
  await press(user, 'Envoyer ces précisions');
  await expect(main(user)).toContainText('Votre avis est compté');
  await follow(user, 'Voir ce que disent les usagers de cette démarche');
  await expect(user).toHaveURL(new RegExp(`${procedure}$`));
  await context.close();

  // The team hears it, without what names somebody by number; a name is taken away by a person.
  await follow(page, 'Ce que disent les usagers');
  const row = page.locator('#reviews tbody tr', { hasText: 'Madame Untel' });
  await expect(row).toContainText('rappelez-moi au [masqué]');
  await row.getByRole('link', { name: 'Effacer le commentaire' }).click();
  await expect(main(page)).toContainText('Madame Untel');
  await press(page, 'Effacer le commentaire');
  await expect(main(page)).toContainText('Ce champ est nécessaire');
  await field(page, 'reason').fill('Le commentaire nomme une personne.');
  await press(page, 'Effacer le commentaire');
  await expect(main(page)).not.toContainText('Madame Untel');
  await expect(page.locator('#reviews tbody')).toContainText('Commentaire effacé le');
});

test('a team declares with evidence, and anybody reads it', async ({ page, browser }) => {
  await asOfficer(page);
  await page.goto('/observatory');
  await page.locator('#procedures tbody th a').first().click();
  const procedure = new URL(page.url()).pathname;
  await follow(page, 'Déclarer : Disponibilité');
  await field(page, 'value').fill('199');
  await field(page, 'evidence').fill('https://demarches.example/disponibilite');
  await press(page, 'Déclarer');
  await expect(main(page)).toContainText('n’est pas un pourcentage de 0 à 100');
  await field(page, 'value').fill('99,87');
  await fillDay(page, 'as_of', new Date(Date.now() + 3 * 86_400_000));
  await press(page, 'Déclarer');
  await expect(main(page)).toContainText('Rien ne peut être constaté après aujourd’hui');
  await expect(field(page, 'value')).toHaveValue('99,87');
  await fillDay(page, 'as_of', new Date());
  await press(page, 'Déclarer');
  await expect(page).toHaveURL(new RegExp(`${procedure}$`));
  await expect(page.locator('#declared')).toContainText('99,87');

  const context = await browser.newContext({ baseURL: process.env.GOUVERNAIL_URL, locale: 'fr-FR' });
  const anybody = await context.newPage();
  await anybody.goto(procedure);
  await expect(anybody.locator('#declared')).toContainText('99,87');
  await anybody.goto(`${procedure}/declarations/uptime`);
  await expect(anybody.locator('#declarations tbody tr')).toHaveCount(2);
  await expect(main(anybody)).not.toContainText('Camille Moreau');
  // The edition that is published keeps what it said.
  await anybody.goto('/observatory');
  await expect(anybody.locator('#goals tbody tr')).toHaveCount(10);
  await expect(main(anybody)).not.toContainText('99,87');
  await checkPage(anybody);
  await context.close();
});

test('satisfaction is a figure that nobody types, and steering reads the rest', async ({ page }) => {
  await asOfficer(page);
  await page.goto('/indicators?level=useful');
  await page.locator('#indicators a', { hasText: 'Satisfaction des usagers' }).first().click();
  await expect(main(page)).toContainText('sur 10');
  await expect(main(page)).toContainText('comptée par la plateforme');
  // Somebody must renew an approval that ends soon.
  await page.goto('/steering');
  await expect(main(page)).toContainText('Homologation de sécurité est à renouveler');
});
