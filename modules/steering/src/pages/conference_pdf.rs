//! One document for the ministry: agenda, files, and once it is held the minutes. PDF/UA.

use kit_acts::{day_text, pair, short};
use kit_http::{Cx, Download, Failure, Path, State};
use kit_pdf::{Block, Document, LIMITS, Language, PdfError};
use kit_ui::{Locale, Words, format};
use uuid::Uuid;

use super::conference_words::{file_caption, lines, people, state, title, when, why};
use crate::Steering;
use crate::conference_minutes::Outcome;
use crate::domain::{ConferenceState, Party};
use crate::store::conferences::{Conference, ConferencePoint};
use crate::store::decisions::StoredDecision;
use crate::{Event, SteeringError};

/// Bytes of text after which files are named and no longer printed: the rest is for the minutes.
const FILES_BYTES_MAX: usize = LIMITS.text_bytes_max * 6 / 10;
/// Rows of tables after which the same happens: they are what takes time to set.
const FILES_ROWS_MAX: usize = 3_000;

pub(super) async fn show(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Download, Failure> {
    let (one, points, steps) = steering.conference(&cx.actor, id).await?;
    let outcome = steering.outcome(one.clone(), &points).await?;
    let before = steering.outcome_before(&one).await?;
    let told = told(&cx, (&one, &points, &steps), &outcome, before.as_ref());
    let set = kit_pdf::render_in_turn(told).await;
    let bytes = set.map_err(|error| match error {
        PdfError::Limit { field, limit } => {
            let told = format!("{field}: {limit}");
            SteeringError::mistake("conference", "steering-mistake-document", told).into()
        }
        other @ PdfError::Library(_) => Failure::internal(other.to_string()),
    })?;
    Ok(Download {
        file_name: format!("conference-{}-{id}.pdf", one.life.day.year()),
        content_type: "application/pdf",
        body: bytes.into(),
    })
}

fn heading(level: u8, text: impl Into<String>) -> Block {
    Block::Heading {
        level,
        text: text.into(),
    }
}

fn paragraphs(blocks: &mut Vec<Block>, text: &str) {
    let parts = text.split("\n\n").filter(|part| !part.trim().is_empty());
    blocks.extend(parts.map(|part| Block::Paragraph {
        text: part.to_owned(),
    }));
}

/// The decisions and recommendations of a conference, as they stand now.
fn followed(cx: &Cx, blocks: &mut Vec<Block>, outcome: &Outcome) {
    let words = cx.words();
    let column = |name: &str| words.text(&format!("steering-column-{name}"));
    if outcome.decisions.is_empty() && outcome.recommendations.is_empty() {
        blocks.push(Block::Paragraph {
            text: words.text("steering-nothing-decided"),
        });
    }
    if !outcome.decisions.is_empty() {
        let row = |one: &StoredDecision| {
            let done = one.done.as_ref().map(|(on, _)| *on);
            vec![
                one.product_title.clone(),
                super::decisions::kind(cx, one.kind).text,
                short(&one.next),
                day_text(cx, one.next_by),
                day_text(cx, done),
            ]
        };
        blocks.push(Block::Table {
            caption: words.text("steering-decisions"),
            head: ["product", "decision", "next", "next-by", "done"]
                .map(column)
                .to_vec(),
            rows: outcome.decisions.iter().map(row).collect(),
            numeric: vec![],
            widths: vec![5, 4, 8, 4, 4],
        });
    }
    if !outcome.recommendations.is_empty() {
        let rows = outcome.recommendations.iter().map(|one| {
            vec![
                one.text.clone(),
                one.product_title.clone(),
                day_text(cx, Some(one.due_on)),
                super::words::status(&words, one).text,
            ]
        });
        blocks.push(Block::Table {
            caption: words.text("steering-recommendations"),
            head: ["recommendation", "product", "due", "status"]
                .map(column)
                .to_vec(),
            rows: rows.collect(),
            numeric: vec![],
            widths: vec![10, 5, 4, 4],
        });
    }
}

fn minutes_of(cx: &Cx, blocks: &mut Vec<Block>, point: &ConferencePoint, outcome: &Outcome) {
    let words = cx.words();
    let name = |key: &str| words.text(&format!("steering-fact-{key}"));
    if point.discussion.is_empty() {
        paragraphs(blocks, &words.text("steering-point-unwritten"));
    } else {
        paragraphs(blocks, &point.discussion);
    }
    let decided = outcome
        .decisions
        .iter()
        .find(|one| Some(one.id) == point.decision);
    let mut facts = Vec::new();
    if let Some(one) = decided {
        facts.push((name("decision"), super::decisions::kind(cx, one.kind).text));
        facts.push((name("reasons"), one.reasons.clone()));
        if !one.next.is_empty() {
            facts.push((name("next"), one.next.clone()));
            facts.push((name("next-by"), day_text(cx, one.next_by)));
        }
        if let Some(cents) = one.avoided_cents {
            facts.push((name("avoided"), format::millions(cx.locale, cents)));
            facts.push((name("kept-assets"), one.kept_assets.clone()));
        }
    } else if !point.undecided.is_empty() {
        facts.push((name("undecided"), point.undecided.clone()));
    }
    if !facts.is_empty() {
        blocks.push(Block::Facts { facts });
    }
    let given = outcome.recommendations.iter();
    let items: Vec<String> = given
        .filter(|one| one.product == point.product)
        .map(|one| pair(&words, &day_text(cx, Some(one.due_on)), &one.text))
        .collect();
    if !items.is_empty() {
        paragraphs(blocks, &words.text("steering-conference-recommendations"));
        blocks.push(Block::List { items });
    }
}

/// The files, until there are so many that the document would not be set.
fn files(cx: &Cx, words: &Words, blocks: &mut Vec<Block>, taken: &[&ConferencePoint]) {
    let column = |name: &str| words.text(&format!("steering-column-{name}"));
    let (mut bytes, mut count) = (0, 0);
    for (at, point) in taken.iter().enumerate() {
        let Some(file) = &point.file else { continue };
        blocks.push(heading(2, format!("{}. {}", at + 1, point.product_title)));
        let rows: Vec<Vec<String>> = lines(words, file).into_iter().map(Vec::from).collect();
        bytes += rows.iter().flatten().map(String::len).sum::<usize>();
        count += rows.len();
        if bytes > FILES_BYTES_MAX || count > FILES_ROWS_MAX {
            let path = format!(
                "/steering/conferences/{}/points/{}",
                point.conference, point.id
            );
            let link = format!("{}{path}", cx.site.public_url);
            let args = [("link", link.into())];
            paragraphs(blocks, &words.text_with("steering-file-too-long", &args));
            continue;
        }
        blocks.push(Block::Table {
            caption: file_caption(cx, file),
            head: ["figure", "value", "source"].map(column).to_vec(),
            rows,
            numeric: vec![],
            widths: vec![5, 9, 4],
        });
    }
}

fn told(
    cx: &Cx,
    (one, points, steps): (&Conference, &[ConferencePoint], &[Event]),
    outcome: &Outcome,
    before: Option<&Outcome>,
) -> Document {
    let words = cx.words();
    let mut facts = vec![
        (
            words.text("steering-fact-ministry"),
            one.ministry_name.clone(),
        ),
        (
            words.text("steering-fact-state"),
            state(&words, one.life.state).text,
        ),
    ];
    for party in Party::ALL {
        let text = people(one, *party, true);
        if !text.is_empty() {
            facts.push((
                words.text(&format!("steering-party-{}", party.code())),
                text,
            ));
        }
    }
    if let Some(on) = one.life.frozen_on {
        facts.push((
            words.text("steering-fact-frozen"),
            format::date(cx.locale, on),
        ));
    }
    let mut blocks = vec![Block::Facts { facts }];
    if let Some(before) = before {
        blocks.push(heading(1, words.text("steering-conference-before")));
        paragraphs(&mut blocks, &title(&words, &before.conference));
        followed(cx, &mut blocks, before);
    }
    blocks.push(heading(1, words.text("steering-conference-agenda")));
    let taken: Vec<&ConferencePoint> = points.iter().filter(|p| p.dropped.is_none()).collect();
    if taken.is_empty() {
        paragraphs(&mut blocks, &words.text("steering-conference-no-point"));
    } else {
        let item = |point: &&ConferencePoint| {
            pair(
                &words,
                &point.product_title,
                &why(&words, &point.why, &point.note),
            )
        };
        blocks.push(Block::Numbered {
            items: taken.iter().map(item).collect(),
        });
    }
    if taken.iter().any(|point| point.file.is_some()) {
        blocks.push(heading(1, words.text("steering-conference-files")));
        files(cx, &words, &mut blocks, &taken);
    }
    if matches!(
        one.life.state,
        ConferenceState::Held | ConferenceState::Closed
    ) {
        blocks.push(heading(1, words.text("steering-conference-minutes")));
        for (at, point) in taken.iter().enumerate() {
            blocks.push(heading(2, format!("{}. {}", at + 1, point.product_title)));
            minutes_of(cx, &mut blocks, point, outcome);
        }
        let added: Vec<&Event> = steps.iter().filter(|step| step.act == "add").collect();
        if !added.is_empty() {
            blocks.push(heading(1, words.text("steering-conference-additions")));
            let text = |step: &&Event| pair(&words, &day_text(cx, Some(step.on)), &step.reason);
            blocks.push(Block::Numbered {
                items: added.iter().map(text).collect(),
            });
        }
    }
    Document {
        identifier: format!("conference {} {}", one.id, one.version),
        title: title(&words, one),
        subtitle: when(&words, one),
        author: cx.site.service_name.clone(),
        description: words.text("steering-conferences-lead"),
        language: match cx.locale {
            Locale::Fr => Language::French,
            Locale::En => Language::English,
        },
        date: one.life.day,
        blocks,
    }
}
