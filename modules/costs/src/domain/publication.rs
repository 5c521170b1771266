//! What is published of a version: from which day, and without which lines.
//!
//! With a hidden line no total of the whole is shown: it would tell the line. What is shown adds up to
//! what is shown.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tabular::Cell;

use super::{Content, Mistake};

/// Shortest and longest reason for hiding a line, in characters.
pub const REASON_CHARS: std::ops::RangeInclusive<usize> = 10..=500;
/// The latest day of publication after today, in days.
const DELAY_DAYS_MAX: i32 = 365;

/// A line that is hidden, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redaction {
    /// The line's place in the version, from 0.
    pub line: usize,
    /// Why nobody may read it: it is published in its place.
    pub reason: String,
}

/// From which day anybody reads a version, and without which lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The day.
    pub on: Date,
    /// What is hidden, by place.
    pub redactions: Vec<Redaction>,
}

/// What was filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicationForm {
    /// The day.
    pub on: String,
    /// One line each: the line's number from 1, `|`, why.
    pub redactions: String,
}

impl PublicationForm {
    /// The form of what is decided.
    pub fn of(decided: &Publication) -> Self {
        let lines = decided.redactions.iter();
        let lines: Vec<_> = lines
            .map(|one| format!("{} | {}", one.line + 1, one.reason))
            .collect();
        Self {
            on: decided.on.to_string(),
            redactions: lines.join("\n"),
        }
    }

    /// Reads what was filled in about a version. What is open already stays open.
    pub fn check(
        &self,
        content: &Content,
        before: Option<&Publication>,
        today: Date,
    ) -> Result<Publication, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let on = tabular::date(&Cell::Text(self.on.trim().to_owned()));
        let was_open = before.filter(|before| before.on <= today);
        match on {
            None => mistakes.push(Mistake::new("on", "costs-mistake-date", "")),
            Some(on) => {
                let days = (on - today).get_days();
                if days > DELAY_DAYS_MAX {
                    mistakes.push(Mistake::new("on", "costs-mistake-delay", DELAY_DAYS_MAX));
                } else if on < today && was_open.is_none_or(|before| before.on != on) {
                    mistakes.push(Mistake::new("on", "costs-mistake-past", ""));
                } else if let Some(before) = was_open.filter(|_| on > today) {
                    mistakes.push(Mistake::new("on", "costs-mistake-open", before.on));
                }
            }
        }
        let mut redactions: Vec<Redaction> = Vec::new();
        for (at, text) in (1_u64..).zip(self.redactions.lines()) {
            if text.trim().is_empty() {
                continue;
            }
            let wrong = |key, value: &str| Mistake::new("redactions", key, value).on_line(at);
            let Some((number, reason)) = text.split_once('|') else {
                mistakes.push(wrong("costs-mistake-redaction", text.trim()));
                continue;
            };
            let line = number.trim().parse::<usize>().ok();
            let line = line.filter(|line| (1..=content.lines.len()).contains(line));
            let reason = reason.trim();
            match line {
                None => {
                    let limits = format!("1 – {}", content.lines.len());
                    mistakes.push(wrong("costs-mistake-redaction-line", &limits));
                }
                Some(_) if !REASON_CHARS.contains(&reason.chars().count()) => {
                    mistakes.push(wrong("costs-mistake-redaction-reason", ""));
                }
                Some(line) if redactions.iter().any(|one| one.line == line - 1) => {
                    mistakes.push(wrong("costs-mistake-redaction-twice", &line.to_string()));
                }
                Some(line) => redactions.push(Redaction {
                    line: line - 1,
                    reason: reason.to_owned(),
                }),
            }
        }
        redactions.sort_by_key(|one| one.line);
        match on {
            Some(on) if mistakes.is_empty() => Ok(Publication { on, redactions }),
            _ => Err(mistakes),
        }
    }
}

impl Publication {
    /// The version without its hidden lines.
    pub fn shown(&self, content: &Content) -> Content {
        let mut shown = content.clone();
        let hidden = |at: usize| self.redactions.iter().any(|one| one.line == at);
        let mut at = 0;
        shown.lines.retain(|_| {
            at += 1;
            !hidden(at - 1)
        });
        shown
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::{Kind, Line};
    use super::*;

    fn content() -> Content {
        let line = |label: &str| Line {
            kind: Kind::Other,
            year: 2026,
            label: label.into(),
            cents: 1,
        };
        Content {
            as_of: date(2026, 1, 1),
            first_year: 2026,
            years: 1,
            discount_bp: 0,
            lines: vec![line("a"), line("b"), line("c")],
            assumptions: Vec::new(),
            count: None,
        }
    }

    fn check(on: &str, redactions: &str) -> Result<Publication, Vec<&'static str>> {
        let form = PublicationForm {
            on: on.into(),
            redactions: redactions.into(),
        };
        let checked = form.check(&content(), None, date(2026, 3, 1));
        checked.map_err(|wrong| wrong.iter().map(Mistake::code).collect())
    }

    #[test]
    fn hidden_lines_are_not_shown() {
        let decided = check("2026-03-10", "2 | Secret des affaires du titulaire").unwrap();
        let shown = decided.shown(&content());
        let labels: Vec<_> = shown.lines.iter().map(|line| line.label.as_str()).collect();
        assert_eq!(labels, ["a", "c"]);
        assert_eq!(
            PublicationForm::of(&decided).redactions,
            "2 | Secret des affaires du titulaire"
        );
    }

    #[test]
    fn what_is_decided_wrong_is_told() {
        assert_eq!(check("", ""), Err(vec!["date"]));
        assert_eq!(check("2026-02-28", ""), Err(vec!["past"]));
        assert_eq!(check("2027-03-02", ""), Err(vec!["delay"]));
        assert_eq!(
            check("2026-03-01", "4 | une raison assez longue"),
            Err(vec!["redaction-line"])
        );
        assert_eq!(
            check("2026-03-01", "2 | court"),
            Err(vec!["redaction-reason"])
        );
        assert_eq!(check("2026-03-01", "b"), Err(vec!["redaction"]));
        let twice = "1 | une raison assez longue\n1 | une raison assez longue";
        assert_eq!(check("2026-03-01", twice), Err(vec!["redaction-twice"]));
    }
}
