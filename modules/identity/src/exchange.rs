//! Tokens for tokens (RFC 8693): a service that was shown a token of a person calls on with one of
//! its own, narrower, for the next resource.

use jiff::SignedDuration;
use jose::claims::Rules;
use jose::jws::Typ;
use jose::{Algorithm, Limits};

use crate::domain::{
    Acting, Client, ErrorCode, Exchanged, OAuthError, Params, Resources, Scopes, exchanged_scopes,
};
use crate::proof::Sender;
use crate::store::authorizations::{self, Authorization};
use crate::store::clients;
use crate::store::tokens::{self, Token};
use crate::tokens::{TokenAnswer, access_seconds, answer_of};
use crate::{Identity, IdentityError};

/// The types of tokens that are taken (RFC 8693, section 3).
pub(crate) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
/// See [`ACCESS_TOKEN`].
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";

/// What a token that is to be exchanged stands for.
pub(crate) struct Subject {
    pub(crate) authorization: Authorization,
    pub(crate) scopes: Scopes,
    pub(crate) exchanged: Option<Exchanged>,
    pub(crate) ends_at: Option<jiff::Timestamp>,
}

/// Refused in one way, whatever doesn't fit (section 2.2.2).
pub(crate) fn invalid(which: &str) -> OAuthError {
    OAuthError::request(format!(
        "{which} is unknown, over, revoked, or isn't meant for this client"
    ))
}

impl Identity {
    pub(crate) async fn for_token(
        &self,
        client: &Client,
        params: &Params,
        sender: &Sender,
    ) -> Result<TokenAnswer, IdentityError> {
        if params
            .get("requested_token_type")
            .is_some_and(|wanted| wanted != ACCESS_TOKEN)
        {
            let told = format!("requested_token_type must be {ACCESS_TOKEN}");
            return Err(OAuthError::request(told).into());
        }
        if self.is_for_exchange(params)? {
            return self.on_behalf(client, params, sender).await;
        }
        let bound = self.binding(client, sender).await?;
        let resources = self.exchange_targets(client, params).await?;
        let subject = self
            .exchange_subject(client, params, bound.dpop_jkt.as_deref(), sender)
            .await?;
        let acting = self.exchange_actor(client, params).await?;
        let asked = params.get("scope").map(Scopes::parse);
        let scopes = exchanged_scopes(asked.as_ref(), &subject.scopes, &client.draft.scopes)?;
        let exchanged = Exchanged::once_more(subject.exchanged.as_ref(), acting)?;
        let now = self.source.now();
        let usual = now + SignedDuration::from_secs(access_seconds(client));
        // It ends with what it was made from at the latest.
        let expires_at = subject.ends_at.map_or(usual, |end| end.min(usual));
        let token = Token {
            is_refresh: false,
            used_at: None,
            authorization: Some(subject.authorization.id),
            client: client.id,
            scopes,
            resources,
            bound,
            exchanged: Some(exchanged),
            created_at: now,
            expires_at,
        };
        let secret = self.new_secret();
        tokens::add(&self.db, (&secret, &token), None).await?;
        let seconds = expires_at.duration_since(now).as_secs();
        let answer = answer_of(&token, secret, seconds, None, None);
        Ok(TokenAnswer {
            issued_token_type: Some(ACCESS_TOKEN),
            ..answer
        })
    }

    /// Where the token is to be worth something: addresses (`resource`), or names of services
    /// (`audience`), among those that the client is registered for.
    async fn exchange_targets(
        &self,
        client: &Client,
        params: &Params,
    ) -> Result<Resources, IdentityError> {
        let mut all: Vec<String> = Resources::asked(params, "resource")?
            .iter()
            .map(str::to_owned)
            .collect();
        for named in Resources::asked(params, "audience")?.iter() {
            let service = clients::named(&self.db, named).await?;
            let address = service.and_then(|service| service.draft.advanced.resource);
            all.push(address.unwrap_or_else(|| named.to_owned()));
        }
        if all.is_empty() {
            let told = "name the resource, or the audience, that the token is for";
            return Err(OAuthError::new(ErrorCode::InvalidTarget, told).into());
        }
        let reaches: Vec<&str> = client.draft.advanced.reaches.iter().collect();
        let all = Resources::of(all.iter().map(String::as_str));
        Ok(all.within(&reaches)?)
    }

    /// For whom: a token that the client holds, or that was meant for it and shown to it.
    pub(crate) async fn exchange_subject(
        &self,
        client: &Client,
        params: &Params,
        key: Option<&str>,
        sender: &Sender,
    ) -> Result<Subject, IdentityError> {
        let refused = || invalid("subject_token");
        let token = params
            .get("subject_token")
            .ok_or_else(|| OAuthError::request("subject_token is missing"))?;
        match params.get("subject_token_type") {
            Some(ACCESS_TOKEN) => {
                let live = self.live_token(token).await?.ok_or_else(refused)?;
                let access = live.access;
                let is_own = access.client == client.id;
                let own_address = client.draft.advanced.resource.as_deref();
                let was_shown = client.draft.introspects
                    && own_address.is_some_and(|address| access.resources.has(address));
                // What is told of citizens stays with services of citizens.
                let audience = live.client.client.draft.audience;
                let is_same = audience == client.draft.audience;
                if !is_same || (!is_own && !was_shown) {
                    return Err(refused().into());
                }
                // Its holder shows the key again; a resource has seen it when the token was shown.
                let holds = (access.bound.dpop_jkt.is_none()
                    || access.bound.dpop_jkt.as_deref() == key)
                    && sender.holds_certificate(&access.bound);
                if is_own && !holds {
                    return Err(refused().into());
                }
                // A service's own token stands for nobody: it asks for another one itself.
                let (authorization, _) = live.person.ok_or_else(refused)?;
                Ok(Subject {
                    authorization,
                    scopes: access.scopes,
                    exchanged: access.exchanged,
                    ends_at: Some(access.expires_at),
                })
            }
            Some(ID_TOKEN) => {
                let authorization = self.of_id_token(client, token).await?;
                let authorization = authorization.ok_or_else(refused)?;
                Ok(Subject {
                    scopes: authorization.scopes.clone(),
                    authorization,
                    exchanged: None,
                    ends_at: None,
                })
            }
            _ => {
                let told = format!("subject_token_type must be {ACCESS_TOKEN} or {ID_TOKEN}");
                Err(OAuthError::request(told).into())
            }
        }
    }

    /// Who acts: delegation, when an actor is named; impersonation, when none is (section 1.1). An
    /// actor is the client itself, by a token that it asked for itself, or a person who signed in
    /// to it.
    pub(crate) async fn exchange_actor(
        &self,
        client: &Client,
        params: &Params,
    ) -> Result<Option<Acting>, IdentityError> {
        let refused = || invalid("actor_token");
        let Some(token) = params.get("actor_token") else {
            return match params.get("actor_token_type") {
                None => Ok(None),
                Some(_) => Err(OAuthError::request("actor_token is missing").into()),
            };
        };
        match params.get("actor_token_type") {
            Some(ACCESS_TOKEN) => {
                let live = self.live_token(token).await?;
                let live = live.filter(|live| live.access.client == client.id);
                let live = live.ok_or_else(refused)?;
                Ok(Some(match live.person {
                    None => Acting::Service(client.id),
                    Some((authorization, _)) => Acting::Person(authorization.person),
                }))
            }
            Some(ID_TOKEN) => {
                let found = self.of_id_token(client, token).await?.ok_or_else(refused)?;
                Ok(Some(Acting::Person(found.person)))
            }
            _ => {
                let told = format!("actor_token_type must be {ACCESS_TOKEN} or {ID_TOKEN}");
                Err(OAuthError::request(told).into())
            }
        }
    }

    /// The live authorization behind an identity token that we gave to this client and that isn't
    /// over.
    async fn of_id_token(
        &self,
        client: &Client,
        token: &str,
    ) -> Result<Option<Authorization>, IdentityError> {
        let keys = self.keys().await?.public();
        let all: Vec<_> = Algorithm::ALL
            .into_iter()
            .flat_map(|algorithm| keys.verification_keys(algorithm))
            .collect();
        // Only identity tokens have no `typ`: a logout token is none.
        let verified = jose::jws::verify_any(token, &all, Typ::AbsentOr(&["JWT"]), &Limits::SIGNED);
        let Some(claims) = verified.ok().and_then(|verified| verified.claims().ok()) else {
            return Ok(None);
        };
        let rules = Rules::new()
            .issuer(&self.issuer)
            .audience(&client.client_id)
            .sole_audience();
        let session = claims.text("sid").and_then(|sid| sid.parse().ok());
        let (Ok(()), Some(session)) = (rules.check(&claims, self.now_seconds()), session) else {
            return Ok(None);
        };
        let found = authorizations::latest(&self.db, session, client.id).await?;
        let Some(authorization) = found else {
            return Ok(None);
        };
        let subject = self.subject(client, authorization.person).await?;
        let is_live = self.person_of(client, &authorization).await?.is_some();
        let is_same = claims.text("sub") == Some(subject.as_str());
        Ok(Some(authorization).filter(|_| is_live && is_same))
    }
}
