//! Requests that somebody else makes for us, where we can't reach the host ourselves.
//!
//! Some hosts are reached from an inner network only. A program there makes the requests; a
//! [`Courier`] brings them to it and brings the answers back. The rules of this crate hold all the
//! same, but for the address behind the name, which only the other side can see.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// A request, ready to be sent. It may hold secrets: showing it shows its method only.
#[derive(Clone, PartialEq, Eq)]
pub struct Parcel {
    /// Where to.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// What is posted; nothing when something is asked for.
    pub body: Option<Bytes>,
}

impl std::fmt::Debug for Parcel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parcel")
            .field("is_post", &self.body.is_some())
            .finish_non_exhaustive()
    }
}

/// What came back.
#[derive(Clone, PartialEq, Eq)]
pub struct Returned {
    /// 100 to 599.
    pub status: u16,
    /// Names and values; those that are no headers are left out.
    pub headers: Vec<(String, String)>,
    /// The body, as it was sent.
    pub body: Bytes,
}

impl std::fmt::Debug for Returned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Returned")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Returned {
    pub(crate) fn header_map(&self) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in &self.headers {
            let name = name.parse::<HeaderName>();
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
                map.append(name, value);
            }
        }
        map
    }
}

/// Nothing came back: what the other side says of it, without the address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotCarried(pub String);

/// The answer to a parcel, some time later.
pub type Carried<'f> = Pin<Box<dyn Future<Output = Result<Returned, NotCarried>> + Send + 'f>>;

/// Brings requests to where they can be made.
pub trait Courier: Send + Sync {
    /// Has `parcel` sent and gives what came back. It is dropped when that takes too long.
    fn carry(&self, parcel: Parcel) -> Carried<'_>;
}
