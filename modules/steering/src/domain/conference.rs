//! A ministry's digital conference: its states, and who adopts its minutes.
//!
//! ```text
//!   planned ──prepare──▶ prepared ──hold──▶ held ──adopted by both sides──▶ closed
//!      └────────cancel───────┘
//! ```
//! Preparing freezes the file of each project. The minutes are written once it is held; a change of
//! them takes back what was adopted. Nothing changes once both sides adopted.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::typed;
use super::{Axis, Mistake, Reader};
use crate::WORDING;

/// Most people of one side.
const PEOPLE_MAX: usize = 20;
/// Most conferences are planned within so many years.
const YEARS_AHEAD_MAX: i16 = 3;

kit_acts::coded! {
    /// Whether it is the year's.
    ConferenceKind {
        /// The one of the year.
        Ordinary = "ordinary",
        /// Another one, with a reason.
        Extraordinary = "extraordinary",
    }
}

kit_acts::coded! {
    /// Where a conference stands.
    ConferenceState {
        /// Its day is set; the agenda is being made.
        Planned = "planned",
        /// The agenda stands and the files are frozen.
        Prepared = "prepared",
        /// It took place; its minutes are being written.
        Held = "held",
        /// Both sides adopted its minutes.
        Closed = "closed",
        /// It won't take place.
        Cancelled = "cancelled",
    }
}

kit_acts::coded! {
    /// What is done with a conference.
    ConferenceAct {
        /// The agenda stands: files are frozen.
        Prepare = "prepare",
        /// It took place.
        Hold = "held",
        /// The directorate adopts the minutes.
        AdoptDirectorate = "adopt-directorate",
        /// The ministry adopts them.
        AdoptMinistry = "adopt-ministry",
        /// It won't take place.
        Cancel = "cancel",
        /// Something is added to adopted minutes, with its day.
        Add = "add",
    }
}

kit_acts::coded! {
    /// For whom somebody takes part.
    Party {
        /// The digital directorate.
        Directorate = "directorate",
        /// The ministry.
        Ministry = "ministry",
        /// The Budget directorate.
        Budget = "budget",
    }
}

/// Somebody who takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// For whom.
    pub party: Party,
    /// Its name.
    pub name: String,
    /// Its role; may be empty.
    pub role: String,
}

/// One side adopted the minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adoption {
    /// When.
    pub on: Date,
    /// Who; none: the platform.
    pub by: Option<Uuid>,
    /// Its name.
    pub name: String,
}

/// What a conference's next state depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConferenceLife {
    /// Where it stands.
    pub state: ConferenceState,
    /// Its day in Paris.
    pub day: Date,
    /// When its files were frozen.
    pub frozen_on: Option<Date>,
    /// The directorate's adoption.
    pub directorate: Option<Adoption>,
    /// The ministry's.
    pub ministry: Option<Adoption>,
    /// When both had adopted.
    pub closed_on: Option<Date>,
}

/// Why an act isn't possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConferenceRefusal {
    /// Not from this state.
    #[error("not in this state")]
    State,
    /// Its day hasn't come.
    #[error("before {0}")]
    Early(Date),
    /// The agenda is empty.
    #[error("an empty agenda")]
    Empty,
    /// So many points have neither a decision nor a reason for none.
    #[error("{0} points without minutes")]
    Unwritten(usize),
    /// One person can't adopt for both sides.
    #[error("adopted for the other side by the same person")]
    SamePerson,
}

impl ConferenceLife {
    /// One that is planned for a day.
    pub fn planned(day: Date) -> Self {
        Self {
            state: ConferenceState::Planned,
            day,
            frozen_on: None,
            directorate: None,
            ministry: None,
            closed_on: None,
        }
    }

    /// What it becomes by an act of somebody on a day; `points` are on its agenda, of which
    /// `unwritten` have no minutes.
    pub fn after(
        &self,
        act: ConferenceAct,
        by: &Adoption,
        (points, unwritten): (usize, usize),
    ) -> Result<Self, ConferenceRefusal> {
        use ConferenceState as S;
        let mut next = self.clone();
        match (act, self.state) {
            (ConferenceAct::Prepare, S::Planned) => {
                if points == 0 {
                    return Err(ConferenceRefusal::Empty);
                }
                next.state = S::Prepared;
                next.frozen_on = Some(by.on);
            }
            (ConferenceAct::Hold, S::Prepared) => {
                if by.on < self.day {
                    return Err(ConferenceRefusal::Early(self.day));
                }
                next.state = S::Held;
            }
            (ConferenceAct::AdoptDirectorate | ConferenceAct::AdoptMinistry, S::Held) => {
                if unwritten > 0 {
                    return Err(ConferenceRefusal::Unwritten(unwritten));
                }
                let (own, other) = if act == ConferenceAct::AdoptMinistry {
                    (&mut next.ministry, &next.directorate)
                } else {
                    (&mut next.directorate, &next.ministry)
                };
                if own.is_some() {
                    return Err(ConferenceRefusal::State);
                }
                if other.as_ref().is_some_and(|other| other.by == by.by) {
                    return Err(ConferenceRefusal::SamePerson);
                }
                *own = Some(by.clone());
                if next.directorate.is_some() && next.ministry.is_some() {
                    next.state = S::Closed;
                    next.closed_on = Some(by.on);
                }
            }
            (ConferenceAct::Cancel, S::Planned | S::Prepared) => next.state = S::Cancelled,
            (ConferenceAct::Add, S::Closed) => {}
            _ => return Err(ConferenceRefusal::State),
        }
        Ok(next)
    }

    /// What it becomes when its minutes change: nobody adopted these.
    pub fn rewritten(&self) -> Result<Self, ConferenceRefusal> {
        if self.state != ConferenceState::Held {
            return Err(ConferenceRefusal::State);
        }
        Ok(Self {
            directorate: None,
            ministry: None,
            ..self.clone()
        })
    }

    /// Whether its day and place can change.
    pub fn is_movable(&self) -> bool {
        matches!(
            self.state,
            ConferenceState::Planned | ConferenceState::Prepared
        )
    }
}

/// What somebody plans.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConferenceForm {
    /// A kind's code.
    pub kind: String,
    /// Why, for an extraordinary one; why it is moved, for a change.
    pub reason: String,
    /// Day, month, year.
    pub day: [String; 3],
    /// Hours and minutes in Paris: `14:30`, `14 h 30`, `14h30`.
    pub hour: String,
    /// Where.
    pub place: String,
    /// One a line, `name, role`: of the directorate, the ministry, the Budget directorate.
    pub people: [String; 3],
}

/// What the form says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConferenceRead {
    pub(crate) kind: ConferenceKind,
    pub(crate) reason: String,
    pub(crate) day: Date,
    pub(crate) hour: String,
    pub(crate) place: String,
    pub(crate) participants: Vec<Participant>,
}

/// `14:30` of what people type; none when it is no hour of a day.
fn hour(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (hours, minutes) = plain.split_once([':', 'h', 'H'])?;
    let minutes = if minutes.is_empty() { "0" } else { minutes };
    let time = Time::new(hours.parse().ok()?, minutes.parse().ok()?, 0, 0).ok()?;
    Some(time.strftime("%H:%M").to_string())
}

/// Whether clocks in Paris show this hour on that day: in March one is left out.
fn exists_in_paris(day: Date, hour: &str) -> bool {
    let Ok(zone) = TimeZone::get(kit_time::PARIS) else {
        return true;
    };
    let time: Option<Time> = Time::strptime("%H:%M", hour).ok();
    time.is_none_or(|time| {
        let at = zone.to_ambiguous_timestamp(day.to_datetime(time));
        !matches!(at.offset(), jiff::tz::AmbiguousOffset::Gap { .. })
    })
}

impl ConferenceForm {
    /// The form of what stands.
    pub(crate) fn of(
        kind: ConferenceKind,
        (day, hour, place): (Date, &str, &str),
        participants: &[Participant],
    ) -> Self {
        let lines = |party: Party| {
            let of_party = participants.iter().filter(|one| one.party == party);
            let lines: Vec<String> = of_party
                .map(|one| {
                    if one.role.is_empty() {
                        one.name.clone()
                    } else {
                        format!("{}, {}", one.name, one.role)
                    }
                })
                .collect();
            lines.join("\n")
        };
        Self {
            kind: kind.code().to_owned(),
            reason: String::new(),
            day: typed(day),
            hour: hour.to_owned(),
            place: place.to_owned(),
            people: [Party::Directorate, Party::Ministry, Party::Budget].map(lines),
        }
    }

    fn people(&self, reader: &mut Reader) -> Vec<Participant> {
        let mut all = Vec::new();
        for (party, text) in Party::ALL.iter().zip(&self.people) {
            let field = format!("people-{}", party.code());
            let text = reader.text(&field, text, 4_000);
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            let lines: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
            if lines.is_empty() && *party != Party::Budget {
                reader.wrong(&field, "steering-mistake-missing", "");
            }
            if lines.len() > PEOPLE_MAX {
                reader.wrong(&field, "steering-mistake-people", PEOPLE_MAX);
            }
            all.extend(lines.into_iter().map(|line| {
                let (name, role) = line.split_once(',').unwrap_or((line, ""));
                Participant {
                    party: *party,
                    name: name.trim().to_owned(),
                    role: role.trim().to_owned(),
                }
            }));
        }
        all
    }

    /// What it says; `stands` are the day and hour of what is changed.
    pub(crate) fn read(
        &self,
        stands: Option<(Date, &str)>,
        today: Date,
    ) -> Result<ConferenceRead, Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let kind = reader.code("kind", &self.kind, ConferenceKind::parse);
        let day = reader.needed_day("day", &self.day);
        let read_hour = hour(&self.hour);
        if read_hour.is_none() {
            reader.wrong("hour", "steering-mistake-hour", &self.hour);
        }
        let read_hour = read_hour.unwrap_or_default();
        let is_moved = stands != Some((day, read_hour.as_str()));
        if day != Date::MIN && is_moved {
            if day < today {
                reader.wrong("day", "steering-mistake-past", today);
            } else if day.year() > today.year() + YEARS_AHEAD_MAX {
                reader.wrong("day", "steering-mistake-far", YEARS_AHEAD_MAX);
            } else if !read_hour.is_empty() && !exists_in_paris(day, &read_hour) {
                reader.wrong("hour", "steering-mistake-no-such-hour", &self.hour);
            }
        }
        let place = reader.needed("place", &self.place, 300);
        let participants = self.people(&mut reader);
        let needs_reason = match stands {
            None => kind == Some(ConferenceKind::Extraordinary),
            Some(_) => is_moved,
        };
        let reason = if needs_reason {
            reader.needed("reason", &self.reason, 2_000)
        } else {
            reader.text("reason", &self.reason, 2_000)
        };
        reader.done(ConferenceRead {
            kind: kind.unwrap_or(ConferenceKind::Ordinary),
            reason,
            day,
            hour: read_hour,
            place,
            participants,
        })
    }
}

/// What somebody writes of a point.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MinutesForm {
    /// What was said.
    pub discussion: String,
    /// Why nothing was decided; empty when something was, or isn't yet.
    pub undecided: String,
}

impl MinutesForm {
    pub(crate) fn read(&self, is_decided: bool) -> Result<(String, String), Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let discussion = reader.needed("discussion", &self.discussion, 8_000);
        let undecided = reader.text("undecided", &self.undecided, 2_000);
        if is_decided && !undecided.is_empty() {
            reader.wrong("undecided", "steering-mistake-decided", "");
        }
        reader.done((discussion, undecided))
    }
}

/// A recommendation that a conference gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConferenceRecommendationForm {
    /// What is to be done.
    pub text: String,
    /// An axis' code.
    pub axis: String,
    /// Who in the ministry does it; may be empty.
    pub owner: String,
    /// Day, month, year.
    pub due: [String; 3],
}

impl ConferenceRecommendationForm {
    pub(crate) fn read(&self) -> Result<(String, Axis, String, Date), Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let text = reader.needed("text", &self.text, 2_000);
        let axis = reader.code("axis", &self.axis, Axis::parse);
        let owner = reader.text("owner", &self.owner, 200);
        let due = reader.needed_day("due", &self.due);
        reader.done((text, axis.unwrap_or(Axis::Strategy), owner, due))
    }
}

#[cfg(test)]
#[path = "conference_tests.rs"]
mod tests;
