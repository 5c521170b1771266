//! Scopes, and what they tell a service of a person.

use jose::claims::Claims;
use serde_json::json;

use super::audience::Audience;
use super::request::RequestedClaim;

/// Every scope with the claims that it opens, in the order in which pages show them.
pub const SCOPES: [(&str, &[&str]); 8] = [
    ("openid", &["sub"]),
    ("profile", &["name", "preferred_username", "updated_at"]),
    ("email", &["email", "email_verified"]),
    ("uid", &["uid"]),
    ("siret", &["siret"]),
    ("organizational_unit", &["organizational_unit"]),
    ("idp_id", &["idp_id"]),
    ("idp_acr", &["idp_acr"]),
];
/// The scope with which refresh tokens outlive the session.
const OFFLINE: &str = "offline_access";

/// Some scopes, without repetition, in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes(Vec<String>);

impl Scopes {
    /// Reads scopes separated by blanks.
    pub fn parse(text: &str) -> Self {
        let mut scopes: Vec<String> = Vec::new();
        for scope in text.split(' ').filter(|scope| !scope.is_empty()) {
            if !scopes.iter().any(|known| known == scope) {
                scopes.push(scope.to_owned());
            }
        }
        Self(scopes)
    }

    /// Whether one is among them.
    pub fn has(&self, scope: &str) -> bool {
        self.0.iter().any(|known| known == scope)
    }

    /// Whether `openid` is among them.
    pub fn is_openid(&self) -> bool {
        self.has("openid")
    }

    /// Whether tokens may outlive the session.
    pub fn is_offline(&self) -> bool {
        self.has(OFFLINE)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that `other` has too.
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        let both = self.0.iter().filter(|scope| other.has(scope));
        Self(both.cloned().collect())
    }

    /// Whether all of them are in `other`.
    pub fn are_in(&self, other: &Self) -> bool {
        self.0.iter().all(|scope| other.has(scope))
    }

    /// One by one.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl std::fmt::Display for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// What is known of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonClaims {
    /// The platform's own id of it.
    pub uid: String,
    /// Its name.
    pub name: String,
    /// Its address.
    pub email: String,
    /// Whether a mail to it was followed.
    pub email_verified: bool,
    /// The SIRET number of where it works.
    pub siret: Option<String>,
    /// The name of where it works.
    pub organizational_unit: Option<String>,
    /// The identity provider that opened the session, by its id.
    pub idp_id: Option<String>,
    /// The provider's own word for the level.
    pub idp_acr: Option<String>,
}

/// The claims that the scopes open, and those asked for one by one, as far as the person has them.
/// A claim asked for by name is told only if one of `allowed` (the client's scopes) opens it: a
/// request can't reach further than the registration.
pub fn claims_of(
    person: &PersonClaims,
    scopes: &Scopes,
    asked: &[RequestedClaim],
    allowed: &Scopes,
) -> Claims {
    let opened = |scopes: &Scopes, claim: &str| {
        SCOPES
            .iter()
            .any(|(scope, claims)| scopes.has(scope) && claims.contains(&claim))
    };
    let wanted = |claim: &str| {
        opened(scopes, claim)
            || (asked.iter().any(|one| one.name == claim) && opened(allowed, claim))
    };
    let mut claims = Claims::new();
    for (claim, value) in [
        ("uid", Some(json!(person.uid))),
        ("name", Some(json!(person.name))),
        ("preferred_username", Some(json!(person.email))),
        ("email", Some(json!(person.email))),
        // Once somebody has followed a mail to it.
        ("email_verified", Some(json!(person.email_verified))),
        ("siret", person.siret.as_ref().map(|siret| json!(siret))),
        (
            "organizational_unit",
            person.organizational_unit.as_ref().map(|unit| json!(unit)),
        ),
        ("idp_id", person.idp_id.as_ref().map(|id| json!(id))),
        ("idp_acr", person.idp_acr.as_ref().map(|acr| json!(acr))),
    ] {
        if let Some(value) = value.filter(|_| wanted(claim)) {
            claims = claims.with(claim, value);
        }
    }
    claims
}

/// Most scopes of the data exchange that a service asks citizens for.
const EXCHANGE_SCOPES_MAX: usize = 50;

/// Scopes of the data exchange, as typed between blanks or one a line; the key of what is wrong with them.
pub(super) fn exchange_scopes(typed: &str, is_citizens: bool) -> Result<Scopes, &'static str> {
    let all: Vec<&str> = typed.split_whitespace().collect();
    let is_known = all.iter().all(|scope| is_exchange_scope(scope));
    if all.len() > EXCHANGE_SCOPES_MAX || !is_known {
        return Err("identity-mistake-exchange-scopes");
    }
    if !all.is_empty() && !is_citizens {
        return Err("identity-mistake-exchange-citizens");
    }
    Ok(Scopes::parse(&all.join(" ")))
}

/// Whether a scope can be one of the data exchange: written as there, and none of ours.
pub fn is_exchange_scope(scope: &str) -> bool {
    let plain = |c: char| {
        c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | ':' | '.')
    };
    let is_ours = scope == "offline_access"
        || Audience::ALL
            .iter()
            .any(|audience| audience.scopes().iter().any(|(name, _)| *name == scope));
    (3..=60).contains(&scope.len())
        && scope.starts_with(|c: char| c.is_ascii_lowercase())
        && scope.chars().all(plain)
        && !is_ours
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ada() -> PersonClaims {
        PersonClaims {
            uid: "7".into(),
            name: "Ada".into(),
            email: "ada@min.example".into(),
            email_verified: true,
            siret: None,
            organizational_unit: Some("DINUM".into()),
            idp_id: None,
            idp_acr: None,
        }
    }

    #[test]
    fn scopes_open_their_claims_and_no_other() {
        let all = Scopes::parse("openid profile email siret organizational_unit");
        let told = claims_of(&ada(), &Scopes::parse("openid email siret"), &[], &all);
        assert_eq!(told.text("email"), Some("ada@min.example"));
        assert_eq!(told.get("email_verified"), Some(&json!(true)));
        assert_eq!(told.get("name"), None);
        assert_eq!(told.get("siret"), None, "what isn't known isn't told");
    }

    #[test]
    fn a_claim_asked_for_by_name_stays_within_the_registration() {
        let asked = [
            RequestedClaim::named("name"),
            RequestedClaim::named("siret"),
        ];
        let told = claims_of(
            &ada(),
            &Scopes::parse("openid"),
            &asked,
            &Scopes::parse("openid profile"),
        );
        assert_eq!(told.text("name"), Some("Ada"));
        let told = claims_of(
            &ada(),
            &Scopes::parse("openid"),
            &asked,
            &Scopes::parse("openid"),
        );
        assert_eq!(told.get("name"), None);
    }

    #[test]
    fn scopes_are_read_once_each() {
        let scopes = Scopes::parse(" openid  email openid ");
        assert_eq!(scopes.to_string(), "openid email");
        assert!(scopes.are_in(&Scopes::parse("email openid x")));
        assert_eq!(scopes.within(&Scopes::parse("email")).to_string(), "email");
    }
}
