//! The answer to an authorization request, on its way to the service.

use jose::claims::Claims;

use crate::authorize::Outcome;
use crate::domain::{AuthorizationRequest, Client, OAuthError, ReturnTo, with_query};
use crate::{Identity, IdentityError};

/// Seconds that a signed answer is good for: a browser carries it at once (JARM, section 2.1, asks
/// for ten minutes at most).
const ANSWER_SECONDS: i64 = 60;

impl Identity {
    /// Answers with `parameters`, the request's state, and who we are (RFC 9207).
    pub(crate) async fn respond(
        &self,
        client: &Client,
        to: &ReturnTo,
        parameters: &[(&str, &str)],
    ) -> Result<Outcome, IdentityError> {
        let mut all = parameters.to_vec();
        all.extend(to.state.as_deref().map(|state| ("state", state)));
        let token;
        if to.mode.is_signed() {
            let now = self.now_seconds();
            let claims = Claims::new()
                .issuer(&self.issuer)
                .audience(&client.client_id)
                .lifetime(now, ANSWER_SECONDS);
            let claims = all
                .iter()
                .fold(claims, |claims, (name, value)| claims.with(name, *value));
            let algorithm = client.draft.id_token_algorithm;
            token = self.sign(algorithm, Some("JWT"), &claims).await?;
            all = vec![("response", token.as_str())];
        } else {
            // Whoever answers says who it is; a signed answer says so itself.
            all.push(("iss", &self.issuer));
        }
        let service = client.draft.name.clone();
        if to.mode.is_form() {
            let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            return Ok(Outcome::Return {
                address: to.redirect_uri.clone(),
                form: Some(all.iter().map(owned).collect()),
                service,
            });
        }
        Ok(Outcome::Return {
            address: with_query(&to.redirect_uri, &all),
            form: None,
            service,
        })
    }

    /// Answers with an error.
    pub(crate) async fn respond_error(
        &self,
        client: &Client,
        to: &ReturnTo,
        error: &OAuthError,
    ) -> Result<Outcome, IdentityError> {
        let parameters = [
            ("error", error.code.as_str()),
            ("error_description", error.description.as_str()),
        ];
        self.respond(client, to, &parameters).await
    }

    /// Answers a request that was read with an error.
    pub(crate) async fn return_error(
        &self,
        client: &Client,
        request: &AuthorizationRequest,
        error: &OAuthError,
    ) -> Result<Outcome, IdentityError> {
        self.respond_error(client, &request.to, error).await
    }
}
