//! What a call is for: parameters of the query that the gateway reads and the producer never sees.

use std::borrow::Cow;

use siret::is_siret;

use super::{Code, Problem};

/// Most characters of `object`.
pub const OBJECT_CHARACTERS_MAX: usize = 50;
/// Most bytes of the code of a purpose.
const PURPOSE_BYTES_MAX: usize = 100;
/// Most bytes of a query.
const QUERY_BYTES_MAX: usize = 4_096;

/// The names that the gateway keeps to itself.
const OURS: [&str; 3] = ["context", "object", "recipient"];

/// Why data is asked for, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purposed {
    /// `context`: the code of the purpose.
    pub purpose: String,
    /// `object`: what the call is for, in the requester's words, 1 to [`OBJECT_CHARACTERS_MAX`]
    /// characters.
    pub object: String,
    /// `recipient`: the SIRET number of the body for which the data is.
    pub recipient: String,
}

impl Purposed {
    /// Reads them from a query; each must be there once. The first mistake is the error.
    pub fn read(query: &str) -> Result<Self, Problem> {
        if query.len() > QUERY_BYTES_MAX {
            let told = format!("the query has more than {QUERY_BYTES_MAX} bytes");
            return Err(Problem::new(Code::MalformedRequest, told));
        }
        let [context, object, recipient] = ours(query);
        let (purpose, object, recipient) = (context.one()?, object.one()?, recipient.one()?);
        if purpose.len() > PURPOSE_BYTES_MAX {
            let told = format!("context has more than {PURPOSE_BYTES_MAX} bytes");
            return Err(invalid("context", told));
        }
        if object.chars().count() > OBJECT_CHARACTERS_MAX {
            let told = format!("object has more than {OBJECT_CHARACTERS_MAX} characters");
            return Err(invalid("object", told));
        }
        // Both are kept in the trace: not every database holds a NUL.
        for (name, value) in [("context", &purpose), ("object", &object)] {
            if value.chars().any(char::is_control) {
                return Err(invalid(name, format!("{name} holds a control character")));
            }
        }
        if !is_siret(&recipient) {
            let told = "recipient must be a SIRET number: 14 digits, of which the last one checks";
            return Err(invalid("recipient", told.to_owned()));
        }
        Ok(Self {
            purpose,
            object,
            recipient,
        })
    }
}

fn invalid(name: &str, told: String) -> Problem {
    Problem::new(Code::ParameterInvalid, told).at(name)
}

/// A pair of a query, decoded; `None` between two ampersands.
fn pair(raw: &str) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    // Most pairs stand for themselves.
    if raw.bytes().any(|byte| byte == b'%' || byte == b'+') {
        return form_urlencoded::parse(raw.as_bytes()).next();
    }
    let (name, value) = raw.split_once('=').unwrap_or((raw, ""));
    (!raw.is_empty()).then_some((name.into(), value.into()))
}

/// The first value of a parameter of ours, and whether there is another one.
struct Ours<'q> {
    name: &'static str,
    first: Option<Cow<'q, str>>,
    stands_again: bool,
}

/// Reads the three in one go.
fn ours(query: &str) -> [Ours<'_>; 3] {
    let mut found = OURS.map(|name| Ours {
        name,
        first: None,
        stands_again: false,
    });
    for (name, value) in query.split('&').filter_map(pair) {
        if let Some(one) = found.iter_mut().find(|one| one.name == name) {
            one.stands_again = one.first.is_some();
            one.first.get_or_insert(value);
        }
    }
    found
}

impl Ours<'_> {
    fn one(self) -> Result<String, Problem> {
        let name = self.name;
        let value = self.first.as_deref().map_or("", str::trim);
        if value.is_empty() {
            return Err(missing(name));
        }
        if self.stands_again {
            return Err(invalid(name, format!("{name} stands more than once")));
        }
        Ok(value.to_owned())
    }
}

fn missing(name: &'static str) -> Problem {
    let told = match name {
        "context" => "context is missing: the code of a purpose of your accreditation",
        "object" => "object is missing: what the call is for, such as the number of a file",
        _ => "recipient is missing: the SIRET number of the body for which the data is",
    };
    Problem::new(Code::ParameterMissing, told).at(name)
}

/// The decoded values of a parameter of a query.
pub fn values_of<'q>(query: &'q str, name: &'q str) -> impl Iterator<Item = Cow<'q, str>> {
    let pairs = query.split('&').filter_map(pair);
    pairs
        .filter(move |(found, _)| found == name)
        .map(|(_, value)| value)
}

/// The query as the producer gets it: as it came, less what is ours.
pub fn forwarded_query(query: &str) -> String {
    let mut kept = String::new();
    for raw in query.split('&') {
        if pair(raw).is_none_or(|(name, _)| OURS.contains(&&*name)) {
            continue;
        }
        if !kept.is_empty() {
            kept.push('&');
        }
        kept.push_str(raw);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "context=P1&object=Dossier%2012&recipient=13002526500013";

    #[test]
    fn the_three_are_read_and_kept_from_the_producer() {
        let read = Purposed::read(&format!("a=1&{GOOD}&b=%26")).unwrap();
        assert_eq!(read.object, "Dossier 12");
        assert_eq!(forwarded_query(&format!("a=1&{GOOD}&b=%26")), "a=1&b=%26");
        assert_eq!(
            forwarded_query("c%6Fntext=P1&x=context&&objec=1"),
            "x=context&objec=1"
        );
        assert_eq!(forwarded_query(""), "");
    }

    #[test]
    fn mistakes_name_their_parameter() {
        let mistake = |query: &str| {
            let problem = Purposed::read(query).unwrap_err();
            (problem.code, problem.parameter.unwrap_or_default())
        };
        let missing = |name: &str| (Code::ParameterMissing, name.to_owned());
        let invalid = |name: &str| (Code::ParameterInvalid, name.to_owned());
        assert_eq!(mistake(""), missing("context"));
        assert_eq!(mistake("context=P1&object=%20"), missing("object"));
        assert_eq!(mistake("context=P1&object=x"), missing("recipient"));
        assert_eq!(mistake(&format!("{GOOD}&context=P2")), invalid("context"));
        let long = format!(
            "context=P1&object={}&recipient=13002526500013",
            "é".repeat(51)
        );
        assert_eq!(mistake(&long), invalid("object"));
        assert_eq!(
            mistake("context=P1&object=a%00&recipient=13002526500013"),
            invalid("object")
        );
        // A database that holds no NUL would take no trace of this log any more.
        assert_eq!(
            mistake("context=P1%00&object=a&recipient=13002526500013"),
            invalid("context")
        );
        assert_eq!(
            mistake("context=P1&object=a&recipient=13002526500014"),
            invalid("recipient")
        );
        let most = format!(
            "context=P1&object={}&recipient=13002526500013",
            "é".repeat(50)
        );
        assert!(Purposed::read(&most).is_ok());
        let huge = format!("{GOOD}&x={}", "a".repeat(5_000));
        assert_eq!(mistake(&huge).0, Code::MalformedRequest);
    }
}
