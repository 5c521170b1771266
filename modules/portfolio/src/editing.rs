//! Adding a product and changing what is said of it: by a person, or by a source that leaves what a
//! person decided.

use kit_access::Actor;
use kit_db::Tx;
use kit_journal::Change;
use names::normalise;
use ports::OrganisationKind;
use serde::Serialize;
use uuid::Uuid;

use crate::access::EDIT_PRODUCT;
use crate::domain::editing::{Checked, ProductForm, keep_decided};
use crate::domain::{Description, Mistake};
use crate::import::Fate;
use crate::store::products::{self, Details, Product};
use crate::{Portfolio, PortfolioError};

/// What the journal keeps of a product: its description with its values and phases.
#[derive(Debug, Serialize)]
struct Said<'s> {
    #[serde(flatten)]
    description: &'s Description,
    attributes: &'s [(String, String)],
    phases: &'s [crate::domain::editing::PhaseSpan],
}

fn state<'s>(description: &'s Description, details: &'s Details) -> Said<'s> {
    Said {
        description,
        attributes: &details.attributes,
        phases: &details.phases,
    }
}

impl Portfolio {
    /// Adds a product that a person describes.
    pub async fn add_product(
        &self,
        actor: &Actor,
        form: &ProductForm,
    ) -> Result<Uuid, PortfolioError> {
        let checked = self.choices().await?.check(form, None)?;
        actor.demand(&EDIT_PRODUCT, checked.description.ministry_id)?;
        let mut tx = self.db.begin().await?;
        let alias = normalise(&checked.description.title);
        if products::by_alias(&mut tx, &alias).await?.is_some() {
            return Err(known_title());
        }
        let details = Details {
            attributes: checked.attributes,
            phases: checked.phases,
            events: Vec::new(),
        };
        let source = actor.name().to_owned();
        let id = self
            .new_product(&mut tx, actor, &checked.description, &details, &source)
            .await?;
        products::add_alias(&mut tx, &alias, id).await?;
        self.ask_gate(&mut tx, id, (None, &[]), &details.phases, form)
            .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Changes what is said of a product. What changed is decided from then on: a source doesn't
    /// change it back. `version` is the one that the person saw.
    pub async fn edit_product(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &ProductForm,
    ) -> Result<(), PortfolioError> {
        let choices = self.choices().await?;
        let mut tx = self.db.begin().await?;
        let before = products::find(&mut tx, id)
            .await?
            .filter(|product| product.merged_into.is_none())
            .ok_or(PortfolioError::NotFound)?;
        actor.demand(&EDIT_PRODUCT, before.description.ministry_id)?;
        let old = products::details(&mut tx, id).await?;
        let checked = choices.check(form, Some((&before, &old)))?;
        actor.demand(&EDIT_PRODUCT, checked.description.ministry_id)?;
        if before.version != version {
            return Err(PortfolioError::Stale);
        }
        let stood = (before.description.phase, old.phases.as_slice());
        self.ask_gate(&mut tx, id, stood, &checked.phases, form)
            .await?;
        let alias = normalise(&checked.description.title);
        if before.description.title != checked.description.title {
            match products::by_alias(&mut tx, &alias).await? {
                Some(other) if other != id => return Err(known_title()),
                Some(_) => {}
                None => products::add_alias(&mut tx, &alias, id).await?,
            }
        }
        let details = Details {
            attributes: checked.attributes,
            phases: checked.phases,
            events: old.events,
        };
        let fate = self
            .change_product(&mut tx, actor, &before, &checked.description, &details)
            .await?;
        if let Fate::Updated(fields) = fate {
            for field in fields {
                products::decide(&mut tx, id, field, self.source.now()).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// The parts of a product that a person decided, by name.
    pub async fn decided_fields(&self, id: Uuid) -> Result<Vec<String>, PortfolioError> {
        Ok(products::decided(&self.db, id).await?)
    }

    /// Lets the sources change again what a person had decided.
    pub async fn give_back(&self, actor: &Actor, id: Uuid) -> Result<(), PortfolioError> {
        let mut tx = self.db.begin().await?;
        let product = products::find(&mut tx, id)
            .await?
            .ok_or(PortfolioError::NotFound)?;
        let organisation = product.description.ministry_id;
        actor.demand(&EDIT_PRODUCT, organisation)?;
        let decided = products::decided(&mut tx, id).await?;
        if products::give_back(&mut tx, id).await? > 0 {
            let change = Change::new("portfolio.product.give_back", "product", id)
                .of(organisation)
                .public()
                .before(serde_json::json!({ "decided": decided }));
            self.journal.append(&mut tx, actor, change).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The organisations that a form may name; read before a transaction begins, which would wait
    /// for a second connection while it holds one.
    async fn choices(&self) -> Result<Choices, PortfolioError> {
        let ids = |kind| async move {
            let all = self.organisations.all(Some(kind)).await?;
            let ids = all.into_iter().map(|organisation| organisation.id.0);
            Ok::<Vec<Uuid>, PortfolioError>(ids.collect())
        };
        Ok(Choices {
            ministries: ids(OrganisationKind::Ministry).await?,
            incubators: ids(OrganisationKind::Incubator).await?,
            today: self.source.today(),
        })
    }

    /// Changes a product as a source tells it, less what a person decided.
    pub(crate) async fn tell_product(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        before: &Product,
        mut description: Description,
        mut details: Details,
    ) -> Result<Fate, PortfolioError> {
        let decided = products::decided(&mut *tx, before.id).await?;
        if !decided.is_empty() {
            let old = products::details(tx, before.id).await?;
            keep_decided(
                (&before.description, &old.attributes, &old.phases),
                &decided,
                &mut description,
                &mut details.attributes,
                &mut details.phases,
            );
        }
        self.change_product(tx, actor, before, &description, &details)
            .await
    }

    pub(crate) async fn new_product(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        description: &Description,
        details: &Details,
        source: &str,
    ) -> Result<Uuid, PortfolioError> {
        let id = self.source.new_id();
        products::insert(tx, id, description, source, self.source.now()).await?;
        products::set_details(tx, id, details).await?;
        let change = Change::new("portfolio.product.add", "product", id)
            .of(description.ministry_id)
            .public()
            .after(state(description, details));
        self.journal.append(tx, actor, change).await?;
        Ok(id)
    }

    pub(crate) async fn change_product(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        before: &Product,
        description: &Description,
        details: &Details,
    ) -> Result<Fate, PortfolioError> {
        let old = products::details(tx, before.id).await?;
        let mut changed = differences(&before.description, description);
        for (name, differs) in [
            ("attributes", old.attributes != details.attributes),
            ("phases", old.phases != details.phases),
            ("events", old.events != details.events),
        ] {
            if differs {
                changed.push(name);
            }
        }
        if changed.is_empty() {
            return Ok(Fate::Unchanged);
        }
        if !products::update(tx, before.id, description, before.version).await? {
            return Err(PortfolioError::Stale);
        }
        products::set_details(tx, before.id, details).await?;
        let change = Change::new("portfolio.product.change", "product", before.id)
            .of(description.ministry_id)
            .public()
            .before(state(&before.description, &old))
            .after(state(description, details));
        self.journal.append(tx, actor, change).await?;
        Ok(Fate::Updated(changed))
    }
}

struct Choices {
    ministries: Vec<Uuid>,
    incubators: Vec<Uuid>,
    today: jiff::civil::Date,
}

impl Choices {
    fn check(
        &self,
        form: &ProductForm,
        before: Option<(&Product, &Details)>,
    ) -> Result<Checked, PortfolioError> {
        let before =
            before.map(|(product, details)| (&product.description, details.phases.as_slice()));
        form.check(before, &self.ministries, &self.incubators, self.today)
            .map_err(PortfolioError::Mistakes)
    }
}

fn known_title() -> PortfolioError {
    PortfolioError::Mistakes(vec![Mistake::new("title", "portfolio-mistake-title-known")])
}

/// What differs between two descriptions, by name.
fn differences(before: &Description, after: &Description) -> Vec<&'static str> {
    macro_rules! compare {
        ($($field:ident),*) => {
            [$((stringify!($field), before.$field != after.$field)),*]
        };
    }
    compare!(
        kind,
        title,
        mission,
        description,
        ministry_id,
        ministry_key,
        incubator_id,
        area,
        policy_priority,
        interministerial,
        phase,
        phase_since,
        link,
        repository,
        stats_url,
        budget_url,
        impact_url,
        accessibility
    )
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}
