//! Codes and access tokens of the mock providers: what they stand for, sealed under a secret of the
//! platform. Nothing is stored but that a code was used.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jose::pairwise::{PairwiseKey, constant_time_eq};
use serde::{Deserialize, Serialize};

/// What a code stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ticket {
    /// The audience's code: one provider's codes are none of the other's.
    pub(super) audience: String,
    /// The invented person.
    pub(super) person: String,
    /// What happens.
    pub(super) case: String,
    /// The level.
    pub(super) level: String,
    /// Where the browser was sent back to.
    pub(super) redirect_uri: String,
    pub(super) scope: String,
    pub(super) nonce: String,
    /// PKCE.
    pub(super) challenge: String,
    /// Seconds since 1970.
    pub(super) auth_time: i64,
    /// The same.
    pub(super) expires_at: i64,
    /// Two sign-ins never give one code.
    pub(super) id: String,
}

/// Which kind of ticket.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Code,
    Access,
}

impl Kind {
    fn context(self) -> &'static str {
        match self {
            Self::Code => "gouvernail.mock.code",
            Self::Access => "gouvernail.mock.access",
        }
    }
}

/// Longest ticket that is looked at, in bytes.
const BYTES_MAX: usize = 8_192;

impl Ticket {
    /// Seals it.
    pub(super) fn seal(&self, kind: Kind, key: &PairwiseKey) -> String {
        // Texts and numbers: nothing that can't be written as JSON.
        let text = serde_json::to_string(self).unwrap_or_default();
        let seal = key.subject(kind.context(), &text);
        format!("{}.{seal}", URL_SAFE_NO_PAD.encode(text))
    }

    /// Opens one that we sealed and whose time isn't over.
    pub(super) fn open(text: &str, kind: Kind, key: &PairwiseKey, now: i64) -> Option<Self> {
        if text.len() > BYTES_MAX {
            return None;
        }
        let (encoded, seal) = text.split_once('.')?;
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()?;
        let expected = key.subject(kind.context(), &text);
        if !constant_time_eq(expected.as_bytes(), seal.as_bytes()) {
            return None;
        }
        let ticket: Self = serde_json::from_str(&text).ok()?;
        (ticket.expires_at > now).then_some(ticket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_sealed_is_opened() {
        let key = PairwiseKey::new(&[1; 32]).unwrap();
        let other = PairwiseKey::new(&[2; 32]).unwrap();
        let ticket = Ticket {
            audience: "agents".into(),
            person: "lou".into(),
            case: "usual".into(),
            level: "eidas1".into(),
            redirect_uri: "https://s.example/cb".into(),
            scope: "openid".into(),
            nonce: "n".into(),
            challenge: "c".into(),
            auth_time: 1,
            expires_at: 10,
            id: "1".into(),
        };
        let sealed = ticket.seal(Kind::Code, &key);
        assert_eq!(Ticket::open(&sealed, Kind::Code, &key, 9), Some(ticket));
        assert_eq!(Ticket::open(&sealed, Kind::Code, &key, 10), None, "over");
        assert_eq!(Ticket::open(&sealed, Kind::Access, &key, 9), None);
        assert_eq!(Ticket::open(&sealed, Kind::Code, &other, 9), None);
        let changed = sealed.replacen('e', "f", 1);
        assert_eq!(Ticket::open(&changed, Kind::Code, &key, 9), None);
        assert_eq!(Ticket::open("x", Kind::Code, &key, 9), None);
    }
}
