// What a person does in pages, as one line of a story each.
import { expect } from './page.mjs';

export const main = (page) => page.locator('main');
export const press = (page, name) => main(page).getByRole('button', { name, exact: true }).click();
export const follow = (page, name) =>
  main(page).getByRole('link', { name, exact: true }).first().click();
export const field = (page, name) => page.locator(`main [name="${name}"]`);

/** A day in its three fields. */
export async function fillDay(page, name, date) {
  await field(page, `${name}-day`).fill(String(date.getDate()));
  await field(page, `${name}-month`).fill(String(date.getMonth() + 1));
  await field(page, `${name}-year`).fill(String(date.getFullYear()));
}

/** A form that has one button, named like the link that leads to it. */
export async function act(page, name, fields = {}) {
  await follow(page, name);
  for (const [one, value] of Object.entries(fields)) await field(page, one).fill(value);
  await press(page, name);
}

/** Every piece of a review's file. */
export async function completeFile(page, review) {
  await page.goto(`${review}/file`);
  for (const item of ['description', 'cost', 'options', 'schedule', 'governance', 'risks', 'security',
    'impact', 'contracts', 'data']) {
    await field(page, item).fill(`Pièce ${item}`);
  }
  await press(page, 'Compléter le dossier');
}

/** An unfavourable opinion, with its five scores. */
export async function refuse(page, summary) {
  await follow(page, 'Rendre l’avis');
  await main(page).getByLabel('Défavorable', { exact: true }).check();
  await field(page, 'summary').fill(summary);
  for (const axis of ['strategy', 'finance', 'governance', 'delivery', 'planning']) {
    await field(page, `score-${axis}`).selectOption('2');
    await field(page, `comment-${axis}`).fill('Insuffisant');
  }
  await field(page, 'reason').fill('Le dossier est instruit.');
  await press(page, 'Rendre l’avis');
  await expect(main(page)).toContainText('Défavorable');
}
