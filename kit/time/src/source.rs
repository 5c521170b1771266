//! The one place that reads the wall clock and the operating system's randomness.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use uuid::Uuid;

/// The civil time zone of the State: legal dates are counted in it.
pub const PARIS: &str = "Europe/Paris";

/// The civil date of an instant in Paris.
pub fn day_in_paris(at: Timestamp) -> Date {
    let zone = TimeZone::get(PARIS).unwrap_or(TimeZone::UTC);
    zone.to_datetime(at).date()
}

/// Tells the instant.
pub trait Clock: Send + Sync {
    /// The current instant.
    fn now(&self) -> Timestamp;
}

/// Draws random bytes fit for secrets.
pub trait Randomness: Send + Sync {
    /// Fills `bytes` with random bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // the one reading of the wall clock
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The machine's clock, put forward: the demo State as it will be on another day.
#[derive(Debug, Clone, Copy)]
struct ForwardClock(SignedDuration);

impl Clock for ForwardClock {
    fn now(&self) -> Timestamp {
        let now = SystemClock.now();
        now.saturating_add(self.0).unwrap_or(now)
    }
}

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct FixedClock(Mutex<Timestamp>);

impl FixedClock {
    /// A clock that stands at `at`.
    pub fn new(at: Timestamp) -> Self {
        Self(Mutex::new(at))
    }

    /// Moves the clock forward (or, with a negative duration, backward).
    pub fn advance(&self, by: SignedDuration) {
        let mut at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *at = at.saturating_add(by).unwrap_or(*at);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The operating system's randomness, through a generator fit for secrets.
struct SystemRandomness;

impl Randomness for SystemRandomness {
    #[allow(clippy::disallowed_methods)] // the one draw of thread randomness
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

struct SeededRandomness(Mutex<StdRng>);

impl Randomness for SeededRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill_bytes(bytes);
    }
}

/// Clock, randomness and ids in one cheap clone.
#[derive(Clone)]
pub struct Source {
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source")
            .field("now", &self.now())
            .finish_non_exhaustive()
    }
}

impl Source {
    /// The machine's clock and randomness.
    pub fn system() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            randomness: Arc::new(SystemRandomness),
        }
    }

    /// The machine's randomness, and its clock put forward by some days of 24 hours.
    pub fn days_ahead(days: u16) -> Self {
        Self {
            clock: Arc::new(ForwardClock(SignedDuration::from_hours(
                24 * i64::from(days),
            ))),
            ..Self::system()
        }
    }

    /// A clock that stands at `at` and randomness drawn from `seed`: for tests and the demo State.
    pub fn fixed(at: Timestamp, seed: u64) -> Self {
        Self::with_clock(Arc::new(FixedClock::new(at)), seed)
    }

    /// A clock of the caller's and randomness drawn from `seed`.
    pub fn with_clock(clock: Arc<dyn Clock>, seed: u64) -> Self {
        let randomness = SeededRandomness(Mutex::new(StdRng::seed_from_u64(seed)));
        Self {
            clock,
            randomness: Arc::new(randomness),
        }
    }

    /// The current instant, cut to the microsecond: what both databases keep.
    pub fn now(&self) -> Timestamp {
        let now = self.clock.now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    /// The current civil date in Paris.
    pub fn today(&self) -> Date {
        day_in_paris(self.now())
    }

    /// A new identifier, ordered by time (UUID version 7, RFC 9562).
    pub fn new_id(&self) -> Uuid {
        let millis = u64::try_from(self.now().as_millisecond()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.random()).into_uuid()
    }

    /// `N` random bytes, fit for secrets when the source is the system's.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.randomness.fill(&mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_source_repeats_itself() {
        let at: Timestamp = "2026-03-29T00:30:00Z".parse().unwrap();
        let (a, b) = (Source::fixed(at, 7), Source::fixed(at, 7));
        assert_eq!(a.new_id(), b.new_id());
        assert_ne!(a.new_id(), a.new_id());
        assert_eq!(a.new_id().get_version_num(), 7);
    }

    #[test]
    fn a_source_ahead_goes_on_from_another_day() {
        let (now, then) = (Source::system().now(), Source::days_ahead(40).now());
        let ahead = then.duration_since(now).as_hours();
        assert_eq!(ahead, 40 * 24);
    }

    #[test]
    fn the_date_is_the_date_in_paris() {
        let source = Source::fixed("2026-06-30T22:30:00Z".parse().unwrap(), 1);
        assert_eq!(source.today(), jiff::civil::date(2026, 7, 1));
    }
}
