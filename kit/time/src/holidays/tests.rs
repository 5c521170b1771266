//! Known Easters, known lists, and what holds of every year.

use super::*;
use jiff::civil::Weekday;
use proptest::prelude::*;

fn dates(year: i16, territory: Territory) -> Vec<String> {
    let list = holidays(year, territory).unwrap();
    list.iter()
        .map(|holiday| holiday.date.strftime("%m-%d").to_string())
        .collect()
}

#[test]
fn easter_of_known_years() {
    let known = [
        (1990, 4, 15),
        (1991, 3, 31),
        (1994, 4, 3),
        (1997, 3, 30),
        (2000, 4, 23),
        (2005, 3, 27),
        (2008, 3, 23),
        (2011, 4, 24),
        (2016, 3, 27),
        (2019, 4, 21),
        (2020, 4, 12),
        (2021, 4, 4),
        (2022, 4, 17),
        (2023, 4, 9),
        (2024, 3, 31),
        (2025, 4, 20),
        (2026, 4, 5),
        (2027, 3, 28),
        (2030, 4, 21),
        (2035, 3, 25),
        (2038, 4, 25),
        (2040, 4, 1),
    ];
    for (year, month, day) in known {
        assert_eq!(easter_sunday(year).unwrap(), date(year, month, day));
    }
}

#[test]
fn the_national_lists_of_2024_to_2026() {
    let lists = [
        (
            2024,
            "01-01 04-01 05-01 05-08 05-09 05-20 07-14 08-15 11-01 11-11 12-25",
        ),
        (
            2025,
            "01-01 04-21 05-01 05-08 05-29 06-09 07-14 08-15 11-01 11-11 12-25",
        ),
        (
            2026,
            "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25",
        ),
    ];
    for (year, list) in lists {
        assert_eq!(dates(year, Territory::National).join(" "), list);
    }
}

#[test]
fn territories_add_their_own() {
    let added = |year, territory| -> Vec<String> {
        let national = dates(year, Territory::National);
        let mut all = dates(year, territory);
        all.retain(|day| !national.contains(day));
        all
    };
    assert_eq!(added(2025, Territory::AlsaceMoselle), ["04-18", "12-26"]);
    assert_eq!(
        added(2025, Territory::AlsaceMoselleWithoutTemple),
        ["12-26"]
    );
    assert_eq!(added(2025, Territory::Guadeloupe), ["05-27"]);
    assert_eq!(added(2025, Territory::Guyane), ["06-10"]);
    assert_eq!(added(2025, Territory::Martinique), ["05-22"]);
    assert_eq!(added(2025, Territory::Mayotte), ["04-27"]);
    assert_eq!(added(2025, Territory::Reunion), ["12-20"]);
    assert_eq!(added(2025, Territory::SaintBarthelemy), ["10-09"]);
    assert_eq!(added(2025, Territory::SaintMartin), ["05-28"]);
    assert_eq!(added(2018, Territory::SaintMartin), ["05-27"]);
}

#[test]
fn two_holidays_can_share_a_date() {
    let of_2008 = holidays(2008, Territory::National).unwrap();
    let first_of_may = date(2008, 5, 1);
    let kinds: Vec<_> = of_2008
        .iter()
        .filter(|holiday| holiday.date == first_of_may)
        .map(|holiday| holiday.kind)
        .collect();
    assert_eq!(kinds, [HolidayKind::LabourDay, HolidayKind::Ascension]);
    assert_eq!(is_holiday(first_of_may, Territory::National), Ok(true));
}

#[test]
fn unknown_years_are_refused() {
    let refusal = LegalError::UnknownYear { year: 1981 };
    assert_eq!(holidays(1981, Territory::National), Err(refusal));
    assert_eq!(
        is_holiday(date(1981, 5, 8), Territory::National),
        Err(refusal)
    );
    assert!(refusal.to_string().contains("1982 to 9999"));
    assert!(holidays(YEAR_MAX, Territory::Reunion).is_ok());
}

proptest! {
    #[test]
    fn easter_is_a_sunday_of_its_season(year in YEAR_MIN..=YEAR_MAX) {
        let easter = easter_sunday(year).unwrap();
        prop_assert_eq!(easter.weekday(), Weekday::Sunday);
        prop_assert!(date(year, 3, 22) <= easter && easter <= date(year, 4, 25));
    }

    #[test]
    fn a_holiday_is_one_of_the_list(year in YEAR_MIN..=YEAR_MAX, of_year in 0..365_i64) {
        let day = date(year, 1, 1).saturating_add(jiff::SignedDuration::from_hours(24 * of_year));
        for territory in Territory::ALL {
            let listed = holidays(year, territory).unwrap().iter().any(|h| h.date == day);
            prop_assert_eq!(is_holiday(day, territory).unwrap(), listed);
        }
    }
}
