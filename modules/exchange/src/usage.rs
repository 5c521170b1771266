//! Calls by day and API, told to the journal: what impact is measured from. No person is in it.

use jiff::ToSpan as _;
use kit_access::Actor;
use kit_journal::Change;
use serde_json::json;

use crate::store::usage as store;
use crate::{Exchange, ExchangeError};

/// Days of which calls are told that gateways bring later: they may have been cut off.
const LATE_DAYS: i64 = 8;
/// Entries of one transaction.
const AT_ONCE: u32 = 200;

impl Exchange {
    /// Writes the calls of days that are over into the journal, and what came of them since it was
    /// told: each call once, whatever is started twice.
    pub async fn tell_usage(&self) -> Result<(), ExchangeError> {
        let today = self.source.today();
        let days = (today.saturating_sub(LATE_DAYS.days()), today);
        let actor = Actor::system("exchange");
        loop {
            let mut tx = self.db.begin().await?;
            let untold = store::untold(&mut tx, days, AT_ONCE).await?;
            for usage in &untold {
                // Another process may have told it since it was read.
                if !store::tell(&mut tx, usage).await? {
                    continue;
                }
                let since = |at: usize| usage.counted[at] - usage.told[at];
                let told = json!({
                    "day": usage.day.to_string(),
                    "calls": since(0),
                    "failures": since(1),
                    "pieces_saved": since(2),
                });
                let change = Change::new("exchange.usage.count", "api", usage.api).after(told);
                self.journal.append(&mut tx, &actor, change).await?;
            }
            tx.commit().await?;
            if untold.len() < AT_ONCE as usize {
                return Ok(());
            }
        }
    }
}
