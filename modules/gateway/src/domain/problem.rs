//! Why a call is refused, as a program reads it: problem+json (RFC 9457) with a stable code.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// The beginning of each problem's `type`; its end is the code's name.
pub const PROBLEM_TYPE: &str = "urn:gouvernail:problem:";

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $status:literal $name:literal $title:literal;)*) => {
        /// What went wrong. Names never change and never come to mean something else.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The status it answers with.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// Its stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it is, in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

codes! {
    /// The request can't be read.
    MalformedRequest = 400 "malformed-request" "The request can't be read";
    /// No token came.
    TokenMissing = 401 "token-missing" "An access token is needed";
    /// The token is of somebody else, for somebody else, changed, or of another environment.
    TokenInvalid = 401 "token-invalid" "The access token isn't accepted";
    /// The token has run out.
    TokenExpired = 401 "token-expired" "The access token has run out";
    /// The proof of possession is missing, wrong, or was used before.
    ProofInvalid = 401 "proof-invalid" "The proof of possession isn't accepted";
    /// The accreditation isn't in force, or another version of it is.
    AccreditationNotInForce = 403 "accreditation-not-in-force" "The accreditation isn't in force";
    /// The client may not use the accreditation.
    ClientNotAllowed = 403 "client-not-allowed" "This client may not use the accreditation";
    /// The call comes from an address that isn't allowed.
    AddressNotAllowed = 403 "address-not-allowed" "The accreditation may not be used from this address";
    /// The accreditation doesn't open this.
    NotGranted = 403 "not-granted" "The accreditation doesn't open this operation";
    /// The operation is called on behalf of a citizen alone.
    CitizenMissing = 403 "citizen-missing" "It is called on behalf of a citizen alone";
    /// The operation isn't called on behalf of citizens.
    BehalfNotOpen = 403 "behalf-not-open" "It isn't called on behalf of citizens";
    /// The citizen isn't surely enough who it says.
    LevelTooLow = 403 "level-too-low" "The citizen's sign-in doesn't reach the level asked for";
    /// The citizen didn't agree to this.
    ConsentMissing = 403 "consent-missing" "The citizen didn't agree to this";
    /// The citizen's session ended, or it took its agreement back.
    ConsentEnded = 403 "consent-ended" "The citizen's agreement or session has ended";
    /// The accreditation isn't for this purpose.
    PurposeNotGranted = 403 "purpose-not-granted" "The accreditation isn't for this purpose";
    /// The data may not go to this recipient.
    RecipientNotAllowed = 403 "recipient-not-allowed" "The accreditation doesn't name this recipient";
    /// The flow is stopped.
    FlowStopped = 403 "flow-stopped" "This flow of data is stopped";
    /// Too many identities were asked about.
    Suspended = 403 "suspended" "The accreditation is suspended for a while";
    /// Nothing is called so.
    UnknownPath = 404 "unknown-path" "Nothing can be called at this path";
    /// The producer has nothing about this.
    NotFound = 404 "not-found" "The producer found nothing";
    /// The path is called by another method.
    MethodNotAllowed = 405 "method-not-allowed" "This path is called by another method";
    /// The producer says that it conflicts with its state.
    Conflict = 409 "conflict" "The producer refuses for a conflict";
    /// A body came without its length.
    LengthRequired = 411 "length-required" "The length of the body is needed";
    /// The body is too large.
    BodyTooLarge = 413 "body-too-large" "The body is too large";
    /// The body is of another type.
    UnsupportedType = 415 "unsupported-type" "The body must be JSON";
    /// A parameter is missing.
    ParameterMissing = 422 "parameter-missing" "A parameter is missing";
    /// A parameter isn't what it must be.
    ParameterInvalid = 422 "parameter-invalid" "A parameter isn't what it must be";
    /// The recipient is the body that is asked.
    RecipientIsProducer = 422 "recipient-is-producer" "The recipient is the body that is asked";
    /// The producer refuses the parameters.
    RefusedByProducer = 422 "refused-by-producer" "The producer refuses the request";
    /// The accreditation's limit of a minute is reached.
    MinuteSpent = 429 "quota-of-minute" "The calls of this minute are spent";
    /// The accreditation's limit of a day is reached.
    DaySpent = 429 "quota-of-day" "The calls of this day are spent";
    /// The address's limit is reached.
    AddressSpent = 429 "quota-of-address" "Too many calls from this address";
    /// The producer may not give this for legal reasons.
    Legal = 451 "legal-reasons" "The producer may not give this for legal reasons";
    /// The producer failed.
    ProducerFailed = 502 "producer-failed" "The producer failed";
    /// The producer's answer isn't what it must be.
    ProducerAnswer = 502 "producer-answer-invalid" "The producer's answer can't be used";
    /// The producer can't be asked now.
    ProducerUnavailable = 503 "producer-unavailable" "The producer can't be asked now";
    /// The trace can't be kept.
    TraceUnavailable = 503 "trace-unavailable" "The call can't be traced";
    /// The gateway hears nothing from the control plane.
    CutOff = 503 "gateway-cut-off" "The gateway knows no more what is in force";
    /// The gateway has as much to do as it can.
    Full = 503 "gateway-full" "The gateway has too much to do";
    /// The producer took too long.
    ProducerTimeout = 504 "producer-timeout" "The producer took too long";
}

/// Why a call is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What it is.
    pub code: Code,
    /// This case of it, in a sentence.
    pub detail: Cow<'static, str>,
    /// The parameter at fault.
    pub parameter: Option<String>,
    /// The name of the producer that failed, or that stopped the flow.
    pub producer: Option<String>,
    /// Seconds after which trying again may help.
    pub retry_after_seconds: Option<u64>,
}

impl Problem {
    /// A problem of this code.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            parameter: None,
            producer: None,
            retry_after_seconds: None,
        }
    }

    /// The same, at a parameter.
    #[must_use]
    pub fn at(mut self, parameter: &str) -> Self {
        self.parameter = Some(parameter.to_owned());
        self
    }

    /// The same, of a producer.
    #[must_use]
    pub fn of(mut self, producer: &str) -> Self {
        self.producer = Some(producer.to_owned());
        self
    }

    /// The same, with when to try again.
    #[must_use]
    pub fn after_seconds(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds.max(1));
        self
    }

    /// Its text. `request` is what to quote when asking for help.
    pub fn to_json(&self, request: &str) -> Vec<u8> {
        let mut members = Map::new();
        let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
        let name = self.code.name();
        put("type", format!("{PROBLEM_TYPE}{name}").into());
        put("title", self.code.title().into());
        put("status", self.code.status().into());
        put("code", name.into());
        put("detail", self.detail.as_ref().into());
        put(
            "instance",
            format!("urn:gouvernail:request:{request}").into(),
        );
        if let Some(parameter) = &self.parameter {
            put("source", serde_json::json!({ "parameter": parameter }));
        }
        if let Some(producer) = &self.producer {
            put("producer", producer.as_str().into());
        }
        if let Some(seconds) = self.retry_after_seconds {
            put("retry_after", seconds.into());
        }
        Value::Object(members).to_string().into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_of_an_error() {
        for (at, code) in Code::ALL.iter().enumerate() {
            assert!((400..600).contains(&code.status()));
            let others = Code::ALL.iter().skip(at + 1);
            assert!(others.into_iter().all(|other| other.name() != code.name()));
        }
    }

    #[test]
    fn a_problem_says_all_that_helps() {
        let problem = Problem::new(Code::ProducerTimeout, "\"slow\"")
            .of("Caisse")
            .at("a")
            .after_seconds(0);
        let text: Value = serde_json::from_slice(&problem.to_json("r")).unwrap();
        assert_eq!(text["type"], "urn:gouvernail:problem:producer-timeout");
        assert_eq!(text["status"], 504);
        assert_eq!(text["source"]["parameter"], "a");
        assert_eq!(text["retry_after"], 1);
        assert_eq!(text["producer"], "Caisse");
        assert_eq!(text["instance"], "urn:gouvernail:request:r");
    }
}
