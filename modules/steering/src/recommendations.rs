//! Acts on recommendations.

use jiff::civil::Date;
use kit_access::Actor;
use kit_acts::Happening;
use kit_db::Tx;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::access::{ANSWER, READ, RECOMMEND};
use crate::domain::{
    Answer, AnswerForm, Axis, EscalationStep, Publication, RecommendationForm, Reoriented, Status,
    StepForm,
};
use crate::mails::News;
use crate::store::products::{StoredProduct, count, rules};
use crate::store::recommendations::{self as store, Recommendation};
use crate::store::{events, reviews};
use crate::{Event, Steering, SteeringError, WORDING};

/// The totals in which a recommendation counts.
fn counted(one: &Recommendation) -> [(&'static str, i64); 3] {
    [
        (
            "recommendations-claimed",
            i64::from(one.status == Status::Claimed),
        ),
        ("recommendations-overdue", i64::from(one.is_overdue)),
        ("recommendations-owed", i64::from(one.status.is_owed())),
    ]
}

/// A recommendation that is about to be given.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    pub(crate) review: Option<Uuid>,
    pub(crate) origin: Option<(String, Uuid)>,
    pub(crate) text: String,
    pub(crate) axis: Axis,
    pub(crate) owner: String,
    pub(crate) owner_id: Option<Uuid>,
    pub(crate) due_on: Date,
    pub(crate) public_on: Date,
}

fn told(one: &Recommendation) -> serde_json::Value {
    json!({
        "status": one.status, "due_on": one.due_on, "step": one.step, "axis": one.axis,
        "product": one.product, "review": one.review, "origin": one.origin,
        "reoriented": one.reoriented,
    })
}

impl Steering {
    /// Gives a recommendation, of a review that has ended or on its own.
    pub async fn recommend(
        &self,
        actor: &Actor,
        form: &RecommendationForm,
    ) -> Result<Uuid, SteeringError> {
        let today = self.source.today();
        let read = form.read()?;
        let mut tx = self.db.begin().await?;
        let review = match read.review {
            Some(id) => {
                let found = reviews::find(&mut tx, id).await?;
                Some(found.ok_or(SteeringError::NotFound)?)
            }
            None => None,
        };
        let product = review.as_ref().map(|one| one.product).or(read.product);
        let product = product.ok_or(SteeringError::NotFound)?;
        let (_, kept) = match self.product_in(&mut tx, product).await {
            Err(SteeringError::NotFound) => {
                return Err(SteeringError::mistake(
                    "product",
                    "steering-mistake-product",
                    "",
                ));
            }
            other => other?,
        };
        actor.demand(&RECOMMEND, kept.ministry)?;
        if read.due_on < today {
            return Err(SteeringError::mistake(
                "due",
                "steering-mistake-past",
                today,
            ));
        }
        // What a running review thinks isn't told before its opinion is.
        let publication = match &review {
            Some(review) => match &review.publication {
                Some(planned) => planned.on,
                None => return Err(SteeringError::Impossible),
            },
            None => Publication::usual(today).on,
        };
        let new = Given {
            review: read.review,
            origin: None,
            text: read.text,
            axis: read.axis,
            owner: read.owner,
            owner_id: read.owner_id,
            due_on: read.due_on,
            public_on: publication,
        };
        let id = self.give(&mut tx, actor, kept, new).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Keeps a recommendation that may be given, and tells its owner.
    pub(crate) async fn give(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        kept: StoredProduct,
        new: Given,
    ) -> Result<Uuid, SteeringError> {
        let today = self.source.today();
        let rules = rules(&mut *tx).await?;
        let status = Status::Proposed;
        let one = Recommendation {
            id: self.source.new_id(),
            product: kept.id,
            product_title: kept.title,
            ministry: kept.ministry,
            review: new.review,
            origin: new.origin,
            text: new.text,
            axis: new.axis,
            owner: new.owner,
            owner_id: new.owner_id,
            due_on: new.due_on,
            status,
            step: None,
            is_overdue: false,
            waits_until: rules.escalation.waits_until(status, new.due_on, None),
            evidence: String::new(),
            link: String::new(),
            claimed_by: None,
            reoriented: None,
            reoriented_how: String::new(),
            public_on: Some(new.public_on),
            version: 1,
        };
        store::insert(tx, &one, self.source.now()).await?;
        if let Some(review) = one.review {
            reviews::add_recommendation(tx, review).await?;
        }
        for (name, by) in counted(&one) {
            count(tx, name, by).await?;
        }
        self.recommendation_happened(tx, actor, &one, "propose", (today, ""))
            .await?;
        let told_to = self.tell_owner(tx, &one).await?;
        self.mail_of_recommendation(tx, told_to, &one, "steering-told-propose", "")
            .await?;
        let change = Change::new("steering.recommendation.give", "recommendation", one.id)
            .of(one.ministry)
            .after(told(&one));
        self.journal.append(tx, actor, change).await?;
        Ok(one.id)
    }

    /// A recommendation and what happened to it, which the actor may read.
    pub async fn recommendation(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<(Recommendation, Vec<Event>), SteeringError> {
        let found = store::find(&self.db, id).await?;
        let one = found.ok_or(SteeringError::NotFound)?;
        actor.demand(&READ, one.ministry)?;
        let all = events::EVENTS.of_subject(&self.db, id).await?;
        Ok((one, all))
    }

    /// A recommendation in a transaction that holds its product.
    pub(crate) async fn recommendation_in(
        &self,
        tx: &mut Tx,
        id: Uuid,
    ) -> Result<Recommendation, SteeringError> {
        let found = store::find(&mut *tx, id).await?;
        let product = found.ok_or(SteeringError::NotFound)?.product;
        self.product_in(tx, product).await?;
        let found = store::find(&mut *tx, id).await?;
        found.ok_or(SteeringError::NotFound)
    }

    /// Answers a recommendation of that version, for the ministry or for the directorate.
    pub async fn answer(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        answer: Answer,
        form: &AnswerForm,
    ) -> Result<(), SteeringError> {
        let mut tx = self.db.begin().await?;
        let mut one = self.recommendation_in(&mut tx, id).await?;
        let permission = if answer.is_ministrys() {
            &ANSWER
        } else {
            &RECOMMEND
        };
        actor.demand(permission, one.ministry)?;
        if one.version != version {
            return Err(SteeringError::Stale);
        }
        let (reason, link) = form.read(answer)?;
        let before = one.clone();
        one.status = one.status.after(answer).ok_or(SteeringError::Impossible)?;
        match answer {
            Answer::Claim => {
                one.evidence.clone_from(&reason);
                one.link = link;
                one.claimed_by = actor.person_id();
            }
            Answer::Verify if one.claimed_by.is_some() && one.claimed_by == actor.person_id() => {
                return Err(SteeringError::mistake(
                    "reason",
                    "steering-mistake-own-claim",
                    "",
                ));
            }
            _ => {}
        }
        self.save_recommendation(&mut tx, &before, &mut one).await?;
        let today = self.source.today();
        self.recommendation_happened(&mut tx, actor, &one, answer.code(), (today, &reason))
            .await?;
        let key = match answer {
            Answer::Accept => "steering-told-accept",
            Answer::Start => "steering-told-start",
            Answer::Claim => "steering-told-claim",
            Answer::Refuse => "steering-told-refuse",
            Answer::Verify => "steering-told-verify",
            Answer::SendBack => "steering-told-send-back",
            Answer::Insist => "steering-told-insist",
            Answer::Supersede => "steering-told-supersede",
        };
        let told_to = if answer.is_ministrys() {
            self.tell_directorate(&mut tx, one.ministry).await?
        } else {
            self.tell_owner(&mut tx, &one).await?
        };
        self.mail_of_recommendation(&mut tx, told_to, &one, key, &reason)
            .await?;
        self.recommendation_changed(
            &mut tx,
            actor,
            "steering.recommendation.answer",
            &before,
            &one,
        )
        .await?;
        Ok(tx.commit().await?)
    }

    /// Gives a recommendation of that version another day; `form` holds the day and why.
    pub async fn move_due(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &StepForm,
    ) -> Result<(), SteeringError> {
        let mut tx = self.db.begin().await?;
        let mut one = self.recommendation_in(&mut tx, id).await?;
        actor.demand(&RECOMMEND, one.ministry)?;
        if one.version != version {
            return Err(SteeringError::Stale);
        }
        let (due_on, reason) = form.read()?;
        let today = self.source.today();
        if due_on < today {
            return Err(SteeringError::mistake("on", "steering-mistake-past", today));
        }
        if !one.status.is_owed() {
            return Err(SteeringError::Impossible);
        }
        let before = one.clone();
        one.due_on = due_on;
        // A day that was agreed anew is awaited anew.
        one.step = None;
        self.save_recommendation(&mut tx, &before, &mut one).await?;
        self.recommendation_happened(&mut tx, actor, &one, "move-due", (today, &reason))
            .await?;
        let told_to = self.tell_owner(&mut tx, &one).await?;
        self.mail_of_recommendation(&mut tx, told_to, &one, "steering-told-move-due", &reason)
            .await?;
        self.recommendation_changed(
            &mut tx,
            actor,
            "steering.recommendation.move",
            &before,
            &one,
        )
        .await?;
        Ok(tx.commit().await?)
    }

    /// Says whether the project really changed its course.
    pub async fn judge_reorientation(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        answer: &str,
        how: &str,
    ) -> Result<(), SteeringError> {
        let mut tx = self.db.begin().await?;
        let mut one = self.recommendation_in(&mut tx, id).await?;
        actor.demand(&RECOMMEND, one.ministry)?;
        if one.version != version {
            return Err(SteeringError::Stale);
        }
        let mut reader = WORDING.reader();
        let answer = reader.code("reoriented", answer, Reoriented::parse);
        let how = reader.needed("how", how, 4_000);
        let how = reader.done(how)?;
        let before = one.clone();
        one.reoriented = answer;
        one.reoriented_how.clone_from(&how);
        self.save_recommendation(&mut tx, &before, &mut one).await?;
        let act = match answer {
            Some(Reoriented::Yes) => "reoriented-yes",
            Some(Reoriented::Partly) => "reoriented-partly",
            Some(Reoriented::No) => "reoriented-no",
            _ => "reoriented-too-early",
        };
        let today = self.source.today();
        self.recommendation_happened(&mut tx, actor, &one, act, (today, &how))
            .await?;
        self.recommendation_changed(
            &mut tx,
            actor,
            "steering.recommendation.judge",
            &before,
            &one,
        )
        .await?;
        Ok(tx.commit().await?)
    }

    /// Saves a recommendation with what follows from its status and day, and the totals.
    pub(crate) async fn save_recommendation(
        &self,
        tx: &mut Tx,
        before: &Recommendation,
        one: &mut Recommendation,
    ) -> Result<(), SteeringError> {
        let rules = rules(&mut *tx).await?.escalation;
        one.waits_until = rules.waits_until(one.status, one.due_on, one.step);
        one.is_overdue = one.status.is_owed()
            && one.due_on < self.source.today()
            && one.step >= Some(EscalationStep::Owner);
        if !store::save(tx, one, before.version, self.source.now()).await? {
            return Err(SteeringError::Stale);
        }
        for ((name, was), (_, is)) in counted(before).into_iter().zip(counted(one)) {
            count(tx, name, is - was).await?;
        }
        Ok(())
    }

    pub(crate) async fn recommendation_happened(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        one: &Recommendation,
        act: &str,
        (on, reason): (Date, &str),
    ) -> Result<(), SteeringError> {
        let what = Happening {
            product: Some(one.product),
            subject: ("recommendation", one.id),
            act,
            on,
            reason,
        };
        self.happened(tx, actor, what).await
    }

    pub(crate) async fn recommendation_changed(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        action: &'static str,
        before: &Recommendation,
        one: &Recommendation,
    ) -> Result<(), SteeringError> {
        let change = Change::new(action, "recommendation", one.id)
            .of(one.ministry)
            .before(told(before))
            .after(told(one));
        self.journal.append(tx, actor, change).await?;
        Ok(())
    }

    pub(crate) async fn mail_of_recommendation(
        &self,
        tx: &mut Tx,
        told_to: crate::mails::Told,
        one: &Recommendation,
        key: &'static str,
        reason: &str,
    ) -> Result<(), SteeringError> {
        let path = format!("/steering/recommendations/{}", one.id);
        let news = News {
            key,
            product: &one.product_title,
            about: &one.text,
            reason,
            path: &path,
            due: None,
        };
        self.mail(tx, told_to, news).await
    }
}
