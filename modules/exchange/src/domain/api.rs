//! APIs of producers: what they say of themselves, their operations, their scopes.

use ports::exchange::{Parameter, UpstreamProof};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::behalf::CitizenCalls;
use super::mistake::{Mistake, Reader};
use super::openapi::{Described, DescribedField, DescribedParameter};

/// Most scopes of an API.
pub const SCOPES_MAX: usize = 50;
/// Most field paths that a scope opens.
const SCOPE_FIELDS_MAX: usize = 500;
/// Longest time that a producer may take, in milliseconds.
pub(crate) const TIMEOUT_MS_MAX: u32 = 10_000;

macro_rules! codes {
    ($(#[$meta:meta])* $name:ident { $($(#[$of:meta])* $variant:ident => $code:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$of])* $variant,)* }

        impl $name {
            /// Every one, in the order in which pages offer them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name in columns, addresses and words.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The one of a name.
            pub fn parse(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }
    };
}
pub(crate) use codes;

codes! {
    /// Where an API stands.
    ApiStatus {
        /// Its producer prepares it: nobody else sees it.
        Draft => "draft",
        /// It can be asked for.
        Published => "published",
        /// Those who have it keep it; nobody new gets it.
        Deprecated => "deprecated",
        /// Nobody can call it.
        Withdrawn => "withdrawn",
    }
}

impl ApiStatus {
    /// Whether it may become another.
    pub fn may_become(self, to: Self) -> bool {
        matches!(
            (self, to),
            (
                Self::Draft | Self::Deprecated | Self::Withdrawn,
                Self::Published
            ) | (Self::Published, Self::Deprecated | Self::Withdrawn)
                | (Self::Deprecated, Self::Withdrawn)
        )
    }

    /// Whether its calls are carried.
    pub fn is_called(self) -> bool {
        matches!(self, Self::Published | Self::Deprecated)
    }
}

codes! {
    /// How much the data says of people.
    Sensitivity {
        /// Of nobody.
        Open => "open",
        /// Of people.
        Personal => "personal",
        /// What is protected more: health, origins, offences, a secret by law.
        Special => "special",
    }
}

codes! {
    /// What allows an administration to have the data.
    LegalNature {
        /// A law or decree that names the data or the procedure.
        Text => "text",
        /// Exchanges between administrations (CRPA L114-8).
        Exchange => "exchange",
        /// A deliberation of a local body.
        Deliberation => "deliberation",
        /// An agreement between the two.
        Agreement => "agreement",
        /// Consent of the person.
        Consent => "consent",
    }
}

/// An API as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Api {
    /// Its id.
    pub id: Uuid,
    /// Whose data it gives.
    pub producer: Uuid,
    /// The first two segments of its paths.
    pub prefix: String,
    /// The version that its document says.
    pub version: String,
    /// Where it stands.
    pub status: ApiStatus,
    /// What its producer says of it.
    pub profile: ApiProfile,
    /// Grows by one with each change.
    pub row_version: i64,
}

/// What a producer says of an API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApiProfile {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// How much it says of people.
    pub sensitivity: Sensitivity,
    /// The legal basis that it offers: its nature.
    pub legal_nature: LegalNature,
    /// The legal basis that it offers: the text.
    pub legal_text: String,
    /// Where the text is read; may be empty.
    pub legal_url: String,
    /// Most calls in a minute of one accreditation.
    pub per_minute: u32,
    /// Most calls in a day of one accreditation.
    pub per_day: u64,
    /// The service level that it promises, in words; may be empty.
    pub service_level: String,
    /// Where it can be tried; may be empty.
    pub test_url: String,
    /// Whom to ask: an address of mail.
    pub contact: String,
    /// Where the producer answers.
    pub upstreams: Vec<String>,
    /// A path that answers 2xx when the producer is well; may be empty.
    pub health_path: String,
    /// How long the producer may take, in milliseconds.
    pub timeout_ms: u32,
    /// How the gateway proves who it is.
    pub proof: Proof,
}

codes! {
    /// How the gateway proves to a producer who it is.
    Proof {
        /// By its certificate.
        MutualTls => "mutual-tls",
        /// By a signature of each request.
        Signature => "signature",
        /// Not at all: on a closed network.
        None => "none",
    }
}

impl From<Proof> for UpstreamProof {
    fn from(proof: Proof) -> Self {
        match proof {
            Proof::MutualTls => Self::MutualTls,
            Proof::Signature => Self::Signature,
            Proof::None => Self::None,
        }
    }
}

/// An operation as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// Its id: stays the same through newer documents.
    pub id: Uuid,
    /// The API.
    pub api: Uuid,
    /// What the document says of it.
    pub described: Described,
    /// The parameters that together name the person asked about.
    pub subject: Vec<Parameter>,
    /// Pieces of information that one answer saves the person from giving.
    pub pieces_saved: u32,
    /// For how many days the person isn't shown a call of it: 0 to 365.
    pub hidden_days: u32,
    /// Why; empty when it is shown at once.
    pub hidden_reason: String,
    /// Whether it is called on behalf of citizens who signed in.
    pub citizen_calls: CitizenCalls,
    /// How surely they must be who they say, by eIDAS: 1 to 3; 0 where it isn't called so.
    pub level_min: u8,
    /// No longer in the document: kept for what was traced of it.
    pub is_removed: bool,
}

/// A scope: what can be asked for, and the fields that it opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Its id.
    pub id: Uuid,
    /// The API.
    pub api: Uuid,
    /// Its name in tokens: unique in the whole exchange.
    pub code: String,
    /// Its name, as people read it.
    pub label: String,
    /// What it opens: operation and field path.
    pub fields: Vec<(Uuid, String)>,
    /// Whether its producer is told, with it, who the citizen is on whose behalf it is asked.
    #[serde(default)]
    pub tells_identity: bool,
}

/// Whether a text can be an address of mail: `name@domain` in ASCII.
pub(crate) fn is_mail(text: &str) -> bool {
    let plain =
        |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '(' | ')' | ',' | ';' | '<' | '>');
    text.len() <= 254
        && text.chars().all(plain)
        && text.split_once('@').is_some_and(|(name, domain)| {
            !name.is_empty()
                && domain.contains('.')
                && !domain.contains('@')
                && !domain.ends_with('.')
        })
}

/// The first two segments of an API's paths: small letters, digits and hyphens.
pub fn check_prefix(text: &str) -> Result<String, Mistake> {
    let text = text.trim().trim_matches('/');
    let is_segment = |segment: &str| {
        (2..=40).contains(&segment.len())
            && segment
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && !segment.starts_with('-')
            && !segment.ends_with('-')
    };
    match text.split('/').collect::<Vec<_>>().as_slice() {
        [one, two] if is_segment(one) && is_segment(two) => Ok(text.to_owned()),
        _ => Err(Mistake::about("prefix", "exchange-mistake-prefix", text)),
    }
}

/// The code of a scope: small letters, digits, `_`, `-`, `:` and `.`, beginning with a letter.
pub fn check_scope_code(text: &str) -> Result<String, Mistake> {
    let text = text.trim();
    let plain = |c: char| {
        c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | ':' | '.')
    };
    let fits = (3..=60).contains(&text.len())
        && text.chars().all(plain)
        && text.starts_with(|c: char| c.is_ascii_lowercase());
    if fits {
        Ok(text.to_owned())
    } else {
        Err(Mistake::about("code", "exchange-mistake-scope-code", text))
    }
}

/// The fields that a scope opens, each of an operation that has it. A path below one that is opened
/// already adds nothing and is left out.
pub fn check_scope_fields(
    operations: &[Operation],
    chosen: &[(String, String)],
) -> Result<Vec<(Uuid, String)>, Vec<Mistake>> {
    let mut read = Reader::default();
    let mut fields: Vec<(Uuid, String)> = Vec::new();
    for (operation, path) in chosen {
        let found = operations.iter().find(|one| {
            one.described.name == *operation
                && !one.is_removed
                && one.described.fields.iter().any(|field| field.path == *path)
        });
        match found {
            Some(found) => fields.push((found.id, path.clone())),
            None => read.wrong(
                "fields",
                "exchange-mistake-field",
                format!("{operation}\u{a0}: {path}"),
            ),
        }
    }
    fields.sort();
    fields.dedup();
    let all = fields.clone();
    fields.retain(|(operation, path)| {
        let opens = |above: &(Uuid, String)| {
            above.0 == *operation
                && path.len() > above.1.len()
                && path.starts_with(&above.1)
                && path.as_bytes()[above.1.len()] == b'.'
        };
        !all.iter().any(opens)
    });
    if fields.is_empty() && read.mistakes.is_empty() {
        read.wrong("fields", "exchange-mistake-missing", "");
    }
    if fields.len() > SCOPE_FIELDS_MAX {
        read.wrong("fields", "exchange-mistake-count", SCOPE_FIELDS_MAX);
    }
    if read.mistakes.is_empty() {
        Ok(fields)
    } else {
        Err(read.mistakes)
    }
}

/// A parameter as the snapshot names it.
pub fn parameter(of: &DescribedParameter) -> Parameter {
    let name = of.name.clone();
    match of.place.as_str() {
        "path" => Parameter::Path(name),
        "query" => Parameter::Query(name),
        _ => Parameter::Body(name),
    }
}

/// A parameter's name in forms: `path:numero`.
pub fn parameter_code(of: &DescribedParameter) -> String {
    format!("{}:{}", of.place, of.name)
}

/// The parameters that name the person, each of the operation.
pub fn check_subject(
    operation: &Operation,
    chosen: &[String],
) -> Result<Vec<Parameter>, Vec<Mistake>> {
    let mut subject = Vec::new();
    for code in chosen {
        let known = operation.described.parameters.iter();
        match known.clone().find(|one| parameter_code(one) == *code) {
            Some(one) => subject.push(parameter(one)),
            None => {
                let key = "exchange-mistake-parameter";
                return Err(vec![Mistake::about("subject", key, code)]);
            }
        }
    }
    Ok(subject)
}

/// What is missing before others may see an API.
pub fn lacks_for_publication(
    operations: &[Operation],
    scopes: &[Scope],
    profile: &ApiProfile,
) -> Vec<Mistake> {
    let mut read = Reader::default();
    if scopes.is_empty() {
        read.wrong("status", "exchange-mistake-no-scope", "");
    }
    if profile.sensitivity != Sensitivity::Open {
        let is_open = |operation: &&Operation| {
            let is_of_citizens = operation.citizen_calls == CitizenCalls::Only;
            !operation.is_removed && operation.subject.is_empty() && !is_of_citizens
        };
        if let Some(operation) = operations.iter().find(is_open) {
            let name = &operation.described.name;
            read.wrong("status", "exchange-mistake-no-subject", name);
        }
    }
    read.mistakes
}

/// The fields of an operation that a scope opens, itself or by one above.
pub fn opens<'f>(
    scope: &'f Scope,
    operation: &'f Operation,
) -> impl Iterator<Item = &'f DescribedField> {
    operation.described.fields.iter().filter(move |field| {
        scope.fields.iter().any(|(of, path)| {
            *of == operation.id
                && (field.path == *path
                    || field
                        .path
                        .strip_prefix(path.as_str())
                        .is_some_and(|rest| rest.starts_with('.')))
        })
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn operation(id: u128, name: &str, fields: &[&str]) -> Operation {
        let field = |path: &&str| DescribedField {
            path: (*path).to_owned(),
            kind: "string".into(),
            text: String::new(),
        };
        Operation {
            id: Uuid::from_u128(id),
            api: Uuid::from_u128(1),
            described: Described {
                name: name.into(),
                method: "GET".into(),
                path: "/v1/x".into(),
                summary: String::new(),
                parameters: vec![DescribedParameter {
                    name: "numero".into(),
                    place: "query".into(),
                    required: true,
                    kind: "string".into(),
                    text: String::new(),
                }],
                fields: fields.iter().map(field).collect(),
            },
            subject: Vec::new(),
            pieces_saved: 0,
            hidden_days: 0,
            hidden_reason: String::new(),
            citizen_calls: CitizenCalls::Closed,
            level_min: 0,
            is_removed: false,
        }
    }

    fn chosen(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter()
            .map(|(a, b)| ((*a).into(), (*b).into()))
            .collect()
    }

    #[test]
    fn a_scope_opens_fields_that_exist() {
        let operations = [operation(7, "get", &["a", "a.b", "ab", "c"])];
        let fields = check_scope_fields(
            &operations,
            &chosen(&[("get", "a.b"), ("get", "a"), ("get", "ab")]),
        );
        let id = Uuid::from_u128(7);
        assert_eq!(fields, Ok(vec![(id, "a".into()), (id, "ab".into())]));
        let wrong =
            check_scope_fields(&operations, &chosen(&[("get", "z"), ("put", "a")])).unwrap_err();
        assert_eq!(wrong.len(), 2);
        assert_eq!(wrong[0].value, "get\u{a0}: z");
        assert!(check_scope_fields(&operations, &[]).is_err());
        let scope = Scope {
            tells_identity: false,
            id,
            api: id,
            code: "s".into(),
            label: "s".into(),
            fields: vec![(id, "a".into())],
        };
        let open: Vec<_> = opens(&scope, &operations[0])
            .map(|field| field.path.as_str())
            .collect();
        assert_eq!(open, ["a", "a.b"]);
    }

    #[test]
    fn a_prefix_is_two_segments() {
        assert_eq!(
            check_prefix("/cnp/quotient-familial/").as_deref(),
            Ok("cnp/quotient-familial")
        );
        for wrong in ["cnp", "cnp/a/b", "CNP/quotient", "../x", "cnp/-x", "cnp/é"] {
            assert!(check_prefix(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_status_goes_forward_or_back_to_published() {
        use ApiStatus::{Deprecated, Draft, Published, Withdrawn};
        assert!(Draft.may_become(Published) && Withdrawn.may_become(Published));
        assert!(!Draft.may_become(Deprecated) && !Published.may_become(Draft));
    }

    #[test]
    fn the_person_is_named_by_parameters_that_exist() {
        let operation = operation(7, "get", &["a"]);
        let subject = check_subject(&operation, &["query:numero".into()]);
        assert_eq!(subject, Ok(vec![Parameter::Query("numero".into())]));
        assert!(check_subject(&operation, &["path:numero".into()]).is_err());
    }
}
