//! Whether an operation is called on behalf of citizens who signed in, and how surely they must be who
//! they say.

use ports::exchange::{OnBehalf, Parameter};
use serde::{Deserialize, Serialize};

use super::Mistake;
use super::api::codes;

codes! {
    /// Whether an operation is called on behalf of citizens who signed in to the service that calls.
    CitizenCalls {
        /// It isn't.
        Closed => "closed",
        /// It is, and by its parameters too.
        Open => "open",
        /// It is called in no other way.
        Only => "only",
    }
}

impl From<CitizenCalls> for OnBehalf {
    fn from(calls: CitizenCalls) -> Self {
        match calls {
            CitizenCalls::Closed => Self::Closed,
            CitizenCalls::Open => Self::Open,
            CitizenCalls::Only => Self::Only,
        }
    }
}

/// The level that is asked for where nothing else is said: eIDAS substantial.
pub const LEVEL_USUAL: u8 = 2;

/// What a producer says of calls on behalf of citizens: whether, and from which level on (1 to 3; 0
/// where there are none). A call on behalf of a citizen leaves out the parameters that name a person, so
/// none of them may stand in the path.
pub fn check_citizen_calls(
    calls: &str,
    level: &str,
    subject: &[Parameter],
) -> Result<(CitizenCalls, u8), Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let parsed = match calls.trim() {
        "" => Some(CitizenCalls::Closed),
        code => CitizenCalls::parse(code),
    };
    let Some(parsed) = parsed else {
        let key = "exchange-mistake-choice";
        return Err(vec![Mistake::about("citizen_calls", key, calls)]);
    };
    if parsed == CitizenCalls::Closed {
        return Ok((parsed, 0));
    }
    let level_min = match level.trim() {
        "" => Some(LEVEL_USUAL),
        text => text.parse().ok().filter(|level| (1..=3).contains(level)),
    };
    if level_min.is_none() {
        let key = "exchange-mistake-number";
        mistakes.push(Mistake::about("level_min", key, "1 – 3"));
    }
    let in_path = subject.iter().find_map(|one| match one {
        Parameter::Path(name) => Some(name),
        Parameter::Query(_) | Parameter::Body(_) => None,
    });
    if let Some(name) = in_path {
        let key = "exchange-mistake-citizen-path";
        mistakes.push(Mistake::about("citizen_calls", key, name));
    }
    match level_min {
        Some(level) if mistakes.is_empty() => Ok((parsed, level)),
        _ => Err(mistakes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_goes_with_calls_on_behalf() {
        let check = |calls, level| check_citizen_calls(calls, level, &[]);
        assert_eq!(check("", "9"), Ok((CitizenCalls::Closed, 0)));
        assert_eq!(check("open", ""), Ok((CitizenCalls::Open, 2)));
        assert_eq!(check("only", "3"), Ok((CitizenCalls::Only, 3)));
        for (calls, level, field) in [
            ("always", "", "citizen_calls"),
            ("open", "0", "level_min"),
            ("open", "4", "level_min"),
        ] {
            assert_eq!(check(calls, level).unwrap_err()[0].field, field);
        }
    }

    #[test]
    fn a_path_that_names_a_person_is_not_called_on_behalf() {
        let path = [Parameter::Path("numero".into())];
        let mistakes = check_citizen_calls("only", "", &path).unwrap_err();
        assert_eq!(mistakes[0].field, "citizen_calls");
        let query = [Parameter::Query("nom".into())];
        assert!(check_citizen_calls("open", "", &query).is_ok());
    }
}
