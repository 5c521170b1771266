//! The minutes of a conference: what was said, decided, recommended; who is sent.

use kit_access::Actor;
use kit_db::Tx;
use kit_journal::Change;
use ports::{BrigadeCall, NewRecommendation, ProductId};
use serde_json::json;
use uuid::Uuid;

use crate::access::{CONFER, DECIDE, RECOMMEND, WRITE};
use crate::domain::{ConferenceRecommendationForm, DecisionForm, MinutesForm};
use crate::store::conferences::{self as store, Conference, ConferencePoint};
use crate::store::decisions::{self, StoredDecision};
use crate::store::recommendations::{self, Recommendation};
use crate::{Steering, SteeringError, WORDING};

/// What a conference decided, with where it stands now.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) conference: Conference,
    pub(crate) decisions: Vec<StoredDecision>,
    pub(crate) recommendations: Vec<Recommendation>,
}

impl Steering {
    /// A point that is on the agenda of a conference whose minutes are being written.
    async fn point_in(
        &self,
        tx: &mut Tx,
        (id, point): (Uuid, Uuid),
    ) -> Result<(Conference, ConferencePoint), SteeringError> {
        let one = self.conference_in(tx, id).await?;
        let found = store::point(&mut *tx, point).await?;
        let found = found.filter(|point| point.conference == id && point.dropped.is_none());
        let point = found.ok_or(SteeringError::NotFound)?;
        Ok((one, point))
    }

    /// Saves the minutes of a point; whoever adopted the minutes adopted others.
    async fn write(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        (mut one, mut point): (Conference, ConferencePoint),
        version: i64,
    ) -> Result<(), SteeringError> {
        let had_adopted = one.life.directorate.is_some() || one.life.ministry.is_some();
        one.life = one.life.rewritten()?;
        point.written_by = actor.name().to_owned();
        if !store::write(tx, &point, version).await? {
            return Err(SteeringError::Stale);
        }
        let current = one.version;
        self.save_conference(tx, &one, current).await?;
        let act = if had_adopted { "rewrite" } else { "write" };
        let what = (self.source.today(), point.product_title.as_str());
        self.conference_step(tx, actor, &one, act, what).await
    }

    /// Writes what was said of a point of that version, and why nothing was decided.
    pub async fn write_minutes(
        &self,
        actor: &Actor,
        ids: (Uuid, Uuid),
        version: i64,
        form: &MinutesForm,
    ) -> Result<(), SteeringError> {
        let mut tx = self.db.begin().await?;
        let (one, mut point) = self.point_in(&mut tx, ids).await?;
        actor.demand(&WRITE, Some(one.ministry))?;
        if point.version != version {
            return Err(SteeringError::Stale);
        }
        (point.discussion, point.undecided) = form.read(point.decision.is_some())?;
        let change = Change::new("steering.conference.write", "conference", one.id)
            .of(Some(one.ministry))
            .after(json!({ "point": point.id, "product": point.product }));
        self.write(&mut tx, actor, (one, point), version).await?;
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// Records what was decided of a point, with the figures as they stand: not before the
    /// conference's day.
    pub async fn decide_point(
        &self,
        actor: &Actor,
        ids: (Uuid, Uuid),
        version: i64,
        form: &DecisionForm,
    ) -> Result<Uuid, SteeringError> {
        let (_, points, _) = self.conference(actor, ids.0).await?;
        let found = points.iter().find(|one| one.id == ids.1);
        let product = found.ok_or(SteeringError::NotFound)?.product;
        let indicators = self.indicators_of(product).await?;
        let mut tx = self.db.begin().await?;
        let (one, mut point) = self.point_in(&mut tx, ids).await?;
        actor.demand(&DECIDE, Some(one.ministry))?;
        if point.version != version {
            return Err(SteeringError::Stale);
        }
        if point.decision.is_some() || one.life.rewritten().is_err() {
            return Err(SteeringError::Impossible);
        }
        let day = Some(one.life.day);
        let id = self
            .decide_in(
                &mut tx,
                actor,
                (point.product, None),
                (form, day),
                indicators,
            )
            .await?;
        point.decision = Some(id);
        point.undecided.clear();
        self.write(&mut tx, actor, (one, point), version).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Gives a recommendation that follows from a point.
    pub async fn recommend_point(
        &self,
        actor: &Actor,
        ids: (Uuid, Uuid),
        form: &ConferenceRecommendationForm,
    ) -> Result<Uuid, SteeringError> {
        let (text, axis, owner, due) = form.read()?;
        let mut tx = self.db.begin().await?;
        let (one, point) = self.point_in(&mut tx, ids).await?;
        actor.demand(&RECOMMEND, Some(one.ministry))?;
        if one.life.rewritten().is_err() {
            return Err(SteeringError::Impossible);
        }
        let new = NewRecommendation {
            product: ProductId(point.product),
            text,
            axis: axis.code(),
            owner,
            due,
            origin: ("conference", one.id),
        };
        let id = self.recommend_in(&mut tx, actor, new).await?;
        let version = point.version;
        self.write(&mut tx, actor, (one, point), version).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Sends the brigade to the product of a point.
    pub async fn send_brigade(
        &self,
        actor: &Actor,
        ids: (Uuid, Uuid),
        reason: &str,
    ) -> Result<Uuid, SteeringError> {
        let brigade = self.brigade.clone().ok_or(SteeringError::Impossible)?;
        let mut reader = WORDING.reader();
        let reason = reader.needed("reason", reason, 2_000);
        let reason = reader.done(reason)?;
        let mut tx = self.db.begin().await?;
        let (one, mut point) = self.point_in(&mut tx, ids).await?;
        actor.demand(&CONFER, Some(one.ministry))?;
        if point.brigade.is_some() || one.life.rewritten().is_err() {
            return Err(SteeringError::Impossible);
        }
        let call = BrigadeCall {
            product: ProductId(point.product),
            reason: reason.clone(),
            // Of the point, not of the conference: each of its projects may need the brigade.
            origin: ("conference", point.id),
        };
        let id = brigade.call_in(&mut tx, actor, call).await?;
        point.brigade = Some(id);
        let version = point.version;
        let today = self.source.today();
        self.point_happened(&mut tx, actor, &point, "brigade", (today, &reason))
            .await?;
        let change = Change::new("steering.conference.brigade", "conference", one.id)
            .of(Some(one.ministry))
            .after(json!({ "product": point.product, "request": id }));
        self.write(&mut tx, actor, (one, point), version).await?;
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// What a conference decided and recommended, as it stands now.
    pub(crate) async fn outcome(
        &self,
        conference: Conference,
        points: &[ConferencePoint],
    ) -> Result<Outcome, SteeringError> {
        let mut found = Vec::new();
        for id in points.iter().filter_map(|point| point.decision) {
            found.extend(decisions::find(&self.db, id).await?);
        }
        let origin = ("conference", conference.id);
        let recommendations = recommendations::resting_on(&self.db, origin).await?;
        Ok(Outcome {
            conference,
            decisions: found,
            recommendations,
        })
    }

    /// What the conference before one decided.
    pub(crate) async fn outcome_before(
        &self,
        one: &Conference,
    ) -> Result<Option<Outcome>, SteeringError> {
        let place = (one.life.day, one.id);
        let Some(before) = store::before(&self.db, one.ministry, place).await? else {
            return Ok(None);
        };
        let points = store::points(&self.db, before.id).await?;
        self.outcome(before, &points).await.map(Some)
    }
}
