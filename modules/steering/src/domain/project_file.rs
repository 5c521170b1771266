//! The file of a project, as it stood when the conference was prepared.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Confidence, DecisionKind, Finding, Opinion, ReviewKind, ReviewState, Status};

/// A project's file. Whatever no source tells is absent, and pages say so in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProjectFile {
    /// The day on which everything in it was read.
    pub as_of: Date,
    /// The product's name.
    pub title: String,
    /// The code of its phase.
    pub phase: Option<String>,
    /// The Government's priority to which it belongs; may be empty.
    pub policy_priority: String,
    /// In cents.
    pub baseline_cents: Option<i64>,
    /// In cents.
    pub cost_cents: Option<i64>,
    /// A fraction of the baseline.
    pub cost_slip: Option<f64>,
    /// A fraction of the planned duration.
    pub duration_slip: Option<f64>,
    /// Of when the latest estimate is.
    pub estimated_on: Option<Date>,
    /// In cents.
    pub at_risk_cents: i64,
    /// What was promised; none when nothing measures promises here.
    pub indicators: Option<Vec<FileIndicator>>,
    /// The project's own confidence.
    pub own: Option<(Confidence, Date)>,
    /// The directorate's.
    pub independent: Option<(Confidence, Date)>,
    /// Since when its funding is held, and why.
    pub held: Option<(Date, String)>,
    /// Its reviews, the latest first.
    pub reviews: Vec<FileReview>,
    /// Its recommendations, the first due first.
    pub recommendations: Vec<FileRecommendation>,
    /// What was decided before, the latest first.
    pub decisions: Vec<FileDecision>,
    /// Its open alerts.
    pub alerts: Vec<Finding>,
    /// What the file of its latest review says of security; may be empty.
    pub security: String,
    /// What other modules know of it, in French and in English.
    pub facts: [Vec<FileFact>; 2],
}

/// An indicator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileIndicator {
    /// What is measured.
    pub name: String,
    /// In which unit.
    pub unit: String,
    /// What was promised, and by when.
    pub target: Option<(f64, Option<Date>)>,
    /// The latest figure, and of when it is.
    pub latest: Option<(f64, Date)>,
    /// The code of how it stands.
    pub standing: String,
    /// Whether the platform measures it by itself.
    pub automatic: bool,
}

/// A review.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileReview {
    /// Its id.
    pub id: Uuid,
    /// By which article.
    pub kind: ReviewKind,
    /// Where it stood.
    pub state: ReviewState,
    /// The opinion.
    pub opinion: Option<Opinion>,
    /// When it ended.
    pub ended_on: Option<Date>,
}

/// A recommendation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileRecommendation {
    /// Its id.
    pub id: Uuid,
    /// What is to be done.
    pub text: String,
    /// By when.
    pub due_on: Date,
    /// Where it stood.
    pub status: Status,
    /// Whether its day had passed.
    pub is_overdue: bool,
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileDecision {
    /// Its id.
    pub id: Uuid,
    /// What.
    pub kind: DecisionKind,
    /// When.
    pub on: Date,
    /// What had to happen.
    pub next: String,
    /// When it was seen done.
    pub done_on: Option<Date>,
}

/// A fact of another module.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileFact {
    /// What it is about.
    pub label: String,
    /// It.
    pub value: String,
    /// Where it is shown.
    pub href: String,
}

/// What every file speaks of, whoever tells it: the topic's code, and the words by which a fact is
/// known to tell it.
const TOPICS: [(&str, &[&str]); 5] = [
    ("forecast", &["p80", "p50", "prévision", "forecast"]),
    (
        "ownership",
        &["coût complet", "coût total", "cost of ownership", "tco"],
    ),
    ("accessibility", &["accessib", "rgaa"]),
    (
        "eco-design",
        &["écoconception", "éco-conception", "eco-design", "rgesn"],
    ),
    ("security", &["sécurité", "security", "homologation"]),
];

impl ProjectFile {
    /// The topics of which nothing tells in a language (0: French, 1: English).
    pub fn untold(&self, language: usize) -> Vec<&'static str> {
        let facts = self.facts.get(language).map_or(&[][..], Vec::as_slice);
        let is_told = |words: &[&str]| {
            facts.iter().any(|fact| {
                let label = fact.label.to_lowercase();
                words.iter().any(|word| label.contains(word))
            })
        };
        TOPICS
            .iter()
            .filter(|(code, words)| {
                !(is_told(words) || *code == "security" && !self.security.is_empty())
            })
            .map(|(code, _)| *code)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn what_no_source_tells_is_named() {
        let fact = |label: &str| FileFact {
            label: label.into(),
            value: "75 %".into(),
            href: "/".into(),
        };
        let mut file = ProjectFile {
            as_of: date(2026, 6, 1),
            title: "Projet".into(),
            phase: None,
            policy_priority: String::new(),
            baseline_cents: None,
            cost_cents: None,
            cost_slip: None,
            duration_slip: None,
            estimated_on: None,
            at_risk_cents: 0,
            indicators: None,
            own: None,
            independent: None,
            held: None,
            reviews: Vec::new(),
            recommendations: Vec::new(),
            decisions: Vec::new(),
            alerts: Vec::new(),
            security: String::new(),
            facts: [
                vec![
                    fact("Accessibilité (RGAA)"),
                    fact("Coût complet sur 10 ans"),
                ],
                vec![],
            ],
        };
        assert_eq!(file.untold(0), ["forecast", "eco-design", "security"]);
        assert_eq!(file.untold(1).len(), 5);
        file.security = "Homologué".into();
        assert_eq!(file.untold(0), ["forecast", "eco-design"]);
    }
}
