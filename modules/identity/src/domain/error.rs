//! What a request of a protocol fails with, in the words of its specifications.

/// An error's code, as registered for OAuth 2.0 and OpenID Connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// A parameter is missing, repeated or wrong (RFC 6749).
    InvalidRequest,
    /// The client isn't known or hasn't proved who it is (RFC 6749).
    InvalidClient,
    /// The code or the refresh token isn't valid for this client (RFC 6749).
    InvalidGrant,
    /// The client may not do this (RFC 6749).
    UnauthorizedClient,
    /// No such grant type here (RFC 6749).
    UnsupportedGrantType,
    /// No such response type here (RFC 6749).
    UnsupportedResponseType,
    /// No such scope for this client (RFC 6749).
    InvalidScope,
    /// The person or the platform said no (RFC 6749).
    AccessDenied,
    /// Something of ours is out of reach (RFC 6749).
    TemporarilyUnavailable,
    /// Nobody is signed in, and nobody may be asked (OpenID Connect Core 3.1.2.6).
    LoginRequired,
    /// The person's consent is missing, and nobody may be asked.
    ConsentRequired,
    /// The request object can't be used.
    InvalidRequestObject,
    /// The address of a pushed request is unknown, over or used (RFC 9101, section 7).
    InvalidRequestUri,
    /// Requests by reference to elsewhere aren't taken.
    RequestUriNotSupported,
    /// Registration within a request isn't taken.
    RegistrationNotSupported,
    /// The level asked for can't be reached (OpenID Connect Unmet Authentication Requirements).
    UnmetAuthenticationRequirements,
    /// The proof of possession can't be used (RFC 9449).
    InvalidDpopProof,
    /// The proof of possession must hold our nonce (RFC 9449, section 8).
    UseDpopNonce,
    /// No such resource for this client (RFC 8707).
    InvalidTarget,
    /// The person hasn't answered yet (RFC 8628).
    AuthorizationPending,
    /// The device asks too often (RFC 8628).
    SlowDown,
    /// The device's code is over (RFC 8628).
    ExpiredToken,
    /// The access token isn't valid (RFC 6750).
    InvalidToken,
    /// The access token doesn't reach this (RFC 6750).
    InsufficientScope,
}

impl ErrorCode {
    /// The code, as sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::AccessDenied => "access_denied",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::InvalidRequestObject => "invalid_request_object",
            Self::InvalidRequestUri => "invalid_request_uri",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::InvalidDpopProof => "invalid_dpop_proof",
            Self::UseDpopNonce => "use_dpop_nonce",
            Self::InvalidTarget => "invalid_target",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::ExpiredToken => "expired_token",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
        }
    }
}

/// An error that is told to the client. The description is for its developer, in English.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {description}", code.as_str())]
pub struct OAuthError {
    /// The code.
    pub code: ErrorCode,
    /// What is wrong and what is allowed; it repeats no secret.
    pub description: String,
}

impl OAuthError {
    /// An error.
    pub fn new(code: ErrorCode, description: impl Into<String>) -> Self {
        Self {
            code,
            description: description.into(),
        }
    }

    /// [`ErrorCode::InvalidRequest`].
    pub fn request(description: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }

    /// [`ErrorCode::InvalidGrant`]. It never says which part didn't fit.
    pub fn grant(description: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidGrant, description)
    }
}
