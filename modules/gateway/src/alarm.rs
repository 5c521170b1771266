//! What somebody should look at.

use jiff::Timestamp;
use uuid::Uuid;

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
