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
    /// The id of the API to which the stop is narrowed; empty: all of the producer's data. Not told of an
    /// API or an operation, which are of one API.
    pub api: String,
    /// Why, in words that the requester reads.
    pub reason: String,
}

/// A stop that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadStop {
    /// Whose data; none: everybody's, by the directorate.
    pub producer: Option<Uuid>,
    /// What is stopped.
    pub target: StopTarget,
    /// Of the target's calls, those to this API alone; none: those for all of the producer's data.
    pub api: Option<Uuid>,
    /// Why.
    pub reason: String,
}

impl StopForm {
    /// What it says, or every mistake.
    pub fn check(&self) -> Result<ReadStop, Vec<Mistake>> {
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
        let api = match (self.api.trim(), kind) {
            ("", _) => None,
            (_, Some(StopKind::Api | StopKind::Operation)) => {
                read.wrong("api", "exchange-mistake-stop-narrowed", "");
                None
            }
            (text, _) => {
                let api = text.parse().ok();
                if api.is_none() {
                    read.wrong("api", "exchange-mistake-choice", "");
                }
                api
            }
        };
        let reason = read.text("reason", &self.reason, true, 1_000);
        match (producer, target) {
            (Some(producer), Some(target)) if read.mistakes.is_empty() => Ok(ReadStop {
                producer,
                target,
                api,
                reason,
            }),
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
            api: String::new(),
            reason: "Volume anormal".into(),
        };
        let read = form.check().unwrap();
        assert_eq!((read.producer, read.api), (Some(Uuid::from_u128(1)), None));
        assert_eq!(read.target, StopTarget::Requester("13002526500013".into()));
        let (kind, text) = StopKind::of(&read.target);
        assert_eq!(kind.target(&text), Some(read.target));
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

    #[test]
    fn a_stop_is_narrowed_to_an_api_where_it_is_wider() {
        let api = Uuid::from_u128(7);
        let narrowed = |kind: &str, target: &str, api: &str| {
            let form = StopForm {
                kind: kind.into(),
                target: target.into(),
                api: api.into(),
                reason: "Volume anormal".into(),
                ..StopForm::default()
            };
            let fields = |mistakes: Vec<Mistake>| mistakes[0].field;
            form.check().map(|read| read.api).map_err(fields)
        };
        let (id, text) = (Uuid::from_u128(1).to_string(), format!(" {api} "));
        for (kind, target) in [
            ("accreditation", id.as_str()),
            ("requester", "13002526500013"),
            ("purpose", "cantine"),
        ] {
            assert_eq!(narrowed(kind, target, &text), Ok(Some(api)), "{kind}");
            assert_eq!(narrowed(kind, target, ""), Ok(None));
            assert_eq!(narrowed(kind, target, "7"), Err("api"));
        }
        for kind in ["api", "operation"] {
            assert_eq!(narrowed(kind, &id, &text), Err("api"), "{kind}");
        }
    }
}
