//! One indicator: what was promised, what is measured, what that says and what it can't.

use jiff::civil::Date;
use kit_http::{Cx, Failure, Page, Path, State};
use kit_journal::{Entry, Journal};
use kit_ui::{
    Actions, Cell, Chart, Column, Composed, Facts, Figure, Figures, Form, Notice, Table, Timeline,
    TimelineEvent, Tone, Words, format,
};
use uuid::Uuid;

use super::words::{self, quantity, with_unit};
use crate::access::{EDIT, OBSERVE};
use crate::domain::{Indicator, Observation};
use crate::polls::failure_sentence;
use crate::{Impact, ImpactError, Told};

/// Entries of the journal that the page shows.
const HISTORY: u32 = 50;

fn figures(words: &Words, told: &Told) -> Figures {
    let described = &told.indicator.description;
    let promise = &described.promise;
    // A short unit stands behind each figure; a longer one beside its name.
    let is_short = described.unit.chars().count() <= 3;
    let shown = |value| {
        if is_short {
            with_unit(words.locale, value, described)
        } else {
            quantity(words.locale, value)
        }
    };
    let named = |key: &str| {
        let name = words.text(key);
        if is_short {
            name
        } else {
            format!("{name} ({})", described.unit)
        }
    };
    let day = |day: Date| format::date(words.locale, day);
    let none = || "—".to_owned();
    let mut all = Vec::new();
    let standing = Figure::new(
        words.text("impact-standing"),
        words::standing(words, told.standing),
    )
    .tone(words::tone(told.standing))
    .formula(words.text("impact-formula-standing"));
    all.push(standing);
    let latest = told.indicator.latest;
    let mut figure = Figure::new(
        named("impact-column-latest"),
        latest.map_or_else(none, |figure| shown(figure.value)),
    );
    if let Some(latest) = latest {
        let quality = words.text(&format!("impact-quality-{}", latest.quality.code()));
        figure = figure.note(words.text_with(
            "impact-as-of",
            &[
                ("date", day(latest.as_of).into()),
                ("quality", quality.into()),
            ],
        ));
    }
    if let Some((low, high)) = told.reading.interval {
        let key = if told.reading.is_scatter {
            "impact-formula-scatter"
        } else {
            "impact-formula-error"
        };
        let ends = [
            ("low", words::measure(words.locale, low).into()),
            ("high", words::measure(words.locale, high).into()),
        ];
        figure = figure.formula(words.text_with(key, &ends));
    }
    all.push(figure.to("#figures"));
    let expected = Figure::new(
        named("impact-expected"),
        told.expected.map(words::rounded).map_or_else(none, shown),
    )
    .formula(words.text("impact-formula-path"));
    all.push(match latest {
        Some(latest) => {
            expected.note(words.text_with("impact-on-day", &[("date", day(latest.as_of).into())]))
        }
        None => expected,
    });
    let target = Figure::new(
        named("impact-target"),
        promise.target.map_or_else(none, shown),
    );
    all.push(match promise.due_on {
        Some(due) => target.note(words.text_with("impact-due", &[("date", day(due).into())])),
        None => target,
    });
    Figures::new(words, all)
}

fn facts(words: &Words, indicator: &Indicator) -> Facts {
    let described = &indicator.description;
    let promise = &described.promise;
    let direction = if promise.more_is_better {
        "more"
    } else {
        "less"
    };
    let baseline = promise.baseline.map_or_else(String::new, |(value, on)| {
        let value = with_unit(words.locale, value, described);
        let date = format::date(words.locale, on);
        words.text_with(
            "impact-value-on",
            &[("value", value.into()), ("date", date.into())],
        )
    });
    let threshold = promise.threshold.map_or_else(String::new, |value| {
        with_unit(words.locale, value, described)
    });
    let subject = described.origin.subject();
    Facts::default()
        .link(
            words.text("impact-column-product"),
            &indicator.product_title,
            format!("/products/{}", indicator.product_id),
        )
        .text(words.text("impact-measured"), &described.measured)
        .text(
            words.text("impact-level"),
            words::level(words, described.level),
        )
        .text(words.text("impact-unit"), &described.unit)
        .text(
            words.text("impact-direction"),
            words.text(&format!("impact-direction-{direction}")),
        )
        .text(words.text("impact-baseline"), baseline)
        .text(words.text("impact-threshold"), threshold)
        .text(
            words.text("impact-rhythm"),
            words::rhythm(words, described.rhythm),
        )
        .text(
            words.text("impact-origin"),
            words::origin(words, described.origin),
        )
        .text(
            words.text("impact-subject"),
            subject.map(|id| id.to_string()).unwrap_or_default(),
        )
        .text(words.text("impact-formula"), &described.formula)
        .text(words.text("impact-source"), &described.source)
        .text(words.text("impact-method"), &described.method)
        .text(words.text("impact-owner"), &described.owner)
}

/// One row of the series: a day, its figure if there is one, what was expected.
struct Row<'t> {
    on: Date,
    figure: Option<&'t Observation>,
    told: String,
}

fn rows<'t>(words: &Words, told: &'t Told) -> Vec<Row<'t>> {
    let mut rows: Vec<Row<'t>> = told
        .figures
        .iter()
        .map(|row| Row {
            on: row.as_of,
            figure: Some(row),
            told: String::new(),
        })
        .collect();
    for gap in &told.gaps {
        rows.push(Row {
            on: gap.from,
            figure: None,
            told: words.count("impact-gap", gap.periods),
        });
    }
    rows.sort_by_key(|row| (row.on, row.figure.is_none()));
    rows
}

fn series(page: Composed, words: &Words, told: &Told, may_correct: bool) -> Composed {
    let indicator = &told.indicator;
    let described = &indicator.description;
    let promise = &described.promise;
    let mut columns = vec![
        Column::text(words.text("impact-date")),
        Column::number(words.text("impact-value")),
        Column::number(words.text("impact-expected")),
        Column::number(words.text("impact-error")),
        Column::text(words.text("impact-quality")),
        Column::text(words.text("impact-source")),
        Column::text(words.text("impact-gaps")),
    ];
    if may_correct {
        columns.push(Column::text(words.text("impact-correct")));
    }
    let number = |value| Cell::number(quantity(words.locale, value), value);
    let rows = rows(words, told);
    let cells = rows.iter().map(|row| {
        let expected = promise.expected(row.on).map(words::rounded);
        let expected = expected.map_or_else(Cell::unknown, number);
        let figure = row.figure;
        let value = figure.and_then(|row| row.value);
        let error = figure.and_then(|row| row.standard_error);
        let mut cells = vec![
            Cell::text(format::date(words.locale, row.on)).value(row.on),
            value.map_or_else(Cell::unknown, number),
            expected,
            error.map_or_else(Cell::unknown, number),
            figure.map_or_else(Cell::unknown, |row| {
                Cell::text(words.text(&format!("impact-quality-{}", row.quality.code())))
            }),
            figure.map_or_else(Cell::unknown, |row| {
                Cell::text(words::source(words, &row.source)).note(&row.author)
            }),
            Cell::text(&row.told),
        ];
        if may_correct {
            cells.push(figure.map_or_else(Cell::unknown, |row| {
                let href = format!(
                    "/indicators/{}/observations/{}/correct",
                    indicator.id, row.number
                );
                let day = format::date(words.locale, row.as_of);
                let label = words.text_with("impact-correct-of", &[("date", day.into())]);
                Cell::link(label, href)
            }));
        }
        cells
    });
    let caption = words.text_with(
        "impact-figures-caption",
        &[("unit", described.unit.as_str().into())],
    );
    let table = Table::new(words, "figures", caption, columns)
        .rows(cells.collect::<Vec<_>>())
        .empty(words.text("impact-figures-none"));
    let page = page.heading(words.text("impact-figures"));
    let page = if told.figures.len() < 2 {
        page
    } else {
        let version = [("version", measure::FORMULA_VERSION.into())];
        page.with(
            Chart::new(
                "line",
                "figures",
                words.text("impact-figures-chart"),
                words.text_with("impact-formula-version", &version),
            )
            .setting("x", 0)
            .setting("y", 1)
            .setting("breaks", 6),
        )
    };
    let page = if told.is_cut {
        page.text(words.text("impact-figures-cut"))
    } else {
        page
    };
    page.with(table)
}

fn corrections(words: &Words, told: &Told) -> Option<Table> {
    if told.corrections.is_empty() {
        return None;
    }
    let columns = ["date", "value", "corrects", "reason", "author"]
        .map(|key| Column::text(words.text(&format!("impact-{key}"))));
    let rows = told.corrections.iter().map(|row| {
        vec![
            Cell::text(format::date(words.locale, row.as_of)).value(row.as_of),
            row.value.map_or_else(
                || Cell::text(words.text("impact-withdrawn")),
                |value| Cell::text(quantity(words.locale, value)),
            ),
            Cell::text(
                row.corrects
                    .map(|number| number.to_string())
                    .unwrap_or_default(),
            ),
            Cell::text(words::reason(words, &row.reason)),
            Cell::text(&row.author).note(format::instant(words.locale, row.recorded_at)),
        ]
    });
    let caption = words.text("impact-corrections");
    Some(Table::new(words, "corrections", caption, columns.into()).rows(rows.collect::<Vec<_>>()))
}

/// What changed in a promise, in words: the fields whose value differs.
fn changed(words: &Words, entry: &Entry) -> String {
    let (Some(before), Some(after)) = (&entry.before, &entry.after) else {
        return String::new();
    };
    let Some(after) = after.as_object() else {
        return String::new();
    };
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::Null => "—".to_owned(),
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(parts) => parts
            .iter()
            .filter_map(serde_json::Value::as_str)
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    };
    let fields = [
        ("baseline", "impact-baseline"),
        ("target", "impact-target"),
        ("due_on", "impact-due-on"),
        ("threshold", "impact-threshold"),
        ("name", "impact-column-name"),
        ("unit", "impact-unit"),
        ("formula", "impact-formula"),
        ("method", "impact-method"),
        ("source", "impact-source"),
        ("owner", "impact-owner"),
        ("rhythm", "impact-rhythm"),
        ("level", "impact-level"),
        ("measured", "impact-measured"),
        ("origin", "impact-origin"),
    ];
    let differs = fields.into_iter().filter_map(|(field, key)| {
        let (was, is) = (&before[field], after.get(field)?);
        (was != is).then(|| {
            let args = [
                ("field", words.text(key).into()),
                ("before", text(was).into()),
                ("after", text(is).into()),
            ];
            words.text_with("impact-changed", &args)
        })
    });
    differs.collect::<Vec<_>>().join(" ")
}

fn history(words: &Words, entries: &[Entry]) -> Timeline {
    let events = entries.iter().filter_map(|entry| {
        let verb = entry.action.strip_prefix("impact.indicator.")?;
        Some(TimelineEvent {
            when: format::instant(words.locale, entry.at),
            datetime: entry.at.to_string(),
            title: words.text(&format!("impact-history-{verb}")),
            detail: [entry.actor_name.clone(), changed(words, entry)]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(". "),
            tone: None,
            href: None,
        })
    });
    Timeline {
        events: events.collect(),
        empty: words.text("impact-history-none"),
    }
}

pub(crate) async fn show(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let told = impact.told(id).await?;
    let indicator = &told.indicator;
    let may = |permission| cx.actor.may(permission, indicator.ministry_id);
    let (may_edit, may_observe) = (may(&EDIT), may(&OBSERVE));
    let by_hand = !indicator.description.origin.is_automatic();
    let mut actions = Vec::new();
    if may_observe && indicator.in_use && by_hand {
        actions.push((
            words.text("impact-observe"),
            format!("/indicators/{id}/observations/new"),
        ));
        actions.push((
            words.text("impact-import"),
            format!("/indicators/{id}/import"),
        ));
    }
    if may_edit {
        actions.push((words.text("impact-edit"), format!("/indicators/{id}/edit")));
        if by_hand {
            actions.push((words.text("impact-key"), format!("/indicators/{id}/key")));
            actions.push((words.text("impact-poll"), format!("/indicators/{id}/poll")));
        }
    }
    let product = indicator.product_id;
    let shell = cx
        .shell(&indicator.description.name)
        .lead(&indicator.description.measured)
        .crumb(words.text("impact-indicators"), "/indicators")
        .crumb(
            &indicator.product_title,
            format!("/products/{product}/indicators"),
        )
        .with_charts();
    let mut page = Composed::new(shell.clone());
    if !indicator.in_use {
        let retired = words.text("impact-retired-text");
        page = page.with(Notice::new(
            Tone::Warning,
            words.text("impact-retired"),
            retired,
        ));
    }
    page = page
        .maybe((!actions.is_empty()).then_some(Actions(actions)))
        .with(figures(&words, &told));
    if !told.doubts.is_empty() {
        page = page.heading(words.text("impact-doubts"));
        let said = told
            .doubts
            .iter()
            .map(|doubt| words.text(&format!("impact-doubt-{}", doubt.code())));
        for sentence in said {
            page = page.text(sentence);
        }
    }
    if let Some(trend) = told.reading.trend {
        let year = |value: f64| words::measure(words.locale, value * 365.25);
        let args = [
            ("unit", indicator.description.unit.as_str().into()),
            ("year", year(trend.per_day.estimate).into()),
            ("low", year(trend.per_day.low).into()),
            ("high", year(trend.per_day.high).into()),
        ];
        page = page
            .heading(words.text("impact-trend"))
            .text(words.text_with("impact-trend-text", &args));
    }
    let compare = words.text("impact-compare");
    page = series(page, &words, &told, may_observe)
        .link(compare, format!("/indicators/{id}/compare"))
        .maybe(corrections(&words, &told))
        .heading(words.text("impact-described"))
        .with(facts(&words, indicator));
    if let Some(poll) = impact.poll(id).await? {
        page = page
            .heading(words.text("impact-poll"))
            .maybe((poll.failures > 0).then(|| {
                let said = poll.failure.as_ref();
                let said = said.map(|(_, failure)| failure_sentence(&words, failure));
                let title = words.text("impact-poll-fails");
                Notice::new(Tone::Warning, title, said.unwrap_or_default())
            }))
            .with(super::poll::facts(&words, indicator, &poll));
    }
    let entries = Journal::of_subject(&impact.db, "indicator", id, None, HISTORY)
        .await
        .map_err(ImpactError::from)?;
    page = page
        .heading(words.text("impact-history"))
        .with(history(&words, &entries));
    if may_edit {
        let (label, to) = if indicator.in_use {
            ("impact-retire", "no")
        } else {
            ("impact-restore", "yes")
        };
        let form = Form::post(&shell, format!("/indicators/{id}/use"), words.text(label))
            .hidden("version", indicator.version.to_string())
            .hidden("in_use", to)
            .inline();
        page = page.with(form);
    }
    Ok(Page(page))
}
