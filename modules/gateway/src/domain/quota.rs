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

/// With how many gateways limits are shared, and whether what the others count is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sharing {
    /// Gateways that live, this one among them: at least 1.
    pub gateways: u64,
    /// Whether the others' counts were told a moment ago. Where they weren't, a gateway takes its share
    /// of what was left when it heard of them last.
    pub is_fresh: bool,
}

impl Sharing {
    /// No other gateway is known.
    pub const ALONE: Self = Self {
        gateways: 1,
        is_fresh: true,
    };
}

/// Calls counted in a window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// Which window: instants divided by its length.
    index: i64,
    count: u64,
    /// What others counted in it, as it was told last.
    others: u64,
    /// What this one had counted by then.
    counted: u64,
}

impl Window {
    /// Calls counted in the window of `now`.
    pub fn count(&mut self, now: i64, seconds: i64) -> u64 {
        let index = now.div_euclid(seconds);
        if index != self.index {
            *self = Self {
                index,
                ..Self::default()
            };
        }
        self.count
    }

    /// Others have counted so much in a window, when this one had counted `counted`. What was told of
    /// a window never shrinks.
    pub fn told(&mut self, index: i64, counted: u64, others: u64) {
        if index == self.index {
            self.others = self.others.max(others);
            self.counted = self.counted.max(counted);
        }
    }

    /// Calls that are left of a limit.
    fn left(&self, limit: u64, sharing: Sharing) -> u64 {
        let rest = limit.saturating_sub(self.others);
        if sharing.is_fresh {
            return rest.saturating_sub(self.count);
        }
        let rest = rest.saturating_sub(self.counted);
        let share = rest.div_ceil(sharing.gateways.max(1));
        self.counted
            .saturating_add(share)
            .saturating_sub(self.count)
    }
}

/// The calls of one accreditation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quota {
    minute: Window,
    day: Window,
    /// Whether something was counted that others don't know.
    is_untold: bool,
}

/// What was counted, to tell others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Which minute: minutes since 1970.
    pub minute: i64,
    /// Calls in it.
    pub in_minute: u64,
    /// Which day: days since 1970.
    pub day: i64,
    /// Calls on it.
    pub in_day: u64,
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
    pub fn take(&mut self, limits: Limits, sharing: Sharing, now: i64) -> Standing {
        self.minute.count(now, MINUTE_SECONDS);
        self.day.count(now, DAY_SECONDS);
        let is_taken = self.minute.left(limits.per_minute, sharing) > 0
            && self.day.left(limits.per_day, sharing) > 0;
        if is_taken {
            self.minute.count += 1;
            self.day.count += 1;
        }
        // A call that is refused is told as well: what others counted may be old.
        self.is_untold = true;
        let left_of_minute = self.minute.left(limits.per_minute, sharing);
        let left_of_day = self.day.left(limits.per_day, sharing);
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

    /// What was counted, when others don't know it.
    pub fn untold(&self) -> Option<Counted> {
        self.is_untold.then_some(self.counted())
    }

    fn counted(&self) -> Counted {
        Counted {
            minute: self.minute.index,
            in_minute: self.minute.count,
            day: self.day.index,
            in_day: self.day.count,
        }
    }

    /// The others know what was `counted`, and have counted `others` in the same windows.
    pub fn told(&mut self, counted: Counted, others: Counted) {
        self.is_untold = self.counted() != counted;
        let (minute, day) = (counted.minute, counted.day);
        self.minute
            .told(minute, counted.in_minute, others.in_minute);
        self.day.told(day, counted.in_day, others.in_day);
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
        let mut take = |second: i64| quota.take(LIMITS, Sharing::ALONE, midnight + second);
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

    const NOON: i64 = 86_400 * 20_000 + 43_200;

    /// Takes as many as are let through.
    fn take_all(quota: &mut Quota, limits: Limits, sharing: Sharing, now: i64) -> u64 {
        (0..1_000)
            .filter(|_| quota.take(limits, sharing, now).is_taken)
            .count() as u64
    }

    fn others(of: Counted, in_minute: u64, in_day: u64) -> Counted {
        Counted {
            in_minute,
            in_day,
            ..of
        }
    }

    #[test]
    fn what_others_counted_is_gone() {
        let limits = Limits {
            per_minute: 10,
            per_day: 100,
        };
        let fresh = Sharing {
            gateways: 3,
            is_fresh: true,
        };
        let mut quota = Quota::default();
        assert_eq!(quota.untold(), None);
        assert!(quota.take(limits, fresh, NOON).is_taken);
        let counted = quota.untold().unwrap();
        assert_eq!((counted.in_minute, counted.in_day), (1, 1));
        quota.told(counted, others(counted, 6, 95));
        assert_eq!(quota.untold(), None);
        // Nine less six of the minute; ninety-nine less ninety-five of the day.
        assert_eq!(take_all(&mut quota, limits, fresh, NOON), 3);
        // A late answer takes nothing back.
        quota.told(counted, others(counted, 2, 20));
        assert_eq!(take_all(&mut quota, limits, fresh, NOON), 0);
        assert!(quota.untold().is_some());
        // The next minute is whole, the day isn't.
        assert_eq!(take_all(&mut quota, limits, fresh, NOON + 60), 1);
        // What is told of a minute that is over changes nothing of the one that is.
        quota.told(counted, others(counted, 1_000, 95));
        assert_eq!(take_all(&mut quota, limits, fresh, NOON + 86_400), 10);
    }

    #[test]
    fn gateways_that_are_all_cut_off_share_what_was_left() {
        for (gateways, limit, spent) in [(3, 30, 9), (3, 30, 0), (4, 10, 10), (2, 7, 1), (5, 3, 0)]
        {
            let limits = Limits {
                per_minute: limit,
                per_day: 1_000,
            };
            let cut_off = Sharing {
                gateways,
                is_fresh: false,
            };
            let mut all = 0;
            for number in 0..gateways {
                let mut quota = Quota::default();
                let own = if number == 0 { spent } else { 0 };
                let together = Sharing {
                    gateways,
                    is_fresh: true,
                };
                for _ in 0..own {
                    quota.take(limits, together, NOON);
                }
                let counted = quota.counted();
                let told = Counted {
                    minute: NOON / 60,
                    day: NOON / 86_400,
                    ..counted
                };
                quota.minute.count(NOON, 60);
                quota.day.count(NOON, 86_400);
                quota.told(told, others(told, spent - own, spent - own));
                all += own + take_all(&mut quota, limits, cut_off, NOON);
                // The next minute it takes its share of a whole limit.
                let share = take_all(&mut quota, limits, cut_off, NOON + 60);
                assert_eq!(share, limit.div_ceil(gateways));
            }
            assert!(all >= limit, "{all} of {limit} at {gateways}");
            assert!(all < limit + gateways, "{all} of {limit} at {gateways}");
        }
    }
}
