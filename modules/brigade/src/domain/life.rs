//! The lives of a request and of a mission.
//!
//! ```text
//!   request: open ──accept (a mission is proposed)──▶ accepted ──close──▶ closed
//!             │├────decline, with reasons──────────▶ declined ──close──▶ closed
//!             │└─put off, with a day─▶ put off ──the day comes──▶ open
//!             └──withdraw (by the asker; also once put off)──▶ withdrawn
//!
//!   mission: proposed ──agree──▶ agreed ──start──▶ running ──report──▶ reported ──close──▶ closed
//!              └───────────────────┴─────────────────┴──cancel, with a reason──▶ cancelled
//! ```
//! The ministry agrees to a mission; the directorate can't do it in its place.

kit_acts::coded! {
    /// Where a request stands.
    RequestState {
        /// Nobody has answered.
        Open = "open",
        /// A mission was proposed.
        Accepted = "accepted",
        /// The brigade won't come, for reasons.
        Declined = "declined",
        /// It will be looked at again on a day.
        PutOff = "put-off",
        /// Nothing more happens.
        Closed = "closed",
        /// The asker took it back.
        Withdrawn = "withdrawn",
    }
}

kit_acts::coded! {
    /// What is done with a request.
    RequestAct {
        /// The directorate proposes a mission.
        Accept = "accept",
        /// The directorate says no, and why.
        Decline = "decline",
        /// The directorate will look at it again on a day.
        PutOff = "put-off",
        /// The directorate is done with it.
        Close = "close",
        /// The asker takes it back.
        Withdraw = "withdraw",
        /// The day to which it was put off has come.
        ComeBack = "come-back",
    }
}

impl RequestState {
    /// What it becomes by an act; `None` when it isn't possible.
    pub fn after(self, act: RequestAct) -> Option<Self> {
        Some(match (act, self) {
            // A request may take several missions, or another one when the first was refused.
            (RequestAct::Accept, Self::Open | Self::PutOff | Self::Accepted) => Self::Accepted,
            (RequestAct::Decline, Self::Open | Self::PutOff) => Self::Declined,
            (RequestAct::PutOff, Self::Open) => Self::PutOff,
            (RequestAct::ComeBack, Self::PutOff) => Self::Open,
            (RequestAct::Close, Self::Accepted | Self::Declined) => Self::Closed,
            (RequestAct::Withdraw, Self::Open | Self::PutOff) => Self::Withdrawn,
            _ => return None,
        })
    }
}

kit_acts::coded! {
    /// Where a mission stands.
    MissionState {
        /// The ministry hasn't agreed.
        Proposed = "proposed",
        /// It has.
        Agreed = "agreed",
        /// Experts are there.
        Running = "running",
        /// Its report was given.
        Reported = "reported",
        /// Nothing more happens.
        Closed = "closed",
        /// It won't take place, or stopped.
        Cancelled = "cancelled",
    }
}

impl MissionState {
    /// Whether its experts' half days are taken.
    pub fn books(self) -> bool {
        matches!(self, Self::Proposed | Self::Agreed | Self::Running)
    }
}

kit_acts::coded! {
    /// What is done with a mission.
    MissionAct {
        /// The ministry agrees.
        Agree = "agree",
        /// It begins.
        Start = "start",
        /// Its report is given.
        Report = "report",
        /// The directorate is done with it.
        Close = "close",
        /// It won't take place, or stops.
        Cancel = "cancel",
    }
}

impl MissionState {
    /// What it becomes by an act; `None` when it isn't possible.
    pub fn after(self, act: MissionAct) -> Option<Self> {
        Some(match (act, self) {
            (MissionAct::Agree, Self::Proposed) => Self::Agreed,
            (MissionAct::Start, Self::Agreed) => Self::Running,
            // A report can be completed until the mission is closed.
            (MissionAct::Report, Self::Running | Self::Reported) => Self::Reported,
            (MissionAct::Close, Self::Reported) => Self::Closed,
            (MissionAct::Cancel, Self::Proposed | Self::Agreed | Self::Running) => Self::Cancelled,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_mission_runs_before_the_ministry_agreed(acts in prop::collection::vec(0..5_usize, 0..20)) {
            let mut state = MissionState::Proposed;
            let mut agreed = false;
            for at in acts {
                let act = MissionAct::ALL[at];
                let Some(next) = state.after(act) else { continue };
                agreed |= act == MissionAct::Agree;
                if matches!(next, MissionState::Running | MissionState::Reported | MissionState::Closed) {
                    prop_assert!(agreed);
                }
                prop_assert!(!matches!(state, MissionState::Closed | MissionState::Cancelled));
                state = next;
            }
        }

        #[test]
        fn what_has_ended_stays(acts in prop::collection::vec(0..6_usize, 0..20)) {
            let mut state = RequestState::Open;
            let mut answered = false;
            for at in acts {
                let act = RequestAct::ALL[at];
                let Some(next) = state.after(act) else { continue };
                answered |= matches!(act, RequestAct::Accept | RequestAct::Decline);
                prop_assert!(!matches!(state, RequestState::Closed | RequestState::Withdrawn));
                if next == RequestState::Closed {
                    prop_assert!(answered);
                }
                state = next;
            }
        }
    }
}
