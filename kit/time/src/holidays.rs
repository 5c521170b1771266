//! French public holidays: the list of the Code du travail and those of some territories.

use jiff::civil::{Date, date};

use crate::error::LegalError;

/// The first year whose holidays are known: in 1982 the national list took the form that it still
/// has (law 81-893 of 2 October 1981 gave 8 May back).
pub const YEAR_MIN: i16 = 1982;

/// The last year whose holidays are known: the last one of the calendar of `jiff`.
pub const YEAR_MAX: i16 = 9999;

/// Where a period is counted: some territories have holidays of their own, which add to the
/// national list.
///
/// The lists are those in force in 2024, told for every year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Territory {
    /// Wherever no other variant applies: the national list alone.
    #[default]
    National,
    /// Moselle, Bas-Rhin, Haut-Rhin, in a commune with a Protestant temple or a mixed church: Good
    /// Friday and 26 December (Code du travail, L3134-13).
    AlsaceMoselle,
    /// Moselle, Bas-Rhin, Haut-Rhin, in any other commune: 26 December alone (L3134-13).
    AlsaceMoselleWithoutTemple,
    /// 27 May (Code du travail, L3422-2, as the next six).
    Guadeloupe,
    /// 10 June.
    Guyane,
    /// 22 May.
    Martinique,
    /// 27 April.
    Mayotte,
    /// 20 December.
    Reunion,
    /// 9 October.
    SaintBarthelemy,
    /// 28 May since 2019, 27 May before. The State has held the day on 28 May since then, while
    /// article L3422-2 was still printed with 27 May.
    SaintMartin,
}

impl Territory {
    /// Every territory.
    pub const ALL: [Self; 10] = [
        Self::National,
        Self::AlsaceMoselle,
        Self::AlsaceMoselleWithoutTemple,
        Self::Guadeloupe,
        Self::Guyane,
        Self::Martinique,
        Self::Mayotte,
        Self::Reunion,
        Self::SaintBarthelemy,
        Self::SaintMartin,
    ];

    /// Month and day of the commemoration of the abolition of slavery (L3422-2).
    const fn abolition(self, year: i16) -> Option<(i8, i8)> {
        match self {
            Self::National | Self::AlsaceMoselle | Self::AlsaceMoselleWithoutTemple => None,
            Self::Guadeloupe => Some((5, 27)),
            Self::Guyane => Some((6, 10)),
            Self::Martinique => Some((5, 22)),
            Self::Mayotte => Some((4, 27)),
            Self::Reunion => Some((12, 20)),
            Self::SaintBarthelemy => Some((10, 9)),
            Self::SaintMartin if year < 2019 => Some((5, 27)),
            Self::SaintMartin => Some((5, 28)),
        }
    }
}

/// What a holiday celebrates: a key for the words of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HolidayKind {
    /// 1 January.
    NewYear,
    /// Two days before Easter, in Alsace-Moselle.
    GoodFriday,
    /// The day after Easter.
    EasterMonday,
    /// 1 May.
    LabourDay,
    /// 8 May.
    VictoryDay,
    /// 39 days after Easter.
    Ascension,
    /// 50 days after Easter.
    WhitMonday,
    /// The day of the territory, overseas.
    AbolitionOfSlavery,
    /// 14 July.
    NationalDay,
    /// 15 August.
    Assumption,
    /// 1 November.
    AllSaints,
    /// 11 November.
    Armistice,
    /// 25 December.
    Christmas,
    /// 26 December, in Alsace-Moselle.
    SaintStephen,
}

/// One public holiday of one year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Holiday {
    /// The day.
    pub date: Date,
    /// What it celebrates.
    pub kind: HolidayKind,
}

/// Easter Sunday of the Gregorian calendar: the anonymous algorithm that Butcher (1876) and Meeus
/// (Astronomical Algorithms, chapter 8) give, valid for every Gregorian year.
pub fn easter_sunday(year: i16) -> Result<Date, LegalError> {
    check_year(year)?;
    let y = i32::from(year);
    let (golden, century, of_century) = (y % 19, y / 100, y % 100);
    let leap = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - leap + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let rank = epact + weekday - 7 * late + 114;
    Ok(date(year, (rank / 31) as i8, (rank % 31 + 1) as i8))
}

/// The public holidays of a year in a territory, in order (Code du travail, L3133-1). Two of them
/// can share a date: Ascension fell on 1 May in 2008.
///
/// Days off that a custom, an agreement or a bridge day adds are not holidays in this sense.
pub fn holidays(year: i16, territory: Territory) -> Result<Vec<Holiday>, LegalError> {
    let mut found: Vec<Holiday> = each(year, territory)?.collect();
    found.sort_unstable();
    Ok(found)
}

/// Whether a day is a public holiday in a territory; Sundays are not holidays in this sense.
pub fn is_holiday(day: Date, territory: Territory) -> Result<bool, LegalError> {
    Ok(each(day.year(), territory)?.any(|holiday| holiday.date == day))
}

pub(crate) fn check_year(year: i16) -> Result<(), LegalError> {
    if (YEAR_MIN..=YEAR_MAX).contains(&year) {
        Ok(())
    } else {
        Err(LegalError::UnknownYear { year })
    }
}

fn each(year: i16, territory: Territory) -> Result<impl Iterator<Item = Holiday>, LegalError> {
    use HolidayKind as Kind;
    let easter = easter_sunday(year)?;
    let temple = territory == Territory::AlsaceMoselle;
    let local = temple || territory == Territory::AlsaceMoselleWithoutTemple;
    let fixed = [
        (1, 1, Kind::NewYear),
        (5, 1, Kind::LabourDay),
        (5, 8, Kind::VictoryDay),
        (7, 14, Kind::NationalDay),
        (8, 15, Kind::Assumption),
        (11, 1, Kind::AllSaints),
        (11, 11, Kind::Armistice),
        (12, 25, Kind::Christmas),
    ];
    let movable = [
        (1, Kind::EasterMonday),
        (39, Kind::Ascension),
        (50, Kind::WhitMonday),
    ];
    let abolition = territory
        .abolition(year)
        .map(|(month, day)| (month, day, Kind::AbolitionOfSlavery));
    let fixed = fixed
        .into_iter()
        .chain(local.then_some((12, 26, Kind::SaintStephen)))
        .chain(abolition)
        .map(move |(month, day, kind)| (date(year, month, day), kind));
    let movable = movable
        .into_iter()
        .chain(temple.then_some((-2, Kind::GoodFriday)))
        .map(move |(days, kind)| {
            // Easter lies between 22 March and 25 April: neither end of the calendar is near.
            let after = jiff::SignedDuration::from_hours(24 * days);
            (easter.saturating_add(after), kind)
        });
    Ok(fixed
        .chain(movable)
        .map(|(date, kind)| Holiday { date, kind }))
}

#[cfg(test)]
mod tests;
