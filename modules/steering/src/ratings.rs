//! How sure a project and the directorate are that it will deliver.

use kit_access::Actor;
use kit_acts::Happening;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::access::{ANSWER, WATCH};
use crate::domain::{Confidence, RatingForm, Side};
use crate::store::products;
use crate::{Steering, SteeringError};

/// The act of a rating.
fn act(side: Side, confidence: Confidence) -> &'static str {
    match (side, confidence) {
        (Side::Own, Confidence::Green) => "rate-own-green",
        (Side::Own, Confidence::Amber) => "rate-own-amber",
        (Side::Own, Confidence::Red) => "rate-own-red",
        (Side::Independent, Confidence::Green) => "rate-independent-green",
        (Side::Independent, Confidence::Amber) => "rate-independent-amber",
        (Side::Independent, Confidence::Red) => "rate-independent-red",
    }
}

impl Steering {
    /// Rates a product, for the project or for the directorate. Ratings are kept, none is changed;
    /// one that is older than the latest of its side is refused.
    pub async fn rate(
        &self,
        actor: &Actor,
        product: Uuid,
        form: &RatingForm,
    ) -> Result<(), SteeringError> {
        let (side, confidence, on, comment) = form.read(self.source.today())?;
        let mut tx = self.db.begin().await?;
        let (_, mut kept) = self.product_in(&mut tx, product).await?;
        let permission = match side {
            Side::Own => &ANSWER,
            Side::Independent => &WATCH,
        };
        actor.demand(permission, kept.ministry)?;
        let latest = match side {
            Side::Own => &mut kept.ratings.own,
            Side::Independent => &mut kept.ratings.independent,
        };
        if let Some((_, before)) = *latest
            && on < before
        {
            return Err(SteeringError::mistake(
                "on",
                "steering-mistake-before",
                before,
            ));
        }
        *latest = Some((confidence, on));
        let (id, ministry) = (kept.id, kept.ministry);
        products::save(&mut tx, kept).await?;
        let what = Happening {
            product: Some(id),
            subject: ("product", id),
            act: act(side, confidence),
            on,
            reason: &comment,
        };
        self.happened(&mut tx, actor, what).await?;
        let change = Change::new("steering.confidence.rate", "product", id)
            .of(ministry)
            .after(json!({ "side": side, "confidence": confidence, "on": on }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        self.look_at(id).await
    }
}
