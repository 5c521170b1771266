//! Figures: what nobody was asked for again, and how long decisions take.

use jiff::SignedDuration;
use jiff::civil::Date;
use kit_access::Actor;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::INSTRUCT;
use crate::domain::median_and_90;
use crate::store::traces::{self, Sums};
use crate::store::{apis, decisions, head};
use crate::{Exchange, ExchangeError};

/// Most lines of the figure by API, requester and purpose.
const LINES_MAX: u32 = 5_000;
/// Days over which the time of decisions is measured.
const MEASURED_DAYS: i64 = 365;

/// Pieces of information that nobody was asked for again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SavedLine {
    /// The API.
    pub api: Uuid,
    /// Its name.
    pub api_name: String,
    /// The SIRET number of the requester.
    pub requester: String,
    /// Its name.
    pub requester_name: String,
    /// The code of the purpose.
    pub purpose: String,
    /// Calls.
    pub calls: i64,
    /// Pieces of information saved.
    pub pieces_saved: i64,
}

/// How long decisions took over the last year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DecisionTimes {
    pub(crate) decisions: usize,
    pub(crate) median_seconds: i64,
    pub(crate) ninety_seconds: i64,
}

impl Exchange {
    /// What was saved between two days, by API, requester and purpose, most first.
    pub async fn saved(&self, days: (Date, Date)) -> Result<Vec<SavedLine>, ExchangeError> {
        let lines = traces::saved(&self.db, days, LINES_MAX).await?;
        let all = apis::every(&self.db).await?;
        let parties = head::parties(&self.db).await?;
        Ok(lines
            .into_iter()
            .map(|(api, requester, purpose, calls, pieces_saved)| {
                let found = all.iter().find(|one| one.id == api);
                let party = parties.iter().find(|party| party.siret == requester);
                SavedLine {
                    api,
                    api_name: found
                        .map(|one| one.profile.name.clone())
                        .unwrap_or_default(),
                    requester_name: party.map(|party| party.name.clone()).unwrap_or_default(),
                    requester,
                    purpose,
                    calls,
                    pieces_saved,
                }
            })
            .collect())
    }

    /// The same by day.
    pub(crate) async fn saved_by_day(
        &self,
        days: (Date, Date),
    ) -> Result<Vec<(String, Sums)>, ExchangeError> {
        Ok(traces::saved_by_day(&self.db, days).await?)
    }

    /// How long decisions took over the last year; `None` without any.
    pub(crate) async fn decision_times(&self) -> Result<Option<DecisionTimes>, ExchangeError> {
        let since = self.source.now() - SignedDuration::from_hours(24 * MEASURED_DAYS);
        let seconds = decisions::seconds_since(&self.db, since).await?;
        let decisions = seconds.len();
        Ok(
            median_and_90(seconds).map(|(median_seconds, ninety_seconds)| DecisionTimes {
                decisions,
                median_seconds,
                ninety_seconds,
            }),
        )
    }

    /// How many requests wait with whom.
    pub(crate) async fn load(&self, actor: &Actor) -> Result<Vec<(String, i64)>, ExchangeError> {
        actor.demand_somewhere(&INSTRUCT)?;
        Ok(decisions::load(&self.db).await?)
    }
}
