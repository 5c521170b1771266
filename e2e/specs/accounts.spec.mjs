// Own accounts in a real browser: codes of an application, recovery codes, passkeys, sessions.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:net';
import { OFFICER, checkPage, expect, test as base } from '../support/page.mjs';
import { checkKeyboard } from '../support/keyboard.mjs';
import { launch } from '../support/server.mjs';

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

// Browsers take passkeys at a domain, not at an address by number: this program has one.
const test = base.extend({
  program: [async ({}, use) => {
    const port = await freePort();
    const url = `http://localhost:${port}`;
    const { stop } = await launch({ GOUVERNAIL_SERVER__PUBLIC_URL: url }, `127.0.0.1:${port}`);
    const before = process.env.GOUVERNAIL_URL;
    process.env.GOUVERNAIL_URL = url;
    await use(url);
    process.env.GOUVERNAIL_URL = before;
    await stop();
  }, { scope: 'worker', timeout: 90_000 }],
  baseURL: async ({ program }, use) => use(program),
});

/** People of the demo State: each test has its own. */
const person = (name) => ({ email: name, password: OFFICER.password });
const INES = person('ines.carpentier@dinum.example');
const MALO = person('malo.legoff@interieur.example');
const SACHA = person('sacha.dubreuil@culture.example');

async function enter(page, { email, password }, returnTo = '/account') {
  await page.goto(`/sign-in?return_to=${encodeURIComponent(returnTo)}`);
  await page.getByLabel('Adresse électronique').fill(email);
  await page.getByLabel('Mot de passe').fill(password);
  await page.locator('main').getByRole('button', { name: 'Se connecter', exact: true }).click();
}

/** A browser of somebody else, or another one of the same person. */
async function another(browser) {
  const context = await browser.newContext({ baseURL: process.env.GOUVERNAIL_URL, locale: 'fr-FR' });
  return context.newPage();
}

/** The code of an application (RFC 6238), `later` steps from now. */
function code(secret, later = 0) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replaceAll(' ', '')]
    .map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const tag = createHmac('sha1', key).update(step).digest();
  const number = tag.readUInt32BE(tag[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

const title = (page) => page.getByRole('heading', { level: 1 });

/** The mails to somebody, as the outbox of the demo shows them to an officer. */
async function mailsTo(browser, email) {
  const page = await another(browser);
  await enter(page, OFFICER, '/outbox');
  const rows = page.locator('#outbox tbody tr').filter({ hasText: email });
  return (await rows.allInnerTexts()).join('\n');
}

test('an application of codes is set up and asked for', async ({ page, browser }) => {
  await enter(page, INES);
  await expect(title(page)).toHaveText('Mon compte');
  await checkPage(page, 'account');
  await checkKeyboard(page);
  await page.getByRole('link', { name: 'Application de codes' }).click();
  await page.getByRole('button', { name: 'Commencer' }).click();
  await expect(page.getByRole('img', { name: 'Image à viser' })).toBeVisible();
  await checkPage(page, 'account-totp-scan');
  await checkKeyboard(page);
  const secret = await page.locator('dt', { hasText: 'Clé à saisir' }).locator('+ dd').innerText();
  await page.getByLabel('Code', { exact: true }).fill('000000');
  await page.getByRole('button', { name: 'Activer les codes' }).click();
  await expect(page.locator('main')).toContainText('Ce code ne convient pas');
  await checkPage(page, 'account-totp-refused');
  await page.getByLabel('Code', { exact: true }).fill(code(secret));
  await page.keyboard.press('Enter');
  await expect(title(page)).toHaveText('Codes de secours');
  const recovery = await page.locator('.gv-codes li').allInnerTexts();
  expect(recovery).toHaveLength(10);
  await checkPage(page, 'account-recovery-shown');

  const other = await another(browser);
  await enter(other, INES);
  await expect(title(other)).toHaveText('Second facteur');
  await checkPage(other, 'second-factor');
  await checkKeyboard(other);
  await other.getByLabel('Code', { exact: true }).fill('000000');
  await other.getByRole('button', { name: 'Continuer' }).click();
  await expect(other.locator('main')).toContainText('Ce code ne convient pas');
  await checkPage(other, 'second-factor-refused');
  // Both browsers wait for a code before one is told: it is shown twice within its half minute.
  const late = await another(browser);
  await enter(late, INES);
  await expect(title(late)).toHaveText('Second facteur');
  const once = code(secret, 1);
  await other.getByLabel('Code', { exact: true }).fill(once);
  await other.getByRole('button', { name: 'Continuer' }).click();
  await expect(title(other)).toHaveText('Mon compte');
  await late.getByLabel('Code', { exact: true }).fill(once);
  await late.getByRole('button', { name: 'Continuer' }).click();
  await expect(late.locator('main'), 'a code is good once').toContainText('il a déjà servi');
  await expect(other.locator('#sessions')).toContainText('Mot de passe et code');

  const third = await another(browser);
  await enter(third, INES);
  await third.getByLabel('Code', { exact: true }).fill(recovery[0].toLowerCase().replaceAll('-', ' '));
  await third.keyboard.press('Enter');
  await expect(third.locator('#proofs')).toContainText('9 codes');
  await third.getByRole('link', { name: 'Codes de secours' }).click();
  await expect(third.locator('main')).toContainText('Il vous reste 9 codes.');
  await checkPage(third, 'account-recovery-codes');
  await third.getByRole('button', { name: 'Créer de nouveaux codes' }).click();
  expect(await third.locator('.gv-codes li').allInnerTexts()).toHaveLength(10);

  // It was set up by a password alone: what is begun with two factors ends with two.
  await page.goto('/account/totp');
  await expect(page.locator('main')).toContainText('prouvez d’abord que c’est vous');
  await checkPage(page, 'account-totp-prove');
  await third.goto('/account/totp');
  await checkPage(third, 'account-totp-on');
  await third.getByRole('button', { name: 'Retirer l’application de codes' }).click();
  await expect(third.getByRole('button', { name: 'Commencer' })).toBeVisible();
});

test('a passkey signs in without an address', async ({ page, browser }) => {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true,
    },
  });
  await enter(page, MALO);
  await page.getByRole('link', { name: 'Clés d’accès' }).click();
  await expect(title(page)).toHaveText('Clés d’accès');
  await checkPage(page, 'account-passkeys-none');
  await checkKeyboard(page);
  await page.getByLabel('Nom').fill('Ordinateur du bureau');
  await page.getByRole('button', { name: 'Ajouter une clé d’accès' }).click();
  await expect(title(page)).toHaveText('Codes de secours');
  const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId });
  expect(credentials).toHaveLength(1);
  expect(credentials[0].isResidentCredential).toBe(true);
  await page.goto('/account/passkeys');
  await expect(page.locator('#passkeys')).toContainText('Ordinateur du bureau');
  await checkPage(page, 'account-passkeys');

  await page.getByRole('button', { name: 'Se déconnecter' }).click();
  await page.goto('/sign-in?return_to=%2Faccount');
  await checkPage(page, 'sign-in-passkey');
  await page.getByRole('button', { name: 'Se connecter avec une clé d’accès' }).focus();
  await page.keyboard.press('Enter');
  await expect(title(page)).toHaveText('Mon compte');
  await expect(page.locator('#sessions')).toContainText('Clé d’accès');

  // The password alone is no longer enough; the passkey is the second factor, too.
  const other = await another(browser);
  await enter(other, MALO);
  await expect(title(other)).toHaveText('Second facteur');
  await expect(other.getByLabel('Code de secours')).toBeVisible();
  await checkPage(other, 'second-factor-passkey');
  // Another browser has no such key: the person reads what to do instead.
  await other.goto('/sign-in');
  await other.evaluate(() => {
    navigator.credentials.get = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
  });
  await other.getByRole('button', { name: 'Se connecter avec une clé d’accès' }).click();
  await expect(other.getByRole('alert')).toContainText('utilisez votre mot de passe');

  await page.goto('/account/passkeys');
  await page.getByRole('link', { name: 'Ordinateur du bureau' }).click();
  await checkPage(page, 'account-passkey');
  await checkKeyboard(page);
  await page.getByLabel('Nom').fill('Ancien ordinateur');
  await page.getByRole('button', { name: 'Enregistrer' }).click();
  await expect(page.locator('#passkeys')).toContainText('Ancien ordinateur');
  await page.getByRole('link', { name: 'Ancien ordinateur' }).click();
  await page.getByRole('button', { name: 'Retirer cette clé d’accès' }).click();
  await expect(page.locator('#passkeys')).toContainText('Aucune clé d’accès');
});

test('without a script the page says that a passkey needs one', async ({ browser, program }) => {
  const context = await browser.newContext({
    baseURL: program, locale: 'fr-FR', javaScriptEnabled: false,
  });
  const page = await context.newPage();
  await page.goto('/sign-in');
  await expect(page.locator('main')).toContainText('Une clé d’accès a besoin de JavaScript');
  await expect(page.getByRole('button', { name: 'Se connecter avec une clé d’accès' })).toBeHidden();
  await enter(page, SACHA, '/account/passkeys');
  await expect(page.locator('main')).toContainText('Ajouter une clé d’accès demande JavaScript');
});

test('sessions are seen and ended, and a mail tells of a new device', async ({ page, browser }) => {
  await enter(page, SACHA);
  const other = await another(browser);
  await enter(other, SACHA);
  await page.reload();
  await expect(page.locator('#sessions')).toContainText('Chrome, Linux');
  await expect(page.locator('#sessions')).toContainText('127.0.0.0/24');
  const theirs = page.locator('#sessions tbody tr').filter({ hasNotText: 'Cette session' }).first();
  await theirs.getByRole('link').click();
  await expect(title(page)).toHaveText('Session');
  await checkPage(page, 'account-session');
  await page.getByRole('button', { name: 'Mettre fin à cette session' }).click();
  await other.goto('/account');
  await expect(title(other)).toHaveText('Se connecter');

  await enter(other, SACHA);
  await page.goto('/account');
  await page.getByRole('button', { name: 'Mettre fin aux autres sessions' }).click();
  await expect(page.locator('#sessions tbody tr')).toHaveCount(1);
  await other.goto('/account');
  await expect(title(other)).toHaveText('Se connecter');

  // The address is verified by the mail that a person asks for.
  await page.getByRole('button', { name: 'Envoyer le message de vérification' }).click();
  await checkPage(page, 'account-email-sent');
  const mails = await mailsTo(browser, SACHA.email);
  expect(mails).toContain('Connexion sur un nouvel appareil');
  const verify = mails.match(/\/email\/[0-9a-f]{64}/)[0];
  await page.goto(verify);
  await checkPage(page, 'email-verify');
  await checkKeyboard(page);
  await page.getByRole('button', { name: 'Confirmer cette adresse' }).click();
  await page.goto('/account');
  await expect(page.locator('main')).toContainText('Vérifiée le');

  const alarm = mails.match(/\/not-me\/[0-9a-f]{64}/)[0];
  await other.goto(alarm);
  await expect(title(other)).toHaveText('Ce n’était pas moi');
  await checkPage(other, 'not-me-ask');
  await other.getByRole('button', { name: 'Mettre fin à cette session' }).click();
  await expect(other.locator('main')).toContainText('l’appareil oublié');
  await checkPage(other, 'not-me-done');

  await page.goto('/account/email');
  await page.getByLabel('Nouvelle adresse électronique').fill('sacha@culture.example');
  await checkPage(page, 'account-email');
  await page.getByRole('button', { name: 'Envoyer le lien' }).click();
  await expect(page.locator('main')).toContainText('garde son adresse actuelle');
});

test('guessing is slowed, and the page says what else to do', async ({ browser, program }) => {
  expect(program).toContain('localhost');
  const stranger = await another(browser);
  for (let tries = 0; tries < 6; tries += 1) {
    await enter(stranger, { email: 'personne@dinum.example', password: 'au hasard' });
  }
  await expect(stranger.locator('main')).toContainText('Trop d’essais ratés');
  await checkPage(stranger, 'sign-in-slowed');
});
