// People sign in to a service through the platform, in a real browser, with an independent client.
import * as client from 'openid-client';
import { OFFICER, asOfficer, checkPage, expect, test } from '../support/page.mjs';
import { checkKeyboard } from '../support/keyboard.mjs';
import { register, startService } from '../support/service.mjs';

let service;
test.beforeAll(async () => { service = await startService(); });
test.afterAll(() => service.stop());

/** A browser of somebody else, which may go to the service. */
async function visitor(browser) {
  const context = await browser.newContext({ baseURL: process.env.GOUVERNAIL_URL, locale: 'fr-FR' });
  return context.newPage();
}

async function fillSignIn(page) {
  await page.getByLabel('Adresse électronique').fill(OFFICER.email);
  await page.getByLabel('Mot de passe').fill(OFFICER.password);
  await page.locator('main').getByRole('button', { name: 'Se connecter' }).click();
}

test('a person signs in to a service and out of it', async ({ page, browser }) => {
  await asOfficer(page);
  const known = await register(page, service, 'Service à l’essai');
  await checkPage(page, 'in-service-registered');
  await service.connect(known.id, known.secret);

  const person = await visitor(browser);
  await person.goto(`${service.url}/login`);
  await expect(person.getByRole('heading', { level: 1 })).toHaveText('Se connecter');
  await fillSignIn(person);
  await expect(person.getByRole('heading', { level: 1 })).toHaveText('Se connecter à Service à l’essai');
  await expect(person.locator('#told')).toContainText(OFFICER.email);
  await checkPage(person, 'connect-consent');
  await checkKeyboard(person);
  await person.getByRole('button', { name: 'Continuer' }).click();
  await expect(person.locator('h1')).toHaveText('Bonjour Camille Moreau');

  const first = service.sessions.at(-1);
  expect(first.claims.acr).toBe('eidas1');
  expect(first.person.email).toBe(OFFICER.email);
  const renewed = await client.refreshTokenGrant(service.config, first.tokens.refresh_token);
  expect(renewed.claims().sub).toBe(first.claims.sub);
  const worth = await client.tokenIntrospection(service.config, renewed.access_token);
  expect(worth.active).toBe(true);
  await client.tokenRevocation(service.config, renewed.access_token);
  expect((await client.tokenIntrospection(service.config, renewed.access_token)).active).toBe(false);

  // The second time nobody is asked anything.
  await person.goto(`${service.url}/login`);
  await expect(person.locator('h1')).toHaveText('Bonjour Camille Moreau');
  expect(service.sessions.at(-1).claims.sub).toBe(first.claims.sub);

  // What the person sees of it.
  await person.goto('/account/services');
  await expect(person.locator('#consents')).toContainText('Service à l’essai');
  await expect(person.locator('#sign-ins')).toContainText('Service à l’essai');

  await person.goto(`${service.url}/logout`);
  await expect(person.locator('h1')).toHaveText('Au revoir au-revoir');
  await expect.poll(() => service.told.length, { timeout: 15_000 }).toBe(1);
  const told = JSON.parse(Buffer.from(service.told[0].split('.')[1], 'base64url'));
  expect(told.sub).toBe(first.claims.sub);
  expect(told.sid).toBe(service.sessions.at(-1).claims.sid);
  await person.goto(`${service.url}/login?prompt=none`);
  await expect(person.locator('h1, pre, body')).toContainText(['login_required']);
});

test('a person says no, and a session is proved anew when asked', async ({ page, browser }) => {
  await asOfficer(page);
  const known = await register(page, service, 'Autre service');
  await service.connect(known.id, known.secret);
  const person = await visitor(browser);
  await person.goto(`${service.url}/login`);
  await fillSignIn(person);
  await person.getByLabel('Refuser et retourner').check();
  await person.getByRole('button', { name: 'Continuer' }).click();
  await expect(person.locator('body')).toContainText('access_denied');
  await person.goto(`${service.url}/login?prompt=login`);
  await expect(person.getByRole('heading', { level: 1 })).toHaveText('Se connecter');
  await expect(person.locator('main')).toContainText('service');
  await checkPage(person, 'sign-in-again');
  await fillSignIn(person);
  await person.getByRole('button', { name: 'Continuer' }).click();
  await expect(person.locator('h1')).toHaveText('Bonjour Camille Moreau');
});

test('a service is suspended and opened again', async ({ page, browser }) => {
  await asOfficer(page);
  const known = await register(page, service, 'Service suspendu', { consent: false });
  await service.connect(known.id, known.secret);
  await page.getByRole('link', { name: 'Voir le service' }).click();
  await page.getByRole('button', { name: 'Suspendre le service' }).click();
  await expect(page.locator('main')).toContainText('Suspendu');
  await checkPage(page, 'in-service-suspended');
  const person = await visitor(browser);
  await person.goto(`${service.url}/login`);
  await expect(person.getByRole('heading', { level: 1 })).toHaveText('La connexion n’a pas pu aboutir');
  await checkPage(person, 'connect-error');
  await page.getByRole('button', { name: 'Rouvrir le service' }).click();
  await person.goto(`${service.url}/login`);
  await fillSignIn(person);
  await expect(person.locator('h1')).toHaveText('Bonjour Camille Moreau');
  await page.reload();
  await expect(page.locator('#figures')).toContainText('1');
});

test('a sign-in that is over, and signing out without a service, are explained', async ({ page }) => {
  await page.goto('/connect/passe');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('La connexion n’a pas pu aboutir');
  await page.goto('/api/v2/session/end');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Vous êtes déconnecté');
  await checkPage(page, 'signed-out');
  await asOfficer(page);
  await page.goto('/api/v2/session/end');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Se déconnecter');
  await checkPage(page, 'connect-sign-out');
});

test('a device without a browser signs in by a code', async ({ page, browser }) => {
  await asOfficer(page);
  const known = await register(page, service, 'Écran d’accueil', { devices: true });
  await service.connect(known.id, known.secret);
  const begin = () => client.initiateDeviceAuthorization(service.config, { scope: 'openid email' });
  const shown = await begin();
  const person = await visitor(browser);
  await person.goto('/device');
  await expect(person.getByRole('heading', { level: 1 })).toHaveText('Connecter un appareil');
  await person.getByLabel('Code affiché par l’appareil').fill('bcdf');
  await person.getByRole('button', { name: 'Continuer' }).click();
  await expect(person.locator('main')).toContainText('Écrivez les huit lettres du code');
  await person.getByLabel('Code affiché par l’appareil').fill(shown.user_code.toLowerCase());
  await person.getByRole('button', { name: 'Continuer' }).click();
  await fillSignIn(person);
  await expect(person.getByRole('heading', { level: 1 })).toHaveText('Connecter un appareil à Écran d’accueil');
  await checkPage(person, 'device-asked');
  await checkKeyboard(person);
  await person.getByLabel('C’est mon appareil').check();
  await person.getByRole('button', { name: 'Continuer' }).click();
  await expect(person.getByRole('heading', { level: 1 })).toHaveText('Votre appareil est connecté');
  await checkPage(person, 'device-allowed');
  const tokens = await client.pollDeviceAuthorizationGrant(service.config, shown);
  expect(tokens.claims().sub).toBeTruthy();
  const refused = await begin();
  // The code stands in the field, and is still compared by the person before going on.
  await person.goto(refused.verification_uri_complete);
  await expect(person.getByLabel('Code affiché par l’appareil')).toHaveValue(refused.user_code);
  await person.getByRole('button', { name: 'Continuer' }).click();
  await person.getByLabel('Refuser').check();
  await person.getByRole('button', { name: 'Continuer' }).click();
  await expect(person.getByRole('heading', { level: 1 })).toHaveText('L’appareil n’est pas connecté');
  await checkPage(person, 'device-denied');
  await expect(client.pollDeviceAuthorizationGrant(service.config, refused)).rejects
    .toMatchObject({ error: 'access_denied' });
});
