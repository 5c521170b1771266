//! Acts on the Government's priorities.

use jiff::civil::Date;
use kit_access::Actor;
use kit_acts::Happening;
use kit_journal::Change;
use ports::{IndicatorProgress, OrganisationKind};
use serde_json::json;
use uuid::Uuid;

use crate::access::{CHECK, READ};
use crate::domain::{Gap, PriorityForm, ServingProduct, gaps};
use crate::store::events;
use crate::store::priorities::{self as store, StoredPriority};
use crate::store::products::StoredProduct;
use crate::{Event, Startups, StartupsError};

/// A priority with its products and what it lacks.
#[derive(Debug, Clone, PartialEq)]
pub struct PriorityFile {
    /// The priority.
    pub one: StoredPriority,
    /// Its products with their indicators.
    pub products: Vec<(StoredProduct, Vec<IndicatorProgress>)>,
    /// What it lacks, with the products that it is about.
    pub gaps: Vec<(Gap, Vec<String>)>,
}

impl Startups {
    /// The ministries that a priority may name.
    pub(crate) async fn ministries(&self) -> Result<Vec<(Uuid, String)>, StartupsError> {
        let kind = Some(OrganisationKind::Ministry);
        let all = self.organisations.all(kind).await?;
        Ok(all.into_iter().map(|one| (one.id.0, one.name)).collect())
    }

    /// Adds a priority: the directorate.
    pub async fn add_priority(
        &self,
        actor: &Actor,
        form: &PriorityForm,
    ) -> Result<Uuid, StartupsError> {
        actor.demand(&CHECK, None)?;
        let ministries: Vec<Uuid> = self
            .ministries()
            .await?
            .into_iter()
            .map(|one| one.0)
            .collect();
        let priority = form.read(&ministries)?;
        let mut tx = self.db.begin().await?;
        if store::by_title(&mut tx, &priority.title).await?.is_some() {
            let key = "startups-mistake-title-known";
            return Err(StartupsError::mistake("title", key, ""));
        }
        let id = self.source.new_id();
        store::insert(&mut tx, id, &priority).await?;
        self.priority_happened(&mut tx, actor, id, "add", "")
            .await?;
        let change = Change::new("startups.priority.add", "policy-priority", id)
            .of(priority.ministry)
            .public()
            .after(&priority);
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Changes a priority: the directorate.
    pub async fn edit_priority(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &PriorityForm,
    ) -> Result<(), StartupsError> {
        actor.demand(&CHECK, None)?;
        let ministries: Vec<Uuid> = self
            .ministries()
            .await?
            .into_iter()
            .map(|one| one.0)
            .collect();
        let mut tx = self.db.begin().await?;
        let found = store::find(&mut tx, id).await?;
        let before = found.ok_or(StartupsError::NotFound)?;
        let priority = form.read(&ministries)?;
        let same = store::by_title(&mut tx, &priority.title).await?;
        if same.is_some_and(|other| other != id) {
            let key = "startups-mistake-title-known";
            return Err(StartupsError::mistake("title", key, ""));
        }
        if !store::save(&mut tx, id, &priority, version).await? {
            return Err(StartupsError::Stale);
        }
        self.priority_happened(&mut tx, actor, id, "edit", "")
            .await?;
        let change = Change::new("startups.priority.edit", "policy-priority", id)
            .of(priority.ministry)
            .public()
            .before(&before.priority)
            .after(&priority);
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// Says that a product serves a priority, or that it no longer does: the directorate.
    pub async fn serve(
        &self,
        actor: &Actor,
        id: Uuid,
        product: Uuid,
        does: bool,
    ) -> Result<(), StartupsError> {
        actor.demand(&CHECK, None)?;
        let mut tx = self.db.begin().await?;
        let kept = self.product_in(&mut tx, product).await?;
        let found = store::find(&mut tx, id).await?;
        let one = found.ok_or(StartupsError::NotFound)?;
        if store::serve(&mut tx, id, kept.id, does).await? {
            let act = if does { "serve" } else { "unserve" };
            self.priority_happened(&mut tx, actor, id, act, &kept.title)
                .await?;
            let action = if does {
                "startups.priority.serve"
            } else {
                "startups.priority.unserve"
            };
            let change = Change::new(action, "policy-priority", id)
                .of(one.priority.ministry)
                .public()
                .after(json!({ "product": kept.id }));
            self.journal.append(&mut tx, actor, change).await?;
        }
        Ok(tx.commit().await?)
    }

    /// A priority with its products, its gaps, and what happened to it.
    pub async fn priority(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<(PriorityFile, Vec<Event>), StartupsError> {
        actor.demand_somewhere(&READ)?;
        let found = store::find(&self.db, id).await?;
        let file = self
            .priority_file(found.ok_or(StartupsError::NotFound)?)
            .await?;
        Ok((file, events::EVENTS.of_subject(&self.db, id).await?))
    }

    /// Priorities before a place, the latest first, with their gaps.
    pub(crate) async fn priorities(
        &self,
        actor: &Actor,
        before: (Date, Uuid),
        limit: u32,
    ) -> Result<Vec<PriorityFile>, StartupsError> {
        actor.demand_somewhere(&READ)?;
        let mut files = Vec::new();
        for one in store::page(&self.db, before, limit).await? {
            files.push(self.priority_file(one).await?);
        }
        Ok(files)
    }

    async fn priority_file(&self, one: StoredPriority) -> Result<PriorityFile, StartupsError> {
        let mut serving = Vec::new();
        for product in store::serving(&self.db, &one).await? {
            let indicators = self.indicators(product.id).await?;
            serving.push((product, indicators));
        }
        let told: Vec<ServingProduct> = serving
            .iter()
            .map(|(product, indicators)| ServingProduct {
                title: product.title.clone(),
                is_live: product.is_live,
                indicators: indicators.clone(),
            })
            .collect();
        Ok(PriorityFile {
            gaps: gaps(&told, self.source.today()),
            products: serving,
            one,
        })
    }

    /// The priorities that a product serves.
    pub(crate) async fn served_by(
        &self,
        product: &StoredProduct,
    ) -> Result<Vec<StoredPriority>, StartupsError> {
        Ok(store::of_product(&self.db, product).await?)
    }

    async fn priority_happened(
        &self,
        tx: &mut kit_db::Tx,
        actor: &Actor,
        id: Uuid,
        act: &str,
        reason: &str,
    ) -> Result<(), StartupsError> {
        let what = Happening {
            product: None,
            subject: ("priority", id),
            act,
            on: self.source.today(),
            reason,
        };
        self.happened(tx, actor, what).await
    }
}
