//! The stack that every request goes through, from the outside in:
//! carry (id, client, language, timing) → limit → headers → tag (`ETag`) → show (failures become
//! pages or problems) → catch (panics) → know (actor) → prove (origin of forms) → tables (as files) → the
//! routes.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::header::{
    ACCEPT_LANGUAGE, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use kit_access::Actor;
use kit_ui::{Locale, Theme};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tracing::Instrument as _;

use crate::authenticate::{Credentials, SESSION_COOKIE};
use crate::extract::{BODY_BYTES_MAX, whole_body};
use crate::failure::Failure;
use crate::site::{Cx, Site};
use crate::{cookies, origin, show, tables};

/// How long a handler may take before the request is given up.
const HANDLER_TIMEOUT: Duration = Duration::from_mins(1);
/// The same for a request that carries a file: how fast it comes is the sender's line's affair.
const UPLOAD_TIMEOUT: Duration = Duration::from_mins(15);
/// Largest answer that is held back to compute its tag, in bytes.
const TAGGED_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The header that carries the request's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// No script, style, image or frame from elsewhere; nothing inline.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'";

/// The origin to which forms of one answer may lead besides this site.
#[derive(Debug, Clone)]
struct FormTarget(String);

/// Lets the forms of one page lead to `address` too, whose origin the policy of that page then
/// names. An address without a plain origin changes nothing.
pub fn allow_form_to(response: &mut Response, address: &str) {
    let Some((scheme, rest)) = address.split_once("://") else {
        return;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    if matches!(scheme, "https" | "http") && !authority.is_empty() && authority.chars().all(plain) {
        let origin = format!("{scheme}://{authority}");
        response.extensions_mut().insert(FormTarget(origin));
    }
}

/// Puts `routes` behind the stack.
pub fn stack(site: Arc<Site>, routes: Router) -> Router {
    let routes = routes
        .fallback(|| async { Failure::NotFound })
        .method_not_allowed_fallback(|| async { Failure::MethodNotAllowed });
    routes.layer(
        ServiceBuilder::new()
            .layer(middleware::from_fn_with_state(site.clone(), carry))
            .layer(middleware::from_fn(headers))
            .layer(CompressionLayer::new())
            .layer(middleware::from_fn(tag))
            .layer(middleware::from_fn(show::failures))
            .layer(middleware::from_fn(give_up))
            .layer(CatchPanicLayer::custom(caught))
            .layer(middleware::from_fn_with_state(site, know))
            .layer(middleware::from_fn(tables::tables)),
    )
}

/// Gives the request its id, its language, and a span; counts and times it.
async fn carry(State(site): State<Arc<Site>>, mut request: Request, next: Next) -> Response {
    let request_id: Arc<str> = site.source.new_id().simple().to_string().into();
    let client = client_address(&site, &request);
    let headers = request.headers();
    let had_cookie = cookies::read(headers, origin::FORM_COOKIE).filter(|c| c.len() == 64);
    let cookie = had_cookie.map_or_else(|| origin::new_cookie(&site.source), str::to_owned);
    let is_new = had_cookie.is_none();
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    let cx = Cx {
        actor: Actor::anonymous(),
        request_id: request_id.clone(),
        locale: locale(headers).unwrap_or(site.locale),
        theme: cookies::read(headers, "theme")
            .and_then(Theme::parse)
            .unwrap_or(Theme::Auto),
        csrf_token: origin::token(&cookie).into(),
        path: path.into(),
        client,
        site: site.clone(),
    };
    let language = cx.locale;
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    cx.attach(&mut request);
    let span = tracing::info_span!("http.request", id = %request_id, %method,
        route = route.as_deref().unwrap_or("-"));
    let began = site.source.now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = site.source.now().duration_since(began);
    let status = response.status();
    span.in_scope(|| tracing::debug!(status = status.as_u16(), "http.request.end"));
    kit_telemetry::metrics().record_http(
        route.as_deref().unwrap_or("unmatched"),
        method.as_str(),
        status.as_u16(),
        Duration::try_from(took).unwrap_or_default(),
    );
    let out = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        out.insert(REQUEST_ID, id);
    }
    let is_page = out
        .get(CONTENT_TYPE)
        .is_some_and(|v| v.as_bytes().starts_with(b"text/html"));
    if is_page {
        out.insert(
            "content-language",
            HeaderValue::from_static(language.code()),
        );
        if is_new {
            cookies::set(out, origin::FORM_COOKIE, &cookie, None);
        }
    }
    response
}

fn client_address(site: &Site, request: &Request) -> IpAddr {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| {
            peer.ip()
        });
    if site.trusted_proxies == 0 {
        return peer;
    }
    // Each trusted proxy appended the address that it saw: count from the end, never from the
    // start, which the client writes.
    let forwarded: Vec<IpAddr> = request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|address| address.trim().parse().ok())
        .collect();
    forwarded
        .len()
        .checked_sub(site.trusted_proxies)
        .map_or(peer, |at| forwarded[at])
}

/// The cookie's language, else the first one of the browser's that is spoken here.
fn locale(headers: &HeaderMap) -> Option<Locale> {
    if let Some(chosen) = cookies::read(headers, "locale").and_then(Locale::parse) {
        return Some(chosen);
    }
    let accepted = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
    accepted
        .split(',')
        .filter_map(|range| range.split([';', '-']).next())
        .find_map(|language| Locale::parse(language.trim()))
}

/// Security headers on every answer, whatever it is.
async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let target = response.extensions_mut().remove::<FormTarget>();
    let headers = response.headers_mut();
    for (name, value) in [
        ("content-security-policy", CONTENT_SECURITY_POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
        (
            "strict-transport-security",
            "max-age=63072000; includeSubDomains",
        ),
    ] {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    if let Some(FormTarget(origin)) = target
        && let Ok(policy) = HeaderValue::from_str(&CONTENT_SECURITY_POLICY.replace(
            "form-action 'self'",
            &format!("form-action 'self' {origin}"),
        ))
    {
        headers.insert("content-security-policy", policy);
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
    headers.append(VARY, HeaderValue::from_static("Cookie, Accept-Language"));
    response
}

/// A weak tag over the answer's bytes, so that a page that hasn't changed isn't sent again.
async fn tag(request: Request, next: Next) -> Response {
    let readable = matches!(*request.method(), Method::GET | Method::HEAD);
    let known = request.headers().get(IF_NONE_MATCH).cloned();
    let response = next.run(request).await;
    let taggable = readable
        && response.status() == StatusCode::OK
        && !response.headers().contains_key(ETAG)
        && http_body_size(&response).is_some_and(|size| size <= TAGGED_BYTES_MAX);
    if !taggable {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, TAGGED_BYTES_MAX).await else {
        return Failure::internal("an answer's body could not be read").into_response();
    };
    let hash = blake3::hash(&bytes).to_hex();
    let Ok(tag) = HeaderValue::from_str(&format!("W/\"{}\"", &hash[..32])) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    let unchanged = known
        .as_ref()
        .and_then(|known| known.to_str().ok())
        .is_some_and(|known| {
            let tag = tag.to_str().unwrap_or_default();
            known.split(',').any(|known| known.trim() == tag)
        });
    parts.headers.insert(ETAG, tag);
    if unchanged {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(CONTENT_TYPE);
        parts.headers.remove(axum::http::header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn http_body_size(response: &Response) -> Option<usize> {
    use axum::body::HttpBody as _;
    response
        .body()
        .size_hint()
        .exact()
        .and_then(|size| usize::try_from(size).ok())
}

/// Gives up on a handler that takes too long.
async fn give_up(request: Request, next: Next) -> Response {
    let carries_file = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"multipart/form-data"));
    let limit = if carries_file {
        UPLOAD_TIMEOUT
    } else {
        HANDLER_TIMEOUT
    };
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(elapsed) => Failure::Unavailable(Box::new(elapsed)).into_response(),
    }
}

fn caught(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words");
    Failure::internal(format!("panic: {text}")).into_response()
}

/// Limits the address and tells the actor.
async fn know(State(site): State<Arc<Site>>, mut request: Request, next: Next) -> Response {
    let Some(mut cx) = Cx::of(request.extensions()) else {
        return Failure::internal("the stack is not mounted").into_response();
    };
    let is_protocol = is_protocol(&request);
    let taken = if is_protocol {
        site.rate_limits.take_protocol(cx.client)
    } else {
        site.rate_limits.take(cx.client)
    };
    if let Err(failure) = taken {
        return failure.into_response();
    }
    let headers = request.headers();
    let bearer = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let credentials = Credentials {
        session: cookies::read(headers, SESSION_COOKIE).map(str::to_owned),
        bearer: bearer.map(str::to_owned),
    };
    // Who calls an address of a protocol is told by that protocol, not by our session.
    if !credentials.is_empty() && !is_protocol {
        match site.authenticator.authenticate(&credentials).await {
            Ok(actor) => cx.actor = actor,
            Err(error) => return Failure::Unavailable(error).into_response(),
        }
    }
    cx.attach(&mut request);
    next.run(request).await
}

/// Refuses a change that another site asks for. See [`crate::origin`].
pub(crate) async fn prove(request: Request, next: Next) -> Response {
    if !origin::is_unsafe(request.method()) || is_protocol(&request) {
        return next.run(request).await;
    }
    let headers = request.headers();
    let by_token_only =
        headers.contains_key(AUTHORIZATION) && cookies::read(headers, SESSION_COOKIE).is_none();
    if by_token_only {
        return next.run(request).await;
    }
    if origin::is_foreign(headers) {
        return Failure::ForeignForm.into_response();
    }
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = content_type
        .and_then(|value| value.split(';').next())
        .unwrap_or("")
        .trim();
    match essence {
        // A form of another site can't send these types without the browser asking us first.
        // And the upload's extractor checks the token before it stores a byte of the file.
        "application/json" | "application/merge-patch+json" | "multipart/form-data" => {
            next.run(request).await
        }
        _ => prove_form(request, next).await,
    }
}

/// Whether the route is called by other sites and programs by design.
fn is_protocol(request: &Request) -> bool {
    let path = request.extensions().get::<MatchedPath>();
    let cx = Cx::of(request.extensions());
    path.zip(cx)
        .is_some_and(|(path, cx)| cx.site.protocol_paths.contains(path.as_str()))
}

async fn prove_form(request: Request, next: Next) -> Response {
    let cookie = cookies::read(request.headers(), origin::FORM_COOKIE).map(str::to_owned);
    let (parts, body) = request.into_parts();
    let mut copy = Request::new(body);
    copy.headers_mut().clone_from(&parts.headers);
    let bytes = match whole_body(copy, "application/x-www-form-urlencoded").await {
        Ok(bytes) => bytes,
        Err(failure) => return failure.into_response(),
    };
    debug_assert!(bytes.len() <= BODY_BYTES_MAX);
    let given = form_urlencoded::parse(&bytes).find(|(name, _)| name == origin::TOKEN_FIELD);
    if !given.is_some_and(|(_, token)| origin::matches(cookie.as_deref(), &token)) {
        return Failure::ForeignForm.into_response();
    }
    next.run(Request::from_parts(parts, Body::from(bytes)))
        .await
}
