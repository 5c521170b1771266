//! Tokens for tokens (RFC 8693): who acts for whom, and how far that may go.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::error::{ErrorCode, OAuthError};
use super::scope::Scopes;

/// Most exchanges between a sign-in and a token.
const EXCHANGES_MAX: u8 = 4;

/// What a token is bound to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Binding {
    /// A key, by its thumbprint (RFC 9449).
    pub dpop_jkt: Option<String>,
    /// A certificate, by its thumbprint (RFC 8705).
    pub certificate: Option<String>,
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acting {
    /// A service, by its id.
    Service(Uuid),
    /// A person, by its id: each service that asks knows it by a name of its own.
    Person(Uuid),
}

/// How a token came from another one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchanged {
    /// How many times.
    pub times: u8,
    /// Who acts for the person, the current one first (section 4.1). Empty when a service was
    /// given a token as if it were the person: impersonation (section 1.1).
    pub acting: Vec<Acting>,
}

impl Exchanged {
    /// One exchange more, by `acting` when an actor was named. Whoever acted before stays in the
    /// chain: nobody gets rid of a trace by exchanging again.
    pub fn once_more(before: Option<&Self>, acting: Option<Acting>) -> Result<Self, OAuthError> {
        let before = before.cloned().unwrap_or_default();
        if before.times >= EXCHANGES_MAX {
            let told = format!("a token is exchanged {EXCHANGES_MAX} times at most");
            return Err(OAuthError::request(told));
        }
        Ok(Self {
            times: before.times + 1,
            acting: acting.into_iter().chain(before.acting).collect(),
        })
    }
}

/// The scopes of an exchanged token: what is asked for, which must be in the token and in the
/// registration; what both have when nothing is asked for. Never more than before.
pub fn exchanged_scopes(
    asked: Option<&Scopes>,
    token: &Scopes,
    registered: &Scopes,
) -> Result<Scopes, OAuthError> {
    let most = token.within(registered);
    match asked {
        None => Ok(most),
        Some(asked) if asked.are_in(&most) => Ok(asked.clone()),
        Some(_) => Err(OAuthError::new(
            ErrorCode::InvalidScope,
            "scope holds what the token or this client doesn't have",
        )),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_chain_grows_and_ends() {
        let person = Acting::Person(Uuid::from_u128(1));
        let first = Exchanged::once_more(None, Some(person.clone())).unwrap();
        let second = Exchanged::once_more(Some(&first), None).unwrap();
        assert_eq!(second.acting, [person], "impersonation hides nobody");
        let third = Exchanged::once_more(Some(&second), None).unwrap();
        let fourth = Exchanged::once_more(Some(&third), None).unwrap();
        assert!(Exchanged::once_more(Some(&fourth), None).is_err());
    }

    proptest! {
        #[test]
        fn an_exchange_never_widens(
            asked in proptest::option::of("[abcd]( [abcd]){0,3}"),
            token in "[abcd]( [abcd]){0,3}",
            registered in "[abcd]( [abcd]){0,3}",
        ) {
            let asked = asked.map(|text| Scopes::parse(&text));
            let (token, registered) = (Scopes::parse(&token), Scopes::parse(&registered));
            if let Ok(given) = exchanged_scopes(asked.as_ref(), &token, &registered) {
                prop_assert!(given.are_in(&token) && given.are_in(&registered));
            }
        }
    }
}
