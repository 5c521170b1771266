//! Until when the person whom a call is about isn't shown it.

use jiff::{SignedDuration, Timestamp};

/// Longest time for which a call is hidden, in days: whatever a snapshot says, a year later the person
/// sees it.
const DAYS_MAX: u32 = 365;

/// The end of the longer of both times, that of the operation and that of the accreditation; `None`
/// when the person is shown the call at once.
pub fn hidden_until(at: Timestamp, operation_days: u32, grant_days: u32) -> Option<Timestamp> {
    let days = operation_days.max(grant_days).min(DAYS_MAX);
    // Days of 24 hours: a day of the calendar more or less decides nothing here.
    let time = SignedDuration::from_hours(24 * i64::from(days));
    (days > 0).then(|| at.saturating_add(time).unwrap_or(Timestamp::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_time_counts_and_a_year_is_the_most() {
        let at: Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
        let until = |operation, grant| {
            let until = hidden_until(at, operation, grant);
            until.map(|until| until.to_string())
        };
        assert_eq!(until(0, 0), None);
        assert_eq!(until(1, 0).as_deref(), Some("2026-03-03T08:00:00Z"));
        assert_eq!(until(30, 60), until(60, 0));
        assert_eq!(until(0, u32::MAX).as_deref(), Some("2027-03-02T08:00:00Z"));
        assert_eq!(hidden_until(Timestamp::MAX, 1, 0), Some(Timestamp::MAX));
    }
}
