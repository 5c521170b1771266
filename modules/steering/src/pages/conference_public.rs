//! A conference whose minutes are published, as anybody reads it.

use kit_acts::{day, day_text};
use kit_http::{Cx, Failure, Page, Path, State};
use kit_ui::{Cell, Composed, Facts, Table};
use uuid::Uuid;

use super::conference_words::{people, title, when};
use super::decisions::kind;
use super::words::{due, status};
use crate::domain::Party;
use crate::{Steering, WORDING};

pub(super) async fn show(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let found = steering.published_conference(id).await?;
    let one = &found.conference;
    let name = |key: &str| words.text(&format!("steering-fact-{key}"));
    let mut facts = Facts::default().text(name("ministry"), &one.ministry_name);
    for party in Party::ALL {
        let key = format!("steering-party-{}", party.code());
        facts = facts.text(words.text(&key), people(one, *party, false));
    }
    facts = facts.text(name("closed-minutes"), day_text(&cx, one.life.closed_on));
    if let Some(planned) = &one.publication {
        facts = facts.text(
            name("publication"),
            WORDING.publication(&cx, planned, steering.source.today()),
        );
    }
    let shell = cx
        .shell(title(&words, one))
        .lead(when(&words, one))
        .crumb(words.text("steering-published"), "/steering/published");
    let mut page = Composed::new(shell).with(facts);
    for (at, (point, decided)) in found.points.iter().enumerate() {
        page = page.heading(format!("{}. {}", at + 1, point.product_title));
        for part in point
            .discussion
            .split("\n\n")
            .filter(|part| !part.trim().is_empty())
        {
            page = page.text(part);
        }
        let mut facts = Facts::default();
        if let Some(decided) = decided {
            let href = format!("/steering/published/decisions/{}", decided.id);
            facts = facts
                .link(name("decision"), kind(&cx, decided.kind).text, href)
                .text(name("next"), &decided.next)
                .text(name("next-by"), day_text(&cx, decided.next_by));
        } else if point.decision.is_some() {
            facts = facts.text(name("decision"), words.text("steering-decision-not-public"));
        } else {
            facts = facts.text(name("undecided"), &point.undecided);
        }
        page = page.with(facts);
    }
    let rows = found.recommendations.iter().map(|one| {
        vec![
            Cell::text(&one.text),
            Cell::text(&one.product_title),
            due(&cx, one),
            status(&words, one),
        ]
    });
    let names = ["recommendation", "product", "due", "status"];
    let caption = words.text("steering-conference-recommendations");
    let given = Table::new(
        &words,
        "recommendations",
        caption,
        WORDING.columns(&words, &names),
    )
    .rows(rows)
    .empty(words.text("steering-recommendations-empty"));
    page = page.with(given);
    if !found.additions.is_empty() {
        let rows = found.additions.iter();
        let rows = rows.map(|(on, text)| vec![day(&cx, Some(*on)), Cell::text(text)]);
        let caption = words.text("steering-conference-additions");
        let names = WORDING.columns(&words, &["added", "text"]);
        page = page.with(Table::new(&words, "additions", caption, names).rows(rows));
    }
    Ok(Page(page))
}
