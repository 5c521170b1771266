//! Amounts, decimals and mistakes in the reader's words.

use kit_ui::{Cell, Column, Locale, Table, Words, format};
use ownership::Input;

use crate::domain::calculator::{self, Unit};
use crate::domain::{Decimal, Drives, Kind, Mistake};

/// Refused cells that a page shows; correcting them brings the others.
const REFUSED_MAX: usize = 200;

/// A mistake in words, with its line and column when it is in a table.
pub(crate) fn sentence(words: &Words, mistake: &Mistake) -> String {
    let value = match mistake.value.parse::<jiff::civil::Date>() {
        Ok(day) => format::date(words.locale, day),
        Err(_) => mistake.value.clone(),
    };
    let said = words.text_with(mistake.key, &[("value", value.into())]);
    match mistake.line {
        None => said,
        Some(line) => {
            let args = [
                ("line", line.to_string().into()),
                ("column", column(words, &mistake.field).into()),
                ("said", said.into()),
            ];
            words.text_with("costs-on-line", &args)
        }
    }
}

/// The name of a column of a table of ours.
pub(super) fn column(words: &Words, code: &str) -> String {
    match code {
        "kind" | "year" | "label" | "amount" | "name" | "value" | "unit" | "source" | "low"
        | "high" | "drives" => words.text(&format!("costs-column-{code}")),
        _ => words.text("costs-column-line"),
    }
}

/// Columns of texts and of numbers (those that begin with `#`).
pub(super) fn columns(words: &Words, names: &[&str]) -> Vec<Column> {
    let column = |name: &&str| match name.strip_prefix('#') {
        Some(name) => Column::number(words.text(&format!("costs-column-{name}"))),
        None => Column::text(words.text(&format!("costs-column-{name}"))),
    };
    names.iter().map(column).collect()
}

/// What was refused of a table.
pub(super) fn refused(words: &Words, mistakes: &[Mistake]) -> Option<Table> {
    let of_tables: Vec<_> = mistakes.iter().filter(|one| one.line.is_some()).collect();
    if of_tables.is_empty() {
        return None;
    }
    let rows = of_tables.into_iter().take(REFUSED_MAX).map(|one| {
        let line = one.line.unwrap_or_default();
        let plain = Mistake {
            line: None,
            ..one.clone()
        };
        vec![
            Cell::number(line.to_string(), line),
            Cell::text(column(words, &one.field)),
            Cell::text(sentence(words, &plain)),
        ]
    });
    let caption = words.text("costs-refused");
    let columns = columns(words, &["#line", "column", "mistake"]);
    Some(
        Table::new(words, "refused", caption, columns)
            .rows(rows)
            .plain(),
    )
}

pub(super) fn kind(words: &Words, kind: Kind) -> String {
    words.text(&format!("costs-kind-{}", kind.code()))
}

pub(super) fn drives(words: &Words, drives: Drives) -> String {
    match drives {
        Drives::Kind(one) => kind(words, one),
        other => words.text(&format!("costs-drives-{}", other.code())),
    }
}

/// A decimal, exactly: "1 234,5".
pub(super) fn decimal(locale: Locale, decimal: Decimal) -> String {
    let text = decimal.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let whole = format::count(locale, whole.parse().unwrap_or(i64::MAX));
    match (part, locale) {
        ("", _) => whole,
        (part, Locale::Fr) => format!("{whole},{part}"),
        (part, Locale::En) => format!("{whole}.{part}"),
    }
}

/// A decimal with its unit.
pub(super) fn with_unit(locale: Locale, value: Decimal, unit: &str) -> String {
    let value = decimal(locale, value);
    if unit.is_empty() {
        value
    } else {
        format!("{value}{}{unit}", format::NO_BREAK)
    }
}

/// Money's cell, in full.
pub(super) fn money(words: &Words, cents: i64) -> Cell {
    Cell::number(format::euros(words.locale, cents), cents)
}

/// A change of money, with its sign.
pub(super) fn change(words: &Words, cents: i64) -> Cell {
    let sign = if cents > 0 { "+" } else { "" };
    Cell::number(
        format!("{sign}{}", format::euros(words.locale, cents)),
        cents,
    )
}

/// A value of the calculator with its unit.
pub(super) fn input_value(words: &Words, input: Input, value: i64) -> String {
    match calculator::unit(input) {
        Unit::Euros => format::euros(words.locale, value),
        Unit::Percent => with_unit(words.locale, Decimal(value.saturating_mul(10_000)), "%"),
        Unit::Whole => format::count(words.locale, value),
    }
}

/// A share of a whole as a percentage.
pub(super) fn share(words: &Words, part: i64, whole: i64) -> String {
    if whole == 0 {
        return "—".to_owned();
    }
    format::percent(words.locale, part as f64 / whole as f64)
}
