//! Time of experts, in half days, week by week. A working day is two half days.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use kit_time::Territory;

/// Half days of a full week.
pub const FULL_WEEK: u32 = 10;
/// Longest time that is looked at, in weeks.
pub(super) const WEEKS_MAX: usize = 160;

/// A time during which somebody works less than usual: nothing tells why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub to: Date,
    /// Half days per week during it: 0 when somebody is absent.
    pub half_days_week: u32,
}

/// When somebody can work for the brigade.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Availability {
    /// Half days per week: 1 to 10.
    pub half_days_week: u32,
    /// The first day; none: since ever.
    pub from: Option<Date>,
    /// The last day; none: for good.
    pub until: Option<Date>,
    /// Absences and part time.
    pub periods: Vec<Period>,
}

/// Half days of each week, which its Monday names.
pub type Weeks = BTreeMap<Date, u32>;

/// The Monday of a day's week.
pub fn monday(day: Date) -> Date {
    let since = i64::from(day.weekday().since(Weekday::Monday));
    day.saturating_sub(since.days())
}

/// Whether a day is worked: neither a Saturday, a Sunday nor a public holiday of the whole country.
pub fn is_worked(day: Date) -> bool {
    kit_time::is_working_day(day, Territory::National).unwrap_or(false)
}

/// The Mondays of the weeks that a time touches, at most [`WEEKS_MAX`].
pub fn mondays(from: Date, to: Date) -> impl Iterator<Item = Date> {
    let first = monday(from);
    let next = |week: &Date| week.checked_add(7.days()).ok();
    std::iter::successors(Some(first), next)
        .take_while(move |week| *week <= to)
        .take(WEEKS_MAX)
}

impl Availability {
    /// Half days per week that hold on a day.
    fn rate(&self, day: Date) -> u32 {
        if self.from.is_some_and(|from| day < from) || self.until.is_some_and(|until| day > until) {
            return 0;
        }
        let of_periods = self
            .periods
            .iter()
            .filter(|period| period.from <= day && day <= period.to)
            .map(|period| period.half_days_week);
        of_periods.chain([self.half_days_week]).min().unwrap_or(0)
    }

    /// Half days of one week between two days: a fifth of the weekly rate for each working day,
    /// rounded down.
    pub fn of_week(&self, week: Date, from: Date, to: Date) -> u32 {
        let days = (0..7_i64).filter_map(|at| week.checked_add(at.days()).ok());
        let within = days.filter(|day| from <= *day && *day <= to && is_worked(*day));
        within.map(|day| self.rate(day)).sum::<u32>() / 5
    }

    /// Half days of each whole week that a time touches.
    pub fn whole_weeks(&self, from: Date, to: Date) -> Weeks {
        mondays(from, to)
            .map(|week| (week, self.of_week(week, Date::MIN, Date::MAX)))
            .collect()
    }

    /// Half days of each week that are left between two days beside what is booked.
    pub fn free(&self, booked: &Weeks, from: Date, to: Date) -> Weeks {
        let left = |week: Date| {
            let whole = self.of_week(week, Date::MIN, Date::MAX);
            let taken = booked.get(&week).copied().unwrap_or(0);
            whole
                .saturating_sub(taken)
                .min(self.of_week(week, from, to))
        };
        mondays(from, to).map(|week| (week, left(week))).collect()
    }
}

/// Spreads half days over weeks in proportion to what is free there; `None` when they don't fit.
/// What is cut off by rounding goes to the weeks that lost most, the earlier one first.
pub fn spread(half_days: u32, free: &Weeks) -> Option<Weeks> {
    let total: u32 = free.values().sum();
    if half_days > total {
        return None;
    }
    let mut shares: Vec<(Date, u32, u64)> = free
        .iter()
        .filter(|(_, left)| **left > 0)
        .map(|(week, left)| {
            let exact = u64::from(half_days) * u64::from(*left);
            let whole = exact / u64::from(total);
            (*week, whole as u32, exact % u64::from(total))
        })
        .collect();
    let mut rest = half_days - shares.iter().map(|(_, whole, _)| whole).sum::<u32>();
    shares.sort_by_key(|(week, _, lost)| (std::cmp::Reverse(*lost), *week));
    for (_, whole, lost) in &mut shares {
        // A week that lost nothing already has its share; what is cut off is less than one each.
        if rest > 0 && *lost > 0 {
            *whole += 1;
            rest -= 1;
        }
    }
    let spread = shares.into_iter().map(|(week, whole, _)| (week, whole));
    Some(spread.filter(|(_, whole)| *whole > 0).collect())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn full() -> Availability {
        Availability {
            half_days_week: FULL_WEEK,
            ..Availability::default()
        }
    }

    #[test]
    fn a_holiday_is_not_worked() {
        // 1 May 2026 is a Friday; 14 May, Ascension, a Thursday.
        let weeks = full().whole_weeks(date(2026, 4, 27), date(2026, 5, 17));
        let all: Vec<u32> = weeks.into_values().collect();
        assert_eq!(all, [8, 8, 8]);
    }

    #[test]
    fn part_time_is_a_share_of_the_days() {
        let three_days = Availability {
            half_days_week: 6,
            ..Availability::default()
        };
        assert_eq!(
            three_days.of_week(date(2026, 3, 2), Date::MIN, Date::MAX),
            6
        );
        // Four working days of five: 4.8 half days, rounded down.
        assert_eq!(
            three_days.of_week(date(2026, 4, 27), Date::MIN, Date::MAX),
            4
        );
    }

    #[test]
    fn an_absence_leaves_the_other_days() {
        let mut one = full();
        one.periods.push(Period {
            from: date(2026, 3, 4),
            to: date(2026, 3, 10),
            half_days_week: 0,
        });
        let weeks = one.whole_weeks(date(2026, 3, 2), date(2026, 3, 15));
        assert_eq!(weeks.into_values().collect::<Vec<_>>(), [4, 6]);
    }

    #[test]
    fn what_does_not_fit_is_not_spread() {
        let free = Weeks::from([(date(2026, 3, 2), 4), (date(2026, 3, 9), 3)]);
        assert_eq!(spread(8, &free), None);
        let spread = spread(5, &free).unwrap();
        assert_eq!(spread.into_values().collect::<Vec<_>>(), [3, 2]);
    }

    proptest! {
        #[test]
        fn spreading_gives_exactly_what_was_asked(
            free in prop::collection::vec(0..10_u32, 1..20), half_days in 0..200_u32,
        ) {
            let weeks: Weeks = mondays(date(2026, 1, 5), date(2027, 1, 5)).zip(free).collect();
            let total: u32 = weeks.values().sum();
            match spread(half_days, &weeks) {
                None => prop_assert!(half_days > total),
                Some(spread) => {
                    prop_assert_eq!(spread.values().sum::<u32>(), half_days);
                    for (week, part) in &spread {
                        prop_assert!(*part <= weeks[week]);
                    }
                }
            }
        }

        #[test]
        fn what_is_free_never_exceeds_what_is_available(
            rate in 1..=10_u32, taken in 0..20_u32, start in 0..300_i64, length in 0..90_i64,
        ) {
            let from = date(2026, 1, 1).saturating_add(start.days());
            let to = from.saturating_add(length.days());
            let one = Availability { half_days_week: rate, ..Availability::default() };
            let booked: Weeks = mondays(from, to).map(|week| (week, taken)).collect();
            let whole = one.whole_weeks(from, to);
            for (week, free) in one.free(&booked, from, to) {
                prop_assert!(free + taken.min(whole[&week]) <= whole[&week]);
            }
        }
    }
}
