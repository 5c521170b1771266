//! What a token is worth (RFC 7662, RFC 9701), and its end (RFC 7009).

use jose::claims::Claims;
use serde_json::{Value, json};

use crate::domain::{Client, ErrorCode, OAuthError, Params};
use crate::store::{authorizations, tokens};
use crate::{Identity, IdentityError};

impl Identity {
    /// What a token is worth to `caller`: its own tokens, or those of others when it serves data
    /// for them. Scopes are those that the caller has too, and the person goes by the name under
    /// which the caller knows it. Everything else is said to be inactive, in the same words.
    pub(crate) async fn introspect(
        &self,
        caller: &Client,
        params: &Params,
    ) -> Result<Value, IdentityError> {
        let token = token_of(params)?;
        let inactive = json!({ "active": false });
        if let Some(live) = self.live_token(token).await? {
            if live.client.id != caller.id && !caller.draft.introspects {
                return Ok(inactive);
            }
            let is_own = live.client.id == caller.id;
            let scopes = if is_own {
                live.access.scopes
            } else {
                live.access.scopes.within(&caller.draft.scopes)
            };
            let mut answer = json!({
                "active": true,
                "iss": &*self.issuer,
                "client_id": live.client.client_id,
                "scope": scopes.to_string(),
                "token_type": if live.access.dpop_jkt.is_some() { "DPoP" } else { "Bearer" },
                "iat": live.access.created_at.as_second(),
                "exp": live.access.expires_at.as_second(),
            });
            if let Some(jkt) = live.access.dpop_jkt {
                answer["cnf"] = json!({ "jkt": jkt });
            }
            if let Some(authorization) = live.authorization {
                let Some(person) = self.person(authorization.person).await? else {
                    return Ok(inactive);
                };
                answer["sub"] = json!(self.subject(caller, authorization.person).await?);
                answer["acr"] = json!(authorization.acr);
                answer["auth_time"] = json!(authorization.auth_time);
                // A mailbox is found by its address, when both may know it.
                if scopes.has("email") {
                    answer["username"] = json!(person.email);
                    answer["email"] = json!(person.email);
                }
            }
            return Ok(answer);
        }
        let now = self.source.now();
        let refresh = tokens::find_refresh(&self.db, token).await?;
        let refresh = refresh.filter(|refresh| {
            refresh.client == caller.id && refresh.used_at.is_none() && refresh.expires_at > now
        });
        let Some(refresh) = refresh else {
            return Ok(inactive);
        };
        let found = authorizations::find(&self.db, refresh.authorization).await?;
        let Some(authorization) = self.still_good(found).await? else {
            return Ok(inactive);
        };
        Ok(json!({
            "active": true,
            "iss": &*self.issuer,
            "client_id": caller.client_id,
            "scope": authorization.scopes.to_string(),
            "sub": self.subject(caller, authorization.person).await?,
            "exp": refresh.expires_at.as_second(),
        }))
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
        Self::encrypt_for(caller, signed)
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
        let mut tx = self.db.begin().await?;
        if !tokens::delete_access(&mut tx, token, caller.id).await? {
            let refresh = tokens::find_refresh(&mut tx, token).await?;
            if let Some(refresh) = refresh.filter(|refresh| refresh.client == caller.id) {
                authorizations::revoke(&mut tx, refresh.authorization, now).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }
}

fn token_of(params: &Params) -> Result<&str, OAuthError> {
    params
        .get("token")
        .ok_or_else(|| OAuthError::new(ErrorCode::InvalidRequest, "token is missing"))
}
