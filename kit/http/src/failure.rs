//! What a request can fail with. A handler returns it; the outermost layer shows it, as a page to
//! a person and as problem+json (RFC 9457) to a program.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kit_access::Denied;
use serde::Serialize;

/// One mistake in what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The field's name, as sent.
    pub field: String,
    /// A stable code, such as `too-long`.
    pub code: &'static str,
    /// What is wrong and what is allowed, in the reader's language where the handler knows it.
    pub message: String,
}

impl FieldError {
    /// A mistake in `field`.
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            code,
            message: message.into(),
        }
    }
}

/// Why a request fails.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nothing is there, or nothing that this actor may know of.
    #[error("not found")]
    NotFound,
    /// The method is not one that the path answers.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// The actor must sign in first.
    #[error("sign-in needed")]
    SignInNeeded,
    /// The actor may not do this here.
    #[error(transparent)]
    Denied(Denied),
    /// The request can't be read, or its fields hold mistakes.
    #[error("the request holds {} mistake(s)", .0.len())]
    Invalid(Vec<FieldError>),
    /// Somebody else changed it first, or the state doesn't allow it; says what to do.
    #[error("conflict: {0}")]
    Conflict(String),
    /// The form was sent from another site or after its cookie was lost.
    #[error("the form's proof of origin is missing or wrong")]
    ForeignForm,
    /// The body is larger than `limit_bytes`.
    #[error("the body is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// The content type is not one that is read here.
    #[error("unsupported content type")]
    UnsupportedType {
        /// What is read here.
        allowed: &'static str,
    },
    /// Too many requests from one address.
    #[error("too many requests")]
    TooMany {
        /// Seconds to wait.
        retry_after_seconds: u64,
    },
    /// Something that the platform needs is out of reach; trying later may help.
    #[error("temporarily unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A mistake of ours. The reader is shown an incident number; the log holds the chain.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Failure {
    /// A mistake of ours.
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    /// One mistake in one field.
    pub fn field(field: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, code, message)])
    }

    /// The status it answers with.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::SignInNeeded => StatusCode::UNAUTHORIZED,
            Self::Denied(_) | Self::ForeignForm => StatusCode::FORBIDDEN,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedType { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable name: the end of the problem's `type`, and of the keys of its words.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::SignInNeeded => "sign-in-needed",
            Self::Denied(_) => "denied",
            Self::Invalid(_) => "invalid",
            Self::Conflict(_) => "conflict",
            Self::ForeignForm => "foreign-form",
            Self::TooLarge { .. } => "too-large",
            Self::UnsupportedType { .. } => "unsupported-type",
            Self::TooMany { .. } => "too-many",
            Self::Unavailable(_) => "unavailable",
            Self::Internal(_) => "internal",
        }
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        if denied.anonymous {
            Self::SignInNeeded
        } else {
            Self::Denied(denied)
        }
    }
}

/// A failure on its way out: the layer that knows the reader's language turns it into a page or a
/// problem.
#[derive(Clone)]
pub(crate) struct Carried(pub(crate) std::sync::Arc<Failure>);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response
            .extensions_mut()
            .insert(Carried(std::sync::Arc::new(self)));
        response
    }
}
