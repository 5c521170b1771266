//! Leaves a host alone for a while when it fails again and again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use kit_time::Source;

/// Failures in a row after which a host rests.
pub const FAILURES_MAX: u32 = 5;
/// First rest; each failed trial doubles it.
pub const REST_MIN: Duration = Duration::from_secs(1);
/// Longest rest.
pub const REST_MAX: Duration = Duration::from_mins(5);
/// Most hosts that are remembered. Others supply the names, so there may be any number.
const HOSTS_MAX: usize = 4096;

/// What is known of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostHealth {
    /// `scheme://host:port`.
    pub origin: String,
    /// How it is treated.
    pub state: HostState,
    /// Failures in a row until now.
    pub failures: u32,
    /// When it last failed.
    pub failed_at: Option<Timestamp>,
    /// What the last failure was, without paths and secrets.
    pub failure: Option<String>,
    /// When it last answered.
    pub answered_at: Option<Timestamp>,
}

/// How a host is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostState {
    /// Requests go through.
    Open,
    /// Requests are refused.
    Resting {
        /// Until then.
        until: Timestamp,
    },
    /// The rest is over: the next request, or the one under way, is a trial.
    Trial,
}

#[derive(Debug, Default)]
struct Host {
    failures: u32,
    /// Since when, and for how long. Kept until an answer comes.
    rest: Option<(Timestamp, Duration)>,
    /// Whether the one trial after a rest is under way.
    trial: bool,
    failed_at: Option<Timestamp>,
    failure: Option<String>,
    answered_at: Option<Timestamp>,
    used_at: Timestamp,
}

impl Host {
    /// Until when it rests, if it does. A clock that was put back ends the rest.
    fn resting_until(&self, now: Timestamp) -> Option<Timestamp> {
        let (since, rest) = self.rest?;
        let rest = SignedDuration::try_from(rest).unwrap_or(SignedDuration::MAX);
        let until = since.saturating_add(rest).unwrap_or(Timestamp::MAX);
        (since <= now && now < until).then_some(until)
    }

    fn state(&self, now: Timestamp) -> HostState {
        match (self.rest, self.resting_until(now)) {
            (None, _) => HostState::Open,
            (Some(_), Some(until)) => HostState::Resting { until },
            (Some(_), None) => HostState::Trial,
        }
    }
}

/// Remembers how hosts did.
#[derive(Debug, Clone)]
pub(crate) struct Breaker {
    hosts: Arc<Mutex<HashMap<String, Host>>>,
    source: Source,
}

/// Leave to make one request. Dropped without a word, it counts as if it had not been given.
#[derive(Debug)]
pub(crate) struct Leave {
    breaker: Breaker,
    origin: String,
    is_trial: bool,
}

impl Breaker {
    pub(crate) fn new(source: Source) -> Self {
        Self {
            hosts: Arc::default(),
            source,
        }
    }

    /// Until when `origin` must not be asked, if it must not.
    pub(crate) fn refuses(&self, origin: &str) -> Option<Timestamp> {
        let now = self.source.now();
        let hosts = self.lock();
        let host = hosts.get(origin)?;
        refusal(host, now)
    }

    /// Leave to ask `origin`, or until when it must not be asked.
    pub(crate) fn admit(&self, origin: &str) -> Result<Leave, Timestamp> {
        let now = self.source.now();
        let mut hosts = self.lock();
        if hosts.len() >= HOSTS_MAX && !hosts.contains_key(origin) {
            forget_one(&mut hosts);
        }
        let host = hosts.entry(origin.to_owned()).or_default();
        host.used_at = now;
        if let Some(until) = refusal(host, now) {
            return Err(until);
        }
        let is_trial = host.rest.is_some();
        host.trial = is_trial;
        Ok(Leave {
            breaker: self.clone(),
            origin: origin.to_owned(),
            is_trial,
        })
    }

    /// What is known of every host, those that fail first, then by name.
    pub(crate) fn health(&self) -> Vec<HostHealth> {
        let now = self.source.now();
        let hosts = self.lock();
        let mut all: Vec<HostHealth> = hosts
            .iter()
            .map(|(origin, host)| HostHealth {
                origin: origin.clone(),
                state: host.state(now),
                failures: host.failures,
                failed_at: host.failed_at,
                failure: host.failure.clone(),
                answered_at: host.answered_at,
            })
            .collect();
        all.sort_by(|a, b| (a.failures == 0, &a.origin).cmp(&(b.failures == 0, &b.origin)));
        all
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Host>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refusal(host: &Host, now: Timestamp) -> Option<Timestamp> {
    // While a trial is under way everybody else comes back after the shortest rest.
    let after_trial = || {
        let soon = SignedDuration::try_from(REST_MIN).unwrap_or_default();
        host.trial
            .then(|| now.saturating_add(soon).unwrap_or(Timestamp::MAX))
    };
    host.resting_until(now).or_else(after_trial)
}

/// Makes room: the host unused for longest, one that does well before one that fails.
fn forget_one(hosts: &mut HashMap<String, Host>) {
    let oldest = hosts
        .iter()
        .min_by_key(|(_, host)| (host.failures > 0, host.used_at))
        .map(|(origin, _)| origin.clone());
    if let Some(origin) = oldest {
        hosts.remove(&origin);
    }
}

impl Leave {
    /// The host answered.
    pub(crate) fn answered(self) {
        let now = self.breaker.source.now();
        if let Some(host) = self.breaker.lock().get_mut(&self.origin) {
            host.failures = 0;
            host.rest = None;
            host.answered_at = Some(now);
        }
    }

    /// The host failed.
    pub(crate) fn failed(self, failure: String) {
        let now = self.breaker.source.now();
        if let Some(host) = self.breaker.lock().get_mut(&self.origin) {
            host.failures = host.failures.saturating_add(1);
            host.failed_at = Some(now);
            host.failure = Some(failure);
            host.rest = match host.rest {
                Some((_, rest)) if self.is_trial => Some((now, (rest * 2).min(REST_MAX))),
                // Requests that were under way when the rest began don't lengthen it.
                Some(rest) => Some(rest),
                None => (host.failures >= FAILURES_MAX).then_some((now, REST_MIN)),
            };
        }
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        if self.is_trial
            && let Some(host) = self.breaker.lock().get_mut(&self.origin)
        {
            host.trial = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use kit_time::FixedClock;

    use super::*;

    const HOST: &str = "https://a.example:443";

    fn breaker() -> (Breaker, Arc<FixedClock>) {
        let clock = Arc::new(FixedClock::new("2026-11-24T00:00:00Z".parse().unwrap()));
        (Breaker::new(Source::with_clock(clock.clone(), 1)), clock)
    }

    fn fail(breaker: &Breaker, times: u32) {
        for _ in 0..times {
            breaker.admit(HOST).unwrap().failed("no".to_owned());
        }
    }

    fn rest_left(breaker: &Breaker) -> i64 {
        let until = breaker.admit(HOST).unwrap_err();
        until.duration_since(breaker.source.now()).as_secs()
    }

    #[test]
    fn rests_double_up_to_the_longest() {
        let (breaker, clock) = breaker();
        fail(&breaker, FAILURES_MAX - 1);
        assert_eq!(breaker.refuses(HOST), None);
        fail(&breaker, 1);
        for rest in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
            assert_eq!(rest_left(&breaker), rest);
            clock.advance(SignedDuration::from_secs(rest));
            assert_eq!(breaker.health()[0].state, HostState::Trial);
            fail(&breaker, 1);
        }
        clock.advance(SignedDuration::from_secs(300));
        breaker.admit(HOST).unwrap().answered();
        assert_eq!(breaker.health()[0].state, HostState::Open);
        // As good as new: it takes as many failures again.
        fail(&breaker, FAILURES_MAX - 1);
        assert_eq!(breaker.refuses(HOST), None);
    }

    #[test]
    fn an_answer_in_between_starts_the_count_again() {
        let (breaker, _) = breaker();
        fail(&breaker, FAILURES_MAX - 1);
        breaker.admit(HOST).unwrap().answered();
        fail(&breaker, FAILURES_MAX - 1);
        assert_eq!(breaker.refuses(HOST), None);
    }

    #[test]
    fn one_trial_at_a_time_and_an_abandoned_one_leaves_room() {
        let (breaker, clock) = breaker();
        fail(&breaker, FAILURES_MAX);
        clock.advance(SignedDuration::from_secs(1));
        let trial = breaker.admit(HOST).unwrap();
        assert!(breaker.refuses(HOST).is_some());
        assert!(breaker.admit(HOST).is_err());
        drop(trial);
        assert_eq!(breaker.refuses(HOST), None);
        breaker.admit(HOST).unwrap().answered();
        assert!(breaker.admit(HOST).is_ok());
    }

    #[test]
    fn late_failures_do_not_lengthen_a_rest() {
        let (breaker, clock) = breaker();
        let late: Vec<Leave> = (0..3).map(|_| breaker.admit(HOST).unwrap()).collect();
        fail(&breaker, FAILURES_MAX);
        for leave in late {
            leave.failed("late".to_owned());
        }
        assert_eq!(rest_left(&breaker), 1);
        // Nor does a clock that is put back.
        clock.advance(SignedDuration::from_hours(-1));
        assert_eq!(breaker.refuses(HOST), None);
    }

    #[test]
    fn no_more_hosts_are_remembered_than_fit_and_failing_ones_stay() {
        let (breaker, clock) = breaker();
        fail(&breaker, FAILURES_MAX);
        for at in 0..HOSTS_MAX + 10 {
            clock.advance(SignedDuration::from_secs(1));
            let origin = format!("https://{at}.example:443");
            breaker.admit(&origin).unwrap().answered();
        }
        let health = breaker.health();
        assert_eq!(health.len(), HOSTS_MAX);
        assert_eq!((health[0].origin.as_str(), health[0].failures), (HOST, 5));
    }
}
