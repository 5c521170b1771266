//! What an access token says (RFC 9068), once its signature holds.

use jose::claims::{ClaimError, Claims, Rules};
use serde_json::Value;
use uuid::Uuid;

use super::Carried;

/// Seconds by which the clocks of the issuer and of a gateway may differ.
const LEEWAY_SECONDS: i64 = 5;
/// Longest life of a token, in seconds: revocation doesn't wait for it, but a token that lives for
/// months wasn't made by the issuer of these.
const LIFETIME_SECONDS_MAX: i64 = 3_600;
/// Most bytes of a client's name.
const CLIENT_BYTES_MAX: usize = 200;

/// What the sender of a token must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    /// Nothing: whoever has the token may use it.
    None,
    /// The key of this thumbprint, by DPoP (RFC 9449 section 6).
    Key(String),
    /// The certificate of this thumbprint: SHA-256 in base64url (RFC 8705 section 3.1).
    Certificate(String),
}

/// What a token, or a key in its place, gives access to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// The accreditation.
    pub accreditation: Uuid,
    /// Its version; none for a key, which goes with every version.
    pub version: Option<u32>,
    /// The client; none for a key.
    pub client: Option<String>,
    /// Until when it is good, in seconds since 1970; `i64::MAX` for a key.
    pub expires: i64,
    /// What its sender must hold.
    pub binding: Binding,
    /// The citizen on whose behalf its client calls.
    pub citizen: Option<Carried>,
}

/// Why a token isn't taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenMistake {
    /// A claim of RFC 9068 is wrong.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// It is of another environment.
    #[error("the token is of another environment")]
    Environment,
    /// A claim of ours is absent or isn't what it must be.
    #[error("the claim `{0}` is absent or isn't what it must be")]
    Ours(&'static str),
}

/// The rules of RFC 9068 section 4.
pub fn rules<'a>(issuer: &'a str, audience: &'a str) -> Rules<'a> {
    Rules::new()
        .issuer(issuer)
        .audience(audience)
        .sole_audience()
        .with_id()
        .leeway_seconds(LEEWAY_SECONDS)
        .lifetime_seconds_max(LIFETIME_SECONDS_MAX)
}

/// What claims that were checked by [`rules`] give access to.
pub fn presented(claims: &Claims, environment: &str) -> Result<Presented, TokenMistake> {
    if claims.text("environment") != Some(environment) {
        return Err(TokenMistake::Environment);
    }
    let ours = TokenMistake::Ours;
    let accreditation = claims.get("accreditation").ok_or(ours("accreditation"))?;
    let id = accreditation.get("id").and_then(Value::as_str);
    let version = accreditation.get("version").and_then(Value::as_u64);
    let client = claims
        .text("client_id")
        .filter(|client| (1..=CLIENT_BYTES_MAX).contains(&client.len()))
        .ok_or(ours("client_id"))?;
    Ok(Presented {
        accreditation: id
            .and_then(|id| id.parse().ok())
            .ok_or(ours("accreditation"))?,
        version: Some(
            version
                .and_then(|version| u32::try_from(version).ok())
                .ok_or(ours("accreditation"))?,
        ),
        client: Some(client.to_owned()),
        expires: claims
            .instant("exp")?
            .ok_or(ClaimError::Missing { name: "exp" })?,
        binding: binding(claims)?,
        citizen: carried(claims, client)?,
    })
}

/// The citizen of a token, whom its client acts for (RFC 8693 section 4.1). A token that says the one
/// without the other, or that anybody may use who finds it, isn't taken.
fn carried(claims: &Claims, client: &str) -> Result<Option<Carried>, TokenMistake> {
    let ours = TokenMistake::Ours;
    let (sealed, actor) = match (claims.get("citizen"), claims.get("act")) {
        (None, None) => return Ok(None),
        (Some(sealed), Some(actor)) => (sealed, actor),
        (Some(_), None) => return Err(ours("act")),
        (None, Some(_)) => return Err(ours("citizen")),
    };
    if actor.get("sub").and_then(Value::as_str) != Some(client) {
        return Err(ours("act"));
    }
    if binding(claims)? == Binding::None {
        return Err(ours("cnf"));
    }
    let scopes = claims.text("scope").ok_or(ours("scope"))?;
    Ok(Some(Carried {
        token: claims.text("jti").ok_or(ours("jti"))?.to_owned(),
        sealed: sealed.as_str().ok_or(ours("citizen"))?.to_owned(),
        scopes: scopes.split_whitespace().map(str::to_owned).collect(),
    }))
}

fn binding(claims: &Claims) -> Result<Binding, TokenMistake> {
    let Some(confirmation) = claims.get("cnf") else {
        return Ok(Binding::None);
    };
    let member = |name| confirmation.get(name).and_then(Value::as_str);
    // A confirmation that isn't known here must not be passed by (RFC 7800 section 3.1).
    match (confirmation.as_object(), member("jkt"), member("x5t#S256")) {
        (Some(members), Some(key), None) if members.len() == 1 => Ok(Binding::Key(key.to_owned())),
        (Some(members), None, Some(certificate)) if members.len() == 1 => {
            Ok(Binding::Certificate(certificate.to_owned()))
        }
        _ => Err(TokenMistake::Ours("cnf")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims() -> Claims {
        Claims::new()
            .with("environment", "test")
            .with("client_id", "c")
            .with("exp", 10)
            .with(
                "accreditation",
                json!({"id": Uuid::nil().to_string(), "version": 3}),
            )
    }

    #[test]
    fn a_citizens_token_names_who_acts_and_is_bound() {
        let whole = || {
            let bound = claims().with("cnf", json!({"jkt": "k"})).with("jti", "t");
            bound.with("citizen", "sealed").with("scope", "a b")
        };
        let acting = whole().with("act", json!({"sub": "c", "act": {"sub": "before"}}));
        let read = presented(&acting, "test").unwrap().citizen.unwrap();
        assert_eq!(read.scopes, ["a", "b"]);
        assert_eq!((&*read.token, &*read.sealed), ("t", "sealed"));
        for (name, wrong) in [
            ("act", whole()),
            ("act", whole().with("act", json!({"sub": "another"}))),
            ("act", whole().with("act", "c")),
            ("citizen", claims().with("act", json!({"sub": "c"}))),
            ("citizen", acting.clone().with("citizen", 1)),
            ("scope", acting.clone().with("scope", 1)),
            ("jti", acting.clone().with("jti", 1)),
            (
                "cnf",
                claims()
                    .with("citizen", "s")
                    .with("act", json!({"sub": "c"})),
            ),
        ] {
            let mistake = presented(&wrong, "test").unwrap_err();
            assert_eq!(mistake, TokenMistake::Ours(name), "{wrong:?}");
        }
    }

    #[test]
    fn claims_are_read() {
        let read = presented(&claims(), "test").unwrap();
        assert_eq!((read.version, read.binding), (Some(3), Binding::None));
        let bound = claims().with("cnf", json!({"jkt": "k"}));
        assert_eq!(
            presented(&bound, "test").unwrap().binding,
            Binding::Key("k".into())
        );
        assert_eq!(
            presented(&claims(), "production"),
            Err(TokenMistake::Environment)
        );
        for (name, wrong) in [
            ("accreditation", json!(null)),
            ("accreditation", json!({"id": "x", "version": 1})),
            (
                "accreditation",
                json!({"id": Uuid::nil().to_string(), "version": -1}),
            ),
            ("client_id", json!("")),
            ("cnf", json!({})),
            ("cnf", json!("k")),
            ("cnf", json!({"jkt": 1})),
            ("cnf", json!({"jkt": "k", "x5t#S256": "c"})),
            ("cnf", json!({"jkt": "k", "kid": "other"})),
        ] {
            let mistake = presented(&claims().with(name, wrong.clone()), "test");
            assert_eq!(mistake, Err(TokenMistake::Ours(name)), "{wrong}");
        }
    }
}
