// The whole loop on one project: it drifts, the watch sees it, a review is opened, its clock runs, the
// opinion is unfavourable and recommends three things; weeks later one is overdue and escalates; the
// brigade is sent, a contract with two tranches is signed by both sides, the first is released by a
// figure that nobody types, the second is held; the conference reorients the project, and anybody reads
// what happened.
//
// The project is one of the demo State; or of published editions of the panorama, when
// GOUVERNAIL_EDITIONS names a folder of them (CSV, taken in the order of their names).
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { act, completeFile, field, fillDay, follow, main, press, refuse } from '../support/acts.mjs';
import { OFFICER, checkPage, expect, test } from '../support/page.mjs';
import { be } from '../support/provider.mjs';
import { folder, launch } from '../support/server.mjs';

test.setTimeout(300_000);

const DIRECTOR = 'jeanne.riou@ministere.example';
/** What is counted at this service of the demo is what the contract rests on. */
const SERVICE = 'Service d’essai (agents)';
const DAY = 86_400_000;
const { GOUVERNAIL_EDITIONS } = process.env;

const pathOf = (page) => new URL(page.url()).pathname;

/** The demo State, as it is after some days; its clock is ahead of the browser's. */
class State {
  constructor() {
    this.data = folder();
    this.daysAhead = 0;
    this.contexts = [];
  }

  async open(daysAhead) {
    await this.close();
    this.daysAhead = daysAhead;
    this.server = await launch({}, '127.0.0.1:0', this);
  }

  /** The day that it is there, or `days` later. */
  day(days = 0) {
    return new Date(Date.now() + (this.daysAhead + days) * DAY);
  }

  async anybody(browser) {
    const context = await browser.newContext({
      baseURL: this.server.url, locale: 'fr-FR', timezoneId: 'Europe/Paris',
    });
    this.contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    page.on('pageerror', (error) => { throw error; });
    return page;
  }

  async as(browser, email) {
    const page = await this.anybody(browser);
    await page.goto('/sign-in');
    await page.getByLabel('Adresse électronique').fill(email);
    await page.getByLabel('Mot de passe').fill(OFFICER.password);
    await press(page, 'Se connecter');
    await expect(page.locator('header')).not.toContainText('Se connecter');
    return page;
  }

  async close() {
    for (const context of this.contexts.splice(0)) await context.close();
    await this.server?.stop();
    this.server = undefined;
  }
}

/** Imports the editions; gives how they name their projects. */
async function importEditions(page) {
  const names = [];
  for (const file of readdirSync(GOUVERNAIL_EDITIONS).filter((one) => one.endsWith('.csv')).sort()) {
    const path = join(GOUVERNAIL_EDITIONS, file);
    await page.goto('/imports');
    await page.getByLabel('Importer', { exact: true }).check();
    await page.getByLabel('Fichier').setInputFiles(path);
    await press(page, 'Envoyer le fichier');
    await expect(main(page)).toContainText('est importé', { timeout: 60_000 });
    names.push(readFileSync(path, 'utf8'));
  }
  return names.join('\n');
}

/** The page of an alert: a cost that drifted, on a project that no review has judged. */
async function drifted(page, editions) {
  await page.goto('/steering/alerts?rule=cost');
  const rows = page.locator('#alerts tbody tr');
  const found = [];
  for (const row of await rows.all()) {
    const link = row.getByRole('link').first();
    found.push({ title: await link.innerText(), href: await link.getAttribute('href') });
  }
  const named = found.filter(({ title }) => editions === undefined || editions.includes(title));
  expect(named.length, 'a project drifted').toBeGreaterThan(0);
  // The worst cases of the demo State already have their stories: this one is the last of its list.
  const chosen = editions === undefined ? named.at(-1) : named[0];
  await page.goto(chosen.href);
  await expect(main(page)).toContainText('Le coût a dérivé de');
  return chosen.title;
}

/** An article 3 review, from its announcement to its opinion and three recommendations. */
async function review(page, state) {
  await follow(page, 'Ouvrir un examen de l’article 3');
  await field(page, 'foreseen').fill('48');
  await field(page, 'reason').fill('Le coût prévu dépasse 9 M€.');
  await press(page, 'Annoncer un examen');
  const path = pathOf(page);
  await act(page, 'Ouvrir le dossier', { reason: 'Le ministère réunit les pièces.' });
  await completeFile(page, path);
  await act(page, 'Constater le dossier complet', { reason: 'Toutes les pièces sont là.' });
  await expect(main(page)).toContainText(/Il reste \d+ jours? pour rendre l’avis/);
  await act(page, 'Demander des informations', { reason: 'Le coût par option manque.' });
  await expect(main(page)).toContainText('Le délai est suspendu depuis le');
  await act(page, 'Donner les informations', { reason: 'Le tableau est joint.' });
  await refuse(page, 'Le projet ne peut pas continuer avec un seul lot.');
  for (const [axis, text, days] of [['delivery', 'Découper en lots', 10],
    ['governance', 'Nommer une responsable', 90], ['finance', 'Recalculer le coût complet', 120]]) {
    await follow(page, 'Faire une recommandation');
    await field(page, 'text').fill(text);
    await field(page, 'owner').fill('Directrice de projet');
    await page.locator(`main [name="axis"][value="${axis}"]`).check();
    await fillDay(page, 'due', state.day(days));
    await press(page, 'Faire une recommandation');
    await expect(page.locator('#recommendations')).toContainText(text);
  }
  await page.goto(`${path}/publication`);
  await fillDay(page, 'on', state.day());
  await press(page, 'Publication et occultations');
}

/** An indicator that nobody types: what the platform counts at a service. */
async function counted(page, product, state) {
  await page.goto('/services');
  const service = await main(page).getByRole('link', { name: SERVICE }).first().getAttribute('href');
  await page.goto(`/products/${product}/indicators/new`);
  await field(page, 'name').fill('Connexions par semaine');
  await field(page, 'measured').fill('Connexions réussies au service, comptées par la plateforme.');
  await field(page, 'level').selectOption('used');
  await field(page, 'unit').fill('connexions');
  await page.locator('main [name="direction"][value="more"]').check();
  await field(page, 'rhythm').selectOption('weekly');
  await field(page, 'baseline').fill('0');
  await fillDay(page, 'baseline_on', state.day());
  await field(page, 'target').fill('20');
  await fillDay(page, 'due_on', state.day(200));
  await page.locator('main [name="origin"][value="sign-ins"]').check();
  await field(page, 'subject').fill(service.split('/').at(-1));
  await press(page, 'Enregistrer');
  await expect(main(page)).toContainText('Connexions par semaine');
}

/** The ministry's digital director has her right there. */
async function appoint(page, ministry) {
  await page.goto('/people');
  await follow(page, 'Jeanne Riou');
  await field(page, 'role').selectOption('digital-director');
  await field(page, 'organisation').selectOption({ label: ministry });
  await press(page, 'Accorder le droit');
  await expect(main(page)).toContainText(ministry);
}

/** A contract with two tranches, one on a tenth of the promised way and one on the target itself. */
async function contract(page, director, product, state) {
  await page.goto(`/contracts/new?product=${product}&kind=money`);
  await field(page, 'purpose').fill('Livrer un premier lot utile, puis l’ouvrir.');
  await fillDay(page, 'ends', state.day(400));
  await field(page, 'directorate_signatory').fill('Camille Moreau');
  await field(page, 'ministry_body').fill('Ministère porteur');
  await field(page, 'ministry_signatory').fill('Jeanne Riou');
  await main(page).getByLabel('Connexions par semaine').check();
  for (const [number, amount, share] of [[1, '400 000', '10'], [2, '600 000', '100']]) {
    await field(page, `tranche${number}_amount`).fill(amount);
    await field(page, `tranche${number}_share`).fill(share);
    await field(page, `tranche${number}_indicator`).selectOption({ label: 'Connexions par semaine' });
  }
  await press(page, 'Préparer un contrat');
  await expect(page.locator('#signatures')).toContainText('Personne n’a encore signé');
  const path = pathOf(page);
  await act(page, 'Ouvrir la négociation');
  await act(page, 'Arrêter le texte pour signature');
  await act(page, 'Signer pour la direction');
  // One side alone signs nothing into force.
  await expect(page.locator('#tranches').getByRole('link', { name: 'Libérer la tranche' })).toHaveCount(0);
  await director.goto(path);
  await act(director, 'Signer pour le ministère');
  await expect(main(director)).toContainText('En vigueur');
  return path;
}

/** Agents use the service: that is what is counted. */
async function use(browser, state, times) {
  for (let time = 0; time < times; time += 1) {
    const agent = await state.anybody(browser);
    await agent.goto('/try');
    await press(agent, 'Se connecter en tant qu’agent');
    await be(agent, 'Lou Garnier', { level: 'eidas1' });
    // Consent is asked once.
    if (time === 0) await press(agent, 'Continuer');
    await expect(agent.getByRole('heading', { level: 1 })).toHaveText('Connexion réussie');
  }
}

/** A person releases the first tranche because its figure is there, and holds the second. */
async function tranches(page, path) {
  await page.goto(path);
  const [first, second] = [0, 1].map((at) => page.locator('#tranches tbody tr').nth(at));
  await expect(first).toContainText('compté par la plateforme');
  await expect(async () => {
    await page.reload();
    await expect(first).toContainText('Condition remplie.', { timeout: 100 });
  }).toPass({ timeout: 20_000 });
  await first.getByRole('link', { name: 'Libérer la tranche' }).click();
  await press(page, 'Libérer la tranche');
  await expect(first).toContainText('Libérée');
  await expect(second).toContainText('Pas encore.');
  await second.getByRole('link', { name: 'Retenir la tranche' }).click();
  await field(page, 'reason').fill('Une recommandation est en retard.');
  await press(page, 'Retenir la tranche');
  await expect(second).toContainText('Retenue');
  await checkPage(page, 'loop-contract');
}

/** The conference is held on frozen files, and reorients the project. */
async function conference(page, director, { title, ministry }, state) {
  await page.goto('/steering/conferences/new');
  await field(page, 'ministry').selectOption({ label: ministry });
  await main(page).getByLabel('Conférence extraordinaire').check();
  await fillDay(page, 'day', state.day());
  await field(page, 'hour').fill('0 h 01');
  await field(page, 'place').fill('Salle du conseil');
  await field(page, 'reason').fill('Le projet ne tient pas.');
  await field(page, 'people-directorate').fill('Camille Moreau, cheffe du pôle portefeuille');
  await field(page, 'people-ministry').fill('Jeanne Riou, directrice du numérique');
  await press(page, 'Prévoir une conférence');
  const path = pathOf(page);
  await follow(page, 'Ordre du jour');
  await main(page).getByRole('button', { name: `Retenir « ${title} »` }).click();
  await page.goto(path);
  await act(page, 'Préparer : geler les dossiers');
  const point = page.locator('#agenda tbody tr', { hasText: title }).getByRole('link').first();
  await point.click();
  // Its file holds what other modules told on that day.
  await expect(page.locator('#file')).toContainText('Contrat');
  await page.goto(path);
  await act(page, 'Constater la tenue');
  await point.click();
  await act(page, 'Écrire le compte rendu du point', { discussion: 'Le besoin demeure, le lot unique non.' });
  await follow(page, 'Consigner une décision');
  await main(page).getByLabel('Réorienter', { exact: true }).check();
  await field(page, 'reasons').fill('Un seul lot ne sert personne avant trois ans.');
  await field(page, 'next').fill('Livrer le premier lot à un service pilote.');
  await fillDay(page, 'next_by', state.day(120));
  await press(page, 'Consigner une décision');
  await page.goto(path);
  await act(page, 'Adopter le compte rendu pour la direction');
  await director.goto(path);
  await act(director, 'Adopter le compte rendu pour le ministère');
  await expect(main(director)).toContainText('Compte rendu adopté');
}

test('one project goes through the whole loop, in the open', async ({ browser }) => {
  const state = new State();
  try {
    await state.open(0);
    let page = await state.as(browser, OFFICER.email);
    let editions;
    if (GOUVERNAIL_EDITIONS) {
      editions = await importEditions(page);
      // The watch looks once an hour.
      await state.open(1);
      page = await state.as(browser, OFFICER.email);
    }
    const title = await drifted(page, editions);
    await review(page, state);
    await follow(page, title);
    const product = pathOf(page).split('/')[2];
    await counted(page, product, state);
    const steering = `/products/${product}/steering`;
    await page.goto(steering);
    await follow(page, 'Page du ministère');
    const ministry = await page.getByRole('heading', { level: 1 }).innerText();
    await appoint(page, ministry);

    // Weeks later nothing was done about the first recommendation: the morning page says whom it reached.
    await state.open(40);
    page = await state.as(browser, OFFICER.email);
    await page.goto('/steering');
    const overdue = page.locator('#overdue tbody tr', { hasText: title });
    await expect(overdue).toContainText('Découper en lots');
    await expect(overdue).toContainText('Directeur du numérique saisi');
    await page.goto(steering);
    for (const happened of ['Alerte : dérive du coût', 'Examen annoncé', 'Dossier complet', 'Avis rendu',
      'En retard : responsable relancé', 'En retard : directeur du numérique saisi']) {
      await expect(main(page)).toContainText(happened);
    }

    // The brigade is sent from the alert, and has the request.
    await page.locator('#alerts tbody tr', { hasText: 'Dérive du coût' }).getByRole('link').first().click();
    await act(page, 'Envoyer la brigade', { reason: 'Le lot unique ne tient pas.' });
    await expect(main(page)).toContainText('Brigade demandée');
    await page.goto('/brigade/requests?state=open&origin=alert');
    await page.locator('#requests tbody tr', { hasText: title }).getByRole('link').first().click();
    await expect(main(page)).toContainText('Le lot unique ne tient pas.');

    // A contract rests on what the platform counts; the figure of a week is there three days after it.
    let director = await state.as(browser, DIRECTOR);
    const signed = await contract(page, director, product, state);
    await use(browser, state, 2);
    const untilSunday = (7 - state.day().getDay()) % 7;
    await state.open(40 + untilSunday + 4);
    page = await state.as(browser, OFFICER.email);
    director = await state.as(browser, DIRECTOR);
    await tranches(page, signed);
    await conference(page, director, { title, ministry }, state);

    // What the directorate publishes today, anybody reads today.
    await page.goto(steering);
    await page.locator('#decisions tbody a').first().click();
    await page.goto(`${pathOf(page)}/publication`);
    await fillDay(page, 'on', state.day());
    await press(page, 'Publication et occultations');
    await page.goto(`${signed}/publication`);
    await fillDay(page, 'on', state.day());
    await main(page).getByRole('button').last().click();
    const outside = await state.anybody(browser);
    await outside.goto(`/products/${product}`);
    await follow(outside, 'Avis, décisions et contrats publiés');
    for (const told of ['Défavorable', 'Décision de réorienter', 'Contrat',
      'Un seul lot ne sert personne avant trois ans.']) {
      await expect(main(outside)).toContainText(told);
    }
    await expect(main(outside)).not.toContainText('Une recommandation est en retard.');
    await checkPage(outside, 'loop-public');
  } finally {
    await state.close();
    rmSync(state.data, { recursive: true, force: true });
  }
});
