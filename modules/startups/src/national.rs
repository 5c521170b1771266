//! Acts on the test of national impact.

use kit_access::Actor;
use kit_acts::Happening;
use kit_db::Tx;
use kit_journal::Change;
use ports::IndicatorProgress;
use serde_json::json;
use uuid::Uuid;

use crate::access::{CHECK, PREPARE, READ, demand};
use crate::domain::{
    AnswerForm, CheckForm, Criterion, CriterionAnswer, NationalResult, Threshold, ThresholdForm,
    result,
};
use crate::store::national as store;
use crate::store::products::{self, StoredProduct};
use crate::{Startups, StartupsError};

/// The test of a product, as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct NationalFile {
    /// The product.
    pub product: StoredProduct,
    /// What was answered.
    pub answers: Vec<CriterionAnswer>,
    /// The figure that is significant.
    pub threshold: Option<Threshold>,
    /// The product's indicators.
    pub indicators: Vec<IndicatorProgress>,
    /// Whether the threshold is passed, where it can be said.
    pub passed: Option<bool>,
    /// The result.
    pub result: NationalResult,
}

impl Startups {
    /// The test of a product.
    pub async fn national(
        &self,
        actor: &Actor,
        product: Uuid,
    ) -> Result<NationalFile, StartupsError> {
        let found = products::find(&self.db, product).await?;
        let kept = found.filter(|one| one.is_startup);
        let kept = kept.ok_or(StartupsError::NotFound)?;
        demand(actor, &READ, (kept.ministry, kept.incubator))?;
        self.national_of(kept).await
    }

    pub(crate) async fn national_of(
        &self,
        product: StoredProduct,
    ) -> Result<NationalFile, StartupsError> {
        let answers = store::of_product(&self.db, product.id).await?;
        let threshold = store::threshold(&self.db, product.id).await?;
        let indicators = self.indicators(product.id).await?;
        let passed = threshold.as_ref().and_then(|threshold| {
            let measured = indicators.iter().find(|one| one.id == threshold.indicator);
            threshold.is_passed(measured)
        });
        Ok(NationalFile {
            result: result(&answers, passed),
            product,
            answers,
            threshold,
            indicators,
            passed,
        })
    }

    /// A start-up that the actor may act on.
    async fn held(&self, tx: &mut Tx, product: Uuid) -> Result<StoredProduct, StartupsError> {
        let kept = self.product_in(tx, product).await?;
        if kept.is_startup {
            Ok(kept)
        } else {
            Err(StartupsError::NotFound)
        }
    }

    async fn answer_in(
        &self,
        tx: &mut Tx,
        product: Uuid,
        criterion: Criterion,
    ) -> Result<Option<CriterionAnswer>, StartupsError> {
        let all = store::of_product(tx, product).await?;
        Ok(all.into_iter().find(|one| one.criterion == criterion))
    }

    /// Answers a criterion with its evidence. An answer that changes has to be checked anew.
    pub async fn answer(
        &self,
        actor: &Actor,
        product: Uuid,
        criterion: Criterion,
        version: i64,
        form: &AnswerForm,
    ) -> Result<(), StartupsError> {
        let mut tx = self.db.begin().await?;
        let kept = self.held(&mut tx, product).await?;
        demand(actor, &PREPARE, (kept.ministry, kept.incubator))?;
        let before = self.answer_in(&mut tx, kept.id, criterion).await?;
        if before.as_ref().map_or(0, |one| one.version) != version {
            return Err(StartupsError::Stale);
        }
        let (is_met, evidence, link) = form.read()?;
        let today = self.source.today();
        let one = CriterionAnswer {
            criterion,
            is_met,
            evidence,
            link,
            answered: (today, actor.name().to_owned()),
            check: None,
            version,
        };
        if !store::save(&mut tx, kept.id, &one, version).await? {
            return Err(StartupsError::Stale);
        }
        let act = format!("answer-{}", criterion.code());
        self.national_happened(&mut tx, actor, kept.id, &act, &one.evidence)
            .await?;
        let change = Change::new("startups.national.answer", "product", kept.id)
            .of(kept.ministry)
            .before(json!({ "answer": before }))
            .after(json!({ "answer": one }));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// Says whether the evidence of a criterion shows it: the directorate.
    pub async fn check(
        &self,
        actor: &Actor,
        product: Uuid,
        criterion: Criterion,
        version: i64,
        form: &CheckForm,
    ) -> Result<(), StartupsError> {
        actor.demand(&CHECK, None)?;
        let mut tx = self.db.begin().await?;
        let kept = self.held(&mut tx, product).await?;
        let before = self.answer_in(&mut tx, kept.id, criterion).await?;
        let mut one = before.clone().ok_or(StartupsError::Impossible)?;
        if one.version != version {
            return Err(StartupsError::Stale);
        }
        let (verdict, comment) = form.read()?;
        let today = self.source.today();
        one.check = Some((verdict, today, actor.name().to_owned(), comment.clone()));
        if !store::save(&mut tx, kept.id, &one, version).await? {
            return Err(StartupsError::Stale);
        }
        let act = format!("check-{}", verdict.code());
        self.national_happened(&mut tx, actor, kept.id, &act, &comment)
            .await?;
        let change = Change::new("startups.national.check", "product", kept.id)
            .of(kept.ministry)
            .before(json!({ "answer": before }))
            .after(json!({ "answer": one }));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// Sets which figure is significant: the directorate.
    pub async fn set_threshold(
        &self,
        actor: &Actor,
        product: Uuid,
        version: i64,
        form: &ThresholdForm,
    ) -> Result<(), StartupsError> {
        actor.demand(&CHECK, None)?;
        let indicators = self.indicators(product).await?;
        let mut tx = self.db.begin().await?;
        let kept = self.held(&mut tx, product).await?;
        let before = store::threshold(&mut tx, kept.id).await?;
        if before.as_ref().map_or(0, |one| one.version) != version {
            return Err(StartupsError::Stale);
        }
        let ids: Vec<Uuid> = indicators.iter().map(|one| one.id).collect();
        let (indicator, value, reason) = form.read(&ids)?;
        let one = Threshold {
            indicator,
            value,
            reason,
            set: (self.source.today(), actor.name().to_owned()),
            version,
        };
        if !store::set_threshold(&mut tx, kept.id, &one, version).await? {
            return Err(StartupsError::Stale);
        }
        self.national_happened(&mut tx, actor, kept.id, "threshold", &one.reason)
            .await?;
        let change = Change::new("startups.national.threshold", "product", kept.id)
            .of(kept.ministry)
            .before(json!({ "threshold": before }))
            .after(json!({ "threshold": one }));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    async fn national_happened(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        product: Uuid,
        act: &str,
        reason: &str,
    ) -> Result<(), StartupsError> {
        let what = Happening {
            product: Some(product),
            subject: ("national", product),
            act,
            on: self.source.today(),
            reason,
        };
        self.happened(tx, actor, what).await
    }
}
