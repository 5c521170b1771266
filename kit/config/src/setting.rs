//! What a program can be told.

use std::fmt::Write as _;

/// One thing that a program can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// `section.key`, each part of lower-case letters and `_`.
    pub key: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// Its value when nobody says anything; `None` when it is then absent.
    pub default: Option<&'static str>,
    /// One sentence for the operator.
    pub help: &'static str,
}

/// What values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One line of text.
    Text {
        /// Most characters.
        chars_max: usize,
    },
    /// One line that is never shown; `key_file` may name a file that holds it.
    Secret,
    /// A whole number.
    Number {
        /// The least.
        from: u64,
        /// The greatest.
        to: u64,
    },
    /// One of these words.
    Choice(&'static [&'static str]),
    /// An address that begins in one of these ways. A password in it is never shown.
    Address(&'static [&'static str]),
    /// A path of this machine.
    Path,
}

/// Most characters of an address, a path or a secret.
const LINE_CHARS_MAX: usize = 4_096;

impl Kind {
    /// What is allowed, for a sentence that begins with "write".
    pub(crate) fn allowed(self) -> String {
        match self {
            Self::Text { chars_max } => format!("one line of 1 to {chars_max} characters"),
            Self::Secret => format!("one line of 1 to {LINE_CHARS_MAX} characters"),
            Self::Number { from, to } => format!("a whole number from {from} to {to}"),
            Self::Choice(words) => list(words),
            Self::Address(starts) => {
                let starts: Vec<String> = starts.iter().map(|start| format!("{start}…")).collect();
                list(&starts.iter().map(String::as_str).collect::<Vec<_>>())
            }
            Self::Path => "a path".to_owned(),
        }
    }

    /// Whether a value is allowed.
    pub(crate) fn allows(self, value: &str) -> bool {
        let line = |most: usize| {
            !value.trim().is_empty()
                && value.chars().count() <= most
                && !value.chars().any(char::is_control)
        };
        match self {
            Self::Text { chars_max } => line(chars_max),
            Self::Secret | Self::Path => line(LINE_CHARS_MAX),
            Self::Number { from, to } => value
                .parse::<u64>()
                .is_ok_and(|number| (from..=to).contains(&number)),
            Self::Choice(words) => words.contains(&value),
            Self::Address(starts) => {
                line(LINE_CHARS_MAX)
                    && starts
                        .iter()
                        .any(|start| value.len() > start.len() && value.starts_with(start))
            }
        }
    }

    /// A value as it may be shown.
    pub(crate) fn shown(self, value: &str) -> String {
        match self {
            Self::Secret => "(secret)".to_owned(),
            Self::Address(_) => without_password(value),
            _ => value.to_owned(),
        }
    }
}

/// `scheme://user:password@host/…` without the password, and `?password=…` too.
fn without_password(address: &str) -> String {
    let (place, query) = address
        .split_once('?')
        .map_or((address, None), |(place, query)| (place, Some(query)));
    let mut shown = match place.split_once("://") {
        Some((scheme, rest)) => {
            // The last @ of the authority: a password may hold one that nobody escaped.
            let end = rest.find('/').unwrap_or(rest.len());
            let at = rest[..end].rfind('@').or_else(|| rest.rfind('@'));
            match at {
                Some(at) => {
                    let user = rest[..at].split(':').next().unwrap_or_default();
                    let mut text = format!("{scheme}://{user}");
                    if rest[..at].contains(':') {
                        text.push_str(":(secret)");
                    }
                    text.push_str(&rest[at..]);
                    text
                }
                None => place.to_owned(),
            }
        }
        None => place.to_owned(),
    };
    if let Some(query) = query {
        let hidden = query.split('&').map(|pair| {
            pair.split_once('=')
                .filter(|(name, _)| name.to_ascii_lowercase().contains("password"))
                .map_or_else(|| pair.to_owned(), |(name, _)| format!("{name}=(secret)"))
        });
        let _ = write!(shown, "?{}", hidden.collect::<Vec<_>>().join("&"));
    }
    shown
}

fn list(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_loses_its_password_only() {
        for (address, shown) in [
            ("postgres://u:p@h:5432/d", "postgres://u:(secret)@h:5432/d"),
            ("postgres://u:p@x@h/d", "postgres://u:(secret)@h/d"),
            ("postgres://u:p/q@h/d", "postgres://u:(secret)@h/d"),
            ("postgres://u@h/d", "postgres://u@h/d"),
            (
                "postgres://h/d?user=u&password=p",
                "postgres://h/d?user=u&password=(secret)",
            ),
            ("sqlite:data/x.sqlite", "sqlite:data/x.sqlite"),
        ] {
            assert_eq!(Kind::Address(&[]).shown(address), shown);
        }
        assert_eq!(Kind::Secret.shown("s"), "(secret)");
    }

    #[test]
    fn kinds_take_their_values_only() {
        let number = Kind::Number { from: 1, to: 9 };
        for (kind, good, bad) in [
            (number, "9", "10"),
            (number, "1", "0"),
            (number, "5", "-1"),
            (number, "5", "5.0"),
            (number, "5", ""),
            (Kind::Choice(&["a", "b"]), "b", "c"),
            (Kind::Text { chars_max: 2 }, "éé", "abc"),
            (Kind::Text { chars_max: 9 }, "a", " "),
            (Kind::Secret, "a", "a\nb"),
            (Kind::Address(&["https://"]), "https://a", "https://"),
            (Kind::Address(&["https://"]), "https://a", "ftp://a"),
            (Kind::Path, "/x", ""),
        ] {
            assert!(kind.allows(good), "{kind:?} {good}");
            assert!(!kind.allows(bad), "{kind:?} {bad}");
        }
    }
}
