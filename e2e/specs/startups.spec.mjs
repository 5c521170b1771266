// A start-up as its team and its committee live it: the review is prepared, handed over, decided; money
// follows; the figures stay as they stood; the directorate checks national impact and fills a gap of a
// priority of the Government.
import { field, fillDay, follow, main, press } from '../support/acts.mjs';
import { asOfficer, expect, test } from '../support/page.mjs';

test.setTimeout(120_000);

const choose = (page, name, value) => page.locator(`main [name="${name}"][value="${value}"]`).check({ force: true });

test('a start-up is reviewed, decided on and invested in', async ({ page }) => {
  await asOfficer(page);
  await page.goto('/start-ups/reviews?state=preparing');
  await page.locator('#reviews tbody a').first().click();
  const review = new URL(page.url()).pathname;

  // What isn't complete isn't handed over.
  await follow(page, 'Préparer la revue');
  await field(page, 'plan').fill('');
  await press(page, 'Garder');
  await press(page, 'Remettre au comité');
  await expect(main(page)).toContainText('La revue n’est pas complète');

  await page.goto(`${review}/preparation`);
  await field(page, 'plan').fill('Ouvrir à deux régions.');
  await press(page, 'Garder');
  await press(page, 'Remettre au comité');
  await expect(main(page)).toContainText('Mesures telles qu’elles étaient');

  await follow(page, 'Décider');
  await choose(page, 'kind', 'continue');
  await field(page, 'committee').fill('Comité de l’incubateur');
  await field(page, 'reasons').fill('L’usage croît.');
  await field(page, 'next').fill('Montrer l’effet dans deux régions.');
  const later = new Date();
  later.setMonth(later.getMonth() + 4);
  await fillDay(page, 'next_by', later);
  await press(page, 'Enregistrer la décision');
  await expect(main(page)).toContainText('L’usage croît.');

  await follow(page, 'Enregistrer un investissement');
  await field(page, 'amount').fill('250 000');
  await fillDay(page, 'to', later);
  await field(page, 'fund').fill('FAST');
  await press(page, 'Enregistrer un investissement');
  await expect(page.locator('#investments')).toContainText('250 000');

  // Nothing is decided twice.
  await page.goto(review);
  await expect(main(page).getByRole('link', { name: 'Décider', exact: true })).toHaveCount(0);
});

test('national impact is checked and the gap of a priority is filled', async ({ page }) => {
  await asOfficer(page);
  await page.goto('/start-ups/live');
  const startup = await page.locator('#startups tbody a').last().getAttribute('href');
  await page.goto(startup.replace('/start-up', '/national-impact'));
  await expect(main(page)).toContainText('pas encore établi');
  await page.goto(startup.replace('/start-up', '/national-impact/data/answer'));
  await choose(page, 'met', 'yes');
  await field(page, 'evidence').fill('Registre publié.');
  await press(page, 'Répondre');
  await follow(page, 'Vérifier');
  await choose(page, 'check', 'met');
  await field(page, 'comment').fill('Lu.');
  await press(page, 'Vérifier');
  await expect(page.locator('#criteria')).toContainText('la preuve le montre');

  await page.goto('/start-ups/priorities');
  const bare = page.locator('#priorities tbody tr', { hasText: 'Aucun produit en activité' });
  await bare.getByRole('link').first().click();
  await follow(page, 'Choisir les produits');
  await field(page, 'product').selectOption({ index: 1 });
  await press(page, 'Enregistrer');
  await expect(main(page)).not.toContainText('Aucun produit en activité');
});
