//! What is published, when, and without which passages.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Mistake, Wording, typed};

/// After how many days a text is published when its author decides nothing else.
pub const PUBLICATION_DAYS: i64 = 30;
/// The longest delay, in days.
const DELAY_DAYS_MAX: i64 = 365;
/// Most passages that are hidden in one text.
const REDACTIONS_MAX: usize = 50;
/// What stands where a passage was.
const HIDDEN: &str = "[…]";

/// A passage that is hidden, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redaction {
    /// The passage, exactly as it is written.
    pub passage: String,
    /// Why nobody may read it: it is published in its place.
    pub reason: String,
}

/// When and how something is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// From which day anybody reads it.
    pub on: Date,
    /// Why it is later than usual; may be empty.
    pub reason: String,
    /// What is hidden.
    pub redactions: Vec<Redaction>,
}

impl Publication {
    /// After the usual delay, without hiding anything.
    pub fn usual(ended_on: Date) -> Self {
        Self {
            on: ended_on.saturating_add(PUBLICATION_DAYS.days()),
            reason: String::new(),
            redactions: Vec::new(),
        }
    }

    /// Whether anybody may read it.
    pub fn is_open(&self, today: Date) -> bool {
        self.on <= today
    }
}

/// A text without the passages that are hidden. The longest are hidden first, so that one that
/// stands in another doesn't show what is left of it.
pub fn redact(text: &str, redactions: &[Redaction]) -> String {
    let mut longest: Vec<&Redaction> = redactions.iter().collect();
    longest.sort_by_key(|one| std::cmp::Reverse(one.passage.len()));
    longest
        .into_iter()
        .filter(|one| !one.passage.trim().is_empty())
        .fold(text.to_owned(), |text, one| {
            text.replace(&one.passage, HIDDEN)
        })
}

/// What an author sends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicationForm {
    /// From which day: day, month, year.
    pub on: [String; 3],
    /// Why it is later than usual.
    pub reason: String,
    /// One passage a line: the passage, `|`, why.
    pub redactions: String,
}

impl PublicationForm {
    /// The form of what is planned.
    pub fn of(planned: &Publication) -> Self {
        let lines = planned.redactions.iter();
        let lines: Vec<String> = lines
            .map(|one| format!("{} | {}", one.passage, one.reason))
            .collect();
        Self {
            on: typed(planned.on),
            reason: planned.reason.clone(),
            redactions: lines.join("\n"),
        }
    }

    /// What it says, for something that ended on a day. What is open stays open.
    pub fn read(
        &self,
        wording: &Wording,
        ended_on: Date,
        planned: &Publication,
        today: Date,
    ) -> Result<Publication, Vec<Mistake>> {
        let mut reader = wording.reader();
        let on = reader.needed_day("on", &self.on);
        let usual = Publication::usual(ended_on);
        let reason = reader.text("reason", &self.reason, 2_000);
        let latest = ended_on.saturating_add(DELAY_DAYS_MAX.days());
        if on != Date::MIN {
            if on < ended_on {
                reader.wrong("on", wording.mistakes.before, ended_on);
            } else if on > latest {
                reader.wrong("on", wording.mistakes.delay, DELAY_DAYS_MAX);
            } else if planned.is_open(today) && on > today {
                reader.wrong("on", wording.mistakes.open, planned.on);
            } else if on > usual.on && reason.is_empty() {
                reader.wrong("reason", wording.mistakes.delay_reason, PUBLICATION_DAYS);
            }
        }
        let mut redactions = Vec::new();
        for line in self
            .redactions
            .lines()
            .filter(|line| !line.trim().is_empty())
        {
            match line.split_once('|') {
                Some((passage, why)) if !passage.trim().is_empty() && !why.trim().is_empty() => {
                    redactions.push(Redaction {
                        passage: passage.trim().to_owned(),
                        reason: why.trim().to_owned(),
                    });
                }
                _ => reader.wrong("redactions", wording.mistakes.redaction, line.trim()),
            }
        }
        if redactions.len() > REDACTIONS_MAX {
            reader.wrong("redactions", wording.mistakes.redactions, REDACTIONS_MAX);
        }
        reader.text("redactions", &self.redactions, 10_000);
        reader.done(Publication {
            on,
            reason,
            redactions,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const WORDING: Wording = crate::wording!("test");

    fn form(on: Date, reason: &str, redactions: &str) -> PublicationForm {
        PublicationForm {
            on: typed(on),
            reason: reason.into(),
            redactions: redactions.into(),
        }
    }

    #[test]
    fn a_later_day_and_a_hidden_passage_are_justified() {
        let ended = date(2026, 3, 2);
        let read =
            |form: PublicationForm| form.read(&WORDING, ended, &Publication::usual(ended), ended);
        assert!(read(form(date(2026, 4, 1), "", "")).is_ok());
        assert!(read(form(date(2026, 4, 2), "", "")).is_err());
        assert!(read(form(date(2026, 4, 2), "Marché en cours", "")).is_ok());
        assert!(read(form(date(2026, 3, 1), "", "")).is_err());
        assert!(read(form(date(2027, 3, 3), "Longtemps", "")).is_err());
        assert!(read(form(date(2026, 4, 1), "", "le prix")).is_err());
        let hidden = read(form(date(2026, 4, 1), "", "le prix | Secret des affaires")).unwrap();
        assert_eq!(hidden.redactions.len(), 1);
    }

    #[test]
    fn what_is_open_stays_open() {
        let ended = date(2026, 3, 2);
        let again = form(date(2026, 12, 1), "Regret", "");
        let usual = Publication::usual(ended);
        assert!(
            again
                .read(&WORDING, ended, &usual, date(2026, 4, 1))
                .is_err()
        );
        assert!(
            again
                .read(&WORDING, ended, &usual, date(2026, 3, 31))
                .is_ok()
        );
    }

    #[test]
    fn nothing_of_a_hidden_passage_is_left() {
        let hide = |passage: &str| Redaction {
            passage: passage.into(),
            reason: "secret".into(),
        };
        let told = redact(
            "Acme a promis 12 M€ et Acme ment.",
            &[hide("Acme"), hide("Acme a promis 12 M€")],
        );
        assert_eq!(told, "[…] et […] ment.");
    }
}
