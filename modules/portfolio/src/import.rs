//! Importing sources: all of a file or nothing of it, in one transaction; twice is as good as once.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::civil::Date;
use kit_access::Actor;
use kit_db::Tx;
use kit_journal::Change;
use names::normalise;
use ports::{NewOrganisation, OrganisationKind};
use serde::Serialize;
use uuid::Uuid;

use crate::access::IMPORT;
use crate::domain::import::beta_gouv::{self, Startup};
use crate::domain::import::matching::{Known, Match, Matcher};
use crate::domain::import::panorama::{self, EditionError, PanoramaRow};
use crate::domain::import::{Rejected, ministries};
use crate::domain::{Description, Estimate, Phase, ProductKind};
use crate::runs::ImportProgress;
use crate::store::products::{self, Details};
use crate::store::{editions, estimates};
use crate::{Portfolio, PortfolioError};

/// What an import did, or, for a dry run, would do. Each row that was read counts once: as created,
/// updated, unchanged or to review, or as refused (a refused row may have several mistakes).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ImportOutcome {
    /// Rows or files that hold something.
    pub read: usize,
    /// New products.
    pub created: usize,
    /// Products of which something changed.
    pub updated: usize,
    /// Products of which nothing changed.
    pub unchanged: usize,
    /// New products whose name is near a known one: a person decides.
    pub to_review: usize,
    /// What was refused, and why.
    pub rejected: Vec<Rejected>,
    /// What changes, for the page of a dry run: name and what happens; at most 1,000.
    #[serde(skip)]
    pub lines: Vec<(String, Fate)>,
}

/// What happens to a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// A new product.
    Created,
    /// Something of a known product changes: the names of what changes.
    Updated(Vec<&'static str>),
    /// Nothing changes.
    Unchanged,
    /// A new product whose name is near these.
    ToReview(Vec<String>),
}

impl ImportOutcome {
    fn count(&mut self, name: &str, fate: Fate) {
        match &fate {
            Fate::Created => self.created += 1,
            Fate::Updated(_) => self.updated += 1,
            Fate::Unchanged => self.unchanged += 1,
            Fate::ToReview(_) => self.to_review += 1,
        }
        if self.lines.len() < 1_000 {
            self.lines.push((name.to_owned(), fate));
        }
    }
}

/// A file to import.
#[derive(Debug, Clone)]
pub struct ImportFile<'a> {
    /// Its name, for display.
    pub name: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
}

impl Portfolio {
    /// Imports an edition of the panorama. With `dry_run` nothing is kept.
    pub async fn import_panorama(
        &self,
        actor: &Actor,
        file: ImportFile<'_>,
        published_on: Option<Date>,
        dry_run: bool,
    ) -> Result<ImportOutcome, PortfolioError> {
        let progress = ImportProgress::default();
        self.import_panorama_told(actor, file, published_on, dry_run, &progress)
            .await
    }

    /// The same, telling how far it is.
    pub(crate) async fn import_panorama_told(
        &self,
        actor: &Actor,
        file: ImportFile<'_>,
        published_on: Option<Date>,
        dry_run: bool,
        progress: &ImportProgress,
    ) -> Result<ImportOutcome, PortfolioError> {
        actor.demand(&IMPORT, None)?;
        let bytes = file.bytes.to_vec();
        // Parsing a large file takes long: not on a thread that answers requests.
        let edition = tokio::task::spawn_blocking(move || panorama::parse(&bytes, published_on))
            .await
            .map_err(|error| PortfolioError::Task(error.to_string()))??;
        let mut tx = self.db.begin().await?;
        let mut outcome = ImportOutcome {
            read: edition.read,
            rejected: edition.rejected.clone(),
            ..ImportOutcome::default()
        };
        let matcher = self.matcher(&mut tx).await?;
        let taken: HashSet<Uuid> = edition
            .rows
            .iter()
            .filter_map(|row| matcher.exact(&normalise(&row.name)))
            .collect();
        let hash = fingerprint(file.bytes);
        let rows = i64::try_from(edition.read).unwrap_or(i64::MAX);
        let now = self.source.now();
        let new_edition =
            editions::put(&mut tx, edition.published_on, (file.name, &hash), rows, now).await?;
        let mut importer = Importer {
            portfolio: self,
            actor,
            matcher: &matcher,
            taken,
            ministries: HashMap::new(),
            edition: edition.published_on,
        };
        progress.of(edition.rows.len());
        for row in &edition.rows {
            progress.step();
            let fate = importer.row(&mut tx, row).await?;
            outcome.count(&row.name, fate);
        }
        if new_edition || outcome.created + outcome.updated + outcome.to_review > 0 {
            let change = Change::new("portfolio.edition.import", "edition", self.source.new_id())
                .public()
                .after(serde_json::json!({
                    "published_on": edition.published_on, "file": file.name, "hash": hash,
                    "read": outcome.read, "created": outcome.created,
                    "updated": outcome.updated, "unchanged": outcome.unchanged,
                    "to_review": outcome.to_review, "rejected": outcome.rejected.len(),
                }));
            self.journal.append(&mut tx, actor, change).await?;
        }
        if !dry_run {
            tx.commit().await?;
        }
        Ok(outcome)
    }

    async fn matcher(&self, tx: &mut Tx) -> Result<Matcher, PortfolioError> {
        let known = products::known(&mut *tx)
            .await?
            .into_iter()
            .map(|(normalised, id, ministry_key)| Known {
                id,
                normalised,
                ministry_key,
            })
            .collect();
        Ok(Matcher::new(known, editions::different(tx).await?))
    }

    /// Imports the start-ups, incubators and organisations of a folder: name of the part
    /// (`startups`, `incubators`, `organisations`), slug and content of each file.
    pub async fn import_beta_gouv(
        &self,
        actor: &Actor,
        files: &[(String, String, Vec<u8>)],
        dry_run: bool,
    ) -> Result<ImportOutcome, PortfolioError> {
        let progress = ImportProgress::default();
        self.import_beta_gouv_told(actor, files, dry_run, &progress)
            .await
    }

    /// The same, telling how far it is.
    pub(crate) async fn import_beta_gouv_told(
        &self,
        actor: &Actor,
        files: &[(String, String, Vec<u8>)],
        dry_run: bool,
        progress: &ImportProgress,
    ) -> Result<ImportOutcome, PortfolioError> {
        actor.demand(&IMPORT, None)?;
        progress.of(files.len());
        let mut outcome = ImportOutcome::default();
        let mut tx = self.db.begin().await?;
        let mut bodies: HashMap<(OrganisationKind, String), (Uuid, String)> = HashMap::new();
        for (part, slug, bytes) in files.iter().filter(|(part, ..)| part != "startups") {
            let kind = match part.as_str() {
                "incubators" => OrganisationKind::Incubator,
                _ => OrganisationKind::Other,
            };
            outcome.read += 1;
            progress.step();
            match beta_gouv::body(slug, bytes) {
                Ok(body) => {
                    let (id, is_new) = self.ensure_body(&mut tx, actor, kind, &body).await?;
                    let fate = if is_new {
                        Fate::Created
                    } else {
                        Fate::Unchanged
                    };
                    outcome.count(&body.name, fate);
                    bodies.insert((kind, slug.clone()), (id, body.name));
                }
                Err(rejected) => outcome.rejected.push(in_file(part, slug, rejected)),
            }
        }
        for (part, slug, bytes) in files.iter().filter(|(part, ..)| part == "startups") {
            outcome.read += 1;
            progress.step();
            match beta_gouv::startup(slug, bytes) {
                Ok((startup, rejected)) => {
                    outcome
                        .rejected
                        .extend(rejected.into_iter().map(|r| in_file(part, slug, r)));
                    let fate = self.put_startup(&mut tx, actor, &startup, &bodies).await?;
                    outcome.count(&startup.title, fate);
                }
                Err(rejected) => outcome.rejected.push(in_file(part, slug, rejected)),
            }
        }
        if outcome.created + outcome.updated > 0 {
            let change = Change::new("portfolio.startups.import", "import", self.source.new_id())
                .public()
                .after(serde_json::json!({
                    "read": outcome.read, "created": outcome.created,
                    "updated": outcome.updated, "unchanged": outcome.unchanged,
                    "rejected": outcome.rejected.len(),
                }));
            self.journal.append(&mut tx, actor, change).await?;
        }
        if !dry_run {
            tx.commit().await?;
        }
        Ok(outcome)
    }

    async fn ensure_body(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        kind: OrganisationKind,
        body: &beta_gouv::Body,
    ) -> Result<(Uuid, bool), PortfolioError> {
        let before = kit_journal::Journal::head(&mut *tx).await?;
        let alias = format!("beta gouv {}", body.slug);
        let new = NewOrganisation {
            kind,
            name: &body.name,
            acronym: &body.acronym,
            aliases: &[alias.as_str()],
        };
        let id = self.organisations.ensure(tx, actor, new).await?.0;
        // The directory writes in the journal when it adds one.
        let is_new = kit_journal::Journal::head(&mut *tx).await? > before;
        Ok((id, is_new))
    }

    async fn put_startup(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        startup: &Startup,
        bodies: &HashMap<(OrganisationKind, String), (Uuid, String)>,
    ) -> Result<Fate, PortfolioError> {
        let incubator = (OrganisationKind::Incubator, startup.incubator.clone());
        let last = startup.phases.last();
        let description = Description {
            mission: startup.mission.clone(),
            description: startup.description.clone(),
            incubator_id: bodies.get(&incubator).map(|(id, _)| *id),
            phase: last.map(|(phase, ..)| *phase),
            phase_since: last.map(|(_, start, _)| *start),
            link: startup.link.clone(),
            repository: startup.repository.clone(),
            stats_url: startup.stats_url.clone(),
            budget_url: startup.budget_url.clone(),
            impact_url: startup.impact_url.clone(),
            accessibility: startup.accessibility.clone(),
            ..Description::named(ProductKind::StartUp, &startup.title)
        };
        let sponsors = startup.sponsors.iter().map(|slug| {
            let body = bodies.get(&(OrganisationKind::Other, slug.clone()));
            body.map_or_else(|| slug.clone(), |(_, name)| name.clone())
        });
        let parts = [
            ("sponsor", sponsors.collect::<Vec<_>>()),
            ("user", startup.users.clone()),
            ("theme", startup.themes.clone()),
            ("technology", startup.technologies.clone()),
        ];
        let details = Details {
            attributes: attributes(parts),
            phases: startup.phases.clone(),
            events: startup.events.clone(),
        };
        // The slug is the source's own id: a start-up may change its name.
        let alias = format!("beta gouv startup {}", startup.slug);
        let source = format!("beta.gouv.fr {}", startup.slug);
        match products::by_alias(&mut *tx, &alias).await? {
            Some(id) => {
                let before = products::find(&mut *tx, id)
                    .await?
                    .ok_or(PortfolioError::NotFound)?;
                self.tell_product(tx, actor, &before, description, details)
                    .await
            }
            None => {
                let id = self
                    .new_product(tx, actor, &description, &details, &source)
                    .await?;
                products::add_alias(tx, &alias, id).await?;
                Ok(Fate::Created)
            }
        }
    }
}

fn in_file(part: &str, slug: &str, rejected: Rejected) -> Rejected {
    Rejected {
        column: format!("{part}/{slug}: {}", rejected.column),
        ..rejected
    }
}

/// Sorted and without repetition, as they come back from the database.
fn attributes(
    parts: impl IntoIterator<Item = (&'static str, Vec<String>)>,
) -> Vec<(String, String)> {
    let all: BTreeSet<(String, String)> = parts
        .into_iter()
        .flat_map(|(kind, values)| {
            values
                .into_iter()
                .map(move |value| (kind.to_owned(), value))
        })
        .collect();
    all.into_iter().collect()
}

/// A short mark of a file's content, to recognise it in the journal.
fn fingerprint(bytes: &[u8]) -> String {
    use std::hash::{DefaultHasher, Hasher as _};
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    format!("{:016x}-{}", hasher.finish(), bytes.len())
}

/// One edition on its way in.
struct Importer<'i> {
    portfolio: &'i Portfolio,
    actor: &'i Actor,
    matcher: &'i Matcher,
    taken: HashSet<Uuid>,
    ministries: HashMap<String, Uuid>,
    edition: Date,
}

impl Importer<'_> {
    async fn row(&mut self, tx: &mut Tx, row: &PanoramaRow) -> Result<Fate, PortfolioError> {
        let normalised = normalise(&row.name);
        let ministry_key = ministries::key(&row.ministry_acronym);
        let found = self
            .matcher
            .propose(&normalised, &ministry_key, &self.taken);
        let (id, mut fate) = match found {
            Match::Exact(id) => (id, self.known(tx, row, id).await?),
            Match::New => (self.create(tx, row, &normalised).await?, Fate::Created),
            Match::Near(near) => {
                let id = self.create(tx, row, &normalised).await?;
                let mut names = Vec::new();
                for (candidate, nearness) in near {
                    let at = self.portfolio.source.now();
                    editions::propose(tx, id, candidate, nearness, at).await?;
                    let product = products::find(&mut *tx, candidate).await?;
                    names.extend(product.map(|product| product.description.title));
                }
                (id, Fate::ToReview(names))
            }
        };
        let listed = editions::add_member(tx, self.edition, id).await?;
        let estimated = self.estimate(tx, row, id).await?;
        if let (Fate::Unchanged, true) = (&fate, listed || estimated) {
            fate = Fate::Updated(vec![if estimated { "estimate" } else { "listing" }]);
        }
        Ok(fate)
    }

    /// A known product takes the description of the newest edition; an older one adds its estimate
    /// alone. What is said under another name describes the product that it is a name of, and is
    /// listed and estimated under its own, so that the answer that joined them can be taken back.
    async fn known(
        &mut self,
        tx: &mut Tx,
        row: &PanoramaRow,
        id: Uuid,
    ) -> Result<Fate, PortfolioError> {
        let mut product = products::find(&mut *tx, id)
            .await?
            .ok_or(PortfolioError::NotFound)?;
        if let Some(into) = product.merged_into {
            let source = self.source();
            if estimates::exists(&mut *tx, id, row.published_on, &source).await? {
                return Ok(Fate::Unchanged);
            }
            product = products::find(&mut *tx, into)
                .await?
                .ok_or(PortfolioError::NotFound)?;
        }
        if product
            .estimated_on
            .is_some_and(|latest| latest > row.published_on)
        {
            return Ok(Fate::Unchanged);
        }
        let description = self
            .description(tx, row, Some(&product.description))
            .await?;
        let mut details = products::details(tx, product.id).await?;
        details.attributes.retain(|(kind, _)| kind != "programme");
        details
            .attributes
            .extend(attributes([("programme", row.programmes.clone())]));
        details.attributes.sort();
        details.phases = moved_on(details.phases, row.phase, row.published_on);
        self.portfolio
            .tell_product(tx, self.actor, &product, description, details)
            .await
    }

    /// Where the edition's estimates come from.
    fn source(&self) -> String {
        format!("panorama {}", self.edition)
    }

    async fn create(
        &mut self,
        tx: &mut Tx,
        row: &PanoramaRow,
        normalised: &str,
    ) -> Result<Uuid, PortfolioError> {
        let description = self.description(tx, row, None).await?;
        let details = Details {
            attributes: attributes([("programme", row.programmes.clone())]),
            phases: moved_on(Vec::new(), row.phase, row.published_on),
            events: Vec::new(),
        };
        let source = self.source();
        let id = self
            .portfolio
            .new_product(tx, self.actor, &description, &details, &source)
            .await?;
        products::add_alias(tx, normalised, id).await?;
        Ok(id)
    }

    async fn description(
        &mut self,
        tx: &mut Tx,
        row: &PanoramaRow,
        before: Option<&Description>,
    ) -> Result<Description, PortfolioError> {
        let ministry_id = self.ministry(tx, row).await?;
        let named = Description::named(ProductKind::LargeProject, &row.name);
        let mut next = before.cloned().unwrap_or(named);
        next.title.clone_from(&row.name);
        next.interministerial = row.interministerial;
        if ministry_id.is_some() {
            next.ministry_id = ministry_id;
            next.ministry_key = ministries::key(&row.ministry_acronym);
        }
        // What an edition leaves empty isn't taken away from what was known.
        for (from, to) in [
            (&row.description, &mut next.description),
            (&row.link, &mut next.link),
            (&row.area, &mut next.area),
        ] {
            if !from.is_empty() {
                to.clone_from(from);
            }
        }
        if row.phase.is_some() && row.phase != next.phase {
            next.phase = row.phase;
            next.phase_since = Some(row.published_on);
        }
        Ok(next)
    }

    async fn ministry(
        &mut self,
        tx: &mut Tx,
        row: &PanoramaRow,
    ) -> Result<Option<Uuid>, PortfolioError> {
        let (acronym, name) = (row.ministry_acronym.trim(), row.ministry_name.trim());
        if acronym.is_empty() && name.is_empty() {
            return Ok(None);
        }
        let key = format!("{acronym}|{name}");
        if let Some(id) = self.ministries.get(&key) {
            return Ok(Some(*id));
        }
        let new = NewOrganisation {
            kind: OrganisationKind::Ministry,
            name,
            acronym,
            aliases: ministries::line_of(acronym),
        };
        let id = self
            .portfolio
            .organisations
            .ensure(tx, self.actor, new)
            .await?
            .0;
        self.ministries.insert(key, id);
        Ok(Some(id))
    }

    async fn estimate(
        &self,
        tx: &mut Tx,
        row: &PanoramaRow,
        id: Uuid,
    ) -> Result<bool, PortfolioError> {
        let estimate = Estimate {
            as_of: row.published_on,
            cost_cents: row.cost_cents,
            duration_seconds: row.duration_seconds,
            start_on: row.start_on,
            phase: row.phase,
            source: self.source(),
            author: "panorama".to_owned(),
        };
        let product = products::find(&mut *tx, id)
            .await?
            .ok_or(PortfolioError::NotFound)?;
        let organisation = product.description.ministry_id;
        self.portfolio
            .append_estimate(tx, self.actor, id, organisation, &estimate)
            .await
    }
}

/// The history of phases with one more seen at a date.
fn moved_on(
    mut phases: Vec<(Phase, Date, Option<Date>)>,
    phase: Option<Phase>,
    seen_on: Date,
) -> Vec<(Phase, Date, Option<Date>)> {
    let Some(phase) = phase else { return phases };
    match phases.last_mut() {
        Some((last, ..)) if *last == phase => {}
        Some((_, start, _)) if *start >= seen_on => {}
        Some((_, _, end)) => {
            end.get_or_insert(seen_on);
            phases.push((phase, seen_on, None));
        }
        None => phases.push((phase, seen_on, None)),
    }
    phases
}

impl From<EditionError> for PortfolioError {
    fn from(error: EditionError) -> Self {
        Self::Edition(error)
    }
}
