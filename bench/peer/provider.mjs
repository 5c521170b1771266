// npm oidc-provider with one person, one service and one live session: what sign-in is measured
// against. It keeps everything in memory: its own adapter does too, but no more than a thousand things,
// among which a session is soon forgotten under load.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const kept = new Map();
const byGrant = new Map();
class Memory {
  constructor(model) { this.model = model; }
  key(id) { return `${this.model}:${id}`; }
  async upsert(id, payload) {
    kept.set(this.key(id), payload);
    if (payload.uid) kept.set(`uid:${payload.uid}`, id);
    if (payload.grantId && this.model !== 'Session') {
      const members = byGrant.get(payload.grantId) ?? [];
      members.push(this.key(id));
      byGrant.set(payload.grantId, members);
    }
  }
  async find(id) { return kept.get(this.key(id)); }
  async findByUid(uid) { return this.find(kept.get(`uid:${uid}`)); }
  async consume(id) { kept.get(this.key(id)).consumed = Math.floor(Date.now() / 1000); }
  async destroy(id) { kept.delete(this.key(id)); }
  async revokeByGrantId(grant) {
    for (const key of byGrant.get(grant) ?? []) kept.delete(key);
    byGrant.delete(grant);
  }
}

const server = createServer();
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const issuer = `http://127.0.0.1:${server.address().port}`;
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: 'bench' };
const client = { id: 'bench', secret: 'a secret of the bench, long enough for anybody' };

const provider = new Provider(issuer, {
  adapter: Memory,
  clients: [{
    client_id: client.id,
    client_secret: client.secret,
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    redirect_uris: ['https://service.example/cb'],
    id_token_signed_response_alg: 'ES256',
    token_endpoint_auth_method: 'client_secret_basic',
  }],
  jwks: { keys: [key] },
  cookies: { keys: ['bench'] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  scopes: ['openid', 'offline_access', 'email', 'profile'],
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
  },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: 'ada@min.example', email_verified: true, name: 'Ada Martin' }),
  }),
  // Nobody is asked: as in the service that it is compared with.
  async loadExistingGrant(ctx) {
    const known = ctx.oidc.session.grantIdFor(ctx.oidc.client.clientId);
    if (known) return ctx.oidc.provider.Grant.find(known);
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope('openid profile email');
    await grant.save();
    return grant;
  },
  issueRefreshToken: async (_, of) => of.grantTypeAllowed('refresh_token'),
});
server.on('request', provider.callback());

// The person signs in once, through the provider's own pages.
const jar = new Map();
async function go(url, init = {}) {
  const answer = await fetch(url, { ...init, redirect: 'manual',
    headers: { ...init.headers, cookie: [...jar].map(([k, v]) => `${k}=${v}`).join('; ') } });
  for (const cookie of answer.headers.getSetCookie()) {
    const [pair] = cookie.split(';');
    const at = pair.indexOf('=');
    jar.set(pair.slice(0, at), pair.slice(at + 1));
  }
  return answer;
}
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const query = new URLSearchParams({ response_type: 'code', client_id: client.id, nonce: 'n', state: 's',
  redirect_uri: 'https://service.example/cb', scope: 'openid profile email',
  code_challenge: challenge, code_challenge_method: 'S256' });
let answer = await go(`${issuer}/auth?${query}`);
for (let step = 0; step < 8; step += 1) {
  const location = answer.headers.get('location');
  if (location?.startsWith('https://service.example/')) break;
  if (location) {
    answer = await go(new URL(location, issuer));
  } else {
    const page = await answer.text();
    const action = page.match(/action="([^"]+)"/)[1];
    const prompt = page.match(/name="prompt" value="([^"]+)"/)[1];
    answer = await go(new URL(action, issuer), { method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ prompt, login: 'ada', password: 'x' }) });
  }
}
if (!answer.headers.get('location')?.includes('code=')) throw new Error('nobody is signed in');
const cookie = [...jar].filter(([name]) => name.startsWith('_session')).map((c) => c.join('=')).join('; ');
console.log(JSON.stringify({ issuer, client_id: client.id, client_secret: client.secret, cookie }));
