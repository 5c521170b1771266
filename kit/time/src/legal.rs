//! When a legal period ends: articles 640 to 642 of the Code de procédure civile.

use jiff::Span;
use jiff::civil::Date;

use crate::days::{Unit, next_working_day};
use crate::error::LegalError;
use crate::holidays::{Territory, check_year};

/// The longest period: a century, in days.
pub const DAYS_MAX: u32 = 36_525;

/// The same century, in months.
const MONTHS_MAX: u32 = 1_200;

/// A length of time as a legal text gives it. Zero and more than a century
/// ([`DAYS_MAX`]) are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Period {
    /// Calendar days.
    Days(u32),
    /// Weeks, of seven calendar days each.
    Weeks(u32),
    /// Calendar months.
    Months(u32),
    /// Calendar months, then calendar days (article 641, paragraph 3).
    MonthsAndDays {
        /// Counted first.
        months: u32,
        /// Counted from where the months end.
        days: u32,
    },
    /// Calendar years.
    Years(u32),
    /// *Jours ouvrables*: see [`crate::is_open_day`].
    OpenDays(u32),
    /// *Jours ouvrés*: see [`crate::is_working_day`].
    WorkingDays(u32),
}

impl Period {
    /// What is counted one by one, and what a suspension keeps of the period.
    pub(crate) const fn unit(self) -> Unit {
        match self {
            Self::OpenDays(_) => Unit::Open,
            Self::WorkingDays(_) => Unit::Working,
            _ => Unit::Calendar,
        }
    }

    /// Months and then days (or open, or working days) that the period is made of.
    fn parts(self) -> Result<(u32, u32), LegalError> {
        let (months, days) = match self {
            Self::Days(n) | Self::OpenDays(n) | Self::WorkingDays(n) => (0, n),
            Self::Weeks(n) => (0, n.saturating_mul(7)),
            Self::Months(n) => (n, 0),
            Self::MonthsAndDays { months, days } => (months, days),
            Self::Years(n) => (n.saturating_mul(12), 0),
        };
        if months == 0 && days == 0 {
            return Err(LegalError::EmptyPeriod);
        }
        if months > MONTHS_MAX || days > DAYS_MAX {
            return Err(LegalError::PeriodTooLong { period: self });
        }
        Ok((months, days))
    }
}

/// What becomes of a period whose last day is a Saturday, a Sunday or a public holiday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extension {
    /// It runs on until the end of the next working day: article 642, paragraph 2, for acts that
    /// a person must do in time.
    NextWorkingDay,
    /// It ends on that day nevertheless.
    None,
}

/// How a period is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Computation {
    /// Whose holidays apply.
    pub territory: Territory,
    /// What a last day off the working week does.
    pub extension: Extension,
    /// *Délai franc*: neither the day of the act nor the day of expiry counts, so that the act can
    /// still be done on the day after (the next counted day, for open and working days).
    pub franc: bool,
}

impl Computation {
    /// The rule of articles 640 to 642 of the Code de procédure civile: the day of expiry counts,
    /// and a last day off the working week is moved to the next working day.
    pub const fn procedure(territory: Territory) -> Self {
        Self {
            territory,
            extension: Extension::NextWorkingDay,
            franc: false,
        }
    }

    /// An appeal to the administrative court (Code de justice administrative, R421-1): *franc*, and
    /// extended to the next working day (Conseil d'État, 5 June 2009, no. 312682, on the appeal of a
    /// prefect).
    pub const fn appeal(territory: Territory) -> Self {
        Self {
            territory,
            extension: Extension::NextWorkingDay,
            franc: true,
        }
    }

    /// The silence of an administration that becomes a decision (Code des relations entre le public
    /// et l'administration, L231-1 and L231-4): from one day of the month to the same day, neither
    /// *franc* nor extended. Article 642 governs acts to be done in time; the birth of an
    /// implicit decision needs no act, and the two articles extend it to no Monday.
    ///
    /// A text that sets its own rule for a procedure prevails: the caller then fills the fields.
    pub const fn silence(territory: Territory) -> Self {
        Self {
            territory,
            extension: Extension::None,
            franc: false,
        }
    }
}

/// The last day of a period; it expires at the end of that day, at midnight (article 642,
/// paragraph 1), so what its end brings about holds from the day after.
///
/// `start` is the day of the act, event, decision or notification that sets the period running
/// (article 640).
///
/// - In days, `start` does not count (article 641, paragraph 1).
/// - In months or years, the period ends on the day with the same number as `start`, or on the last
///   day of the month when that month has no such day (paragraph 2).
/// - In months and days, the months are counted first (paragraph 3).
/// - Then the day of a *délai franc* is added, and last comes the extension.
pub fn deadline(start: Date, period: Period, computation: Computation) -> Result<Date, LegalError> {
    computation.extend(expiry(start, period, computation)?)
}

/// The last day before any extension.
pub(crate) fn expiry(
    start: Date,
    period: Period,
    computation: Computation,
) -> Result<Date, LegalError> {
    check_year(start.year())?;
    let (months, days) = period.parts()?;
    let past = LegalError::PastCalendar { from: start };
    // jiff ends a sum of months on the last day of a month that is too short, as article 641 does.
    let span = Span::new().try_months(months).map_err(|_| past)?;
    let after_months = start.checked_add(span).map_err(|_| past)?;
    let days = days + u32::from(computation.franc);
    period
        .unit()
        .advance(after_months, days, computation.territory)
}

impl Computation {
    /// The day itself or, when it is extended, the working day on which the period then ends.
    pub(crate) fn extend(&self, day: Date) -> Result<Date, LegalError> {
        match self.extension {
            Extension::NextWorkingDay => next_working_day(day, self.territory),
            Extension::None => Ok(day),
        }
    }
}

#[cfg(test)]
mod tests;
