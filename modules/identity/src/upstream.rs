//! The way to a provider and back: a browser leaves with a state that only it may bring back, and
//! returns with a code that only we can exchange.
//!
//! ```text
//!   /sign-in/with/CODE ──▶ provider ──▶ /sign-in/return/CODE ──▶ UpstreamIdentity ──▶ arrive
//! ```
//! Each provider has a return address of its own, so that an answer of one is never taken for an
//! answer of another (RFC 9700, section 4.4.2.2), and `iss` is checked besides (RFC 9207).

use jiff::{SignedDuration, Timestamp};
use jose::pkce::{Challenge, verifier};

use crate::domain::{
    Metadata, Params, Provider, ProviderProfile, UpstreamCause, UpstreamFailure, UpstreamIdentity,
    levels_asked, with_query,
};
use crate::store::departures::{self, Departed, Incident};
use crate::store::providers;
use crate::store::requests::{self, Waits};
use crate::store::{arrivals, figures};
use crate::upstream_calls::{CallError, error_code};
use crate::{Identity, IdentityError};

/// The cookie that ties a departure to its browser.
pub(crate) const BROWSER_COOKIE: &str = "__Host-gouvernail-departure";
/// How long a person may take at the provider.
const PERSON_TAKES: SignedDuration = SignedDuration::from_mins(15);
/// The same, for the cookie, in seconds.
pub(crate) const BROWSER_COOKIE_SECONDS: u64 = 900;
/// Characters of what [`Identity::new_secret`] makes.
const SECRET_CHARS: usize = 43;
/// Longest hint that is passed on, in bytes.
const HINT_BYTES_MAX: usize = 254;
/// Longest address to return to, in bytes.
const RETURN_BYTES_MAX: usize = 2_000;
/// How long incidents are kept.
const INCIDENTS_KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);
/// How long it is remembered which provider opened a session: longer than any session.
const SESSIONS_KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);
/// How long the counts of providers are kept.
const FIGURES_KEPT: SignedDuration = SignedDuration::from_hours(24 * 400);
/// The letters of an incident's code: none that is taken for another one.
const CODE_LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// A failure that a person is shown, under a code that an operator looks up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failed {
    /// The code: eight characters.
    pub(crate) code: String,
    /// Why.
    pub(crate) cause: UpstreamCause,
    /// The provider's name, when one is known.
    pub(crate) provider: Option<String>,
    /// Where the person wanted to go, when that is known.
    pub(crate) return_to: String,
}

/// What a browser that leaves is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Departure {
    /// Where it goes.
    pub(crate) address: String,
    /// The value of [`BROWSER_COOKIE`].
    pub(crate) browser: String,
    /// The provider's name.
    pub(crate) provider: String,
}

/// What a person and a service wish of a sign-in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    /// Where to go afterwards: a path of ours.
    pub(crate) return_to: String,
    /// The address that the person wrote, or that a service expects.
    pub(crate) login_hint: Option<String>,
    /// Prove anew who you are.
    pub(crate) again: bool,
    /// Levels of ours, one of which is needed.
    pub(crate) acr_values: Vec<String>,
    /// Oldest proof, in seconds.
    pub(crate) max_age: Option<i64>,
    /// The organisation that a service expects.
    pub(crate) siret_hint: Option<String>,
    /// The provider behind the provider.
    pub(crate) idp_hint: Option<String>,
}

impl Identity {
    /// Where a provider sends browsers back to: what an operator registers with it.
    pub(crate) fn return_address(&self, code: &str) -> String {
        self.url(&format!("/sign-in/return/{code}"))
    }

    /// Sends a browser to a provider. `browser` is the cookie that it has.
    pub(crate) async fn depart(
        &self,
        code: &str,
        mut wishes: Wishes,
        browser: Option<&str>,
    ) -> Result<Result<Departure, Failed>, IdentityError> {
        let provider = providers::named(&self.db, code).await?;
        if wishes.return_to.len() > RETURN_BYTES_MAX {
            wishes.return_to = "/".to_owned();
        }
        let back = wishes.return_to.clone();
        let Some(provider) = provider.filter(|provider| !provider.suspended) else {
            let failure = UpstreamFailure::new(UpstreamCause::Closed, "unknown or suspended");
            return Ok(Err(self.failed(None, &back, failure).await?));
        };
        self.hear_service(&mut wishes).await?;
        let metadata = match self.metadata(&provider).await {
            Ok(metadata) => metadata,
            Err(failure) => {
                return Ok(Err(self.failed(Some(&provider), &back, failure).await?));
            }
        };
        let now = self.source.now();
        // Several sign-ins may be under way in one browser: they share its cookie.
        let browser = browser.filter(|value| value.len() == SECRET_CHARS);
        let browser = browser.map_or_else(|| self.new_secret(), str::to_owned);
        let state = self.new_secret();
        let departed = Departed {
            provider: provider.id,
            nonce: self.new_secret(),
            verifier: verifier(&self.source.random()),
            return_to: back,
            auth_after: auth_after(&wishes, now),
            created_at: now,
            expires_at: now + PERSON_TAKES,
        };
        departures::keep(&self.db, &state, &browser, &departed).await?;
        let challenge = Challenge::of(&departed.verifier).map_err(IdentityError::key)?;
        let redirect = self.return_address(code);
        Ok(Ok(Departure {
            address: asked(
                &provider,
                &metadata,
                &wishes,
                &[
                    ("redirect_uri", &redirect),
                    ("state", &state),
                    ("nonce", &departed.nonce),
                    ("code_challenge", challenge.as_str()),
                ],
            ),
            browser,
            provider: provider.draft.name,
        }))
    }

    /// What the service asks for, on whose behalf the person signs in: the request that waits for it
    /// says so, not the address in the browser.
    async fn hear_service(&self, wishes: &mut Wishes) -> Result<(), IdentityError> {
        let Some(ticket) = wishes.return_to.strip_prefix("/connect/") else {
            return Ok(());
        };
        let key = (Waits::ForPerson, ticket);
        let Some(waiting) = requests::find(&self.db, key, self.source.now()).await? else {
            return Ok(());
        };
        let params = waiting.parameters;
        wishes.acr_values = levels_asked(params.get("acr_values"), params.get("claims"));
        wishes.max_age = params.get("max_age").and_then(|text| text.parse().ok());
        let prompts = params.get("prompt").unwrap_or_default();
        // Choosing an account is proving anew who one is: a provider that goes on by itself would
        // never let the person choose.
        wishes.again |= prompts
            .split_whitespace()
            .any(|prompt| prompt == "login" || prompt == "select_account");
        let hint = |name| params.get(name).map(str::to_owned);
        wishes.siret_hint = hint("siret_hint");
        wishes.idp_hint = hint("idp_hint");
        if wishes.login_hint.is_none() {
            wishes.login_hint = hint("login_hint");
        }
        Ok(())
    }

    /// A browser comes back from a provider. Gives whom it vouches for, and where the person goes.
    pub(crate) async fn come_back(
        &self,
        code: &str,
        params: &Params,
        browser: Option<&str>,
    ) -> Result<Result<(UpstreamIdentity, String), Failed>, IdentityError> {
        let unknown =
            || UpstreamFailure::new(UpstreamCause::State, "the state isn't one of this browser");
        let state = params.get("state").filter(|_| params.check().is_ok());
        let departed = match (state, browser) {
            (Some(state), Some(browser)) => {
                let mut tx = self.db.begin().await?;
                let taken = departures::take(&mut tx, state, browser).await?;
                tx.commit().await?;
                taken
            }
            _ => None,
        };
        let now = self.source.now();
        let Some(departed) = departed.filter(|departed| departed.expires_at > now) else {
            return Ok(Err(self.failed(None, "/", unknown()).await?));
        };
        let provider = providers::find(&self.db, departed.provider).await?;
        let back = departed.return_to.clone();
        let Some(provider) = provider.filter(|provider| !provider.suspended) else {
            let failure = UpstreamFailure::new(UpstreamCause::Closed, "suspended meanwhile");
            return Ok(Err(self.failed(None, &back, failure).await?));
        };
        match self.vouched(&provider, code, &departed, params).await {
            Ok(identity) => {
                providers::good(&self.db, provider.id, now).await?;
                Ok(Ok((identity, back)))
            }
            Err(CallError::Upstream(failure)) => {
                Ok(Err(self.failed(Some(&provider), &back, failure).await?))
            }
            Err(CallError::Own(error)) => Err(error),
        }
    }

    async fn vouched(
        &self,
        provider: &Provider,
        code: &str,
        departed: &Departed,
        params: &Params,
    ) -> Result<UpstreamIdentity, CallError> {
        let mixed = |detail: &str| UpstreamFailure::new(UpstreamCause::Issuer, detail);
        if provider.draft.code != code {
            return Err(mixed("the answer came to another provider's return address").into());
        }
        let metadata = self.metadata(provider).await?;
        match params.get("iss") {
            Some(issuer) if issuer != provider.draft.issuer => {
                return Err(mixed("`iss` names another provider").into());
            }
            None if metadata.names_itself => {
                return Err(mixed("`iss` is missing, which the provider says it sends").into());
            }
            _ => {}
        }
        if let Some(error) = params.get("error") {
            let cause = match error {
                "access_denied" => UpstreamCause::Denied,
                "temporarily_unavailable" | "server_error" => UpstreamCause::Down,
                _ => UpstreamCause::Answered,
            };
            return Err(UpstreamFailure::new(cause, error_code(error)).into());
        }
        let code = params.get("code").ok_or_else(|| {
            UpstreamFailure::new(UpstreamCause::Answered, "neither a code nor an error")
        })?;
        self.exchange(provider, &metadata, departed, code).await
    }

    /// Notes a failure under a code.
    pub(crate) async fn failed(
        &self,
        provider: Option<&Provider>,
        return_to: &str,
        failure: UpstreamFailure,
    ) -> Result<Failed, IdentityError> {
        let code = self
            .source
            .random::<8>()
            .map(|byte| char::from(CODE_LETTERS[usize::from(byte % 32)]));
        let code: String = code.iter().collect();
        let incident = Incident {
            code: code.clone(),
            at: self.source.now(),
            cause: failure.cause,
            detail: failure.detail,
            provider: provider.map(|provider| provider.id),
        };
        departures::add_incident(&self.db, &incident).await?;
        if let Some(provider) = provider {
            let outcome = failure.cause.code();
            figures::count_provider(&self.db, incident.at, provider.id, outcome, "").await?;
        }
        tracing::info!(
            incident = code,
            cause = failure.cause.code(),
            provider = provider.map(|provider| provider.draft.code.as_str()),
            "identity.upstream.fail"
        );
        Ok(Failed {
            code,
            cause: failure.cause,
            provider: provider.map(|provider| provider.draft.name.clone()),
            return_to: return_to.to_owned(),
        })
    }

    /// Forgets departures that never came back, and old incidents.
    pub(crate) async fn forget_departures(&self) -> Result<(), IdentityError> {
        let now = self.source.now();
        departures::forget(&self.db, now, now - INCIDENTS_KEPT).await?;
        arrivals::forget(&self.db, now, now - SESSIONS_KEPT).await?;
        figures::forget_providers(&self.db, now - FIGURES_KEPT).await?;
        Ok(())
    }
}

/// From when on the person must have proved who it is.
fn auth_after(wishes: &Wishes, now: Timestamp) -> Option<i64> {
    if wishes.again {
        return Some(now.as_second());
    }
    let max_age = wishes.max_age.filter(|seconds| *seconds >= 0)?;
    Some(now.as_second().saturating_sub(max_age))
}

/// The address of the question (OpenID Connect Core, section 3.1.2.1).
fn asked(
    provider: &Provider,
    metadata: &Metadata,
    wishes: &Wishes,
    bound: &[(&str, &str)],
) -> String {
    let draft = &provider.draft;
    let acr_values = draft.acr_values_for(&wishes.acr_values);
    let max_age = if wishes.again {
        Some(0)
    } else {
        wishes.max_age
    };
    let max_age = max_age.map(|seconds| seconds.to_string());
    let mut query = vec![
        ("response_type", "code"),
        ("client_id", draft.client_id.as_str()),
        ("scope", &draft.scopes),
        ("code_challenge_method", "S256"),
    ];
    query.extend_from_slice(bound);
    let is_proconnect = draft.profile == ProviderProfile::ProConnect;
    let hint = |value: &'_ Option<String>| is_proconnect.then(|| value.clone()).flatten();
    let optional = [
        ("acr_values", Some(acr_values)),
        ("login_hint", wishes.login_hint.clone()),
        ("max_age", max_age),
        ("prompt", wishes.again.then(|| "login".to_owned())),
        ("siret_hint", hint(&wishes.siret_hint)),
        ("idp_hint", hint(&wishes.idp_hint)),
    ];
    for (name, value) in &optional {
        let value = value.as_deref().unwrap_or_default();
        if (1..=HINT_BYTES_MAX).contains(&value.len()) {
            query.push((name, value));
        }
    }
    with_query(&metadata.authorization, &query)
}
