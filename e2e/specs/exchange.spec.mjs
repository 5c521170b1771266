// The data exchange as its people live it: accredited once for two producers, calls seen as they come,
// a flow stopped by its producer, in a real browser and with calls as programs make them.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { field, main, press } from '../support/acts.mjs';
import { checkKeyboard } from '../support/keyboard.mjs';
import { OFFICER, checkPage, expect, test } from '../support/page.mjs';

const run = promisify(execFile);
const STORY = new URL('../../docs/exchange-story.md', import.meta.url);
const TOWN = '99900030000015';
const HOUSEHOLD = '/cnp/quotient-familial/v1/foyers/1234567';
const INCOME = '/dr/revenu-fiscal/v2/avis';
const BY_STATUS = '/cnp/quotient-familial/v1/quotients';
/** Somebody whom the mock provider knows, as the town writes her. */
const ELODIE = { nomNaissance: 'FONTENEAU', prenoms: 'ELODIE MARIE ROSALIE',
  dateNaissance: '1962-08-24', communeNaissance: '75107' };

test.setTimeout(120_000);

/** Somebody's own browser, signed in. */
async function somebody(browser, email) {
  const context = await browser.newContext({ baseURL: process.env.GOUVERNAIL_URL, locale: 'fr-FR' });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  await page.goto('/sign-in');
  await page.getByLabel('Adresse électronique').fill(email);
  await page.getByLabel('Mot de passe').fill(OFFICER.password);
  await main(page).getByRole('button', { name: 'Se connecter' }).click();
  await expect(page).not.toHaveURL(/sign-in/);
  return page;
}

const h1 = (page) => page.getByRole('heading', { level: 1 });

/** Fills fields by name. */
async function fill(page, values) {
  for (const [name, value] of Object.entries(values)) await field(page, name).fill(value);
}

const address = (path, purpose, object, more = {}) => `${process.env.GOUVERNAIL_GATEWAY}${path}?${
  new URLSearchParams({ ...more, context: purpose, object, recipient: TOWN })}`;

/** A call as a program makes it. */
async function call(key, ...asked) {
  const answer = await fetch(address(...asked), { headers: { authorization: `Bearer ${key}` } });
  return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.json() };
}

/** Calls until it is answered so, for a second at most; gives the answer. */
async function within1s(key, status, ...asked) {
  let last;
  await expect.poll(async () => {
    last = await call(key, ...asked);
    return last.status;
  }, { timeout: 1_000, intervals: [50] }).toBe(status);
  return last;
}

/** Makes a key on the page of an accreditation. */
async function makeKey(page, accreditation) {
  await page.goto(accreditation);
  await field(page, 'label').fill('Serveur de la cantine');
  await press(page, 'Créer une clé');
  await expect(h1(page)).toHaveText('Clé créée');
  return (await main(page).innerText()).match(/gvx_[0-9a-f]{64}/)[0];
}

/** Asks for data of two producers in one request; gives the address of its page. */
async function ask(page) {
  await page.goto('/exchange/requests/new');
  await press(page, 'Commencer une demande d’habilitation');
  await page.getByLabel('Quotient familial', { exact: false }).check();
  await page.getByLabel('Revenu fiscal', { exact: false }).check();
  await press(page, 'Enregistrer et continuer');
  await page.getByLabel('(cnp_quotient_familial)').check();
  await page.getByLabel('(dr_revenu_fiscal)').check();
  await press(page, 'Enregistrer et continuer');
  await expect(h1(page)).toHaveText('Projet');
  await fill(page, {
    title: 'Tarif des centres de loisirs',
    description: 'La commune calcule le tarif sans redemander de justificatif.',
    purposes: 'loisirs : Calculer le tarif des centres de loisirs',
    'expected_start-day': '1', 'expected_start-month': '9', 'expected_start-year': '2026',
    per_minute: '30', per_day: '2000',
  });
  await press(page, 'Enregistrer et continuer');
  await expect(h1(page)).toHaveText('Droit');
  // The producers' own basis is proposed.
  await expect(field(page, 'legal_text')).toHaveValue(/L114-8/);
  await fill(page, { recipients: TOWN, retention_months: '12' });
  await press(page, 'Enregistrer et continuer');
  await expect(h1(page)).toHaveText('Technique');
  await page.getByLabel('Par un identifiant que vous détenez').check();
  await field(page, 'keys').check();
  await fill(page, { keys_reason: 'Notre logiciel ne sait pas demander de jeton.' });
  await press(page, 'Enregistrer et continuer');
  await expect(h1(page)).toHaveText('Contacts');
  for (const role of ['business', 'technical', 'dpo', 'controller']) {
    await fill(page, { [`${role}_name`]: 'Awa Diop', [`${role}_mail`]: 'awa.diop@valclair.example' });
  }
  await press(page, 'Enregistrer et continuer');
  await expect(h1(page)).toHaveText('Relire et envoyer');
  await press(page, 'Envoyer la demande');
  await expect(h1(page)).toHaveText('Tarif des centres de loisirs');
  return new URL(page.url()).pathname;
}

test('a town is accredited once for two producers, calls, and is stopped by one of them', async ({ browser }) => {
  const awa = await somebody(browser, 'awa.diop@valclair.example');
  const accreditation = await ask(awa);

  const hugo = await somebody(browser, 'hugo.marchand@dinum.example');
  await hugo.goto(`${accreditation}/acts/approve`);
  await expect(field(hugo, 'keys')).toBeChecked();
  await press(hugo, 'Approuver');
  await expect(h1(hugo)).toHaveText('Tarif des centres de loisirs');

  const key = await makeKey(awa, accreditation);
  await checkPage(awa, 'exchange-key-made');
  await awa.goto(accreditation);
  await expect(awa.locator('#keys')).toContainText('Serveur de la cantine');
  await checkPage(awa, 'exchange-request-in-force');

  // Only what was granted: neither the children nor the address, neither the declarants nor the parts.
  const household = await within1s(key, 200, HOUSEHOLD, 'loisirs', 'Dossier 12');
  expect(Object.keys(household.body.data).sort()).toEqual(['mois', 'quotientFamilial']);
  const asked = ['-sS', '-H', `Authorization: Bearer ${key}`,
    address(INCOME, 'loisirs', 'Dossier 13', { numeroFiscal: '2034567890123' })];
  const income = JSON.parse((await run('curl', asked)).stdout);
  expect(Object.keys(income.data).sort()).toEqual(['annee', 'revenuFiscalReference']);
  const unknown = await call(key, '/cnp/quotient-familial/v1/foyers/0000000', 'loisirs', 'Dossier 14');
  expect([unknown.status, unknown.body.code]).toEqual([404, 'not-found']);

  const nour = await somebody(browser, 'nour.haddad@cnp.example');
  const calls = nour.locator('#calls');
  await expect(async () => {
    await nour.goto('/exchange/traces?purpose=loisirs');
    await expect(calls).toContainText('Dossier 12', { timeout: 200 });
  }).toPass({ timeout: 10_000 });
  await expect(calls).toContainText('Commune de Valclair');
  // What was asked of another producer isn't hers to see.
  await expect(calls).not.toContainText('Dossier 13');
  await checkPage(nour, 'exchange-traces-of-producer');

  const id = accreditation.split('/').at(-1);
  await nour.goto(`/exchange/stops/new?kind=accreditation&target=${id}`);
  await field(nour, 'reason').fill('Trop d’appels la nuit.');
  await press(nour, 'Arrêter un flux');
  await expect(nour.locator('#stops')).toContainText('Trop d’appels la nuit.');
  const refused = await within1s(key, 403, HOUSEHOLD, 'loisirs', 'Dossier 15');
  expect(refused.type).toBe('application/problem+json');
  expect(refused.body.code).toBe('flow-stopped');
  expect(refused.body.detail).toContain('Trop d’appels la nuit.');
  expect(refused.body.producer).toContain('Caisse nationale des prestations');
  // The other producer's data still comes.
  const other = await call(key, INCOME, 'loisirs', 'Dossier 16', { numeroFiscal: '2034567890123' });
  expect(other.status).toBe(200);

  await awa.goto('/exchange/stops');
  await expect(awa.locator('#stops')).toContainText('Trop d’appels la nuit.');
  await checkPage(awa, 'exchange-stops-of-requester');
  await expect(awa.locator('#stops tbody a'), 'only the producer lets it go on').toHaveCount(0);

  await nour.goto('/exchange/stops');
  const stop = nour.locator('#stops tbody tr', { hasText: 'Trop d’appels la nuit.' });
  await stop.getByRole('link').click();
  await checkPage(nour, 'exchange-resume');
  await field(nour, 'reason').fill('La commune a corrigé son logiciel.');
  await press(nour, 'Rétablir le flux');
  await expect(stop).toContainText('La commune a corrigé son logiciel.');
  await within1s(key, 200, HOUSEHOLD, 'loisirs', 'Dossier 17');

  // A revoked key opens nothing any more.
  await awa.goto(accreditation);
  await press(awa, 'Révoquer la clé');
  const revoked = await within1s(key, 401, HOUSEHOLD, 'loisirs', 'Dossier 18');
  expect(revoked.body.code).toBe('token-invalid');
});

/** The commands of a part of the story, as they stand there, at the addresses of this program. */
function commandsOf(part, left = /^ {4}(python3 -m venv|pip|read)/) {
  const story = readFileSync(STORY, 'utf8').split(`${part}\n`)[1].split('\n#')[0];
  return story.split('\n').filter((line) => line.startsWith('    ') && !left.test(line))
    .map((line) => line.trim().replaceAll('http://127.0.0.1:8460', process.env.GOUVERNAIL_URL));
}

test('a client made from the description calls by a key, and by a token that it asked for', async ({ browser }) => {
  const awa = await somebody(browser, 'awa.diop@valclair.example');
  await awa.goto('/exchange/requests');
  const link = awa.locator('#accreditations tbody a', { hasText: 'cantine' }).first();
  const accreditation = await link.getAttribute('href');
  const key = await makeKey(awa, accreditation);
  await within1s(key, 200, HOUSEHOLD, 'cantine', 'Dossier 20');

  const folder = mkdtempSync(join(tmpdir(), 'gouvernail-client-'));
  // What the story installs is installed.
  const python = resolve(process.env.PYTHON ?? 'python3');
  const env = { ...process.env, KEY: key, PATH: `${dirname(python)}:${process.env.PATH}`,
    PLATFORM: process.env.GOUVERNAIL_URL, GATEWAY: process.env.GOUVERNAIL_GATEWAY };
  const docs = resolve('../docs');
  const play = async (lines, more = {}) => {
    const commands = lines.join('\n').replaceAll('docs/', `${docs}/`);
    const { stdout } = await run('bash', ['-euc', commands], { cwd: folder, env: { ...env, ...more } });
    return JSON.parse(stdout.split('\n').filter((line) => line.startsWith('{')).at(-1));
  };
  try {
    const [api, generate, byKey, keys, byToken] = commandsOf('### With a client made from the description');
    const answer = await play([api, generate, byKey]);
    expect(Object.keys(answer.data).sort()).toEqual(['mois', 'quotientFamilial']);

    const officer = await somebody(browser, OFFICER.email);
    await officer.goto('/services/new');
    await fill(officer, { name: 'Cantine de Valclair', purpose: 'Calculer le tarif de la cantine.',
      redirect_uris: 'https://cantine.valclair.example/retour', jwks: JSON.stringify(await play([keys])) });
    await field(officer, 'organisation').selectOption({ label: 'Commune de Valclair (fictive)' });
    await officer.getByLabel('Assertion signée (private_key_jwt)').check();
    await officer.getByLabel('Agir pour lui-même', { exact: false }).check();
    await press(officer, 'Enregistrer');
    await expect(h1(officer)).toHaveText('Service raccordé');
    const id = (await officer.locator('dt', { hasText: 'client_id' }).locator('+ dd').innerText()).trim();

    await awa.goto(accreditation);
    await field(awa, 'client_id').fill(id);
    await press(awa, 'Ajouter le client');
    await expect(awa.locator('#clients')).toContainText('Cantine de Valclair');
    // The gateway hears of the client within a second.
    await expect(async () => {
      const told = await play([byToken], { CLIENT_ID: id });
      expect(Object.keys(told.data ?? {}).sort()).toEqual(['mois', 'quotientFamilial']);
    }).toPass({ timeout: 15_000 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('an operation is tried from its page, without an account and without a script', async ({ browser, page: scripted }) => {
  const context = await browser.newContext({
    baseURL: process.env.GOUVERNAIL_URL, locale: 'fr-FR', javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto('/exchange');
  await page.locator('#apis tbody a', { hasText: 'Quotient familial' }).click();
  await page.locator('main a[href$="/try"]').first().click();
  await press(page, 'Essayer');
  await expect(main(page)).toContainText('Remplissez ce champ.');
  await fill(page, { 'parameter-0': '1234567', context: 'cantine', recipient: TOWN });
  for (const box of await page.locator('main [name="scopes"]').all()) await box.uncheck();
  await page.getByLabel('(cnp_quotient_familial)').check();
  await press(page, 'Essayer');
  const answer = JSON.parse(await page.locator('#answer').innerText());
  expect(Object.keys(answer.data).sort()).toEqual(['mois', 'quotientFamilial']);
  await expect(page.locator('#command')).toContainText(`${HOUSEHOLD}?context=cantine`);
  await scripted.goto(new URL(page.url()).pathname);
  await fill(scripted, { 'parameter-0': '1234567', recipient: TOWN });
  await press(scripted, 'Essayer');
  await checkPage(scripted, 'exchange-tried');
  await context.close();
});

test('the commands of the documentation work when pasted', async ({ browser }) => {
  const awa = await somebody(browser, 'awa.diop@valclair.example');
  await awa.goto('/exchange/requests');
  const link = awa.locator('#accreditations tbody a', { hasText: 'cantine' }).first();
  const key = await makeKey(awa, await link.getAttribute('href'));
  // A person takes longer to paste than a gateway to hear of the key.
  await within1s(key, 200, HOUSEHOLD, 'cantine', 'Dossier 11');
  // As they stand there, at the addresses of this program; those that wait for a person are left out.
  const commands = readFileSync(STORY, 'utf8').split('\n')
    .filter((line) => /^ {4}(call|curl)/.test(line)).join('\n')
    .replaceAll('http://127.0.0.1:8461', process.env.GOUVERNAIL_GATEWAY)
    .replaceAll('http://127.0.0.1:8462', process.env.GOUVERNAIL_PRODUCERS);
  const { stdout } = await run('bash', ['-euc', commands], { env: { ...process.env, KEY: key } });
  const told = stdout.split('\n').filter(Boolean);
  expect(told.filter((line) => /^\d{3}$/.test(line))).toEqual(['200', '200', '404', '403', '200']);
  const answers = told.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  expect(answers.map(({ code, data }) => code ?? Object.keys(data ?? {}).length))
    .toEqual([2, 2, 'not-found', 'purpose-not-granted', 0, 2]);
  // The producer tells more than the town is granted.
  expect(answers.at(-2)).toHaveProperty('enfants');
});

const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();

/** Follows a proof from the row to the root of its checkpoint (RFC 9162, section 2.1.3.2). */
function checkInclusion({ row, salt, log_index, inclusion }, object) {
  expect(JSON.parse(row).object).toBe(object);
  const [head, checkpoint] = inclusion.split('\n\n');
  const [, index, ...path] = head.split('\n');
  expect(index).toBe(`index ${log_index}`);
  const [, size, root] = checkpoint.split('\n');
  let hash = sha256(Buffer.from([0]), sha256(Buffer.from(salt, 'hex'), Buffer.from(row)));
  let [at, last] = [Number(log_index), Number(size) - 1];
  for (const step of path.map((text) => Buffer.from(text, 'base64'))) {
    if (at % 2 === 1 || at === last) {
      hash = sha256(Buffer.from([1]), step, hash);
      while (at % 2 === 0 && at > 0) [at, last] = [at >> 1, last >> 1];
    } else {
      hash = sha256(Buffer.from([1]), hash, step);
    }
    [at, last] = [at >> 1, last >> 1];
  }
  expect(hash.toString('base64')).toBe(root);
}

/** Signs a citizen in by the mock provider, from the choice of accounts. */
async function be(person, name, level) {
  await person.getByRole('link', { name: 'Se connecter avec Fournisseur d’essai des usagers' }).click();
  await person.getByLabel(name).check();
  await person.getByLabel(`(${level})`).check();
  await press(person, 'Se connecter');
}

test('a citizen sees who looked at her data, contests an access, and is answered', async ({ browser }) => {
  const awa = await somebody(browser, 'awa.diop@valclair.example');
  await awa.goto('/exchange/requests');
  const link = awa.locator('#accreditations tbody a', { hasText: 'cantine' }).first();
  const key = await makeKey(awa, await link.getAttribute('href'));
  const told = await within1s(key, 200, BY_STATUS, 'cantine', 'Dossier 31', ELODIE);
  expect(Object.keys(told.body.data).sort()).toEqual(['mois', 'quotientFamilial']);

  const context = await browser.newContext({ baseURL: process.env.GOUVERNAIL_URL, locale: 'fr-FR' });
  const elodie = await context.newPage();
  elodie.setDefaultTimeout(10_000);
  await elodie.goto('/citizen/accesses');
  await be(elodie, 'Élodie Fonteneau', 'eidas1');
  await expect(elodie.locator('main')).toContainText('Il faut une identité plus sûre');
  await checkPage(elodie, 'citizen-unsure');
  await elodie.getByRole('link', { name: 'Choisir un autre compte' }).click();
  await be(elodie, 'Élodie Fonteneau', 'eidas2');
  await expect(h1(elodie)).toHaveText('Qui a consulté mes données');
  // The gateway brings its traces every few seconds.
  const accesses = elodie.locator('#accesses tbody a');
  await expect(async () => {
    await elodie.goto('/citizen/accesses');
    await accesses.first().click();
    await expect(elodie.locator('main')).toContainText('Dossier 31', { timeout: 200 });
  }).toPass({ timeout: 15_000 });
  for (const words of ['Commune de Valclair', 'Calculer le tarif de la cantine', 'Quotient familial du mois']) {
    await expect(elodie.locator('main')).toContainText(words);
  }
  await checkPage(elodie, 'citizen-access');
  const [proof] = await Promise.all([
    elodie.waitForEvent('download'),
    elodie.getByRole('link', { name: 'Télécharger la preuve' }).click(),
  ]);
  checkInclusion(JSON.parse(readFileSync(await proof.path(), 'utf8')), 'Dossier 31');
  await press(elodie, 'Envoyer la contestation');
  await checkPage(elodie, 'citizen-access-mistaken');
  const why = 'Je n’ai pas d’enfant à la cantine de Valclair.';
  await fill(elodie, { body: why, mail: 'elodie.lebihan@courriel.example' });
  await press(elodie, 'Envoyer la contestation');
  await expect(elodie.locator('main')).toContainText('Contestation en attente de réponse');
  const access = elodie.url();

  await elodie.goto('/citizen');
  await elodie.getByRole('link', { name: 'Qui a consulté mes données' }).click();
  await expect(elodie.locator('#accesses')).toContainText('Contestation en attente de réponse');
  await checkPage(elodie, 'citizen-accesses');
  await checkKeyboard(elodie);
  const [file] = await Promise.all([
    elodie.waitForEvent('download'),
    elodie.getByRole('link', { name: 'Télécharger en JSON' }).click(),
  ]);
  const taken = JSON.parse(readFileSync(await file.path(), 'utf8'));
  expect(taken[0]).toMatchObject({ object: 'Dossier 31', outcome: 'given', allowed: ['Quotient familial du mois'] });
  await elodie.getByRole('link', { name: 'Ce que cette page ne montre pas' }).click();
  await expect(elodie.locator('#numbered')).toContainText('Revenu fiscal');

  // Somebody else sees nothing of it, by no address.
  const other = await (await browser.newContext({
    baseURL: process.env.GOUVERNAIL_URL, locale: 'fr-FR' })).newPage();
  await other.goto('/citizen/accesses');
  await be(other, 'Théo Hoarau', 'eidas2');
  await expect(other.locator('main')).toContainText('Aucune demande ne vous concerne');
  await checkPage(other, 'citizen-accesses-empty');
  expect((await other.goto(access)).status()).toBe(404);

  const nour = await somebody(browser, 'nour.haddad@cnp.example');
  await nour.goto('/exchange/contests');
  await nour.locator('#contests tbody a').first().click();
  await expect(nour.locator('main')).toContainText(why);
  await checkPage(nour, 'exchange-contest');
  await checkKeyboard(nour);
  await nour.getByLabel('Non fondée').check();
  await fill(nour, { answer: 'L’enfant est inscrit par son autre parent.' });
  await press(nour, 'Répondre');
  await expect(nour.locator('main')).toContainText('Contestation non fondée');
  await elodie.goto(access);
  await expect(elodie.locator('main')).toContainText('L’enfant est inscrit par son autre parent.');
  await checkPage(elodie, 'citizen-access-answered');
});
