//! How many calls there may be in a minute and in a day.
//!
//! Windows are fixed: a minute begins at its second 0, a day at midnight UTC. Time given must never
//! go back.

/// How many calls there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// In a minute.
    pub per_minute: u64,
    /// In a day.
    pub per_day: u64,
}

const MINUTE_SECONDS: i64 = 60;
const DAY_SECONDS: i64 = 86_400;

/// Calls counted in a window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// Which window: instants divided by its length.
    index: i64,
    count: u64,
}

impl Window {
    /// Calls counted in the window of `now`.
    pub fn count(&mut self, now: i64, seconds: i64) -> u64 {
        let index = now.div_euclid(seconds);
        if index != self.index {
            *self = Self { index, count: 0 };
        }
        self.count
    }
}

/// The calls of one accreditation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quota {
    minute: Window,
    day: Window,
}

/// What is left of the limit that is nearest, after a call that was let through; or of the one that
/// is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether the call is let through.
    pub is_taken: bool,
    /// The limit: `RateLimit-Limit`.
    pub limit: u64,
    /// Calls left: `RateLimit-Remaining`.
    pub remaining: u64,
    /// Seconds until the window ends: `RateLimit-Reset`.
    pub reset_seconds: u64,
    /// Whether the limit is the one of the day.
    pub is_of_day: bool,
}

impl Quota {
    /// Takes one call at `now`, in seconds since 1970, when both limits allow it.
    pub fn take(&mut self, limits: Limits, now: i64) -> Standing {
        let in_minute = self.minute.count(now, MINUTE_SECONDS);
        let in_day = self.day.count(now, DAY_SECONDS);
        let is_taken = in_minute < limits.per_minute && in_day < limits.per_day;
        if is_taken {
            self.minute.count += 1;
            self.day.count += 1;
        }
        let left_of_minute = limits.per_minute.saturating_sub(self.minute.count);
        let left_of_day = limits.per_day.saturating_sub(self.day.count);
        // At the same rest the longer wait is told.
        let is_of_day = left_of_day <= left_of_minute;
        let (limit, remaining, seconds) = if is_of_day {
            (limits.per_day, left_of_day, DAY_SECONDS)
        } else {
            (limits.per_minute, left_of_minute, MINUTE_SECONDS)
        };
        Standing {
            is_taken,
            limit,
            remaining,
            reset_seconds: (seconds - now.rem_euclid(seconds)).unsigned_abs(),
            is_of_day,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        per_minute: 2,
        per_day: 5,
    };

    #[test]
    fn a_minute_and_a_day_are_counted() {
        let mut quota = Quota::default();
        let midnight = 86_400 * 20_000;
        let mut take = |second: i64| quota.take(LIMITS, midnight + second);
        let first = take(10);
        assert_eq!(
            (
                first.is_taken,
                first.limit,
                first.remaining,
                first.reset_seconds
            ),
            (true, 2, 1, 50)
        );
        assert!(take(11).is_taken);
        let third = take(59);
        assert_eq!(
            (
                third.is_taken,
                third.remaining,
                third.reset_seconds,
                third.is_of_day
            ),
            (false, 0, 1, false)
        );
        assert!(take(60).is_taken);
        assert!(take(60).is_taken);
        assert!(take(120).is_taken);
        let spent = take(180);
        assert_eq!(
            (spent.is_taken, spent.limit, spent.is_of_day),
            (false, 5, true)
        );
        assert_eq!(spent.reset_seconds, 86_400 - 180);
        assert!(take(86_400).is_taken);
    }
}
