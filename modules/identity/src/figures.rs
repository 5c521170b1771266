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

/// How far back sign-ins are counted again, from now or from the last hour that was told.
const CAUGHT_UP: SignedDuration = SignedDuration::from_hours(48);
/// How long after an hour its counts are final: a sign-in may be written a moment after its instant.
const SETTLES: SignedDuration = SignedDuration::from_mins(5);

impl Identity {
    /// Counts the sign-ins of this hour and the one before.
    async fn roll_up(&self) -> Result<(), IdentityError> {
        let hour_ago = self.source.now() - SignedDuration::from_hours(1);
        Ok(store::roll_up(&self.db, hour_ago).await?)
    }

    /// The counts of a service since an instant: hour (seconds since 1970), outcome, number.
    pub(crate) async fn hours_of(
        &self,
        client: Uuid,
        since: Timestamp,
    ) -> Result<Vec<(i64, String, i64)>, IdentityError> {
        self.roll_up().await?;
        Ok(store::of_client(&self.db, client, since).await?)
    }

    /// The sums of every service in the last 30 days: service, outcome, number.
    pub(crate) async fn month_totals(&self) -> Result<Vec<(Uuid, String, i64)>, IdentityError> {
        self.roll_up().await?;
        let since = self.source.now() - SignedDuration::from_hours(24 * 30);
        Ok(store::totals(&self.db, since).await?)
    }

    /// Writes the counts of hours that are over into the journal, once each: what impact is
    /// measured from. No person is in them.
    pub(crate) async fn tell_figures(&self) -> Result<(), IdentityError> {
        let now = self.source.now();
        // Also the hours before a pause of the program, however long it was.
        let last = store::last_told(&self.db).await?;
        let since = last.unwrap_or(Timestamp::UNIX_EPOCH).min(now);
        store::roll_up(&self.db, since.saturating_sub(CAUGHT_UP).unwrap_or(since)).await?;
        let actor = Actor::system("identity");
        loop {
            let mut tx = self.db.begin().await?;
            let counts = store::untold(&mut tx, now - SETTLES).await?;
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
