// An independent identity provider, npm oidc-provider, through which people sign in to the platform.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
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

/** Registers it, as an operator does. */
export async function registerProvider(page, provider, code) {
  await page.goto('/providers/new');
  await page.getByLabel('Nom', { exact: true }).fill('Fournisseur à l’essai');
  await page.getByLabel('Code', { exact: true }).fill(code);
  await page.getByLabel('Adresse du fournisseur').fill(provider.issuer);
  await page.getByLabel('Identifiant qu’il nous a donné').fill('gouvernail');
  await page.getByLabel('Assertion signée par nos clés').check();
  await page.getByLabel('Domaines de messagerie').fill('npm.example');
  await page.getByLabel('Un compte est créé').check();
  await page.getByLabel('ES256').nth(1).check();
  await page.getByRole('button', { name: 'Enregistrer' }).click();
  await page.waitForURL(/\/providers\/[0-9a-f-]{36}$/);
  return new URL(page.url()).pathname;
}
