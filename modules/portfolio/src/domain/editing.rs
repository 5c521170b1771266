//! What a person types of a product, and what becomes of it. Pure: checked field by field, every
//! mistake told at once, nothing lost.

use jiff::civil::Date;
use tabular::{Cell, date};
use uuid::Uuid;

use super::{Description, Mistake, Phase, ProductKind};

/// Longest name of a product, in characters.
pub const TITLE_CHARS_MAX: usize = 300;
/// Longest sentence (mission, priority, area, statement of accessibility), in characters.
pub const SENTENCE_CHARS_MAX: usize = 500;
/// Longest description, in characters.
pub const DESCRIPTION_CHARS_MAX: usize = 20_000;
/// Longest address of a page, in characters.
pub const ADDRESS_CHARS_MAX: usize = 2_000;
/// Most values of one kind (sponsors, users…).
pub const VALUES_MAX: usize = 50;
/// Longest of these values, in characters.
pub const VALUE_CHARS_MAX: usize = 200;
/// Most phases in one product's history.
pub const PHASES_MAX: usize = 30;
/// The kinds of values that a product has several of, as stored and as named in forms.
pub const ATTRIBUTE_KINDS: [&str; 5] = ["programme", "sponsor", "user", "theme", "technology"];

/// What was typed about a product.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProductForm {
    /// The kind's code.
    pub kind: String,
    /// The name.
    pub title: String,
    /// What it is for, in a sentence.
    pub mission: String,
    /// What it is for, at length.
    pub description: String,
    /// The ministry's id.
    pub ministry: String,
    /// The incubator's id.
    pub incubator: String,
    /// The functional area.
    pub area: String,
    /// The Government's priority that it serves.
    pub policy_priority: String,
    /// Whether it serves several ministries.
    pub interministerial: bool,
    /// Its page.
    pub link: String,
    /// Its source code.
    pub repository: String,
    /// Its statistics page.
    pub stats_url: String,
    /// Its budget page.
    pub budget_url: String,
    /// Its impact page.
    pub impact_url: String,
    /// What it says of its accessibility.
    pub accessibility: String,
    /// One value a line, for each of [`ATTRIBUTE_KINDS`].
    pub values: [String; 5],
    /// Code, start and end of each phase, as typed; a row without a code is left out.
    pub phases: Vec<[String; 3]>,
}

/// One phase of a product's history: phase, start, end.
pub type PhaseSpan = (Phase, Date, Option<Date>);

/// What the form says, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The description, with the ministry's key of before: it names the line of ministries.
    pub description: Description,
    /// Kind and value, sorted and without repetition.
    pub attributes: Vec<(String, String)>,
    /// In order of start.
    pub phases: Vec<PhaseSpan>,
}

/// The phases that a product of this kind goes through, in order.
pub fn phases_of(kind: ProductKind) -> &'static [Phase] {
    match kind {
        ProductKind::StartUp => &Phase::OF_STARTUPS,
        ProductKind::LargeProject | ProductKind::Product => &Phase::OF_PROJECTS,
    }
}

struct Reader {
    mistakes: Vec<Mistake>,
}

impl Reader {
    fn mistake(&mut self, field: &str, key: &'static str) {
        self.mistakes.push(Mistake::new(field.to_owned(), key));
    }

    fn line(&mut self, field: &str, text: &str, chars_max: usize) -> String {
        // One line: a pasted line break is a space.
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.chars().count() > chars_max {
            self.mistake(field, "portfolio-mistake-text-long");
        }
        text
    }

    /// What a source told and nobody touched is left as it is.
    fn address(&mut self, field: &str, text: &str, before: Option<&String>) -> String {
        let text = text.trim();
        if before.is_some_and(|before| before == text) {
            return text.to_owned();
        }
        let is_web = ["https://", "http://"].iter().any(|scheme| {
            text.strip_prefix(scheme).is_some_and(|rest| {
                rest.split('/').next().is_some_and(|host| !host.is_empty())
                    && !rest.contains(char::is_whitespace)
            })
        });
        if text.chars().count() > ADDRESS_CHARS_MAX {
            self.mistake(field, "portfolio-mistake-text-long");
        } else if !text.is_empty() && !is_web {
            self.mistake(field, "portfolio-mistake-address");
        }
        text.to_owned()
    }

    fn id(&mut self, field: &str, text: &str, known: &[Uuid]) -> Option<Uuid> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let id = text.parse().ok().filter(|id| known.contains(id));
        if id.is_none() {
            self.mistake(field, "portfolio-mistake-organisation");
        }
        id
    }

    fn values(&mut self, kind: &str, text: &str) -> Vec<(String, String)> {
        let mut values: Vec<(String, String)> = text
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|line| !line.is_empty())
            .map(|line| (kind.to_owned(), line))
            .collect();
        values.sort();
        values.dedup();
        if values.len() > VALUES_MAX {
            self.mistake(kind, "portfolio-mistake-values-many");
        } else if values
            .iter()
            .any(|(_, value)| value.chars().count() > VALUE_CHARS_MAX)
        {
            self.mistake(kind, "portfolio-mistake-value-long");
        }
        values
    }

    /// The history of phases: each begins when the one before it has ended, and the last alone may
    /// be open.
    fn phases(&mut self, kind: ProductKind, rows: &[[String; 3]], today: Date) -> Vec<PhaseSpan> {
        let mut spans: Vec<(usize, PhaseSpan)> = Vec::new();
        let typed = |text: &str| {
            date(&Cell::Text(text.trim().to_owned()))
                .filter(|date| (1970..=2100).contains(&date.year()))
        };
        for (row, [code, start, end]) in rows.iter().enumerate() {
            if code.trim().is_empty() && start.trim().is_empty() && end.trim().is_empty() {
                continue;
            }
            let allowed = phases_of(kind);
            let Some(phase) = Phase::parse(code.trim()).filter(|phase| allowed.contains(phase))
            else {
                self.mistake(&format!("phase-{row}"), "portfolio-mistake-phase-of-kind");
                continue;
            };
            let Some(start_on) = typed(start) else {
                self.mistake(&format!("phase-{row}-start"), "portfolio-mistake-date");
                continue;
            };
            let end_on = match end.trim() {
                "" => None,
                text => {
                    let Some(end_on) = typed(text) else {
                        self.mistake(&format!("phase-{row}-end"), "portfolio-mistake-date");
                        continue;
                    };
                    Some(end_on)
                }
            };
            if start_on > today {
                self.mistake(
                    &format!("phase-{row}-start"),
                    "portfolio-mistake-date-future",
                );
            }
            if end_on.is_some_and(|end_on| end_on < start_on) {
                self.mistake(
                    &format!("phase-{row}-end"),
                    "portfolio-mistake-end-before-start",
                );
            }
            spans.push((row, (phase, start_on, end_on)));
        }
        if spans.len() > PHASES_MAX {
            self.mistake("phase-0", "portfolio-mistake-phases-many");
        }
        spans.sort_by_key(|(row, (_, start, _))| (*start, *row));
        for pair in spans.windows(2) {
            let [(_, (_, _, end)), (row, (_, start, _))] = pair else {
                continue;
            };
            if end.is_none_or(|end| end > *start) {
                self.mistake(
                    &format!("phase-{row}-start"),
                    "portfolio-mistake-phase-overlap",
                );
            }
        }
        spans.into_iter().map(|(_, span)| span).collect()
    }
}

impl ProductForm {
    /// Checks what was typed. `ministries` and `incubators` are the ids that may be chosen,
    /// `before` is what was said until now.
    pub fn check(
        &self,
        before: Option<(&Description, &[PhaseSpan])>,
        ministries: &[Uuid],
        incubators: &[Uuid],
        today: Date,
    ) -> Result<Checked, Vec<Mistake>> {
        let mut reader = Reader {
            mistakes: Vec::new(),
        };
        let kind = ProductKind::parse(self.kind.trim());
        if kind.is_none() {
            reader.mistake("kind", "portfolio-mistake-kind");
        }
        let kind = kind.unwrap_or(ProductKind::Product);
        let title = reader.line("title", &self.title, TITLE_CHARS_MAX);
        if names::normalise(&title).is_empty() {
            reader.mistake("title", "portfolio-mistake-title");
        }
        let description = self.description.trim().replace("\r\n", "\n");
        if description.chars().count() > DESCRIPTION_CHARS_MAX {
            reader.mistake("description", "portfolio-mistake-text-long");
        }
        let ministry_id = reader.id("ministry", &self.ministry, ministries);
        let incubator_id = reader.id("incubator", &self.incubator, incubators);
        let found = reader.mistakes.len();
        let phases = reader.phases(kind, &self.phases, today);
        if before.is_some_and(|(_, spans)| spans == phases) {
            reader.mistakes.truncate(found);
        }
        let before = before.map(|(described, _)| described);
        let attributes = ATTRIBUTE_KINDS
            .iter()
            .zip(&self.values)
            .flat_map(|(kind, text)| reader.values(kind, text))
            .collect::<Vec<_>>();
        let last = phases.last();
        let mut sentence = |field: &str, text: &str| reader.line(field, text, SENTENCE_CHARS_MAX);
        let described = Description {
            kind,
            title,
            mission: sentence("mission", &self.mission),
            description,
            ministry_id,
            ministry_key: before
                .filter(|before| before.ministry_id == ministry_id)
                .map(|before| before.ministry_key.clone())
                .unwrap_or_default(),
            incubator_id,
            area: sentence("area", &self.area),
            policy_priority: sentence("policy_priority", &self.policy_priority),
            interministerial: self.interministerial,
            phase: last.map(|(phase, ..)| *phase),
            phase_since: last.map(|(_, start, _)| *start),
            accessibility: sentence("accessibility", &self.accessibility),
            link: reader.address("link", &self.link, before.map(|b| &b.link)),
            repository: reader.address(
                "repository",
                &self.repository,
                before.map(|b| &b.repository),
            ),
            stats_url: reader.address("stats_url", &self.stats_url, before.map(|b| &b.stats_url)),
            budget_url: reader.address(
                "budget_url",
                &self.budget_url,
                before.map(|b| &b.budget_url),
            ),
            impact_url: reader.address(
                "impact_url",
                &self.impact_url,
                before.map(|b| &b.impact_url),
            ),
        };
        if !reader.mistakes.is_empty() {
            return Err(reader.mistakes);
        }
        let mut attributes = attributes;
        attributes.sort();
        Ok(Checked {
            description: described,
            attributes,
            phases,
        })
    }

    /// The form of what is said now.
    pub fn of(
        described: &Description,
        attributes: &[(String, String)],
        phases: &[PhaseSpan],
    ) -> Self {
        let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
        let written = |date: Date| date.strftime("%d/%m/%Y").to_string();
        let values = ATTRIBUTE_KINDS.map(|kind| {
            let of_kind = attributes.iter().filter(|(k, _)| k == kind);
            of_kind
                .map(|(_, value)| value.as_str())
                .collect::<Vec<_>>()
                .join("\n")
        });
        Self {
            kind: described.kind.code().to_owned(),
            title: described.title.clone(),
            mission: described.mission.clone(),
            description: described.description.clone(),
            ministry: id(described.ministry_id),
            incubator: id(described.incubator_id),
            area: described.area.clone(),
            policy_priority: described.policy_priority.clone(),
            interministerial: described.interministerial,
            link: described.link.clone(),
            repository: described.repository.clone(),
            stats_url: described.stats_url.clone(),
            budget_url: described.budget_url.clone(),
            impact_url: described.impact_url.clone(),
            accessibility: described.accessibility.clone(),
            values,
            phases: phases
                .iter()
                .map(|(phase, start, end)| {
                    [
                        phase.code().to_owned(),
                        written(*start),
                        end.map(written).unwrap_or_default(),
                    ]
                })
                .collect(),
        }
    }
}

/// Gives back to a description that a source tells the parts that a person has decided: an import
/// doesn't undo what somebody corrected by hand.
pub fn keep_decided(
    now: (&Description, &[(String, String)], &[PhaseSpan]),
    decided: &[String],
    told: &mut Description,
    attributes: &mut Vec<(String, String)>,
    phases: &mut Vec<PhaseSpan>,
) {
    let (described, old_attributes, old_phases) = now;
    for field in decided {
        match field.as_str() {
            "kind" => told.kind = described.kind,
            "title" => told.title.clone_from(&described.title),
            "mission" => told.mission.clone_from(&described.mission),
            "description" => told.description.clone_from(&described.description),
            "ministry_id" => {
                told.ministry_id = described.ministry_id;
                told.ministry_key.clone_from(&described.ministry_key);
            }
            "incubator_id" => told.incubator_id = described.incubator_id,
            "area" => told.area.clone_from(&described.area),
            "policy_priority" => told.policy_priority.clone_from(&described.policy_priority),
            "interministerial" => told.interministerial = described.interministerial,
            "link" => told.link.clone_from(&described.link),
            "repository" => told.repository.clone_from(&described.repository),
            "stats_url" => told.stats_url.clone_from(&described.stats_url),
            "budget_url" => told.budget_url.clone_from(&described.budget_url),
            "impact_url" => told.impact_url.clone_from(&described.impact_url),
            "accessibility" => told.accessibility.clone_from(&described.accessibility),
            "attributes" => *attributes = old_attributes.to_vec(),
            "phases" => {
                *phases = old_phases.to_vec();
                told.phase = described.phase;
                told.phase_since = described.phase_since;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
