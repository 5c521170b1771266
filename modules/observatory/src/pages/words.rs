//! What several pages say in the same way.

use jiff::civil::Date;
use kit_acts::{Asked, Trouble, day};
use kit_http::{Cx, Failure};
use kit_ui::{Cell, Column, Composed, Tone, Words, format};
use ports::OrganisationKind;
use uuid::Uuid;

use crate::domain::Scale;
use crate::domain::{Criterion, Declaration, Declared, Figure, Level, Quarter};
use crate::store::events;
use crate::{Observatory, ObservatoryError, WORDING};

/// The name of a criterion.
pub(crate) fn criterion(words: &Words, one: Criterion) -> String {
    words.text(&format!("observatory-criterion-{}", one.code()))
}

/// The name of what is declared.
pub(crate) fn declared(words: &Words, one: Declared) -> String {
    words.text(&format!("observatory-declared-{}", one.code()))
}

/// A quarter: "3e trimestre 2026".
pub(crate) fn quarter(words: &Words, one: Quarter) -> String {
    let args = [
        ("number", i64::from(one.number()).into()),
        ("year", one.year().to_string().into()),
    ];
    words.text_with("observatory-quarter", &args)
}

/// A value in words, by its scale.
pub(crate) fn scaled(words: &Words, scale: Scale, value: i64) -> String {
    let decimal = |decimals| format::decimal(words.locale, value as f64 / 1e3, decimals);
    let with = |key: &str, number: String| words.text_with(key, &[("number", number.into())]);
    match scale {
        Scale::Score => with("observatory-score", decimal(1)),
        Scale::Share(decimals) => with("observatory-percent", decimal(decimals)),
        Scale::Seconds => with("observatory-seconds", decimal(2)),
        Scale::Count => format::count(words.locale, value),
        Scale::Choice(of) => {
            let code = usize::try_from(value)
                .ok()
                .and_then(|at| of.choices().get(at));
            code.map_or_else(
                || "—".to_owned(),
                |code| words.text(&format!("observatory-choice-{}-{code}", of.code())),
            )
        }
    }
}

/// A figure's value in words; a dash when it isn't known.
pub(crate) fn value(words: &Words, figure: &Figure) -> String {
    figure.value.map_or_else(
        || "—".to_owned(),
        |value| scaled(words, figure.criterion.scale(), value),
    )
}

/// The last day on which a declaration counts, told when it has passed.
pub(super) fn valid_until(cx: &Cx, one: &Declaration, today: Date) -> Cell {
    match one.valid_until {
        Some(until) if until < today => Cell::status(Tone::Error, format::date(cx.locale, until))
            .value(until)
            .note(cx.words().text("observatory-old")),
        until => day(cx, until),
    }
}

/// How good it is, in words.
pub(super) fn level(words: &Words, one: Level) -> String {
    words.text(&format!("observatory-level-{}", one.code()))
}

pub(super) fn tone(one: Level) -> Option<Tone> {
    match one {
        Level::Green => Some(Tone::Success),
        Level::Yellow => Some(Tone::Warning),
        Level::Red => Some(Tone::Error),
        Level::Grey | Level::Shown => None,
    }
}

/// A figure's cell: its value, and in words how good it is.
pub(super) fn cell(words: &Words, figure: Option<&Figure>) -> Cell {
    let Some(figure) = figure else {
        return Cell::unknown();
    };
    let text = value(words, figure);
    let mut cell = match tone(figure.level) {
        Some(tone) => Cell::status(tone, text),
        None => Cell::text(text),
    };
    if let Some(value) = figure.value {
        cell = cell.value(value as f64 / 1e3);
    }
    match figure.level {
        Level::Shown => cell,
        other => cell.note(level(words, other)),
    }
}

/// Columns; a name that begins with `#` is of numbers.
pub(super) fn columns(words: &Words, names: &[&str]) -> Vec<Column> {
    names
        .iter()
        .map(|name| match name.strip_prefix('#') {
            Some(name) => Column::number(words.text(&format!("observatory-column-{name}"))),
            None => Column::text(words.text(&format!("observatory-column-{name}"))),
        })
        .collect()
}

/// Ministries to choose from, after "any".
pub(super) async fn ministries(
    observatory: &Observatory,
    words: &Words,
    known: &[Uuid],
) -> Result<Vec<(String, String)>, ObservatoryError> {
    let kind = Some(OrganisationKind::Ministry);
    let all = observatory.organisations.all(kind).await?;
    let mut options = vec![(String::new(), words.text("observatory-any"))];
    let own = all.into_iter().filter(|one| known.contains(&one.id.0));
    options.extend(own.map(|one| (one.id.to_string(), one.name)));
    Ok(options)
}

/// The page of a form; when somebody changed its subject meanwhile, it says who did what.
pub(super) async fn form_page(
    observatory: &Observatory,
    cx: &Cx,
    asked: Asked,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let latest = match asked.changed(trouble) {
        Some(subject) => events::EVENTS
            .latest(&observatory.db, subject)
            .await
            .map_err(ObservatoryError::from)?,
        None => None,
    };
    Ok(WORDING.form_page(cx, asked, trouble, latest.as_ref()))
}
