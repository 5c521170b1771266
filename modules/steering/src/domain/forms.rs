//! What people send, and what it says.

use std::collections::BTreeMap;

use jiff::civil::Date;
use uuid::Uuid;

use super::{
    Answer, Axis, Confidence, FileItem, Mistake, Opinion, ReviewKind, Score, Side, Verdict,
};
use crate::WORDING;

/// Longest justification, in characters.
const REASON_CHARS_MAX: usize = 2_000;

/// A review that is announced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReviewForm {
    /// The product's id.
    pub product: String,
    /// A kind's code.
    pub kind: String,
    /// Day, month, year.
    pub on: [String; 3],
    /// The cost that is foreseen, in millions of euros: of an article 3 review.
    pub foreseen: String,
    /// `ministry` when the opinion binds, `body` when it advises a supervised body.
    pub effect: String,
    /// Who asked for an audit.
    pub asked_by: String,
    /// Why.
    pub reason: String,
}

/// What the form of a review says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReviewRead {
    pub(crate) product: Uuid,
    pub(crate) kind: ReviewKind,
    pub(crate) on: Date,
    pub(crate) foreseen_cents: Option<i64>,
    pub(crate) is_binding: bool,
    pub(crate) asked_by: String,
    pub(crate) reason: String,
}

impl ReviewForm {
    pub(crate) fn read(&self, today: Date) -> Result<ReviewRead, Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let product = reader.code("product", &self.product, |text| text.parse::<Uuid>().ok());
        let kind = reader.code("kind", &self.kind, ReviewKind::parse);
        let on = reader.needed_day("on", &self.on);
        if on > today {
            reader.wrong("on", "steering-mistake-future", today);
        }
        let foreseen_cents = reader.millions("foreseen", &self.foreseen);
        let asked_by = reader.text("asked_by", &self.asked_by, 200);
        let is_binding = match self.effect.as_str() {
            "ministry" => true,
            "body" => false,
            other => {
                reader.wrong("effect", "steering-mistake-choice", other);
                false
            }
        };
        match kind {
            Some(ReviewKind::Article3) => {
                if self.foreseen.trim().is_empty() {
                    reader.wrong("foreseen", "steering-mistake-missing", "");
                } else if foreseen_cents.is_some_and(|cents| cents < super::THRESHOLD_CENTS) {
                    reader.wrong("foreseen", "steering-mistake-threshold", "9");
                }
            }
            Some(ReviewKind::Article4) if asked_by.is_empty() => {
                reader.wrong("asked_by", "steering-mistake-missing", "");
            }
            _ => {}
        }
        let reason = reader.needed("reason", &self.reason, REASON_CHARS_MAX);
        reader.done(ReviewRead {
            product: product.unwrap_or_default(),
            kind: kind.unwrap_or(ReviewKind::Article4),
            on,
            foreseen_cents,
            is_binding,
            asked_by,
            reason,
        })
    }
}

/// A step of a review.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepForm {
    /// Day, month, year.
    pub on: [String; 3],
    /// Why.
    pub reason: String,
}

impl StepForm {
    pub(crate) fn read(&self) -> Result<(Date, String), Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let on = reader.needed_day("on", &self.on);
        let reason = reader.needed("reason", &self.reason, REASON_CHARS_MAX);
        reader.done((on, reason))
    }
}

/// What the file holds: of each item what it says, empty where it is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileForm(pub BTreeMap<String, String>);

impl FileForm {
    pub(crate) fn read(&self) -> Result<BTreeMap<String, String>, Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let mut read = BTreeMap::new();
        for item in FileItem::ALL {
            let text = self.0.get(item.code()).map_or("", String::as_str);
            let text = reader.text(item.code(), text, 4_000);
            if !text.is_empty() {
                read.insert(item.code().to_owned(), text);
            }
        }
        reader.done(read)
    }
}

/// The opinion.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerdictForm {
    /// When and why it is given now.
    pub step: StepForm,
    /// An opinion's code.
    pub opinion: String,
    /// What it rests on.
    pub summary: String,
    /// Of each axis, by its code: the score and the comment.
    pub scores: BTreeMap<String, (String, String)>,
}

impl VerdictForm {
    pub(crate) fn read(&self) -> Result<(Date, String, Verdict), Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let on = reader.needed_day("on", &self.step.on);
        let reason = reader.needed("reason", &self.step.reason, REASON_CHARS_MAX);
        let opinion = reader.code("opinion", &self.opinion, Opinion::parse);
        let summary = reader.needed("summary", &self.summary, 8_000);
        let mut scores = Vec::new();
        for axis in Axis::ALL {
            let none = (String::new(), String::new());
            let (score, comment) = self.scores.get(axis.code()).unwrap_or(&none);
            let field = format!("score-{}", axis.code());
            let score = match score.parse::<u8>() {
                Ok(score @ 1..=5) => score,
                _ => {
                    reader.wrong(field, "steering-mistake-score", "1 – 5");
                    1
                }
            };
            let field = format!("comment-{}", axis.code());
            let comment = reader.needed(&field, comment, REASON_CHARS_MAX);
            scores.push(Score {
                axis: *axis,
                score,
                comment,
            });
        }
        let verdict = Verdict {
            opinion: opinion.unwrap_or(Opinion::Favourable),
            summary,
            scores,
        };
        reader.done((on, reason, verdict))
    }
}

/// A recommendation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecommendationForm {
    /// The product's id.
    pub product: String,
    /// The id of the review from which it comes; may be empty.
    pub review: String,
    /// What is to be done.
    pub text: String,
    /// An axis' code.
    pub axis: String,
    /// Who in the ministry does it: a name or a function; may be empty.
    pub owner: String,
    /// The same as a person of the directory: its id; may be empty.
    pub owner_person: String,
    /// Day, month, year.
    pub due: [String; 3],
}

/// What the form of a recommendation says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecommendationRead {
    pub(crate) product: Option<Uuid>,
    pub(crate) review: Option<Uuid>,
    pub(crate) text: String,
    pub(crate) axis: Axis,
    pub(crate) owner: String,
    pub(crate) owner_id: Option<Uuid>,
    pub(crate) due_on: Date,
}

impl RecommendationForm {
    pub(crate) fn read(&self) -> Result<RecommendationRead, Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let mut id = |field: &str, text: &str| {
            if text.is_empty() {
                return None;
            }
            reader.code(field, text, |text| text.parse::<Uuid>().ok())
        };
        let (product, review) = (id("product", &self.product), id("review", &self.review));
        let owner_id = id("owner_person", &self.owner_person);
        if self.product.is_empty() && self.review.is_empty() {
            reader.wrong("product", "steering-mistake-missing", "");
        }
        let text = reader.needed("text", &self.text, 4_000);
        let axis = reader.code("axis", &self.axis, Axis::parse);
        let owner = reader.text("owner", &self.owner, 200);
        let due_on = reader.needed_day("due", &self.due);
        reader.done(RecommendationRead {
            product,
            review,
            text,
            axis: axis.unwrap_or(Axis::Strategy),
            owner,
            owner_id,
            due_on,
        })
    }
}

/// An answer to a recommendation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerForm {
    /// Why, or what proves it.
    pub reason: String,
    /// The address of the evidence; may be empty.
    pub link: String,
}

impl AnswerForm {
    pub(crate) fn read(&self, answer: Answer) -> Result<(String, String), Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let reason = if answer.needs_reason() {
            reader.needed("reason", &self.reason, REASON_CHARS_MAX)
        } else {
            reader.text("reason", &self.reason, REASON_CHARS_MAX)
        };
        let link = reader.text("link", &self.link, 500);
        let is_web = |link: &str| {
            url::Url::parse(link).is_ok_and(|url| {
                matches!(url.scheme(), "https" | "http")
                    && url.has_host()
                    && url.username().is_empty()
                    && url.password().is_none()
            })
        };
        if !link.is_empty() && !is_web(&link) {
            reader.wrong("link", "steering-mistake-link", &link);
        }
        reader.done((reason, link))
    }
}

/// How sure somebody is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RatingForm {
    /// A side's code.
    pub side: String,
    /// A confidence's code.
    pub confidence: String,
    /// Day, month, year.
    pub on: [String; 3],
    /// Why.
    pub comment: String,
}

impl RatingForm {
    pub(crate) fn read(
        &self,
        today: Date,
    ) -> Result<(Side, Confidence, Date, String), Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let side = reader.code("side", &self.side, Side::parse);
        let confidence = reader.code("confidence", &self.confidence, Confidence::parse);
        let on = reader.needed_day("on", &self.on);
        if on > today {
            reader.wrong("on", "steering-mistake-future", today);
        }
        let comment = reader.needed("comment", &self.comment, REASON_CHARS_MAX);
        reader.done((
            side.unwrap_or(Side::Own),
            confidence.unwrap_or(Confidence::Amber),
            on,
            comment,
        ))
    }
}
