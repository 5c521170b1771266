//! A believable State at full size, drawn from a fixed seed, and written in bulk: the same rows that
//! the portfolio's acts would leave, figures and journal included.

pub(crate) mod steering;

use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan as _};
use kit_db::{Db, Statement, Tx, Value};
use portfolio::domain::{DURATION_YEAR_SECONDS, Estimate, Measure, Phase, standing};
use uuid::Uuid;

use crate::BenchError;

/// How much there is of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    /// Products.
    pub(crate) products: u32,
    /// Estimates of each.
    pub(crate) estimates_each: u32,
}

/// What was filled in, as the measures need it.
#[derive(Debug, Clone)]
pub(crate) struct Filled {
    pub(crate) products_count: usize,
    pub(crate) estimates_count: usize,
    /// Some products, drawn at random.
    pub(crate) products: Vec<Uuid>,
    pub(crate) ministries: Vec<Uuid>,
    pub(crate) incubators: Vec<Uuid>,
}

/// Knuth's MMIX linear congruence: the same State on every machine.
#[derive(Debug, Clone)]
pub(crate) struct Seed(pub(crate) u64);

impl Seed {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit.max(1)
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

const MINISTRIES: u64 = 24;
const INCUBATORS: u64 = 40;
const EDITIONS: u32 = 8;
const FIRST: Date = date(2018, 1, 15);
const AREAS: [&str; 12] = [
    "Ressources humaines",
    "Relation avec l’usager",
    "Gestion financière",
    "Sécurité",
    "Infrastructure",
    "Éducation",
    "Archives",
    "Justice",
    "Santé",
    "Défense",
    "Fiscalité",
    "Territoires",
];
const THINGS: [&str; 12] = [
    "Paie des agents",
    "Guichet des aides",
    "Registre des dossiers",
    "Archives numériques",
    "Réseau radio",
    "Portail des démarches",
    "Gestion des stocks",
    "Suivi des contrôles",
    "Identité des agents",
    "Facturation",
    "Cartographie des risques",
    "Parcours des élèves",
];

/// Rows of one table, written many at a time.
struct Batch {
    head: &'static str,
    columns: usize,
    values: Vec<Value>,
}

impl Batch {
    /// Both databases take thousands in one statement; but the driver of `SQLite` finds each by a search
    /// among all, so that ten times as many take a hundred times as long.
    const ARGUMENTS_MAX: usize = 300;

    fn new(head: &'static str, columns: usize) -> Self {
        Self {
            head,
            columns,
            values: Vec::new(),
        }
    }

    async fn row(&mut self, tx: &mut Tx, row: Vec<Value>) -> Result<(), BenchError> {
        debug_assert_eq!(row.len(), self.columns);
        self.values.extend(row);
        if self.values.len() + self.columns > Self::ARGUMENTS_MAX {
            self.flush(tx).await?;
        }
        Ok(())
    }

    /// Flushes several in the order in which they refer to each other.
    async fn flush_all(
        all: impl IntoIterator<Item = &mut Self>,
        tx: &mut Tx,
    ) -> Result<(), BenchError> {
        for batch in all {
            batch.flush(tx).await?;
        }
        Ok(())
    }

    async fn flush(&mut self, tx: &mut Tx) -> Result<(), BenchError> {
        let rows_max = (Self::ARGUMENTS_MAX / self.columns).max(1);
        let mut values = self.values.drain(..).peekable();
        while values.peek().is_some() {
            let some: Vec<Value> = values.by_ref().take(rows_max * self.columns).collect();
            let statement =
                Statement::composed("bench.fill", insert(self.head, self.columns, some.len()));
            let mut query = statement.query();
            for value in some {
                query = query.bind(value);
            }
            query.execute(&mut *tx).await?;
        }
        Ok(())
    }
}

/// The statement that writes rows of so many columns, with so many arguments in all.
fn insert(head: &str, columns: usize, arguments: usize) -> String {
    let rows = (0..arguments / columns).map(|row| {
        let numbers: Vec<String> = (1..=columns)
            .map(|column| format!("${}", row * columns + column))
            .collect();
        format!("({})", numbers.join(","))
    });
    format!(
        "INSERT INTO {head} VALUES {}",
        rows.collect::<Vec<_>>().join(",")
    )
}

fn id(kind: u128, number: u128) -> Uuid {
    // Version 7 in shape, so that they sort and store like the program's own.
    Uuid::from_u128((0x0190_0000_0000_7000_8000_u128 << 48) | (kind << 40) | number)
}

/// Fills an empty database; a filled one is measured as it is.
pub(crate) async fn fill(db: &Db, size: Size) -> Result<Filled, BenchError> {
    let count = Statement::new("bench.count", "SELECT COUNT(*) AS n FROM product");
    let known: i64 = count.query().one(db, |row| row.get("n")).await?;
    let mut draw = Seed(11);
    let filled = Filled {
        products_count: size.products as usize,
        estimates_count: size.products as usize * size.estimates_each as usize,
        products: (0..1_000)
            .map(|_| id(3, u128::from(draw.below(u64::from(size.products)))))
            .collect(),
        ministries: (0..MINISTRIES).map(|n| id(1, u128::from(n))).collect(),
        incubators: (0..INCUBATORS).map(|n| id(2, u128::from(n))).collect(),
    };
    if known == i64::from(size.products) {
        return Ok(filled);
    }
    if known > 0 {
        let problem = format!("the database holds {known} products already");
        return Err(BenchError::Program(problem));
    }
    println!("filling {} products…", size.products);
    let mut tx = db.begin().await?;
    organisations(&mut tx).await?;
    editions(&mut tx).await?;
    let mut writer = Writer::new(size);
    for number in 0..size.products {
        writer.product(&mut tx, number).await?;
        // One transaction of everything would grow a log of the size of the database.
        if number % 2_000 == 1_999 {
            writer.flush(&mut tx).await?;
            tx.commit().await?;
            tx = db.begin().await?;
        }
    }
    writer.flush(&mut tx).await?;
    let products = i64::from(size.products);
    for (name, value) in [
        ("estimate", writer.estimates),
        ("change", products),
        ("product", products),
    ] {
        Statement::new(
            "bench.counter",
            "UPDATE portfolio_counter SET value = $2 WHERE name = $1",
        )
        .bind(name)
        .bind(value)
        .execute(&mut tx)
        .await?;
    }
    Statement::new(
        "bench.head",
        "UPDATE journal_head SET seq = $1 WHERE one = 1",
    )
    .bind(writer.entries)
    .execute(&mut tx)
    .await?;
    tx.commit().await?;
    // Both plan by statistics, which their own upkeep would gather in time.
    Statement::new("bench.analyze", "ANALYZE")
        .query()
        .execute(db)
        .await?;
    Ok(filled)
}

async fn organisations(tx: &mut Tx) -> Result<(), BenchError> {
    let mut batch = Batch::new("organisation (id, kind, name, acronym, created_at)", 5);
    let now = Timestamp::UNIX_EPOCH;
    for number in 0..MINISTRIES {
        let name = format!("Ministère numéro {number}");
        let acronym = format!("M{number}");
        let row = vec![
            id(1, u128::from(number)).into(),
            "ministry".into(),
            name.into(),
            acronym.into(),
            now.into(),
        ];
        batch.row(tx, row).await?;
    }
    for number in 0..INCUBATORS {
        let name = format!("Incubateur numéro {number}");
        let row = vec![
            id(2, u128::from(number)).into(),
            "incubator".into(),
            name.into(),
            "".into(),
            now.into(),
        ];
        batch.row(tx, row).await?;
    }
    batch.flush(tx).await
}

fn edition_date(edition: u32) -> Date {
    FIRST.saturating_add((i64::from(edition) * 12).months())
}

async fn editions(tx: &mut Tx) -> Result<(), BenchError> {
    let mut batch = Batch::new(
        "edition (published_on, file_name, file_hash, rows_read, imported_at)",
        5,
    );
    for edition in 0..EDITIONS {
        let row = vec![
            edition_date(edition).into(),
            format!("panorama-{edition}.csv").into(),
            format!("{edition:016x}-0").into(),
            1_i64.into(),
            Timestamp::UNIX_EPOCH.into(),
        ];
        batch.row(tx, row).await?;
    }
    batch.flush(tx).await
}

struct Writer {
    size: Size,
    draw: Seed,
    estimates: i64,
    entries: i64,
    product: Batch,
    alias: Batch,
    attribute: Batch,
    phase: Batch,
    estimate: Batch,
    listing: Batch,
    journal: Batch,
}

impl Writer {
    fn new(size: Size) -> Self {
        Self {
            size,
            draw: Seed(2_026),
            estimates: 0,
            entries: 0,
            product: Batch::new(
                "product (id, kind, title, mission, description, ministry_id, ministry_key,
                 incubator_id, area, policy_priority, interministerial, phase, phase_since, link,
                 repository, stats_url, budget_url, impact_url, accessibility, source, sort_title,
                 baseline_cents, cost_cents, cost_slip, baseline_seconds, duration_seconds,
                 duration_slip, estimated_on, changed_seq, created_at)",
                30,
            ),
            alias: Batch::new("product_alias (normalised, product_id)", 2),
            attribute: Batch::new("product_attribute (product_id, kind, value)", 3),
            phase: Batch::new(
                "product_phase (product_id, position, phase, started_on, ended_on)",
                5,
            ),
            estimate: Batch::new(
                "estimate (seq, id, product_id, as_of, cost_cents, duration_seconds, start_on,
                 phase, source, author, recorded_at)",
                11,
            ),
            listing: Batch::new("listing (published_on, product_id)", 2),
            journal: Batch::new(
                "journal_entry (seq, id, at, actor_kind, actor_name, action, subject_kind,
                 subject_id, public, after)",
                10,
            ),
        }
    }

    async fn flush(&mut self, tx: &mut Tx) -> Result<(), BenchError> {
        // Products first: the other tables refer to them.
        let all = [
            &mut self.product,
            &mut self.alias,
            &mut self.attribute,
            &mut self.phase,
            &mut self.estimate,
            &mut self.listing,
            &mut self.journal,
        ];
        Batch::flush_all(all, tx).await
    }

    async fn entry(
        &mut self,
        tx: &mut Tx,
        action: &'static str,
        product: Uuid,
        after: String,
    ) -> Result<(), BenchError> {
        self.entries += 1;
        let row = vec![
            self.entries.into(),
            id(5, self.entries.unsigned_abs().into()).into(),
            Timestamp::UNIX_EPOCH.into(),
            "system".into(),
            "bench".into(),
            action.into(),
            "product".into(),
            product.to_string().into(),
            true.into(),
            after.into(),
        ];
        self.journal.row(tx, row).await
    }

    /// The estimates of a product: a cost and a duration that drift, every five months.
    fn estimates(&mut self, is_startup: bool) -> Vec<Estimate> {
        let started =
            FIRST.saturating_add(i64::try_from(self.draw.below(24)).unwrap_or(0).months());
        let mut cost = (100 + self.draw.below(10_000)) * 1_000_000;
        let mut duration = 1.0 + self.draw.below(60) as f64 / 10.0;
        let drift = self.draw.below(40);
        (0..self.size.estimates_each)
            .map(|number| {
                let on = started.saturating_add((i64::from(number) * 5).months());
                cost = cost * (980 + drift + self.draw.below(30)) / 1_000;
                duration *= 0.99 + self.draw.below(40) as f64 / 1_000.0;
                let phase = match (is_startup, number) {
                    (true, _) => Phase::Construction,
                    (false, 0) if drift.is_multiple_of(3) => Phase::Framing,
                    (false, 0..=4) => Phase::Build,
                    (false, 5..=9) => Phase::Trial,
                    _ => Phase::Rollout,
                };
                Estimate {
                    as_of: on,
                    cost_cents: i64::try_from(cost).ok(),
                    duration_seconds: Some(
                        (duration.min(59.0) * DURATION_YEAR_SECONDS).round() as i64
                    ),
                    start_on: Some(started),
                    phase: Some(phase),
                    source: "bench".to_owned(),
                    author: "bench".to_owned(),
                }
            })
            .collect()
    }

    async fn product(&mut self, tx: &mut Tx, number: u32) -> Result<(), BenchError> {
        let product = id(3, number.into());
        let kind = match self.draw.below(100) {
            0..60 => "large-project",
            60..85 => "product",
            _ => "start-up",
        };
        let is_startup = kind == "start-up";
        let title = format!("{} {number:06}", self.draw.of(&THINGS));
        let ministry = id(1, self.draw.below(MINISTRIES).into());
        let incubator = is_startup.then(|| id(2, self.draw.below(INCUBATORS).into()));
        let told = self.estimates(is_startup);
        let last = told.last().map_or(FIRST, |estimate| estimate.as_of);
        let of = |measure| standing(&told, &[], last, measure);
        let (cost, duration) = (of(Measure::Cost), of(Measure::Duration));
        let slip = |s: Option<portfolio::domain::Standing>| {
            s.and_then(|s| slips::slip_rate(s.baseline, s.latest))
        };
        let phase = told.last().and_then(|estimate| estimate.phase);
        let page = |name: &str| format!("https://p{number}.example/{name}");
        let row = vec![
            product.into(),
            kind.into(),
            title.as_str().into(),
            "Rendre un droit plus simple à obtenir, sans redemander ce que l’État sait.".into(),
            "Un produit de la mesure, avec une description de la longueur de celles que les \
             équipes écrivent vraiment : deux phrases, parfois trois."
                .into(),
            ministry.into(),
            "".into(),
            incubator.into(),
            self.draw.of(&AREAS).into(),
            "".into(),
            false.into(),
            phase.map(Phase::code).map(str::to_owned).into(),
            Some(FIRST).into(),
            page("").into(),
            page("code").into(),
            page("stats").into(),
            page("budget").into(),
            page("impact").into(),
            "non conforme".into(),
            "bench".into(),
            names::normalise(&title).into(),
            cost.map(|s| s.baseline).into(),
            cost.map(|s| s.latest).into(),
            slip(cost).into(),
            duration.map(|s| s.baseline).into(),
            duration.map(|s| s.latest).into(),
            slip(duration).into(),
            Some(last).into(),
            i64::from(number + 1).into(),
            Timestamp::UNIX_EPOCH.into(),
        ];
        self.product.row(tx, row).await?;
        if number % 50 == 49 {
            // The other tables refer to products: theirs are never sent after them.
            self.flush(tx).await?;
        }
        self.alias
            .values
            .extend([names::normalise(&title).into(), product.into()]);
        for (kind, value) in [
            ("user", "usagers"),
            ("technology", "Rust"),
            ("theme", "droits"),
        ] {
            self.attribute
                .values
                .extend([product.into(), kind.into(), value.into()]);
        }
        let phases = if is_startup {
            [
                Phase::Investigation,
                Phase::Construction,
                Phase::Acceleration,
            ]
        } else {
            [Phase::Build, Phase::Trial, Phase::Rollout]
        };
        for (position, phase) in (0_i64..).zip(phases) {
            let start = FIRST.saturating_add((position * 14).months());
            let end = (position < 2).then(|| start.saturating_add(14.months()));
            self.phase.values.extend([
                product.into(),
                position.into(),
                phase.code().into(),
                start.into(),
                end.into(),
            ]);
        }
        self.entry(tx, "portfolio.product.add", product, "{}".to_owned())
            .await?;
        for estimate in &told {
            self.estimates += 1;
            let row = [
                self.estimates.into(),
                id(4, self.estimates.unsigned_abs().into()).into(),
                product.into(),
                estimate.as_of.into(),
                estimate.cost_cents.into(),
                estimate.duration_seconds.into(),
                estimate.start_on.into(),
                estimate.phase.map(Phase::code).map(str::to_owned).into(),
                "bench".into(),
                "bench".into(),
                Timestamp::UNIX_EPOCH.into(),
            ];
            self.estimate.values.extend(row);
            let after = serde_json::to_string(estimate).unwrap_or_default();
            self.entry(tx, "portfolio.estimate.add", product, after)
                .await?;
        }
        if kind == "large-project" {
            for edition in 0..EDITIONS {
                // One in ten leaves or comes with each edition.
                if self.draw.below(10) > 0 {
                    self.listing
                        .values
                        .extend([edition_date(edition).into(), product.into()]);
                }
            }
        }
        Ok(())
    }
}
