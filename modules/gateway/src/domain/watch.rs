//! Whether somebody goes through identities one after the other.

use std::collections::HashSet;

/// How many different people one accreditation may ask about in a window before somebody looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Seconds of a window.
    pub window_seconds: i64,
    /// Different people after which an alarm is raised.
    pub alert: usize,
    /// Different people after which the accreditation is suspended until the window ends.
    pub suspend: usize,
    /// Different people whom the producer doesn't know, after which it is suspended: who asks for
    /// people that exist seldom misses, who tries numbers mostly does.
    pub suspend_unknown: usize,
}

impl Default for Rule {
    /// An hour; 2,000, 10,000, and 200 unknown.
    fn default() -> Self {
        Self {
            window_seconds: 3_600,
            alert: 2_000,
            suspend: 10_000,
            suspend_unknown: 200,
        }
    }
}

/// What is to be done about an accreditation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Calm,
    /// Tell somebody: said once in a window.
    Alert,
    /// Suspend and tell: said once in a window.
    Suspend,
}

/// Whom one accreditation asked about in the window that goes on. Holds eight bytes for each person,
/// and nothing from which one could be known again: numbers made from pseudonyms.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    window: i64,
    subjects: HashSet<u64>,
    unknown: HashSet<u64>,
    is_alerted: bool,
    suspended_until: Option<i64>,
}

impl Watch {
    /// Until when the accreditation is suspended, in seconds since 1970.
    pub fn suspended_until(&self, now: i64) -> Option<i64> {
        self.suspended_until.filter(|until| now < *until)
    }

    /// Notes that `subject` was asked about at `now`, and whether the producer knew it. Beyond the
    /// number that suspends, nothing more is kept.
    pub fn note(&mut self, rule: &Rule, subject: u64, is_known: bool, now: i64) -> Verdict {
        let window = now.div_euclid(rule.window_seconds);
        if window != self.window {
            *self = Self {
                window,
                ..Self::default()
            };
        }
        if self.suspended_until.is_some() {
            return Verdict::Calm;
        }
        self.subjects.insert(subject);
        if !is_known {
            self.unknown.insert(subject);
        }
        if self.subjects.len() >= rule.suspend || self.unknown.len() >= rule.suspend_unknown {
            self.suspended_until = Some((window + 1) * rule.window_seconds);
            self.subjects = HashSet::new();
            self.unknown = HashSet::new();
            return Verdict::Suspend;
        }
        if self.subjects.len() >= rule.alert && !self.is_alerted {
            self.is_alerted = true;
            return Verdict::Alert;
        }
        Verdict::Calm
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule {
        window_seconds: 3_600,
        alert: 5,
        suspend: 10,
        suspend_unknown: 3,
    };

    #[test]
    fn enumeration_of_identities_is_seen() {
        let mut watch = Watch::default();
        let verdicts: Vec<Verdict> = (1..=11)
            .map(|one| watch.note(&RULE, one, true, 3_600))
            .collect();
        let mut expected = [Verdict::Calm; 11];
        expected[4] = Verdict::Alert;
        expected[9] = Verdict::Suspend;
        assert_eq!(verdicts, expected);
        assert_eq!(watch.suspended_until(3_700), Some(7_200));
        assert_eq!(watch.suspended_until(7_200), None);
        // A new window begins anew.
        assert_eq!(watch.note(&RULE, 1, true, 7_200), Verdict::Calm);
    }

    #[test]
    fn the_same_people_again_are_no_enumeration() {
        let mut watch = Watch::default();
        for call in 0..1_000 {
            assert_eq!(
                watch.note(&RULE, call % 4, true, call as i64),
                Verdict::Calm
            );
        }
    }

    #[test]
    fn numbers_that_nobody_has_are_seen_sooner() {
        let mut watch = Watch::default();
        assert_eq!(watch.note(&RULE, 1, false, 0), Verdict::Calm);
        assert_eq!(watch.note(&RULE, 1, false, 0), Verdict::Calm);
        assert_eq!(watch.note(&RULE, 2, false, 0), Verdict::Calm);
        assert_eq!(watch.note(&RULE, 3, false, 0), Verdict::Suspend);
    }
}
