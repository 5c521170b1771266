//! Requests that don't come in an address: pushed beforehand (RFC 9126), or signed (RFC 9101).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use jose::claims::Rules;

use crate::domain::{
    Client, ErrorCode, OAuthError, Params, Refusal, ReturnTo, hash_of, read_request,
};
use crate::proof::{Sender, Shown};
use crate::store::requests::{self, Waiting, Waits};
use crate::{Identity, IdentityError};

/// How long a pushed request waits for its browser (RFC 9126 proposes 5 to 600 seconds).
pub(crate) const PUSHED_SECONDS: i64 = 60;
/// What the address of a pushed request begins with.
const PUSHED: &str = "urn:ietf:params:oauth:request_uri:";
/// What pushed requests are remembered under once they are answered.
pub(crate) const PUSHED_ONCE: &str = "pushed";
/// The parameter that holds the mark of a pushed request while a person is asked. Nobody sends it:
/// see [`forget_mark`].
const MARK: &str = "\u{1f}pushed";
/// Oldest request object, in seconds.
const REQUEST_OBJECT_SECONDS_MAX: i64 = 300;

/// The mark of a request that was pushed.
pub(crate) fn pushed_mark(parameters: &Params) -> Option<String> {
    parameters.get(MARK).map(str::to_owned)
}

/// Takes away a mark that came from outside.
pub(crate) fn forget_mark(parameters: &mut Params) {
    parameters.0.retain(|(name, _)| name != MARK);
}

/// Refused in one way, whatever the reason.
pub(crate) fn used_request_uri() -> OAuthError {
    OAuthError::new(
        ErrorCode::InvalidRequestUri,
        "request_uri is one that the pushed authorization request endpoint gave to this client; \
         it is loaded within a minute and answered once",
    )
}

impl Identity {
    /// Keeps a request that a service pushes; gives the address under which its browser brings it.
    /// A proof of possession binds the code to its key (RFC 9449, section 10.1).
    pub(crate) async fn push(
        &self,
        client: &Client,
        parameters: Params,
        sender: &Sender,
    ) -> Result<String, IdentityError> {
        if parameters.get("request_uri").is_some() {
            let told = "request_uri has no place in a pushed request";
            return Err(OAuthError::request(told).into());
        }
        let kept = ["client_secret", "client_assertion", "client_assertion_type"];
        let mut parameters = parameters;
        // What proves the service isn't a part of the request, and must not be stored.
        parameters
            .0
            .retain(|(name, _)| !kept.contains(&name.as_str()));
        forget_mark(&mut parameters);
        if parameters.get("client_id").is_none() {
            let named = ("client_id".to_owned(), client.client_id.clone());
            parameters.0.push(named);
        }
        let mut opened = self.open_object(client, parameters).await?;
        let shown = Shown {
            method: "POST",
            path: crate::protocol::PUSHED,
            access_token: None,
            bound: None,
        };
        let proof = sender.proof.as_deref();
        if let Some(key) = self.check_proof(client, proof, shown).await? {
            match opened.get("dpop_jkt") {
                Some(named) if named != key => {
                    let told = "dpop_jkt isn't the key of the proof";
                    return Err(OAuthError::new(ErrorCode::InvalidDpopProof, told).into());
                }
                Some(_) => {}
                None => opened.0.push(("dpop_jkt".to_owned(), key)),
            }
        }
        match read_request(client, &self.issuer, &opened) {
            Ok(_) => {}
            Err(Refusal::Page(error) | Refusal::Client { error, .. }) => return Err(error.into()),
        }
        let now = self.source.now();
        let ticket = self.new_secret();
        let waiting = Waiting {
            client: client.id,
            parameters: opened,
            created_at: now,
        };
        let until = now + SignedDuration::from_secs(PUSHED_SECONDS);
        requests::keep(&self.db, (Waits::ForBrowser, &ticket), &waiting, until).await?;
        Ok(format!("{PUSHED}{ticket}"))
    }

    /// The pushed request of an address, with its mark. Addresses of others are never asked for
    /// what is there: a request by reference could make us call anybody.
    pub(crate) async fn find_pushed(
        &self,
        client: &Client,
        address: &str,
    ) -> Result<Params, IdentityError> {
        let Some(ticket) = address.strip_prefix(PUSHED) else {
            let told = "requests by reference to elsewhere aren't taken: push the request";
            return Err(OAuthError::new(ErrorCode::RequestUriNotSupported, told).into());
        };
        let key = (Waits::ForBrowser, ticket);
        let found = requests::find(&self.db, key, self.source.now()).await?;
        let found = found.filter(|waiting| waiting.client == client.id);
        let mut parameters = found.ok_or_else(used_request_uri)?.parameters;
        let mark = URL_SAFE_NO_PAD.encode(hash_of(ticket));
        if requests::was_used(&self.db, PUSHED_ONCE, &mark).await? {
            return Err(used_request_uri().into());
        }
        parameters.0.push((MARK.to_owned(), mark));
        Ok(parameters)
    }

    /// The parameters inside a signed request object, which replace those beside it; the parameters
    /// as they are when there is none.
    pub(crate) async fn open_object(
        &self,
        client: &Client,
        parameters: Params,
    ) -> Result<Params, IdentityError> {
        let refused =
            |told: &str| OAuthError::new(ErrorCode::InvalidRequestObject, told.to_owned());
        let Some(object) = parameters.get("request") else {
            return Ok(parameters);
        };
        let typ = ["JWT", "oauth-authz-req+jwt"];
        let verified = self.signed_by(client, object, &typ).await;
        let verified = verified.ok_or_else(|| {
            refused("the request object isn't a token signed by a registered key of the client")
        })?;
        let claims = verified
            .claims()
            .map_err(|error| refused(&error.to_string()))?;
        Rules::new()
            .issuer(&client.client_id)
            .audience(&self.issuer)
            .leeway_seconds(10)
            .lifetime_seconds_max(REQUEST_OBJECT_SECONDS_MAX)
            .check(&claims, self.now_seconds())
            .map_err(|error| refused(&error.to_string()))?;
        if claims.get("request").is_some() || claims.get("request_uri").is_some() {
            return Err(refused("a request object holds no other one").into());
        }
        if claims.text("client_id") != Some(client.client_id.as_str()) {
            return Err(refused("client_id inside the request object is another one").into());
        }
        let mut pairs = Vec::new();
        for (name, value) in claims.members() {
            if ["iss", "aud", "exp", "nbf", "iat", "jti", MARK].contains(&name.as_str()) {
                continue;
            }
            match value {
                serde_json::Value::String(text) => pairs.push((name.clone(), text.clone())),
                serde_json::Value::Array(many) if name == "resource" => {
                    let texts = many.iter().filter_map(serde_json::Value::as_str);
                    pairs.extend(texts.map(|text| (name.clone(), text.to_owned())));
                }
                other => pairs.push((name.clone(), other.to_string())),
            }
        }
        Ok(Params(pairs))
    }
}

/// Where to tell a mistake of an object or of its address.
pub(crate) fn beside(client: &Client, parameters: &Params, error: OAuthError) -> Refusal {
    let redirect = parameters.get("redirect_uri").filter(|address| {
        let known = client.draft.redirect_uris.iter();
        known.clone().any(|known| known == address)
    });
    match redirect {
        None => Refusal::Page(error),
        Some(redirect_uri) => Refusal::Client {
            to: ReturnTo::read(redirect_uri, parameters),
            error,
        },
    }
}
