//! Acts on reviews.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kit_access::{Actor, Permission};
use kit_acts::Happening;
use kit_db::Tx;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::access::{ANNOUNCE, CONDUCT, FILL, READ};
use crate::domain::{
    Consulted, FileForm, FileItem, Opinion, Publication, Review, ReviewAct, ReviewForm, ReviewKind,
    ReviewRefusal, ReviewState, ReviewStep, StepForm, Verdict, VerdictForm,
};
use crate::mails::News;
use crate::store::products::count;
use crate::store::reviews::StoredReview;
use crate::store::{events, products, reviews};
use crate::{Event, Steering, SteeringError};

/// Clocks that run out in one round.
const ROUND_MAX: u32 = 500;

/// The act of an answer of somebody who was consulted.
pub(crate) fn consultation(body: Consulted) -> &'static str {
    match body {
        Consulted::Anssi => "answer-anssi",
        Consulted::Budget => "answer-budget",
    }
}

/// A refusal as a mistake of the day's field, where it is one.
fn refused(refusal: ReviewRefusal) -> SteeringError {
    let of = |key, value: Date| SteeringError::mistake("on", key, value);
    match refusal {
        ReviewRefusal::Impossible(_) => SteeringError::Impossible,
        ReviewRefusal::Future { on } => of("steering-mistake-future", on),
        ReviewRefusal::Before { latest, .. } => of("steering-mistake-before", latest),
        ReviewRefusal::Expired { on } => of("steering-mistake-expired", on),
        // A day out of the calendar of the clock.
        ReviewRefusal::Clock(_) => SteeringError::mistake("on", "steering-mistake-clock", ""),
    }
}

/// The life of a review, from its events.
pub(crate) fn life(stored: &StoredReview, all: &[Event]) -> Result<Review, SteeringError> {
    let steps = all.iter().filter_map(|event| {
        let act = ReviewAct::parse(&event.act)?;
        Some(ReviewStep { act, on: event.on })
    });
    Review::replay(stored.kind, steps).map_err(SteeringError::Review)
}

/// Who may take a step.
pub(crate) fn permission(act: ReviewAct) -> &'static Permission {
    match act {
        ReviewAct::Announce => &ANNOUNCE,
        ReviewAct::Begin | ReviewAct::Inform => &FILL,
        ReviewAct::Receive
        | ReviewAct::Ask
        | ReviewAct::GiveOpinion
        | ReviewAct::FallSilent
        | ReviewAct::Withdraw => &CONDUCT,
    }
}

fn told(one: &StoredReview) -> serde_json::Value {
    json!({
        "kind": one.kind, "state": one.state, "opinion": one.opinion, "product": one.product,
        "announced_on": one.announced_on, "received_on": one.received_on, "due_on": one.due_on,
        "ended_on": one.ended_on, "is_binding": one.is_binding,
    })
}

/// What a step brings with it.
struct Step<'s> {
    act: ReviewAct,
    on: Date,
    reason: &'s str,
    verdict: Option<Verdict>,
}

impl Steering {
    /// Announces a review of a product; an audit is opened by the directorate alone. An alert that
    /// led to it is told.
    pub async fn announce(
        &self,
        actor: &Actor,
        form: &ReviewForm,
        alert: Option<Uuid>,
    ) -> Result<Uuid, SteeringError> {
        let today = self.source.today();
        let read = form.read(today)?;
        let mut tx = self.db.begin().await?;
        let (product, kept) = match self.product_in(&mut tx, read.product).await {
            Err(SteeringError::NotFound) => {
                return Err(SteeringError::mistake(
                    "product",
                    "steering-mistake-product",
                    "",
                ));
            }
            other => other?,
        };
        let permission = match read.kind {
            ReviewKind::Article3 => &ANNOUNCE,
            ReviewKind::Article4 => &CONDUCT,
        };
        actor.demand(permission, kept.ministry)?;
        Review::announce(read.kind, read.on, today).map_err(refused)?;
        let id = self.source.new_id();
        let one = StoredReview {
            id,
            product: kept.id,
            product_title: product.title.clone(),
            ministry: kept.ministry,
            kind: read.kind,
            is_binding: read.is_binding && read.kind == ReviewKind::Article3,
            foreseen_cents: read.foreseen_cents,
            asked_by: read.asked_by,
            state: ReviewState::Announced,
            opinion: None,
            announced_on: read.on,
            received_on: None,
            due_on: None,
            ended_on: None,
            file: BTreeMap::new(),
            verdict: None,
            publication: None,
            recommendations: 0,
            version: 1,
        };
        reviews::insert(&mut tx, &one, self.source.now()).await?;
        let act = ReviewAct::Announce.code();
        self.review_happened(&mut tx, actor, &one, act, (read.on, &read.reason))
            .await?;
        if let Some(alert) = alert
            && let Some(alert) = crate::store::alerts::find(&mut tx, alert).await?
            && alert.product == one.product
        {
            let what = Happening {
                product: Some(one.product),
                subject: ("alert", alert.id),
                act: "review",
                on: today,
                reason: &read.reason,
            };
            self.happened(&mut tx, actor, what).await?;
        }
        count(&mut tx, "reviews-open", 1).await?;
        let told_to = self.tell_directorate(&mut tx, one.ministry).await?;
        self.mail_of_review(
            &mut tx,
            told_to,
            &one,
            "steering-told-announce",
            &read.reason,
        )
        .await?;
        let change = Change::new("steering.review.announce", "review", id)
            .of(one.ministry)
            .after(told(&one));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// A review and what happened to it, which the actor may read.
    pub async fn review(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<(StoredReview, Vec<Event>), SteeringError> {
        let found = reviews::find(&self.db, id).await?;
        let one = found.ok_or(SteeringError::NotFound)?;
        actor.demand(&READ, one.ministry)?;
        let all = events::EVENTS.of_subject(&self.db, id).await?;
        Ok((one, all))
    }

    /// A review in a transaction that holds its product.
    async fn review_in(&self, tx: &mut Tx, id: Uuid) -> Result<StoredReview, SteeringError> {
        let found = reviews::find(&mut *tx, id).await?;
        let product = found.ok_or(SteeringError::NotFound)?.product;
        self.product_in(tx, product).await?;
        let found = reviews::find(&mut *tx, id).await?;
        found.ok_or(SteeringError::NotFound)
    }

    /// Fills in the file of a review of that version.
    pub async fn fill(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &FileForm,
    ) -> Result<(), SteeringError> {
        let mut tx = self.db.begin().await?;
        let mut one = self.review_in(&mut tx, id).await?;
        actor.demand(&FILL, one.ministry)?;
        let file = form.read()?;
        let all = events::EVENTS.of_subject(&mut tx, id).await?;
        if !life(&one, &all)?.takes_file() {
            return Err(SteeringError::Impossible);
        }
        let items: Vec<&String> = file
            .iter()
            .filter(|(item, text)| one.file.get(*item) != Some(*text))
            .map(|(item, _)| item)
            .collect();
        let changed = json!({ "items": items });
        one.file = file;
        self.save_review(&mut tx, &one, version).await?;
        let today = self.source.today();
        self.review_happened(&mut tx, actor, &one, "fill", (today, ""))
            .await?;
        let change = Change::new("steering.review.fill", "review", id)
            .of(one.ministry)
            .after(changed);
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// Takes a step of a review of that version; the opinion is [`Steering::give_opinion`]'s.
    pub async fn step(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        act: ReviewAct,
        form: &StepForm,
    ) -> Result<(), SteeringError> {
        if matches!(
            act,
            ReviewAct::Announce | ReviewAct::GiveOpinion | ReviewAct::FallSilent
        ) {
            return Err(SteeringError::Impossible);
        }
        let (on, reason) = form.read()?;
        let step = Step {
            act,
            on,
            reason: &reason,
            verdict: None,
        };
        self.take(actor, id, version, step).await
    }

    /// Gives the opinion of a review of that version.
    pub async fn give_opinion(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &VerdictForm,
    ) -> Result<(), SteeringError> {
        let (on, reason, verdict) = form.read()?;
        let step = Step {
            act: ReviewAct::GiveOpinion,
            on,
            reason: &reason,
            verdict: Some(verdict),
        };
        self.take(actor, id, version, step).await
    }

    async fn take(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        step: Step<'_>,
    ) -> Result<(), SteeringError> {
        let mut tx = self.db.begin().await?;
        let mut one = self.review_in(&mut tx, id).await?;
        actor.demand(permission(step.act), one.ministry)?;
        if one.version != version {
            return Err(SteeringError::Stale);
        }
        let all = events::EVENTS.of_subject(&mut tx, id).await?;
        let now = life(&one, &all)?;
        let today = self.source.today();
        // Time runs from the day on which the directorate has the information, not from one that the
        // ministry chooses.
        let is_directorate = actor.may(&CONDUCT, one.ministry);
        if step.act == ReviewAct::Inform && !is_directorate && step.on < today {
            return Err(SteeringError::mistake("on", "steering-mistake-past", today));
        }
        let next = now
            .after(step.act, step.on, self.source.today())
            .map_err(refused)?;
        if step.act == ReviewAct::Receive && one.kind == ReviewKind::Article3 {
            let missing = FileItem::ALL
                .iter()
                .filter(|item| !one.file.contains_key(item.code()));
            let missing: Vec<&str> = missing.map(|item| item.code()).collect();
            if !missing.is_empty() {
                let key = "steering-mistake-incomplete";
                return Err(SteeringError::mistake("file", key, missing.len()));
            }
        }
        let before = told(&one);
        self.advance(&mut tx, actor, &mut one, &next, &step).await?;
        let change = Change::new("steering.review.step", "review", id)
            .of(one.ministry)
            .before(before)
            .after(told(&one));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// Keeps what a step made of a review, and tells it.
    async fn advance(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        one: &mut StoredReview,
        next: &Review,
        step: &Step<'_>,
    ) -> Result<(), SteeringError> {
        one.state = next.state();
        one.received_on = next.received_on();
        one.due_on = next
            .due_on()
            .map_err(|error| SteeringError::Review(error.into()))?;
        if one.state.is_ended() {
            one.ended_on = Some(step.on);
            count(tx, "reviews-open", -1).await?;
        }
        match one.state {
            ReviewState::Given => one.opinion = step.verdict.as_ref().map(|one| one.opinion),
            ReviewState::Tacit => one.opinion = Some(Opinion::Favourable),
            _ => {}
        }
        if let Some(verdict) = &step.verdict {
            one.verdict = Some(verdict.clone());
        }
        if let Some(opinion) = one.opinion {
            one.publication = Some(Publication::usual(step.on));
            self.weigh(tx, one, opinion).await?;
        }
        let version = one.version;
        self.save_review(tx, one, version).await?;
        let act = step.act.code();
        self.review_happened(tx, actor, one, act, (step.on, step.reason))
            .await?;
        let key = match step.act {
            ReviewAct::Announce | ReviewAct::Begin => return Ok(()),
            ReviewAct::Receive => "steering-told-receive",
            ReviewAct::Ask => "steering-told-ask",
            ReviewAct::Inform => "steering-told-inform",
            ReviewAct::GiveOpinion => "steering-told-opinion",
            ReviewAct::FallSilent => "steering-told-silence",
            ReviewAct::Withdraw => "steering-told-withdraw",
        };
        let told_to = if step.act == ReviewAct::Inform {
            self.tell_directorate(tx, one.ministry).await?
        } else {
            self.tell_ministry(tx, one.ministry).await?
        };
        self.mail_of_review(tx, told_to, one, key, step.reason)
            .await
    }

    /// Whether the product stands under an unfavourable opinion follows its latest one.
    async fn weigh(
        &self,
        tx: &mut Tx,
        one: &StoredReview,
        opinion: Opinion,
    ) -> Result<(), SteeringError> {
        let Some(mut kept) = products::find(&mut *tx, one.product).await? else {
            return Ok(());
        };
        let unfavourable = (opinion == Opinion::Unfavourable).then_some(one.id);
        if kept.unfavourable != unfavourable {
            kept.unfavourable = unfavourable;
            products::save(tx, kept).await?;
        }
        Ok(())
    }

    /// Records what somebody answered who was consulted.
    pub async fn record_consultation(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        body: Consulted,
        form: &StepForm,
    ) -> Result<(), SteeringError> {
        let mut tx = self.db.begin().await?;
        let one = self.review_in(&mut tx, id).await?;
        actor.demand(&CONDUCT, one.ministry)?;
        let (on, answer) = form.read()?;
        let all = events::EVENTS.of_subject(&mut tx, id).await?;
        let act = consultation(body);
        let is_open = matches!(one.state, ReviewState::Running | ReviewState::Waiting);
        if one.kind != ReviewKind::Article3 || !is_open || all.iter().any(|one| one.act == act) {
            return Err(SteeringError::Impossible);
        }
        let received = one.received_on.unwrap_or(one.announced_on);
        if on < received {
            return Err(refused(ReviewRefusal::Before {
                on,
                latest: received,
            }));
        }
        if on > self.source.today() {
            return Err(refused(ReviewRefusal::Future { on }));
        }
        self.save_review(&mut tx, &one, version).await?;
        self.review_happened(&mut tx, actor, &one, act, (on, &answer))
            .await?;
        let change = Change::new("steering.review.consult", "review", id)
            .of(one.ministry)
            .after(json!({ "body": body, "on": on }));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// Where silence has spoken, says so.
    pub(crate) async fn let_clocks_run_out(&self) -> Result<(), SteeringError> {
        let today = self.source.today();
        let actor = Actor::system("steering");
        for due in reviews::due(&self.db, today, ROUND_MAX).await? {
            let mut tx = self.db.begin().await?;
            let mut one = self.review_in(&mut tx, due.id).await?;
            let all = events::EVENTS.of_subject(&mut tx, one.id).await?;
            let Some(last) = one.due_on else { continue };
            let on = last.tomorrow().unwrap_or(last);
            // Another process, or a request on the last day, came first.
            let Ok(next) = life(&one, &all)?.after(ReviewAct::FallSilent, on, today) else {
                continue;
            };
            let before = told(&one);
            let reason = self.mail_words.text("steering-silence-reason");
            let step = Step {
                act: ReviewAct::FallSilent,
                on,
                reason: &reason,
                verdict: None,
            };
            match self.advance(&mut tx, &actor, &mut one, &next, &step).await {
                Err(SteeringError::Stale) => continue,
                other => other?,
            }
            let change = Change::new("steering.review.step", "review", one.id)
                .of(one.ministry)
                .before(before)
                .after(told(&one));
            self.journal.append(&mut tx, &actor, change).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    pub(crate) async fn save_review(
        &self,
        tx: &mut Tx,
        one: &StoredReview,
        version: i64,
    ) -> Result<(), SteeringError> {
        if reviews::save(tx, one, version, self.source.now()).await? {
            Ok(())
        } else {
            Err(SteeringError::Stale)
        }
    }

    pub(crate) async fn review_happened(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        one: &StoredReview,
        act: &str,
        (on, reason): (Date, &str),
    ) -> Result<(), SteeringError> {
        let what = Happening {
            product: Some(one.product),
            subject: ("review", one.id),
            act,
            on,
            reason,
        };
        self.happened(tx, actor, what).await
    }

    async fn mail_of_review(
        &self,
        tx: &mut Tx,
        told_to: crate::mails::Told,
        one: &StoredReview,
        key: &'static str,
        reason: &str,
    ) -> Result<(), SteeringError> {
        let path = format!("/steering/reviews/{}", one.id);
        let news = News {
            key,
            product: &one.product_title,
            about: "",
            reason,
            path: &path,
            due: None,
        };
        self.mail(tx, told_to, news).await
    }
}
