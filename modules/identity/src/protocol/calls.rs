//! Calls of programs: tokens, what they open, what they are worth, their end.

use kit_http::{Failure, Fields, HeaderMap, IntoResponse, Path, Response, State, StatusCode};
use serde_json::json;

use super::answers::{
    basic_of, json_answer, params_of, proof_of, refused, refused_resource, token_answer,
};
use super::{INTROSPECTION, PUSHED, REVOCATION, TOKEN};
use crate::authorize::PUSHED_SECONDS;
use crate::domain::{AuthMethod, Client, ErrorCode, OAuthError, Params};
use crate::userinfo::{Presented, Userinfo};
use crate::{Identity, IdentityError};

type Form = Result<Fields, Failure>;

/// The service that calls and what it sends.
async fn called(
    identity: &Identity,
    headers: &HeaderMap,
    fields: Form,
    path: &str,
) -> Result<(Client, Params), IdentityError> {
    let params = params_of(fields)?;
    let basic = basic_of(headers)?;
    let client = identity.authenticate_client(basic, &params, path).await?;
    Ok((client, params))
}

/// The answer to a call: `Ok` as it is, a refusal in the words of the protocol.
fn answered(result: Result<Response, IdentityError>) -> Response {
    result.unwrap_or_else(refused)
}

pub(super) async fn token(
    State(identity): State<Identity>,
    headers: HeaderMap,
    fields: Form,
) -> Response {
    let run = async {
        let (client, params) = called(&identity, &headers, fields, TOKEN).await?;
        let proof = proof_of(&headers)?;
        let answer = identity.token(&client, &params, proof.as_deref()).await?;
        Ok(json_answer(StatusCode::OK, &answer))
    };
    answered(run.await)
}

/// The token of a request: in the header, or in a form's field (RFC 6750, sections 2.1 and 2.2).
fn presented(headers: &HeaderMap, form: Option<&Params>) -> Result<Option<Presented>, OAuthError> {
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
        let proof = proof_of(headers)?;
        identity
            .userinfo(&presented, proof.as_deref(), method)
            .await
    };
    match run.await {
        Ok(Userinfo::Json(claims)) => json_answer(StatusCode::OK, claims.members()),
        Ok(Userinfo::Token(token)) => token_answer("application/jwt", token),
        Err(error) => refused_resource(error, is_bound),
    }
}

pub(super) async fn userinfo(State(identity): State<Identity>, headers: HeaderMap) -> Response {
    told(&identity, &headers, None, "GET").await
}

pub(super) async fn userinfo_by_form(
    State(identity): State<Identity>,
    headers: HeaderMap,
    fields: Form,
) -> Response {
    // A call without a body has its token in the header.
    let form = fields.ok().map(|fields| Params(fields.0));
    told(&identity, &headers, form, "POST").await
}

pub(super) async fn introspection(
    State(identity): State<Identity>,
    headers: HeaderMap,
    fields: Form,
) -> Response {
    let run = async {
        let (client, params) = called(&identity, &headers, fields, INTROSPECTION).await?;
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
    fields: Form,
) -> Response {
    let run = async {
        let (client, params) = called(&identity, &headers, fields, REVOCATION).await?;
        identity.revoke(&client, &params).await?;
        Ok(StatusCode::OK.into_response())
    };
    answered(run.await)
}

pub(super) async fn pushed(
    State(identity): State<Identity>,
    headers: HeaderMap,
    fields: Form,
) -> Response {
    let run = async {
        let (client, params) = called(&identity, &headers, fields, PUSHED).await?;
        let address = identity.push(&client, params).await?;
        let answer = json!({ "request_uri": address, "expires_in": PUSHED_SECONDS });
        Ok(json_answer(StatusCode::CREATED, &answer))
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
