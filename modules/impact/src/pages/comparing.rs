//! Before and after a day, with and without: what changed, and how sure that is.

use kit_http::{Cx, Failure, Page, Path, Query, State};
use kit_ui::{Composed, Facts, Field, Form, Notice, Tone, Words, format};
use measure::{Effect, TooLittle};
use serde::Deserialize;
use uuid::Uuid;

use super::{shell, words};
use crate::Impact;
use crate::domain::{Comparison, Indicator, compare, day_of};

/// Other indicators that the page offers.
const OTHERS_MAX: u32 = 200;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct CompareQuery {
    #[serde(default, rename = "from-day")]
    day: String,
    #[serde(default, rename = "from-month")]
    month: String,
    #[serde(default, rename = "from-year")]
    year: String,
    #[serde(default)]
    other: String,
}

/// What an effect says, in a sentence.
fn sentence(words: &Words, effect: &Result<Effect, TooLittle>, unit: &str) -> (Tone, String) {
    match effect {
        Err(why) => {
            let key = format!("impact-compare-{}", why.code());
            (Tone::Info, words.text(&key))
        }
        Ok(effect) => {
            let found = effect.difference;
            let shown = |value| words::measure(words.locale, value);
            let args = [
                ("value", shown(found.estimate).into()),
                ("low", shown(found.low).into()),
                ("high", shown(found.high).into()),
                ("unit", unit.into()),
            ];
            let key = if found.holds(0.0) {
                "impact-compare-nothing"
            } else {
                "impact-compare-change"
            };
            (Tone::Info, words.text_with(key, &args))
        }
    }
}

fn shown(mut page: Composed, words: &Words, found: &Comparison, unit: &str) -> Composed {
    let (tone, text) = sentence(words, &found.alone, unit);
    let title = words.text("impact-compare-alone");
    page = page.with(Notice::new(tone, title, text));
    if let Some(beside) = &found.beside {
        let (tone, text) = sentence(words, beside, unit);
        let title = words.text("impact-compare-beside");
        page = page.with(Notice::new(tone, title, text));
    }
    let count = |at: usize| {
        let number = i64::try_from(found.counted[at]).unwrap_or(i64::MAX);
        format::count(words.locale, number)
    };
    let mut facts = Facts::default()
        .text(words.text("impact-compare-before"), count(0))
        .text(words.text("impact-compare-after"), count(1));
    if found.beside.is_some() {
        facts = facts
            .text(words.text("impact-compare-other-before"), count(2))
            .text(words.text("impact-compare-other-after"), count(3));
    }
    let version = [("version", measure::FORMULA_VERSION.into())];
    page.with(facts)
        .text(words.text("impact-compare-caution"))
        .text(words.text_with("impact-compare-formula", &version))
}

/// The others that are told in the same unit and rhythm: of the same ministry first in lists.
async fn others(impact: &Impact, own: &Indicator) -> Result<Vec<(String, String)>, Failure> {
    let filter = crate::ListFilter {
        ministry_id: own.ministry_id,
        ..crate::ListFilter::default()
    };
    let page = impact.list(&filter, None, OTHERS_MAX).await?;
    let alike = page.indicators.into_iter().filter(|one| {
        one.id != own.id
            && one.description.unit == own.description.unit
            && one.description.rhythm == own.description.rhythm
    });
    Ok(alike
        .map(|one| {
            let name = format!("{} — {}", one.product_title, one.description.name);
            (one.id.to_string(), name)
        })
        .collect())
}

pub(crate) async fn show(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
    Query(query): Query<CompareQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let own = impact.indicator(id).await?;
    let unit = own.description.unit.as_str();
    let typed = [query.day.trim(), query.month.trim(), query.year.trim()];
    let is_asked = typed.iter().any(|part| !part.is_empty());
    let from = day_of(&typed.join("/"));
    let other = match query.other.trim() {
        "" => None,
        text => Some(text.parse().map_err(|_| Failure::NotFound)?),
    };
    let other = match other {
        Some(other) => Some(impact.indicator(other).await?),
        None => None,
    };
    let other_wrong = other
        .as_ref()
        .filter(|other| other.id == own.id || other.description.unit != own.description.unit)
        .map(|_| words.text_with("impact-mistake-unit-differs", &[("value", unit.into())]));
    let day_wrong = (is_asked && from.is_none()).then(|| words.text("impact-mistake-date"));
    let mut options = vec![(String::new(), words.text("impact-compare-none"))];
    options.extend(others(&impact, &own).await?);
    let mut shell = shell(&cx, words.text("impact-compare"), &own);
    shell.mistaken = day_wrong.is_some() || other_wrong.is_some();
    let is_right = !shell.mistaken;
    let form = Form::filters(
        format!("/indicators/{id}/compare"),
        words.text("impact-compare-submit"),
    )
    .field(
        Field::date_typed(
            &words,
            "from",
            words.text("impact-compare-from"),
            typed.map(str::to_owned),
        )
        .error(day_wrong),
    )
    .field(
        Field::select("other", words.text("impact-compare-other"), options)
            .value(query.other.trim())
            .error(other_wrong),
    );
    let mut page = Composed::new(shell)
        .text(words.text("impact-compare-lead"))
        .with(form.summary(&words));
    if let Some(from) = from.filter(|_| is_right) {
        let figures = impact.figures(own.id).await?;
        let beside = match &other {
            Some(other) => Some(impact.figures(other.id).await?),
            None => None,
        };
        let found = compare(&figures, beside.as_deref(), from);
        page = page.heading(words.text_with(
            "impact-compare-since",
            &[("date", format::date(words.locale, from).into())],
        ));
        page = shown(page, &words, &found, unit);
    }
    Ok(Page(page))
}
