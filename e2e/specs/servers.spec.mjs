// Servers that agents use sign people in, and out, in the same real browser.
import { execFileSync } from 'node:child_process';
import { startDovecot } from '../support/dovecot.mjs';
import { freePort } from '../support/network.mjs';
import { OFFICER, asOfficer, expect, test } from '../support/page.mjs';
import { register, startService } from '../support/service.mjs';
import { startSynapse, synapseAt } from '../support/synapse.mjs';

async function visitor(browser) {
  const context = await browser.newContext({ baseURL: process.env.GOUVERNAIL_URL, locale: 'fr-FR' });
  return context.newPage();
}

async function fillSignIn(page) {
  await page.getByLabel('Adresse électronique').fill(OFFICER.email);
  await page.getByLabel('Mot de passe').fill(OFFICER.password);
  await page.locator('main').getByRole('button', { name: 'Se connecter' }).click();
}

async function signOut(page) {
  await page.goto('/api/v2/session/end');
  await page.getByRole('button', { name: 'Me déconnecter' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Vous êtes déconnecté');
}

test('matrix-synapse opens a session, and ends it with the platform’s', async ({ page, browser }) => {
  test.setTimeout(120_000);
  const app = await startService();
  const port = await freePort();
  const { callback, told } = synapseAt(port);
  await asOfficer(page);
  const known = await register(page, app, 'Salons des agents', { callback, told });
  const synapse = await startSynapse(port, known, `${app.url}/`);
  try {
    const person = await visitor(browser);
    const back = encodeURIComponent(`${app.url}/app`);
    await person.goto(`${synapse.url}/_matrix/client/v3/login/sso/redirect?redirectUrl=${back}`);
    await fillSignIn(person);
    await expect(person.getByRole('heading', { level: 1 })).toHaveText('Se connecter à Salons des agents');
    await person.getByRole('button', { name: 'Continuer' }).click();
    await person.waitForURL(`${app.url}/app?loginToken=*`);
    const loginToken = new URL(person.url()).searchParams.get('loginToken');
    const login = await synapse.call('/login', { body: { type: 'm.login.token', token: loginToken } });
    expect(login.status, JSON.stringify(login.json)).toBe(200);
    const token = login.json.access_token;
    const user = '@camille.moreau:salons.example';
    expect((await synapse.call('/account/whoami', { token })).json.user_id).toBe(user);
    const name = await synapse.call(`/profile/${user}/displayname`, { token });
    expect(name.json.displayname).toBe('Camille Moreau');
    const again = await synapse.call('/login', { body: { type: 'm.login.token', token: loginToken } });
    expect(again.status).toBe(403);

    // Signing out of the platform ends the session there.
    await signOut(person);
    await expect.poll(async () => (await synapse.call('/account/whoami', { token })).status,
      { timeout: 20_000 }).toBe(401);
  } finally {
    await synapse.stop();
    app.stop();
  }
});

/** The access token of a whole sign-in to a service. */
async function tokenOf(browser, service) {
  const person = await visitor(browser);
  await person.goto(`${service.url}/login`);
  await fillSignIn(person);
  await expect(person.locator('h1')).toHaveText('Bonjour Camille Moreau');
  return { person, token: service.sessions.at(-1).tokens.access_token };
}

/** As though its ten minutes had passed. */
function expire(token) {
  execFileSync(process.env.PYTHON ?? 'python3', ['-c', `
import hashlib, os, sqlite3, sys
with sqlite3.connect(os.path.join(os.environ["GOUVERNAIL_DATA"], "gouvernail.sqlite")) as db:
    found = hashlib.sha256(sys.argv[1].encode()).digest()
    done = db.execute("UPDATE oidc_token SET expires_at = 1 WHERE hash = ?", (found,))
    assert done.rowcount == 1
`, token]);
}

const REFUSED = { opened: false };

test('Dovecot opens a mailbox to a token and to no other, by introspection', async ({ page, browser }) => {
  test.setTimeout(120_000);
  const [mail, other] = [await startService(), await startService()];
  await asOfficer(page);
  const known = await register(page, mail, 'Messagerie', { consent: false });
  await mail.connect(known.id, known.secret);
  const stranger = await register(page, other, 'Autre usage', { consent: false });
  await other.connect(stranger.id, stranger.secret);
  const address = process.env.GOUVERNAIL_URL.replace('://', `://${known.id}:${known.secret}@`);
  const dovecot = await startDovecot({
    introspection_mode: 'post',
    introspection_url: `${address}/api/v2/introspection`,
    username_attribute: 'username',
    active_attribute: 'active',
    active_value: 'true',
    scope: 'email',
  });
  try {
    const open = (token, mechanism) => dovecot.open(OFFICER.email, token, mechanism);
    const { person, token } = await tokenOf(browser, mail);
    expect(await open(token)).toEqual({ opened: true, letters: 1 });
    expect(await open(token, 'XOAUTH2')).toEqual({ opened: true, letters: 2 });
    expect(await dovecot.open('quelqu.un@dinum.example', token), 'of somebody else').toMatchObject(REFUSED);
    const wrong = await open(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`);
    expect(wrong, 'a wrong one').toMatchObject(REFUSED);
    expect((await open((await tokenOf(browser, other)).token)), 'another service’s').toMatchObject(REFUSED);
    const revoked = (await tokenOf(browser, mail)).token;
    expect(await open(revoked)).toMatchObject({ opened: true });
    await mail.revoke(revoked);
    expect(await open(revoked), 'a revoked one').toMatchObject(REFUSED);
    const old = (await tokenOf(browser, mail)).token;
    expect(await open(old)).toMatchObject({ opened: true });
    expire(old);
    expect(await open(old), 'an expired one').toMatchObject(REFUSED);
    // The session ends, and with it what was opened by it.
    await signOut(person);
    expect(await open(token), 'of a session that has ended').toMatchObject(REFUSED);
  } finally {
    await dovecot.stop();
    mail.stop();
    other.stop();
  }
});

test('Dovecot opens a mailbox to a token that userinfo takes', async ({ page, browser }) => {
  const mail = await startService();
  await asOfficer(page);
  const known = await register(page, mail, 'Messagerie simple', { consent: false });
  await mail.connect(known.id, known.secret);
  const dovecot = await startDovecot({
    introspection_mode: 'auth',
    introspection_url: `${process.env.GOUVERNAIL_URL}/api/v2/userinfo`,
    username_attribute: 'email',
  });
  try {
    const { token } = await tokenOf(browser, mail);
    expect(await dovecot.open(OFFICER.email, token)).toEqual({ opened: true, letters: 1 });
    expect(await dovecot.open(OFFICER.email, 'not-a-token')).toMatchObject(REFUSED);
    await mail.revoke(token);
    expect(await dovecot.open(OFFICER.email, token)).toMatchObject(REFUSED);
  } finally {
    await dovecot.stop();
    mail.stop();
  }
});
