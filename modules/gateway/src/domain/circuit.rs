//! Leaves a producer's address alone for a while when it fails again and again.

/// Failures in a row after which an address rests.
pub const FAILURES_MAX: u32 = 5;
/// First rest, in milliseconds; each failed trial doubles it.
pub const REST_MS_MIN: i64 = 1_000;
/// Longest rest, in milliseconds.
pub const REST_MS_MAX: i64 = 30_000;

/// How an address did. Instants are milliseconds since 1970, and never go back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Circuit {
    failures: u32,
    rest_ms: i64,
    resting_until: Option<i64>,
    /// Since when the one trial after a rest is under way.
    trial_since: Option<i64>,
}

impl Circuit {
    /// Whether the address may be asked now; `Err` is when to try again. After a rest one call is
    /// let through as a trial; one that never told what came of it is forgotten after the longest
    /// time that a producer may take.
    pub fn admit(&mut self, now_ms: i64) -> Result<(), i64> {
        let Some(until) = self.resting_until else {
            return Ok(());
        };
        if now_ms < until {
            return Err(until);
        }
        let lost = super::book::TIMEOUT_MS_MAX.into();
        match self.trial_since {
            Some(since) if now_ms - since < lost => Err(now_ms + REST_MS_MIN),
            _ => {
                self.trial_since = Some(now_ms);
                Ok(())
            }
        }
    }

    /// Whether it does well: nothing failed since it last answered.
    pub fn is_well(&self) -> bool {
        self.failures == 0
    }

    /// It answered.
    pub fn answered(&mut self) {
        *self = Self::default();
    }

    /// It failed. Whether it rests from now on and didn't before.
    pub fn failed(&mut self, now_ms: i64) -> bool {
        self.failures = self.failures.saturating_add(1);
        match self.resting_until {
            None if self.failures < FAILURES_MAX => false,
            None => {
                self.rest_ms = REST_MS_MIN;
                self.resting_until = Some(now_ms + self.rest_ms);
                true
            }
            Some(_) if self.trial_since.take().is_some() => {
                self.rest_ms = (self.rest_ms * 2).min(REST_MS_MAX);
                self.resting_until = Some(now_ms + self.rest_ms);
                false
            }
            // Calls that were under way when the rest began don't lengthen it.
            Some(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_double_up_to_the_longest_and_an_answer_ends_them() {
        let mut circuit = Circuit::default();
        let mut now = 1_000_000;
        for failure in 1..=FAILURES_MAX {
            assert_eq!(circuit.admit(now), Ok(()));
            assert_eq!(circuit.failed(now), failure == FAILURES_MAX);
        }
        for rest in [1, 2, 4, 8, 16, 30, 30] {
            assert_eq!(circuit.admit(now + 1), Err(now + rest * 1_000));
            // One that was under way.
            assert!(!circuit.failed(now));
            now += rest * 1_000;
            assert_eq!(circuit.admit(now), Ok(()), "a trial");
            assert_eq!(circuit.admit(now), Err(now + REST_MS_MIN), "one at a time");
            circuit.failed(now);
        }
        now += REST_MS_MAX;
        assert_eq!(circuit.admit(now), Ok(()));
        // The trial is lost: another is let through later.
        now += 10_000;
        assert_eq!(circuit.admit(now), Ok(()));
        circuit.answered();
        assert!(circuit.is_well());
        assert_eq!(circuit.admit(now), Ok(()));
    }
}
