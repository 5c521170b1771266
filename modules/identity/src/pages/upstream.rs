//! To a provider and back.

use kit_http::{
    Cx, Failure, HeaderMap, IntoResponse, Page, Path, Query, Response, SESSION_COOKIE, State,
    StatusCode, cookies, local_path,
};
use kit_ui::{Actions, Composed, Notice, Tone};
use serde::Deserialize;

use super::connect::bare;
use crate::Identity;
use crate::arrival::Arrival;
use crate::domain::{Params, UpstreamCause};
use crate::protocol::{go_on, local};
use crate::upstream::{BROWSER_COOKIE, BROWSER_COOKIE_SECONDS, Departure, Failed, Wishes};

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    return_to: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    again: bool,
}

/// Sends the browser to a provider.
pub(super) async fn start(
    State(identity): State<Identity>,
    cx: Cx,
    headers: HeaderMap,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let wishes = Wishes {
        return_to: local_path(&asked.return_to).to_owned(),
        login_hint: Some(asked.email).filter(|email| !email.is_empty()),
        again: asked.again,
        ..Wishes::default()
    };
    let browser = cookies::read(&headers, BROWSER_COOKIE);
    match identity.depart(&code, wishes, browser).await? {
        Ok(departure) => Ok(departed(&cx, &departure, false)),
        Err(failed) => Ok(failed_page(&cx, &failed)),
    }
}

/// The browser leaves; after a form of ours, by a page (see [`go_on`]).
pub(crate) fn departed(cx: &Cx, departure: &Departure, after_form: bool) -> Response {
    let mut response = go_on(cx, &departure.address, &departure.provider, after_form);
    cookies::set(
        response.headers_mut(),
        BROWSER_COOKIE,
        &departure.browser,
        Some(BROWSER_COOKIE_SECONDS),
    );
    response
}

/// The browser comes back.
pub(super) async fn come_back(
    State(identity): State<Identity>,
    cx: Cx,
    headers: HeaderMap,
    Path(code): Path<String>,
    query: Result<Query<Vec<(String, String)>>, Failure>,
) -> Result<Response, Failure> {
    let params = Params(query.map(|Query(pairs)| pairs).unwrap_or_default());
    let browser = cookies::read(&headers, BROWSER_COOKIE);
    let (vouched, return_to) = match identity.come_back(&code, &params, browser).await? {
        Ok(arrived) => arrived,
        Err(failed) => return Ok(failed_page(&cx, &failed)),
    };
    let arrival = identity.arrive(vouched, &return_to).await?;
    Ok(arrived(&cx, arrival))
}

/// What a browser is answered whose person a provider vouches for.
pub(crate) fn arrived(cx: &Cx, arrival: Arrival) -> Response {
    match arrival {
        Arrival::SignedIn {
            token,
            max_age_seconds,
            return_to,
        } => {
            let mut response = local(&return_to);
            let headers = response.headers_mut();
            cookies::set(headers, SESSION_COOKIE, &token, Some(max_age_seconds));
            response
        }
        Arrival::Failed(failed) => failed_page(cx, &failed),
    }
}

fn status_of(cause: UpstreamCause) -> StatusCode {
    match cause {
        UpstreamCause::Down | UpstreamCause::Slow => StatusCode::SERVICE_UNAVAILABLE,
        UpstreamCause::Closed => StatusCode::NOT_FOUND,
        UpstreamCause::TooLarge
        | UpstreamCause::Description
        | UpstreamCause::Exchange
        | UpstreamCause::Token
        | UpstreamCause::Userinfo => StatusCode::BAD_GATEWAY,
        _ => StatusCode::FORBIDDEN,
    }
}

/// What happened, what to do, and the code to give to whoever helps.
pub(crate) fn failed_page(cx: &Cx, failed: &Failed) -> Response {
    let words = cx.words();
    let shell = bare(cx, words.text("identity-upstream-failed"));
    let name = failed.provider.clone();
    let name = name.unwrap_or_else(|| words.text("identity-upstream-somebody"));
    let what = words.text_with(
        &format!("identity-upstream-{}", failed.cause.code()),
        &[("provider", name.as_str().into())],
    );
    let code = words.text_with(
        "identity-upstream-code",
        &[("code", failed.code.as_str().into())],
    );
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("return_to", local_path(&failed.return_to));
    let again = format!("/sign-in?{}", query.finish());
    let page = Composed::new(shell)
        .with(Notice::new(Tone::Error, "", what))
        .text(code)
        .with(Actions(vec![(
            words.text("identity-upstream-again"),
            again,
        )]));
    let mut response = Page(page).into_response();
    *response.status_mut() = status_of(failed.cause);
    if let Ok(never) = "no-store".parse() {
        response.headers_mut().insert("cache-control", never);
    }
    response
}
