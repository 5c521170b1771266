//! Mails to a server of ours that writes down what it hears and answers as told.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::time::Duration;

use jiff::Timestamp;
use kit_mail::{Mail, MailError, MailSettings, MailSettingsError, Mailer, Tls};
use kit_time::Source;
use proptest::prelude::*;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// What the server says at each step; `None`: nothing, ever.
#[derive(Clone, Copy)]
struct Answers {
    greeting: Option<&'static str>,
    hello: &'static str,
    account: &'static str,
    recipient: &'static str,
    receipt: &'static str,
}

const KIND: Answers = Answers {
    greeting: Some("220 sink"),
    hello: "250-sink\r\n250 AUTH PLAIN",
    account: "235 known",
    recipient: "250 ok",
    receipt: "250 received",
};

/// Serves one connection; gives its port and then the lines that it heard.
async fn server(answers: Answers) -> (u16, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let (read, mut write) = socket.into_split();
        let mut lines = BufReader::new(read).lines();
        let mut heard = Vec::new();
        if let Some(greeting) = answers.greeting {
            write
                .write_all(format!("{greeting}\r\n").as_bytes())
                .await
                .unwrap();
        }
        let mut in_data = false;
        while let Ok(Some(line)) = lines.next_line().await {
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_owned();
            let answer = match verb.as_str() {
                "." if in_data => {
                    in_data = false;
                    Some(answers.receipt)
                }
                _ if in_data => None,
                "EHLO" => Some(answers.hello),
                "AUTH" => Some(answers.account),
                "RCPT" => Some(answers.recipient),
                "DATA" => {
                    in_data = true;
                    Some("354 go on")
                }
                "QUIT" => Some("221 bye"),
                _ => Some("250 ok"),
            };
            heard.push(line);
            if let Some(answer) = answer.filter(|_| answers.greeting.is_some()) {
                // The client may have hung up.
                let _ = write.write_all(format!("{answer}\r\n").as_bytes()).await;
            }
        }
        heard
    });
    (port, heard)
}

fn settings(port: u16) -> MailSettings {
    MailSettings {
        host: "127.0.0.1".to_owned(),
        port,
        tls: Tls::None,
        account: Some(("who".to_owned(), "very-secret".to_owned())),
        from: "Équipe Gouvernail <ne-pas-repondre@gouv.example>".to_owned(),
        timeout: Duration::from_secs(10),
    }
}

fn mailer(settings: &MailSettings) -> Mailer {
    let at: Timestamp = "2026-01-06T08:00:00Z".parse().unwrap();
    Mailer::new(settings, Source::fixed(at, 1)).unwrap()
}

fn mail() -> Mail {
    Mail {
        to: "ada@gouv.example".to_owned(),
        subject: "Réinitialiser votre mot de passe à la préfecture".to_owned(),
        text: "Bonjour,\n\n.\nvoilà le lien : https://gouv.example/é\n".to_owned(),
    }
}

async fn outcome(answers: Answers) -> (Result<(), MailError>, Vec<String>) {
    let (port, heard) = server(answers).await;
    let outcome = mailer(&settings(port)).send(&mail(), Uuid::nil()).await;
    (outcome, heard.await.unwrap())
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let (sent, heard) = outcome(KIND).await;
    sent.unwrap();
    insta::assert_snapshot!(heard.join("\n"), @r#"
    EHLO gouv.example
    AUTH PLAIN AHdobwB2ZXJ5LXNlY3JldA==
    MAIL FROM:<ne-pas-repondre@gouv.example>
    RCPT TO:<ada@gouv.example>
    DATA
    From: =?utf-8?b?w4lxdWlwZSBHb3V2ZXJuYWls?= <ne-pas-repondre@gouv.example>
    To: ada@gouv.example
    Subject: =?utf-8?b?UsOpaW5pdGlhbGlzZXI=?= votre mot de passe
     =?utf-8?b?w6A=?= la =?utf-8?b?cHLDqWZlY3R1cmU=?=
    Date: Tue, 06 Jan 2026 08:00:00 +0000
    Message-ID: <00000000-0000-0000-0000-000000000000@gouv.example>
    Auto-Submitted: auto-generated
    MIME-Version: 1.0
    Content-Type: text/plain; charset=utf-8
    Content-Transfer-Encoding: quoted-printable

    Bonjour,

    ..
    voil=C3=A0 le lien : https://gouv.example/=C3=A9

    .
    QUIT
    "#);
}

#[tokio::test]
async fn a_refusal_is_for_good_and_names_nobody() {
    let (sent, _) = outcome(Answers {
        recipient: "550 5.1.1 <ADA@gouv.example>: unknown",
        ..KIND
    })
    .await;
    let error = sent.unwrap_err();
    assert!(!error.is_transient());
    assert_eq!(
        error.to_string(),
        "the mail server refused the mail: 550 5.1.1 <(address)>: unknown"
    );
}

#[tokio::test]
async fn later_means_later() {
    for answers in [
        Answers {
            recipient: "450 4.2.1 greylisted",
            ..KIND
        },
        Answers {
            receipt: "451 4.3.0 disk full",
            ..KIND
        },
        Answers {
            greeting: Some("421 busy"),
            ..KIND
        },
    ] {
        let error = outcome(answers).await.0.unwrap_err();
        assert!(matches!(error, MailError::Later { .. }), "{error:?}");
        assert!(error.is_transient());
    }
}

#[tokio::test]
async fn an_unknown_account_is_the_settings_mistake() {
    let (sent, heard) = outcome(Answers {
        account: "535 5.7.8 who?",
        ..KIND
    })
    .await;
    let error = sent.unwrap_err();
    assert!(
        matches!(error, MailError::Account { code: 535, .. }),
        "{error:?}"
    );
    assert!(error.is_transient());
    assert!(!heard.iter().any(|line| line.starts_with("MAIL")));
}

#[tokio::test]
async fn a_server_that_is_absent_or_hangs_up_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = mailer(&settings(port)).send(&mail(), Uuid::nil()).await;
    assert!(
        matches!(error, Err(MailError::Unreachable { .. })),
        "{error:?}"
    );

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let hangs_up = tokio::spawn(async move { drop(listener.accept().await) });
    let error = mailer(&settings(port)).send(&mail(), Uuid::nil()).await;
    hangs_up.await.unwrap();
    let error = error.unwrap_err();
    assert!(matches!(error, MailError::Unreachable { .. }), "{error:?}");
    assert!(error.is_transient());
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let (port, _heard) = server(Answers {
        greeting: None,
        ..KIND
    })
    .await;
    let settings = MailSettings {
        timeout: Duration::from_millis(50),
        ..settings(port)
    };
    let error = mailer(&settings)
        .send(&mail(), Uuid::nil())
        .await
        .unwrap_err();
    assert!(matches!(error, MailError::Slow { .. }), "{error:?}");
    assert!(error.is_transient());
}

#[tokio::test]
async fn nothing_is_sent_in_the_clear_when_tls_is_required() {
    let (port, heard) = server(KIND).await;
    let settings = MailSettings {
        tls: Tls::Required,
        ..settings(port)
    };
    let error = mailer(&settings)
        .send(&mail(), Uuid::nil())
        .await
        .unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    let heard = heard.await.unwrap().concat();
    assert!(
        !heard.contains("AUTH") && !heard.contains("MAIL"),
        "{heard}"
    );
    // A server without STARTTLS is enough when it is wished for only.
    let (port, heard) = server(KIND).await;
    let settings = MailSettings {
        port,
        tls: Tls::Opportunistic,
        ..settings
    };
    mailer(&settings).send(&mail(), Uuid::nil()).await.unwrap();
    heard.await.unwrap();
}

#[test]
fn passwords_travel_protected_and_stay_out_of_debug() {
    let settings = settings(25);
    let source = || Source::fixed(Timestamp::UNIX_EPOCH, 1);
    let shown = format!("{settings:?} {:?}", mailer(&settings));
    assert!(!shown.contains("very-secret"), "{shown}");
    for tls in [Tls::None, Tls::Opportunistic] {
        let far = MailSettings {
            host: "smtp.gouv.example".to_owned(),
            tls,
            ..settings.clone()
        };
        let refused = Mailer::new(&far, source());
        assert!(matches!(
            refused,
            Err(MailSettingsError::PasswordInClear { .. })
        ));
        let open = MailSettings {
            account: None,
            ..far
        };
        assert!(Mailer::new(&open, source()).is_ok());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]
    /// Whatever a subject and a text hold, the server hears one mail to one address with our
    /// headers only, or nothing.
    #[test]
    fn no_text_becomes_a_header_or_a_command(
        subject in "[a-zA-Zé\r\n\u{2028}: =?<>]{1,60}",
        text in "[a-zé.\r\n: ]{0,80}",
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let heard = runtime.block_on(async {
            let (port, heard) = server(KIND).await;
            let mail = Mail { subject: subject.clone(), text, ..mail() };
            match mailer(&settings(port)).send(&mail, Uuid::nil()).await {
                Ok(()) => Some(heard.await.unwrap()),
                Err(error) => {
                    assert!(matches!(error, MailError::Mistake(_)), "{error:?}");
                    heard.abort();
                    None
                }
            }
        });
        if let Some(heard) = heard {
            let verbs = heard.iter().filter(|line| line.starts_with("RCPT") || *line == "DATA");
            prop_assert_eq!(verbs.count(), 2);
            let data = heard.iter().position(|line| line == "DATA").unwrap();
            let names: Vec<&str> = heard[data + 1..]
                .iter()
                .take_while(|line| !line.is_empty())
                .filter(|line| !line.starts_with(' '))
                .map(|line| line.split(':').next().unwrap())
                .collect();
            prop_assert_eq!(names.len(), 9, "{:?}", names);
        } else {
            let several = subject.contains(['\r', '\n', '\u{2028}']);
            prop_assert!(several || subject.trim().is_empty());
        }
    }
}
