// Citizens sign in to a service through a mock provider, in a real browser, with an independent client.
import * as client from 'openid-client';
import { asOfficer, checkPage, expect, test } from '../support/page.mjs';
import { checkKeyboard } from '../support/keyboard.mjs';
import { be } from '../support/provider.mjs';
import { register, startService } from '../support/service.mjs';

test.use({ actionTimeout: 10_000, navigationTimeout: 10_000 });
let service;
test.beforeAll(async () => { service = await startService(); });
test.afterAll(() => service.stop());

const h1 = (person) => person.getByRole('heading', { level: 1 });

async function visitor(browser) {
  const context = await browser.newContext({ baseURL: process.env.GOUVERNAIL_URL, locale: 'fr-FR' });
  const person = await context.newPage();
  person.setDefaultTimeout(10_000);
  return person;
}

const login = (more) => `${service.url}/login?${new URLSearchParams({
  scope: 'openid identite_pivot preferred_username email', acr_values: 'eidas1', ...more })}`;

test('a citizen signs in to a service, sees what it received, and signs out', async ({ page, browser }) => {
  await asOfficer(page);
  const known = await register(page, service, 'Guichet à l’essai', { citizens: true });
  await service.connect(known.id, known.secret);

  const person = await visitor(browser);
  await person.goto(login({ acr_values: 'eidas2' }));
  await expect(h1(person)).toHaveText('Se connecter à Guichet à l’essai');
  await expect(person.locator('main')).toContainText('niveau substantiel au moins');
  await checkPage(person, 'citizen-choose');
  await checkKeyboard(person);
  await person.getByRole('link', { name: 'Se connecter avec Fournisseur d’essai des usagers' }).click();
  await checkPage(person, 'mock-citizens');
  await checkKeyboard(person);
  await be(person, 'Élodie Fonteneau', { level: 'eidas2' });
  await expect(h1(person)).toHaveText('Vous allez transmettre ces données à Guichet à l’essai');
  for (const value of ['Élodie Marie Rosalie', 'Fonteneau', 'Le Bihan', '24 août 1962', '75107', 'France']) {
    await expect(person.locator('#told')).toContainText(value);
  }
  await checkPage(person, 'citizen-consent');
  await checkKeyboard(person);
  await person.getByRole('button', { name: 'Continuer' }).click();
  await expect(person.locator('h1')).toContainText('Bonjour');
  const first = service.sessions.at(-1);
  expect(first.claims.acr).toBe('eidas2');
  expect(first.person.family_name).toBe('Fonteneau');
  expect(first.person.birthplace).toBe('75107');
  expect((await client.tokenIntrospection(service.config, first.tokens.access_token)).active).toBe(true);

  await person.goto('/citizen');
  await expect(h1(person)).toHaveText('Mes connexions');
  await expect(person.locator('#sign-ins')).toContainText('Guichet à l’essai');
  await expect(person.locator('#sign-ins')).toContainText('substantiel');
  await checkPage(person, 'citizen-space');
  await checkKeyboard(person);
  // The pages of agents stay shut.
  await person.goto('/account');
  await expect(person).toHaveURL(/\/sign-in\?return_to=/);

  const kept = (await person.context().cookies()).filter(({ name }) => name === '__Host-citizen');
  const before = service.told.length;
  await person.goto(`${service.url}/logout`);
  await expect(person.locator('h1')).toHaveText('Au revoir au-revoir');
  await expect.poll(() => service.told.length, { timeout: 15_000 }).toBe(before + 1);
  const told = JSON.parse(Buffer.from(service.told.at(-1).split('.')[1], 'base64url'));
  expect(told.sub).toBe(first.claims.sub);
  expect(told.sid).toBe(first.claims.sid);

  // The session is over: the person is told so, and who it was is found again.
  await person.goto('/citizen');
  await expect(person).toHaveURL(/\/citizen\/sign-in/);
  await person.context().addCookies(kept);
  await person.goto('/citizen/sign-in');
  await expect(person.locator('main')).toContainText('Votre session est terminée');
  await checkPage(person, 'citizen-over');
  await person.goto(login());
  await person.getByRole('link', { name: 'Fournisseur d’essai des usagers' }).click();
  await be(person, 'Élodie Fonteneau', { happens: 'L’état civil a été corrigé' });
  await expect(person.locator('h1')).toContainText('Bonjour');
  expect(service.sessions.at(-1).claims.sub).toBe(first.claims.sub);
  expect(service.sessions.at(-1).person.given_name).toContain('Solange');

  await person.goto('/citizen');
  await person.getByLabel('Service', { exact: true }).selectOption({ label: 'Guichet à l’essai' });
  await person.getByRole('button', { name: 'Retirer l’accord' }).click();
  await expect(person.locator('main')).toContainText('Vous n’avez donné aucun accord');
  await person.locator('main').getByRole('button', { name: 'Me déconnecter' }).click();
  await expect(h1(person)).toHaveText('Vous êtes déconnecté');
});

test('what goes wrong for a citizen is explained', async ({ page, browser }) => {
  await asOfficer(page);
  const known = await register(page, service, 'Guichet strict', { citizens: true });
  await service.connect(known.id, known.secret);
  const tryAs = async (name, choice, more) => {
    const person = await visitor(browser);
    await person.goto(login(more));
    await person.getByRole('link', { name: 'Fournisseur d’essai des usagers' }).click();
    await be(person, name, choice);
    return person;
  };
  const wrong = await tryAs('Théo Hoarau', { happens: 'incomplète' });
  await expect(wrong.locator('main')).toContainText('Votre identité n’a pas pu être lue');
  await checkPage(wrong, 'citizen-pivot');
  const code = (await wrong.getByText('Code à donner').textContent()).match(/[2-9A-Z]{8}/)[0];
  await page.goto('/providers/incidents');
  await page.getByLabel('Code').fill(code);
  await page.getByRole('button', { name: 'Chercher le code' }).click();
  await expect(page.locator('main dl')).toContainText('birthdate');
  await wrong.getByRole('link', { name: 'Recommencer' }).click();
  await expect(h1(wrong)).toHaveText('Se connecter à Guichet strict');

  const theo = await tryAs('Théo Hoarau', {});
  await theo.getByLabel('Refuser et retourner').check();
  await theo.getByRole('button', { name: 'Continuer' }).click();
  await expect(theo.locator('body')).toContainText('access_denied');
  const aminata = await tryAs('Aminata', {});
  await expect(aminata.locator('#told')).toContainText('à l’étranger');
  await expect(aminata.locator('#told')).toContainText('1994-00-00');
  const other = await tryAs('Aminata', { happens: 'celle d’une autre personne' });
  await expect(other.locator('main')).toContainText('déjà celui d’une autre personne');
  await checkPage(other, 'citizen-conflict');
  const down = await tryAs('Théo Hoarau', { happens: 'en panne' });
  await expect(down.locator('main')).toContainText('ne répond pas');
  const low = await tryAs('Théo Hoarau', { level: 'eidas1' }, { acr_values: 'eidas3' });
  await expect(low.locator('body')).toContainText('unmet_authentication_requirements');
});

test('the test service shows a whole sign-in of a citizen and of an agent', async ({ page, browser }) => {
  const person = await visitor(browser);
  await person.goto('/try');
  await checkKeyboard(person);
  await person.getByLabel('(eidas3)').check();
  await person.getByRole('button', { name: 'Se connecter en tant qu’usager' }).click();
  await person.getByRole('link', { name: 'Fournisseur d’essai des usagers' }).click();
  await be(person, 'Jean-Noël', { level: 'eidas3' });
  await person.getByRole('button', { name: 'Continuer' }).click();
  await expect(h1(person)).toHaveText('Connexion réussie');
  await expect(person.locator('main')).toContainText('élevé');
  await expect(person.locator('#userinfo')).toContainText('D’Arbois-Quéré');
  await checkPage(person, 'try-done');
  await person.getByRole('link', { name: 'Se déconnecter de ce service' }).click();
  await expect(person.locator('main')).toContainText('Vous êtes déconnecté');

  await page.goto('/try');
  await page.getByRole('button', { name: 'Se connecter en tant qu’agent' }).click();
  await checkPage(page, 'mock-agents');
  await be(page, 'Lou Garnier', { level: 'eidas1' });
  await page.getByRole('button', { name: 'Continuer' }).click();
  await expect(h1(page)).toHaveText('Connexion réussie');
  await expect(page.locator('#userinfo')).toContainText('lou.garnier@essai.example');
});
