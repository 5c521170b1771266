//! What is asked.

use base64::Engine as _;
use bytes::Bytes;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE,
    EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
    USER_AGENT,
};

use crate::error::EgressError;

/// Headers that the connection sets, or that would change who is asked and how the answer ends.
const RESERVED: [HeaderName; 11] = [
    ACCEPT_ENCODING,
    CONNECTION,
    CONTENT_LENGTH,
    COOKIE,
    EXPECT,
    HOST,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    USER_AGENT,
];

/// Who asks. Never shown, and marked as sensitive to whatever handles the headers.
#[derive(Clone, PartialEq, Eq)]
pub enum Authorization {
    /// RFC 7617. An OAuth client encodes both parts as a form first (RFC 6749, section 2.3.1).
    Basic {
        /// The name, without `:`.
        name: String,
        /// The password.
        password: String,
    },
    /// RFC 6750.
    Bearer(String),
}

impl std::fmt::Debug for Authorization {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Basic { .. } => "Basic(hidden)",
            Self::Bearer(_) => "Bearer(hidden)",
        })
    }
}

impl Authorization {
    /// The identifier and the secret of an OAuth client, encoded as RFC 6749, section 2.3.1, says.
    pub fn client(id: &str, secret: &str) -> Self {
        let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect();
        Self::Basic {
            name: encode(id),
            password: encode(secret),
        }
    }

    /// The header of a name and a password.
    pub(crate) fn basic(&self) -> Option<String> {
        match self {
            Self::Basic { name, password } => {
                let both =
                    base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}"));
                Some(format!("Basic {both}"))
            }
            Self::Bearer(_) => None,
        }
    }
}

/// One request. Headers and body may hold secrets: showing it shows the method only.
#[derive(Clone)]
pub struct Request {
    pub(crate) url: String,
    pub(crate) body: Option<(String, Bytes)>,
    pub(crate) accept: Option<String>,
    pub(crate) authorization: Option<Authorization>,
    pub(crate) headers: Vec<(String, String)>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let method = if self.body.is_some() { "POST" } else { "GET" };
        f.debug_struct("Request")
            .field("method", &method)
            .finish_non_exhaustive()
    }
}

impl Request {
    /// Asks for what is at `url`.
    pub fn get(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            body: None,
            accept: None,
            authorization: None,
            headers: Vec::new(),
        }
    }

    /// Sends `body` to `url`.
    pub fn post(url: &str, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self {
            body: Some((content_type.to_owned(), body.into())),
            ..Self::get(url)
        }
    }

    /// Sends the fields of a form to `url`.
    pub fn post_form(url: &str, fields: &[(&str, &str)]) -> Self {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        Self::post(url, "application/x-www-form-urlencoded", form)
    }

    /// The media types that the answer may have.
    #[must_use]
    pub fn accept(mut self, accept: &str) -> Self {
        self.accept = Some(accept.to_owned());
        self
    }

    /// Who asks.
    #[must_use]
    pub fn authorization(mut self, authorization: Authorization) -> Self {
        self.authorization = Some(authorization);
        self
    }

    /// One more header, handled as a secret.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn header_map(&self) -> Result<HeaderMap, EgressError> {
        let mut map = HeaderMap::new();
        map.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if let Some(accept) = &self.accept {
            map.insert(ACCEPT, value(&ACCEPT, accept)?);
        }
        if let Some((content_type, _)) = &self.body {
            map.insert(CONTENT_TYPE, value(&CONTENT_TYPE, content_type)?);
        }
        for (name, text) in &self.headers {
            let wrong = || EgressError::Header { name: name.clone() };
            let name: HeaderName = name.parse().map_err(|_| wrong())?;
            if RESERVED.contains(&name) {
                return Err(wrong());
            }
            let mut value = value(&name, text)?;
            value.set_sensitive(true);
            map.append(name, value);
        }
        match &self.authorization {
            // A colon would move the border between the name and the password.
            Some(Authorization::Basic { name, .. }) if name.contains(':') => {
                Err(header(&AUTHORIZATION))
            }
            Some(Authorization::Bearer(token)) => {
                let mut value = value(&AUTHORIZATION, &format!("Bearer {token}"))?;
                value.set_sensitive(true);
                map.insert(AUTHORIZATION, value);
                Ok(map)
            }
            _ => Ok(map),
        }
    }
}

fn value(name: &HeaderName, text: &str) -> Result<HeaderValue, EgressError> {
    HeaderValue::from_str(text).map_err(|_| header(name))
}

fn header(name: &HeaderName) -> EgressError {
    EgressError::Header {
        name: name.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_and_marked() {
        let request = Request::post_form("https://a.example/?hidden", &[("a", "hidden")])
            .authorization(Authorization::Bearer("hidden".to_owned()))
            .header("x-token", "hidden");
        assert!(!format!("{request:?}").contains("hidden\""));
        let map = request.header_map().unwrap();
        assert!(map["authorization"].is_sensitive() && map["x-token"].is_sensitive());
        assert!(!format!("{map:?}").contains("hidden"));
        let client = Authorization::client("a:b c", "d+e");
        assert_eq!(format!("{client:?}"), "Basic(hidden)");
        let encoded = Authorization::Basic {
            name: "a%3Ab+c".to_owned(),
            password: "d%2Be".to_owned(),
        };
        assert_eq!(client, encoded);
    }

    #[test]
    fn headers_that_would_split_or_mislead_are_refused() {
        let get = || Request::get("https://a.example/");
        let basic = Authorization::Basic {
            name: "a:b".to_owned(),
            password: String::new(),
        };
        for request in [
            get().header("host", "b.example"),
            get().header("Transfer-Encoding", "chunked"),
            get().header("cookie", "a=b"),
            get().header("a b", "c"),
            get().header("a", "b\r\nc: d"),
            get().accept("a\nb"),
            get().authorization(Authorization::Bearer("a\r\nb: c".to_owned())),
            get().authorization(basic),
        ] {
            let error = request.header_map().unwrap_err();
            assert!(matches!(error, EgressError::Header { .. }));
        }
    }
}
