import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

// The State's days begin in Paris: a test that types today's date means the same day, at any hour.
process.env.TZ = 'Europe/Paris';

const browser = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);

export default defineConfig({
  testDir: 'specs',
  outputDir: 'results/failures',
  workers: 1,
  timeout: 60_000,
  reporter: 'line',
  globalSetup: './support/server.mjs',
  use: {
    locale: 'fr-FR',
    timezoneId: 'Europe/Paris',
    launchOptions: {
      executablePath: browser,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
        '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
});
