// People sign in to the platform through an independent identity provider, in a real browser.
import { asOfficer, checkPage, expect, test } from '../support/page.mjs';
import { checkKeyboard } from '../support/keyboard.mjs';
import {
  registerProvider, startCanaille, startProvider, suspendProvider,
} from '../support/provider.mjs';

const CODE = 'npm';
test.use({ actionTimeout: 10_000, navigationTimeout: 10_000 });
let provider;
test.beforeAll(async () => { provider = await startProvider(CODE); });
test.afterAll(() => provider.stop());

async function visitor(browser) {
  const context = await browser.newContext({ baseURL: process.env.GOUVERNAIL_URL, locale: 'fr-FR' });
  const person = await context.newPage();
  person.setDefaultTimeout(10_000);
  return person;
}

/** Signs in at the provider's own pages. */
async function signInThere(person) {
  await person.goto('/sign-in?return_to=/account');
  await person.getByLabel('Adresse électronique').fill('paul@npm.example');
  await person.getByRole('button', { name: 'Continuer' }).click();
  await person.waitForURL(`${provider.issuer}/**`);
  await person.getByPlaceholder('Enter any login').fill('paul');
  await person.getByPlaceholder('and password').fill('x');
  await person.getByRole('button', { name: 'Sign-in' }).click();
  await person.getByRole('button', { name: 'Continue' }).click();
  await expect.poll(() => [...provider.told.problems, new URL(person.url()).pathname]).toEqual(['/account']);
  await expect(person.getByRole('heading', { level: 1 })).toHaveText('Mon compte');
}

test('a person signs in through npm oidc-provider and out of both', async ({ page, browser }) => {
  await asOfficer(page);
  const path = await registerProvider(page, { issuer: provider.issuer, code: CODE, domain: 'npm.example',
    algorithm: 'ES256', method: 'Assertion signée par nos clés' });
  try {
    await page.getByRole('button', { name: 'Essayer sa description maintenant' }).click();
    await expect(page.getByText('sont lisibles')).toBeVisible();
    await checkPage(page, 'in-provider-tried');

    const person = await visitor(browser);
    await person.goto('/sign-in');
    await checkPage(person, 'sign-in-email');
    await checkKeyboard(person);
    await signInThere(person);
    expect(provider.told.problems).toEqual([]);

    // Out of the platform: out of the provider too, and back.
    await person.getByRole('button', { name: 'Se déconnecter' }).click();
    await person.waitForURL(`${provider.issuer}/**`);
    await person.getByRole('button', { name: 'Yes, sign me out' }).click();
    await person.waitForURL('**/sign-out/return**');
    await expect(person.getByRole('heading', { level: 1 })).toHaveText('Vous êtes déconnecté');
    await expect.poll(() => provider.told.logouts).toBe(1);

    // Out of the provider: out of the platform too.
    await signInThere(person);
    await person.goto(`${provider.issuer}/session/end`);
    await person.getByRole('button', { name: 'Yes, sign me out' }).click();
    await expect.poll(() => provider.told.logouts).toBe(2);
    await person.goto('/account');
    await expect(person).toHaveURL(/\/sign-in\?return_to=/);

    // The person says no there.
    await person.goto('/sign-in/with/npm');
    await person.getByRole('link', { name: /Cancel/ }).click();
    await expect(person.getByText('la connexion a été refusée')).toBeVisible();
    await checkPage(person, 'sign-in-denied');
    const code = (await person.getByText('Code à donner').textContent()).match(/[2-9A-Z]{8}/)[0];
    await page.goto('/providers/incidents');
    await page.getByLabel('Code').fill(code.toLowerCase());
    await page.getByRole('button', { name: 'Chercher le code' }).click();
    await expect(page.locator('main dl')).toContainText('Refus de la personne');
    await checkPage(page, 'in-incident');
    await page.goto(path);
    await expect(page.locator('#provider-figures')).toContainText('Connexions');
    await checkPage(page, 'in-provider-used');
    expect(provider.told.problems).toEqual([]);
  } finally {
    await suspendProvider(page, path);
  }
  const person = await visitor(browser);
  await person.goto('/sign-in/with/npm');
  await checkPage(person, 'sign-in-closed');
});

test('a person signs in through canaille and out of both', async ({ page, browser }) => {
  // No blank in it: canaille doesn't decode the header as RFC 6749, section 2.3.1, says.
  const [secret, password] = ['a-secret-of-the-test-that-is-long-enough', 'correct horse battery'];
  const canaille = await startCanaille('canaille', secret, password);
  await asOfficer(page);
  const path = await registerProvider(page, { issuer: canaille.issuer, code: 'canaille',
    domain: 'canaille.example', algorithm: 'RS256', method: 'Secret, dans l’en-tête', secret });
  try {
    const person = await visitor(browser);
    await person.goto('/sign-in?return_to=/account');
    await person.getByLabel('Adresse électronique').fill('lea@canaille.example');
    await person.getByRole('button', { name: 'Continuer' }).click();
    await person.waitForURL(`${canaille.issuer}/**`);
    await person.locator('input[name=login]').fill('lea');
    await person.locator('button[type=submit]').click();
    await person.locator('input[name=password]').fill(password);
    await person.locator('button[type=submit]').click();
    // It trusts who is on its own machine, and asks for no consent.
    await expect.poll(() => person.url()).toBe(`${process.env.GOUVERNAIL_URL}/account`);
    await expect(person.getByRole('heading', { level: 1 })).toHaveText('Mon compte');
    await person.getByRole('button', { name: 'Se déconnecter' }).click();
    await person.waitForURL('**/sign-out/return**');
    await expect(person.getByRole('heading', { level: 1 })).toHaveText('Vous êtes déconnecté');
    await person.goto('/account');
    await expect(person).toHaveURL(/\/sign-in\?return_to=/);
  } finally {
    await suspendProvider(page, path);
    canaille.stop();
  }
});
