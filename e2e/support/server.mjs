// Starts the program with a demo State of its own on a free port, and stops it at the end.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export default async function start() {
  const { url, gateway, producers, data, stop } = await launch();
  process.env.GOUVERNAIL_DATA = data;
  process.env.GOUVERNAIL_GATEWAY = gateway;
  process.env.GOUVERNAIL_PRODUCERS = producers;
  process.env.GOUVERNAIL_URL = url;
  return stop;
}

/** A folder for a demo State. */
export const folder = () => mkdtempSync(join(tmpdir(), 'gouvernail-e2e-'));

/**
 * A program of its own, listening at `listen`; gives its addresses and what stops it. Its State is new and
 * goes with it, unless `kept` names the folder of one, and how many days later it is there.
 */
export async function launch(env = {}, listen = '127.0.0.1:0', kept = undefined) {
  const program = process.env.GOUVERNAIL_BIN ?? resolve('../target/debug/gouvernail');
  const data = kept?.data ?? folder();
  const ahead = String(kept?.daysAhead ?? 0);
  const server = spawn(program, ['demo', '--data', data, '--listen', listen, '--days-ahead', ahead], {
    env: {
      ...process.env,
      GOUVERNAIL_LIMITS__REQUESTS_PER_MINUTE: '100000',
      // The services of these tests are on this machine.
      GOUVERNAIL_EGRESS__ALLOWED: '127.0.0.1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  const url = await new Promise((found, failed) => {
    server.stdout.on('data', (chunk) => {
      told += chunk;
      const address = told.match(/listening on (http:\/\/\S+)/);
      if (address) found(address[1]);
    });
    server.on('exit', (code) => failed(new Error(`the program ended (${code}): ${told}`)));
    setTimeout(() => failed(new Error('the program did not start within 60 s')), 60_000).unref();
  });
  const gateway = told.match(/exchange are answered at (http:\/\/\S+)/)?.[1];
  const producers = told.match(/producers answer at (http:\/\/\S+)/)?.[1];
  const stop = async () => {
    server.removeAllListeners('exit');
    const ended = new Promise((done) => server.on('exit', done));
    server.kill('SIGTERM');
    await ended;
    if (!kept) rmSync(data, { recursive: true, force: true });
  };
  return { url, gateway, producers, data, stop };
}
