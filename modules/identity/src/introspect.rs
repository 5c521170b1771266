//! What a token is worth (RFC 7662, RFC 9701), and its end (RFC 7009).

use jose::claims::Claims;
use serde_json::{Value, json};

use crate::domain::{Acting, Client, ErrorCode, Exchanged, OAuthError, Params};
use crate::store::tokens::{self, Kind};
use crate::{Identity, IdentityError};

impl Identity {
    /// What a token is worth to `caller`: its own tokens, or those of others when it serves data
    /// for them and they are meant for it (RFC 8707). Scopes are those that the caller has too, and the person goes by the name under
    /// which the caller knows it. Everything else is said to be inactive, in the same words.
    pub(crate) async fn introspect(
        &self,
        caller: &Client,
        params: &Params,
    ) -> Result<Value, IdentityError> {
        let token = token_of(params)?;
        let inactive = json!({ "active": false });
        if let Some(live) = self.live_token(token).await? {
            let is_own = live.client.client.id == caller.id;
            let own_address = caller.draft.advanced.resource.as_deref();
            let is_meant =
                caller.draft.introspects && live.access.resources.are_seen_by(own_address);
            if !is_own && !is_meant {
                return Ok(inactive);
            }
            let scopes = if is_own {
                live.access.scopes
            } else {
                live.access.scopes.within(&caller.draft.scopes)
            };
            let mut answer = json!({
                "active": true,
                "iss": &*self.issuer,
                "client_id": live.client.client.client_id,
                "scope": scopes.to_string(),
                "token_type": if live.access.bound.dpop_jkt.is_some() { "DPoP" } else { "Bearer" },
                "iat": live.access.created_at.as_second(),
                "exp": live.access.expires_at.as_second(),
            });
            if !live.access.resources.is_empty() {
                answer["aud"] = live.access.resources.iter().collect();
            }
            if let Some(jkt) = live.access.bound.dpop_jkt {
                answer["cnf"]["jkt"] = json!(jkt);
            }
            if let Some(certificate) = live.access.bound.certificate {
                answer["cnf"]["x5t#S256"] = json!(certificate);
            }
            if let Some(exchanged) = live.access.exchanged
                && let Some(acting) = self.acting(caller, &exchanged).await?
            {
                answer["act"] = acting;
            }
            if let Some((authorization, person)) = live.person {
                answer["sub"] = json!(self.subject(caller, authorization.person).await?);
                answer["acr"] = json!(authorization.acr);
                answer["auth_time"] = json!(authorization.auth_time);
                // A mailbox is found by its address, when both may know it.
                if let Some(email) = person.email().filter(|_| scopes.has("email")) {
                    answer["username"] = json!(email);
                    answer["email"] = json!(email);
                }
            }
            return Ok(answer);
        }
        let now = self.source.now();
        let found = tokens::find(&self.db, Kind::Refresh, token, now).await?;
        let found =
            found.filter(|(refresh, _)| refresh.client == caller.id && refresh.used_at.is_none());
        let Some((refresh, Some(authorization))) = found else {
            return Ok(inactive);
        };
        if self.person_of(caller, &authorization).await?.is_none() {
            return Ok(inactive);
        }
        Ok(json!({
            "active": true,
            "iss": &*self.issuer,
            "client_id": caller.client_id,
            "scope": authorization.scopes.to_string(),
            "sub": self.subject(caller, authorization.person).await?,
            "exp": refresh.expires_at.as_second(),
        }))
    }

    /// Who acts, by the names under which `caller` knows them: the current one outside, whoever
    /// acted before inside (RFC 8693, section 4.1).
    async fn acting(
        &self,
        caller: &Client,
        exchanged: &Exchanged,
    ) -> Result<Option<Value>, IdentityError> {
        let mut told = None;
        for one in exchanged.acting.iter().rev() {
            let mut act = match one {
                Acting::Person(person) => json!({ "sub": self.subject(caller, *person).await? }),
                Acting::Service(id) => {
                    let service = self.of_id(*id).await?;
                    let name = service.map(|service| service.client.client_id.clone());
                    json!({ "sub": name.unwrap_or_else(|| id.to_string()) })
                }
            };
            if let Some(inner) = told {
                act["act"] = inner;
            }
            told = Some(act);
        }
        Ok(told)
    }

    /// The same as a signed token (RFC 9701), encrypted if the caller registered a key for that.
    pub(crate) async fn introspection_token(
        &self,
        caller: &Client,
        answer: Value,
    ) -> Result<String, IdentityError> {
        let claims = Claims::new()
            .issuer(&self.issuer)
            .audience(&caller.client_id)
            .with("iat", self.now_seconds())
            .with("token_introspection", answer);
        let typ = Some("token-introspection+jwt");
        let algorithm = caller.draft.id_token_algorithm;
        let signed = self.sign(algorithm, typ, &claims).await?;
        self.encrypt_for(caller, None, signed).await
    }

    /// Ends a token of `caller`. An unknown one has ended already: that is no error (RFC 7009,
    /// section 2.2). With a refresh token all that came from the same sign-in ends.
    pub(crate) async fn revoke(
        &self,
        caller: &Client,
        params: &Params,
    ) -> Result<(), IdentityError> {
        let token = token_of(params)?;
        let now = self.source.now();
        if tokens::delete_access(&self.db, token, caller.id).await? {
            return Ok(());
        }
        let found = tokens::find(&self.db, Kind::Refresh, token, now).await?;
        if let Some((_, Some(authorization))) = found.filter(|(one, _)| one.client == caller.id) {
            self.revoke_sign_in(authorization.id).await?;
        }
        Ok(())
    }
}

fn token_of(params: &Params) -> Result<&str, OAuthError> {
    params
        .get("token")
        .ok_or_else(|| OAuthError::new(ErrorCode::InvalidRequest, "token is missing"))
}
