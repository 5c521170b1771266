//! Power cuts while people edit: the program is killed a hundred times as forms come in. What was
//! acknowledged is there after the next start, and nothing is there by half.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test fails by panicking

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kit_db::{Db, DbOptions, Statement, Tx};
use support::{Browser, Served, add_administrator, form, gouvernail, wait_until};
use uuid::Uuid;

/// Kills on each of the two databases.
const KILLS: u32 = 50;
/// Kills after which the embedded database is copied and every page of the copy is read.
const KILLS_PER_COPY: u32 = 10;
const PRODUCTS: usize = 6;
const EDITORS: u64 = 3;

#[test]
fn edits_survive_kills_on_sqlite() {
    kill_while_editing(None);
}

#[test]
fn edits_survive_kills_on_postgres() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    kill_while_editing(Some(runtime.block_on(kit_db::testing::postgres_url())));
}

/// Knuth's MMIX linear congruence: every run kills at the same moments, as far as a clock allows.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// What a person sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Edit {
    /// Product, source, cost in cents.
    Estimate(Uuid, String, i64),
    /// Product, mission.
    Mission(Uuid, String),
}

/// What an editor learned until the program was gone.
#[derive(Default)]
struct Sent {
    acknowledged: Vec<Edit>,
    /// Sent, and then nothing came back.
    cut: Vec<Edit>,
    /// Refused because somebody else had saved first.
    stale: u64,
}

fn kill_while_editing(database: Option<String>) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let named = database.as_deref();
    import(&data, named);
    add_administrator(&data, named);
    let embedded = format!("sqlite:{}", data.join("gouvernail.sqlite").display());
    let url = database.clone().unwrap_or(embedded);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut served = Served::start(&data, named, &[]);
    let mut browser = Browser::signed_in(&served.address);
    let mut known = Known::default();
    runtime.block_on(known.follow(&url));
    let products: Vec<Uuid> = known.products.keys().copied().collect();
    assert_eq!(products.len(), PRODUCTS);
    let mut draw = Draw(u64::from(named.is_some()));
    let (mut acknowledged, mut cut, mut stale) = (BTreeSet::new(), BTreeSet::new(), 0);
    for kill in 0..KILLS {
        let answered = Arc::new(AtomicU64::new(0));
        let (enough, moment) = (draw.below(6), Duration::from_millis(draw.below(40)));
        let editors: Vec<_> = (0..EDITORS)
            .map(|editor| {
                let (browser, products) = (browser.clone(), products.clone());
                let answered = answered.clone();
                let seed = u64::from(kill) * EDITORS + editor;
                std::thread::spawn(move || edit_until_cut(browser, &products, seed, &answered))
            })
            .collect();
        // Counted in answers: a slow machine is killed as often in the middle of an edit.
        wait_until(|| answered.load(Ordering::Relaxed) >= enough);
        std::thread::sleep(moment);
        served.kill();
        let before = acknowledged.len();
        for editor in editors {
            let sent: Sent = editor.join().unwrap();
            acknowledged.extend(sent.acknowledged);
            cut.extend(sent.cut);
            stale += sent.stale;
        }
        served = Served::start(&data, named, &[]);
        browser.address.clone_from(&served.address);
        runtime.block_on(known.follow(&url));
        let lost: Vec<_> = acknowledged.difference(&known.edits).collect();
        assert!(lost.is_empty(), "lost by kill {kill}: {lost:?}");
        if acknowledged.len() > before {
            known.is_shown(&mut browser);
        }
        if named.is_none() && kill % KILLS_PER_COPY == KILLS_PER_COPY - 1 {
            every_page_is_sound(folder.path(), &data, kill);
        }
    }
    let all: Vec<_> = acknowledged.union(&cut).cloned().collect();
    let invented: Vec<_> = known
        .edits
        .iter()
        .filter(|edit| !all.contains(edit))
        .collect();
    assert_eq!(
        invented.len(),
        PRODUCTS,
        "only the import's are nobody's: {invented:?}"
    );
    let landed = cut.intersection(&known.edits).count();
    assert!(
        acknowledged.len() > KILLS as usize && cut.len() > landed,
        "{} edits acknowledged, {} cut of which {landed} were kept whole, {stale} stale",
        acknowledged.len(),
        cut.len()
    );
    // Read once more from the beginning: nothing old was lost on the way.
    let mut anew = Known::default();
    runtime.block_on(anew.follow(&url));
    assert_eq!(anew.edits, known.edits);
}

fn import(data: &Path, database: Option<&str>) {
    let mut csv = String::from(
        "Ministère porteur;Nom du projet;Début;Durée prévisionnelle en année;\
         Phase du projet en cours;Coût estimé;Date de publication\n",
    );
    for name in ["ALPHA", "BRISE", "CORAIL", "DUNE", "ÉCUME", "FANAL"] {
        csv.push_str(&format!(
            "MI;{name};01/01/2020;3;Déploiement;12;01/06/2024\n"
        ));
    }
    std::fs::create_dir_all(data).unwrap();
    let file = data.join("edition.csv");
    std::fs::write(&file, csv).unwrap();
    let arguments = ["import", "panorama", file.to_str().unwrap()];
    let mut import = gouvernail(data, database, &arguments);
    assert!(import.stdout(Stdio::null()).status().unwrap().success());
}

/// Sends forms, one estimate or one change of a product after the other, as long as answers come.
fn edit_until_cut(
    mut browser: Browser,
    products: &[Uuid],
    seed: u64,
    answered: &AtomicU64,
) -> Sent {
    let mut sent = Sent::default();
    let mut draw = Draw(seed);
    // Estimates all have one form; the token in it is this browser's.
    let Ok(page) = browser.get(&format!("/products/{}/estimates/new", products[0])) else {
        return sent;
    };
    let action = format!("/products/{}/estimates", products[0]);
    let estimate = form::read(&page.body, &action);
    for number in 0.. {
        let product = products[draw.below(products.len() as u64) as usize];
        let name = format!("essai {seed}-{number}");
        let (edit, path, form) = if number % 3 == 2 {
            let path = format!("/products/{product}/edit");
            let Ok(page) = browser.get(&path) else {
                return sent;
            };
            let mut form = form::read(&page.body, &path);
            form.set("mission", &name);
            (Edit::Mission(product, name), path, form)
        } else {
            let cents = 100_000 * (1 + draw.below(1_000_000)).cast_signed();
            let mut form = estimate.clone();
            form.set("cost", &format!("{:.3}", cents as f64 / 1e8));
            form.set("source", &name);
            let path = format!("/products/{product}/estimates");
            (Edit::Estimate(product, name, cents), path, form)
        };
        match browser.post(&path, &form) {
            Err(_) => {
                sent.cut.push(edit);
                return sent;
            }
            Ok(answer) if answer.status == 303 => {
                let to = answer.header("location").next().unwrap_or_default();
                assert!(to.starts_with(&format!("/products/{product}")), "{to}");
                sent.acknowledged.push(edit);
                answered.fetch_add(1, Ordering::Relaxed);
            }
            Ok(answer) => {
                let refused = (answer.status, matches!(edit, Edit::Mission(..)));
                assert_eq!(refused, (422, true), "{edit:?}: {}", answer.body);
                sent.stale += 1;
            }
        }
    }
    sent
}

/// What a product's journal tells of it.
#[derive(Default, Clone, Debug)]
struct Told {
    mission: String,
    changes: i64,
    /// Date and cost of the latest estimate.
    latest: (String, i64),
}

/// The state that the journal tells, followed from kill to kill.
#[derive(Default)]
struct Known {
    seq: i64,
    estimates: i64,
    edits: BTreeSet<Edit>,
    products: BTreeMap<Uuid, Told>,
}

impl Known {
    /// Reads what is new, all as of one instant, and compares each table with the journal.
    async fn follow(&mut self, url: &str) {
        let db = Db::open(&DbOptions::new(url)).await.unwrap();
        let mut tx = db.begin_snapshot().await.unwrap();
        let entries = self.entries(&mut tx).await;
        let rows = Statement::new(
            "test.estimates",
            "SELECT product_id, as_of, source, cost_cents FROM estimate WHERE seq > $1
             ORDER BY seq",
        )
        .bind(self.estimates)
        .all(&mut tx, |row| {
            let edit = Edit::Estimate(
                row.get("product_id")?,
                row.get("source")?,
                row.get("cost_cents")?,
            );
            Ok((edit, row.get::<String>("as_of")?))
        })
        .await
        .unwrap();
        // Each estimate has its entry and each entry its estimate, in the same order.
        assert_eq!(rows, entries);
        self.estimates += rows.len() as i64;
        for (edit, as_of) in rows {
            let Edit::Estimate(product, _, cents) = edit else {
                continue;
            };
            let told = self.products.entry(product).or_default();
            if as_of >= told.latest.0 {
                told.latest = (as_of, cents);
            }
            self.edits.insert(edit);
        }
        let counted = Statement::new("test.count", "SELECT COUNT(*) AS n FROM estimate");
        let counted: i64 = counted
            .query()
            .one(&mut tx, |row| row.get("n"))
            .await
            .unwrap();
        assert_eq!(counted, self.estimates, "no estimate goes away");
        self.figures(&mut tx).await;
        drop(tx);
        db.close().await;
    }

    /// The journal's new entries, without a gap; gives those of estimates.
    async fn entries(&mut self, tx: &mut Tx) -> Vec<(Edit, String)> {
        let rows = Statement::new(
            "test.entries",
            "SELECT seq, action, subject_id, after FROM journal_entry WHERE seq > $1 ORDER BY seq",
        )
        .bind(self.seq)
        .all(&mut *tx, |row| {
            let after: Option<String> = row.get("after")?;
            let after: Option<serde_json::Value> =
                after.map(|json| serde_json::from_str(&json).unwrap());
            let subject: String = row.get("subject_id")?;
            let (seq, action): (i64, String) = (row.get("seq")?, row.get("action")?);
            Ok((seq, action, subject, after.unwrap_or_default()))
        })
        .await
        .unwrap();
        let mut estimates = Vec::new();
        for (seq, action, subject, after) in rows {
            self.seq += 1;
            assert_eq!(seq, self.seq, "the journal has no gap");
            let product = subject.parse().unwrap_or_default();
            let text = |key: &str| after[key].as_str().unwrap_or_default().to_owned();
            match action.as_str() {
                "portfolio.estimate.add" => {
                    let cents = after["cost_cents"].as_i64().unwrap();
                    let edit = Edit::Estimate(product, text("source"), cents);
                    estimates.push((edit, text("as_of")));
                }
                "portfolio.product.change" => {
                    let told = self.products.get_mut(&product).unwrap();
                    told.mission = text("mission");
                    told.changes += 1;
                    self.edits.insert(Edit::Mission(product, text("mission")));
                }
                "portfolio.product.add" => {
                    self.products.insert(product, Told::default());
                }
                _ => {}
            }
        }
        let head = Statement::new("test.head", "SELECT seq FROM journal_head");
        let head: i64 = head.query().one(tx, |row| row.get("seq")).await.unwrap();
        assert_eq!(head, self.seq);
        estimates
    }

    /// What lists show agrees with the latest estimate, and a product with its last change.
    async fn figures(&self, tx: &mut Tx) {
        let products = Statement::new(
            "test.products",
            "SELECT p.id, p.mission, p.version, p.cost_cents, p.estimated_on, d.field
             FROM product p
             LEFT JOIN product_decided d ON d.product_id = p.id AND d.field = 'mission'",
        )
        .query()
        .all(tx, |row| {
            let latest = (row.get("estimated_on")?, row.get("cost_cents")?);
            let told = Told {
                mission: row.get("mission")?,
                changes: row.get::<i64>("version")? - 1,
                latest,
            };
            let decided: Option<String> = row.get("field")?;
            Ok((row.get::<Uuid>("id")?, told, decided.is_some()))
        })
        .await
        .unwrap();
        assert_eq!(products.len(), self.products.len());
        for (id, stored, decided) in products {
            let told = &self.products[&id];
            assert_eq!(format!("{stored:?}"), format!("{told:?}"), "{id}");
            assert_eq!(decided, told.changes > 0, "{id}");
        }
    }

    /// What the program answers is what the tables hold.
    fn is_shown(&self, browser: &mut Browser) {
        let mut shown = 0;
        for (id, told) in &self.products {
            let answer = browser.get(&format!("/api/v1/products/{id}")).unwrap();
            let answer: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
            assert_eq!(answer["product"]["cost_cents"], told.latest.1);
            assert_eq!(answer["product"]["mission"], told.mission);
            shown += answer["estimates"].as_array().unwrap().len();
        }
        assert_eq!(shown as i64, self.estimates);
    }
}

/// A copy is refused when `PRAGMA integrity_check` finds anything.
fn every_page_is_sound(folder: &Path, data: &Path, kill: u32) {
    let copy = folder.join(format!("copy-{kill}.sqlite"));
    let restored = folder.join(format!("restored-{kill}"));
    for (at, command) in [(data, "backup"), (&restored, "restore")] {
        let mut command = gouvernail(at, None, &[command, copy.to_str().unwrap()]);
        assert!(command.stdout(Stdio::null()).status().unwrap().success());
    }
}
