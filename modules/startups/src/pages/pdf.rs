//! Decisions and reviews as files that screen readers read: PDF/UA. Nothing of them depends on the day
//! on which they are read: what is the same gives the same bytes.

use jiff::civil::Date;
use kit_acts::day_text;
use kit_http::{Cx, Download, Failure, Path, State};
use kit_pdf::{Block, Document, Language};
use kit_ui::{Facts, Locale, Table};
use uuid::Uuid;

use super::{decisions, reviews, words};
use crate::store::decisions::StoredDecision;
use crate::store::reviews::StoredReview;
use crate::{Startups, WORDING};

/// A decision with all its passages, for those who read its page.
pub(super) async fn decision(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Download, Failure> {
    let (one, _) = startups.decision(&cx.actor, id).await?;
    set(told_decision(&cx, &one, None), format!("decision-{id}.pdf")).await
}

/// A published decision, with the redactions that its authors justified.
pub(super) async fn published(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Download, Failure> {
    let one = startups.published_decision(id).await?;
    let today = startups.source.today();
    let told = told_decision(&cx, &one, Some(today));
    set(told, format!("decision-publiee-{id}.pdf")).await
}

/// A review that the committee got: what a team still writes is no document.
pub(super) async fn review(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Download, Failure> {
    let (one, ..) = startups.review(&cx.actor, id).await?;
    let told = told_review(&cx, &one).ok_or(Failure::NotFound)?;
    set(told, format!("revue-{id}.pdf")).await
}

async fn set(told: Document, file_name: String) -> Result<Download, Failure> {
    let set = kit_pdf::render_in_turn(told).await;
    let bytes = set.map_err(|error| Failure::internal(error.to_string()))?;
    Ok(Download {
        file_name,
        content_type: "application/pdf",
        body: bytes.into(),
    })
}

/// The facts of a page, without where they lead.
fn facts(told: Facts) -> Block {
    let text = |values: Vec<(String, Option<String>)>| {
        let texts: Vec<String> = values.into_iter().map(|(text, _)| text).collect();
        texts.join(", ")
    };
    let facts = told.facts.into_iter();
    Block::Facts {
        facts: facts.map(|one| (one.name, text(one.values))).collect(),
    }
}

/// The table of a page under its heading; what is read in its place when it is empty.
fn table(blocks: &mut Vec<Block>, told: Table, numeric: &[usize], widths: &[u32]) {
    blocks.push(Block::Heading {
        level: 1,
        text: told.caption.clone(),
    });
    if told.rows.is_empty() {
        blocks.push(Block::Paragraph { text: told.empty });
        return;
    }
    let row = |row: Vec<kit_ui::Cell>| row.into_iter().map(|cell| cell.text).collect();
    blocks.push(Block::Table {
        caption: told.caption,
        head: told.columns.into_iter().map(|one| one.label).collect(),
        rows: told.rows.into_iter().map(row).collect(),
        numeric: numeric.to_vec(),
        widths: widths.to_vec(),
    });
}

/// Columns of numbers of the figures as they stood, and how wide its columns are.
const FIGURES: (&[usize], &[u32]) = (&[2, 3, 4], &[6, 4, 4, 4, 4, 4, 4]);
/// How wide the columns of levels are.
const LEVELS: &[u32] = &[3, 3, 5, 7];

fn document(cx: &Cx, identifier: String, title: String, on: Date, blocks: Vec<Block>) -> Document {
    Document {
        identifier,
        title,
        subtitle: String::new(),
        author: cx.site.service_name.clone(),
        description: String::new(),
        language: match cx.locale {
            Locale::Fr => Language::French,
            Locale::En => Language::English,
        },
        date: on,
        blocks,
    }
}

/// What a decision says; with a day, as anybody may read it then.
fn told_decision(cx: &Cx, one: &StoredDecision, published: Option<Date>) -> Document {
    let words = cx.words();
    let name = |key: &str| words.text(&format!("startups-fact-{key}"));
    let mut told = decisions::facts(cx, one).text(name("product"), &one.product_title);
    told = match published {
        Some(today) => told.text(
            name("publication"),
            WORDING.publication(cx, &one.publication, today),
        ),
        None => told.text(name("by"), &one.by),
    };
    let mut blocks = vec![facts(told)];
    table(
        &mut blocks,
        decisions::figures(cx, one),
        FIGURES.0,
        FIGURES.1,
    );
    let title = words.text_with(
        "startups-decision-of",
        &[("product", one.product_title.as_str().into())],
    );
    let (audience, subtitle) = match published {
        Some(_) => ("published", "startups-document-published"),
        None => ("whole", "startups-document-internal"),
    };
    let identifier = format!("start-up decision {audience} {} {}", one.id, one.version);
    Document {
        subtitle: words.text(subtitle),
        description: words.text("startups-decisions-lead"),
        ..document(cx, identifier, title, one.decision.on, blocks)
    }
}

/// What a review said when the committee got it; nothing before.
fn told_review(cx: &Cx, one: &StoredReview) -> Option<Document> {
    let words = cx.words();
    let figures = one.figures.as_ref()?;
    let name = |key: &str| words.text(&format!("startups-fact-{key}"));
    let known = Facts::default().text(name("product"), &one.product_title);
    let mut told = reviews::told(cx, one, known);
    if one.decided_on.is_some() {
        told = told.text(name("decided"), day_text(cx, one.decided_on));
    }
    let mut blocks = vec![facts(told)];
    // Indicators by the names that they had then: they may be called otherwise today.
    let indicators = figures["indicators"].as_array();
    let named = indicators.into_iter().flatten().filter_map(|one| {
        let id = one["id"].as_str()?.parse::<Uuid>().ok()?;
        Some((id, one["name"].as_str()?.to_owned()))
    });
    let levels = reviews::levels(cx, one, &named.collect::<Vec<_>>());
    table(&mut blocks, levels, &[], LEVELS);
    if let Some(text) = reviews::question(&words, one) {
        blocks.push(Block::Paragraph { text });
    }
    let as_of = figures["as_of"].as_str().and_then(|text| text.parse().ok());
    let frozen = words::frozen(cx, "figures", as_of, &figures["indicators"]);
    table(&mut blocks, frozen, FIGURES.0, FIGURES.1);
    let title = words.text_with(
        "startups-review-of",
        &[("product", one.product_title.as_str().into())],
    );
    let on = one.submitted_on.unwrap_or(one.opened_on);
    let identifier = format!("start-up review {} {}", one.id, one.version);
    Some(Document {
        subtitle: words.text("startups-document-internal"),
        description: words.text("startups-review-lead"),
        ..document(cx, identifier, title, on, blocks)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decisions::hide;
    use crate::domain::{
        Decision, DecisionKind, Level, LevelAnswer, Preparation, Publication, ReviewState,
    };
    use kit_acts::Redaction;
    use serde_json::json;

    fn cx() -> Cx {
        kit_http::testing::cx(crate::WORDS)
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn figures() -> serde_json::Value {
        json!({ "as_of": "2026-02-27", "level": "used", "indicators": [{
            "id": Uuid::from_u128(9), "name": "Prélèvements analysés", "unit": "par mois",
            "level": "used", "baseline": [120.0, "2025-01-01"], "target": [900.0, "2026-06-30"],
            "latest": [640.5, "2026-02-01"], "standing": "on-track",
        }] })
    }

    fn a_decision() -> StoredDecision {
        StoredDecision {
            id: Uuid::from_u128(1),
            product: Uuid::from_u128(2),
            product_title: "Eau claire".into(),
            ministry: None,
            incubator: None,
            review: Uuid::from_u128(3),
            phases: ("construction".into(), "acceleration".into()),
            figures: figures(),
            by: "Olga Officer".into(),
            at: jiff::Timestamp::UNIX_EPOCH,
            done: None,
            publication: Publication {
                redactions: vec![Redaction {
                    passage: "la société Aquatek".into(),
                    reason: "Secret des affaires".into(),
                }],
                ..Publication::usual(day("2026-03-02"))
            },
            version: 1,
            decision: Decision {
                kind: DecisionKind::Accelerate,
                on: day("2026-03-02"),
                committee: "Comité de l’incubateur".into(),
                reasons: "L’usage double, malgré la société Aquatek.".into(),
                conditions: String::new(),
                next: "Ouvrir à trois départements".into(),
                next_by: Some(day("2026-09-01")),
                receiver: String::new(),
                avoided_cents: None,
                kept_assets: String::new(),
            },
        }
    }

    #[test]
    fn a_decision_says_what_its_page_says() {
        let told = told_decision(&cx(), &a_decision(), None);
        let text = format!("{told:?}");
        for said in [
            "Eau claire",
            "Comité de l’incubateur",
            "malgré la société Aquatek",
            "Ouvrir à trois départements",
            "septembre 2026",
            "Prélèvements analysés",
            "640,5",
            "Olga Officer",
            "Document interne",
        ] {
            assert!(text.contains(said), "{said}: {text}");
        }
        assert!(!text.contains('⟦'), "{text}");
    }

    #[test]
    fn a_published_decision_hides_what_its_authors_hide() {
        let mut one = a_decision();
        hide(&mut one);
        let of = |today: &str| told_decision(&cx(), &one, Some(day(today)));
        let opened = one.publication.on;
        let told = of(&opened.to_string());
        let text = format!("{told:?}");
        for said in ["L’usage double", "Secret des affaires", "Décision publiée"] {
            assert!(text.contains(said), "{said}: {text}");
        }
        for hidden in ["Aquatek", "Olga Officer"] {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }
        let bytes = kit_pdf::render(&told).unwrap();
        assert_eq!(kit_pdf::render(&of("2030-01-01")).unwrap(), bytes);
    }

    #[test]
    fn a_review_is_a_document_once_the_committee_has_it() {
        let level = |level, is_reached| LevelAnswer {
            level,
            is_reached,
            indicator: Some(Uuid::from_u128(9)),
            comment: "Suivi chaque semaine".into(),
        };
        let mut one = StoredReview {
            id: Uuid::from_u128(3),
            product: Uuid::from_u128(2),
            product_title: "Eau claire".into(),
            ministry: None,
            incubator: None,
            phase: Some("construction".into()),
            due_on: day("2026-03-01"),
            state: ReviewState::Committee,
            prepared: Preparation {
                learnt: "Les régies consultent le matin.".into(),
                users: Some(1_340),
                users_told: String::new(),
                spent_cents: Some(1_200_050),
                plan: "Ouvrir.".into(),
                levels: vec![level(Level::Usable, false), level(Level::Used, true)],
            },
            figures: None,
            opened_on: day("2026-02-01"),
            submitted_on: Some(day("2026-02-27")),
            decided_on: None,
            version: 3,
        };
        assert_eq!(told_review(&cx(), &one), None);
        one.figures = Some(figures());
        let told = told_review(&cx(), &one).unwrap();
        let text = format!("{told:?}");
        for said in [
            "Les régies consultent le matin.",
            "Suivi chaque semaine",
            "Prélèvements analysés",
            "Expliquez-le au comité",
        ] {
            assert!(text.contains(said), "{said}: {text}");
        }
        assert!(!text.contains('⟦'), "{text}");
        // What changes of the product later changes nothing of it.
        let bytes = kit_pdf::render(&told).unwrap();
        one.phase = Some("acceleration".into());
        let again = told_review(&cx(), &one).unwrap();
        assert_eq!(kit_pdf::render(&again).unwrap(), bytes);
    }
}
