//! Signing out across a provider: theirs with ours, and ours with theirs.

use jiff::SignedDuration;
use jose::jws::Typ;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::{
    LogoutMeans, OAuthError, Provider, UpstreamCause, judge_logout_token, with_query,
};
use crate::logout::Then;
use crate::store::{arrivals, providers, requests};
use crate::upstream_calls::CallError;
use crate::{Identity, IdentityError};

/// How long a browser may take on its way out.
const BROWSER_TAKES: SignedDuration = SignedDuration::from_mins(10);
/// How long it is remembered that a logout token was used: longer than it is believed.
const USED_KEPT: SignedDuration = SignedDuration::from_mins(15);
/// Longest identity token that goes into an address, in bytes: servers refuse longer addresses.
const HINT_BYTES_MAX: usize = 4_096;

/// A browser on its way out.
#[derive(Serialize, Deserialize)]
struct Leaving {
    id_token: String,
    /// Where it goes on, and whose that is.
    then: Option<(String, String)>,
}

/// Where a browser goes to sign out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exit {
    /// The provider's address.
    pub(crate) address: String,
    /// The cookie's value that the browser comes back with.
    pub(crate) browser: String,
    /// The provider's name.
    pub(crate) provider: String,
}

impl Identity {
    /// The path on which a browser goes on whose session is about to end, when a provider opened it
    /// that wants to be told. `then` is where the browser wants to go after that.
    pub(crate) async fn sign_out_elsewhere(
        &self,
        session: Uuid,
        then: Option<&Then>,
    ) -> Result<Option<String>, IdentityError> {
        let Some(opened) = arrivals::session(&self.db, session).await? else {
            return Ok(None);
        };
        let provider = providers::find(&self.db, opened.provider).await?;
        let Some(provider) = provider.filter(|provider| !provider.suspended) else {
            return Ok(None);
        };
        // A provider that can't be had keeps nobody signed in here.
        let metadata = self.metadata(&provider).await.ok();
        if metadata.is_none_or(|metadata| metadata.end_session.is_none()) {
            return Ok(None);
        }
        let leaving = Leaving {
            id_token: opened.id_token,
            then: then.map(|then| (then.address.clone(), then.service.clone())),
        };
        let ticket = self.new_secret();
        self.keep_leaving((&ticket, ""), &provider, &leaving)
            .await?;
        Ok(Some(format!("/sign-out/with/{ticket}")))
    }

    async fn keep_leaving(
        &self,
        key: (&str, &str),
        provider: &Provider,
        leaving: &Leaving,
    ) -> Result<(), IdentityError> {
        let kept = serde_json::to_string(leaving).map_err(IdentityError::key)?;
        let until = self.source.now() + BROWSER_TAKES;
        arrivals::keep(&self.db, key, provider.id, &kept, until).await?;
        Ok(())
    }

    async fn take_leaving(
        &self,
        key: (&str, &str),
    ) -> Result<Option<(Provider, Leaving)>, IdentityError> {
        let found = arrivals::find(&self.db, key, self.source.now()).await?;
        let Some((provider, kept)) = found else {
            return Ok(None);
        };
        let Ok(leaving) = serde_json::from_str(&kept) else {
            return Ok(None);
        };
        if !arrivals::take(&self.db, key).await? {
            return Ok(None);
        }
        let provider = providers::find(&self.db, provider).await?;
        Ok(provider.map(|provider| (provider, leaving)))
    }

    /// Where a browser signs out at its provider (OpenID Connect RP-Initiated Logout 1.0).
    pub(crate) async fn exit(&self, ticket: &str) -> Result<Option<Exit>, IdentityError> {
        let Some((provider, leaving)) = self.take_leaving((ticket, "")).await? else {
            return Ok(None);
        };
        let metadata = self.metadata(&provider).await.ok();
        let Some(end) = metadata.and_then(|metadata| metadata.end_session) else {
            return Ok(None);
        };
        let (state, browser) = (self.new_secret(), self.new_secret());
        let back = self.url("/sign-out/return");
        let mut query = vec![
            ("client_id", provider.draft.client_id.as_str()),
            ("post_logout_redirect_uri", &back),
            ("state", &state),
        ];
        if leaving.id_token.len() <= HINT_BYTES_MAX {
            query.push(("id_token_hint", &leaving.id_token));
        }
        let address = with_query(&end, &query);
        self.keep_leaving((&state, &browser), &provider, &leaving)
            .await?;
        Ok(Some(Exit {
            address,
            browser,
            provider: provider.draft.name,
        }))
    }

    /// Where a browser goes on that comes back signed out; nowhere when it brings no state of ours.
    pub(crate) async fn signed_out_there(
        &self,
        state: &str,
        browser: &str,
    ) -> Result<Option<Then>, IdentityError> {
        let found = self.take_leaving((state, browser)).await?;
        let then = found.and_then(|(_, leaving)| leaving.then);
        Ok(then.map(|(address, service)| Then { address, service }))
    }

    /// A provider says that sessions of a person ended there: those that it opened here end too
    /// (OpenID Connect Back-Channel Logout 1.0). Each token is good once.
    pub(crate) async fn ended_there(&self, code: &str, token: &str) -> Result<(), IdentityError> {
        let refused = |told: String| IdentityError::from(OAuthError::request(told));
        let provider = providers::named(&self.db, code).await?;
        let provider = provider.ok_or_else(|| refused("no provider has this code".into()))?;
        let means = match self.logout_means(&provider, token).await {
            Ok(means) => means,
            Err(CallError::Upstream(failure)) => return Err(refused(failure.to_string())),
            Err(CallError::Own(error)) => return Err(error),
        };
        let until = self.source.now() + USED_KEPT;
        let id = format!("{}\u{1f}{}", provider.id, means.id);
        if !requests::use_once(&self.db, "provider-logout", &id, until).await? {
            return Err(refused("the logout token was used before".into()));
        }
        let (subject, sid) = (means.subject.as_deref(), means.sid.as_deref());
        for session in arrivals::meant(&self.db, provider.id, subject, sid).await? {
            // One that goes on by a proof given here isn't the provider's to end.
            if self.accounts.provider_of(session).await?.as_deref() == Some(code) {
                self.accounts.end_session(session).await?;
            }
        }
        Ok(())
    }

    async fn logout_means(
        &self,
        provider: &Provider,
        token: &str,
    ) -> Result<LogoutMeans, CallError> {
        let metadata = self.metadata(provider).await?;
        let algorithms = &provider.draft.id_token_algorithms;
        let typ = Typ::AbsentOr(&["logout+jwt", "JWT"]);
        let cause = UpstreamCause::Token;
        let (claims, _) = self
            .provider_claims(provider, &metadata, token, algorithms, typ, cause)
            .await?;
        Ok(judge_logout_token(
            &claims,
            &provider.draft,
            self.now_seconds(),
        )?)
    }
}
