//! Why a request got no answer.

use std::time::Duration;

use jiff::Timestamp;

use crate::address::Forbidden;

/// What is wrong with a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlMistake {
    /// Longer than [`URL_BYTES_MAX`](crate::URL_BYTES_MAX).
    #[error("longer than {} bytes", crate::URL_BYTES_MAX)]
    Long,
    /// A space, a control character or a backslash, which readers of URLs drop or turn.
    #[error("a character that no URL holds")]
    Character,
    /// No URL.
    #[error("not a URL")]
    Syntax,
    /// Another scheme than `https`, or than `http` to an allowed host.
    #[error("not https")]
    Scheme,
    /// A name or a password before the host.
    #[error("a name or a password before the host")]
    Userinfo,
    /// `#…`, which is never sent.
    #[error("a fragment")]
    Fragment,
    /// No host, or one that is no DNS name.
    #[error("no host name")]
    Host,
    /// An IPv4 address in another notation than four decimal numbers.
    #[error("an address in an odd notation")]
    OddAddress,
    /// Neither 443, nor 8443, nor 1024 and above, nor a port that an operator allowed.
    #[error("a port that is not allowed")]
    Port,
}

/// Why a request got no answer, or none that may be used.
///
/// Nothing here repeats a path, a query, a header or a body: those hold secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// The URL may not be asked for.
    #[error("the address can't be used: {reason}")]
    Url {
        /// What is wrong with it.
        reason: UrlMistake,
    },
    /// The host may not be asked.
    #[error("{host} may not be asked: {why}")]
    Forbidden {
        /// The host.
        host: String,
        /// Why.
        why: Forbidden,
    },
    /// A header can't be sent, or is one that the connection itself sets.
    #[error("the header {name:?} can't be sent")]
    Header {
        /// Its name; the value may be a secret.
        name: String,
    },
    /// The name has no address, or the resolver failed.
    #[error("{host} has no address")]
    Unresolved {
        /// The host.
        host: String,
    },
    /// No connection, no TLS, or an answer that is not HTTP or breaks off.
    #[error("{host} can't be reached: {reason}")]
    Unreachable {
        /// The host.
        host: String,
        /// What the network or the TLS library says.
        reason: String,
    },
    /// The answer wasn't there in time.
    #[error("{host} took more than {} ms", timeout.as_millis())]
    Slow {
        /// The host.
        host: String,
        /// The limit.
        timeout: Duration,
    },
    /// The answer is larger than allowed.
    #[error("the answer of {host} is larger than {limit} bytes")]
    TooLarge {
        /// The host.
        host: String,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The answer is compressed, though none such was asked for.
    #[error("the answer of {host} is compressed")]
    Compressed {
        /// The host.
        host: String,
    },
    /// The answer sends elsewhere; nobody goes there.
    #[error("{host} answers {status}, a redirection, which is not followed")]
    Redirected {
        /// The host.
        host: String,
        /// Its status, 300 to 399.
        status: u16,
    },
    /// Something else than 200 where a document was expected.
    #[error("{host} answers {status} in place of the document")]
    Status {
        /// The host.
        host: String,
        /// Its status.
        status: u16,
    },
    /// The host failed several times in a row and is left alone.
    #[error("{host} failed and is left alone until {until}")]
    Resting {
        /// The host.
        host: String,
        /// When it is tried again, at the earliest.
        until: Timestamp,
    },
    /// As many requests as allowed are under way, and none ended in time.
    #[error("too many requests are under way, {host} was not asked")]
    Busy {
        /// The host.
        host: String,
    },
}

impl EgressError {
    /// Whether the same request may succeed later without anybody mending anything here.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unresolved { .. }
            | Self::Unreachable { .. }
            | Self::Slow { .. }
            | Self::Resting { .. }
            | Self::Busy { .. } => true,
            Self::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500..),
            Self::Url { .. }
            | Self::Forbidden { .. }
            | Self::Header { .. }
            | Self::TooLarge { .. }
            | Self::Compressed { .. }
            | Self::Redirected { .. } => false,
        }
    }

    /// Whether the host itself failed: what its breaker counts.
    pub(crate) fn is_of_the_host(&self) -> bool {
        matches!(
            self,
            Self::Unresolved { .. } | Self::Unreachable { .. } | Self::Slow { .. }
        )
    }
}

/// Settings with which no request can be made.
#[derive(Debug, thiserror::Error)]
pub enum EgressSettingsError {
    /// A limit is zero.
    #[error("{0} can't be zero")]
    Zero(&'static str),
    /// The name under which we ask can't stand in a header.
    #[error("{0:?} can't be sent as user agent")]
    UserAgent(String),
    /// An extra certificate is no PEM, or no certificate is in it.
    #[error("an extra root certificate can't be read: {0}")]
    Certificate(String),
    /// TLS can't start.
    #[error("TLS can't start: {0}")]
    Tls(#[from] rustls::Error),
    /// The client can't start.
    #[error("the client can't start: {0}")]
    Client(#[from] reqwest::Error),
}
