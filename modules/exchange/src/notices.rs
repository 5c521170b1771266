//! Notices of an end, and the end.

use jiff::SignedDuration;

use crate::mails::{News, Told};
use crate::store::accreditations as store;
use crate::{Exchange, ExchangeError};

/// How many days before the end notice is given.
pub const NOTICE_DAYS: [i64; 3] = [90, 30, 7];

/// The notice that is due so many days before the end, given what was given already.
fn due(days_left: i64, noticed: Option<i64>) -> Option<i64> {
    let due = NOTICE_DAYS
        .into_iter()
        .filter(|days| days_left <= *days)
        .min()?;
    // The nearest one alone: whoever was never told is told once.
    noticed.is_none_or(|given| given > due).then_some(due)
}

impl Exchange {
    /// Gives notice of what will end within [`NOTICE_DAYS`], each notice once.
    pub(crate) async fn give_notice(&self) -> Result<(), ExchangeError> {
        let now = self.source.now();
        let horizon = now + SignedDuration::from_hours(24 * NOTICE_DAYS[0]);
        for one in store::ending(&self.db, horizon).await? {
            let Some(granted) = one.life.granted.filter(|granted| granted.valid_until > now) else {
                continue;
            };
            let left = granted.valid_until.duration_since(now).as_secs();
            // Whole days, the begun one counted.
            let days_left = (left + 86_399) / 86_400;
            let Some(days) = due(days_left, one.noticed_days) else {
                continue;
            };
            let mut told = Told::default();
            self.tell_contacts(&mut told, &one).await?;
            let mut tx = self.db.begin().await?;
            // Another process may have been first.
            if !store::noticed(&mut tx, one.id, days).await? {
                continue;
            }
            let key = match days {
                90 => "exchange-told-notice-90",
                30 => "exchange-told-notice-30",
                _ => "exchange-told-notice-7",
            };
            let reason = self.mail_words.text("exchange-mail-renew");
            let news = News {
                key,
                reason: &reason,
            };
            self.mail(&mut tx, told, &one, news).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Ends what has expired.
    pub(crate) async fn expire(&self) -> Result<(), ExchangeError> {
        let now = self.source.now();
        for one in store::ending(&self.db, now).await? {
            match self.end(one).await {
                // Another process, or somebody who renewed it, was first.
                Ok(()) | Err(ExchangeError::Stale | ExchangeError::Impossible(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_notice_is_due_once() {
        assert_eq!(due(91, None), None);
        assert_eq!(due(90, None), Some(90));
        assert_eq!(due(80, Some(90)), None);
        assert_eq!(due(30, Some(90)), Some(30));
        assert_eq!(due(7, Some(30)), Some(7));
        assert_eq!(due(1, Some(7)), None);
        // One that was given for a short time is noticed by the nearest.
        assert_eq!(due(20, None), Some(30));
    }
}
