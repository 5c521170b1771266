// A service that signs people in by openid-client, an independent relying party.
import { createServer } from 'node:http';
import * as client from 'openid-client';
import { expect } from '@playwright/test';

/** Starts the service; it signs in once `connect` has told it who it is. */
export async function startService() {
  const service = { sessions: [], told: [], config: undefined };
  const pending = new Map();
  const server = createServer((request, response) => {
    answer(service, pending, request, response).catch((error) => {
      response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(`${error.code ?? ''} ${error.error ?? ''} ${error.message} ${error.cause ?? ''}`);
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  service.url = `http://127.0.0.1:${server.address().port}`;
  service.connect = async (id, secret, auth = client.ClientSecretBasic(secret)) => {
    service.config = await client.discovery(new URL(process.env.GOUVERNAIL_URL), id, undefined, auth,
      { execute: [client.allowInsecureRequests] });
  };
  service.revoke = (token) => client.tokenRevocation(service.config, token);
  service.stop = () => server.close();
  return service;
}

async function answer(service, pending, request, response) {
  const url = new URL(request.url, service.url);
  const show = (text) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(`<!doctype html><title>Service</title><h1>${text}</h1>`);
  };
  if (url.pathname === '/login') {
    const verifier = client.randomPKCECodeVerifier();
    const state = client.randomState();
    const nonce = client.randomNonce();
    pending.set(state, { verifier, nonce });
    const to = client.buildAuthorizationUrl(service.config, {
      redirect_uri: `${service.url}/cb`,
      scope: 'openid profile email',
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...Object.fromEntries(url.searchParams),
    });
    response.writeHead(302, { location: to.href });
    response.end();
  } else if (url.pathname === '/cb') {
    const { verifier, nonce } = pending.get(url.searchParams.get('state')) ?? {};
    const tokens = await client.authorizationCodeGrant(service.config, url, {
      pkceCodeVerifier: verifier,
      expectedState: url.searchParams.get('state'),
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    const person = await client.fetchUserInfo(service.config, tokens.access_token, claims.sub);
    service.sessions.push({ tokens, claims, person });
    show(`Bonjour ${person.name}`);
  } else if (url.pathname === '/logout') {
    const { tokens } = service.sessions.at(-1);
    const to = client.buildEndSessionUrl(service.config, {
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri: `${service.url}/bye`,
      state: 'au-revoir',
    });
    response.writeHead(302, { location: to.href });
    response.end();
  } else if (url.pathname === '/told' && request.method === 'POST') {
    let body = '';
    for await (const chunk of request) body += chunk;
    service.told.push(new URLSearchParams(body).get('logout_token'));
    response.writeHead(200);
    response.end();
  } else if (url.pathname === '/app') {
    show('Application');
  } else if (url.pathname === '/bye') {
    show(`Au revoir ${url.searchParams.get('state')}`);
  } else {
    response.writeHead(404);
    response.end();
  }
}

/** Registers a service in the pages, as an operator does; gives its id and its secret. */
export async function register(page, service, name, { consent = true, citizens = false, devices = false,
  callback = `${service.url}/cb`, told = `${service.url}/told` } = {}) {
  await page.goto('/services/new');
  await page.getByLabel('Nom', { exact: true }).fill(name);
  await page.getByLabel('À quoi il sert').fill('Essayer une connexion de bout en bout.');
  await page.getByLabel('Adresses de retour', { exact: true }).fill(callback);
  await page.getByLabel('Adresses de retour après déconnexion').fill(`${service.url}/bye`);
  await page.getByLabel('Adresse prévenue de la fin d’une session').fill(told);
  if (citizens) {
    await page.getByLabel('Des usagers').check();
    await page.getByLabel('identite_pivot').check();
    await page.getByLabel('preferred_username').check();
  } else {
    await page.getByLabel('Donner des jetons de renouvellement').check();
  }
  if (devices) {
    const more = page.getByLabel('Se connecter sur un appareil sans navigateur');
    if (!await more.isVisible()) await page.locator('details', { has: more }).locator('summary').click();
    await more.check();
  }
  await page.getByLabel('Demander l’accord de la personne').setChecked(consent);
  await page.getByRole('button', { name: 'Enregistrer' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Service raccordé');
  const fact = async (label) =>
    (await page.locator('dt', { hasText: label }).locator('+ dd').innerText()).trim();
  return { id: await fact('client_id'), secret: await fact('client_secret') };
}
