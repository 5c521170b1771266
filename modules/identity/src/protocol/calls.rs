//! Calls of programs: tokens, what they open, what they are worth, their end.

use kit_http::{Failure, Fields, HeaderMap, IntoResponse, Path, Peer, Response, State, StatusCode};
use serde_json::json;

use super::answers::{
    basic_of, json_answer, params_of, proof_of, refused, refused_resource, token_answer,
};
use super::{DEVICE, INTROSPECTION, PUSHED, REVOCATION, TOKEN};
use crate::domain::{AuthMethod, Client, ErrorCode, OAuthError, Params};
use crate::proof::Sender;
use crate::pushed::PUSHED_SECONDS;
use crate::userinfo::{Presented, Userinfo};
use crate::{Identity, IdentityError};

type Form = Result<Fields, Failure>;

/// A call of a service that has proved who it is.
struct Call {
    client: Client,
    params: Params,
    sender: Sender,
}

/// The service that calls and what it sends.
async fn called(
    identity: &Identity,
    headers: &HeaderMap,
    peer: &Peer,
    fields: Form,
    path: &str,
) -> Result<Call, IdentityError> {
    let params = params_of(fields)?;
    let basic = basic_of(headers)?;
    let certificate = identity.certificate_of(headers, peer);
    let client = identity
        .authenticate_client(basic, &params, path, certificate.as_ref())
        .await?;
    Ok(Call {
        client,
        params,
        sender: Sender {
            proof: proof_of(headers)?,
            certificate,
        },
    })
}

/// The answer to a call: `Ok` as it is, a refusal in the words of the protocol.
fn answered(result: Result<Response, IdentityError>) -> Response {
    result.unwrap_or_else(refused)
}

/// The answer with the nonce that the next proof must hold (RFC 9449, section 8), when the refusal
/// asks for it.
async fn with_nonce(identity: &Identity, mut response: Response, is_asked: bool) -> Response {
    if is_asked
        && let Ok(nonces) = identity.nonces().await
        && let Some(nonce) = nonces.first().and_then(|nonce| nonce.parse().ok())
    {
        response.headers_mut().insert("dpop-nonce", nonce);
    }
    response
}

fn asks_nonce<T>(result: &Result<T, IdentityError>) -> bool {
    matches!(result, Err(IdentityError::Refused(error)) if error.code == ErrorCode::UseDpopNonce)
}

pub(super) async fn token(
    State(identity): State<Identity>,
    headers: HeaderMap,
    peer: Peer,
    fields: Form,
) -> Response {
    let run = async {
        let call = called(&identity, &headers, &peer, fields, TOKEN).await?;
        let answer = identity
            .token(&call.client, &call.params, &call.sender)
            .await?;
        Ok(json_answer(StatusCode::OK, &answer))
    };
    let result = run.await;
    let is_asked = asks_nonce(&result);
    with_nonce(&identity, answered(result), is_asked).await
}

/// The token of a request: in the header, or in a form's field (RFC 6750, sections 2.1 and 2.2).
pub(super) fn presented(
    headers: &HeaderMap,
    form: Option<&Params>,
) -> Result<Option<Presented>, OAuthError> {
    let header = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '));
    let in_header = header.and_then(|(scheme, token)| {
        let is_bound = scheme.eq_ignore_ascii_case("dpop");
        (is_bound || scheme.eq_ignore_ascii_case("bearer")).then(|| Presented {
            token: token.trim().to_owned(),
            is_bound,
        })
    });
    let in_form = form.and_then(|params| params.get("access_token"));
    match (in_header, in_form) {
        (Some(_), Some(_)) => Err(OAuthError::request("send the access token in one way")),
        (None, Some(token)) => Ok(Some(Presented {
            token: token.to_owned(),
            is_bound: false,
        })),
        (in_header, None) => Ok(in_header),
    }
}

async fn told(
    identity: &Identity,
    headers: &HeaderMap,
    peer: &Peer,
    form: Option<Params>,
    method: &str,
) -> Response {
    let presented = match presented(headers, form.as_ref()) {
        Ok(Some(presented)) => presented,
        Ok(None) => {
            // Nothing was tried: no error code (RFC 6750, section 3.1).
            let mut response = json_answer(StatusCode::UNAUTHORIZED, &json!({}));
            if let Ok(challenge) = "Bearer".parse() {
                response.headers_mut().insert("www-authenticate", challenge);
            }
            return response;
        }
        Err(error) => return refused_resource(error.into(), false),
    };
    let is_bound = presented.is_bound;
    let run = async {
        let sender = Sender {
            proof: proof_of(headers)?,
            certificate: identity.certificate_of(headers, peer),
        };
        identity.userinfo(&presented, &sender, method).await
    };
    let result = run.await;
    let is_asked = asks_nonce(&result);
    let response = match result {
        Ok(Userinfo::Json(claims)) => json_answer(StatusCode::OK, claims.members()),
        Ok(Userinfo::Token(token)) => token_answer("application/jwt", token),
        Err(error) => refused_resource(error, is_bound),
    };
    with_nonce(identity, response, is_asked).await
}

pub(super) async fn userinfo(
    State(identity): State<Identity>,
    headers: HeaderMap,
    peer: Peer,
) -> Response {
    told(&identity, &headers, &peer, None, "GET").await
}

pub(super) async fn userinfo_by_form(
    State(identity): State<Identity>,
    headers: HeaderMap,
    peer: Peer,
    fields: Form,
) -> Response {
    // A call without a body has its token in the header.
    let form = fields.ok().map(|fields| Params(fields.0));
    told(&identity, &headers, &peer, form, "POST").await
}

pub(super) async fn introspection(
    State(identity): State<Identity>,
    headers: HeaderMap,
    peer: Peer,
    fields: Form,
) -> Response {
    let run = async {
        let Call { client, params, .. } =
            called(&identity, &headers, &peer, fields, INTROSPECTION).await?;
        if client.draft.auth_method == AuthMethod::None {
            let told = "only a client that proves who it is may ask what a token is worth";
            return Err(OAuthError::new(ErrorCode::InvalidClient, told).into());
        }
        let answer = identity.introspect(&client, &params).await?;
        let wants_token = headers
            .get("accept")
            .and_then(|value| value.to_str().ok())
            .is_some_and(|accept| accept.contains("application/token-introspection+jwt"));
        if !wants_token {
            return Ok(json_answer(StatusCode::OK, &answer));
        }
        let token = identity.introspection_token(&client, answer).await?;
        Ok(token_answer("application/token-introspection+jwt", token))
    };
    answered(run.await)
}

pub(super) async fn revocation(
    State(identity): State<Identity>,
    headers: HeaderMap,
    peer: Peer,
    fields: Form,
) -> Response {
    let run = async {
        let Call { client, params, .. } =
            called(&identity, &headers, &peer, fields, REVOCATION).await?;
        identity.revoke(&client, &params).await?;
        Ok(StatusCode::OK.into_response())
    };
    answered(run.await)
}

pub(super) async fn pushed(
    State(identity): State<Identity>,
    headers: HeaderMap,
    peer: Peer,
    fields: Form,
) -> Response {
    let run = async {
        let Call {
            client,
            params,
            sender,
        } = called(&identity, &headers, &peer, fields, PUSHED).await?;
        let address = identity.push(&client, params, &sender).await?;
        let answer = json!({ "request_uri": address, "expires_in": PUSHED_SECONDS });
        Ok(json_answer(StatusCode::CREATED, &answer))
    };
    let result = run.await;
    let is_asked = asks_nonce(&result);
    with_nonce(&identity, answered(result), is_asked).await
}

pub(super) async fn device(
    State(identity): State<Identity>,
    headers: HeaderMap,
    peer: Peer,
    fields: Form,
) -> Response {
    let run = async {
        let Call { client, params, .. } =
            called(&identity, &headers, &peer, fields, DEVICE).await?;
        let answer = identity.begin_device(&client, &params).await?;
        Ok(json_answer(StatusCode::OK, &answer))
    };
    answered(run.await)
}

/// A provider says that sessions ended there.
pub(super) async fn ended_there(
    State(identity): State<Identity>,
    Path(code): Path<String>,
    fields: Form,
) -> Response {
    let run = async {
        let params = params_of(fields)?;
        let token = params.get("logout_token");
        let token = token.ok_or_else(|| OAuthError::request("logout_token is missing"))?;
        identity.ended_there(&code, token).await?;
        Ok(json_answer(StatusCode::OK, &json!({})))
    };
    answered(run.await)
}
