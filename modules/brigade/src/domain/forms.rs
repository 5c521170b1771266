//! What people send, and what it says.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use uuid::Uuid;

use super::fields::BrigadeFields as _;
use super::weeks::{Availability, Period};
use super::{Employer, Mistake, SkillLevel};
use crate::WORDING;

/// Longest text about a request or a mission, in characters.
const TEXT_CHARS_MAX: usize = 4_000;
/// Most days of one expertise or one expert.
pub(crate) const DAYS_MAX: u32 = 200;

/// A request for the brigade.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestForm {
    /// The product's id.
    pub product: String,
    /// What is needed, in plain words.
    pub need: String,
    /// Days of each expertise, by its code; empty where none is wanted.
    pub wanted: BTreeMap<String, String>,
    /// The first day of the wished period.
    pub from: [String; 3],
    /// Its last day.
    pub to: [String; 3],
    /// What the mission must contribute.
    pub contribution: String,
    /// The impact target that it serves.
    pub impact: String,
}

/// What the form of a request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestRead {
    pub(crate) product: Uuid,
    pub(crate) need: String,
    /// Half days of each expertise.
    pub(crate) wanted: BTreeMap<String, u32>,
    pub(crate) period: (Date, Date),
    pub(crate) contribution: String,
    pub(crate) impact: String,
}

impl RequestForm {
    /// `known` holds the codes of expertises that can be asked for.
    pub(crate) fn read(
        &self,
        known: &BTreeSet<String>,
        today: Date,
    ) -> Result<RequestRead, Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let period = reader.period(&self.from, &self.to);
        if period.1 != Date::MIN && period.1 < today {
            reader.wrong("to", "brigade-mistake-past", today);
        }
        let product = reader.code("product", &self.product, |text| text.parse::<Uuid>().ok());
        let need = reader.needed("need", &self.need, TEXT_CHARS_MAX);
        let mut wanted = BTreeMap::new();
        for (code, days) in &self.wanted {
            let field = format!("wanted-{code}");
            if !known.contains(code) {
                reader.wrong(field, "brigade-mistake-choice", code);
                continue;
            }
            if let Some(half_days) = reader.half_days(&field, days, DAYS_MAX)
                && half_days > 0
            {
                wanted.insert(code.clone(), half_days);
            }
        }
        if wanted.is_empty() && reader.is_well() {
            reader.wrong("wanted", "brigade-mistake-nothing-wanted", "");
        }
        let contribution = reader.needed("contribution", &self.contribution, TEXT_CHARS_MAX);
        let impact = reader.needed("impact", &self.impact, TEXT_CHARS_MAX);
        reader.done(RequestRead {
            product: product.unwrap_or_default(),
            need,
            wanted,
            period,
            contribution,
            impact,
        })
    }
}

/// Why a request is declined, put off, closed or withdrawn, why a mission is cancelled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerForm {
    /// Why.
    pub reason: String,
    /// Until when a request is put off.
    pub until: [String; 3],
}

impl AnswerForm {
    pub(crate) fn reason(&self, is_needed: bool) -> Result<String, Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let reason = if is_needed {
            reader.needed("reason", &self.reason, TEXT_CHARS_MAX)
        } else {
            reader.text("reason", &self.reason, TEXT_CHARS_MAX)
        };
        reader.done(reason)
    }

    /// The day to which a request is put off, which comes after today, and why.
    pub(crate) fn put_off(&self, today: Date) -> Result<(String, Date), Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let reason = reader.needed("reason", &self.reason, TEXT_CHARS_MAX);
        let until = reader.needed_day("until", &self.until);
        if until != Date::MIN && until <= today {
            reader.wrong("until", "brigade-mistake-past", today);
        }
        reader.done((reason, until))
    }
}

/// Somebody who goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssignmentForm {
    /// The expert's id and the code of the expertise, with a colon between them; empty: nobody.
    pub who: String,
    /// Days.
    pub days: String,
}

/// A mission that answers a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MissionForm {
    /// Its title: it stands in calendars.
    pub title: String,
    /// What it must do.
    pub objective: String,
    /// By what it is seen to have succeeded.
    pub criterion: String,
    /// Its first day.
    pub from: [String; 3],
    /// Its last day.
    pub to: [String; 3],
    /// Who goes.
    pub assignments: Vec<AssignmentForm>,
}

/// Who goes, for what, for how many half days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AssignmentRead {
    pub(crate) expert: Uuid,
    pub(crate) expertise: String,
    pub(crate) half_days: u32,
    /// The field that named it.
    pub(crate) field: String,
}

/// What the form of a mission says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MissionRead {
    pub(crate) title: String,
    pub(crate) objective: String,
    pub(crate) criterion: String,
    pub(crate) period: (Date, Date),
    /// In the order of experts' ids, which is the order in which their rows are held.
    pub(crate) assignments: Vec<AssignmentRead>,
}

impl MissionForm {
    /// Most experts of a mission.
    pub const ASSIGNMENTS_MAX: usize = 6;

    pub(crate) fn read(&self, today: Date) -> Result<MissionRead, Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let period = reader.period(&self.from, &self.to);
        if period.1 != Date::MIN && period.1 < today {
            reader.wrong("to", "brigade-mistake-past", today);
        }
        let title = reader.needed("title", &self.title, 120);
        let objective = reader.needed("objective", &self.objective, TEXT_CHARS_MAX);
        let criterion = reader.needed("criterion", &self.criterion, TEXT_CHARS_MAX);
        let mut assignments: Vec<AssignmentRead> = Vec::new();
        if self.assignments.len() > Self::ASSIGNMENTS_MAX {
            reader.wrong("who-0", "brigade-mistake-many", Self::ASSIGNMENTS_MAX);
        }
        for (at, one) in self.assignments.iter().enumerate() {
            let (field, days) = (format!("who-{at}"), format!("days-{at}"));
            if one.who.is_empty() {
                if !one.days.trim().is_empty() {
                    reader.wrong(field, "brigade-mistake-nobody", "");
                }
                continue;
            }
            let half_days = reader.some_half_days(&days, &one.days, DAYS_MAX);
            let who = one.who.split_once(':');
            let Some((expert, expertise)) = who
                .and_then(|(expert, code)| Some((expert.parse::<Uuid>().ok()?, code.to_owned())))
            else {
                reader.wrong(field, "brigade-mistake-choice", &one.who);
                continue;
            };
            if assignments.iter().any(|other| other.expert == expert) {
                reader.wrong(field, "brigade-mistake-twice", "");
                continue;
            }
            assignments.push(AssignmentRead {
                expert,
                expertise,
                half_days,
                field,
            });
        }
        if assignments.is_empty() && reader.is_well() {
            reader.wrong("who-0", "brigade-mistake-nobody", "");
        }
        assignments.sort_by_key(|one| one.expert);
        reader.done(MissionRead {
            title,
            objective,
            criterion,
            period,
            assignments,
        })
    }
}

/// More days or a later end of a mission.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExtensionForm {
    /// The expert's id.
    pub expert: String,
    /// More days; may be none when only the end moves.
    pub days: String,
    /// The last day from then on.
    pub to: [String; 3],
    /// Why.
    pub reason: String,
}

impl ExtensionForm {
    /// The expert, half days, the last day, why.
    pub(crate) fn read(&self) -> Result<(Uuid, u32, Date, String), Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let expert = reader.code("expert", &self.expert, |text| text.parse::<Uuid>().ok());
        let half_days = reader.half_days("days", &self.days, DAYS_MAX);
        let to = reader.needed_day("to", &self.to);
        let reason = reader.needed("reason", &self.reason, TEXT_CHARS_MAX);
        let expert = expert.unwrap_or_default();
        reader.done((expert, half_days.unwrap_or(0), to, reason))
    }
}

/// A day that somebody spent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DayForm {
    /// The expert's id.
    pub expert: String,
    /// The day.
    pub on: [String; 3],
    /// `0`, `1` or `2` half days: it takes the place of what was recorded for the day.
    pub half_days: String,
}

impl DayForm {
    pub(crate) fn read(&self) -> Result<(Uuid, Date, u32), Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let expert = reader.code("expert", &self.expert, |text| text.parse::<Uuid>().ok());
        let on = reader.needed_day("on", &self.on);
        let half_days = reader.code("half_days", &self.half_days, |text| {
            text.parse::<u32>().ok().filter(|half_days| *half_days <= 2)
        });
        reader.done((
            expert.unwrap_or_default(),
            on,
            half_days.unwrap_or_default(),
        ))
    }
}

/// What a mission found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportForm {
    /// What was found.
    pub findings: String,
    /// What was changed in the product.
    pub changes: String,
    /// Where more is read; may be empty.
    pub link: String,
}

impl ReportForm {
    pub(crate) fn read(&self) -> Result<Self, Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let findings = reader.needed("findings", &self.findings, 20_000);
        let changes = reader.needed("changes", &self.changes, 20_000);
        let link = reader.link("link", &self.link);
        reader.done(Self {
            findings,
            changes,
            link,
        })
    }
}

/// Somebody of the brigade.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpertForm {
    /// Its name.
    pub name: String,
    /// Its e-mail address.
    pub email: String,
    /// The e-mail address of its account; may be empty.
    pub account: String,
    /// An employer's code.
    pub employer: String,
    /// Who lends it; empty: the directorate's own.
    pub lender: String,
    /// Days per week for the brigade.
    pub days_week: String,
    /// The first day; may be empty.
    pub from: [String; 3],
    /// The last day; may be empty.
    pub until: [String; 3],
    /// The code of its level in each expertise, by the expertise's code; empty where it has none.
    pub skills: BTreeMap<String, String>,
    /// Whether it can be proposed: `yes` or `no`.
    pub in_use: String,
}

/// What the form of an expert says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExpertRead {
    pub(crate) name: String,
    pub(crate) email: String,
    /// The address of its account, in lower case, when the form names one.
    pub(crate) account: Option<String>,
    pub(crate) employer: Employer,
    pub(crate) lender: String,
    pub(crate) availability: Availability,
    pub(crate) skills: BTreeMap<String, SkillLevel>,
    pub(crate) in_use: bool,
}

impl ExpertForm {
    pub(crate) fn read(&self, known: &BTreeSet<String>) -> Result<ExpertRead, Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let name = reader.needed("name", &self.name, 200);
        let email = reader.email("email", &self.email);
        let account = match self.account.trim() {
            "" => None,
            text => Some(reader.email("account", text)),
        };
        let employer = reader.code("employer", &self.employer, Employer::parse);
        let lender = reader.text("lender", &self.lender, 200);
        let half_days_week = reader.some_half_days("days_week", &self.days_week, 5);
        let from = reader.day("from", &self.from);
        let until = reader.day("until", &self.until);
        if let (Some(from), Some(until)) = (from, until)
            && until < from
        {
            reader.wrong("until", "brigade-mistake-order", from);
        }
        let mut skills = BTreeMap::new();
        for (code, level) in self.skills.iter().filter(|(_, level)| !level.is_empty()) {
            let field = format!("skill-{code}");
            if !known.contains(code) {
                reader.wrong(field, "brigade-mistake-choice", code);
            } else if let Some(level) = reader.code(&field, level, SkillLevel::parse) {
                skills.insert(code.clone(), level);
            }
        }
        if skills.is_empty() && reader.is_well() {
            reader.wrong("skills", "brigade-mistake-no-skill", "");
        }
        reader.done(ExpertRead {
            name,
            email,
            account,
            employer: employer.unwrap_or(Employer::Agent),
            lender,
            availability: Availability {
                half_days_week,
                from,
                until,
                periods: Vec::new(),
            },
            skills,
            in_use: self.in_use != "no",
        })
    }
}

/// A time during which somebody works less. Why is never asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeriodForm {
    /// Its first day.
    pub from: [String; 3],
    /// Its last day.
    pub to: [String; 3],
    /// Days per week during it: `0` when somebody is absent.
    pub days_week: String,
}

impl PeriodForm {
    pub(crate) fn read(&self) -> Result<Period, Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let (from, to) = reader.period(&self.from, &self.to);
        let half_days = reader.half_days("days_week", &self.days_week, 5);
        if self.days_week.trim().is_empty() {
            reader.wrong("days_week", "brigade-mistake-missing", "");
        }
        reader.done(Period {
            from,
            to,
            half_days_week: half_days.unwrap_or(0),
        })
    }
}

/// A new expertise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpertiseForm {
    /// Its code: small letters, digits and hyphens, 2 to 40 characters.
    pub code: String,
    /// Its French name.
    pub name_fr: String,
    /// Its English name.
    pub name_en: String,
}

impl ExpertiseForm {
    pub(crate) fn read(&self) -> Result<Self, Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let code = reader.needed("code", &self.code, 40);
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !code.is_empty() && (code.len() < 2 || !code.chars().all(is_plain)) {
            reader.wrong("code", "brigade-mistake-code", &code);
        }
        let name_fr = reader.needed("name_fr", &self.name_fr, 100);
        let name_en = reader.needed("name_en", &self.name_en, 100);
        reader.done(Self {
            code,
            name_fr,
            name_en,
        })
    }
}

/// A recommendation that a mission gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecommendForm {
    /// What is to be done: 10 to 2,000 characters.
    pub text: String,
    /// One of [`AXES`].
    pub axis: String,
    /// Who in the ministry does it.
    pub owner: String,
    /// By when.
    pub due: [String; 3],
}

/// What a recommendation looks at, by the codes that steering knows.
pub const AXES: [&str; 5] = ["strategy", "finance", "governance", "delivery", "planning"];

impl RecommendForm {
    /// The text, the axis, the owner, the day.
    pub(crate) fn read(
        &self,
        today: Date,
    ) -> Result<(String, &'static str, String, Date), Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let text = reader.needed("text", &self.text, 2_000);
        if !text.is_empty() && text.chars().count() < 10 {
            reader.wrong("text", "brigade-mistake-short", "10");
        }
        let axis = reader.code("axis", &self.axis, |text| {
            AXES.into_iter().find(|axis| *axis == text)
        });
        let owner = reader.needed("owner", &self.owner, 200);
        let due = reader.needed_day("due", &self.due);
        if due != Date::MIN && due < today {
            reader.wrong("due", "brigade-mistake-past", today);
        }
        reader.done((text, axis.unwrap_or("delivery"), owner, due))
    }
}
