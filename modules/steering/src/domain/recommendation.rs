//! The life of a recommendation, and what happens when it is overdue.
//!
//! ```text
//!   proposed ──accept──▶ accepted ──start──▶ in progress ──claim──▶ claimed ──verify──▶ verified
//!      ▲  └────── refuse (from any of the three) ──▶ refused    ▲         │
//!      └──────────────── insist ─────────────────────┘          └─send back┘
//!   any but verified ──supersede──▶ superseded
//! ```
//! The ministry answers; the directorate verifies. Nobody verifies what they claimed.

use jiff::ToSpan as _;
use jiff::civil::Date;

kit_acts::coded! {
    /// Where a recommendation stands.
    Status {
        /// The ministry has not answered.
        Proposed = "proposed",
        /// The ministry will do it.
        Accepted = "accepted",
        /// It is being done.
        InProgress = "in-progress",
        /// The ministry says that it is done.
        Claimed = "claimed",
        /// The directorate has seen that it is done.
        Verified = "verified",
        /// The ministry won't do it.
        Refused = "refused",
        /// Another one, or a decision, took its place.
        Superseded = "superseded",
    }
}

impl Status {
    /// Whether its owner still has something to do: it becomes overdue.
    pub fn is_owed(self) -> bool {
        matches!(self, Self::Proposed | Self::Accepted | Self::InProgress)
    }

    /// Whether nothing happens any more.
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Verified | Self::Superseded)
    }
}

kit_acts::coded! {
    /// What is done to a recommendation.
    Answer {
        /// The ministry takes it on.
        Accept = "accept",
        /// It begins.
        Start = "start",
        /// It says that it is done, with evidence.
        Claim = "claim",
        /// It won't do it, and says why.
        Refuse = "refuse",
        /// The directorate has seen the evidence.
        Verify = "verify",
        /// The evidence isn't enough.
        SendBack = "send-back",
        /// The directorate holds to it.
        Insist = "insist",
        /// It has no object any more.
        Supersede = "supersede",
    }
}

impl Answer {
    /// Whether it is the ministry's to do; else the directorate's.
    pub fn is_ministrys(self) -> bool {
        matches!(
            self,
            Self::Accept | Self::Start | Self::Claim | Self::Refuse
        )
    }

    /// Whether it must say why, or what proves it.
    pub fn needs_reason(self) -> bool {
        matches!(
            self,
            Self::Claim | Self::Refuse | Self::SendBack | Self::Insist | Self::Supersede
        )
    }
}

impl Status {
    /// What it becomes by an answer; `None` when it isn't possible.
    pub fn after(self, answer: Answer) -> Option<Self> {
        Some(match (answer, self) {
            (Answer::Accept, Self::Proposed) => Self::Accepted,
            (Answer::Start, Self::Accepted) | (Answer::SendBack, Self::Claimed) => Self::InProgress,
            (Answer::Claim, Self::InProgress) => Self::Claimed,
            (Answer::Refuse, Self::Proposed | Self::Accepted | Self::InProgress) => Self::Refused,
            (Answer::Verify, Self::Claimed) => Self::Verified,
            (Answer::Insist, Self::Refused) => Self::Proposed,
            (Answer::Supersede, from) if !from.is_ended() => Self::Superseded,
            _ => return None,
        })
    }
}

kit_acts::coded! {
    /// Whom an overdue recommendation reaches, in this order.
    EscalationStep {
        /// Its owner is told.
        Owner = "owner",
        /// The ministry's digital director is told.
        Ministry = "ministry",
        /// It goes on the agenda of the ministry's conference.
        Conference = "conference",
        /// The project's funding is held.
        Funding = "funding",
    }
}

/// After how many days beyond the due day each step is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EscalationRule {
    /// Days of each step, in the order of [`EscalationStep::ALL`].
    pub days: [u32; 4],
}

impl Default for EscalationRule {
    fn default() -> Self {
        Self {
            days: [0, 15, 45, 90],
        }
    }
}

impl EscalationRule {
    fn days(&self, step: EscalationStep) -> u32 {
        self.days[step as usize]
    }

    /// The step after one; the first when none was taken.
    pub fn next(step: Option<EscalationStep>) -> Option<EscalationStep> {
        match step {
            None => Some(EscalationStep::Owner),
            Some(step) => EscalationStep::ALL.get(step as usize + 1).copied(),
        }
    }

    /// The last day before the next step: it is taken once this day is over. None when every step
    /// was taken, or when nobody owes anything.
    pub fn waits_until(
        &self,
        status: Status,
        due_on: Date,
        taken: Option<EscalationStep>,
    ) -> Option<Date> {
        let next = Self::next(taken).filter(|_| status.is_owed())?;
        due_on.checked_add(i64::from(self.days(next)).days()).ok()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_claim_is_verified_or_sent_back() {
        let claimed = [Answer::Accept, Answer::Start, Answer::Claim]
            .into_iter()
            .fold(Status::Proposed, |status, answer| {
                status.after(answer).unwrap()
            });
        assert_eq!(claimed.after(Answer::Verify), Some(Status::Verified));
        assert_eq!(claimed.after(Answer::SendBack), Some(Status::InProgress));
        assert_eq!(claimed.after(Answer::Refuse), None);
    }

    #[test]
    fn steps_wait_for_their_day() {
        let (rule, due) = (EscalationRule::default(), date(2026, 1, 31));
        let waits = |taken| rule.waits_until(Status::Accepted, due, taken);
        assert_eq!(waits(None), Some(due));
        assert_eq!(waits(Some(EscalationStep::Owner)), Some(date(2026, 2, 15)));
        assert_eq!(
            waits(Some(EscalationStep::Ministry)),
            Some(date(2026, 3, 17))
        );
        assert_eq!(
            waits(Some(EscalationStep::Conference)),
            Some(date(2026, 5, 1))
        );
        assert_eq!(waits(Some(EscalationStep::Funding)), None);
        for status in [
            Status::Claimed,
            Status::Verified,
            Status::Refused,
            Status::Superseded,
        ] {
            assert_eq!(rule.waits_until(status, due, None), None);
        }
    }

    fn any_answer() -> impl Strategy<Value = Answer> {
        prop::sample::select(Answer::ALL)
    }

    proptest! {
        #[test]
        fn no_path_skips_a_verification(answers in prop::collection::vec(any_answer(), 0..60)) {
            let (mut status, mut claims) = (Status::Proposed, 0);
            for answer in answers {
                let Some(next) = status.after(answer) else { continue };
                prop_assert!(!status.is_ended(), "nothing after an end");
                prop_assert_ne!(status, next);
                claims += u32::from(answer == Answer::Claim);
                if next == Status::Verified {
                    prop_assert!(status == Status::Claimed && claims > 0);
                    prop_assert!(!answer.is_ministrys());
                }
                if answer.is_ministrys() {
                    prop_assert!(!next.is_ended(), "a ministry ends nothing alone");
                }
                status = next;
            }
        }

        #[test]
        fn steps_are_taken_in_order_and_never_twice(day in 0..2000_i64) {
            let (rule, due) = (EscalationRule::default(), date(2026, 1, 31));
            let today = due.checked_add(day.days()).unwrap();
            let (mut taken, mut count) = (None, 0);
            while rule.waits_until(Status::Proposed, due, taken).is_some_and(|last| last < today) {
                taken = EscalationRule::next(taken);
                count += 1;
            }
            let expected = rule.days.iter().filter(|days| day > i64::from(**days)).count();
            prop_assert_eq!(count, expected);
        }
    }
}
