//! The published opinion as a file that screen readers read: PDF/UA.

use jiff::civil::Date;
use kit_acts::day_text;
use kit_http::{Cx, Download, Failure, Path, State};
use kit_pdf::{Block, Document, Language};
use kit_ui::{Locale, Words, format};
use uuid::Uuid;

use super::words::opinion;
use crate::store::recommendations::Recommendation;
use crate::store::reviews::StoredReview;
use crate::{Steering, WORDING};

/// The opinion that is published, with the redactions that its authors justified.
pub(super) async fn published(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Download, Failure> {
    let (one, given) = steering.published_review(id).await?;
    let told = told(&cx, &one, &given, steering.source.today());
    let set = kit_pdf::render_in_turn(told).await;
    let bytes = set.map_err(|error| Failure::internal(error.to_string()))?;
    Ok(Download {
        file_name: format!("avis-{id}.pdf"),
        content_type: "application/pdf",
        body: bytes.into(),
    })
}

fn heading(words: &Words, key: &str) -> Block {
    Block::Heading {
        level: 1,
        text: words.text(key),
    }
}

fn told(cx: &Cx, one: &StoredReview, given: &[Recommendation], today: Date) -> Document {
    let words = cx.words();
    let name = |key: &str| words.text(&format!("steering-fact-{key}"));
    let kind = words.text(&format!("steering-kind-{}", one.kind.code()));
    let mut facts = vec![
        (name("product"), one.product_title.clone()),
        (name("kind"), kind.clone()),
        (name("opinion"), opinion(&words, one).text),
        (name("received"), day_text(cx, one.received_on)),
        (name("ended"), day_text(cx, one.ended_on)),
    ];
    if let Some(cents) = one.foreseen_cents {
        facts.push((name("foreseen"), format::millions(cx.locale, cents)));
    }
    if let Some(planned) = &one.publication {
        facts.push((name("publication"), WORDING.publication(cx, planned, today)));
    }
    let mut blocks = vec![Block::Facts { facts }];
    let axis = |code: &str| words.text(&format!("steering-axis-{code}"));
    let column = |name: &str| words.text(&format!("steering-column-{name}"));
    if let Some(verdict) = &one.verdict {
        blocks.push(heading(&words, "steering-column-opinion"));
        blocks.extend(
            (verdict
                .summary
                .split("\n\n")
                .filter(|text| !text.trim().is_empty()))
            .map(|text| Block::Paragraph {
                text: text.to_owned(),
            }),
        );
        let score = |one: &crate::domain::Score| {
            vec![
                axis(one.axis.code()),
                format!("{}\u{a0}/\u{a0}5", one.score),
                one.comment.clone(),
            ]
        };
        blocks.push(heading(&words, "steering-axes"));
        blocks.push(Block::Table {
            caption: words.text("steering-axes"),
            head: ["axis", "score", "comment"].map(column).to_vec(),
            rows: verdict.scores.iter().map(score).collect(),
            numeric: vec![1],
            widths: vec![3, 2, 7],
        });
    }
    blocks.push(heading(&words, "steering-recommendations"));
    if given.is_empty() {
        blocks.push(Block::Paragraph {
            text: words.text("steering-recommendations-empty"),
        });
    } else {
        let row = |one: &Recommendation| {
            let reoriented = match one.reoriented {
                Some(answer) => format!("steering-reoriented-{}", answer.code()),
                None => "steering-reoriented-unknown".to_owned(),
            };
            vec![
                one.text.clone(),
                axis(one.axis.code()),
                day_text(cx, Some(one.due_on)),
                super::words::status(&words, one).text,
                words.text(&reoriented),
            ]
        };
        let names = ["recommendation", "axis", "due", "status", "reoriented"];
        blocks.push(Block::Table {
            caption: words.text("steering-recommendations"),
            head: names.map(column).to_vec(),
            rows: given.iter().map(row).collect(),
            numeric: vec![],
            widths: vec![10, 5, 5, 4, 5],
        });
    }
    let title = words.text_with(
        &format!("steering-review-of-{}", one.kind.code()),
        &[("product", one.product_title.as_str().into())],
    );
    Document {
        identifier: format!("opinion {} {}", one.id, one.version),
        title,
        subtitle: kind,
        author: cx.site.service_name.clone(),
        description: words.text("steering-published-lead"),
        language: match cx.locale {
            Locale::Fr => Language::French,
            Locale::En => Language::English,
        },
        date: one.ended_on.unwrap_or(one.announced_on),
        blocks,
    }
}
