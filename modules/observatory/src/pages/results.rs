//! What a procedure's users say, for its team: figures as they stand, by month, comments.

use kit_acts::{Asked, Trouble, address, conclude};
use kit_http::{Cx, Failure, Fields, Page, Path, Query, Response, State, optional};
use kit_ui::{Cell, Chart, Composed, Field, Form, Pages, Table, Tone, Words, format};
use serde::Deserialize;
use uuid::Uuid;

use super::procedure::figures;
use super::words::{columns, form_page, scaled};
use crate::access::EDIT;
use crate::domain::{Satisfaction, Scale, Tally};
use crate::reading::{ReviewFilter, after, before};
use crate::{Observatory, StoredReview, WORDING};

/// Reviews on one page.
const PAGE_ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ResultsQuery {
    #[serde(default)]
    satisfaction: String,
    #[serde(default)]
    comment: String,
    #[serde(default)]
    after: String,
}

fn satisfaction(words: &Words, one: Satisfaction) -> Cell {
    let tone = match one {
        Satisfaction::Good => Tone::Success,
        Satisfaction::Medium => Tone::Warning,
        Satisfaction::Bad => Tone::Error,
    };
    Cell::status(
        tone,
        words.text(&format!("observatory-satisfaction-{}", one.code())),
    )
}

fn row(cx: &Cx, one: &StoredReview, may_edit: bool) -> Vec<Cell> {
    let words = cx.words();
    let details = &one.answers.details;
    let of = |what: &str, code: Option<String>| {
        code.map_or_else(Cell::unknown, |code| {
            Cell::text(words.text(&format!("observatory-{what}-{code}")))
        })
    };
    let comment = match (details.comment.as_str(), one.erased_on) {
        ("", Some(on)) => {
            let args = [("date", format::date(cx.locale, on).into())];
            Cell::text(words.text_with("observatory-erased", &args))
        }
        ("", None) => Cell::unknown(),
        (text, _) => Cell::text(text),
    };
    let mut row = vec![
        Cell::text(format::instant(cx.locale, one.given_at)).value(one.given_at),
        satisfaction(&words, one.answers.satisfaction),
        of("ease", details.ease.map(|n| n.to_string())),
        of("help", details.help.map(|help| help.code().to_owned())),
        comment,
    ];
    if may_edit {
        row.push(if details.comment.is_empty() {
            Cell::unknown()
        } else {
            let href = format!("/observatory/reviews/{}/erase", one.id);
            Cell::link(words.text("observatory-erase"), href)
        });
    }
    row
}

fn by_month(words: &Words, all: &[(jiff::civil::Date, Tally)]) -> Table {
    let score = |value: Option<i64>| {
        value.map_or_else(Cell::unknown, |value| {
            let text = scaled(words, Scale::Score, value);
            Cell::number(text, value as f64 / 1e3)
        })
    };
    let count = |number: i64| Cell::number(format::count(words.locale, number), number);
    let rows = all.iter().map(|(month, tally)| {
        vec![
            Cell::text(format::month(words.locale, *month)).value(*month),
            score(tally.satisfaction()),
            count(tally.reviews()),
            count(tally.good),
            count(tally.medium),
            count(tally.bad),
            score(tally.simplicity()),
        ]
    });
    let names = [
        "month",
        "#satisfaction",
        "#reviews",
        "#good",
        "#medium",
        "#bad",
        "#simplicity",
    ];
    let caption = words.text("observatory-by-month");
    Table::new(words, "months", caption, columns(words, &names))
        .rows(rows)
        .empty(words.text("observatory-by-month-empty"))
}

pub(super) async fn show(
    State(observatory): State<Observatory>,
    cx: Cx,
    Path(id): Path<Uuid>,
    Query(query): Query<ResultsQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let filter = ReviewFilter {
        satisfaction: optional("satisfaction", &query.satisfaction, Satisfaction::parse)?,
        is_commented: optional("comment", &query.comment, |text| {
            (text == "yes").then_some(true)
        })?
        .unwrap_or_default(),
    };
    let results = observatory.results(&cx.actor, id).await?;
    let one = observatory.procedure(id).await?;
    let before = before(&query.after);
    let mut found = observatory
        .reviews(&cx.actor, id, filter, before, PAGE_ROWS + 1)
        .await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let here = format!("/observatory/procedures/{id}/results");
    let pairs = [
        ("satisfaction", query.satisfaction.as_str()),
        ("comment", query.comment.as_str()),
    ];
    let next = found.last().filter(|_| more).map(|last| {
        let after = after(last);
        address(&here, &[pairs[0], pairs[1], ("after", &after)])
    });
    let previous = (!query.after.is_empty()).then(|| address(&here, &pairs));
    let may_edit = cx.actor.may(&EDIT, one.ministry);
    let mut names = vec!["given", "satisfaction", "ease", "help", "comment"];
    if may_edit {
        names.push("act");
    }
    let reviews = Table::new(
        &words,
        "reviews",
        words.text("observatory-reviews"),
        columns(&words, &names),
    )
    .rows(found.iter().map(|one| row(&cx, one, may_edit)))
    .pages(Pages { previous, next })
    .empty(words.text("observatory-reviews-empty"));
    let kinds: Vec<&str> = Satisfaction::ALL.iter().map(|one| one.code()).collect();
    let comments = vec![
        (String::new(), words.text("observatory-any")),
        ("yes".to_owned(), words.text("observatory-commented-only")),
    ];
    let filters = Form::filters(&here, words.text("observatory-filter")).fields([
        Field::select(
            "satisfaction",
            WORDING.label(&words, "how"),
            WORDING.any_of(&words, "observatory-satisfaction-", &kinds),
        )
        .value(&query.satisfaction),
        Field::select("comment", WORDING.label(&words, "comments"), comments).value(&query.comment),
    ]);
    let shell = cx
        .shell(words.text("observatory-results"))
        .lead(words.text("observatory-results-lead"))
        .crumb(
            words.text("observatory-procedures"),
            "/observatory/procedures",
        )
        .crumb(&one.procedure.name, format!("/observatory/procedures/{id}"))
        .with_charts();
    let caption = words.text("observatory-by-month-chart");
    let chart = Chart::new("line", "months", caption, words.text("observatory-source"));
    let chart = (results.months.len() > 1).then_some(chart);
    let now = words.text("observatory-figures-now");
    Ok(Page(
        Composed::new(shell)
            .with(figures(&words, "figures", now, &results.figures))
            .maybe(chart)
            .with(by_month(&words, &results.months))
            .with(filters)
            .with(reviews),
    ))
}

async fn erase_page(
    observatory: &Observatory,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (one, procedure) = observatory.readable_review(&cx.actor, id).await?;
    cx.actor.demand(&EDIT, procedure.ministry)?;
    let back = format!("/observatory/procedures/{}/results", procedure.id);
    let asked = Asked {
        title: words.text("observatory-erase"),
        lead: words.text("observatory-erase-lead"),
        crumb: (words.text("observatory-results"), back),
        action: format!("/observatory/reviews/{id}/erase"),
        submit: words.text("observatory-erase"),
        fields: vec![
            Field::section(words.text("observatory-erase-what")).hint(&one.answers.details.comment),
            Field::text("reason", WORDING.label(&words, "reason"))
                .hint(words.text("observatory-hint-reason"))
                .value(fields.text("reason"))
                .length_max(500)
                .required(),
        ],
        version: None,
        subject: None,
        hidden: Vec::new(),
    };
    form_page(observatory, cx, asked, trouble).await
}

pub(super) async fn show_erase(
    State(observatory): State<Observatory>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let nothing = Fields::default();
    erase_page(&observatory, &cx, id, &nothing, &Trouble::default())
        .await
        .map(Page)
}

pub(super) async fn erase(
    State(observatory): State<Observatory>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let done = observatory
        .erase_comment(&cx.actor, id, fields.text("reason"))
        .await;
    let to = |procedure| format!("/observatory/procedures/{procedure}/results");
    conclude(done, to, async |trouble| {
        erase_page(&observatory, &cx, id, &fields, &trouble).await
    })
    .await
}
