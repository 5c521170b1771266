//! To a provider and back.

use kit_http::{
    Cx, Failure, Fields, HeaderMap, IntoResponse, Page, Path, Query, Response, SESSION_COOKIE,
    State, StatusCode, cookies, local_path,
};
use kit_ui::{Actions, Composed, Field, Form, Notice, Tone, Words};
use ports::{DEVICE_COOKIE, SeenBrowser};
use serde::Deserialize;

use super::citizen;
use super::connect::bare;
use crate::Identity;
use crate::arrival::{Arrival, Browser};
use crate::citizens::CITIZEN_COOKIE;
use crate::domain::{Audience, Params, UpstreamCause};
use crate::protocol::{go_on, local, no_store, signed_out};
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
    let departure = cookies::read(&headers, BROWSER_COOKIE);
    let (vouched, return_to) = match identity.come_back(&code, &params, departure).await? {
        Ok(arrived) => arrived,
        Err(failed) => return Ok(failed_page(&cx, &failed)),
    };
    if vouched.provider.draft.audience == Audience::Citizens {
        let former = cookies::read(&headers, CITIZEN_COOKIE);
        let arrived = identity
            .arrive_citizen(&vouched, &return_to, former)
            .await?;
        return Ok(match arrived {
            Ok(cookie) => citizen::arrived(&cookie, &return_to),
            Err(failed) => failed_page(&cx, &failed),
        });
    }
    let words = cx.words();
    let browser = browser_of(&cx, &words, &headers);
    let arrival = identity.arrive(vouched, &return_to, browser).await?;
    Ok(arrived(&cx, arrival))
}

fn departure_of(headers: &HeaderMap) -> &str {
    cookies::read(headers, BROWSER_COOKIE).unwrap_or_default()
}

fn browser_of<'b>(cx: &Cx, words: &'b Words, headers: &'b HeaderMap) -> Browser<'b> {
    let user_agent = headers.get("user-agent");
    Browser {
        departure: departure_of(headers),
        seen: SeenBrowser {
            user_agent: user_agent
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default(),
            client: cx.client,
            session: cookies::read(headers, SESSION_COOKIE),
            device: cookies::read(headers, DEVICE_COOKIE),
            words,
        },
    }
}

/// What a browser is answered whose person a provider vouches for.
pub(crate) fn arrived(cx: &Cx, arrival: Arrival) -> Response {
    match arrival {
        Arrival::SignedIn {
            session,
            return_to,
            surprise,
        } => {
            let mut response = match surprise {
                None => local(&return_to),
                Some(email) => surprise_page(cx, &email, &return_to),
            };
            let age = Some(session.max_age_seconds);
            let headers = response.headers_mut();
            cookies::set(headers, SESSION_COOKIE, &session.token, age);
            if let Some(device) = &session.device {
                let age = Some(session.device_max_age_seconds);
                cookies::set(headers, DEVICE_COOKIE, device, age);
            }
            response
        }
        Arrival::Choose { ticket } => local(&format!("/sign-in/choose/{ticket}")),
        Arrival::Failed(failed) => failed_page(cx, &failed),
    }
}

/// The person is signed in by an address that nobody expected of its provider.
fn surprise_page(cx: &Cx, email: &str, return_to: &str) -> Response {
    let words = cx.words();
    let shell = bare(cx, words.text("identity-go-on-title"));
    let told = words.text_with("identity-upstream-surprise", &[("email", email.into())]);
    let on = (
        words.text("identity-upstream-go-on"),
        local_path(return_to).to_owned(),
    );
    let page = Composed::new(shell)
        .with(Notice::new(Tone::Warning, "", told))
        .with(Actions(vec![on]));
    no_store(Page(page).into_response())
}

fn over_page(cx: &Cx) -> Response {
    let words = cx.words();
    let shell = bare(cx, words.text("identity-upstream-failed"));
    let again = (words.text("identity-upstream-again"), "/sign-in".to_owned());
    let told = Notice::new(Tone::Error, "", words.text("identity-choose-over"));
    let mut response =
        Page(Composed::new(shell).with(told).with(Actions(vec![again]))).into_response();
    *response.status_mut() = StatusCode::FORBIDDEN;
    no_store(response)
}

/// Which account, or which organisation.
pub(super) async fn show_choice(
    State(identity): State<Identity>,
    cx: Cx,
    headers: HeaderMap,
    Path(ticket): Path<String>,
) -> Result<Response, Failure> {
    let Some(offered) = identity.choices(&ticket, departure_of(&headers)).await? else {
        return Ok(over_page(&cx));
    };
    let words = cx.words();
    let shell =
        bare(&cx, words.text("identity-choose-title")).lead(words.text("identity-choose-lead"));
    let options = offered
        .iter()
        .map(|one| {
            let organisation = one.organisation.clone();
            let organisation =
                organisation.unwrap_or_else(|| words.text("identity-no-organisation"));
            let label = match &one.person {
                Some(person) => format!("{organisation} — {person}"),
                None => organisation,
            };
            (one.at.to_string(), label)
        })
        .collect();
    let first = offered
        .first()
        .map(|one| one.at.to_string())
        .unwrap_or_default();
    let action = format!("/sign-in/choose/{ticket}");
    let form = Form::post(&shell, action, words.text("identity-consent-submit"))
        .field(Field::radios("choice", words.text("identity-choose-label"), options).value(first));
    Ok(no_store(
        Page(Composed::new(shell).with(form)).into_response(),
    ))
}

pub(super) async fn choose(
    State(identity): State<Identity>,
    cx: Cx,
    headers: HeaderMap,
    Path(ticket): Path<String>,
    fields: Fields,
) -> Result<Response, Failure> {
    let at = fields.text("choice").parse().unwrap_or(usize::MAX);
    let words = cx.words();
    let browser = browser_of(&cx, &words, &headers);
    let chosen = identity.choose(&ticket, at, browser).await?;
    Ok(chosen.map_or_else(|| over_page(&cx), |arrival| arrived(&cx, arrival)))
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
    // A request that waits knows by itself whom it is for.
    let again = match failed.return_to.as_str() {
        waiting if waiting.starts_with("/connect/") => local_path(waiting).to_owned(),
        own if own.starts_with(citizen::SPACE) => citizen::SIGN_IN.to_owned(),
        _ => format!("/sign-in?{}", query.finish()),
    };
    let page = Composed::new(shell)
        .with(Notice::new(Tone::Error, "", what))
        .text(code)
        .with(Actions(vec![(
            words.text("identity-upstream-again"),
            again,
        )]));
    let mut response = Page(page).into_response();
    *response.status_mut() = status_of(failed.cause);
    no_store(response)
}

/// The browser signs out at the provider too.
pub(super) async fn sign_out(
    State(identity): State<Identity>,
    cx: Cx,
    Path(ticket): Path<String>,
) -> Result<Response, Failure> {
    let Some(exit) = identity.exit(&ticket).await? else {
        return Ok(signed_out(&cx, None, (Audience::Agents, None), false));
    };
    let mut response = go_on(&cx, &exit.address, &exit.provider, true);
    let age = Some(BROWSER_COOKIE_SECONDS);
    cookies::set(response.headers_mut(), BROWSER_COOKIE, &exit.browser, age);
    Ok(response)
}

#[derive(Debug, Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    state: String,
}

/// The browser comes back signed out there.
pub(super) async fn signed_out_there(
    State(identity): State<Identity>,
    cx: Cx,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Result<Response, Failure> {
    let browser = cookies::read(&headers, BROWSER_COOKIE).unwrap_or_default();
    let then = identity.signed_out_there(&back.state, browser).await?;
    let words = cx.words();
    Ok(match then {
        Some(then) => go_on(&cx, &then.address, &then.service, false),
        None => {
            let shell = bare(&cx, words.text("identity-signed-out-title"));
            let text = words.text("identity-signed-out");
            let page = Composed::new(shell).with(Notice::new(Tone::Success, "", text));
            no_store(Page(page).into_response())
        }
    })
}
