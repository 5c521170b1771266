//! Which server sends, and under which address.

use std::time::Duration;

use lettre::message::Mailbox;

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Nothing is sent in the clear: TLS from the first byte on port 465, STARTTLS on any other.
    Required,
    /// STARTTLS when the server offers it; somebody on the way can take the offer away.
    Opportunistic,
    /// In the clear: for a relay on the same machine or in the same private network.
    None,
}

/// The mail server and who it knows us as.
#[derive(Clone, PartialEq, Eq)]
pub struct MailSettings {
    /// Its name, which its certificate must bear.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: Tls,
    /// The name and the password by which the server knows us, when it asks for them.
    pub account: Option<(String, String)>,
    /// Whom mails come from: `name@domain` or `Name <name@domain>`.
    pub from: String,
    /// Longest time that one mail may take, from the connection to the server's receipt.
    pub timeout: Duration,
}

impl std::fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("from", &self.from)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// Settings with which no mail can be sent.
#[derive(Debug, thiserror::Error)]
pub enum MailSettingsError {
    /// The sender is no address.
    #[error("{from:?} is no sender: write name@domain or Name <name@domain>")]
    From {
        /// What was written.
        from: String,
    },
    /// The password would travel in the clear.
    #[error("a password is sent to {host} only when TLS is required")]
    PasswordInClear {
        /// The server.
        host: String,
    },
    /// TLS can't start.
    #[error("TLS to {host} can't start: {source}")]
    Tls {
        /// The server.
        host: String,
        /// Why.
        source: lettre::transport::smtp::Error,
    },
}

/// Whether mails can come from a sender: `name@domain` or `Name <name@domain>`.
pub fn check_sender(from: &str) -> bool {
    sender(from).is_ok()
}

pub(crate) fn sender(from: &str) -> Result<Mailbox, MailSettingsError> {
    let fail = || MailSettingsError::From {
        from: from.to_owned(),
    };
    if from.len() > 320 || from.chars().any(char::is_control) {
        return Err(fail());
    }
    let mailbox: Mailbox = from.parse().map_err(|_| fail())?;
    // The parser may stop before the end: what it left would be dropped silently.
    let whole = from.trim_end().trim_end_matches('>');
    if !mailbox.email.to_string().is_ascii() || !whole.ends_with(mailbox.email.domain()) {
        return Err(fail());
    }
    Ok(mailbox)
}

impl MailSettings {
    /// Whether the server is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "::1")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_are_addresses_with_or_without_a_name() {
        for from in [
            "a@b.example",
            "Gouvernail <a@b.example>",
            "\"DINUM, équipe\" <a@b.example>",
        ] {
            assert!(check_sender(from), "{from}");
        }
        for from in [
            "",
            "a",
            "a@b.example\r\nBcc: c@d.example",
            "A <a@b.example",
            "a@b.example, c",
        ] {
            assert!(!check_sender(from), "{from}");
        }
    }
}
