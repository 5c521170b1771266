//! What a provider says of itself and of a person, and whether it is believed.

use jose::claims::{Claims, Rules};
use jose::hashes::half_hash_matches;
use jose::jwk::JwkSet;
use jose::jws::{JwsError, Typ, Unverified};
use jose::{Algorithm, Limits};
use serde_json::Value;

use super::cause::{UpstreamCause, UpstreamFailure};
use super::level::Level;
use super::provider::{Provider, ProviderDraft};

/// Seconds by which the provider's clock and ours may differ.
pub const CLOCKS_DIFFER_SECONDS: i64 = 30;
/// Oldest identity token, in seconds: it was asked for a moment ago.
const TOKEN_AGE_SECONDS_MAX: i64 = 300;
/// Longest name of a person (OpenID Connect Core, section 2).
const SUBJECT_BYTES_MAX: usize = 255;
/// Longest value of `acr` that is kept and told.
const ACR_BYTES_MAX: usize = 200;
/// Most values of `amr` that are kept and told.
const METHODS_MAX: usize = 8;
/// Longest of them, in bytes.
const METHOD_BYTES_MAX: usize = 32;

fn failed<T>(cause: UpstreamCause, detail: impl Into<String>) -> Result<T, UpstreamFailure> {
    Err(UpstreamFailure::new(cause, detail))
}

/// What a provider's description says (OpenID Connect Discovery 1.0, section 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Where a browser goes.
    pub authorization: String,
    /// Where codes are exchanged.
    pub token: String,
    /// What tells of the person.
    pub userinfo: Option<String>,
    /// Its keys.
    pub jwks: String,
    /// Where a browser signs out.
    pub end_session: Option<String>,
    /// Whether its answers say who answers (RFC 9207).
    pub names_itself: bool,
}

/// The address of a provider's description (OpenID Connect Discovery 1.0, section 4).
pub fn description_address(issuer: &str) -> String {
    let issuer = issuer.trim_end_matches('/');
    format!("{issuer}/.well-known/openid-configuration")
}

impl Metadata {
    /// What the operator's own addresses say, when no description is needed.
    pub fn of_draft(draft: &ProviderDraft) -> Option<Self> {
        let own = &draft.endpoints;
        Some(Self {
            authorization: own.authorization.clone()?,
            token: own.token.clone()?,
            userinfo: own.userinfo.clone(),
            jwks: own.jwks.clone()?,
            end_session: own.end_session.clone(),
            names_itself: false,
        })
    }

    /// Reads a description; the operator's addresses come first. It must be the issuer's own
    /// (section 4.3): one that names another issuer would make us trust that one's keys.
    pub fn read(body: &[u8], draft: &ProviderDraft) -> Result<Self, UpstreamFailure> {
        let wrong = |detail: String| UpstreamFailure::new(UpstreamCause::Description, detail);
        let read = Claims::parse(body).map_err(|error| wrong(error.to_string()))?;
        if read.text("issuer") != Some(draft.issuer.as_str()) {
            return Err(wrong(
                "`issuer` in the description isn't the one registered".into(),
            ));
        }
        let optional = |own: &Option<String>, name: &str| {
            own.clone().or_else(|| read.text(name).map(str::to_owned))
        };
        let needed = |own: &Option<String>, name: &str| {
            optional(own, name).ok_or_else(|| wrong(format!("the description has no `{name}`")))
        };
        let own = &draft.endpoints;
        Ok(Self {
            authorization: needed(&own.authorization, "authorization_endpoint")?,
            token: needed(&own.token, "token_endpoint")?,
            userinfo: optional(&own.userinfo, "userinfo_endpoint"),
            jwks: needed(&own.jwks, "jwks_uri")?,
            end_session: optional(&own.end_session, "end_session_endpoint"),
            names_itself: read.get("authorization_response_iss_parameter_supported")
                == Some(&Value::Bool(true)),
        })
    }
}

/// The levels that a service's request asks for, by `acr_values` or by the claim `acr` (OpenID
/// Connect Core, sections 3.1.2.1 and 5.5.1.1).
pub fn levels_asked(acr_values: Option<&str>, claims: Option<&str>) -> Vec<String> {
    let texts = |value: &Value| match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(several) => several
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    };
    let read = claims.and_then(|text| Claims::parse(text.as_bytes()).ok());
    let acr = read
        .as_ref()
        .and_then(|read| read.get("id_token")?.get("acr"));
    let named = ["value", "values"]
        .into_iter()
        .filter_map(|name| acr?.get(name));
    let mut asked: Vec<String> = named.flat_map(texts).collect();
    if asked.is_empty() {
        let values = acr_values.unwrap_or_default().split_whitespace();
        asked.extend(values.map(str::to_owned));
    }
    asked
}

/// What an identity token must fit.
#[derive(Debug, Clone, Copy)]
pub struct ExpectedToken<'e> {
    /// Who was asked.
    pub draft: &'e ProviderDraft,
    /// What was sent with the question.
    pub nonce: &'e str,
    /// Seconds since 1970 from which on the person must have proved who it is, if that was asked.
    pub auth_after: Option<i64>,
    /// What came with the token.
    pub access_token: &'e str,
    /// Now, in seconds since 1970.
    pub now: i64,
}

/// Why a signed token isn't believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenRefusal {
    /// No key that we know made it: newer ones may be there.
    Keys(UpstreamFailure),
    /// Whatever else.
    Final(UpstreamFailure),
}

impl From<TokenRefusal> for UpstreamFailure {
    fn from(refusal: TokenRefusal) -> Self {
        match refusal {
            TokenRefusal::Keys(failure) | TokenRefusal::Final(failure) => failure,
        }
    }
}

/// The claims of a token that one of the provider's keys signed, and by which of `algorithms`. Its header
/// only picks among them: a key is bound to its algorithm before it is tried.
pub fn signed_claims(
    token: &str,
    keys: &JwkSet,
    algorithms: &[Algorithm],
    typ: Typ<'_>,
    cause: UpstreamCause,
) -> Result<(Claims, Algorithm), TokenRefusal> {
    let fail = |detail: String| TokenRefusal::Final(UpstreamFailure::new(cause, detail));
    let unverified = Unverified::parse(token, &Limits::SIGNED);
    let unverified = unverified.map_err(|error| fail(error.to_string()))?;
    let algorithm = Algorithm::from_name(unverified.header().algorithm())
        .filter(|algorithm| algorithms.contains(algorithm))
        .ok_or_else(|| fail("the token isn't signed by an algorithm that is allowed".into()))?;
    let keys = keys.verification_keys(algorithm);
    let verified = unverified.verify_any(&keys, typ).map_err(|error| {
        let failure = UpstreamFailure::new(cause, error.to_string());
        match error {
            JwsError::UnknownKey | JwsError::Signature => TokenRefusal::Keys(failure),
            _ => TokenRefusal::Final(failure),
        }
    })?;
    let claims = verified.claims().map_err(|error| fail(error.to_string()))?;
    Ok((claims, algorithm))
}

/// Judges the claims of an identity token (OpenID Connect Core, section 3.1.3.7). We trust no other
/// audience, so it must be for us alone.
pub fn judge_id_token(
    claims: &Claims,
    algorithm: Algorithm,
    expected: &ExpectedToken<'_>,
) -> Result<(), UpstreamFailure> {
    use jose::claims::ClaimError;
    let draft = expected.draft;
    let mut rules = Rules::new()
        .issuer(&draft.issuer)
        .audience(&draft.client_id)
        .sole_audience()
        .authorized_party(&draft.client_id)
        .nonce(expected.nonce)
        .leeway_seconds(CLOCKS_DIFFER_SECONDS)
        .age_seconds_max(TOKEN_AGE_SECONDS_MAX);
    if let Some(after) = expected.auth_after {
        rules = rules.sign_in_age_seconds_max(expected.now.saturating_sub(after));
    }
    rules.check(claims, expected.now).map_err(|error| {
        let cause = match error {
            ClaimError::Nonce => UpstreamCause::Nonce,
            ClaimError::SignInTooOld | ClaimError::Missing { name: "auth_time" } => {
                UpstreamCause::TooOld
            }
            _ => UpstreamCause::Token,
        };
        UpstreamFailure::new(cause, error.to_string())
    })?;
    match claims.get("at_hash") {
        None => Ok(()),
        Some(Value::String(hash)) if half_hash_matches(hash, algorithm, expected.access_token) => {
            Ok(())
        }
        Some(_) => failed(UpstreamCause::Token, "at_hash isn't of the access token"),
    }
}

/// The name of the person in a token.
pub fn subject_of(claims: &Claims) -> Result<String, UpstreamFailure> {
    let subject = claims
        .text("sub")
        .filter(|sub| (1..=SUBJECT_BYTES_MAX).contains(&sub.len()));
    subject
        .map(str::to_owned)
        .ok_or_else(|| UpstreamFailure::new(UpstreamCause::Token, "`sub` is absent or too long"))
}

/// Judges what userinfo told: it must be of the same person (section 5.3.4), and, when it is signed
/// and says for whom, for us.
pub fn judge_userinfo(
    claims: &Claims,
    subject: &str,
    draft: &ProviderDraft,
    now: i64,
) -> Result<(), UpstreamFailure> {
    let wrong = |detail: String| UpstreamFailure::new(UpstreamCause::Userinfo, detail);
    let mut rules = Rules::new()
        .subject(subject)
        .without_expiry()
        .leeway_seconds(CLOCKS_DIFFER_SECONDS);
    if claims.get("iss").is_some() {
        rules = rules.issuer(&draft.issuer);
    }
    if claims.get("aud").is_some() {
        rules = rules.audience(&draft.client_id);
    }
    rules
        .check(claims, now)
        .map_err(|error| wrong(error.to_string()))
}

/// Which sessions a logout token means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutMeans {
    /// The token's name: it is good once.
    pub id: String,
    /// Of which person.
    pub subject: Option<String>,
    /// Which one, by the provider's name of it.
    pub sid: Option<String>,
}

/// Judges a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.6). It says that it is
/// one by `events`, and by the absence of `nonce`: an identity token ends nothing.
pub fn judge_logout_token(
    claims: &Claims,
    draft: &ProviderDraft,
    now: i64,
) -> Result<LogoutMeans, UpstreamFailure> {
    let wrong = |detail: String| UpstreamFailure::new(UpstreamCause::Token, detail);
    let rules = Rules::new()
        .issuer(&draft.issuer)
        .audience(&draft.client_id)
        .with_id()
        .without_expiry()
        .leeway_seconds(CLOCKS_DIFFER_SECONDS)
        .age_seconds_max(TOKEN_AGE_SECONDS_MAX);
    rules
        .check(claims, now)
        .map_err(|error| wrong(error.to_string()))?;
    let event = "http://schemas.openid.net/event/backchannel-logout";
    let events = claims.get("events").and_then(|events| events.get(event));
    if !events.is_some_and(Value::is_object) {
        return Err(wrong(
            "`events` doesn't say that it is a logout token".into(),
        ));
    }
    if claims.get("nonce").is_some() {
        return Err(wrong("a logout token has no `nonce`".into()));
    }
    let text = |name: &str| claims.text(name).map(str::to_owned);
    let (subject, sid) = (text("sub"), text("sid"));
    if subject.is_none() && sid.is_none() {
        return Err(wrong(
            "the logout token names neither a person nor a session".into(),
        ));
    }
    Ok(LogoutMeans {
        id: text("jti").unwrap_or_default(),
        subject,
        sid,
    })
}

/// A person whom a provider vouches for, everything checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamIdentity {
    /// Who vouches.
    pub provider: Provider,
    /// The person's name there: 1 to 255 bytes.
    pub subject: String,
    /// What it told of the person, in the identity token and in userinfo; where both tell
    /// something, the identity token's word.
    pub claims: Claims,
    /// What the sign-in is worth here.
    pub level: Level,
    /// The provider's own word for it.
    pub acr: Option<String>,
    /// How the person proved who it is (RFC 8176), as the provider says.
    pub methods: Vec<String>,
    /// When, in seconds since 1970, as the provider says; never later than now.
    pub auth_time: Option<i64>,
    /// The provider's name of its session.
    pub sid: Option<String>,
    /// The identity token, to sign out there.
    pub id_token: String,
}

impl UpstreamIdentity {
    /// Puts together what was checked.
    pub fn new(
        provider: Provider,
        subject: String,
        id_claims: Claims,
        told: Option<Claims>,
        id_token: String,
        now: i64,
    ) -> Self {
        let acr = id_claims
            .text("acr")
            .filter(|acr| acr.len() <= ACR_BYTES_MAX);
        let acr = acr.map(str::to_owned);
        let methods = methods_of(&id_claims);
        let level = provider.draft.level_of(acr.as_deref(), &methods);
        let auth_time = id_claims.instant("auth_time").ok().flatten();
        let sid = id_claims
            .text("sid")
            .filter(|sid| sid.len() <= SUBJECT_BYTES_MAX);
        let sid = sid.map(str::to_owned);
        let mut members = told.unwrap_or_default().into_members();
        members.extend(id_claims.into_members());
        Self {
            provider,
            subject,
            claims: Claims::from(members),
            level,
            acr,
            methods,
            auth_time: auth_time.map(|at| at.min(now)),
            sid,
            id_token,
        }
    }
}

/// `amr`, as far as it is plain and short.
fn methods_of(claims: &Claims) -> Vec<String> {
    let plain = |method: &&str| {
        (1..=METHOD_BYTES_MAX).contains(&method.len())
            && method
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
    };
    let list = claims.get("amr").and_then(Value::as_array);
    let texts = list.into_iter().flatten().filter_map(Value::as_str);
    texts
        .filter(plain)
        .take(METHODS_MAX)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::provider::tests::provider;

    const NOW: i64 = 1_800_000_000;

    fn claims() -> Claims {
        Claims::new()
            .issuer("https://p1.example")
            .subject("s")
            .audience("gouvernail")
            .nonce("n")
            .lifetime(NOW, 60)
    }

    fn judge(claims: &Claims, auth_after: Option<i64>) -> Result<(), UpstreamCause> {
        let provider = provider(1, &[]);
        let expected = ExpectedToken {
            draft: &provider.draft,
            nonce: "n",
            auth_after,
            access_token: "at",
            now: NOW,
        };
        judge_id_token(claims, Algorithm::Es256, &expected).map_err(|failure| failure.cause)
    }

    #[test]
    fn an_identity_token_is_judged_strictly() {
        use UpstreamCause as C;
        assert_eq!(judge(&claims(), None), Ok(()));
        let both = serde_json::json!(["gouvernail", "other"]);
        for (wrong, cause) in [
            (claims().issuer("https://p2.example"), C::Token),
            (claims().issuer("https://p1.example/"), C::Token),
            (claims().audience("other"), C::Token),
            (
                claims().with("aud", both).with("azp", "gouvernail"),
                C::Token,
            ),
            (claims().with("azp", "other"), C::Token),
            (claims().nonce("m"), C::Nonce),
            (claims().lifetime(NOW - 400, 600), C::Token),
            (claims().lifetime(NOW + 31, 60), C::Token),
            (claims().lifetime(NOW - 91, 60), C::Token),
            (claims().with("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), C::Token),
            (claims().with("at_hash", 1), C::Token),
        ] {
            assert_eq!(judge(&wrong, None), Err(cause), "{wrong:?}");
        }
        let hash = jose::hashes::half_hash(Algorithm::Es256, "at");
        assert_eq!(judge(&claims().with("at_hash", hash), None), Ok(()));
        assert_eq!(
            judge(&claims().lifetime(NOW + 30, 60), None),
            Ok(()),
            "clocks differ"
        );
        assert_eq!(judge(&claims(), Some(NOW)), Err(C::TooOld));
        let at = |time| claims().with("auth_time", time);
        assert_eq!(judge(&at(NOW - 31), Some(NOW)), Err(C::TooOld));
        assert_eq!(judge(&at(NOW - 20), Some(NOW)), Ok(()));
    }

    #[test]
    fn levels_are_asked_for_in_two_ways() {
        let claims = r#"{"id_token":{"acr":{"essential":true,"values":["eidas2","eidas3"]}}}"#;
        assert_eq!(
            levels_asked(Some("eidas1"), Some(claims)),
            ["eidas2", "eidas3"]
        );
        let one = r#"{"id_token":{"acr":{"value":"eidas2"}}}"#;
        assert_eq!(levels_asked(None, Some(one)), ["eidas2"]);
        for other in [
            None,
            Some("{"),
            Some("[]"),
            Some(r#"{"id_token":{"acr":null}}"#),
        ] {
            assert_eq!(levels_asked(Some("a b"), other), ["a", "b"]);
        }
        assert!(levels_asked(None, None).is_empty());
    }

    #[test]
    fn userinfo_is_of_the_same_person() {
        let draft = provider(1, &[]).draft;
        let judge = |claims: Claims| judge_userinfo(&claims, "s", &draft, NOW).is_ok();
        assert!(judge(Claims::new().subject("s")));
        assert!(judge(claims()));
        assert!(!judge(Claims::new()));
        assert!(!judge(Claims::new().subject("t")));
        assert!(!judge(claims().issuer("https://p2.example")));
        assert!(!judge(claims().audience("other")));
    }

    #[test]
    fn a_description_is_its_issuers_own() {
        let draft = provider(1, &[]).draft;
        let read = |issuer: &str| {
            let text = serde_json::json!({
                "issuer": issuer,
                "authorization_endpoint": "https://p1.example/a",
                "token_endpoint": "https://p1.example/t",
                "jwks_uri": "https://p1.example/k",
                "authorization_response_iss_parameter_supported": true,
            });
            Metadata::read(text.to_string().as_bytes(), &draft)
        };
        assert!(read("https://p1.example").unwrap().names_itself);
        assert!(read("https://p1.example/").is_err());
        assert!(Metadata::read(b"{\"issuer\":1}", &draft).is_err());
        let mut own = draft.clone();
        own.endpoints.jwks = Some("https://k.example/".into());
        assert_eq!(Metadata::of_draft(&own), None);
        own.endpoints.authorization = Some("https://k.example/a".into());
        own.endpoints.token = Some("https://k.example/t".into());
        assert!(Metadata::of_draft(&own).is_some());
    }

    #[test]
    fn the_identity_tokens_word_counts() {
        let told = Claims::new()
            .subject("s")
            .with("email", "b@x.example")
            .with("acr", "high");
        let token = claims()
            .with("email", "a@x.example")
            .with("amr", serde_json::json!(["pwd", 1, "a b"]));
        let one = UpstreamIdentity::new(
            provider(1, &[]),
            "s".into(),
            token,
            Some(told),
            String::new(),
            NOW,
        );
        assert_eq!(one.claims.text("email"), Some("a@x.example"));
        assert_eq!(
            one.level,
            Level::LOWEST,
            "acr of userinfo says nothing of the sign-in"
        );
        assert_eq!(one.methods, ["pwd"]);
    }
}
