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
        let [purpose, object, recipient] = OURS.map(|name| one(query, name));
        let (purpose, object, recipient) = (purpose?, object?, recipient?);
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

fn one(query: &str, name: &'static str) -> Result<String, Problem> {
    let mut all = values_of(query, name);
    let first = all.next().map(|value| value.trim().to_owned());
    let Some(value) = first.filter(|value| !value.is_empty()) else {
        let told = match name {
            "context" => "context is missing: the code of a purpose of your accreditation",
            "object" => "object is missing: what the call is for, such as the number of a file",
            _ => "recipient is missing: the SIRET number of the body for which the data is",
        };
        return Err(Problem::new(Code::ParameterMissing, told).at(name));
    };
    if all.next().is_some() {
        return Err(invalid(name, format!("{name} stands more than once")));
    }
    Ok(value)
}

/// The decoded values of a parameter of a query.
pub fn values_of<'q>(query: &'q str, name: &'q str) -> impl Iterator<Item = Cow<'q, str>> {
    form_urlencoded::parse(query.as_bytes())
        .filter(move |(found, _)| found == name)
        .map(|(_, value)| value)
}

/// The query as the producer gets it: as it came, less what is ours.
pub fn forwarded_query(query: &str) -> String {
    let is_ours = |pair: &&str| {
        let name = form_urlencoded::parse(pair.as_bytes()).next();
        name.is_none_or(|(name, _)| OURS.contains(&name.as_ref()))
    };
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_ours(pair)).collect();
    kept.join("&")
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
