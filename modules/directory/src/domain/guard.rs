//! How tries at a secret are slowed, so that guessing is hopeless and nobody is locked out by
//! strangers.
//!
//! A lock on the account itself would be a weapon: whoever knows an address could keep its owner
//! out. So failures are counted where they happen:
//!
//! - in a **known device** (a browser in which this person has signed in before, told by a cookie of
//!   its own) only its own failures count: no stranger, however many, slows it;
//! - **strangers** (any other browser) are slowed by the failures of their network on this account,
//!   then by those of all strangers together, since many networks may guess for one purpose. Past a
//!   number of failures they can't try at all for a while.
//!
//! The owner in a new browser is a stranger too, and has two ways that no stranger can close: a link
//! by mail, which makes the browser known, and a passkey, of which nothing can be guessed.
//!
//! The same decision guards the second factor.

use jiff::{SignedDuration, Timestamp};

/// Failures of one place that cost nothing: people mistype.
pub(crate) const FREE_HERE: u32 = 5;
/// Failures of all strangers together that cost nothing.
pub(crate) const FREE_EVERYWHERE: u32 = 20;
/// Failures of all strangers together after which only the mail link or a passkey opens the account
/// to a stranger.
pub const STRANGERS_MAX: u32 = 50;
/// Failures after which a device is no longer known: its cookie may be in other hands.
pub const DEVICE_MAX: u32 = 10;
/// Failures are forgotten so long after the last one.
pub const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// Longest wait of a network.
const WAIT_HERE_MAX: SignedDuration = SignedDuration::from_hours(1);
/// Longest wait of a known device, and of strangers for what others did.
const WAIT_MAX: SignedDuration = SignedDuration::from_mins(15);

/// Failures in a row at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    /// How many.
    pub count: u32,
    /// When the last one was.
    pub last_at: Timestamp,
}

impl Failures {
    /// Those that aren't forgotten yet.
    pub fn count_at(self, now: Timestamp) -> u32 {
        if now.duration_since(self.last_at) >= FORGOTTEN_AFTER {
            0
        } else {
            self.count
        }
    }

    /// When the next try may be, if not at once: after one minute, doubling up to `longest`, from
    /// the `free`th failure on.
    fn wait(self, free: u32, longest: SignedDuration, now: Timestamp) -> Option<Timestamp> {
        let over = self.count_at(now).checked_sub(free)?;
        let pause = SignedDuration::from_mins(1_i64 << over.min(20)).min(longest);
        Some(self.last_at + pause).filter(|until| *until > now)
    }
}

/// Who tries, with the failures that count against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trier {
    /// A device that this account knows.
    Known(Failures),
    /// Any other.
    Stranger {
        /// Failures of its network on this account.
        here: Failures,
        /// Failures of all strangers on this account.
        everywhere: Failures,
    },
}

/// What becomes of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may be made, and counts as a failure until it succeeds.
    Try,
    /// Not before then.
    Wait(Timestamp),
    /// Not by guessing: by a link in the mailbox, or by a passkey.
    OtherWay,
}

/// Judges a try.
pub fn judge(trier: Trier, now: Timestamp) -> Verdict {
    let until = match trier {
        Trier::Known(own) => own.wait(FREE_HERE, WAIT_MAX, now),
        Trier::Stranger { here, everywhere } => {
            if everywhere.count_at(now) >= STRANGERS_MAX {
                return Verdict::OtherWay;
            }
            let by_network = here.wait(FREE_HERE, WAIT_HERE_MAX, now);
            by_network.max(everywhere.wait(FREE_EVERYWHERE, WAIT_MAX, now))
        }
    };
    until.map_or(Verdict::Try, Verdict::Wait)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn start() -> Timestamp {
        "2026-03-01T08:00:00Z".parse().unwrap()
    }

    fn failures(count: u32) -> Failures {
        Failures {
            count,
            last_at: start(),
        }
    }

    /// Minutes to wait right after the last failure.
    fn minutes(trier: Trier) -> i64 {
        match judge(trier, start()) {
            Verdict::Try => 0,
            Verdict::Wait(until) => until.duration_since(start()).as_mins(),
            Verdict::OtherWay => -1,
        }
    }

    #[test]
    fn waits_grow_and_end() {
        let known: Vec<_> = (0..11)
            .map(|count| minutes(Trier::Known(failures(count))))
            .collect();
        assert_eq!(known, [0, 0, 0, 0, 0, 1, 2, 4, 8, 15, 15]);
        let stranger = |here, everywhere| {
            minutes(Trier::Stranger {
                here: failures(here),
                everywhere: failures(everywhere),
            })
        };
        let here: Vec<_> = (4..13).map(|count| stranger(count, count)).collect();
        assert_eq!(here, [0, 1, 2, 4, 8, 16, 32, 60, 60]);
        let everywhere: Vec<_> = [19, 20, 21, 30, 49, 50]
            .map(|count| stranger(0, count))
            .into();
        assert_eq!(everywhere, [0, 1, 2, 15, 15, -1]);
    }

    #[test]
    fn failures_are_forgotten() {
        let later = start() + FORGOTTEN_AFTER;
        let shut = Trier::Stranger {
            here: failures(100),
            everywhere: failures(100),
        };
        assert_eq!(judge(shut, start()), Verdict::OtherWay);
        assert_eq!(judge(shut, later), Verdict::Try);
    }

    /// Places and their failures, as the store keeps them.
    #[derive(Default)]
    struct Kept(HashMap<u8, Failures>);

    const EVERYWHERE: u8 = u8::MAX;
    const DEVICE: u8 = u8::MAX - 1;

    impl Kept {
        fn of(&self, place: u8, now: Timestamp) -> Failures {
            let none = Failures {
                count: 0,
                last_at: now,
            };
            self.0.get(&place).copied().unwrap_or(none)
        }

        fn fail(&mut self, place: u8, now: Timestamp) {
            let count = self.of(place, now).count_at(now) + 1;
            let failures = Failures {
                count,
                last_at: now,
            };
            self.0.insert(place, failures);
        }

        /// A wrong guess of a stranger; gives whether it was tried.
        fn guess(&mut self, network: u8, now: Timestamp) -> bool {
            let trier = Trier::Stranger {
                here: self.of(network, now),
                everywhere: self.of(EVERYWHERE, now),
            };
            let passes = judge(trier, now) == Verdict::Try;
            if passes {
                self.fail(network, now);
                self.fail(EVERYWHERE, now);
            }
            passes
        }

        fn known(&self, now: Timestamp) -> Verdict {
            judge(Trier::Known(self.of(DEVICE, now)), now)
        }
    }

    proptest! {
        /// Whatever strangers do, whenever: a known device waits for nobody but itself.
        #[test]
        fn strangers_never_slow_a_known_device(
            steps in prop::collection::vec((any::<bool>(), 0_u8..20, 0_i64..100_000), 0..300),
        ) {
            let (mut with, mut without) = (Kept::default(), Kept::default());
            let mut now = start();
            for (is_stranger, network, seconds) in steps {
                now += SignedDuration::from_secs(seconds);
                if is_stranger {
                    with.guess(network, now);
                } else if with.known(now) == Verdict::Try {
                    with.fail(DEVICE, now);
                    without.fail(DEVICE, now);
                }
                prop_assert_eq!(with.known(now), without.known(now));
            }
        }

        /// However many networks guess, however they wait: a bounded number of guesses a day.
        #[test]
        fn guesses_are_bounded(
            steps in prop::collection::vec((0_u8..200, 0_i64..3_600), 0..600),
        ) {
            let mut kept = Kept::default();
            let (mut now, mut tried) = (start(), 0);
            for (network, seconds) in steps {
                now += SignedDuration::from_secs(seconds);
                tried += u32::from(kept.guess(network, now));
            }
            let days = now.duration_since(start()).as_hours() as u32 / 24;
            prop_assert!(tried <= STRANGERS_MAX * (days + 1));
        }

        /// One network alone gets no more than its free tries and one for each doubled wait.
        #[test]
        fn one_network_guesses_slowly(waits in prop::collection::vec(0_i64..60, 0..200)) {
            let mut kept = Kept::default();
            let (mut now, mut tried) = (start(), 0_u32);
            for seconds in waits {
                now += SignedDuration::from_secs(seconds);
                tried += u32::from(kept.guess(1, now));
            }
            let minutes = now.duration_since(start()).as_mins() as u64 + 1;
            // After n tries over the free ones, 2^n - 1 minutes have passed.
            let over = u64::BITS - minutes.leading_zeros();
            prop_assert!(tried <= FREE_HERE + over + 1);
        }

        #[test]
        fn any_failures_are_judged(count in any::<u32>(), seconds in -1_000_000_i64..1_000_000) {
            let now = start() + SignedDuration::from_secs(seconds);
            let trier = Trier::Stranger { here: failures(count), everywhere: failures(count) };
            let _ = judge(trier, now);
            let _ = judge(Trier::Known(failures(count)), now);
        }
    }
}
