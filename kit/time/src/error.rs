//! What a count of legal time refuses.

use jiff::civil::Date;

use crate::holidays::{YEAR_MAX, YEAR_MIN};
use crate::legal::{DAYS_MAX, Period};

/// Why a holiday, a day or a deadline could not be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LegalError {
    /// The year lies outside [`YEAR_MIN`] to [`YEAR_MAX`].
    #[error("the public holidays of {year} are not known: only {YEAR_MIN} to {YEAR_MAX} are")]
    UnknownYear {
        /// The year asked for.
        year: i16,
    },
    /// The count runs past the last day of [`YEAR_MAX`].
    #[error("a count from {from} runs past the year {YEAR_MAX}")]
    PastCalendar {
        /// Where the count started.
        from: Date,
    },
    /// A period of nothing has no end.
    #[error("a period holds at least one day")]
    EmptyPeriod,
    /// The period exceeds about a century ([`DAYS_MAX`]).
    #[error("the period {period:?} exceeds the limit of a century, {DAYS_MAX} days")]
    PeriodTooLong {
        /// The period asked for.
        period: Period,
    },
    /// More than [`DAYS_MAX`] working days were to be added.
    #[error("{days} days exceed the limit of {DAYS_MAX}")]
    TooManyDays {
        /// The number asked for.
        days: u32,
    },
    /// Days were to be counted towards the past.
    #[error("{to} comes before {from}: days are counted forward")]
    Backwards {
        /// The day that the count leaves out.
        from: Date,
        /// The last day to count.
        to: Date,
    },
}

/// Why an event cannot follow what a [`crate::LegalClock`] already went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// The event, or the day asked about, comes before the clock starts.
    #[error("{on} comes before the start of the clock on {start}")]
    BeforeStart {
        /// The day of the event or of the question.
        on: Date,
        /// The day on which the clock starts.
        start: Date,
    },
    /// The event comes before one that was already recorded.
    #[error("{on} comes before the latest event, of {last}")]
    OutOfOrder {
        /// The day of the event.
        on: Date,
        /// The day of the latest event.
        last: Date,
    },
    /// The clock is suspended already.
    #[error("cannot suspend on {on}: the clock is suspended since {since}")]
    AlreadySuspended {
        /// The day of the second suspension.
        on: Date,
        /// The day of the first.
        since: Date,
    },
    /// The clock is running: there is nothing to resume.
    #[error("cannot resume on {on}: the clock is not suspended")]
    NotSuspended {
        /// The day of the resumption.
        on: Date,
    },
    /// The period had expired before the event.
    #[error("nothing can happen on {on}: the period expired on {expired_on}")]
    AlreadyExpired {
        /// The day of the event.
        on: Date,
        /// The last day of the period.
        expired_on: Date,
    },
    /// A date could not be computed.
    #[error(transparent)]
    Legal(#[from] LegalError),
}
