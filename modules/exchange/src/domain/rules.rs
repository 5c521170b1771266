//! Rules by which flows are watched: what is counted in a window, and when it is too much.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use kit_time::Territory;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::api::codes;
use super::mistake::{Mistake, Reader};

/// Most rules of one API.
pub const RULES_MAX: usize = 50;
/// Longest name of a rule, in characters.
pub const RULE_NAME_CHARS_MAX: usize = 100;
/// Most calls that a rule lets pass in a window.
const CALLS_MAX: u64 = 100_000_000;
/// Most people that a rule lets pass in a window, and most calls outside of the hours.
const PEOPLE_MAX: u64 = 100_000;
const HOUR_SECONDS: i64 = 3_600;

codes! {
    /// What a rule counts.
    RuleKind {
        /// Calls.
        Volume => "volume",
        /// Calls outside of the hours that are allowed.
        Hours => "hours",
        /// The share of calls that were refused or asked for what nobody knows.
        Errors => "errors",
        /// Different people asked about.
        Enumeration => "enumeration",
    }
}

codes! {
    /// In what time it counts: windows follow one another, they don't slide.
    Window {
        /// An hour of the clock.
        Hour => "hour",
        /// A day in Paris.
        Day => "day",
    }
}

codes! {
    /// What happens when it is too much.
    Effect {
        /// People are told.
        Alert => "alert",
        /// People are told, and the accreditation's calls to the API that the rule watches are stopped.
        SuspendApi => "suspend-api",
        /// People are told, and the accreditation's calls for all of the producer's data are stopped.
        Suspend => "suspend",
    }
}

codes! {
    /// What became of an alert.
    Handled {
        /// The flow stays stopped.
        Kept => "kept",
        /// The flow goes on.
        Resumed => "resumed",
        /// It was looked at.
        Closed => "closed",
    }
}

codes! {
    /// What a gateway saw by itself.
    GatewaySign {
        /// An accreditation asks about more people than usual.
        ManyPeople => "many-people",
        /// An accreditation is suspended at the gateway until the hour ends.
        Suspended => "suspended",
    }
}

impl Window {
    /// The window in which an instant stands: its first instant, and the first one after it.
    pub fn bounds(self, at: Timestamp, zone: &TimeZone) -> (Timestamp, Timestamp) {
        match self {
            Self::Hour => {
                let from = hour_of(at);
                (from, from + SignedDuration::from_hours(1))
            }
            Self::Day => {
                let day = zone.to_datetime(at).date();
                let begins = |day: jiff::civil::Date| {
                    let begun = day.to_zoned_datetime(zone.clone());
                    begun.map_or(at, |begun| begun.timestamp())
                };
                (begins(day), begins(day.saturating_add(1.day())))
            }
        }
    }
}

/// The first instant of the hour in which an instant stands.
pub fn hour_of(at: Timestamp) -> Timestamp {
    let seconds = at.as_second();
    let hour = seconds - seconds.rem_euclid(HOUR_SECONDS);
    Timestamp::from_second(hour).unwrap_or(at)
}

/// When calls are expected, in Paris.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowedHours {
    /// The first hour of a day, from 0 to 23.
    pub from: u8,
    /// The hour at which they end, from 1 to 24.
    pub to: u8,
    /// Monday to Sunday.
    pub days: [bool; 7],
    /// Whether public holidays are days as others.
    pub holidays: bool,
}

impl AllowedHours {
    /// Whether calls are expected in the hour that begins at an instant.
    pub fn allow(&self, hour: Timestamp, zone: &TimeZone) -> bool {
        let at = zone.to_datetime(hour);
        let weekday = at.date().weekday().to_monday_zero_offset();
        let is_day = self.days.get(usize::from(weekday.unsigned_abs()));
        // Beyond the years whose holidays are known, none is.
        let is_holiday = kit_time::is_holiday(at.date(), Territory::National).unwrap_or(false);
        let hours = i16::from(self.from)..i16::from(self.to);
        is_day == Some(&true)
            && (self.holidays || !is_holiday)
            && hours.contains(&i16::from(at.hour()))
    }
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// What people call it.
    pub name: String,
    /// What it counts.
    pub kind: RuleKind,
    /// In what time.
    pub window: Window,
    /// It fires above: calls, calls outside of the hours, percent of the calls, people.
    pub limit: u64,
    /// Below so many calls in the window a share says nothing; 0 for other kinds.
    pub calls_min: u64,
    /// When calls are expected; for [`RuleKind::Hours`] alone.
    pub hours: Option<AllowedHours>,
    /// What happens.
    pub effect: Effect,
}

/// Calls of one accreditation in one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HourCount {
    /// The first instant of the hour.
    pub hour: Timestamp,
    /// Calls.
    pub calls: u64,
    /// Those that were refused (4xx), for which nobody was known (404) among them.
    pub refused: u64,
}

/// What was counted in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Calls.
    pub calls: u64,
    /// Those that were refused.
    pub refused: u64,
    /// What the rule compares with its limit, in the limit's unit, rounded down.
    pub value: u64,
}

/// What a rule stops of an accreditation's calls for a producer's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Those to one API.
    Api(Uuid),
    /// All of them.
    Producer,
}

impl Reach {
    /// The API, where it is one alone.
    pub fn api(self) -> Option<Uuid> {
        match self {
            Self::Api(api) => Some(api),
            Self::Producer => None,
        }
    }
}

impl Rule {
    /// What it stops when it watches an API and fires; `None` when it alerts only.
    pub fn stops(&self, api: Uuid) -> Option<Reach> {
        match self.effect {
            Effect::Alert => None,
            Effect::SuspendApi => Some(Reach::Api(api)),
            Effect::Suspend => Some(Reach::Producer),
        }
    }

    /// Counts the hours of a window.
    pub fn measure(&self, hours: &[HourCount], people: u64, zone: &TimeZone) -> Measured {
        let calls: u64 = hours.iter().map(|one| one.calls).sum();
        let refused: u64 = hours.iter().map(|one| one.refused).sum();
        let value = match self.kind {
            RuleKind::Volume => calls,
            RuleKind::Hours => hours
                .iter()
                .filter(|one| {
                    self.hours
                        .is_some_and(|allowed| !allowed.allow(one.hour, zone))
                })
                .map(|one| one.calls)
                .sum(),
            RuleKind::Errors => (refused * 100).checked_div(calls).unwrap_or(0),
            RuleKind::Enumeration => people,
        };
        Measured {
            calls,
            refused,
            value,
        }
    }

    /// Whether what was counted is too much.
    pub fn is_over(&self, measured: &Measured) -> bool {
        match self.kind {
            RuleKind::Errors => {
                measured.calls >= self.calls_min
                    && measured.refused * 100 > self.limit * measured.calls
            }
            RuleKind::Volume | RuleKind::Hours | RuleKind::Enumeration => {
                measured.value > self.limit
            }
        }
    }
}

/// A window in which a rule would have fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WouldFire {
    /// Whose calls.
    pub accreditation: Uuid,
    /// The window.
    pub window: (Timestamp, Timestamp),
    /// What was counted.
    pub measured: Measured,
}

/// What a rule would have done with calls of the past: hours by accreditation, and for a rule that
/// counts people, who was asked about when. The latest first.
pub fn would_fire(
    rule: &Rule,
    hours: &[(Uuid, HourCount)],
    people: &[(Uuid, Timestamp, String)],
    zone: &TimeZone,
) -> Vec<WouldFire> {
    type Place = (Uuid, (Timestamp, Timestamp));
    let mut windows: BTreeMap<Place, (Vec<HourCount>, BTreeSet<&str>)> = BTreeMap::new();
    for (accreditation, hour) in hours {
        let place = (*accreditation, rule.window.bounds(hour.hour, zone));
        windows.entry(place).or_default().0.push(*hour);
    }
    for (accreditation, at, subject) in people {
        let place = (*accreditation, rule.window.bounds(*at, zone));
        windows.entry(place).or_default().1.insert(subject);
    }
    let mut fired: Vec<WouldFire> = windows
        .into_iter()
        .map(|((accreditation, window), (hours, people))| WouldFire {
            accreditation,
            window,
            measured: rule.measure(&hours, people.len() as u64, zone),
        })
        .filter(|one| rule.is_over(&one.measured))
        .collect();
    fired.sort_by_key(|one| (std::cmp::Reverse(one.window.0), one.accreditation));
    fired
}

/// A rule, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleForm {
    /// The API's id.
    pub api: String,
    /// The operation's id; empty: all of the API.
    pub operation: String,
    /// What people call it.
    pub name: String,
    /// A code of [`RuleKind`].
    pub kind: String,
    /// A code of [`Window`].
    pub window: String,
    /// The limit, in the unit of the kind.
    pub limit: String,
    /// For a share: the fewest calls.
    pub calls_min: String,
    /// For hours: the first one.
    pub from_hour: String,
    /// For hours: when they end.
    pub to_hour: String,
    /// For hours: `1` (Monday) to `7`.
    pub days: Vec<String>,
    /// For hours: whether holidays are days as others.
    pub holidays: bool,
    /// A code of [`Effect`].
    pub effect: String,
}

impl RuleForm {
    /// The form of a rule that stands.
    pub fn of(api: Uuid, operation: Option<Uuid>, rule: &Rule) -> Self {
        let hours = rule.hours;
        let days = hours.map_or([false; 7], |hours| hours.days);
        let ticked = (1..=7).zip(days).filter(|(_, is_allowed)| *is_allowed);
        Self {
            api: api.to_string(),
            operation: operation.map(|id| id.to_string()).unwrap_or_default(),
            name: rule.name.clone(),
            kind: rule.kind.code().to_owned(),
            window: rule.window.code().to_owned(),
            limit: rule.limit.to_string(),
            calls_min: match rule.kind {
                RuleKind::Errors => rule.calls_min.to_string(),
                _ => String::new(),
            },
            from_hour: hours
                .map(|hours| hours.from.to_string())
                .unwrap_or_default(),
            to_hour: hours.map(|hours| hours.to.to_string()).unwrap_or_default(),
            days: ticked.map(|(day, _)| day.to_string()).collect(),
            holidays: hours.is_some_and(|hours| hours.holidays),
            effect: rule.effect.code().to_owned(),
        }
    }

    /// The API, the operation and the rule, or every mistake.
    pub fn check(&self) -> Result<(Uuid, Option<Uuid>, Rule), Vec<Mistake>> {
        let mut read = Reader::default();
        let api = self.api.trim().parse::<Uuid>().ok();
        if api.is_none() {
            read.wrong("api", "exchange-mistake-choice", "");
        }
        let operation = match self.operation.trim() {
            "" => Some(None),
            text => text.parse::<Uuid>().ok().map(Some),
        };
        if operation.is_none() {
            read.wrong("operation", "exchange-mistake-choice", "");
        }
        let name = read.text("name", &self.name, true, RULE_NAME_CHARS_MAX);
        let kind = chosen(&mut read, "kind", RuleKind::parse(&self.kind));
        let window = chosen(&mut read, "window", Window::parse(&self.window));
        let effect = chosen(&mut read, "effect", Effect::parse(&self.effect));
        let limits = match kind {
            Some(RuleKind::Hours) => (0, PEOPLE_MAX),
            Some(RuleKind::Errors) => (1, 99),
            Some(RuleKind::Enumeration) => (1, PEOPLE_MAX),
            Some(RuleKind::Volume) | None => (1, CALLS_MAX),
        };
        let limit = read.number("limit", &self.limit, limits);
        let calls_min = match kind {
            Some(RuleKind::Errors) => read.number("calls_min", &self.calls_min, (1, CALLS_MAX)),
            _ => 0,
        };
        let hours = match kind {
            Some(RuleKind::Hours) => Some(self.allowed(&mut read)),
            _ => None,
        };
        match (api, operation, kind, window, effect) {
            (Some(api), Some(operation), Some(kind), Some(window), Some(effect))
                if read.mistakes.is_empty() =>
            {
                let rule = Rule {
                    name,
                    kind,
                    window,
                    limit,
                    calls_min,
                    hours,
                    effect,
                };
                Ok((api, operation, rule))
            }
            _ => Err(read.mistakes),
        }
    }

    fn allowed(&self, read: &mut Reader) -> AllowedHours {
        let before = read.mistakes.len();
        let from = read.number("from_hour", &self.from_hour, (0, 23));
        let to = read.number("to_hour", &self.to_hour, (1, 24));
        if from >= to && read.mistakes.len() == before {
            read.wrong("to_hour", "exchange-mistake-hours", from);
        }
        let mut days = [false; 7];
        for day in &self.days {
            match day.parse::<usize>() {
                Ok(day @ 1..=7) => days[day - 1] = true,
                _ => read.wrong("days", "exchange-mistake-choice", ""),
            }
        }
        let small = |hour: u64| u8::try_from(hour).unwrap_or(24);
        AllowedHours {
            from: small(from),
            to: small(to),
            days,
            holidays: self.holidays,
        }
    }
}

fn chosen<T>(read: &mut Reader, field: &'static str, found: Option<T>) -> Option<T> {
    if found.is_none() {
        read.wrong(field, "exchange-mistake-choice", "");
    }
    found
}

#[cfg(test)]
mod tests;
