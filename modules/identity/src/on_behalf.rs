//! Tokens with which a service calls the data exchange on behalf of a citizen who signed in to it: the
//! citizen's token, exchanged (RFC 8693) for one whose audience is the exchange, in which the service
//! acts (`act`) and the citizen is sealed for gateways.

use jiff::{SignedDuration, Timestamp};
use ports::exchange::{BehalfRequest, CivilIdentity, SealedCitizen, TokenGrant};
use serde_json::json;

use crate::accredited::{ACCREDITED_SECONDS, invalid_target};
use crate::domain::{
    Acting, Audience, Binding, CITIZEN_SESSION_LIVES, CitizenClaims, Client, ErrorCode, Level,
    OAuthError, Params, Scopes,
};
use crate::exchange::{ACCESS_TOKEN, invalid};
use crate::proof::Sender;
use crate::store::authorizations::{self, Authorization};
use crate::store::citizens;
use crate::tokens::TokenAnswer;
use crate::{Identity, IdentityError};

/// The scope with which a citizen agrees that who it is is told.
const IDENTITY_SCOPE: &str = "identite_pivot";

/// A citizen's token that is to be exchanged.
struct Agreed {
    authorization: Authorization,
    scopes: Scopes,
    level: u8,
    identity: CitizenClaims,
    ends_at: Timestamp,
}

impl Identity {
    /// A token for the data exchange on behalf of the citizen of `subject_token`. It is bound to a key
    /// or a certificate of the service, whoever finds it can't use it; it ends with the citizen's
    /// token, session and agreement.
    pub(crate) async fn on_behalf(
        &self,
        client: &Client,
        params: &Params,
        sender: &Sender,
    ) -> Result<TokenAnswer, IdentityError> {
        let bound = self.bound(client, sender).await?;
        if bound.dpop_jkt.is_none() && bound.certificate.is_none() {
            let told = "a token for calls on behalf of a citizen is bound: send a proof of \
                        possession (DPoP), or authenticate by a certificate";
            return Err(OAuthError::request(told).into());
        }
        self.reaches_exchange(client)?;
        if client.draft.audience != Audience::Citizens {
            let told = "services of citizens alone call the data exchange on behalf of somebody";
            return Err(invalid_target(told));
        }
        self.acts_itself(client, params).await?;
        let granted = self.accreditation_of(client, params).await?;
        let agreed = self.agreed_by(client, params, &bound, sender).await?;
        let scopes = scopes_of(&granted, &agreed, params)?;
        let now = self.source.now();
        let until = (now + SignedDuration::from_secs(ACCREDITED_SECONDS)).min(agreed.ends_at);
        let token = self.source.new_id().to_string();
        let authorization = &agreed.authorization;
        let tells = agreed.scopes.has(IDENTITY_SCOPE);
        let request = BehalfRequest {
            grant: granted.clone(),
            token: token.clone(),
            service: client.id,
            session: authorization.session,
            citizen: SealedCitizen {
                citizen: authorization.person,
                sign_in: authorization.id,
                level: agreed.level,
                identity: tells.then(|| civil(&agreed.identity)),
            },
            until,
        };
        let accreditations = self.exchange_desk()?;
        let sealed = accreditations.on_behalf(request).await?.ok_or_else(|| {
            invalid_target(
                "this accreditation isn't for calls by the sign-in of a citizen, or the sign-in has \
                 ended",
            )
        })?;
        let seconds = until.duration_since(now).as_secs();
        let scope = scopes.join(" ");
        let claims = self
            .exchange_claims(client, &granted, &bound)?
            .subject(&self.subject(client, authorization.person).await?)
            .lifetime(self.now_seconds(), seconds)
            .id(&token)
            .with("act", json!({ "sub": client.client_id }))
            .with("citizen", sealed.as_str());
        let answer = self.exchange_token(claims, &bound, scope, seconds).await?;
        Ok(TokenAnswer {
            issued_token_type: Some(ACCESS_TOKEN),
            ..answer
        })
    }

    fn reaches_exchange(&self, client: &Client) -> Result<(), IdentityError> {
        let audience = self.exchange_desk()?.audience();
        if client.draft.advanced.reaches.has(audience) {
            return Ok(());
        }
        let told = "this client isn't registered for the data exchange: name its address among the \
                    resources that it reaches";
        Err(invalid_target(told))
    }

    /// The service acts, and nobody else: naming it by a token of its own is allowed and changes
    /// nothing.
    async fn acts_itself(&self, client: &Client, params: &Params) -> Result<(), IdentityError> {
        match self.exchange_actor(client, params).await? {
            None => Ok(()),
            Some(Acting::Service(id)) if id == client.id => Ok(()),
            Some(_) => Err(OAuthError::request("actor_token must be of this client itself").into()),
        }
    }

    /// The citizen's token: one that this service was given when the citizen signed in to it, and that
    /// holds now.
    async fn agreed_by(
        &self,
        client: &Client,
        params: &Params,
        bound: &Binding,
        sender: &Sender,
    ) -> Result<Agreed, IdentityError> {
        let refused = || invalid("subject_token");
        if params.get("subject_token_type") != Some(ACCESS_TOKEN) {
            let told =
                format!("subject_token_type must be {ACCESS_TOKEN}: a citizen's access token");
            return Err(OAuthError::request(told).into());
        }
        let subject = self
            .exchange_subject(client, params, bound.dpop_jkt.as_deref(), sender)
            .await?;
        let authorization = subject.authorization;
        // What another service was agreed to stays with it.
        if authorization.client != client.id || subject.exchanged.is_some() {
            return Err(refused().into());
        }
        let found = citizens::of_id(&self.db, authorization.session).await?;
        let session = found.ok_or_else(refused)?;
        let proved = Level::parse(&authorization.acr).map_or(0, |level| level.identity);
        let agreed = authorizations::agreed(&self.db, authorization.person, client.id).await?;
        let scopes = subject.scopes.within(&client.draft.scopes).within(&agreed);
        let session_ends = session.begun_at + CITIZEN_SESSION_LIVES;
        Ok(Agreed {
            scopes,
            level: proved.min(session.level.identity),
            identity: session.identity,
            ends_at: subject
                .ends_at
                .map_or(session_ends, |end| end.min(session_ends)),
            authorization,
        })
    }
}

/// What the accreditation opens and the citizen agreed to, narrowed to what is asked for.
fn scopes_of(
    granted: &TokenGrant,
    agreed: &Agreed,
    params: &Params,
) -> Result<Vec<String>, IdentityError> {
    let both = granted.scopes.iter().filter(|one| agreed.scopes.has(one));
    let both: Vec<String> = both.cloned().collect();
    if both.is_empty() {
        let told = "the citizen agreed to none of the scopes of this accreditation: ask for them when \
                    the citizen signs in";
        return Err(OAuthError::new(ErrorCode::InvalidScope, told).into());
    }
    let asked = Scopes::parse(params.get("scope").unwrap_or_default());
    if asked.is_empty() {
        return Ok(both);
    }
    if asked.iter().any(|one| !both.iter().any(|has| has == one)) {
        let told = "scope holds what the accreditation doesn't have or the citizen didn't agree to";
        return Err(OAuthError::new(ErrorCode::InvalidScope, told).into());
    }
    Ok(asked.iter().map(str::to_owned).collect())
}

fn civil(claims: &CitizenClaims) -> CivilIdentity {
    CivilIdentity {
        given_name: claims.given_name.clone(),
        family_name: claims.family_name.clone(),
        birthdate: claims.birthdate.clone(),
        gender: claims.gender.clone(),
        birthplace: claims.birthplace.clone(),
        birthcountry: claims.birthcountry.clone(),
    }
}
