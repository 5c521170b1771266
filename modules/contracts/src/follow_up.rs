//! Clauses that are checked, and reviews at the contract's rhythm.

use std::collections::BTreeMap;

use kit_access::Actor;
use kit_journal::Change;
use kit_ui::Locale;
use serde_json::json;
use uuid::Uuid;

use crate::access::CONDUCT;
use crate::domain::{
    CheckForm, CheckState, Condition, Doctrine, Outcome, ReviewForm, TrancheAct, TrancheState,
};
use crate::mails::News;
use crate::signing::next_review;
use crate::store::{follow_up, tranches};
use crate::{Check, Contracts, ContractsError, Review};

impl Contracts {
    /// Keeps what somebody found of a clause. `version` is the one that was seen, 0 for none.
    pub async fn check(
        &self,
        actor: &Actor,
        id: Uuid,
        doctrine: Doctrine,
        version: i64,
        form: &CheckForm,
    ) -> Result<(), ContractsError> {
        let known = self.known(id).await?;
        let told = self.tell_ministry(known.ministry).await?;
        let mut tx = self.db.begin().await?;
        let (one, _) = self.contract_in(&mut tx, (id, known.product)).await?;
        actor.demand(&CONDUCT, one.ministry)?;
        let in_force = one.in_force.filter(|_| one.state.is_in_force());
        let number = in_force.ok_or(ContractsError::Impossible)?;
        let text = self.text_in(&mut tx, id, number).await?;
        if text
            .terms
            .clauses
            .iter()
            .all(|one| one.doctrine != doctrine)
        {
            return Err(ContractsError::NotFound);
        }
        let (state, evidence) = form.read()?;
        let found = follow_up::checks(&mut tx, id).await?;
        let before = found.into_iter().find(|one| one.doctrine == doctrine);
        if before.as_ref().map_or(0, |one| one.version) != version {
            return Err(ContractsError::Stale);
        }
        let check = Check {
            doctrine,
            state,
            evidence,
            by: actor.name().to_owned(),
            on: self.source.today(),
            version,
        };
        if !follow_up::check(&mut tx, id, &check).await? {
            return Err(ContractsError::Stale);
        }
        let words = self.words(Locale::Fr);
        let name = words.text(&format!("contracts-doctrine-{}", doctrine.code()));
        let reason = format!("{name} — {}", check.evidence);
        let act = format!("clause-{}", state.code());
        self.contract_happened(&mut tx, actor, &one, (&act, &reason))
            .await?;
        if state == CheckState::NotMet {
            let path = format!("/contracts/{id}");
            let news = News {
                key: "contracts-told-clause",
                product: &one.product_title,
                about: &name,
                reason: &check.evidence,
                path: &path,
                due: None,
            };
            self.mail(&mut tx, &told, news).await?;
        }
        let change = Change::new("contracts.clause.check", "contract", id)
            .of(one.ministry)
            .before(json!({ "state": before.map(|one| one.state) }))
            .after(json!({ "doctrine": doctrine, "state": state, "evidence": check.evidence }));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// Records a review of a contract in force, with the figures as they stand. One that suspends holds
    /// every tranche that is not released.
    pub async fn review(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &ReviewForm,
    ) -> Result<Uuid, ContractsError> {
        let known = self.known(id).await?;
        let told = self.tell_both(known.ministry).await?;
        let indicators = self.indicators_of(known.product).await?;
        let today = self.source.today();
        let mut tx = self.db.begin().await?;
        let (mut one, _) = self.contract_in(&mut tx, (id, known.product)).await?;
        actor.demand(&CONDUCT, one.ministry)?;
        let in_force = one.in_force.filter(|_| one.state.is_in_force());
        let number = in_force.ok_or(ContractsError::Impossible)?;
        let text = self.text_in(&mut tx, id, number).await?;
        let (on, outcome, findings) = form.read(text.terms.starts_on, today)?;
        let held = tranches::of_contract(&mut tx, id).await?;
        let conditions: Vec<Condition> = held.iter().map(|one| one.condition).collect();
        let readings = self
            .readings_in(&mut tx, &text.terms, id, &conditions)
            .await?;
        let checks = follow_up::checks(&mut tx, id).await?;
        let agreed: Vec<_> = indicators
            .iter()
            .filter(|found| text.terms.indicators.iter().any(|one| one.id == found.id))
            .collect();
        let told_tranches: Vec<_> = held
            .iter()
            .zip(&readings)
            .map(|(one, reading)| {
                json!({ "number": one.number, "state": one.state, "reading": reading })
            })
            .collect();
        let clauses: BTreeMap<&str, CheckState> = text
            .terms
            .clauses
            .iter()
            .map(|clause| {
                let found = checks.iter().find(|one| one.doctrine == clause.doctrine);
                let state = found.map_or(CheckState::NotChecked, |one| one.state);
                (clause.doctrine.code(), state)
            })
            .collect();
        let review = Review {
            id: self.source.new_id(),
            contract: id,
            product: one.product,
            number,
            on,
            outcome,
            findings: findings.clone(),
            figures: json!({
                "as_of": today, "indicators": agreed, "tranches": told_tranches, "clauses": clauses,
            }),
            by: actor.name().to_owned(),
            at: self.source.now(),
        };
        follow_up::review(&mut tx, &review).await?;
        if outcome == Outcome::Suspend {
            for mut tranche in held {
                if let Some(TrancheState::Held) = tranche.state.after(TrancheAct::Hold) {
                    tranche.state = TrancheState::Held;
                    tranche.reason.clone_from(&findings);
                    let seen = tranche.version;
                    if !tranches::save(&mut tx, &tranche, seen).await? {
                        return Err(ContractsError::Stale);
                    }
                }
            }
        }
        // After its last day only its end is left to be decided.
        let next = next_review(&text.terms, on);
        one.next_review_on = (next > on).then_some(next);
        self.save(&mut tx, &one, version).await?;
        let act = format!("review-{}", outcome.code());
        self.contract_happened(&mut tx, actor, &one, (&act, &findings))
            .await?;
        let path = format!("/contracts/{id}");
        let news = News {
            key: "contracts-told-review",
            product: &one.product_title,
            about: &one.title,
            reason: &findings,
            path: &path,
            due: None,
        };
        self.mail(&mut tx, &told, news).await?;
        let change = Change::new("contracts.review.record", "contract", id)
            .of(one.ministry)
            .after(json!({
                "review": review.id, "on": on, "outcome": outcome, "figures": review.figures,
            }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(review.id)
    }
}
