//! What a person fills in of a version: checked whole, every mistake told at once, nothing lost.

use jiff::civil::Date;
use ownership::{DISCOUNT_BP_MAX, YEARS_MAX};
use tabular::Cell;

use super::tables::{self, LINES_MAX};
use super::{Assumption, Content, Count, CountOf, Decimal, Line, Mistake};

/// Shortest and longest reason of a version, in characters.
pub const REASON_CHARS: std::ops::RangeInclusive<usize> = 10..=1_000;

/// A line, as it is typed in a row of fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineForm {
    /// A kind's code or name.
    pub kind: String,
    /// Its year.
    pub year: String,
    /// What it is; may be empty.
    pub label: String,
    /// Euros.
    pub amount: String,
}

impl LineForm {
    /// The row of a line.
    pub fn of(line: &Line) -> Self {
        Self {
            kind: line.kind.code().to_owned(),
            year: line.year.to_string(),
            label: line.label.clone(),
            amount: tables::euros(line.cents),
        }
    }

    /// Whether nothing was typed.
    pub fn is_blank(&self) -> bool {
        let all = [&self.kind, &self.year, &self.label, &self.amount];
        all.iter().all(|text| text.trim().is_empty())
    }
}

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
    /// The lines, each in a row of fields; those that are blank count for nothing.
    pub rows: Vec<LineForm>,
    /// The table of lines, in place of the rows; empty when there is none.
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
        let unreadable =
            |field: &str, error| vec![Mistake::new(field, "costs-mistake-table", error)];
        let (lines, places) = if self.lines.trim().is_empty() {
            let (lines, places, wrong) = tables::typed(&self.rows);
            mistakes.extend(wrong);
            if self.rows.len() > LINES_MAX {
                mistakes.push(Mistake::new("lines", "costs-mistake-no-line", LINES_MAX));
            }
            (lines, places)
        } else {
            let told = tables::lines(self.lines.as_bytes());
            let (lines, wrong) =
                told.unwrap_or_else(|error| (Vec::new(), unreadable("lines", error)));
            mistakes.extend(wrong);
            (lines, Vec::new())
        };
        // A table of headers alone holds nothing.
        let assumptions = match self.assumptions.trim().lines().count() {
            0 | 1 => Vec::new(),
            _ => {
                let told = tables::assumptions(self.assumptions.as_bytes());
                let (all, wrong) =
                    told.unwrap_or_else(|error| (Vec::new(), unreadable("assumptions", error)));
                mistakes.extend(wrong);
                all
            }
        };
        self.with((lines, &places), assumptions, mistakes, today)
    }

    /// The same with lines and assumptions that were read already, and their mistakes. Beside lines that
    /// were typed stands the row of each.
    pub fn with(
        &self,
        (lines, places): (Vec<Line>, &[u64]),
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
            let is_outside = |line: &Line| line.year < first || i32::from(line.year) > last;
            for (at, line) in lines
                .iter()
                .enumerate()
                .filter(|(_, line)| is_outside(line))
            {
                let value = format!("{} ({first} – {last})", line.year);
                let key = "costs-mistake-outside";
                let Some(place) = places.get(at) else {
                    // Of a table, one is told.
                    reader.wrong("lines", key, value);
                    break;
                };
                reader
                    .0
                    .push(Mistake::new("year", key, value).on_line(*place));
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

    fn row(kind: &str, year: &str, label: &str, amount: &str) -> LineForm {
        let [kind, year, label, amount] = [kind, year, label, amount].map(str::to_owned);
        LineForm {
            kind,
            year,
            label,
            amount,
        }
    }

    #[test]
    fn rows_say_what_a_table_says() {
        let typed = VersionForm {
            rows: vec![
                LineForm::default(),
                row("hosting", "2027", " Nuage ", "1 000"),
                LineForm::default(),
            ],
            lines: String::new(),
            ..form()
        };
        let day = date(2026, 3, 1);
        let version = typed.check(day).unwrap();
        assert_eq!(version, form().check(day).unwrap());
        let again = LineForm::of(&version.content.lines[0]);
        assert_eq!(again, row("hosting", "2027", "Nuage", "1000"));
    }

    #[test]
    fn each_mistake_is_on_its_row() {
        let wrong = VersionForm {
            rows: vec![
                row("hosting", "2035", "Nuage", "1000"),
                LineForm::default(),
                row("", "27", &"x".repeat(201), "12 USD"),
                row("hosting", "", "", ""),
            ],
            lines: String::new(),
            ..form()
        };
        let told: Vec<_> = wrong.check(date(2026, 3, 1)).unwrap_err();
        let told: Vec<_> = told
            .iter()
            .map(|one| (one.line, one.field.as_str(), one.code()))
            .collect();
        let expected = [
            (Some(3), "kind", "missing"),
            (Some(3), "year", "year"),
            (Some(3), "label", "long"),
            (Some(3), "amount", "currency"),
            (Some(4), "year", "missing"),
            (Some(4), "amount", "missing"),
            (Some(1), "year", "outside"),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn rows_have_a_limit() {
        let of = |rows: usize| VersionForm {
            rows: vec![LineForm::default(); rows],
            lines: String::new(),
            ..form()
        };
        for rows in [0, 3, LINES_MAX + 1] {
            assert_eq!(
                codes(&of(rows)),
                [("lines".to_owned(), "no-line")],
                "{rows}"
            );
        }
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
