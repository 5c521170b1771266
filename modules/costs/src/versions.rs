//! Adding versions, from a form or from a file; following products.

use kit_access::Actor;
use kit_db::Tx;
use kit_journal::{Change, Entry, Handled, Subscriber};
use ports::{ProductId, ProductSummary};
use serde_json::json;
use uuid::Uuid;

use crate::access::EDIT;
use crate::domain::form::{NewVersion, VersionForm};
use crate::domain::{Mistake, tables};
use crate::store::files::{self, File};
use crate::store::versions::{self as store, Version};
use crate::{Costs, CostsError};

/// What a file of lines did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// Lines that were read.
    pub lines: usize,
    /// What was refused, each with its line and column; then nothing of the file is kept.
    pub mistakes: Vec<Mistake>,
    /// What the whole life would cost.
    pub total_cents: Option<i64>,
    /// The number of the version that it became.
    pub number: Option<i64>,
}

/// What the journal keeps of a version: what it says, not its lines, which may be secret.
fn said(version: &Version) -> serde_json::Value {
    json!({
        "number": version.number,
        "as_of": version.content.as_of,
        "years": version.content.years,
        "lines": version.content.lines.len(),
        "total_cents": version.total_cents,
        "reason": version.reason,
    })
}

impl Costs {
    /// Adds a version to a product's cost. `seen` is the number of the latest version that the person
    /// saw, 0 when there was none: another one in between is told as [`CostsError::Stale`].
    pub async fn add_version(
        &self,
        actor: &Actor,
        product: ProductId,
        seen: i64,
        form: &VersionForm,
    ) -> Result<i64, CostsError> {
        let mut tx = self.db.begin().await?;
        let product = self.editable_in(&mut tx, actor, product).await?;
        let new = form.check(self.source.today())?;
        self.append(tx, actor, &product, seen, new).await
    }

    /// Adds a version whose lines come from a table (CSV or XLSX: nature, année, libellé, montant); its
    /// assumptions are those of the form. A dry run keeps nothing and says what would happen; so does
    /// a file with a mistake.
    pub async fn import_lines(
        &self,
        actor: &Actor,
        product: ProductId,
        (seen, form): (i64, &VersionForm),
        bytes: Vec<u8>,
        is_dry_run: bool,
    ) -> Result<Imported, CostsError> {
        // Before a transaction begins: reading a file takes a while.
        let reading = tokio::task::spawn_blocking(move || tables::lines(&bytes)).await;
        let (lines, mut mistakes) =
            reading.map_err(|error| CostsError::Task(error.to_string()))??;
        let mut outcome = Imported {
            lines: lines.len(),
            ..Imported::default()
        };
        let assumptions = match form.assumptions.trim().lines().count() {
            0 | 1 => Vec::new(),
            _ => {
                let (all, wrong) = tables::assumptions(form.assumptions.as_bytes())?;
                mistakes.extend(wrong);
                all
            }
        };
        let checked = form.with((lines, &[]), assumptions, mistakes, self.source.today());
        let mut tx = self.db.begin().await?;
        let product = self.editable_in(&mut tx, actor, product).await?;
        match checked {
            Err(mistakes) => outcome.mistakes = mistakes,
            Ok(new) => {
                let summary = new.content.summary();
                outcome.total_cents = summary.map(|summary| summary.life.total_cents);
                if !is_dry_run {
                    outcome.number = Some(self.append(tx, actor, &product, seen, new).await?);
                }
            }
        }
        Ok(outcome)
    }

    /// The product, of whose cost the actor may add a version; read in the transaction that does.
    async fn editable_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        product: ProductId,
    ) -> Result<ProductSummary, CostsError> {
        let found = self.products.product_in(&mut *tx, product).await?;
        let product = found.ok_or(CostsError::NotFound)?;
        actor.demand(&EDIT, product.ministry.map(|id| id.0))?;
        Ok(product)
    }

    async fn append(
        &self,
        mut tx: Tx,
        actor: &Actor,
        product: &ProductSummary,
        seen: i64,
        new: NewVersion,
    ) -> Result<i64, CostsError> {
        let before = files::lock(&mut tx, product.id.0).await?;
        let latest = before.as_ref().map_or(0, |before| before.latest);
        if latest != seen {
            return Err(CostsError::Stale);
        }
        let sum = || CostsError::Mistakes(vec![Mistake::new("lines", "costs-mistake-sum", "")]);
        let life = new.content.summary().ok_or_else(sum)?.life;
        let estimate = product.cost_cents;
        let file = File {
            id: before
                .as_ref()
                .map_or_else(|| self.source.new_id(), |one| one.id),
            product: product.id.0,
            title: product.title.clone(),
            ministry: product.ministry.map(|id| id.0),
            latest: latest + 1,
            as_of: new.content.as_of,
            total_cents: life.total_cents,
            per_year_cents: life.per_year_cents,
            weight_cents: estimate.unwrap_or_default().max(life.total_cents),
        };
        let is_next = if before.is_none() {
            files::insert(&mut tx, &file).await?
        } else {
            files::update(&mut tx, &file).await?
        };
        let version = Version {
            id: self.source.new_id(),
            file: file.id,
            number: file.latest,
            content: new.content,
            total_cents: life.total_cents,
            estimate: estimate.map(|cents| (cents, product.estimated_on)),
            reason: new.reason,
            author_id: actor.person_id(),
            author: actor.name().to_owned(),
            created_at: self.source.now(),
        };
        if !is_next || !store::insert(&mut tx, &version).await? {
            return Err(CostsError::Stale);
        }
        let mut change = Change::new("costs.version.add", "product", product.id.0)
            .of(file.ministry)
            .after(said(&version));
        if let Some(before) = &before {
            change = change.before(json!({
                "number": before.latest,
                "as_of": before.as_of,
                "total_cents": before.total_cents,
            }));
        }
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(version.number)
    }

    /// Follows a product's name, its ministry, and what it turned out to be another name of. A product
    /// that has a cost of its own keeps it; the other one's then stays where it was.
    async fn follow_product(&self, tx: &mut Tx, product: Uuid) -> Result<(), CostsError> {
        let Some(file) = files::lock(tx, product).await? else {
            return Ok(());
        };
        let found = self
            .products
            .product_in(&mut *tx, ProductId(product))
            .await?;
        let Some(now) = found else {
            return Ok(());
        };
        let is_taken =
            now.id.0 != product && files::of_product(&mut *tx, now.id.0).await?.is_some();
        let followed = File {
            product: if is_taken { product } else { now.id.0 },
            title: now.title,
            ministry: now.ministry.map(|id| id.0),
            ..file
        };
        files::follow(tx, &followed).await?;
        Ok(())
    }
}

/// Follows what the journal says of products.
#[derive(Debug, Clone)]
pub struct Following(pub Costs);

impl Subscriber for Following {
    fn name(&self) -> &'static str {
        "costs.following"
    }

    fn handle<'f>(&'f self, tx: &'f mut Tx, entry: &'f Entry) -> Handled<'f> {
        Box::pin(async move {
            let is_about = matches!(
                entry.action.as_str(),
                "portfolio.product.change" | "portfolio.near_match.answer"
            );
            if let Some(product) = entry.subject.id.parse().ok().filter(|_| is_about) {
                self.0.follow_product(tx, product).await?;
            }
            Ok(())
        })
    }
}
