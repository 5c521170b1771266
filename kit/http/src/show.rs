//! Failures, shown: a page to a person, problem+json (RFC 9457) to a program.

use askama::Template;
use axum::extract::Request;
use axum::http::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kit_ui::{Shell, WordArg};
use serde::Serialize;

use crate::failure::{Carried, Failure, FieldError};
use crate::respond::Page;
use crate::site::Cx;

/// The beginning of each problem's `type`; its end is the failure's code.
pub const PROBLEM_TYPE: &str = "urn:gouvernail:problem:";

/// A problem as a program reads it.
#[derive(Debug, Serialize)]
struct Problem<'f> {
    r#type: String,
    title: String,
    status: u16,
    detail: String,
    /// The request's id: what to quote when asking for help.
    instance: String,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'f [FieldError],
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage {
    shell: Shell,
    detail: String,
    errors: Vec<FieldError>,
    what_next: String,
    incident: String,
}

/// Turns a failure on its way out into what its reader understands.
pub(crate) async fn failures(request: Request, next: Next) -> Response {
    let cx = Cx::of(request.extensions());
    let program = wants_problem(request.uri().path(), request.headers());
    let response = next.run(request).await;
    let carried = response.extensions().get::<Carried>().cloned();
    let (Some(cx), Some(Carried(failure))) = (cx, carried) else {
        return response;
    };
    log(&failure, &cx);
    let mut shown = if program {
        problem(&failure, &cx)
    } else {
        page(&failure, cx)
    };
    if let Failure::TooMany {
        retry_after_seconds,
    } = *failure
    {
        shown
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(retry_after_seconds));
    }
    if let Some(allow) = response.headers().get(ALLOW) {
        shown.headers_mut().insert(ALLOW, allow.clone());
    }
    shown
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    shown
}

fn log(failure: &Failure, cx: &Cx) {
    let error = failure as &dyn std::error::Error;
    match failure {
        Failure::Internal(_) => {
            tracing::error!(incident = %cx.request_id, error, "http.request.fail");
        }
        Failure::Unavailable(_) => {
            tracing::warn!(incident = %cx.request_id, error, "http.request.fail");
        }
        _ => tracing::debug!(incident = %cx.request_id, error, "http.request.refuse"),
    }
}

/// Where programs alone come.
const FOR_PROGRAMS: [&str; 3] = ["/api/", "/log/", "/.well-known/"];
/// How addresses end that give no page.
const FILES: [&str; 2] = [".json", ".jsonld"];

/// Programs come to addresses of their own, or ask for JSON and not for HTML.
fn wants_problem(path: &str, headers: &HeaderMap) -> bool {
    let accepts = headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let is_for_programs = FOR_PROGRAMS.iter().any(|begin| path.starts_with(begin))
        || FILES.iter().any(|end| path.ends_with(end));
    (is_for_programs || accepts.contains("json")) && !accepts.contains("html")
        || path.starts_with("/api/")
}

fn problem(failure: &Failure, cx: &Cx) -> Response {
    let errors: &[FieldError] = match failure {
        Failure::Invalid(errors) => errors,
        _ => &[],
    };
    let status = failure.status();
    let problem = Problem {
        r#type: format!("{PROBLEM_TYPE}{}", failure.code()),
        title: cx
            .words()
            .text(&format!("failure-{}-title", failure.code())),
        status: status.as_u16(),
        detail: detail(failure, cx),
        instance: format!("urn:gouvernail:request:{}", cx.request_id),
        errors,
    };
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let content_type = HeaderValue::from_static("application/problem+json");
    (status, [(CONTENT_TYPE, content_type)], body).into_response()
}

fn page(failure: &Failure, cx: Cx) -> Response {
    if matches!(failure, Failure::SignInNeeded) {
        return to_sign_in(&cx);
    }
    let words = cx.words();
    let errors = match failure {
        Failure::Invalid(errors) => errors.clone(),
        _ => Vec::new(),
    };
    let page = FailurePage {
        shell: cx.shell(words.text(&format!("failure-{}-title", failure.code()))),
        detail: detail(failure, &cx),
        errors,
        what_next: words.text(&format!("failure-{}-next", failure.code())),
        incident: cx.request_id.to_string(),
    };
    let mut response = Page(page).into_response();
    *response.status_mut() = failure.status();
    response.extensions_mut().remove::<Carried>();
    response
}

/// Signing in leads back to the page that was asked for.
fn to_sign_in(cx: &Cx) -> Response {
    let target: String = form_urlencoded::byte_serialize(cx.path.as_bytes()).collect();
    let target = HeaderValue::from_str(&format!("/sign-in?return_to={target}"))
        .unwrap_or(HeaderValue::from_static("/sign-in"));
    (StatusCode::SEE_OTHER, [(LOCATION, target)]).into_response()
}

/// What happened, in the reader's language. Nothing of an internal error's chain is shown.
fn detail(failure: &Failure, cx: &Cx) -> String {
    let words = cx.words();
    let key = format!("failure-{}-detail", failure.code());
    match failure {
        Failure::Conflict(message) => message.clone(),
        Failure::TooLarge { limit_bytes } => {
            let mebibytes = limit_bytes.div_ceil(1024 * 1024);
            words.text_with(&key, &[("limit", WordArg::from(mebibytes.cast_signed()))])
        }
        Failure::UnsupportedType { allowed } => {
            words.text_with(&key, &[("allowed", WordArg::from(*allowed))])
        }
        Failure::TooMany {
            retry_after_seconds,
        } => words.text_with(
            &key,
            &[("seconds", WordArg::from(retry_after_seconds.cast_signed()))],
        ),
        _ => words.text(&key),
    }
}
