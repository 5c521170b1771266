// Every page of the program: where it is, who sees it. A spec compares the list with the routes that
// the program declares, so that no page is forgotten.
import { readFileSync } from 'node:fs';
import { expect } from '@playwright/test';

const SNAPSHOT = new URL('../../server/src/snapshots/gouvernail__tests__routes.snap', import.meta.url);

/** The paths that the program answers to GET, with `{id}` where one stands. */
export function declaredRoutes() {
  const lines = readFileSync(SNAPSHOT, 'utf8').split('\n');
  return lines.map((line) => line.match(/^GET (\S+) \|/)?.[1]).filter(Boolean);
}

/** Routes that are no page, and why. */
export const NO_PAGES = {
  '/api/v1/journal': 'JSON',
  '/exchange/gateway/keys': 'for programs',
  '/exchange/gateway/snapshot': 'for programs',
  '/log/journal/checkpoint': 'for programs',
  '/log/journal/consistency/{before}': 'for programs',
  '/log/journal/entry/{number}': 'JSON',
  '/log/journal/inclusion/{index}': 'for programs',
  '/log/journal/key': 'for programs',
  '/log/journal/tile/{*path}': 'for programs',
  '/log/journal/witnessed': 'for programs',
  '/steering/published/reviews/{id}/opinion.pdf': 'a file',
  '/steering/conferences/{id}/conference.pdf': 'a file',
  '/api/v1/steering/conferences': 'JSON',
  '/api/v1/steering/conferences/{id}': 'JSON',
  '/api/v1/steering/conferences/{id}/agenda': 'JSON',
  '/api/v1/steering/conferences/{id}/minutes': 'JSON',
  '/api/v1/indicators': 'JSON',
  '/api/v1/indicators/{id}': 'JSON',
  '/api/v1/indicators/{id}/observations': 'JSON',
  '/api/v1/organisations': 'JSON',
  '/api/v1/organisations/{id}': 'JSON',
  '/api/v1/products': 'JSON',
  '/api/v1/products/{id}': 'JSON',
  '/api/v1/products/{id}/forecast': 'JSON',
  '/api/v1/reports/slips': 'JSON',
  '/api/v1/exchange/accreditations': 'JSON',
  '/api/v1/exchange/alerts': 'JSON',
  '/api/v1/exchange/alerts/{id}': 'JSON',
  '/api/v1/exchange/apis': 'JSON',
  '/api/v1/exchange/apis/{id}': 'JSON',
  '/api/v1/exchange/contests': 'JSON',
  '/api/v1/exchange/contests/{id}': 'JSON',
  '/api/v1/exchange/once-only': 'JSON',
  '/api/v1/exchange/rules': 'JSON',
  '/api/v1/exchange/rules/{id}': 'JSON',
  '/api/v1/exchange/stops': 'JSON',
  '/api/v1/exchange/stops/{id}': 'JSON',
  '/api/v1/exchange/traces': 'JSON',
  '/api/v1/steering/alerts': 'JSON',
  '/api/v1/steering/products/{id}/events': 'JSON',
  '/api/v1/contracts': 'JSON',
  '/api/v1/contracts/published': 'JSON',
  '/api/v1/contracts/{id}': 'JSON',
  '/api/v1/contracts/{id}/tranches': 'JSON',
  '/api/v1/funds': 'JSON',
  '/contracts/{id}/versions/{number}/contract.pdf': 'a file',
  '/start-ups/decisions/{id}/decision.pdf': 'a file',
  '/start-ups/published/{id}/decision.pdf': 'a file',
  '/start-ups/reviews/{id}/review.pdf': 'a file',
  '/api/v1/steering/published/decisions': 'JSON',
  '/api/v1/steering/published/reviews': 'JSON',
  '/api/v1/steering/published/reviews/{id}': 'JSON',
  '/api/v1/steering/recommendations': 'JSON',
  '/api/v1/steering/reviews': 'JSON',
  '/api/v1/observatory/editions': 'JSON',
  '/api/v1/observatory/editions/{quarter}': 'JSON',
  '/api/v1/observatory/procedures/{id}': 'JSON',
  '/api/v1/observatory/procedures/{id}/reviews': 'JSON',
  '/api/v1/start-ups/published/decisions': 'JSON',
  '/api/v1/start-ups/published/decisions/{id}': 'JSON',
  '/api/v1/start-ups/reviews': 'JSON',
  '/api/v1/start-ups/decisions': 'JSON',
  '/api/v1/start-ups/priorities': 'JSON',
  '/products/{id}/national-impact/{criterion}/check':
    'needs an answer that waits: tried by startups.spec.mjs',
  '/products/{id}/steering/release': 'needs funding that is held: tried by steering.spec.mjs',
  '/steering/agenda/{id}': 'needs a point of an agenda: tried by steering.spec.mjs',
  '/dcat.jsonld': 'a catalogue for programs',
  '/exchange/accreditations.csv': 'a download',
  '/exchange/apis/{id}/gateway.json': 'a description for programs',
  '/exchange/apis/{id}/openapi.json': 'a description for programs',
  '/exchange/dcat.jsonld': 'a catalogue for programs',
  '/exchange/producer/imports/{id}': 'needs a document that was sent: tried by the crate exchange',
  '/exchange/traces.csv': 'a download',
  '/openapi.json': 'a description for programs',
  '/.well-known/oauth-authorization-server': 'for programs',
  '/.well-known/openid-configuration': 'for programs',
  '/api/v2/authorize': 'leads elsewhere: tried by identity.spec.mjs',
  '/api/v2/jwks': 'keys, for programs',
  '/api/v2/session/end': 'leads elsewhere: tried by identity.spec.mjs',
  '/api/v2/userinfo': 'for programs',
  '/sign-in/return/{code}': 'needs an identity provider: tried by the crate identity',
  '/sign-in/with/{code}': 'leads to an identity provider',
  '/sign-in/choose/{ticket}': 'needs an identity provider: tried by the crate identity',
  '/sign-out/with/{ticket}': 'leads elsewhere: tried by the crate identity',
  '/account/passkeys/{id}': 'needs a passkey: tried by accounts.spec.mjs',
  '/citizen': 'needs a citizen: tried by citizen.spec.mjs',
  '/citizen/access': 'needs a citizen: tried by exchange.spec.mjs',
  '/citizen/accesses': 'needs a citizen: tried by exchange.spec.mjs',
  '/citizen/access/proof': 'a download',
  '/citizen/accesses.csv': 'a download',
  '/citizen/accesses.json': 'a download',
  '/mock/{audience}/.well-known/openid-configuration': 'for programs',
  '/mock/{audience}/authorize': 'needs a question: tried by citizen.spec.mjs',
  '/mock/{audience}/jwks': 'keys, for programs',
  '/mock/{audience}/session/end': 'leads elsewhere',
  '/mock/{audience}/userinfo': 'for programs',
  '/device/{code}': 'needs a device: tried by the crate identity',
  '/connect/{ticket}': 'needs a service: tried by identity.spec.mjs',
  '/health': 'read by a supervisor',
  '/ready': 'read by a supervisor',
  '/metrics': 'read by a collector of measures',
  '/imports/{id}/rejected.csv': 'a download',
  '/indicators.csv': 'a download',
  '/indicators.json': 'a download',
  '/indicators.xlsx': 'a download',
  '/products.csv': 'a download',
  '/products.json': 'a download',
  '/products.xlsx': 'a download',
  '/api/v1/brigade/board': 'JSON',
  '/api/v1/brigade/missions': 'JSON',
  '/api/v1/brigade/missions/{id}': 'JSON',
  '/api/v1/brigade/requests': 'JSON',
  '/brigade/calendars/{token}': 'a calendar, for programs',
  '/brigade/missions/{id}/file': 'a download',
  '/brigade/missions/{id}/recommend': 'needs somebody who keeps recommendations: tried by the crate brigade',
  '/api/v1/indicators/{id}/poll': 'JSON',
  '/api/v1/costs': 'JSON',
  '/api/v1/costs/comparison': 'JSON',
  '/api/v1/products/{id}/costs': 'JSON',
  '/api/v1/products/{id}/costs/{number}': 'JSON',
  '/costs.csv': 'a download',
  '/costs.json': 'a download',
  '/costs.xlsx': 'a download',
  '/products/{id}/costs/{number}/lines.csv': 'a download',
  '/products/{id}/costs/{number}/lines.xlsx': 'a download',
};

/** The address behind the first row of a list. */
const first = (list, table, more = '') => async (page) => {
  await page.goto(list);
  const link = page.locator(`#${table} tbody a`).first();
  return (await link.getAttribute('href')) + more;
};

/** The latest conference in a state. */
const conference = (state, more = '') => first(`/steering/conferences?state=${state}`, 'conferences', more);

/** An accreditation of the town, by its title. */
const accreditation = (title, more = '') => async (page) => {
  await page.goto('/exchange/requests');
  const link = page.locator('#accreditations tbody a', { hasText: title }).first();
  return (await link.getAttribute('href')) + more;
};

/** The correction of the first figure of the indicator that stands first in its list. */
const correction = async (page) => {
  await page.goto(await first('/indicators?level=used', 'indicators')(page));
  return page.locator('#figures tbody a[href$="/correct"]').first().getAttribute('href');
};

/** The product of the first indicator. */
const measured = (more = '') => async (page) => {
  await page.goto('/indicators');
  const link = page.locator('#indicators tbody a[href^="/products/"]').first();
  return (await link.getAttribute('href')) + more;
};

const PROJECTS = '/products?kind=large-project&sort=slip&order=desc';

async function imported(page) {
  await page.goto('/imports');
  const csv = 'Ministère porteur;Nom du projet;Début;Durée prévisionnelle en année;'
    + 'Phase du projet en cours;Coût estimé;Date de publication\n'
    + 'MI;Projet à l’essai;01/01/2020;3;Déploiement;12,5;01/10/2026\n'
    + 'MI;Projet mal écrit;32/13/2020;x;Rumeur;cher;01/10/2026\n';
  await page.getByLabel('Fichier').setInputFiles(
    { name: 'essai.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await page.getByRole('button', { name: 'Envoyer le fichier' }).click();
  await expect(page.locator('#rejected')).toBeVisible({ timeout: 15_000 });
  return new URL(page.url()).pathname;
}

const organisation = (kind, area) => async (page) => {
  const path = await first(`/organisations?kind=${kind}`, 'organisations')(page);
  return path.replace('/organisations/', `/${area}/`);
};

/**
 * Name, route, where it is found (the route itself unless told), whether one must sign in, whether it
 * is also looked at on PostgreSQL.
 */
export const PAGES = [
  { name: 'overview', route: '/', smoke: true },
  { name: 'products', route: '/products', smoke: true },
  { name: 'product', route: '/products/{id}', at: first(PROJECTS, 'products'), smoke: true },
  { name: 'start-up', route: '/products/{id}',
    at: first('/products?kind=start-up&phase=acceleration', 'products') },
  { name: 'cohorts', route: '/cohorts' },
  { name: 'slips', route: '/slips' },
  { name: 'slips-band', route: '/slips', at: '/slips?by=band' },
  { name: 'slips-history', route: '/slips/history' },
  { name: 'forecasts', route: '/forecasts' },
  { name: 'start-ups', route: '/start-ups' },
  { name: 'ministry', route: '/ministries/{id}', at: organisation('ministry', 'ministries') },
  { name: 'incubator', route: '/incubators/{id}', at: organisation('incubator', 'incubators') },
  { name: 'indicators', route: '/indicators', smoke: true },
  { name: 'indicator', route: '/indicators/{id}', at: first('/indicators?level=used', 'indicators'),
    smoke: true },
  { name: 'indicator-compare', route: '/indicators/{id}/compare',
    at: first('/indicators?level=used', 'indicators', '/compare?from-day=1&from-month=1&from-year=2026') },
  { name: 'product-indicators', route: '/products/{id}/indicators', at: measured() },
  { name: 'organisations', route: '/organisations' },
  { name: 'organisation', route: '/organisations/{id}', at: first('/organisations', 'organisations') },
  { name: 'journal', route: '/journal' },
  { name: 'exchange', route: '/exchange', smoke: true },
  { name: 'exchange-api', route: '/exchange/apis/{id}', at: first('/exchange', 'apis'), smoke: true },
  { name: 'exchange-try', route: '/exchange/operations/{id}/try',
    at: async (page) => {
      await page.goto(await first('/exchange', 'apis')(page));
      return page.locator('main a[href$="/try"]').first().getAttribute('href');
    } },
  { name: 'exchange-active', route: '/exchange/active' },
  { name: 'exchange-once-only', route: '/exchange/once-only' },
  { name: 'open-data', route: '/open-data' },
  { name: 'api', route: '/api' },
  { name: 'accessibility', route: '/accessibility' },
  { name: 'sign-in', route: '/sign-in' },
  { name: 'citizen-sign-in', route: '/citizen/sign-in' },
  { name: 'citizen-unseen', route: '/citizen/unseen' },
  { name: 'try', route: '/try' },
  { name: 'try-return', route: '/try/return' },
  { name: 'sign-out-return', route: '/sign-out/return' },
  { name: 'password', route: '/password' },
  { name: 'password-token', route: '/password/{token}', at: '/password/0' },
  { name: 'in-products', route: '/products', signedIn: true },
  { name: 'in-product', route: '/products/{id}', at: first(PROJECTS, 'products'), signedIn: true },
  { name: 'in-product-new', route: '/products/new', signedIn: true },
  { name: 'in-product-edit', route: '/products/{id}/edit', at: first(PROJECTS, 'products', '/edit'),
    signedIn: true },
  { name: 'in-estimate', route: '/products/{id}/estimates/new',
    at: first(PROJECTS, 'products', '/estimates/new'), signedIn: true },
  { name: 'in-baseline', route: '/products/{id}/baseline', at: first(PROJECTS, 'products', '/baseline'),
    signedIn: true },
  { name: 'in-indicator', route: '/indicators/{id}', at: first('/indicators?level=used', 'indicators'),
    signedIn: true },
  { name: 'in-product-indicators', route: '/products/{id}/indicators', at: measured(), signedIn: true },
  { name: 'in-indicator-new', route: '/products/{id}/indicators/new', at: measured('/new'),
    signedIn: true },
  { name: 'in-indicator-edit', route: '/indicators/{id}/edit',
    at: first('/indicators?level=used', 'indicators', '/edit'), signedIn: true },
  { name: 'in-indicator-key', route: '/indicators/{id}/key',
    at: first('/indicators?level=used', 'indicators', '/key'), signedIn: true },
  { name: 'in-observation-new', route: '/indicators/{id}/observations/new',
    at: first('/indicators?level=used', 'indicators', '/observations/new'), signedIn: true },
  { name: 'in-observation-correct', route: '/indicators/{id}/observations/{number}/correct',
    at: correction, signedIn: true },
  { name: 'in-observations-import', route: '/indicators/{id}/import',
    at: first('/indicators?level=used', 'indicators', '/import'), signedIn: true },
  { name: 'in-imports', route: '/imports', signedIn: true },
  { name: 'in-import', route: '/imports/{id}', at: imported, signedIn: true },
  { name: 'in-organisation', route: '/organisations/{id}', at: first('/organisations', 'organisations'),
    signedIn: true },
  { name: 'in-organisation-new', route: '/organisations/new', signedIn: true },
  { name: 'in-organisation-edit', route: '/organisations/{id}/edit',
    at: first('/organisations', 'organisations', '/edit'), signedIn: true },
  { name: 'in-people', route: '/people', signedIn: true },
  { name: 'in-person', route: '/people/{id}', at: first('/people', 'people'), signedIn: true },
  { name: 'in-person-new', route: '/people/new', signedIn: true },
  { name: 'sign-in-second', route: '/sign-in/second' },
  { name: 'not-me', route: '/not-me/{token}', at: '/not-me/0' },
  { name: 'email-link', route: '/email/{token}', at: '/email/0' },
  { name: 'in-account', route: '/account', signedIn: true },
  { name: 'in-account-session', route: '/account/sessions/{id}', at: first('/account', 'sessions'),
    signedIn: true },
  { name: 'in-account-email', route: '/account/email', signedIn: true },
  { name: 'in-account-totp', route: '/account/totp', signedIn: true },
  { name: 'in-account-passkeys', route: '/account/passkeys', signedIn: true },
  { name: 'in-account-recovery', route: '/account/recovery-codes', signedIn: true },
  { name: 'device', route: '/device' },
  { name: 'in-own-services', route: '/account/services', signedIn: true },
  { name: 'in-services', route: '/services', signedIn: true },
  { name: 'in-service-new', route: '/services/new', signedIn: true },
  { name: 'in-service', route: '/services/{id}', at: first('/services', 'services'), signedIn: true },
  { name: 'in-service-edit', route: '/services/{id}/edit', at: first('/services', 'services', '/edit'),
    signedIn: true },
  { name: 'in-providers', route: '/providers', signedIn: true },
  { name: 'in-provider-new', route: '/providers/new', signedIn: true },
  { name: 'in-provider', route: '/providers/{id}', at: first('/providers', 'providers'), signedIn: true },
  { name: 'in-provider-edit', route: '/providers/{id}/edit',
    at: first('/providers', 'providers', '/edit'), signedIn: true },
  { name: 'in-incidents', route: '/providers/incidents', signedIn: true },
  { name: 'in-exchange-producer', route: '/exchange/producer', signedIn: true },
  { name: 'in-exchange-api-new', route: '/exchange/producer/new', signedIn: true },
  { name: 'in-exchange-api', route: '/exchange/producer/apis/{id}', at: first('/exchange/producer', 'apis'),
    signedIn: true },
  { name: 'in-exchange-api-edit', route: '/exchange/producer/apis/{id}/edit',
    at: first('/exchange/producer', 'apis', '/edit'), signedIn: true },
  { name: 'in-exchange-api-import', route: '/exchange/producer/apis/{id}/import',
    at: first('/exchange/producer', 'apis', '/import'), signedIn: true },
  { name: 'in-exchange-scope-new', route: '/exchange/producer/apis/{id}/scopes',
    at: first('/exchange/producer', 'apis', '/scopes'), signedIn: true },
  { name: 'in-exchange-scope', route: '/exchange/producer/scopes/{id}', signedIn: true,
    at: async (page) => first(await first('/exchange/producer', 'apis')(page), 'scopes')(page) },
  { name: 'in-exchange-operation', route: '/exchange/producer/operations/{id}', signedIn: true,
    at: async (page) => first(await first('/exchange/producer', 'apis')(page), 'operations')(page) },
  { name: 'in-exchange-requests', route: '/exchange/requests', signedIn: true },
  { name: 'in-exchange-request-new', route: '/exchange/requests/new', signedIn: true },
  { name: 'in-exchange-request', route: '/exchange/requests/{id}', at: accreditation('cantine'),
    signedIn: true },
  ...['data', 'project', 'legal', 'technical', 'contacts', 'check'].map((step) => ({
    name: `in-exchange-form-${step}`, route: '/exchange/requests/{id}/form/{step}',
    at: accreditation('crèches', `/form/${step}`), signedIn: true })),
  { name: 'in-exchange-approve', route: '/exchange/requests/{id}/acts/{act}',
    at: accreditation('transports', '/acts/approve'), signedIn: true },
  { name: 'in-exchange-version', route: '/exchange/requests/{id}/versions/{version}',
    at: accreditation('cantine', '/versions/1'), signedIn: true },
  { name: 'in-exchange-queue', route: '/exchange/queue', signedIn: true },
  { name: 'in-exchange-stops', route: '/exchange/stops', signedIn: true },
  { name: 'in-exchange-stop-new', route: '/exchange/stops/new', signedIn: true },
  { name: 'in-exchange-resume', route: '/exchange/stops/{id}', at: first('/exchange/stops', 'stops'),
    signedIn: true },
  { name: 'in-exchange-rules', route: '/exchange/rules', signedIn: true },
  { name: 'in-exchange-rule-new', route: '/exchange/rules/new', signedIn: true },
  { name: 'in-exchange-rule', route: '/exchange/rules/{id}', at: first('/exchange/rules', 'rules'),
    signedIn: true },
  { name: 'in-exchange-alerts', route: '/exchange/alerts', signedIn: true },
  { name: 'in-exchange-alert', route: '/exchange/alerts/{id}', at: first('/exchange/alerts', 'alerts'),
    signedIn: true },
  { name: 'in-exchange-gateways', route: '/exchange/gateways', signedIn: true },
  { name: 'in-exchange-traces', route: '/exchange/traces', signedIn: true },
  { name: 'in-exchange-contests', route: '/exchange/contests', signedIn: true },
  { name: 'in-exchange-contest', route: '/exchange/contests/{id}', signedIn: true,
    at: first('/exchange/contests', 'contests') },
  { name: 'steering-published', route: '/steering/published', smoke: true },
  { name: 'steering-published-review', route: '/steering/published/reviews/{id}',
    at: first('/steering/published', 'reviews'), smoke: true },
  { name: 'steering-published-product', route: '/steering/published/products/{id}',
    at: async (page) => {
      await page.goto(await first('/steering/published', 'reviews')(page));
      const link = page.locator('main a[href^="/steering/published/products/"]').first();
      return link.getAttribute('href');
    } },
  { name: 'steering-published-decision', route: '/steering/published/decisions/{id}',
    at: first('/steering/published', 'decisions') },
  { name: 'in-steering', route: '/steering', signedIn: true, smoke: true },
  { name: 'in-steering-reviews', route: '/steering/reviews', signedIn: true },
  { name: 'in-steering-review-new', route: '/steering/reviews/new', signedIn: true,
    at: async (page) => `/steering/reviews/new?product=${
      (await first(PROJECTS, 'products')(page)).split('/').pop()}` },
  { name: 'in-steering-review', route: '/steering/reviews/{id}', signedIn: true,
    at: first('/steering/reviews?state=running', 'reviews') },
  ...['file', 'opinion', 'publication'].map((form) => ({
    name: `in-steering-review-${form}`, route: `/steering/reviews/{id}/${form}`, signedIn: true,
    at: first('/steering/reviews?state=given', 'reviews', `/${form}`) })),
  { name: 'in-steering-review-act', route: '/steering/reviews/{id}/acts/{act}', signedIn: true,
    at: first('/steering/reviews?state=running', 'reviews', '/acts/ask') },
  { name: 'in-steering-recommendations', route: '/steering/recommendations', signedIn: true },
  { name: 'in-steering-recommendation-new', route: '/steering/recommendations/new', signedIn: true,
    at: async (page) => `/steering/recommendations/new?review=${
      (await first('/steering/reviews?state=given', 'reviews')(page)).split('/').pop()}` },
  { name: 'in-steering-recommendation', route: '/steering/recommendations/{id}', signedIn: true,
    at: first('/steering/recommendations', 'recommendations') },
  { name: 'in-steering-recommendation-act', route: '/steering/recommendations/{id}/acts/{act}',
    signedIn: true, at: first('/steering/recommendations', 'recommendations', '/acts/judge') },
  { name: 'in-steering-alerts', route: '/steering/alerts', signedIn: true },
  { name: 'in-steering-alert', route: '/steering/alerts/{id}', signedIn: true,
    at: first('/steering/alerts', 'alerts') },
  { name: 'in-steering-alert-act', route: '/steering/alerts/{id}/acts/{act}', signedIn: true,
    at: first('/steering/alerts', 'alerts', '/acts/dismiss') },
  { name: 'in-steering-decisions', route: '/steering/decisions', signedIn: true },
  { name: 'in-steering-decision-new', route: '/steering/decisions/new', signedIn: true,
    at: async (page) => `/steering/decisions/new?product=${
      (await first(PROJECTS, 'products')(page)).split('/').pop()}` },
  { name: 'in-steering-decision', route: '/steering/decisions/{id}', signedIn: true,
    at: first('/steering/decisions', 'decisions') },
  ...['follow-up', 'publication'].map((form) => ({
    name: `in-steering-decision-${form}`, route: `/steering/decisions/{id}/${form}`, signedIn: true,
    at: first('/steering/decisions', 'decisions', `/${form}`) })),
  { name: 'in-steering-agenda', route: '/steering/agenda', signedIn: true },
  { name: 'in-steering-product', route: '/products/{id}/steering', signedIn: true,
    at: first(PROJECTS, 'products', '/steering') },
  { name: 'in-steering-confidence', route: '/products/{id}/steering/confidence/{side}', signedIn: true,
    at: first(PROJECTS, 'products', '/steering/confidence/own') },
  { name: 'steering-published-conference', route: '/steering/published/conferences/{id}',
    at: first('/steering/published', 'conferences') },
  { name: 'in-steering-conferences', route: '/steering/conferences', signedIn: true },
  { name: 'in-steering-conference-new', route: '/steering/conferences/new', signedIn: true },
  { name: 'in-steering-conference', route: '/steering/conferences/{id}', signedIn: true,
    at: conference('closed') },
  { name: 'in-steering-conference-edit', route: '/steering/conferences/{id}/edit', signedIn: true,
    at: conference('prepared', '/edit') },
  { name: 'in-steering-conference-agenda', route: '/steering/conferences/{id}/agenda', signedIn: true,
    at: conference('planned', '/agenda') },
  { name: 'in-steering-conference-add', route: '/steering/conferences/{id}/add', signedIn: true,
    at: conference('planned', '/add') },
  { name: 'in-steering-conference-take', route: '/steering/conferences/{id}/take/{product}', signedIn: true,
    at: async (page) => {
      await page.goto(await conference('planned', '/add')(page));
      return page.locator('#products tbody a').first().getAttribute('href');
    } },
  { name: 'in-steering-conference-drop', route: '/steering/conferences/{id}/drop/{product}', signedIn: true,
    at: async (page) => {
      await page.goto(await conference('planned', '/agenda')(page));
      return page.locator('main a[href*="/drop/"]').first().getAttribute('href');
    } },
  { name: 'in-steering-conference-act', route: '/steering/conferences/{id}/acts/{act}', signedIn: true,
    at: conference('planned', '/acts/cancel') },
  { name: 'in-steering-conference-publication', route: '/steering/conferences/{id}/publication',
    signedIn: true, at: conference('closed', '/publication') },
  ...['', '/minutes', '/decision', '/recommendation', '/brigade'].map((form) => ({
    name: `in-steering-conference-point${form.replace('/', '-')}`,
    route: `/steering/conferences/{id}/points/{point}${form}`, signedIn: true,
    at: async (page) => {
      const link = await first(await conference('closed')(page), 'agenda')(page);
      return link + form;
    } })),
  { name: 'in-steering-ministries', route: '/steering/ministries', signedIn: true },
  { name: 'in-steering-ministry', route: '/steering/ministries/{id}', signedIn: true,
    at: first('/steering/ministries', 'ministries') },
  { name: 'start-ups-published', route: '/start-ups/published' },
  { name: 'start-ups-published-decision', route: '/start-ups/published/{id}',
    at: first('/start-ups/published', 'decisions') },
  { name: 'in-start-ups-live', route: '/start-ups/live', signedIn: true, smoke: true },
  { name: 'in-start-up', route: '/products/{id}/start-up', signedIn: true, smoke: true,
    at: first('/start-ups/live', 'startups') },
  { name: 'in-start-ups-reviews', route: '/start-ups/reviews', signedIn: true },
  { name: 'in-start-ups-review', route: '/start-ups/reviews/{id}', signedIn: true,
    at: first('/start-ups/reviews?state=decided', 'reviews') },
  { name: 'in-start-ups-review-preparation', route: '/start-ups/reviews/{id}/preparation',
    signedIn: true, at: first('/start-ups/reviews?state=preparing', 'reviews', '/preparation') },
  ...['decision', 'give-back'].map((form) => ({
    name: `in-start-ups-review-${form}`, route: `/start-ups/reviews/{id}/${form}`, signedIn: true,
    at: first('/start-ups/reviews?state=committee', 'reviews', `/${form}`) })),
  { name: 'in-start-ups-decisions', route: '/start-ups/decisions', signedIn: true },
  { name: 'in-start-ups-decision', route: '/start-ups/decisions/{id}', signedIn: true,
    at: first('/start-ups/decisions', 'decisions') },
  ...['follow-up', 'publication', 'investment'].map((form) => ({
    name: `in-start-ups-decision-${form}`, route: `/start-ups/decisions/{id}/${form}`, signedIn: true,
    at: first('/start-ups/decisions', 'decisions', `/${form}`) })),
  { name: 'in-start-ups-withdrawal', route: '/start-ups/investments/{id}/withdrawal', signedIn: true,
    at: async (page) => {
      await page.goto(await first('/start-ups/decisions', 'decisions')(page));
      await page.locator('main a[href$="/start-up"]').first().click();
      return page.locator('#investments a[href$="/withdrawal"]').first().getAttribute('href');
    } },
  { name: 'in-national-impact', route: '/products/{id}/national-impact', signedIn: true,
    at: async (page) => (await first('/start-ups/live', 'startups')(page))
      .replace('/start-up', '/national-impact') },
  ...['threshold', '{criterion}/answer'].map((form) => ({
    name: `in-national-impact-${form.split('/').pop()}`,
    route: `/products/{id}/national-impact/${form}`, signedIn: true,
    at: async (page) => (await first('/start-ups/live', 'startups')(page))
      .replace('/start-up', `/national-impact/${form.replace('{criterion}', 'data')}`) })),
  { name: 'in-start-ups-priorities', route: '/start-ups/priorities', signedIn: true },
  { name: 'in-start-ups-priority-new', route: '/start-ups/priorities/new', signedIn: true },
  { name: 'in-start-ups-priority', route: '/start-ups/priorities/{id}', signedIn: true,
    at: first('/start-ups/priorities', 'priorities') },
  ...['edit', 'products'].map((form) => ({
    name: `in-start-ups-priority-${form}`, route: `/start-ups/priorities/{id}/${form}`, signedIn: true,
    at: first('/start-ups/priorities', 'priorities', `/${form}`) })),
  { name: 'in-start-ups-cohorts', route: '/start-ups/cohorts', signedIn: true },
  { name: 'observatory', route: '/observatory', smoke: true },
  { name: 'observatory-procedure', route: '/observatory/procedures/{id}',
    at: first('/observatory', 'procedures') },
  { name: 'observatory-review', route: '/observatory/procedures/{id}/review',
    at: first('/observatory', 'procedures', '/review') },
  { name: 'observatory-review-more', route: '/observatory/reviews/{id}/more',
    at: async (page) => {
      await page.goto(await first('/observatory', 'procedures', '/review')(page));
      await page.locator('main [name="satisfaction"][value="good"]').check();
      await page.locator('main form button').click();
      return new URL(page.url()).pathname;
    } },
  { name: 'observatory-thanks', route: '/observatory/thanks' },
  { name: 'observatory-declarations', route: '/observatory/procedures/{id}/declarations/{declared}',
    at: first('/observatory', 'procedures', '/declarations/security') },
  { name: 'in-observatory-procedures', route: '/observatory/procedures', signedIn: true },
  { name: 'in-observatory-results', route: '/observatory/procedures/{id}/results', signedIn: true,
    smoke: true, at: first('/observatory', 'procedures', '/results') },
  { name: 'in-observatory-edit', route: '/observatory/procedures/{id}/edit', signedIn: true,
    at: first('/observatory', 'procedures', '/edit') },
  { name: 'in-observatory-declare', route: '/observatory/procedures/{id}/declarations/{declared}/new',
    signedIn: true, at: first('/observatory', 'procedures', '/declarations/security/new') },
  { name: 'in-observatory-erase', route: '/observatory/reviews/{id}/erase', signedIn: true,
    at: async (page) => {
      await page.goto(await first('/observatory', 'procedures', '/results?comment=yes')(page));
      return page.locator('#reviews a[href$="/erase"]').first().getAttribute('href');
    } },
  { name: 'in-product-procedures', route: '/products/{id}/procedures', signedIn: true,
    at: async (page) => {
      await page.goto('/observatory/procedures');
      return page.locator('#procedures a[href^="/products/"]').first().getAttribute('href');
    } },
  { name: 'in-product-procedure-new', route: '/products/{id}/procedures/new', signedIn: true,
    at: async (page) => {
      await page.goto('/observatory/procedures');
      return `${await page.locator('#procedures a[href^="/products/"]').first().getAttribute('href')}/new`;
    } },
  { name: 'costs-calculator', route: '/costs/agents-or-contractors', smoke: true },
  { name: 'costs-published', route: '/costs/published', smoke: true },
  { name: 'costs-published-product', route: '/products/{id}/costs/published',
    at: first('/costs/published', 'published') },
  { name: 'in-costs', route: '/costs', signedIn: true },
  { name: 'in-costs-product', route: '/products/{id}/costs', signedIn: true, smoke: true,
    at: first('/costs', 'costs') },
  ...['new', 'paste', 'import', 'compare'].map((form) => ({
    name: `in-costs-${form}`, route: `/products/{id}/costs/${form}`, signedIn: true,
    at: first('/costs', 'costs', `/${form}`) })),
  { name: 'in-costs-version', route: '/products/{id}/costs/{number}', signedIn: true,
    at: first('/costs', 'costs', '/1') },
  { name: 'in-costs-publication', route: '/products/{id}/costs/{number}/publication', signedIn: true,
    at: first('/costs', 'costs', '/1/publication') },
  { name: 'in-indicator-poll', route: '/indicators/{id}/poll', signedIn: true,
    at: first('/indicators?level=used', 'indicators', '/poll') },
  { name: 'contracts-published', route: '/contracts/published', smoke: true },
  { name: 'contracts-published-one', route: '/contracts/published/{id}',
    at: first('/contracts/published', 'contracts') },
  { name: 'in-contracts', route: '/contracts', signedIn: true, smoke: true },
  { name: 'in-contract-new', route: '/contracts/new', signedIn: true,
    at: async (page) => `/contracts/new?kind=money&product=${
      (await first(PROJECTS, 'products')(page)).split('/').pop()}` },
  { name: 'in-contract', route: '/contracts/{id}', signedIn: true,
    at: first('/contracts?state=in-force', 'contracts') },
  ...['text', 'review', 'publication'].map((form) => ({
    name: `in-contract-${form}`, route: `/contracts/{id}/${form}`, signedIn: true,
    at: first('/contracts?state=in-force', 'contracts', `/${form}`) })),
  { name: 'in-contract-version', route: '/contracts/{id}/versions/{number}', signedIn: true,
    at: first('/contracts?state=negotiation', 'contracts', '/versions/2') },
  { name: 'in-contract-act', route: '/contracts/{id}/acts/{act}', signedIn: true,
    at: first('/contracts?state=to-sign', 'contracts', '/acts/sign-directorate') },
  { name: 'in-contract-clause', route: '/contracts/{id}/clauses/{doctrine}', signedIn: true,
    at: first('/contracts?state=in-force', 'contracts', '/clauses/accessibility') },
  { name: 'in-contract-tranche', route: '/contracts/{id}/tranches/{number}/{act}', signedIn: true,
    at: first('/contracts?state=in-force', 'contracts', '/tranches/1/release') },
  { name: 'in-funds', route: '/funds', signedIn: true },
  { name: 'in-fund-new', route: '/funds/new', signedIn: true },
  { name: 'in-fund', route: '/funds/{id}', signedIn: true, at: first('/funds', 'funds') },
  { name: 'in-call-new', route: '/funds/{id}/calls/new', signedIn: true,
    at: first('/funds', 'funds', '/calls/new') },
  { name: 'in-applications', route: '/applications', signedIn: true },
  { name: 'in-application', route: '/applications/{id}', signedIn: true,
    at: first('/applications', 'applications') },
  { name: 'in-application-act', route: '/applications/{id}/acts/{act}', signedIn: true,
    at: first('/applications?state=submitted', 'applications', '/acts/refuse') },
  { name: 'in-call', route: '/calls/{id}', signedIn: true,
    at: async (page) => { await page.goto(await first('/funds', 'funds')(page));
      return page.locator('#calls tbody a').first().getAttribute('href'); } },
  { name: 'in-call-apply', route: '/calls/{id}/apply', signedIn: true,
    at: async (page) => { await page.goto(await first('/funds', 'funds')(page));
      return `${await page.locator('#calls tbody a').first().getAttribute('href')}/apply`; } },
  { name: 'in-operations', route: '/operations', signedIn: true },
  { name: 'in-outbox', route: '/outbox', signedIn: true },
  { name: 'in-brigade-requests', route: '/brigade/requests', signedIn: true, smoke: true },
  { name: 'in-brigade-request-new', route: '/brigade/requests/new', signedIn: true,
    at: async (page) => `/brigade/requests/new?product=${
      (await first(PROJECTS, 'products')(page)).split('/').pop()}` },
  { name: 'in-brigade-request', route: '/brigade/requests/{id}', signedIn: true,
    at: first('/brigade/requests?state=open&origin=ministry', 'requests') },
  { name: 'in-brigade-request-mission', route: '/brigade/requests/{id}/mission', signedIn: true,
    at: first('/brigade/requests?state=open&origin=ministry', 'requests', '/mission') },
  { name: 'in-brigade-request-act', route: '/brigade/requests/{id}/acts/{act}', signedIn: true,
    at: first('/brigade/requests?state=open', 'requests', '/acts/put-off') },
  { name: 'in-brigade-missions', route: '/brigade/missions', signedIn: true },
  { name: 'in-brigade-mission', route: '/brigade/missions/{id}', signedIn: true,
    at: first('/brigade/missions?state=running', 'missions') },
  ...['days', 'extension', 'report', 'calendar'].map((form) => ({
    name: `in-brigade-mission-${form}`, route: `/brigade/missions/{id}/${form}`, signedIn: true,
    at: first('/brigade/missions?state=running', 'missions', `/${form}`) })),
  { name: 'in-brigade-mission-act', route: '/brigade/missions/{id}/acts/{act}', signedIn: true,
    at: first('/brigade/missions?state=running', 'missions', '/acts/cancel') },
  { name: 'in-brigade-mine', route: '/brigade/mine', signedIn: true },
  { name: 'in-brigade-experts', route: '/brigade/experts', signedIn: true },
  { name: 'in-brigade-expert-new', route: '/brigade/experts/new', signedIn: true },
  { name: 'in-brigade-expert', route: '/brigade/experts/{id}', signedIn: true,
    at: first('/brigade/experts', 'experts') },
  ...['change', 'calendar'].map((form) => ({
    name: `in-brigade-expert-${form}`, route: `/brigade/experts/{id}/${form}`, signedIn: true,
    at: first('/brigade/experts', 'experts', `/${form}`) })),
  { name: 'in-brigade-expertises', route: '/brigade/expertises', signedIn: true },
  { name: 'in-brigade-board', route: '/brigade/board', signedIn: true, smoke: true },
  { name: 'in-brigade-figures', route: '/brigade/figures', signedIn: true },
];
