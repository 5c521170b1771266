//! Which days of a mission somebody may record.

use jiff::civil::Date;

use super::weeks::is_worked;

/// What is known when a day is recorded, in half days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// The mission's first day.
    pub from: Date,
    /// Its last day.
    pub to: Date,
    /// What was agreed for the expert.
    pub agreed: u32,
    /// What the expert spent on the mission's other days.
    pub spent: u32,
    /// What the expert spent on that day at other missions.
    pub elsewhere: u32,
}

/// Why a day can't be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayRefusal {
    /// It is still to come; holds today.
    Future(Date),
    /// It comes before the mission; holds its first day.
    Before(Date),
    /// It comes after the mission, which wasn't extended; holds its last day.
    After(Date),
    /// A Saturday, a Sunday or a public holiday.
    NotWorked,
    /// More than was agreed; holds what is left, in half days.
    TooMuch(u32),
    /// More than a day with what was recorded at other missions; holds what is left, in half days.
    DayFull(u32),
}

/// Whether `half_days` (0 takes the day away, 2 at most) can be recorded on a day.
pub fn check_day(
    known: &Recorded,
    on: Date,
    half_days: u32,
    today: Date,
) -> Result<(), DayRefusal> {
    if on > today {
        return Err(DayRefusal::Future(today));
    }
    if on < known.from {
        return Err(DayRefusal::Before(known.from));
    }
    if half_days == 0 {
        return Ok(());
    }
    if on > known.to {
        return Err(DayRefusal::After(known.to));
    }
    if !is_worked(on) {
        return Err(DayRefusal::NotWorked);
    }
    let left = known.agreed.saturating_sub(known.spent);
    if half_days > left {
        return Err(DayRefusal::TooMuch(left));
    }
    let left = 2_u32.saturating_sub(known.elsewhere);
    if half_days > left {
        return Err(DayRefusal::DayFull(left));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const KNOWN: Recorded = Recorded {
        from: date(2026, 3, 2),
        to: date(2026, 3, 31),
        agreed: 6,
        spent: 5,
        elsewhere: 1,
    };

    #[test]
    fn each_refusal_tells_its_limit() {
        let today = date(2026, 4, 10);
        let check = |on, half_days| check_day(&KNOWN, on, half_days, today);
        assert_eq!(check(date(2026, 4, 11), 1), Err(DayRefusal::Future(today)));
        assert_eq!(
            check(date(2026, 3, 1), 1),
            Err(DayRefusal::Before(KNOWN.from))
        );
        assert_eq!(check(date(2026, 4, 1), 1), Err(DayRefusal::After(KNOWN.to)));
        assert_eq!(check(date(2026, 3, 7), 1), Err(DayRefusal::NotWorked));
        assert_eq!(check(date(2026, 3, 3), 2), Err(DayRefusal::TooMuch(1)));
        let more = Recorded {
            agreed: 20,
            ..KNOWN
        };
        let full = check_day(&more, date(2026, 3, 3), 2, today);
        assert_eq!(full, Err(DayRefusal::DayFull(1)));
        assert_eq!(check(date(2026, 3, 3), 1), Ok(()));
    }

    proptest! {
        #[test]
        fn what_is_recorded_never_exceeds_what_was_agreed(
            days in prop::collection::vec((0..60_i64, 0..3_u32), 0..60), agreed in 0..20_u32,
        ) {
            let today = date(2026, 4, 1);
            let mut kept = std::collections::BTreeMap::new();
            for (after, half_days) in days {
                let on = KNOWN.from.saturating_add((after - 5).days());
                let others = kept.iter().filter(|(day, _)| **day != on);
                let known = Recorded {
                    agreed,
                    spent: others.map(|(_, spent)| *spent).sum(),
                    elsewhere: 0,
                    ..KNOWN
                };
                if check_day(&known, on, half_days, today).is_ok() {
                    kept.insert(on, half_days);
                }
            }
            prop_assert!(kept.values().sum::<u32>() <= agreed);
            prop_assert!(kept.keys().all(|day| *day >= KNOWN.from && *day <= today));
        }
    }
}
