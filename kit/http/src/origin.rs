//! Forms are sent from our own pages only (cross-site request forgery).
//!
//! Two independent proofs, both required of a form: the browser's own word (`Sec-Fetch-Site`, else
//! `Origin`, see the Fetch Metadata draft), and a token in the form that matches a cookie which no
//! other site can set or read (`__Host-`, double submit). Session cookies are `SameSite=Lax` on
//! top. A program that authenticates by a bearer token sends no cookie and needs neither.

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Method};
use kit_time::Source;
use subtle::ConstantTimeEq as _;

/// The cookie from which a form's token derives.
pub(crate) const FORM_COOKIE: &str = "__Host-form";
/// The field that holds the token.
pub const TOKEN_FIELD: &str = "csrf_token";

/// A new value for the cookie.
pub(crate) fn new_cookie(source: &Source) -> String {
    hex(&source.random::<32>())
}

/// The token that belongs to a cookie: one can't be told from the other.
pub(crate) fn token(cookie: &str) -> String {
    blake3::Hash::from(blake3::derive_key(
        "gouvernail form token v1",
        cookie.as_bytes(),
    ))
    .to_hex()
    .to_string()
}

/// Whether `given` is the token of `cookie`, compared in constant time.
pub(crate) fn matches(cookie: Option<&str>, given: &str) -> bool {
    cookie.is_some_and(|cookie| token(cookie).as_bytes().ct_eq(given.as_bytes()).into())
}

/// Whether the method changes something (RFC 9110, section 9.2.1).
pub(crate) fn is_unsafe(method: &Method) -> bool {
    !matches!(
        *method,
        Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE
    )
}

/// Whether the browser says that the request comes from another site. A browser that says nothing
/// is judged by the token alone.
pub(crate) fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &axum::http::HeaderValue| value.to_str().ok())
    };
    if let Some(site) = headers
        .get("sec-fetch-site")
        .and_then(|value| value.to_str().ok())
    {
        return !matches!(site, "same-origin" | "none");
    }
    match (text(ORIGIN), text(HOST)) {
        (Some(origin), Some(host)) => origin
            .split_once("://")
            .is_none_or(|(_, authority)| authority != host),
        (Some(_), None) => true,
        (None, _) => false,
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap()))
            .collect()
    }

    #[test]
    fn a_token_belongs_to_its_cookie_alone() {
        assert!(matches(Some("a"), &token("a")));
        assert!(!matches(Some("b"), &token("a")));
        assert!(!matches(None, &token("a")));
        assert!(!matches(Some("a"), ""));
    }

    #[test]
    fn another_site_is_told_by_the_browser() {
        assert!(!is_foreign(&headers(&[("sec-fetch-site", "same-origin")])));
        assert!(is_foreign(&headers(&[("sec-fetch-site", "same-site")])));
        assert!(is_foreign(&headers(&[("sec-fetch-site", "cross-site")])));
        assert!(!is_foreign(&headers(&[
            ("origin", "https://a.example"),
            ("host", "a.example")
        ])));
        assert!(is_foreign(&headers(&[
            ("origin", "https://b.example"),
            ("host", "a.example")
        ])));
        assert!(is_foreign(&headers(&[
            ("origin", "null"),
            ("host", "a.example")
        ])));
        assert!(!is_foreign(&headers(&[("host", "a.example")])));
    }
}
