//! Stopping a flow.

use ports::exchange::StopTarget;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::api::codes;
use super::mistake::{Mistake, Reader};
use super::request::is_code;

codes! {
    /// What is stopped.
    StopKind {
        /// An API.
        Api => "api",
        /// One operation.
        Operation => "operation",
        /// A requester.
        Requester => "requester",
        /// An accreditation.
        Accreditation => "accreditation",
        /// A purpose.
        Purpose => "purpose",
    }
}

impl StopKind {
    /// The kind of a target, and its id as a text.
    pub fn of(target: &StopTarget) -> (Self, String) {
        match target {
            StopTarget::Api(id) => (Self::Api, id.to_string()),
            StopTarget::Operation(id) => (Self::Operation, id.to_string()),
            StopTarget::Requester(siret) => (Self::Requester, siret.clone()),
            StopTarget::Accreditation(id) => (Self::Accreditation, id.to_string()),
            StopTarget::Purpose(code) => (Self::Purpose, code.clone()),
        }
    }

    /// The target of this kind that a text names.
    pub fn target(self, text: &str) -> Option<StopTarget> {
        let id = || text.parse::<Uuid>().ok();
        Some(match self {
            Self::Api => StopTarget::Api(id()?),
            Self::Operation => StopTarget::Operation(id()?),
            Self::Requester => StopTarget::Requester(siret::digits(text)?),
            Self::Accreditation => StopTarget::Accreditation(id()?),
            Self::Purpose => StopTarget::Purpose(is_code(text).then(|| text.to_owned())?),
        })
    }
}

/// A stop, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StopForm {
    /// The producer's id; empty: everybody's data, by the directorate.
    pub producer: String,
    /// A code of [`StopKind`].
    pub kind: String,
    /// An id, a SIRET number or the code of a purpose.
    pub target: String,
    /// Why, in words that the requester reads.
    pub reason: String,
}

impl StopForm {
    /// The producer, the target and the reason, or every mistake.
    pub fn check(&self) -> Result<(Option<Uuid>, StopTarget, String), Vec<Mistake>> {
        let mut read = Reader::default();
        let producer = match self.producer.trim() {
            "" => Some(None),
            text => text.parse().ok().map(Some),
        };
        if producer.is_none() {
            read.wrong("producer", "exchange-mistake-choice", "");
        }
        let kind = StopKind::parse(&self.kind);
        if kind.is_none() {
            read.wrong("kind", "exchange-mistake-choice", "");
        }
        let target = kind.and_then(|kind| kind.target(self.target.trim()));
        if kind.is_some() && target.is_none() {
            read.wrong("target", "exchange-mistake-target", self.target.trim());
        }
        let reason = read.text("reason", &self.reason, true, 1_000);
        match (producer, target) {
            (Some(producer), Some(target)) if read.mistakes.is_empty() => {
                Ok((producer, target, reason))
            }
            _ => Err(read.mistakes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_names_what_and_why() {
        let form = StopForm {
            producer: Uuid::from_u128(1).to_string(),
            kind: "requester".into(),
            target: "130 025 265 00013".into(),
            reason: "Volume anormal".into(),
        };
        let (producer, target, _) = form.check().unwrap();
        assert_eq!(producer, Some(Uuid::from_u128(1)));
        assert_eq!(target, StopTarget::Requester("13002526500013".into()));
        let (kind, text) = StopKind::of(&target);
        assert_eq!(kind.target(&text), Some(target));
        let wrong = StopForm {
            kind: "purpose".into(),
            target: "É".into(),
            ..StopForm::default()
        };
        let fields: Vec<_> = wrong
            .check()
            .unwrap_err()
            .into_iter()
            .map(|one| one.field)
            .collect();
        assert_eq!(fields, ["target", "reason"]);
    }
}
