//! Citizens: what services may be told of them, how long they are known, who is one person.

use jiff::{SignedDuration, Timestamp};
use jose::claims::Claims;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::pivot::{Pivot, cleaned};
use super::request::RequestedClaim;
use super::scope::Scopes;

/// Every scope of citizens' services with the claims that it opens, in the order in which pages
/// show them: those of `FranceConnect`.
pub const CITIZEN_SCOPES: [(&str, &[&str]); 12] = [
    ("openid", &["sub"]),
    ("identite_pivot", &PIVOT_CLAIMS),
    (
        "profile",
        &[
            "given_name",
            "family_name",
            "birthdate",
            "gender",
            "preferred_username",
        ],
    ),
    ("birth", &["birthplace", "birthcountry"]),
    ("given_name", &["given_name"]),
    ("family_name", &["family_name"]),
    ("birthdate", &["birthdate"]),
    ("gender", &["gender"]),
    ("birthplace", &["birthplace"]),
    ("birthcountry", &["birthcountry"]),
    ("preferred_username", &["preferred_username"]),
    ("email", &["email"]),
];

/// The claims of the pivot.
const PIVOT_CLAIMS: [&str; 6] = [
    "given_name",
    "family_name",
    "birthdate",
    "gender",
    "birthplace",
    "birthcountry",
];

/// How long a citizen's session lasts, from the moment at which the person proved who it is.
pub const CITIZEN_SESSION_LIVES: SignedDuration = SignedDuration::from_mins(30);
/// How long it lasts here while it isn't used.
pub const CITIZEN_SESSION_IDLE: SignedDuration = SignedDuration::from_mins(15);
/// Longest name of use and address, in characters: longer ones are left out.
const OTHER_CHARS_MAX: usize = 250;

/// What is known of a citizen while the session lasts, and forgotten with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CitizenClaims {
    /// All given names.
    pub given_name: String,
    /// The name at birth.
    pub family_name: String,
    /// `YYYY-MM-DD`.
    pub birthdate: String,
    /// `female` or `male`.
    pub gender: String,
    /// The commune of birth; empty when it is abroad.
    pub birthplace: String,
    /// The country of birth.
    pub birthcountry: String,
    /// The name that the person goes by, beside the pivot.
    pub preferred_username: Option<String>,
    /// The address, beside the pivot.
    pub email: Option<String>,
}

impl CitizenClaims {
    /// A pivot, and what the provider's claims say beside it.
    pub fn new(pivot: &Pivot, claims: &Claims) -> Self {
        let beside = |claim: &str| {
            let text = claims.text(claim)?;
            let text = Some(text).filter(|text| text.chars().count() <= OTHER_CHARS_MAX)?;
            let text = cleaned(text);
            let is_plain = !text.is_empty() && !text.chars().any(char::is_control);
            is_plain.then_some(text)
        };
        Self {
            given_name: pivot.given_name.clone(),
            family_name: pivot.family_name.clone(),
            birthdate: pivot.birthdate.clone(),
            gender: pivot.gender.code().to_owned(),
            birthplace: pivot.birthplace.clone(),
            birthcountry: pivot.birthcountry.clone(),
            preferred_username: beside("preferred_username"),
            email: beside("email").filter(|email| email.contains('@') && !email.contains(' ')),
        }
    }

    /// The value of a claim.
    pub fn value(&self, claim: &str) -> Option<&str> {
        match claim {
            "given_name" => Some(&self.given_name),
            "family_name" => Some(&self.family_name),
            "birthdate" => Some(&self.birthdate),
            "gender" => Some(&self.gender),
            // Empty when it is abroad: services of the field count on it being there.
            "birthplace" => Some(&self.birthplace),
            "birthcountry" => Some(&self.birthcountry),
            "preferred_username" => self.preferred_username.as_deref(),
            "email" => self.email.as_deref(),
            _ => None,
        }
    }

    /// The claims that the scopes open, and those asked for one by one, as far as one of `allowed`
    /// (the service's scopes) opens them.
    pub fn told(&self, scopes: &Scopes, asked: &[RequestedClaim], allowed: &Scopes) -> Claims {
        let opened = |scopes: &Scopes, claim: &str| {
            CITIZEN_SCOPES
                .iter()
                .any(|(scope, claims)| scopes.has(scope) && claims.contains(&claim))
        };
        let wanted = |claim: &str| {
            opened(scopes, claim)
                || (asked.iter().any(|one| one.name == claim) && opened(allowed, claim))
        };
        PIVOT_CLAIMS
            .into_iter()
            .chain(["preferred_username", "email"])
            .filter(|claim| wanted(claim))
            .fold(Claims::new(), |claims, claim| {
                claims.with_optional(claim, self.value(claim))
            })
    }
}

/// Whose keys were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognised {
    /// Nobody's: a new citizen.
    New,
    /// One citizen's.
    Known(Uuid),
    /// The provider's name of the person is one citizen's, the pivot another's: nothing is merged.
    Conflict {
        /// Known by the provider's name.
        by_subject: Uuid,
        /// Known by the pivot.
        by_pivot: Uuid,
    },
}

/// Who somebody is, by the two keys. A provider's own name of a person outlives corrections of the
/// register, so a new pivot under a known name is the same person; a known pivot under a new name
/// is a person who comes by another provider.
pub fn recognise(by_subject: Option<Uuid>, by_pivot: Option<Uuid>) -> Recognised {
    match (by_subject, by_pivot) {
        (None, None) => Recognised::New,
        (Some(by_subject), Some(by_pivot)) if by_subject != by_pivot => Recognised::Conflict {
            by_subject,
            by_pivot,
        },
        (Some(one), _) | (None, Some(one)) => Recognised::Known(one),
    }
}

/// Whether a session that began and was last used then goes on: `idle` counts here, not for the
/// services that it opened.
pub fn session_lasts(begun_at: Timestamp, seen_at: Option<Timestamp>, now: Timestamp) -> bool {
    now < begun_at + CITIZEN_SESSION_LIVES
        && seen_at.is_none_or(|seen_at| now < seen_at + CITIZEN_SESSION_IDLE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn citizen() -> CitizenClaims {
        let claims = Claims::new()
            .with("given_name", "Élodie  Marie")
            .with("family_name", "Fonteneau")
            .with("birthdate", "1962-08-24")
            .with("gender", "female")
            .with("birthplace", "")
            .with("birthcountry", "99109")
            .with("preferred_username", "Fonteneau Le Bihan")
            .with("email", "elodie@courriel.example")
            .with("siret", "13002526500013");
        let pivot = Pivot::read(&claims, date(2026, 3, 1)).unwrap();
        CitizenClaims::new(&pivot, &claims)
    }

    #[test]
    fn scopes_open_their_claims_and_no_other() {
        let all = Scopes::parse("openid identite_pivot email");
        let names = |scopes: &str, asked: &[RequestedClaim]| {
            let told = citizen().told(&Scopes::parse(scopes), asked, &all);
            told.members().keys().cloned().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names("openid", &[]), "");
        assert_eq!(names("openid email", &[]), "email");
        assert_eq!(names("openid birth", &[]), "birthcountry birthplace");
        assert_eq!(
            names("openid profile", &[]),
            "birthdate family_name gender given_name preferred_username"
        );
        let asked = ["gender", "preferred_username", "siret"].map(RequestedClaim::named);
        assert_eq!(names("openid", &asked), "gender", "within the registration");
        assert_eq!(citizen().given_name, "Élodie Marie");
    }

    #[test]
    fn what_stands_beside_the_pivot_is_kept_only_when_it_can_be_read() {
        let pivot = Claims::new()
            .with("given_name", "A")
            .with("family_name", "B")
            .with("birthdate", "1962-08-24")
            .with("gender", "male")
            .with("birthplace", "75107")
            .with("birthcountry", "99100");
        for (name, email) in [
            ("", "nobody"),
            ("\u{7}", "a b@c"),
            (&*"x".repeat(251), &*format!("{}@a", "x".repeat(250))),
        ] {
            let claims = pivot
                .clone()
                .with("preferred_username", name)
                .with("email", email);
            let read = Pivot::read(&claims, date(2026, 3, 1)).unwrap();
            let known = CitizenClaims::new(&read, &claims);
            assert_eq!((known.preferred_username, known.email), (None, None));
        }
    }

    #[test]
    fn two_keys_of_two_people_are_never_merged() {
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(recognise(None, None), Recognised::New);
        assert_eq!(recognise(Some(a), None), Recognised::Known(a));
        assert_eq!(recognise(None, Some(b)), Recognised::Known(b));
        assert_eq!(recognise(Some(a), Some(a)), Recognised::Known(a));
        assert_eq!(
            recognise(Some(a), Some(b)),
            Recognised::Conflict {
                by_subject: a,
                by_pivot: b
            }
        );
    }

    #[test]
    fn a_session_lasts_half_an_hour_at_most() {
        let at = |minutes: i64| Timestamp::from_second(minutes * 60).unwrap();
        assert!(session_lasts(at(0), Some(at(0)), at(14)));
        assert!(!session_lasts(at(0), Some(at(0)), at(15)), "idle");
        assert!(session_lasts(at(0), Some(at(16)), at(29)));
        assert!(!session_lasts(at(0), Some(at(29)), at(30)));
        assert!(session_lasts(at(0), None, at(29)), "for services");
    }
}
