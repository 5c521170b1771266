//! A product as anybody reads it: what was said of it, decided, signed and done, in one timeline.

use kit_acts::pair;
use kit_http::{Cx, Failure, Page, Path, State};
use kit_ui::{Cell, Composed, Table};
use ports::{ActEntry, Audience};
use uuid::Uuid;

use super::words::{due, opinion, status, timeline_with};
use crate::publications::PublishedProduct;
use crate::store::recommendations::Recommendation;
use crate::{Steering, WORDING};

/// Opinions and decisions as entries of the timeline.
fn entries(cx: &Cx, published: &PublishedProduct) -> Vec<ActEntry> {
    let words = cx.words();
    let opinions = published.reviews.iter().filter_map(|(one, _)| {
        let kind = words.text(&format!("steering-kind-{}", one.kind.code()));
        Some(ActEntry {
            on: one.ended_on?,
            what: pair(&words, &kind, &opinion(&words, one).text),
            detail: one
                .verdict
                .as_ref()
                .map(|verdict| verdict.summary.clone())
                .unwrap_or_default(),
            by: None,
            href: format!("/steering/published/reviews/{}", one.id),
        })
    });
    let decisions = published.decisions.iter().map(|one| ActEntry {
        on: one.on,
        what: words.text(&format!("steering-event-decision-{}", one.kind.code())),
        detail: one.reasons.clone(),
        by: None,
        href: format!("/steering/published/decisions/{}", one.id),
    });
    opinions.chain(decisions).collect()
}

pub(super) async fn show(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let published = steering.published_product(id).await?;
    let today = steering.source.today();
    let mut all = entries(&cx, &published);
    all.extend(
        steering
            .acts_timeline(published.id, Audience::Everybody, cx.locale, today)
            .await?,
    );
    let of_reviews = published.reviews.iter().flat_map(|(_, given)| given);
    let row = |one: &Recommendation| {
        let reoriented = match one.reoriented {
            Some(answer) => words.text(&format!("steering-reoriented-{}", answer.code())),
            None => words.text("steering-reoriented-unknown"),
        };
        vec![
            Cell::text(&one.text),
            due(&cx, one),
            status(&words, one),
            Cell::text(reoriented).note(&one.reoriented_how),
        ]
    };
    let rows: Vec<_> = of_reviews
        .chain(&published.recommendations)
        .map(row)
        .collect();
    let names = ["recommendation", "due", "status", "reoriented"];
    let caption = words.text("steering-recommendations");
    let table = Table::new(
        &words,
        "recommendations",
        caption,
        WORDING.columns(&words, &names),
    )
    .rows(rows)
    .empty(words.text("steering-nothing-published"));
    let shell = cx
        .shell(words.text_with(
            "steering-published-product",
            &[("product", published.title.as_str().into())],
        ))
        .lead(words.text("steering-published-product-lead"))
        .crumb(words.text("steering-published"), "/steering/published");
    Ok(Page(
        Composed::new(shell)
            .link(
                words.text("steering-to-product"),
                format!("/products/{}", published.id.0),
            )
            .with(table)
            .heading(words.text("steering-timeline"))
            .with(timeline_with(&cx, &[], &all)),
    ))
}
