//! Reviews: given by anybody, completed within the hour, counted; comments that are taken away.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use kit_access::Actor;
use kit_acts::Happening;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::domain::{Answers, Details, DetailsForm, Satisfaction, Tally};
use crate::store::days;
use crate::store::procedures::{self, StoredProcedure};
use crate::store::reviews::{self as store, StoredReview};
use crate::{Observatory, ObservatoryError};

/// Reviews that one address may give in an hour: a room of a town hall has one address, a crowd that
/// votes has too.
const REVIEWS_PER_HOUR: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);
/// How long a review can be completed.
const DETAILS_MINUTES: i64 = 60;
/// Months after which comments are taken away: they told what to mend.
const COMMENT_MONTHS: i64 = 24;
/// Comments that are taken away, and days that are told, in one round.
const ROUND: u32 = 500;

/// How many reviews an address gave lately. It is in memory only: no address is stored.
#[derive(Clone)]
pub(crate) struct Floods(Arc<DefaultKeyedRateLimiter<(IpAddr, Uuid)>>);

impl Default for Floods {
    fn default() -> Self {
        Self(Arc::new(RateLimiter::keyed(Quota::per_hour(
            REVIEWS_PER_HOUR,
        ))))
    }
}

impl Floods {
    fn take(&self, from: IpAddr, procedure: Uuid) -> Result<(), ObservatoryError> {
        let key = (kit_http::subscriber(from), procedure);
        self.0.check_key(&key).map_err(|refused| {
            let wait = refused.wait_time_from(DefaultClock::default().now());
            ObservatoryError::Flood {
                retry_after_seconds: wait.as_secs().max(1),
            }
        })
    }
}

impl Observatory {
    /// A procedure that takes reviews.
    pub(crate) async fn open_procedure(
        &self,
        id: Uuid,
    ) -> Result<StoredProcedure, ObservatoryError> {
        let found = procedures::find(&self.db, id).await?;
        let one = found.ok_or(ObservatoryError::NotFound)?;
        if one.is_open {
            Ok(one)
        } else {
            Err(ObservatoryError::Closed)
        }
    }

    /// Keeps a review that somebody at an address gives. `id` is the one that the form was shown with: the
    /// same form sent twice is one review.
    pub async fn review(
        &self,
        from: Option<IpAddr>,
        procedure: Uuid,
        id: Uuid,
        satisfaction: Satisfaction,
    ) -> Result<(), ObservatoryError> {
        let procedure = self.open_procedure(procedure).await?.id;
        if let Some(from) = from {
            self.floods.take(from, procedure)?;
        }
        let answers = Answers {
            satisfaction,
            details: Details::default(),
        };
        self.keep_all(procedure, &[(id, self.source.now(), answers, false)])
            .await
    }

    /// Keeps many reviews at once, as they were given at their times: what a demo tells of the past.
    pub async fn fill(
        &self,
        procedure: Uuid,
        all: &[(Timestamp, Answers)],
    ) -> Result<(), ObservatoryError> {
        let rows: Vec<_> = all
            .iter()
            .map(|(at, answers)| (self.source.new_id(), *at, answers.clone(), true))
            .collect();
        self.keep_all(procedure, &rows).await
    }

    async fn keep_all(
        &self,
        procedure: Uuid,
        all: &[(Uuid, Timestamp, Answers, bool)],
    ) -> Result<(), ObservatoryError> {
        let mut tx = self.db.begin().await?;
        for (id, at, answers, is_detailed) in all {
            let one = StoredReview {
                id: *id,
                procedure,
                given_at: *at,
                on: kit_time::day_in_paris(*at),
                answers: answers.clone(),
                is_detailed: false,
                erased_on: None,
            };
            if !store::insert(&mut tx, &one).await? {
                continue;
            }
            let mut tally = Tally::of(answers.satisfaction);
            if *is_detailed {
                store::detail(&mut tx, *id, &answers.details).await?;
                tally += Tally::of_details(&answers.details);
            }
            days::add(&mut tx, procedure, one.on, &tally).await?;
        }
        Ok(tx.commit().await?)
    }

    /// A review that can be completed: within the hour, once.
    pub(crate) async fn open_review(
        &self,
        id: Uuid,
    ) -> Result<(StoredReview, StoredProcedure), ObservatoryError> {
        let found = store::find(&self.db, id).await?;
        let one = found.ok_or(ObservatoryError::NotFound)?;
        let until = one.given_at + SignedDuration::from_mins(DETAILS_MINUTES);
        if one.is_detailed || self.source.now() > until {
            return Err(ObservatoryError::Closed);
        }
        let found = procedures::find(&self.db, one.procedure).await?;
        Ok((one, found.ok_or(ObservatoryError::NotFound)?))
    }

    /// Completes a review, once, within the hour.
    pub async fn complete(&self, id: Uuid, form: &DetailsForm) -> Result<(), ObservatoryError> {
        let (one, _) = self.open_review(id).await?;
        let details = form.read()?;
        let mut tx = self.db.begin().await?;
        if !store::detail(&mut tx, id, &details).await? {
            return Err(ObservatoryError::Closed);
        }
        // It counts on the day of the review, whenever it is completed.
        let tally = Tally::of_details(&details);
        days::add(&mut tx, one.procedure, one.on, &tally).await?;
        Ok(tx.commit().await?)
    }

    /// Takes a comment away that names somebody, with a reason; its answers go on to count.
    pub async fn erase_comment(
        &self,
        actor: &Actor,
        id: Uuid,
        reason: &str,
    ) -> Result<Uuid, ObservatoryError> {
        let mut tx = self.db.begin().await?;
        let found = store::find(&mut tx, id).await?;
        let one = found.ok_or(ObservatoryError::NotFound)?;
        let procedure = self.editable_in(&mut tx, actor, one.procedure).await?;
        let mut reader = crate::WORDING.reader();
        let reason = reader.needed("reason", reason, 500);
        let reason = reader.done(reason)?;
        let today = self.source.today();
        if !store::erase(&mut tx, id, today).await? {
            return Ok(procedure.id);
        }
        let what = Happening {
            product: Some(procedure.product),
            subject: ("procedure", procedure.id),
            act: "erase",
            on: today,
            reason: &reason,
        };
        self.happened(&mut tx, actor, what).await?;
        // What the comment said isn't kept anywhere.
        let change = Change::new("observatory.review.erase", "procedure", procedure.id)
            .of(procedure.ministry)
            .after(json!({ "review": id, "given_on": one.on, "reason": reason }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(procedure.id)
    }

    /// Tells the journal how many reviews came and how good they were, takes old comments away, makes the
    /// edition that is due. Call it every few minutes; two processes may do so at once.
    pub async fn keep_house(&self) -> Result<(), ObservatoryError> {
        self.floods.0.retain_recent();
        self.tell_counts().await?;
        let before = self.source.today().saturating_sub(COMMENT_MONTHS.months());
        loop {
            let old = store::old(&self.db, before, ROUND).await?;
            let mut tx = self.db.begin().await?;
            for id in &old {
                store::erase(&mut tx, *id, self.source.today()).await?;
            }
            tx.commit().await?;
            if old.len() < ROUND as usize {
                break;
            }
        }
        self.make_due_edition().await
    }

    /// Tells the journal what was counted and not told yet: of each procedure and day one entry, whoever
    /// gave the reviews.
    async fn tell_counts(&self) -> Result<(), ObservatoryError> {
        let actor = Actor::system("observatory");
        loop {
            let untold = days::untold(&self.db, ROUND).await?;
            for (procedure, on) in &untold {
                let mut tx = self.db.begin().await?;
                let Some((tally, reviews, points)) = days::tell(&mut tx, *procedure, *on).await?
                else {
                    continue;
                };
                let found = procedures::find(&mut tx, *procedure).await?;
                let ministry = found.and_then(|one| one.ministry);
                if tally.reviews() > reviews {
                    let change = Change::new("observatory.review.count", "procedure", *procedure)
                        .of(ministry)
                        .after(json!({
                            "day": on,
                            "reviews": tally.reviews() - reviews,
                            "points": tally.points() - points,
                        }));
                    self.journal.append(&mut tx, &actor, change).await?;
                }
                days::told(&mut tx, *procedure, *on, &tally).await?;
                tx.commit().await?;
            }
            if untold.len() < ROUND as usize {
                return Ok(());
            }
        }
    }
}
