//! What somebody should look at.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use ports::exchange::{GatewayAlarm, GatewayAlarmKind, REPORT_ALARMS_MAX};
use uuid::Uuid;

/// Most alarms that wait to be told: beyond, the oldest goes.
const UNTOLD_MAX: usize = 1_000;

/// What was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmKind {
    /// An accreditation asks about more people than usual.
    ManyPeople,
    /// An accreditation is suspended on this gateway until the window of the rule ends.
    Suspended,
}

/// Something that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alarm {
    /// Of which accreditation.
    pub accreditation: Uuid,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: AlarmKind,
}

/// Who is told. Called within a call: an implementation hands it on and returns.
pub trait Alarms: Send + Sync {
    /// Something was seen.
    fn raised(&self, alarm: &Alarm);
}

/// Writes alarms to the log.
#[derive(Debug, Clone, Copy, Default)]
pub struct LoggedAlarms;

impl Alarms for LoggedAlarms {
    fn raised(&self, alarm: &Alarm) {
        tracing::warn!(accreditation = %alarm.accreditation, kind = ?alarm.kind, "gateway.alarm");
    }
}

/// Alarms that the control plane wasn't told yet. A process that ends forgets them: they stand in its
/// log lines.
#[derive(Debug, Default)]
pub(crate) struct Untold(Mutex<VecDeque<GatewayAlarm>>);

impl Untold {
    /// Adds one.
    pub(crate) fn add(&self, alarm: &Alarm) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() == UNTOLD_MAX {
            waiting.pop_front();
        }
        waiting.push_back(GatewayAlarm {
            accreditation: alarm.accreditation,
            at: alarm.at,
            kind: match alarm.kind {
                AlarmKind::ManyPeople => GatewayAlarmKind::ManyPeople,
                AlarmKind::Suspended => GatewayAlarmKind::Suspended,
            },
        });
    }

    /// Those that one report tells.
    pub(crate) fn next(&self) -> Vec<GatewayAlarm> {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.iter().take(REPORT_ALARMS_MAX).copied().collect()
    }

    /// These were told.
    pub(crate) fn told(&self, told: &[GatewayAlarm]) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|one| !told.contains(one));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_is_told_until_it_was_heard() {
        let untold = Untold::default();
        for second in 0..150 {
            untold.add(&Alarm {
                accreditation: Uuid::from_u128(1),
                at: Timestamp::from_second(second).unwrap(),
                kind: AlarmKind::ManyPeople,
            });
        }
        let first = untold.next();
        assert_eq!(first.len(), REPORT_ALARMS_MAX);
        assert_eq!(untold.next(), first, "an answer that was lost");
        untold.told(&first);
        let rest = untold.next();
        assert_eq!(rest.len(), 50);
        untold.told(&rest);
        assert!(untold.next().is_empty());
    }

    #[test]
    fn what_nobody_hears_is_bounded() {
        let untold = Untold::default();
        for second in 0..2_000 {
            untold.add(&Alarm {
                accreditation: Uuid::from_u128(1),
                at: Timestamp::from_second(second).unwrap(),
                kind: AlarmKind::Suspended,
            });
        }
        assert_eq!(untold.next()[0].at.as_second(), 1_000);
    }
}
