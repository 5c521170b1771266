//! What anybody reads: opinions, what became of their recommendations, decisions.

use kit_acts::{cursor, day, day_text, place, short};
use kit_http::{Cx, Failure, Page, Path, Query, State};
use kit_ui::{Actions, Cell, Composed, Facts, Table, format};
use serde::Deserialize;
use uuid::Uuid;

use super::decisions::{facts as decision_facts, figures, kind};
use super::reviews::axes;
use super::words::{due, opinion, status};
use crate::reading::latest_first;
use crate::{Steering, WORDING};

/// Rows of each table.
const PAGE_ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    reviews: String,
    #[serde(default)]
    decisions: String,
    #[serde(default)]
    conferences: String,
}

pub(super) async fn list(
    State(steering): State<Steering>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let here = "/steering/published";
    let before = place(&query.reviews, latest_first());
    let reviews = steering.published_reviews(before, PAGE_ROWS).await?;
    let before = place(&query.decisions, latest_first());
    let decisions = steering.published_decisions(before, PAGE_ROWS).await?;
    let older = |name: &str, count: usize, last: Option<(jiff::civil::Date, Uuid)>| {
        let (on, id) = last.filter(|_| count == PAGE_ROWS as usize)?;
        Some(format!("{here}?{name}={}", cursor(on, id)))
    };
    let last = reviews.last().and_then(|one| {
        let planned = one.publication.as_ref()?;
        Some((planned.on, one.id))
    });
    let next = older("reviews", reviews.len(), last);
    let rows = reviews.iter().map(|one| {
        let href = format!("{here}/reviews/{}", one.id);
        vec![
            Cell::link(&one.product_title, href),
            Cell::text(words.text(&format!("steering-kind-{}", one.kind.code()))),
            opinion(&words, one),
            day(&cx, one.ended_on),
        ]
    });
    let names = ["product", "kind", "opinion", "ended"];
    let caption = words.text("steering-published-reviews");
    let of_reviews = Table::new(&words, "reviews", caption, WORDING.columns(&words, &names))
        .rows(rows)
        .pages(kit_ui::Pages {
            previous: (!query.reviews.is_empty()).then(|| here.to_owned()),
            next,
        })
        .empty(words.text("steering-nothing-published"));
    let last = decisions.last().and_then(|one| {
        let planned = one.publication.as_ref()?;
        Some((planned.on, one.id))
    });
    let next = older("decisions", decisions.len(), last);
    let rows = decisions.iter().map(|one| {
        let href = format!("{here}/decisions/{}", one.id);
        vec![
            Cell::link(&one.product_title, href),
            kind(&cx, one.kind),
            day(&cx, Some(one.on)),
            Cell::text(short(&one.next)),
        ]
    });
    let names = ["product", "decision", "decided", "next"];
    let caption = words.text("steering-published-decisions");
    let of_decisions = Table::new(
        &words,
        "decisions",
        caption,
        WORDING.columns(&words, &names),
    )
    .rows(rows)
    .pages(kit_ui::Pages {
        previous: (!query.decisions.is_empty()).then(|| here.to_owned()),
        next,
    })
    .empty(words.text("steering-nothing-published"));
    let before = place(&query.conferences, latest_first());
    let found = steering.published_conferences(before, PAGE_ROWS).await?;
    let last = found.last().and_then(|one| {
        let planned = one.publication.as_ref()?;
        Some((planned.on, one.id))
    });
    let next = older("conferences", found.len(), last);
    let rows = found.iter().map(|one| {
        let href = format!("{here}/conferences/{}", one.id);
        let kind = format!("steering-conference-kind-{}", one.kind.code());
        vec![
            Cell::link(&one.ministry_name, href),
            Cell::text(words.text(&kind)),
            day(&cx, Some(one.life.day)),
        ]
    });
    let names = ["ministry", "kind", "day"];
    let caption = words.text("steering-published-conferences");
    let of_conferences = Table::new(
        &words,
        "conferences",
        caption,
        WORDING.columns(&words, &names),
    )
    .rows(rows)
    .pages(kit_ui::Pages {
        previous: (!query.conferences.is_empty()).then(|| here.to_owned()),
        next,
    })
    .empty(words.text("steering-nothing-published"));
    let shell = cx
        .shell(words.text("steering-published"))
        .lead(words.text("steering-published-lead"));
    Ok(Page(
        Composed::new(shell)
            .with(of_reviews)
            .with(of_decisions)
            .with(of_conferences),
    ))
}

pub(super) async fn review(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let (one, given) = steering.published_review(id).await?;
    let name = |key: &str| words.text(&format!("steering-fact-{key}"));
    let product = format!("/steering/published/products/{}", one.product);
    let mut facts = Facts::default()
        .link(name("product"), &one.product_title, product)
        .text(
            name("kind"),
            words.text(&format!("steering-kind-{}", one.kind.code())),
        )
        .text(name("opinion"), opinion(&words, &one).text)
        .text(name("received"), day_text(&cx, one.received_on))
        .text(name("ended"), day_text(&cx, one.ended_on));
    if let Some(cents) = one.foreseen_cents {
        facts = facts.text(name("foreseen"), format::millions(cx.locale, cents));
    }
    if let Some(planned) = &one.publication {
        let text = WORDING.publication(&cx, planned, steering.source.today());
        facts = facts.text(name("publication"), text);
    }
    let rows = given.iter().map(|one| {
        let reoriented = match one.reoriented {
            Some(answer) => words.text(&format!("steering-reoriented-{}", answer.code())),
            None => words.text("steering-reoriented-unknown"),
        };
        vec![
            Cell::text(&one.text),
            Cell::text(words.text(&format!("steering-axis-{}", one.axis.code()))),
            due(&cx, one),
            status(&words, one),
            Cell::text(reoriented).note(&one.reoriented_how),
        ]
    });
    let names = ["recommendation", "axis", "due", "status", "reoriented"];
    let caption = words.text("steering-recommendations");
    let table = Table::new(
        &words,
        "recommendations",
        caption,
        WORDING.columns(&words, &names),
    )
    .rows(rows)
    .empty(words.text("steering-recommendations-empty"));
    let title = words.text_with(
        &format!("steering-review-of-{}", one.kind.code()),
        &[("product", one.product_title.as_str().into())],
    );
    let shell = cx
        .shell(title)
        .crumb(words.text("steering-published"), "/steering/published");
    let file = Actions(vec![(
        words.text("steering-opinion-pdf"),
        format!("/steering/published/reviews/{id}/opinion.pdf"),
    )]);
    let mut page = Composed::new(shell).with(facts).with(file);
    if let Some(verdict) = &one.verdict {
        page = page.text(&verdict.summary).maybe(axes(&cx, &one));
    }
    Ok(Page(page.with(table)))
}

pub(super) async fn decision(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let one = steering.published_decision(id).await?;
    let mut facts = decision_facts(&cx, &one);
    if let Some(planned) = &one.publication {
        let text = WORDING.publication(&cx, planned, steering.source.today());
        facts = facts.text(words.text("steering-fact-publication"), text);
    }
    let shell = cx
        .shell(words.text("steering-decision"))
        .lead(&one.product_title)
        .crumb(words.text("steering-published"), "/steering/published");
    Ok(Page(
        Composed::new(shell).with(facts).with(figures(&cx, &one)),
    ))
}
