// Programs of these tests that listen on this machine.
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** A port of this machine that nobody listens on. */
export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Waits until `answers` says yes; ends `child` and fails when it has ended or after a minute. */
export async function started(child, answers, name, log) {
  const patience = Date.now() + 60_000;
  while (!(await answers().catch(() => false))) {
    if (child.exitCode !== null || Date.now() > patience) {
      child.kill('SIGKILL');
      throw new Error(`${name} did not start: ${existsSync(log) ? readFileSync(log, 'utf8') : ''}`);
    }
    await new Promise((done) => setTimeout(done, 100));
  }
}
