//! What programs and browsers are answered.

use kit_http::{Body, Cx, Failure, Fields, HeaderMap, IntoResponse, Page, Response, StatusCode};
use kit_ui::{Actions, Composed, Form, Notice, Tone, WordArg};
use serde::Serialize;
use serde_json::json;

use crate::IdentityError;
use crate::client_auth::Basic;
use crate::domain::{ErrorCode, OAuthError, Params};
use crate::pages::bare;

/// Scripts of other sites may call: nothing that they get is opened by a cookie.
fn for_every_site(headers: &mut HeaderMap) {
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        (
            "access-control-expose-headers",
            "www-authenticate, dpop-nonce",
        ),
        ("cross-origin-resource-policy", "cross-origin"),
    ] {
        if let Ok(value) = value.parse() {
            headers.insert(name, value);
        }
    }
}

/// What a browser asks before a script of another site calls.
pub(crate) async fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    for_every_site(headers);
    for (name, value) in [
        ("access-control-allow-methods", "GET, POST"),
        (
            "access-control-allow-headers",
            "authorization, content-type, dpop",
        ),
        ("access-control-max-age", "3600"),
    ] {
        if let Ok(value) = value.parse() {
            headers.insert(name, value);
        }
    }
    response
}

fn with_type(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for_every_site(headers);
    for (name, value) in [
        ("content-type", content_type),
        ("cache-control", "no-store"),
        ("pragma", "no-cache"),
    ] {
        if let Ok(value) = value.parse() {
            headers.insert(name, value);
        }
    }
    response
}

/// JSON that nobody keeps.
pub(crate) fn json_answer(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => with_type(status, "application/json", body),
        Err(error) => Failure::internal(error).into_response(),
    }
}

/// JSON that may be kept for some minutes.
pub(crate) fn public_json(value: &impl Serialize) -> Response {
    let mut response = json_answer(StatusCode::OK, value);
    let headers = response.headers_mut();
    headers.remove("pragma");
    if let Ok(age) = "public, max-age=300".parse() {
        headers.insert("cache-control", age);
    }
    response
}

/// A token as the whole answer.
pub(crate) fn token_answer(content_type: &'static str, token: String) -> Response {
    with_type(StatusCode::OK, content_type, token.into_bytes())
}

fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::InvalidClient | ErrorCode::InvalidToken => StatusCode::UNAUTHORIZED,
        ErrorCode::InsufficientScope => StatusCode::FORBIDDEN,
        ErrorCode::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// The error of a call, in the words of OAuth 2.0 (RFC 6749, section 5.2).
pub(crate) fn refused(error: IdentityError) -> Response {
    let error = match error {
        IdentityError::Refused(error) => error,
        error => return Failure::from(error).into_response(),
    };
    let mut response = json_answer(
        status_of(error.code),
        &json!({ "error": error.code.as_str(), "error_description": error.description }),
    );
    if error.code == ErrorCode::InvalidClient
        && let Ok(challenge) = "Basic realm=\"gouvernail\"".parse()
    {
        response.headers_mut().insert("www-authenticate", challenge);
    }
    response
}

/// The error of a call that a token opens (RFC 6750, section 3).
pub(super) fn refused_resource(error: IdentityError, is_bound: bool) -> Response {
    let IdentityError::Refused(refusal) = error else {
        return refused(error);
    };
    let scheme = if is_bound { "DPoP" } else { "Bearer" };
    let challenge = format!(
        "{scheme} error=\"{}\", error_description=\"{}\"",
        refusal.code.as_str(),
        refusal.description.replace(['"', '\\'], "'"),
    );
    let is_proof = matches!(
        refusal.code,
        ErrorCode::InvalidDpopProof | ErrorCode::UseDpopNonce
    );
    let mut response = refused(refusal.into());
    if is_proof {
        *response.status_mut() = StatusCode::UNAUTHORIZED;
    }
    if let Ok(challenge) = challenge.parse() {
        response.headers_mut().insert("www-authenticate", challenge);
    }
    response
}

/// The parameters of a call: a form, in which nothing is there twice.
pub(crate) fn params_of(fields: Result<Fields, Failure>) -> Result<Params, IdentityError> {
    let fields = fields.map_err(|failure| match failure {
        Failure::TooLarge { limit_bytes } => {
            OAuthError::request(format!("the body has more than {limit_bytes} bytes"))
        }
        _ => OAuthError::request("the body must be application/x-www-form-urlencoded, in UTF-8"),
    })?;
    let params = Params(fields.0);
    params.check()?;
    Ok(params)
}

/// The proof of a service in the header.
pub(crate) fn basic_of(headers: &HeaderMap) -> Result<Option<Basic>, IdentityError> {
    let Some(header) = headers.get("authorization") else {
        return Ok(None);
    };
    let read = header.to_str().ok().and_then(Basic::parse);
    read.map(Some).ok_or_else(|| {
        let told = "the Authorization header isn't Basic with a name and a secret";
        OAuthError::new(ErrorCode::InvalidClient, told).into()
    })
}

/// The proof of possession in the header; several are none.
pub(super) fn proof_of(headers: &HeaderMap) -> Result<Option<String>, IdentityError> {
    let mut all = headers.get_all("dpop").iter();
    let first = all.next();
    if all.next().is_some() {
        let told = "there are several DPoP headers";
        return Err(OAuthError::new(ErrorCode::InvalidDpopProof, told).into());
    }
    Ok(first
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned))
}

/// Sends the browser to a service. After a form of ours (`after_form`) a redirection would be held
/// back by the page's own policy (`form-action`), which lets forms lead to this site only: then a
/// page sends it on, by a header that needs no script, with a link for whoever has that turned off.
pub(crate) fn go_on(cx: &Cx, address: &str, service: &str, after_form: bool) -> Response {
    if !after_form {
        let mut response = StatusCode::FOUND.into_response();
        if let Ok(address) = address.parse() {
            response.headers_mut().insert("location", address);
        }
        return no_store(response);
    }
    let words = cx.words();
    let name = [("service", WordArg::from(service))];
    let shell = bare(cx, words.text("identity-go-on-title"))
        .lead(words.text_with("identity-go-on-lead", &name));
    let link = (words.text_with("identity-go-on", &name), address.to_owned());
    let page = Composed::new(shell).with(Actions(vec![link]));
    let mut response = Page(page).into_response();
    if let Ok(refresh) = format!("0; url={address}").parse() {
        response.headers_mut().insert("refresh", refresh);
    }
    no_store(response)
}

/// Sends the answer in a form (OAuth 2.0 Form Post Response Mode). A script of ours sends it at
/// once; without scripts the person presses its button.
pub(super) fn send_form(
    cx: &Cx,
    address: &str,
    fields: Vec<(String, String)>,
    service: &str,
) -> Response {
    let words = cx.words();
    let name = [("service", WordArg::from(service))];
    let shell = bare(cx, words.text("identity-go-on-title"))
        .lead(words.text_with("identity-go-on-lead", &name));
    let submit = words.text_with("identity-go-on", &name);
    let form = fields
        .into_iter()
        .fold(Form::elsewhere(address, submit), |form, (name, value)| {
            form.hidden(name, value)
        });
    let mut response = Page(Composed::new(shell).with(form)).into_response();
    kit_http::allow_form_to(&mut response, address);
    no_store(response)
}

/// A page for what can't be told to the service.
pub(crate) fn error_page(cx: &Cx, error: &OAuthError) -> Response {
    let words = cx.words();
    let shell = bare(cx, words.text("identity-error-title"));
    let what = Notice::new(
        Tone::Error,
        words.text("identity-error-what"),
        words.text("identity-error-next"),
    );
    let code = words.text_with(
        "identity-error-code",
        &[
            ("code", error.code.as_str().into()),
            ("detail", error.description.as_str().into()),
            ("request", (&*cx.request_id).into()),
        ],
    );
    tracing::info!(request = %cx.request_id, code = error.code.as_str(), "identity.authorize.refuse");
    let mut response = Page(Composed::new(shell).with(what).text(code)).into_response();
    *response.status_mut() = StatusCode::BAD_REQUEST;
    no_store(response)
}

/// To a page of ours.
pub(crate) fn local(path: &str) -> Response {
    no_store(kit_http::SeeOther(path.to_owned()).into_response())
}

/// An answer that nobody keeps.
pub(crate) fn no_store(mut response: Response) -> Response {
    if let Ok(never) = "no-store".parse() {
        response.headers_mut().insert("cache-control", never);
    }
    response
}
