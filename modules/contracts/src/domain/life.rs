//! The life of a contract: no path skips a signature.

use serde::Serialize;

use super::codes::Side;

kit_acts::coded! {
    /// Where a contract stands.
    #[schema(as = ContractState)]
    State {
        /// Being written.
        Draft = "draft",
        /// Being negotiated.
        Negotiation = "negotiation",
        /// Its text is settled: both sides have to sign it.
        ToSign = "to-sign",
        /// Signed by both; its first day has not come.
        Signed = "signed",
        /// In force.
        InForce = "in-force",
        /// In force, while an amendment is negotiated.
        Amending = "amending",
        /// In force, while an amendment waits for both signatures.
        AmendmentToSign = "amendment-to-sign",
        /// It came to its end.
        Ended = "ended",
        /// It was ended before its end.
        Terminated = "terminated",
        /// It was given up before it was signed.
        Withdrawn = "withdrawn",
    }
}

kit_acts::coded! {
    /// What can be done to a contract.
    Act {
        /// Open the negotiation of a draft.
        Negotiate = "negotiate",
        /// Save another text.
        Propose = "propose",
        /// Settle the text: it waits for signatures.
        Settle = "settle",
        /// Sign for one side.
        Sign = "sign",
        /// Its first day has come.
        Begin = "begin",
        /// Open an amendment.
        Amend = "amend",
        /// Give an amendment up: the text in force stands.
        DropAmendment = "drop-amendment",
        /// It came to its end.
        End = "end",
        /// End it before its end.
        Terminate = "terminate",
        /// Give it up before it is signed.
        Withdraw = "withdraw",
    }
}

/// What a contract's life needs to be decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Life {
    /// Where it stands.
    pub state: State,
    /// The number of its latest text.
    pub latest: i64,
    /// The number of the text in force.
    pub in_force: Option<i64>,
    /// Who signed the latest text, by side: the person's id.
    pub signed: Vec<(Side, uuid::Uuid)>,
}

/// Why an act isn't possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not in this state.
    #[error("not possible in this state")]
    State,
    /// This side signed already.
    #[error("this side has signed")]
    SideSigned,
    /// The same person signed for the other side.
    #[error("the same person signed for the other side")]
    SamePerson,
}

/// What an act leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// Where the contract stands then.
    pub life: Life,
    /// Whether signatures of a text that changed became void.
    pub voids: bool,
    /// Whether both sides have signed by it.
    pub is_signed: bool,
}

impl Life {
    /// A new draft with its first text.
    pub fn draft() -> Self {
        Self {
            state: State::Draft,
            latest: 1,
            in_force: None,
            signed: Vec::new(),
        }
    }

    /// Whether a text that both sides signed is in force.
    pub fn is_in_force(&self) -> bool {
        self.state.is_in_force()
    }

    /// The acts that the state allows.
    pub fn possible(&self) -> Vec<Act> {
        use Act::{Amend, Begin, DropAmendment, End, Negotiate, Propose, Settle, Sign, Terminate};
        match self.state {
            State::Draft => vec![Propose, Negotiate, Act::Withdraw],
            State::Negotiation => vec![Propose, Settle, Act::Withdraw],
            State::ToSign => vec![Sign, Propose, Act::Withdraw],
            State::Signed => vec![Begin, Terminate],
            State::InForce => vec![Amend, End, Terminate],
            State::Amending => vec![Propose, Settle, DropAmendment, Terminate],
            State::AmendmentToSign => vec![Sign, Propose, DropAmendment, Terminate],
            State::Ended | State::Terminated | State::Withdrawn => Vec::new(),
        }
    }

    /// What an act leads to; `signer` is the side and the person of a signature.
    pub fn after(&self, act: Act, signer: Option<(Side, uuid::Uuid)>) -> Result<Next, Refusal> {
        if !self.possible().contains(&act) {
            return Err(Refusal::State);
        }
        let mut life = self.clone();
        let (mut voids, mut is_signed) = (false, false);
        match act {
            Act::Negotiate => life.state = State::Negotiation,
            Act::Propose => {
                life.latest += 1;
                voids = !life.signed.is_empty();
                life.signed.clear();
                life.state = match self.state {
                    State::ToSign => State::Negotiation,
                    State::AmendmentToSign => State::Amending,
                    state => state,
                };
            }
            Act::Settle => {
                // An amendment of nothing is none: it has a text of its own.
                if self.in_force == Some(self.latest) {
                    return Err(Refusal::State);
                }
                life.state = if self.state == State::Amending {
                    State::AmendmentToSign
                } else {
                    State::ToSign
                };
            }
            Act::Sign => {
                let (side, person) = signer.ok_or(Refusal::State)?;
                if life.signed.iter().any(|(signed, _)| *signed == side) {
                    return Err(Refusal::SideSigned);
                }
                if life.signed.iter().any(|(_, signed)| *signed == person) {
                    return Err(Refusal::SamePerson);
                }
                life.signed.push((side, person));
                if life.signed.len() == Side::ALL.len() {
                    is_signed = true;
                    life.in_force = Some(life.latest);
                    life.state = if self.state == State::AmendmentToSign {
                        State::InForce
                    } else {
                        State::Signed
                    };
                }
            }
            Act::Begin => life.state = State::InForce,
            Act::Amend => {
                life.state = State::Amending;
                life.signed.clear();
            }
            Act::DropAmendment => {
                voids = !life.signed.is_empty() && self.state == State::AmendmentToSign;
                life.signed.clear();
                life.state = State::InForce;
            }
            Act::End => life.state = State::Ended,
            Act::Terminate => {
                voids = self.state == State::AmendmentToSign && !life.signed.is_empty();
                life.state = State::Terminated;
            }
            Act::Withdraw => {
                voids = !life.signed.is_empty();
                life.signed.clear();
                life.state = State::Withdrawn;
            }
        }
        Ok(Next {
            life,
            voids,
            is_signed,
        })
    }
}

impl State {
    /// Whether a text that both sides signed is in force.
    pub fn is_in_force(self) -> bool {
        matches!(self, Self::InForce | Self::Amending | Self::AmendmentToSign)
    }

    /// Whether signatures are awaited.
    pub fn is_to_sign(self) -> bool {
        matches!(self, Self::ToSign | Self::AmendmentToSign)
    }

    /// Whether anybody may be shown it once it is published: both sides signed it.
    pub fn was_signed(self) -> bool {
        self.is_in_force() || matches!(self, Self::Signed | Self::Ended | Self::Terminated)
    }

    /// Whether nothing more happens to it.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Ended | Self::Terminated | Self::Withdrawn)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn step() -> impl Strategy<Value = (Act, Side, u128)> {
        let act = proptest::sample::select(Act::ALL);
        let side = proptest::sample::select(Side::ALL);
        (act, side, 1_u128..4)
    }

    proptest! {
        /// Whatever is tried, a text comes into force by two signatures of two people, one for each
        /// side, on that very text, with no other text between them.
        #[test]
        fn no_path_skips_a_signature(steps in proptest::collection::vec(step(), 0..60)) {
            let mut life = Life::draft();
            let mut given: Vec<(i64, Side, Uuid)> = Vec::new();
            for (act, side, person) in steps {
                let person = Uuid::from_u128(person);
                let Ok(next) = life.after(act, Some((side, person))) else { continue };
                if next.voids || matches!(act, Act::Amend | Act::DropAmendment) {
                    given.clear();
                }
                if act == Act::Sign {
                    given.push((life.latest, side, person));
                }
                if next.life.in_force != life.in_force {
                    prop_assert!(next.is_signed);
                    prop_assert_eq!(next.life.in_force, Some(life.latest));
                    let of_it: Vec<_> = given.iter().filter(|one| one.0 == life.latest).collect();
                    prop_assert_eq!(of_it.len(), 2);
                    prop_assert_ne!(of_it[0].1, of_it[1].1);
                    prop_assert_ne!(of_it[0].2, of_it[1].2);
                    given.clear();
                }
                prop_assert!(!next.life.is_in_force() || next.life.in_force.is_some());
                prop_assert!(next.life.latest >= life.latest);
                life = next.life;
            }
        }

        /// What is over stays over.
        #[test]
        fn nothing_comes_after_the_end(steps in proptest::collection::vec(step(), 0..60)) {
            let mut life = Life::draft();
            for (act, side, person) in steps {
                let next = life.after(act, Some((side, Uuid::from_u128(person))));
                if life.state.is_over() {
                    prop_assert!(next.is_err());
                }
                if let Ok(next) = next { life = next.life; }
            }
        }
    }

    #[test]
    fn a_change_of_text_voids_the_signature_of_the_first() {
        let go = |life: Life, act| life.after(act, None).map(|next| next.life);
        let life = go(Life::draft(), Act::Negotiate).and_then(|life| go(life, Act::Settle));
        let life = life.unwrap_or_else(|error| panic!("{error}"));
        let ministry = Some((Side::Ministry, Uuid::from_u128(1)));
        let signed = life.after(Act::Sign, ministry).map(|next| next.life);
        let signed = signed.unwrap_or_else(|error| panic!("{error}"));
        let changed = signed.after(Act::Propose, None);
        let changed = changed.unwrap_or_else(|error| panic!("{error}"));
        assert!(changed.voids);
        assert_eq!(changed.life.state, State::Negotiation);
        assert_eq!(changed.life.signed, []);
    }

    #[test]
    fn an_amendment_has_a_text_of_its_own() {
        let life = Life {
            state: State::Amending,
            latest: 3,
            in_force: Some(3),
            signed: Vec::new(),
        };
        assert_eq!(life.after(Act::Settle, None), Err(Refusal::State));
    }
}
