// Independent clients in other languages sign a person in, in the same real browser.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { OFFICER, asOfficer, expect, test } from '../support/page.mjs';
import { register, startService } from '../support/service.mjs';

test('Authlib signs a person in', async ({ page, browser }) => {
  const service = await startService();
  await asOfficer(page);
  const known = await register(page, service, 'Service en Python', { consent: false });
  const python = spawn(process.env.PYTHON ?? 'python3', ['clients/authlib_service.py'], {
    env: { ...process.env, ISSUER: process.env.GOUVERNAIL_URL, CLIENT_ID: known.id,
      CLIENT_SECRET: known.secret, REDIRECT_URI: `${service.url}/cb` },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
    const told = async () => JSON.parse((await lines.next()).value);
    const person = await (await browser.newContext({ baseURL: process.env.GOUVERNAIL_URL })).newPage();
    // Where the browser comes back to is what the client is told; nobody answers there.
    let cameBack;
    await person.route(`${service.url}/cb*`, (route) => {
      cameBack = route.request().url();
      return route.fulfill({ contentType: 'text/html', body: '<title>ok</title>' });
    });
    await person.goto((await told()).address);
    await person.getByLabel('Adresse électronique').fill(OFFICER.email);
    await person.getByLabel('Mot de passe').fill(OFFICER.password);
    await person.locator('main').getByRole('button', { name: 'Se connecter' }).click();
    await expect.poll(() => cameBack).toBeTruthy();
    python.stdin.write(`${cameBack}\n`);
    const got = await told();
    expect(got.person).toMatchObject({ sub: got.sub, name: 'Camille Moreau', email: OFFICER.email });
    expect(got).toMatchObject({ same: true, active: true, after: false });
  } finally {
    python.kill();
    service.stop();
  }
});
