// A Matrix server of its own, matrix-synapse: a service that signs people in by OpenID Connect.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { started } from './network.mjs';

/** Where a Matrix server on `port` is, and the addresses of its that the platform is to know. */
export function synapseAt(port) {
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    callback: `${url}/_synapse/client/oidc/callback`,
    told: `${url}/_synapse/client/oidc/backchannel_logout`,
  };
}

/** Starts it; `app` is the address of the application to which it sends people back. */
export async function startSynapse(port, known, app) {
  const folder = mkdtempSync(join(tmpdir(), 'gouvernail-synapse-'));
  const log = join(folder, 'log');
  const { url } = synapseAt(port);
  // JSON is YAML.
  const settings = {
    server_name: 'salons.example',
    public_baseurl: `${url}/`,
    pid_file: join(folder, 'pid'),
    listeners: [{ port, type: 'http', tls: false, bind_addresses: ['127.0.0.1'],
      resources: [{ names: ['client'] }] }],
    database: { name: 'sqlite3', args: { database: join(folder, 'synapse.sqlite') } },
    media_store_path: join(folder, 'media'),
    log_config: join(folder, 'log.yaml'),
    signing_key: `ed25519 test ${randomBytes(32).toString('base64').replace(/=+$/, '')}`,
    macaroon_secret_key: randomBytes(32).toString('hex'),
    form_secret: randomBytes(32).toString('hex'),
    report_stats: false,
    trusted_key_servers: [],
    // Also proves that no password of its own opens it.
    password_config: { enabled: false },
    sso: { client_whitelist: [app] },
    oidc_providers: [{
      idp_id: 'gouvernail',
      idp_name: 'Gouvernail',
      issuer: process.env.GOUVERNAIL_URL,
      client_id: known.id,
      client_secret: known.secret,
      scopes: ['openid', 'profile', 'email'],
      pkce_method: 'always',
      user_profile_method: 'userinfo_endpoint',
      backchannel_logout_enabled: true,
      user_mapping_provider: { config: {
        localpart_template: '{{ user.email.split("@")[0] }}',
        display_name_template: '{{ user.name }}',
        email_template: '{{ user.email }}',
      } },
    }],
  };
  writeFileSync(join(folder, 'homeserver.yaml'), JSON.stringify(settings));
  writeFileSync(join(folder, 'log.yaml'), JSON.stringify({
    version: 1,
    handlers: { told: { class: 'logging.StreamHandler' } },
    root: { level: 'WARNING', handlers: ['told'] },
  }));
  const server = spawn(process.env.PYTHON ?? 'python3',
    ['-m', 'synapse.app.homeserver', '--config-path', join(folder, 'homeserver.yaml')], {
      // Its client of OpenID Connect refuses addresses without TLS otherwise.
      env: { ...process.env, AUTHLIB_INSECURE_TRANSPORT: '1' },
      stdio: ['ignore', 'ignore', openSync(log, 'w')],
    });
  const ended = new Promise((done) => server.on('exit', done));
  const answers = async () => (await fetch(`${url}/health`)).ok;
  await started(server, answers, 'matrix-synapse', log);
  return {
    url,
    /** A call of the Matrix API: its status and its answer. */
    async call(path, { token, body } = {}) {
      const answer = await fetch(`${url}/_matrix/client/v3${path}`, {
        method: body ? 'POST' : 'GET',
        headers: token ? { authorization: `Bearer ${token}` } : {},
        body: body && JSON.stringify(body),
      });
      return { status: answer.status, json: await answer.json() };
    },
    async stop() {
      server.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
