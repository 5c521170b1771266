//! Counts of hours, for pages and for the journal.

use jiff::{SignedDuration, Timestamp};
use kit_access::Actor;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::store::figures as store;
use crate::{Identity, IdentityError};

/// What is counted, in the order in which pages show it.
pub(crate) const OUTCOMES: [&str; 4] = ["sign-in", "denied", "refused", "invalid"];

impl Identity {
    /// The counts of a service since an instant: hour (seconds since 1970), outcome, number.
    pub(crate) async fn hours_of(
        &self,
        client: Uuid,
        since: Timestamp,
    ) -> Result<Vec<(i64, String, i64)>, IdentityError> {
        Ok(store::of_client(&self.db, client, since).await?)
    }

    /// The sums of every service in the last 30 days: service, outcome, number.
    pub(crate) async fn month_totals(&self) -> Result<Vec<(Uuid, String, i64)>, IdentityError> {
        let since = self.source.now() - SignedDuration::from_hours(24 * 30);
        Ok(store::totals(&self.db, since).await?)
    }

    /// Writes the counts of hours that are over into the journal, once each: what impact is
    /// measured from. No person is in them.
    pub(crate) async fn tell_figures(&self) -> Result<(), IdentityError> {
        let actor = Actor::system("identity");
        loop {
            let mut tx = self.db.begin().await?;
            let counts = store::untold(&mut tx, self.source.now()).await?;
            if counts.is_empty() {
                return Ok(());
            }
            for count in counts {
                store::tell(&mut tx, &count).await?;
                let hour = Timestamp::from_second(count.hour).unwrap_or_default();
                let told = json!({
                    "hour": hour.to_string(),
                    "outcome": count.outcome,
                    "number": count.number,
                });
                let change =
                    Change::new("identity.usage.count", "service", count.client).after(told);
                self.journal.append(&mut tx, &actor, change).await?;
            }
            tx.commit().await?;
        }
    }
}
