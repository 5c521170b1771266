//! What came back.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{AGE, CACHE_CONTROL, CONTENT_TYPE, DATE, EXPIRES, HeaderMap, HeaderName};

/// An answer, whole.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// 200 to 299, or 400 to 599.
    pub status: u16,
    /// As it was sent: `application/json; charset=utf-8`.
    pub content_type: Option<String>,
    /// The body, never decompressed.
    pub body: Bytes,
    /// How long the server says that it stays good; zero when it says not to keep it; `None` when
    /// it says nothing (RFC 9111, sections 4.2.1 and 5).
    pub lifetime: Option<Duration>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("body_bytes", &self.body.len())
            .field("lifetime", &self.lifetime)
            .finish()
    }
}

impl Answer {
    /// Whether the status is 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The media type in lower case, without parameters: `application/json`.
    pub fn media_type(&self) -> Option<String> {
        let whole = self.content_type.as_deref()?;
        let media_type = whole.split(';').next().unwrap_or_default();
        Some(media_type.trim().to_ascii_lowercase())
    }

    pub(crate) fn new(status: u16, headers: &HeaderMap, body: Bytes, now: Timestamp) -> Self {
        Self {
            status,
            content_type: text(headers, &CONTENT_TYPE).map(str::to_owned),
            body,
            lifetime: lifetime(headers, now),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// `max-age` less the answer's age, else `Expires` less `Date`. `s-maxage` is for shared caches.
fn lifetime(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let mut max_age = None;
    for header in headers.get_all(CACHE_CONTROL) {
        for directive in header.to_str().unwrap_or_default().split(',') {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "no-store" | "no-cache" => return Some(Duration::ZERO),
                // Of two that differ the shorter one holds; one that isn't a number holds nothing.
                "max-age" => {
                    let seconds = seconds(value.trim().trim_matches('"')).unwrap_or(0);
                    max_age = Some(max_age.map_or(seconds, |other: u64| other.min(seconds)));
                }
                _ => {}
            }
        }
    }
    if let Some(max_age) = max_age {
        let age = text(headers, &AGE).and_then(|age| seconds(age.trim()));
        return Some(Duration::from_secs(
            max_age.saturating_sub(age.unwrap_or(0)),
        ));
    }
    let expires = text(headers, &EXPIRES)?;
    let date = text(headers, &DATE).and_then(instant).unwrap_or(now);
    // What can't be read is past: servers write `0`.
    let left = instant(expires).map_or(0, |at| at.duration_since(date).as_secs());
    Some(Duration::from_secs(u64::try_from(left).unwrap_or(0)))
}

/// Whole seconds; a number too large for 64 bits is the largest.
fn seconds(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
fn instant(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_are_read() {
        let now = "2026-11-24T00:00:00Z".parse().unwrap();
        let date = ("date", "Tue, 24 Nov 2026 00:00:00 GMT");
        let hour = ("expires", "Tue, 24 Nov 2026 01:00:00 GMT");
        for (headers, expected) in [
            (vec![], None),
            (vec![("cache-control", "public")], None),
            (vec![("cache-control", "max-age=60")], Some(60)),
            (vec![("cache-control", "Public, Max-Age=\"60\"")], Some(60)),
            (
                vec![("cache-control", "s-maxage=9, max-age=60"), ("age", "50")],
                Some(10),
            ),
            (
                vec![("cache-control", "max-age=60"), ("age", "90")],
                Some(0),
            ),
            (
                vec![
                    ("cache-control", "max-age=60"),
                    ("cache-control", "max-age=5"),
                ],
                Some(5),
            ),
            (vec![("cache-control", "max-age=-1")], Some(0)),
            (vec![("cache-control", "max-age=60, no-store")], Some(0)),
            (vec![("cache-control", "no-cache")], Some(0)),
            (
                vec![("cache-control", "max-age=99999999999999999999")],
                Some(u64::MAX),
            ),
            (vec![("cache-control", "max-age=60"), hour], Some(60)),
            (vec![hour], Some(3600)),
            (vec![date, hour], Some(3600)),
            (
                vec![("date", "Tue, 24 Nov 2026 00:59:00 GMT"), hour],
                Some(60),
            ),
            (vec![("expires", "Mon, 23 Nov 2026 01:00:00 GMT")], Some(0)),
            (vec![("expires", "0")], Some(0)),
        ] {
            let map = headers
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            let map: HeaderMap = map.collect();
            let found = lifetime(&map, now).map(|found| found.as_secs());
            assert_eq!(found, expected, "{headers:?}");
        }
    }

    #[test]
    fn media_types_lose_their_parameters() {
        let mut answer = Answer::new(200, &HeaderMap::new(), Bytes::new(), Timestamp::UNIX_EPOCH);
        assert_eq!(answer.media_type(), None);
        answer.content_type = Some("Application/JSON ; charset=utf-8".to_owned());
        assert_eq!(answer.media_type().as_deref(), Some("application/json"));
    }
}
