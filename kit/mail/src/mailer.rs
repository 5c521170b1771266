//! Sending.

use std::time::{Duration, SystemTime};

use kit_time::Source;
use lettre::message::header::{ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0};
use lettre::message::{Mailbox, MessageBuilder};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls as Protection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use uuid::Uuid;

use crate::mail::{Mail, MailMistake};
use crate::settings::{MailSettings, MailSettingsError, Tls, sender};

/// Most characters of a server's answer that are kept.
const ANSWER_CHARS_MAX: usize = 300;

/// Why a mail was not sent. It repeats neither the address nor the text.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The mail can't be sent as it is.
    #[error(transparent)]
    Mistake(#[from] MailMistake),
    /// The mail can't be written down.
    #[error("the mail can't be written: {0}")]
    Unwritable(#[source] lettre::error::Error),
    /// The server refused this mail for good (5xx).
    #[error("the mail server refused the mail: {code} {answer}")]
    Refused {
        /// The server's code.
        code: u16,
        /// What it said, without the address.
        answer: String,
    },
    /// The server asks to come back later (4xx).
    #[error("the mail server asks to try later: {code} {answer}")]
    Later {
        /// The server's code.
        code: u16,
        /// What it said, without the address.
        answer: String,
    },
    /// The server doesn't know our account: the settings are wrong, not the mail.
    #[error("the mail server refused our account: {code} {answer}")]
    Account {
        /// The server's code.
        code: u16,
        /// What it said.
        answer: String,
    },
    /// The server can't be reached, hung up, or can't do what the settings ask for.
    #[error("the mail server can't be used: {reason}")]
    Unreachable {
        /// Why.
        reason: String,
    },
    /// The server took too long.
    #[error("the mail server took more than {} ms", timeout.as_millis())]
    Slow {
        /// The limit.
        timeout: Duration,
    },
}

impl MailError {
    /// Whether a later try may help: not for a mail that is wrong or that the server refused.
    pub fn is_transient(&self) -> bool {
        !matches!(
            self,
            Self::Mistake(_) | Self::Unwritable(_) | Self::Refused { .. }
        )
    }
}

/// Sends mails by one server, each over a connection of its own.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    timeout: Duration,
    source: Source,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer")
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

impl Mailer {
    /// A mailer; the server is asked nothing yet.
    pub fn new(settings: &MailSettings, source: Source) -> Result<Self, MailSettingsError> {
        let from = sender(&settings.from)?;
        let parameters = || {
            TlsParameters::new(settings.host.clone()).map_err(|source| MailSettingsError::Tls {
                host: settings.host.clone(),
                source,
            })
        };
        let protection = match settings.tls {
            Tls::Required if settings.port == 465 => Protection::Wrapper(parameters()?),
            Tls::Required => Protection::Required(parameters()?),
            Tls::Opportunistic => Protection::Opportunistic(parameters()?),
            Tls::None => Protection::None,
        };
        let host = settings.host.as_str();
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(settings.port)
            .tls(protection)
            .timeout(Some(settings.timeout))
            // Servers check the name that a client gives; the machine's own is often private.
            .hello_name(ClientId::Domain(from.email.domain().to_owned()));
        if let Some((name, password)) = &settings.account {
            if settings.tls != Tls::Required && !settings.is_local() {
                return Err(MailSettingsError::PasswordInClear {
                    host: settings.host.clone(),
                });
            }
            builder = builder.credentials(Credentials::new(name.clone(), password.clone()));
        }
        Ok(Self {
            transport: builder.build(),
            from,
            timeout: settings.timeout,
            source,
        })
    }

    /// Sends a mail. The same `id` at each try gives it the same `Message-ID`, by which a mail
    /// that was received but not acknowledged is known again.
    pub async fn send(&self, mail: &Mail, id: Uuid) -> Result<(), MailError> {
        let message = self.message(mail, id)?;
        let sending = self.transport.send(message);
        match tokio::time::timeout(self.timeout, sending).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(self.failure(&error, &mail.to)),
            Err(_) => Err(MailError::Slow {
                timeout: self.timeout,
            }),
        }
    }

    fn message(&self, mail: &Mail, id: Uuid) -> Result<Message, MailError> {
        let to: Address = mail.check()?;
        let domain = self.from.email.domain();
        let builder: MessageBuilder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject.clone())
            .date(self.now())
            .message_id(Some(format!("<{id}@{domain}>")))
            // RFC 3834: programs that answer mails leave this one alone.
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .header(MIME_VERSION_1_0)
            .header(ContentType::TEXT_PLAIN);
        builder
            .body(mail.text.clone())
            .map_err(MailError::Unwritable)
    }

    /// The instant, to the second: what the header holds.
    fn now(&self) -> SystemTime {
        let seconds = u64::try_from(self.source.now().as_second()).unwrap_or_default();
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn failure(&self, error: &lettre::transport::smtp::Error, to: &str) -> MailError {
        if error.is_timeout() {
            return MailError::Slow {
                timeout: self.timeout,
            };
        }
        let Some(status) = error.status() else {
            return MailError::Unreachable {
                reason: without(&error.to_string(), to),
            };
        };
        let code = u16::from(status);
        let said = std::error::Error::source(error).map(ToString::to_string);
        let answer = without(&said.unwrap_or_default(), to);
        match code {
            // RFC 4954, section 6: about the account, not about the mail.
            530 | 534 | 535 | 538 => MailError::Account { code, answer },
            500.. => MailError::Refused { code, answer },
            _ => MailError::Later { code, answer },
        }
    }
}

/// A server's answer without the address, which is a person's, cut to its first characters.
fn without(answer: &str, address: &str) -> String {
    let mut text = String::new();
    let (lower, address) = (answer.to_ascii_lowercase(), address.to_ascii_lowercase());
    let mut from = 0;
    // ASCII lowercase keeps every byte's place.
    while let Some(at) = lower[from..].find(&address).filter(|_| !address.is_empty()) {
        text.push_str(&answer[from..from + at]);
        text.push_str("(address)");
        from += at + address.len();
    }
    text.push_str(&answer[from..]);
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(ANSWER_CHARS_MAX)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_loses_the_address() {
        let answer = "5.1.1 <Ada@B.example>: no\nada@b.example here é";
        assert_eq!(
            without(answer, "ada@b.example"),
            "5.1.1 <(address)>: no (address) here é"
        );
        assert_eq!(without(&"é".repeat(400), "").chars().count(), 300);
    }
}
