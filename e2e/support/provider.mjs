// Independent identity providers, npm oidc-provider and canaille, through which people sign in.
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { expect } from '@playwright/test';
import Provider from 'oidc-provider';

/** Starts the provider. It knows the platform by its keys, and tells it of sign-outs. */
export async function startProvider(code) {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const platform = process.env.GOUVERNAIL_URL;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: 'idp' };
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'gouvernail',
      redirect_uris: [`${platform}/sign-in/return/${code}`],
      post_logout_redirect_uris: [`${platform}/sign-out/return`],
      backchannel_logout_uri: `${platform}/api/v2/provider/${code}/logout`,
      backchannel_logout_session_required: true,
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks_uri: `${platform}/api/v2/jwks`,
      id_token_signed_response_alg: 'ES256',
      userinfo_signed_response_alg: 'ES256',
    }],
    jwks: { keys: [key] },
    cookies: { keys: ['idp'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: true },
      backchannelLogout: { enabled: true },
      jwtUserinfo: { enabled: true },
    },
    // The platform of these tests is on this machine, where the provider wouldn't go by itself.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@npm.example`, email_verified: true, name: 'Paul Roy' }),
    }),
  });
  const told = { problems: [], logouts: 0 };
  provider.on('server_error', (_, error) => told.problems.push(String(error)));
  provider.on('grant.error', (_, error) => told.problems.push(`${error} ${error.error_detail ?? ''}`));
  provider.on('userinfo.error', (_, error) => told.problems.push(String(error)));
  provider.on('backchannel.error', (_, error) => told.problems.push(String(error)));
  provider.on('backchannel.success', () => { told.logouts += 1; });
  server.on('request', provider.callback());
  return { issuer, told, stop: () => { server.closeAllConnections(); server.close(); } };
}

/** Starts canaille, whose code shares nothing with the former one. */
export async function startCanaille(code, secret, password) {
  const platform = process.env.GOUVERNAIL_URL;
  const python = spawn(process.env.PROVIDER_PYTHON ?? 'python3', ['clients/canaille_provider.py'], {
    env: { ...process.env, PLATFORM: platform, CLIENT_SECRET: secret, PERSON_PASSWORD: password,
      REDIRECT_URI: `${platform}/sign-in/return/${code}`,
      SIGNED_OUT_URI: `${platform}/sign-out/return` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const issuer = (await createInterface({ input: python.stdout })[Symbol.asyncIterator]().next()).value;
  return { issuer, stop: () => python.kill() };
}

/** Registers a provider, as an operator does; gives the path of its page. */
export async function registerProvider(page, { issuer, code, domain, algorithm, method, secret }) {
  await page.goto('/providers/new');
  await page.getByLabel('Nom', { exact: true }).fill(`Fournisseur ${code}`);
  await page.getByLabel('Code', { exact: true }).fill(code);
  await page.getByLabel('Adresse du fournisseur').fill(issuer);
  await page.getByLabel('Identifiant qu’il nous a donné').fill('gouvernail');
  await page.getByLabel(method).check();
  if (secret) await page.getByLabel('Secret qu’il nous a donné').fill(secret);
  await page.getByLabel('Domaines de messagerie').fill(domain);
  await page.getByLabel('Un compte est créé').check();
  const signatures = page.getByRole('group', { name: 'Signatures admises' });
  await signatures.getByLabel('ES256').setChecked(algorithm === 'ES256');
  await signatures.getByLabel(algorithm).check();
  // Signed userinfo where the provider signs it for whoever asks for it.
  const userinfo = page.getByRole('group', { name: 'Signatures exigées' });
  await userinfo.getByLabel('ES256').setChecked(algorithm === 'ES256');
  await page.getByRole('button', { name: 'Enregistrer' }).click();
  await page.waitForURL(/\/providers\/[0-9a-f-]{36}$/);
  return new URL(page.url()).pathname;
}

/** Suspends a provider, so that the other specs sign in by password. */
export async function suspendProvider(page, path) {
  await page.goto(path);
  await page.getByLabel('Raison de la suspension').fill('Fin de l’essai.');
  await page.getByRole('button', { name: 'Suspendre le fournisseur' }).click();
  await page.getByText('Fin de l’essai.').waitFor();
}

/** Chooses who to be at the mock provider. */
export async function be(person, name, { level = 'eidas1', happens = 'Tout se passe bien' } = {}) {
  await expect(person.getByRole('heading', { level: 1 })).toContainText('Fournisseur d’essai');
  await person.getByLabel(name).check();
  await person.getByLabel(`(${level})`).check();
  await person.getByLabel(happens).check();
  await person.locator('main').getByRole('button', { name: 'Se connecter' }).click();
}
