//! The life of a review: article 3 of decree 2019-1088, and the audits of article 4.
//!
//! ```text
//!   announced ──begin the file──▶ preparing ──receive it complete──▶ running ──opinion──▶ given
//!                                                                   ▲   │  └─the clock runs out─▶ tacit
//!                                              information given ───┘   ▼
//!                                                                   waiting (the clock stands still)
//!   any of these ──withdraw──▶ withdrawn
//! ```
//! An audit has the same life without a clock: silence never ends it.

use jiff::civil::Date;
use kit_time::{
    ClockError, ClockEvent, ClockState, Computation, LegalClock, LegalError, Period, Territory,
    deadline,
};
use serde::{Deserialize, Serialize};

use super::{Axis, Opinion, ReviewKind};

/// The time that decree 2019-1088, article 3, gives for the opinion.
const OPINION_PERIOD: Period = Period::Months(1);
/// The time that those who are consulted have, in days.
pub const CONSULTATION_DAYS: u32 = 25;
/// From which cost a project is announced, in cents, taxes and staff included: 9 M€.
pub const THRESHOLD_CENTS: i64 = 900_000_000;

/// How the month is counted. The directorate must *act* within it, so articles 640 to 642 of the
/// Code de procédure civile apply: the day of receipt does not count, and a last day that is a
/// Saturday, a Sunday or a public holiday is moved to the next working day. The decree doesn't say so:
/// whoever reads the month as the silence that becomes a decision moves no day, see
/// [`Review::surely_due_on`].
const COMPUTATION: Computation = Computation::procedure(Territory::National);

kit_acts::coded! {
    /// Where a review stands.
    ReviewState {
        /// The threshold is foreseen.
        Announced = "announced",
        /// The file is put together.
        Preparing = "preparing",
        /// The file is complete: the clock of article 3 runs.
        Running = "running",
        /// Information was asked: the clock stands still.
        Waiting = "waiting",
        /// The opinion is given.
        Given = "given",
        /// Nobody spoke in time: favourable by silence.
        Tacit = "tacit",
        /// It was taken back.
        Withdrawn = "withdrawn",
    }
}

impl ReviewState {
    /// Whether nothing happens any more.
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Given | Self::Tacit | Self::Withdrawn)
    }
}

kit_acts::coded! {
    /// What is done to a review.
    ReviewAct {
        /// It is announced: always first, and once.
        Announce = "announce",
        /// The file begins to be put together.
        Begin = "begin",
        /// The file is received complete.
        Receive = "receive",
        /// Information is asked.
        Ask = "ask",
        /// The information is given.
        Inform = "inform",
        /// The opinion is given.
        GiveOpinion = "give-opinion",
        /// The clock ran out.
        FallSilent = "fall-silent",
        /// It is taken back.
        Withdraw = "withdraw",
    }
}

/// Something that was done, on the day on which it takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewStep {
    /// What.
    pub act: ReviewAct,
    /// When.
    pub on: Date,
}

/// Why an act is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReviewRefusal {
    /// Not as the review stands.
    #[error("{} isn't possible now", .0.code())]
    Impossible(ReviewAct),
    /// The day lies in the future.
    #[error("{on} is in the future")]
    Future {
        /// The day.
        on: Date,
    },
    /// The day lies before the file, or before what happened last.
    #[error("{on} is before {latest}")]
    Before {
        /// The day.
        on: Date,
        /// The day of the latest step.
        latest: Date,
    },
    /// The clock has run out: the opinion is favourable by silence.
    #[error("the time was over on {on}")]
    Expired {
        /// The last day.
        on: Date,
    },
    /// The clock can't be computed.
    #[error(transparent)]
    Clock(#[from] ClockError),
}

/// A review, as its steps tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    kind: ReviewKind,
    steps: Vec<ReviewStep>,
    state: ReviewState,
}

impl Review {
    /// A review that is announced.
    pub fn announce(kind: ReviewKind, on: Date, today: Date) -> Result<Self, ReviewRefusal> {
        if on > today {
            return Err(ReviewRefusal::Future { on });
        }
        let act = ReviewAct::Announce;
        Ok(Self {
            kind,
            steps: vec![ReviewStep { act, on }],
            state: ReviewState::Announced,
        })
    }

    /// A review as its kept steps tell it: each was allowed when it was taken.
    pub fn replay(
        kind: ReviewKind,
        steps: impl IntoIterator<Item = ReviewStep>,
    ) -> Result<Self, ReviewRefusal> {
        let mut steps = steps.into_iter();
        let first = steps.next();
        let Some(ReviewStep {
            act: ReviewAct::Announce,
            on,
        }) = first
        else {
            return Err(ReviewRefusal::Impossible(
                first.map_or(ReviewAct::Begin, |step| step.act),
            ));
        };
        let mut review = Self::announce(kind, on, on)?;
        for step in steps {
            review = review.after(step.act, step.on, step.on)?;
        }
        Ok(review)
    }

    /// Which article.
    pub fn kind(&self) -> ReviewKind {
        self.kind
    }

    /// Where it stands.
    pub fn state(&self) -> ReviewState {
        self.state
    }

    /// What happened, oldest first.
    pub fn steps(&self) -> &[ReviewStep] {
        &self.steps
    }

    /// The day on which it was announced: nothing of it is dated before.
    pub fn announced_on(&self) -> Date {
        self.steps.first().map_or(Date::MIN, |step| step.on)
    }

    /// The day on which the file was received complete.
    pub fn received_on(&self) -> Option<Date> {
        let received = |step: &&ReviewStep| step.act == ReviewAct::Receive;
        self.steps.iter().find(received).map(|step| step.on)
    }

    /// The legal clock; none before the file is complete, and for an audit.
    pub fn clock(&self) -> Result<Option<LegalClock>, ClockError> {
        self.clock_by(COMPUTATION)
    }

    fn clock_by(&self, computation: Computation) -> Result<Option<LegalClock>, ClockError> {
        if self.kind != ReviewKind::Article3 {
            return Ok(None);
        }
        let Some(received) = self.received_on() else {
            return Ok(None);
        };
        let events = self.steps.iter().filter_map(|step| match step.act {
            ReviewAct::Ask => Some(ClockEvent::Suspended(step.on)),
            ReviewAct::Inform => Some(ClockEvent::Resumed(step.on)),
            _ => None,
        });
        LegalClock::replay(received, OPINION_PERIOD, computation, events).map(Some)
    }

    /// Where the clock stands on a day, while it matters.
    pub fn clock_state(&self, today: Date) -> Result<Option<ClockState>, ClockError> {
        if self.state.is_ended() {
            return Ok(None);
        }
        match self.clock()? {
            // Nobody reads a clock before its last event.
            Some(clock) => clock.state(today.max(self.latest())).map(Some),
            None => Ok(None),
        }
    }

    /// The last day on which nobody can say that the opinion came too late: the month without any day moved
    /// (Code des relations entre le public et l'administration, L231-1 and L231-4, for an implicit
    /// decision). None when it is the same as [`due_on`](Self::due_on), and without a clock.
    pub fn surely_due_on(&self) -> Result<Option<Date>, ClockError> {
        let strict = Computation::silence(Territory::National);
        let strict = match self.clock_by(strict)? {
            Some(clock) if !self.state.is_ended() => clock.due(self.latest())?,
            _ => None,
        };
        let due = self.due_on()?;
        Ok(strict.filter(|strict| due.is_some_and(|due| *strict < due)))
    }

    /// The last day for the opinion; none while the clock stands still, and without a clock.
    pub fn due_on(&self) -> Result<Option<Date>, ClockError> {
        match self.clock()? {
            Some(clock) if !self.state.is_ended() => clock.due(self.latest()),
            _ => Ok(None),
        }
    }

    /// The last day of those who are consulted: 25 days from the receipt.
    pub fn consultation_due_on(&self) -> Result<Option<Date>, LegalError> {
        match self.received_on() {
            Some(on) if self.kind == ReviewKind::Article3 => {
                deadline(on, Period::Days(CONSULTATION_DAYS), COMPUTATION).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The day of the latest step.
    pub fn latest(&self) -> Date {
        self.steps.last().map_or(Date::MIN, |step| step.on)
    }

    /// Whether the file can still be filled in.
    pub fn takes_file(&self) -> bool {
        matches!(
            self.state,
            ReviewState::Announced | ReviewState::Preparing | ReviewState::Waiting
        )
    }

    /// What it becomes by an act that takes effect `on` a day and is recorded `today`.
    ///
    /// Once the clock has run out on the day of the record, silence has spoken: nothing but
    /// [`ReviewAct::FallSilent`] is recorded, whatever day it bears.
    pub fn after(&self, act: ReviewAct, on: Date, today: Date) -> Result<Self, ReviewRefusal> {
        use ReviewState::{Announced, Given, Preparing, Running, Tacit, Waiting, Withdrawn};
        let impossible = ReviewRefusal::Impossible(act);
        if self.state.is_ended() {
            return Err(impossible);
        }
        if on > today {
            return Err(ReviewRefusal::Future { on });
        }
        let latest = self.latest();
        if on < latest {
            return Err(ReviewRefusal::Before { on, latest });
        }
        let expired = match self.clock_state(today)? {
            Some(ClockState::Expired { on }) => Some(on),
            _ => None,
        };
        let state = match (act, self.state) {
            (ReviewAct::FallSilent, Running) => match expired {
                // Silence speaks at the end of the last day.
                Some(due) if on > due => Tacit,
                _ => return Err(impossible),
            },
            (ReviewAct::Begin, Announced) => Preparing,
            (ReviewAct::Receive, Preparing) | (ReviewAct::Inform, Waiting) => Running,
            (ReviewAct::Ask, Running) => Waiting,
            (ReviewAct::GiveOpinion, Running) => Given,
            (ReviewAct::Withdraw, Announced | Preparing | Running | Waiting) => Withdrawn,
            _ => return Err(impossible),
        };
        if let Some(on) = expired
            && act != ReviewAct::FallSilent
        {
            return Err(ReviewRefusal::Expired { on });
        }
        let mut steps = self.steps.clone();
        steps.push(ReviewStep { act, on });
        let next = Self {
            kind: self.kind,
            steps,
            state,
        };
        // A step that the clock can't bear is refused before it is kept, and so is one that is told so
        // late that the time would be over at once.
        match next.clock_state(today)? {
            Some(ClockState::Expired { on }) => Err(ReviewRefusal::Expired { on }),
            _ => Ok(next),
        }
    }

    /// The acts that a person can do now.
    pub fn possible(&self) -> Vec<ReviewAct> {
        let by_hand = |act: &ReviewAct| *act != ReviewAct::FallSilent;
        let today = self.latest();
        let all = ReviewAct::ALL.iter().copied().filter(by_hand);
        all.filter(|act| self.after(*act, today, today).is_ok())
            .collect()
    }
}

/// One axis, scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Score {
    /// Which.
    pub axis: Axis,
    /// From 1, the worst, to 5.
    pub score: u8,
    /// Why.
    pub comment: String,
}

/// What the directorate says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Verdict {
    /// The opinion.
    pub opinion: Opinion,
    /// What it rests on.
    pub summary: String,
    /// Every axis, once.
    pub scores: Vec<Score>,
}

#[cfg(test)]
mod clock_cases;
#[cfg(test)]
mod tests;
