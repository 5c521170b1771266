//! Acts on decisions: they change the phase in the portfolio, in the same transaction.

use jiff::civil::Date;
use kit_access::Actor;
use kit_acts::Happening;
use kit_journal::Change;
use ports::{ImpactGap, PhaseChange, PhaseRefusal, ProductId};
use serde_json::json;
use uuid::Uuid;

use crate::access::{DECIDE, READ, demand};
use crate::domain::{
    DecisionForm, FollowUpForm, Publication, PublicationForm, ReviewAct, phase_after, reached,
    redact,
};
use crate::mails::News;
use crate::reviews::step;
use crate::store::decisions::{self as store, StoredDecision};
use crate::store::{events, products, reviews};
use crate::{Event, Startups, StartupsError, WORDING};

/// The words of a refusal, beside the field that it concerns.
fn refused(refusal: PhaseRefusal) -> StartupsError {
    let gate = |key| StartupsError::mistake("kind", key, "");
    match refusal {
        PhaseRefusal::Gate(ImpactGap::Indicator) => gate("startups-mistake-gate-indicator"),
        PhaseRefusal::Gate(ImpactGap::Baseline) => gate("startups-mistake-gate-baseline"),
        PhaseRefusal::Gate(ImpactGap::Target) => gate("startups-mistake-gate-target"),
        PhaseRefusal::Gate(ImpactGap::Date) => gate("startups-mistake-gate-date"),
        PhaseRefusal::Before(day) => {
            StartupsError::mistake("on", "startups-mistake-phase-before", day)
        }
        PhaseRefusal::NotInPhase => StartupsError::Stale,
    }
}

impl Startups {
    /// Decides on a review that the committee has: once, with the figures as they stood, and the phase
    /// that follows.
    pub async fn decide(
        &self,
        actor: &Actor,
        review: Uuid,
        version: i64,
        form: &DecisionForm,
    ) -> Result<Uuid, StartupsError> {
        let product = self.product_of_review(review).await?;
        let known = products::find(&self.db, product).await?;
        let told = self
            .tell_team(&known.ok_or(StartupsError::NotFound)?)
            .await?;
        let mut tx = self.db.begin().await?;
        let mut kept = self.product_in(&mut tx, product).await?;
        demand(actor, &DECIDE, (kept.ministry, kept.incubator))?;
        let found = reviews::find(&mut tx, review).await?;
        let mut one = found.ok_or(StartupsError::NotFound)?;
        step(&mut one, version, ReviewAct::Decide)?;
        let today = self.source.today();
        let taken = form.read(one.submitted_on.unwrap_or(one.opened_on), today)?;
        let phase = kept.phase.clone().unwrap_or_default();
        let Some(after) = phase_after(taken.kind, &phase) else {
            let key = "startups-mistake-phase";
            return Err(StartupsError::mistake("kind", key, ""));
        };
        one.decided_on = Some(taken.on);
        if !reviews::save(&mut tx, &one, version).await? {
            return Err(StartupsError::Stale);
        }
        if after != phase {
            let change = PhaseChange {
                product: ProductId(kept.id),
                from: phase_code(&phase),
                to: after,
                on: taken.on,
            };
            let changed = self
                .products
                .change_phase_in(&mut tx, actor, change)
                .await?;
            changed.map_err(refused)?;
        }
        let level = reached(&one.prepared.levels);
        kept.last_review_on = Some(taken.on);
        kept.level = level;
        products::save(&mut tx, &kept).await?;
        let kept = self.product_in(&mut tx, kept.id).await?;
        let figures = json!({
            "as_of": one.submitted_on, "indicators": one.figures.as_ref().map(|f| &f["indicators"]),
            "prepared": one.prepared, "level": level, "invested_cents": kept.invested_cents,
            "spent_cents": kept.spent_cents,
        });
        let decision = StoredDecision {
            id: self.source.new_id(),
            product: kept.id,
            product_title: kept.title.clone(),
            ministry: kept.ministry,
            incubator: kept.incubator,
            review,
            phases: (phase, after.to_owned()),
            figures,
            by: actor.name().to_owned(),
            at: self.source.now(),
            done: None,
            publication: Publication::usual(taken.on),
            version: 1,
            decision: taken,
        };
        store::insert(&mut tx, &decision).await?;
        let taken = &decision.decision;
        self.review_happened(&mut tx, actor, &one, "decide", "")
            .await?;
        self.decision_happened(
            &mut tx,
            actor,
            &decision,
            taken.kind.code(),
            (taken.on, &taken.reasons),
        )
        .await?;
        let path = format!("/start-ups/decisions/{}", decision.id);
        let news = News {
            key: "startups-told-decided",
            product: &kept.title,
            about: &taken.next,
            reason: &taken.reasons,
            path: &path,
            due: taken.next_by,
        };
        self.mail(&mut tx, told, news).await?;
        let change = Change::new("startups.decision.record", "startup-decision", decision.id)
            .of(kept.ministry)
            .after(json!({
                "kind": taken.kind, "product": kept.id, "review": review, "on": taken.on,
                "phases": decision.phases, "receiver": taken.receiver, "next_by": taken.next_by,
                "avoided_cents": taken.avoided_cents, "figures": decision.figures,
            }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(decision.id)
    }

    /// A decision and what happened to it.
    pub async fn decision(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<(StoredDecision, Vec<Event>), StartupsError> {
        let found = store::find(&self.db, id).await?;
        let one = found.ok_or(StartupsError::NotFound)?;
        demand(actor, &READ, (one.ministry, one.incubator))?;
        let all = events::EVENTS.of_subject(&self.db, id).await?;
        Ok((one, all))
    }

    /// Says that what had to happen was done, and what came of it.
    pub async fn follow_up(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &FollowUpForm,
    ) -> Result<(), StartupsError> {
        let mut tx = self.db.begin().await?;
        let found = store::find(&mut tx, id).await?;
        let one = found.ok_or(StartupsError::NotFound)?;
        let kept = self.product_in(&mut tx, one.product).await?;
        demand(actor, &DECIDE, (kept.ministry, kept.incubator))?;
        if one.done.is_some() || one.decision.next.is_empty() {
            return Err(StartupsError::Impossible);
        }
        let (on, outcome) = form.read(one.decision.on, self.source.today())?;
        if !store::follow(&mut tx, id, version, on, &outcome).await? {
            return Err(StartupsError::Stale);
        }
        self.decision_happened(&mut tx, actor, &one, "follow-up", (on, &outcome))
            .await?;
        let change = Change::new("startups.decision.follow", "startup-decision", id)
            .of(kept.ministry)
            .after(json!({ "on": on, "outcome": outcome }));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// Plans when and how a decision is published.
    pub async fn plan(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &PublicationForm,
    ) -> Result<(), StartupsError> {
        let mut tx = self.db.begin().await?;
        let found = store::find(&mut tx, id).await?;
        let one = found.ok_or(StartupsError::NotFound)?;
        let kept = self.product_in(&mut tx, one.product).await?;
        demand(actor, &DECIDE, (kept.ministry, kept.incubator))?;
        let today = self.source.today();
        let next = form.read(&WORDING, one.decision.on, &one.publication, today)?;
        if !store::publish(&mut tx, id, version, &next).await? {
            return Err(StartupsError::Stale);
        }
        self.decision_happened(&mut tx, actor, &one, "plan", (today, &next.reason))
            .await?;
        let change = Change::new("startups.decision.publish", "startup-decision", id)
            .of(kept.ministry)
            .before(summary(&one.publication))
            .after(summary(&next));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// A published decision, as anybody may read it.
    pub async fn published_decision(&self, id: Uuid) -> Result<StoredDecision, StartupsError> {
        let today = self.source.today();
        let found = store::find(&self.db, id).await?;
        let found = found.filter(|one| one.publication.is_open(today));
        let mut one = found.ok_or(StartupsError::NotFound)?;
        hide(&mut one);
        Ok(one)
    }

    /// Published decisions before a place, the latest first.
    pub(crate) async fn published_decisions(
        &self,
        before: (Date, Uuid),
        limit: u32,
    ) -> Result<Vec<StoredDecision>, StartupsError> {
        let today = self.source.today();
        let mut all = store::published(&self.db, today, before, limit).await?;
        all.iter_mut().for_each(hide);
        Ok(all)
    }

    async fn decision_happened(
        &self,
        tx: &mut kit_db::Tx,
        actor: &Actor,
        one: &StoredDecision,
        act: &str,
        (on, reason): (Date, &str),
    ) -> Result<(), StartupsError> {
        let what = Happening {
            product: Some(one.product),
            subject: ("decision", one.id),
            act,
            on,
            reason,
        };
        self.happened(tx, actor, what).await
    }
}

/// The code of a phase that a decision can leave.
fn phase_code(phase: &str) -> Option<&'static str> {
    [
        "investigation",
        "construction",
        "acceleration",
        "consolidation",
        "operated",
    ]
    .into_iter()
    .find(|code| *code == phase)
}

/// What the journal holds of a plan: never the passages that are hidden.
fn summary(planned: &Publication) -> serde_json::Value {
    let reasons: Vec<&str> = planned
        .redactions
        .iter()
        .map(|one| one.reason.as_str())
        .collect();
    json!({ "on": planned.on, "reason": planned.reason, "hidden_because": reasons })
}

/// Hides what the authors hide, and keeps why, not the passages. What the team wrote stays with those
/// who may read it; figures are published.
pub(crate) fn hide(one: &mut StoredDecision) {
    let redactions = std::mem::take(&mut one.publication.redactions);
    let hidden = |text: &mut String| *text = redact(text, &redactions);
    let taken = &mut one.decision;
    for text in [
        &mut taken.committee,
        &mut taken.reasons,
        &mut taken.conditions,
        &mut taken.next,
        &mut taken.receiver,
        &mut taken.kept_assets,
    ] {
        hidden(text);
    }
    if let Some((_, outcome)) = &mut one.done {
        hidden(outcome);
    }
    one.by.clear();
    if let Some(figures) = one.figures.as_object_mut() {
        figures.remove("prepared");
        for indicator in figures
            .get_mut("indicators")
            .and_then(|all| all.as_array_mut())
            .into_iter()
            .flatten()
        {
            if let Some(name) = indicator["name"].as_str() {
                indicator["name"] = redact(name, &redactions).into();
            }
        }
    }
    one.publication.redactions = redactions;
    for redaction in &mut one.publication.redactions {
        redaction.passage.clear();
    }
}
