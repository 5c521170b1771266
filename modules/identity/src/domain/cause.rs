//! Why sign-ins through providers fail.

/// Why a sign-in through a provider failed: the cause that operators count and people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UpstreamCause {
    /// No provider has this code, or it is suspended.
    Closed,
    /// The state is unknown, used, too old, or of another browser.
    State,
    /// The answer comes from another provider than was asked (mix-up).
    Issuer,
    /// The person or the provider said no.
    Denied,
    /// The provider answered with another error.
    Answered,
    /// The provider can't be reached, or is left alone after failures.
    Down,
    /// It took too long.
    Slow,
    /// An answer is too large.
    TooLarge,
    /// Its description, or an address in it, can't be used.
    Description,
    /// It refuses our code or our proof.
    Exchange,
    /// Its token doesn't hold.
    Token,
    /// The token answers another request.
    Nonce,
    /// The person proved too long ago who it is.
    TooOld,
    /// What it tells of the person doesn't hold.
    Userinfo,
    /// It tells no address.
    EmailMissing,
    /// It says that the address isn't verified.
    EmailUnverified,
    /// The address isn't one that it may tell.
    EmailDomain,
    /// Nobody here has this address, and the provider makes no accounts.
    Unknown,
    /// The account is closed.
    AccountClosed,
    /// No organisation has the SIRET.
    Siret,
    /// The account is of another organisation.
    Organisation,
    /// Nothing is offered to this audience.
    Audience,
    /// What it tells of a citizen isn't a whole identity.
    CitizenPivot,
    /// It vouches for less than a citizen's sign-in needs.
    CitizenLevel,
    /// Its name of a citizen and the identity are two people's.
    CitizenConflict,
}

impl UpstreamCause {
    /// Every cause.
    pub const ALL: [Self; 25] = [
        Self::Closed,
        Self::State,
        Self::Issuer,
        Self::Denied,
        Self::Answered,
        Self::Down,
        Self::Slow,
        Self::TooLarge,
        Self::Description,
        Self::Exchange,
        Self::Token,
        Self::Nonce,
        Self::TooOld,
        Self::Userinfo,
        Self::EmailMissing,
        Self::EmailUnverified,
        Self::EmailDomain,
        Self::Unknown,
        Self::AccountClosed,
        Self::Siret,
        Self::Organisation,
        Self::Audience,
        Self::CitizenPivot,
        Self::CitizenLevel,
        Self::CitizenConflict,
    ];

    /// Its name in columns and words.
    pub fn code(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::State => "state",
            Self::Issuer => "issuer",
            Self::Denied => "denied",
            Self::Answered => "answered",
            Self::Down => "down",
            Self::Slow => "slow",
            Self::TooLarge => "too-large",
            Self::Description => "description",
            Self::Exchange => "exchange",
            Self::Token => "token",
            Self::Nonce => "nonce",
            Self::TooOld => "too-old",
            Self::Userinfo => "userinfo",
            Self::EmailMissing => "email-missing",
            Self::EmailUnverified => "email-unverified",
            Self::EmailDomain => "email-domain",
            Self::Unknown => "unknown",
            Self::AccountClosed => "account-closed",
            Self::Siret => "siret",
            Self::Organisation => "organisation",
            Self::Audience => "audience",
            Self::CitizenPivot => "citizen-pivot",
            Self::CitizenLevel => "citizen-level",
            Self::CitizenConflict => "citizen-conflict",
        }
    }

    /// The cause of a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// A failure: its cause, and what an operator needs to know of it. No personal data, no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", cause.code())]
pub struct UpstreamFailure {
    /// What people and figures are told.
    pub cause: UpstreamCause,
    /// For the operator, in English: texts of ours, and what libraries say.
    pub detail: String,
}

impl UpstreamFailure {
    /// A failure.
    pub fn new(cause: UpstreamCause, detail: impl Into<String>) -> Self {
        Self {
            cause,
            detail: detail.into(),
        }
    }
}
