//! What a person fills in of a version: checked whole, every mistake told at once, nothing lost.

use jiff::civil::Date;
use ownership::{DISCOUNT_BP_MAX, YEARS_MAX};
use tabular::Cell;

use super::tables::{self, LINES_MAX};
use super::{Assumption, Content, Count, CountOf, Decimal, Line, Mistake};

/// Shortest and longest reason of a version, in characters.
pub const REASON_CHARS: std::ops::RangeInclusive<usize> = 10..=1_000;

/// What was filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionForm {
    /// Of when the figures are: `31/12/2026` or `2026-12-31`.
    pub as_of: String,
    /// The first year of the life.
    pub first_year: String,
    /// Years of the whole life.
    pub years: String,
    /// The discount rate, in percent; 0 when empty.
    pub discount: String,
    /// The id of the indicator that counts; may be empty.
    pub indicator: String,
    /// `user` or `act`.
    pub count_of: String,
    /// Why there is a new version.
    pub reason: String,
    /// The table of lines.
    pub lines: String,
    /// The table of assumptions.
    pub assumptions: String,
}

/// A version to be: what it holds, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVersion {
    /// What it holds.
    pub content: Content,
    /// Why.
    pub reason: String,
}

struct Reader(Vec<Mistake>);

impl Reader {
    fn wrong(&mut self, field: &str, key: &'static str, value: impl ToString) {
        self.0.push(Mistake::new(field, key, value));
    }

    fn whole<T: std::str::FromStr + PartialOrd + Copy + std::fmt::Display>(
        &mut self,
        field: &str,
        text: &str,
        (from, to): (T, T),
    ) -> Option<T> {
        let number = text.trim().parse::<T>().ok();
        let number = number.filter(|number| *number >= from && *number <= to);
        if number.is_none() {
            self.wrong(field, "costs-mistake-whole", format!("{from} – {to}"));
        }
        number
    }
}

impl VersionForm {
    /// Reads what was filled in, with its own tables.
    pub fn check(&self, today: Date) -> Result<NewVersion, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut read = |field: &str, text: &str, is_lines: bool| {
            if text.trim().is_empty() {
                return (Vec::new(), Vec::new());
            }
            let told = if is_lines {
                tables::lines(text.as_bytes()).map(|(lines, wrong)| (lines, Vec::new(), wrong))
            } else {
                tables::assumptions(text.as_bytes()).map(|(all, wrong)| (Vec::new(), all, wrong))
            };
            match told {
                Ok((lines, assumptions, wrong)) => {
                    mistakes.extend(wrong);
                    (lines, assumptions)
                }
                Err(error) => {
                    mistakes.push(Mistake::new(field, "costs-mistake-table", error));
                    (Vec::new(), Vec::new())
                }
            }
        };
        // A table of headers alone holds nothing.
        let (lines, _) = read("lines", &self.lines, true);
        let (_, assumptions) = match self.assumptions.trim().lines().count() {
            0 | 1 => (Vec::new(), Vec::new()),
            _ => read("assumptions", &self.assumptions, false),
        };
        self.with(lines, assumptions, mistakes, today)
    }

    /// The same with tables that were read already, and their mistakes.
    pub fn with(
        &self,
        lines: Vec<Line>,
        assumptions: Vec<Assumption>,
        mistakes: Vec<Mistake>,
        today: Date,
    ) -> Result<NewVersion, Vec<Mistake>> {
        let had_mistakes = !mistakes.is_empty();
        let mut reader = Reader(mistakes);
        let as_of = tabular::date(&Cell::Text(self.as_of.trim().to_owned()))
            .filter(|day| (1990..=2100).contains(&day.year()));
        match as_of {
            None => reader.wrong("as_of", "costs-mistake-date", ""),
            Some(day) if day > today => reader.wrong("as_of", "costs-mistake-future", ""),
            Some(_) => {}
        }
        let first_year = reader.whole("first_year", &self.first_year, (1990_i16, 2100));
        let years = reader.whole("years", &self.years, (1_u16, YEARS_MAX));
        let discount = match self.discount.trim().trim_end_matches('%').trim() {
            "" => Some(0),
            text => Decimal::parse(text)
                .and_then(|rate| rate.in_parts(100))
                .filter(|rate| (0..=DISCOUNT_BP_MAX).contains(rate)),
        };
        if discount.is_none() {
            reader.wrong("discount", "costs-mistake-discount", DISCOUNT_BP_MAX / 100);
        }
        let reason = self.reason.trim();
        if !REASON_CHARS.contains(&reason.chars().count()) || reason.contains('\0') {
            reader.wrong("reason", "costs-mistake-reason", "");
        }
        let count = match self.indicator.trim() {
            "" => Some(None),
            id => {
                let count = id.parse().ok().zip(CountOf::parse(self.count_of.trim()));
                if count.is_none() {
                    reader.wrong("indicator", "costs-mistake-count", "");
                }
                count.map(|(indicator, of)| Some(Count { indicator, of }))
            }
        };
        if lines.is_empty() && !had_mistakes {
            reader.wrong("lines", "costs-mistake-no-line", LINES_MAX);
        }
        if let (Some(first), Some(years)) = (first_year, years) {
            let last = i32::from(first) + i32::from(years) - 1;
            let outside = lines
                .iter()
                .find(|line| line.year < first || i32::from(line.year) > last);
            if let Some(line) = outside {
                let value = format!("{} ({first} – {last})", line.year);
                reader.wrong("lines", "costs-mistake-outside", value);
            }
        }
        match (as_of, first_year, years, discount, count) {
            (Some(as_of), Some(first_year), Some(years), Some(discount_bp), Some(count))
                if reader.0.is_empty() =>
            {
                let content = Content {
                    as_of,
                    first_year,
                    years,
                    discount_bp,
                    lines,
                    assumptions,
                    count,
                };
                if content.summary().is_none() {
                    reader.wrong("lines", "costs-mistake-sum", "");
                    return Err(reader.0);
                }
                Ok(NewVersion {
                    content,
                    reason: reason.to_owned(),
                })
            }
            _ => Err(reader.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn form() -> VersionForm {
        VersionForm {
            as_of: "2026-02-01".into(),
            first_year: "2026".into(),
            years: "5".into(),
            discount: "2,5 %".into(),
            reason: "Première estimation complète".into(),
            lines: "nature;année;libellé;montant\nhosting;2027;Nuage;1000".into(),
            assumptions: "hypothèse;valeur;unité;source;bas;haut;porte sur".into(),
            ..VersionForm::default()
        }
    }

    fn codes(form: &VersionForm) -> Vec<(String, &'static str)> {
        let wrong = form.check(date(2026, 3, 1)).unwrap_err();
        wrong
            .iter()
            .map(|one| (one.field.clone(), one.code()))
            .collect()
    }

    #[test]
    fn a_whole_form_is_a_version() {
        let version = form().check(date(2026, 3, 1)).unwrap();
        assert_eq!(version.content.discount_bp, 250);
        assert_eq!(version.content.lines.len(), 1);
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let wrong = VersionForm {
            as_of: "2026-03-02".into(),
            first_year: "26".into(),
            years: "41".into(),
            discount: "25".into(),
            reason: "court".into(),
            indicator: "x".into(),
            lines: String::new(),
            ..form()
        };
        let told = codes(&wrong);
        let expected = [
            ("as_of", "future"),
            ("first_year", "whole"),
            ("years", "whole"),
            ("discount", "discount"),
            ("reason", "reason"),
            ("indicator", "count"),
            ("lines", "no-line"),
        ];
        let expected: Vec<_> = expected
            .iter()
            .map(|(field, code)| ((*field).to_owned(), *code))
            .collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn a_line_outside_the_life_is_refused() {
        let wrong = VersionForm {
            years: "1".into(),
            ..form()
        };
        assert_eq!(codes(&wrong), [("lines".to_owned(), "outside")]);
    }

    #[test]
    fn a_table_without_headers_is_refused() {
        let wrong = VersionForm {
            lines: "hosting;2027;Nuage;1000".into(),
            ..form()
        };
        assert_eq!(codes(&wrong)[0], ("lines".to_owned(), "table"));
    }
}
