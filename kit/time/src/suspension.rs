//! A legal clock: a period that can be suspended, resumed and started again.

use jiff::civil::Date;

use crate::error::ClockError;
use crate::legal::{Computation, Period, expiry};

/// What happens to a running period. Each takes effect on its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClockEvent {
    /// Time stops; what has run is kept (suspension: Code civil, article 2230).
    Suspended(Date),
    /// Time runs on with what remained.
    Resumed(Date),
    /// Time starts again from zero, as if the period started on that day (interruption: Code civil,
    /// article 2231). It also ends a suspension.
    Restarted(Date),
}

impl ClockEvent {
    /// The day of the event.
    pub const fn on(self) -> Date {
        match self {
            Self::Suspended(on) | Self::Resumed(on) | Self::Restarted(on) => on,
        }
    }
}

/// Where a clock stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClockState {
    /// Time runs.
    Running {
        /// The last day of the period, extension included.
        due: Date,
        /// Days from the day asked about, left out, to `due`, included, in the unit of the period:
        /// calendar days, open days or working days.
        remaining_days: u32,
    },
    /// Time stands still, and nobody knows when the period will end.
    Suspended {
        /// The day of the suspension.
        since: Date,
        /// What will remain on the day of the resumption, before any extension, in the unit of the
        /// period.
        remaining_days: u32,
    },
    /// The last day has passed.
    Expired {
        /// The last day of the period, extension included.
        on: Date,
    },
}

/// What an event leaves behind, until the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// `unextended` is the last day before any extension.
    Running {
        unextended: Date,
        due: Date,
    },
    Suspended {
        since: Date,
        remaining_days: u32,
    },
}

/// A period with its start and with the events that it went through.
///
/// **Suspension.** The days of a suspension are those from the day on which it is decided, left
/// out, to the day of the resumption, included: as for any event that sets a period running, the
/// day of the resumption does not count. Once resumed, a period in days, weeks, months or years
/// ends that many calendar days later than it would have; months are not counted afresh, and the
/// extension is applied to the new end only. A period in open or working days keeps as many of
/// them as remained. A suspension within the extension itself, once the period is over but not yet
/// due, keeps the days of the extension that remained.
///
/// **Two uses.** When a file is incomplete, a silence that means refusal is suspended by the request
/// for the missing pieces and resumed at their receipt, or at the end of the time that was given for
/// them; a silence that means acceptance runs from their receipt only, which is a suspension ended
/// by [`ClockEvent::Restarted`] (Code des relations entre le public et l'administration, L114-5).
///
/// **Questions** are asked for a day, and only what happened up to that day, included, bears on the
/// answer. A period that expired stays so: whoever reopens a matter starts another clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalClock {
    start: Date,
    period: Period,
    computation: Computation,
    first: Phase,
    steps: Vec<(ClockEvent, Phase)>,
}

impl LegalClock {
    /// A clock that runs from `start`, the day of the act, which does not count.
    pub fn new(start: Date, period: Period, computation: Computation) -> Result<Self, ClockError> {
        Ok(Self {
            start,
            period,
            computation,
            first: run_until(expiry(start, period, computation)?, computation)?,
            steps: Vec::new(),
        })
    }

    /// A clock that goes through events, in their order.
    pub fn replay(
        start: Date,
        period: Period,
        computation: Computation,
        events: impl IntoIterator<Item = ClockEvent>,
    ) -> Result<Self, ClockError> {
        let mut clock = Self::new(start, period, computation)?;
        for event in events {
            clock.record(event)?;
        }
        Ok(clock)
    }

    /// Records what happened after all that is recorded; several events can share a day. A refused
    /// event changes nothing.
    pub fn record(&mut self, event: ClockEvent) -> Result<(), ClockError> {
        let on = event.on();
        let start = self.start;
        if on < start {
            return Err(ClockError::BeforeStart { on, start });
        }
        if let Some((latest, _)) = self.steps.last()
            && on < latest.on()
        {
            return Err(ClockError::OutOfOrder {
                on,
                last: latest.on(),
            });
        }
        let phase = self.follow(event)?;
        self.steps.push((event, phase));
        Ok(())
    }

    /// The day of the act that set the clock running.
    pub fn start(&self) -> Date {
        self.start
    }

    /// What happened, oldest first.
    pub fn events(&self) -> impl Iterator<Item = ClockEvent> {
        self.steps.iter().map(|(event, _)| *event)
    }

    /// The last day of the period, passed or to come; `None` while it is suspended.
    pub fn due(&self, at: Date) -> Result<Option<Date>, ClockError> {
        Ok(match self.phase(at)? {
            Phase::Running { due, .. } => Some(due),
            Phase::Suspended { .. } => None,
        })
    }

    /// What remains: see [`ClockState`] for what is counted; zero once the period has expired, and
    /// on its last day.
    pub fn remaining(&self, at: Date) -> Result<u32, ClockError> {
        Ok(match self.state(at)? {
            ClockState::Running { remaining_days, .. }
            | ClockState::Suspended { remaining_days, .. } => remaining_days,
            ClockState::Expired { .. } => 0,
        })
    }

    /// Where the clock stands at the end of a day; the last day itself has not expired.
    pub fn state(&self, at: Date) -> Result<ClockState, ClockError> {
        Ok(match self.phase(at)? {
            Phase::Running { due, .. } if due < at => ClockState::Expired { on: due },
            Phase::Running { due, .. } => ClockState::Running {
                due,
                remaining_days: self.count(at, due)?,
            },
            Phase::Suspended {
                since,
                remaining_days,
            } => ClockState::Suspended {
                since,
                remaining_days,
            },
        })
    }

    fn phase(&self, at: Date) -> Result<Phase, ClockError> {
        let start = self.start;
        if at < start {
            return Err(ClockError::BeforeStart { on: at, start });
        }
        let known = self.steps.iter().rev().find(|(event, _)| event.on() <= at);
        Ok(known.map_or(self.first, |(_, phase)| *phase))
    }

    fn follow(&self, event: ClockEvent) -> Result<Phase, ClockError> {
        let computation = self.computation;
        let now = self.steps.last().map_or(self.first, |(_, phase)| *phase);
        if let Phase::Running { due, .. } = now
            && due < event.on()
        {
            return Err(ClockError::AlreadyExpired {
                on: event.on(),
                expired_on: due,
            });
        }
        match (event, now) {
            (ClockEvent::Suspended(on), Phase::Running { unextended, due }) => {
                let end = if on > unextended { due } else { unextended };
                Ok(Phase::Suspended {
                    since: on,
                    remaining_days: self.count(on, end)?,
                })
            }
            (ClockEvent::Suspended(on), Phase::Suspended { since, .. }) => {
                Err(ClockError::AlreadySuspended { on, since })
            }
            (ClockEvent::Resumed(on), Phase::Suspended { remaining_days, .. }) => {
                let unit = self.period.unit();
                let end = unit.advance(on, remaining_days, computation.territory)?;
                run_until(end, computation)
            }
            (ClockEvent::Resumed(on), Phase::Running { .. }) => {
                Err(ClockError::NotSuspended { on })
            }
            (ClockEvent::Restarted(on), _) => {
                run_until(expiry(on, self.period, computation)?, computation)
            }
        }
    }

    fn count(&self, from: Date, to: Date) -> Result<u32, ClockError> {
        let unit = self.period.unit();
        Ok(unit.between(from, to, self.computation.territory)?)
    }
}

fn run_until(unextended: Date, computation: Computation) -> Result<Phase, ClockError> {
    let due = computation.extend(unextended)?;
    Ok(Phase::Running { unextended, due })
}

#[cfg(test)]
mod tests;
