// A contract as the directorate lives it: its first tranche is released by a figure that the platform
// counts, the second is held, and anybody reads what was signed.
import { field, main, press } from '../support/acts.mjs';
import { asOfficer, checkPage, expect, test } from '../support/page.mjs';

test.setTimeout(120_000);

test('a tranche is released by its figure, another is held, and anybody reads the contract', async ({ page, browser }) => {
  await asOfficer(page);
  await page.goto('/contracts?state=in-force');
  await page.locator('#contracts tbody a').first().click();
  const contract = new URL(page.url()).pathname;
  const tranches = page.locator('#tranches tbody tr');
  await expect(tranches.nth(0)).toContainText('compté par la plateforme');
  await expect(tranches.nth(0)).toContainText('Condition remplie.');

  // Computed, then released by a person.
  await tranches.nth(0).getByRole('link', { name: 'Libérer la tranche' }).click();
  await press(page, 'Libérer la tranche');
  await expect(tranches.nth(0)).toContainText('Libérée');

  // What is released is not released again.
  await page.goto(`${contract}/tranches/1/release`);
  await press(page, 'Libérer la tranche');
  await expect(main(page)).toContainText('rien n’est libéré deux fois');

  // The second waits, and is held with a reason.
  await page.goto(contract);
  await expect(tranches.nth(1)).toContainText('Pas encore.');
  await tranches.nth(1).getByRole('link', { name: 'Retenir la tranche' }).click();
  await field(page, 'reason').fill('L’audit d’accessibilité n’est pas bon');
  await press(page, 'Retenir la tranche');
  await expect(tranches.nth(1)).toContainText('Retenue');
  await checkPage(page);

  // Anybody reads what both sides signed, and nothing of what is said inside.
  const anybody = await browser.newPage();
  await anybody.goto('/contracts/published');
  await anybody.locator('#contracts tbody a').first().click();
  await expect(anybody.locator('main')).toContainText('Empreinte SHA-256');
  await expect(anybody.locator('main')).not.toContainText('L’audit d’accessibilité n’est pas bon');
  await anybody.close();
});
