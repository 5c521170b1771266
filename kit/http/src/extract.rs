//! Reading a request: each mistake names its field, nothing panics, nothing is a bare 400.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::failure::{Failure, FieldError};

/// Largest body that is read whole, in bytes. Uploads stream and have a limit of their own.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// The parameters after `?`.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

/// The parameters in the path. One that can't be read means that nothing is there.
#[derive(Debug, Clone)]
pub struct Path<T>(pub T);

/// A form that a page sent, whose proof of origin the stack has checked already.
#[derive(Debug, Clone)]
pub struct Form<T>(pub T);

/// A form whose fields are read one by one: repeated names keep their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(pub Vec<(String, String)>);

/// What an optional field of a page means: nothing when it is empty; a value that means nothing
/// names its field.
pub fn optional<T>(
    field: &str,
    text: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Failure> {
    match text.trim() {
        "" => Ok(None),
        text => parse(text)
            .map(Some)
            .ok_or_else(|| Failure::field(field, "unknown", format!("unknown value: {text:?}"))),
    }
}

/// A JSON body.
#[derive(Debug, Clone)]
pub struct Json<T>(pub T);

impl Fields {
    /// The first value of `name`, without surrounding blanks; empty when it wasn't sent.
    pub fn text(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value.trim())
    }

    /// Every value of `name`.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether `name` was sent at all (a ticked box).
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        decode_urlencoded(parts.uri.query().unwrap_or("").as_bytes()).map(Self)
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        axum::extract::Path::<T>::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(path)| Self(path))
            .map_err(|_| Failure::NotFound)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let body = whole_body(request, "application/x-www-form-urlencoded").await?;
        decode_urlencoded(&body).map(Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let body = whole_body(request, "application/x-www-form-urlencoded").await?;
        decode_urlencoded(&body).map(Self)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let body = whole_body(request, "application/json").await?;
        let mut json = serde_json::Deserializer::from_slice(&body);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let field = error.path().to_string();
            Failure::Invalid(vec![FieldError::new(
                field,
                "unreadable",
                error.inner().to_string(),
            )])
        })?;
        json.end()
            .map_err(|error| Failure::field("body", "unreadable", error.to_string()))?;
        Ok(Self(value))
    }
}

pub(crate) fn decode_urlencoded<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let pairs = serde_urlencoded::Deserializer::new(form_pairs(bytes));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let field = error.path().to_string();
        Failure::Invalid(vec![FieldError::new(
            field,
            "unreadable",
            error.inner().to_string(),
        )])
    })
}

fn form_pairs(bytes: &[u8]) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(bytes)
}

/// Reads a body that must be of `content_type`, at most [`BODY_BYTES_MAX`] bytes.
pub(crate) async fn whole_body(
    request: Request,
    content_type: &'static str,
) -> Result<bytes::Bytes, Failure> {
    let given = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = given
        .and_then(|given| given.split(';').next())
        .map(str::trim);
    if !essence.is_some_and(|essence| essence.eq_ignore_ascii_case(content_type)) {
        return Err(Failure::UnsupportedType {
            allowed: content_type,
        });
    }
    axum::body::to_bytes(request.into_body(), BODY_BYTES_MAX)
        .await
        .map_err(|error| {
            if is_over_limit(&error) {
                Failure::TooLarge {
                    limit_bytes: BODY_BYTES_MAX as u64,
                }
            } else {
                Failure::field(
                    "body",
                    "interrupted",
                    "the body ended before its announced length",
                )
            }
        })
}

fn is_over_limit(error: &axum::Error) -> bool {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = source {
        if error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        source = error.source();
    }
    false
}
