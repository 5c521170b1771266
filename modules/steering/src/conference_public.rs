//! What anybody reads of conferences.

use jiff::civil::Date;
use uuid::Uuid;

use crate::domain::redact;
use crate::publications::{forget, hide_recommendation};
use crate::store::conferences::{self as store, Conference, ConferencePoint};
use crate::store::decisions::StoredDecision;
use crate::store::recommendations::{self, Recommendation};
use crate::{Steering, SteeringError};

/// A conference as anybody reads it.
#[derive(Debug)]
pub(crate) struct PublishedConference {
    pub(crate) conference: Conference,
    /// Its points, without files and reasons, and the decisions that are published by now.
    pub(crate) points: Vec<(ConferencePoint, Option<StoredDecision>)>,
    /// Recommendations that are published by now.
    pub(crate) recommendations: Vec<Recommendation>,
    /// What was added after the minutes were adopted.
    pub(crate) additions: Vec<(Date, String)>,
}

impl Steering {
    /// A published conference. Its decisions and recommendations come out on their own days.
    pub(crate) async fn published_conference(
        &self,
        id: Uuid,
    ) -> Result<PublishedConference, SteeringError> {
        let today = self.source.today();
        let found = store::find(&self.db, id).await?;
        let mut one = found
            .filter(|one| one.publication.as_ref().is_some_and(|p| p.is_open(today)))
            .ok_or(SteeringError::NotFound)?;
        let hidden = one.publication.clone().map(|planned| planned.redactions);
        let hidden = hidden.unwrap_or_default();
        let hide = |text: &str| redact(text, &hidden);
        let mut points = Vec::new();
        for mut point in store::points(&self.db, id).await? {
            if point.dropped.is_some() {
                continue;
            }
            point.discussion = hide(&point.discussion);
            point.undecided = hide(&point.undecided);
            point.why.clear();
            point.note.clear();
            point.written_by.clear();
            point.file = None;
            let decided = match point.decision {
                Some(id) => match self.published_decision(id).await {
                    Err(SteeringError::NotFound) => None,
                    other => Some(other?),
                },
                None => None,
            };
            let decided = decided.map(|mut one| {
                one.next = hide(&one.next);
                one.reasons = hide(&one.reasons);
                one
            });
            points.push((point, decided));
        }
        let mut given = recommendations::resting_on(&self.db, ("conference", id)).await?;
        given.retain(|one| one.public_on.is_some_and(|on| on <= today));
        for recommendation in &mut given {
            hide_recommendation(recommendation, &hidden);
        }
        let steps = store::steps(&self.db, id).await?;
        let added = steps.iter().filter(|step| step.act == "add");
        let additions = added.map(|step| (step.on, hide(&step.reason))).collect();
        forget(&mut one.publication);
        Ok(PublishedConference {
            conference: one,
            points,
            recommendations: given,
            additions,
        })
    }

    /// Published conferences before a place, the latest first.
    pub(crate) async fn published_conferences(
        &self,
        before: (Date, Uuid),
        limit: u32,
    ) -> Result<Vec<Conference>, SteeringError> {
        let today = self.source.today();
        let mut all = store::published(&self.db, today, before, limit).await?;
        for one in &mut all {
            forget(&mut one.publication);
        }
        Ok(all)
    }
}
