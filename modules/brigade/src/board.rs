//! The planning board: experts by weeks, with what missions take in half days.

use jiff::ToSpan as _;
use jiff::civil::Date;
use kit_access::Actor;
use uuid::Uuid;

use crate::access::STAFF;
use crate::domain::monday;
use crate::store::{experts, plan};
use crate::{Brigade, BrigadeError};

/// Weeks that the board shows.
pub(crate) const WEEKS: i64 = 12;
/// Weeks by which it moves.
pub(crate) const STEP: i64 = 4;

/// The planning board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Board {
    /// The Mondays of its twelve weeks.
    pub weeks: Vec<Date>,
    /// Experts by name.
    pub rows: Vec<BoardRow>,
}

/// An expert on the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardRow {
    /// Who.
    pub expert: Uuid,
    /// Its name.
    pub name: String,
    /// The codes of its expertises.
    pub expertises: Vec<String>,
    /// Of each week: half days that missions take, half days that it works.
    pub weeks: Vec<(u32, u32)>,
}

impl Brigade {
    /// The board from the week of a day on, of those who know an expertise when it is given.
    pub async fn board(
        &self,
        actor: &Actor,
        from: Date,
        expertise: Option<&str>,
    ) -> Result<Board, BrigadeError> {
        actor.demand(&STAFF, None)?;
        let first = monday(from);
        let weeks: Vec<Date> = (0..WEEKS)
            .filter_map(|at| first.checked_add((7 * at).days()).ok())
            .collect();
        let last = weeks.last().copied().unwrap_or(first);
        let all = experts::in_use(&self.db, first).await?;
        let mut booked = plan::between(&self.db, (first, last)).await?;
        let knows =
            |one: &experts::Expert| expertise.is_none_or(|code| one.skills.contains_key(code));
        let rows = all.into_iter().filter(knows).map(|one| {
            let taken = booked.remove(&one.id).unwrap_or_default();
            let of_week = |week: &Date| {
                let works = one.availability.of_week(*week, Date::MIN, Date::MAX);
                (taken.get(week).copied().unwrap_or(0), works)
            };
            BoardRow {
                expert: one.id,
                weeks: weeks.iter().map(of_week).collect(),
                name: one.name,
                expertises: one.skills.into_keys().collect(),
            }
        });
        let rows = rows.collect();
        Ok(Board { weeks, rows })
    }
}
