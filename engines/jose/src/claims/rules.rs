//! The rules that claims are judged by.

use serde_json::Value;

use super::Claims;

/// Most seconds that the clocks of two parties may differ by.
pub const LEEWAY_SECONDS_MAX: i64 = 60;
/// Most bytes of a `jti`: it is kept until the token has run out.
pub const JTI_BYTES_MAX: usize = 256;

/// Why claims aren't believed: the first rule that they break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// A claim that must be there isn't.
    #[error("the claim `{name}` is absent")]
    Missing {
        /// Which.
        name: &'static str,
    },
    /// A claim is of another type or length than its RFC says.
    #[error("the claim `{name}` is malformed")]
    Malformed {
        /// Which.
        name: &'static str,
    },
    /// `iss` is somebody else.
    #[error("the token is of another issuer")]
    Issuer,
    /// `sub` is somebody else.
    #[error("the token is about another subject")]
    Subject,
    /// `aud` doesn't name us.
    #[error("the token is for another audience")]
    Audience,
    /// `aud` names others beside us.
    #[error("the token is for other audiences too")]
    OtherAudience,
    /// `azp` names another client.
    #[error("the token was issued to another party")]
    AuthorizedParty,
    /// `exp` has passed.
    #[error("the token has run out")]
    Expired,
    /// `nbf` hasn't come.
    #[error("the token isn't valid yet")]
    NotYetValid,
    /// `iat` hasn't come.
    #[error("the token says that it was issued in the future")]
    IssuedInFuture,
    /// `iat` is longer ago than [`Rules::age_seconds_max`].
    #[error("the token was issued too long ago")]
    TooOld,
    /// `exp` is further away than [`Rules::lifetime_seconds_max`].
    #[error("the token is valid for too long")]
    LivesTooLong,
    /// `auth_time` is longer ago than [`Rules::sign_in_age_seconds_max`].
    #[error("the person signed in too long ago")]
    SignInTooOld,
    /// `nonce` isn't the one that was sent.
    #[error("the token answers another request")]
    Nonce,
}

/// What is demanded of claims. `exp` must be there unless [`Rules::without_expiry`]; `nbf` and
/// `iat` are checked whenever they are there.
#[derive(Debug, Clone, Default)]
pub struct Rules<'a> {
    issuer: Option<&'a str>,
    subject: Option<&'a str>,
    audiences: Vec<&'a str>,
    sole_audience: bool,
    authorized_party: Option<&'a str>,
    nonce: Option<&'a str>,
    id: bool,
    expiry_optional: bool,
    leeway_seconds: i64,
    age_seconds_max: Option<i64>,
    lifetime_seconds_max: Option<i64>,
    sign_in_age_seconds_max: Option<i64>,
}

impl<'a> Rules<'a> {
    /// `exp`, `nbf` and `iat` without leeway, and no `aud`: a token that has one is refused until
    /// [`Rules::audience`] says who we are.
    pub fn new() -> Self {
        Self::default()
    }

    /// `iss` must be this, character by character.
    #[must_use]
    pub fn issuer(mut self, value: &'a str) -> Self {
        self.issuer = Some(value);
        self
    }

    /// `sub` must be this.
    #[must_use]
    pub fn subject(mut self, value: &'a str) -> Self {
        self.subject = Some(value);
        self
    }

    /// `aud` must name this, character by character; called again, this or the former ones.
    #[must_use]
    pub fn audience(mut self, value: &'a str) -> Self {
        self.audiences.push(value);
        self
    }

    /// `aud` must name nobody else.
    #[must_use]
    pub fn sole_audience(mut self) -> Self {
        self.sole_audience = true;
        self
    }

    /// `azp`, when there, must be this; it must be there when `aud` names several (OpenID Connect
    /// Core section 3.1.3.7, points 4 and 5).
    #[must_use]
    pub fn authorized_party(mut self, value: &'a str) -> Self {
        self.authorized_party = Some(value);
        self
    }

    /// `nonce` must be this.
    #[must_use]
    pub fn nonce(mut self, value: &'a str) -> Self {
        self.nonce = Some(value);
        self
    }

    /// `jti` must be there, with 1..=[`JTI_BYTES_MAX`] bytes. Whether it was seen before is the
    /// caller's to know.
    #[must_use]
    pub fn with_id(mut self) -> Self {
        self.id = true;
        self
    }

    /// `exp` may be absent. Give the token an age instead.
    #[must_use]
    pub fn without_expiry(mut self) -> Self {
        self.expiry_optional = true;
        self
    }

    /// Seconds by which clocks may differ, cut to 0..=[`LEEWAY_SECONDS_MAX`].
    #[must_use]
    pub fn leeway_seconds(mut self, seconds: i64) -> Self {
        self.leeway_seconds = seconds.clamp(0, LEEWAY_SECONDS_MAX);
        self
    }

    /// `iat` must be there, at most this long ago.
    #[must_use]
    pub fn age_seconds_max(mut self, seconds: i64) -> Self {
        self.age_seconds_max = Some(seconds);
        self
    }

    /// `exp` must be at most this far away, which bounds how long a `jti` is to be remembered.
    #[must_use]
    pub fn lifetime_seconds_max(mut self, seconds: i64) -> Self {
        self.lifetime_seconds_max = Some(seconds);
        self
    }

    /// `auth_time` must be there, at most this long ago: `max_age` of OpenID Connect.
    #[must_use]
    pub fn sign_in_age_seconds_max(mut self, seconds: i64) -> Self {
        self.sign_in_age_seconds_max = Some(seconds);
        self
    }

    /// Judges `claims` at `now`.
    pub fn check(&self, claims: &Claims, now: i64) -> Result<(), ClaimError> {
        equal(claims, "iss", self.issuer, ClaimError::Issuer)?;
        equal(claims, "sub", self.subject, ClaimError::Subject)?;
        self.check_audience(claims)?;
        self.check_times(claims, now)?;
        equal(claims, "nonce", self.nonce, ClaimError::Nonce)?;
        if self.id {
            id(claims)?;
        }
        Ok(())
    }

    fn check_audience(&self, claims: &Claims) -> Result<(), ClaimError> {
        let found = match claims.get("aud") {
            None if self.audiences.is_empty() => Vec::new(),
            None => return Err(ClaimError::Missing { name: "aud" }),
            Some(_) => claims
                .audiences()
                .ok_or(ClaimError::Malformed { name: "aud" })?,
        };
        let ours = |one: &&str| self.audiences.contains(one);
        // RFC 7519 section 4.1.3: one that is there must name us, so a forgotten rule refuses.
        if claims.get("aud").is_some() && !found.iter().any(ours) {
            return Err(ClaimError::Audience);
        }
        if self.sole_audience && !found.iter().all(ours) {
            return Err(ClaimError::OtherAudience);
        }
        let Some(party) = self.authorized_party else {
            return Ok(());
        };
        if claims.get("azp").is_some() || found.len() > 1 {
            equal(claims, "azp", Some(party), ClaimError::AuthorizedParty)?;
        }
        Ok(())
    }

    fn check_times(&self, claims: &Claims, now: i64) -> Result<(), ClaimError> {
        // Sums are cut at the ends of i64: an absurd instant is far away, and never wraps around.
        let soonest = now.saturating_add(self.leeway_seconds);
        let latest = now.saturating_sub(self.leeway_seconds);
        let expiry = claims.instant("exp")?;
        let issued = claims.instant("iat")?;
        if expiry.is_none() && !self.expiry_optional {
            return Err(ClaimError::Missing { name: "exp" });
        }
        if expiry.is_some_and(|expiry| expiry <= latest) {
            return Err(ClaimError::Expired);
        }
        if claims.instant("nbf")?.is_some_and(|start| start > soonest) {
            return Err(ClaimError::NotYetValid);
        }
        if issued.is_some_and(|issued| issued > soonest) {
            return Err(ClaimError::IssuedInFuture);
        }
        if let Some(seconds) = self.age_seconds_max {
            let issued = issued.ok_or(ClaimError::Missing { name: "iat" })?;
            if issued < latest.saturating_sub(seconds) {
                return Err(ClaimError::TooOld);
            }
        }
        if let Some(seconds) = self.lifetime_seconds_max {
            let expiry = expiry.ok_or(ClaimError::Missing { name: "exp" })?;
            if expiry > soonest.saturating_add(seconds) {
                return Err(ClaimError::LivesTooLong);
            }
        }
        if let Some(seconds) = self.sign_in_age_seconds_max {
            let name = "auth_time";
            let signed_in = claims.instant(name)?.ok_or(ClaimError::Missing { name })?;
            if signed_in < latest.saturating_sub(seconds) {
                return Err(ClaimError::SignInTooOld);
            }
            if signed_in > soonest {
                return Err(ClaimError::Malformed { name });
            }
        }
        Ok(())
    }
}

/// The claim must be this text, when one is wanted.
fn equal(
    claims: &Claims,
    name: &'static str,
    wanted: Option<&str>,
    refusal: ClaimError,
) -> Result<(), ClaimError> {
    let Some(wanted) = wanted else {
        return Ok(());
    };
    match claims.get(name) {
        None => Err(ClaimError::Missing { name }),
        Some(Value::String(found)) if found == wanted => Ok(()),
        Some(Value::String(_)) => Err(refusal),
        Some(_) => Err(ClaimError::Malformed { name }),
    }
}

/// The `jti`, 1..=[`JTI_BYTES_MAX`] bytes.
pub(crate) fn id(claims: &Claims) -> Result<&str, ClaimError> {
    let name = "jti";
    match claims.get(name) {
        None => Err(ClaimError::Missing { name }),
        Some(Value::String(id)) if (1..=JTI_BYTES_MAX).contains(&id.len()) => Ok(id),
        Some(_) => Err(ClaimError::Malformed { name }),
    }
}
