//! The form of a contract's text.

use std::collections::BTreeMap;

use jiff::civil::Date;
use ports::IndicatorProgress;
use uuid::Uuid;

use super::Mistake;
use super::codes::{Consequence, Doctrine, Expertise, Kind};
use super::condition::Condition;
use super::terms::{Clause, Days, IndicatorTerms, Party, Terms, TrancheTerms};
use super::{Reader, typed};
use crate::WORDING;

/// Most tranches of a contract.
pub const TRANCHES_MAX: usize = 6;
/// Most indicators of a contract.
const INDICATORS_MAX: usize = 10;
/// The longest contract, in years.
const YEARS_MAX: i16 = 10;

/// What is typed, by field. A date is `NAME-day`, `NAME-month`, `NAME-year`; several ticked boxes of one
/// name are joined by commas.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TermsForm(pub BTreeMap<String, String>);

/// What a form is read with.
#[derive(Debug, Clone, Copy)]
pub struct TermsContext<'c> {
    /// What is given.
    pub kind: Kind,
    /// The product and its name.
    pub product: (Uuid, &'c str),
    /// The product's indicators, as they stand.
    pub indicators: &'c [IndicatorProgress],
    /// Tranches that are released or paid, by number: they stay as they are.
    pub fixed: &'c [(usize, TrancheTerms)],
    /// The most that may be given, when a fund gives it.
    pub granted_cents: Option<i64>,
}

impl TermsForm {
    /// What was typed in a field.
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Fills a field in.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Fills a date in.
    pub fn set_day(&mut self, name: &str, on: Date) {
        for (part, value) in ["day", "month", "year"].into_iter().zip(typed(on)) {
            self.set(&format!("{name}-{part}"), value);
        }
    }

    /// The three fields of a date.
    pub fn three(&self, name: &str) -> [String; 3] {
        ["day", "month", "year"].map(|part| self.text(&format!("{name}-{part}")).to_owned())
    }

    /// The form of a text.
    pub fn of(terms: &Terms) -> Self {
        let mut form = Self::default();
        form.set("title", &terms.title);
        form.set("purpose", &terms.purpose);
        for (side, party) in [
            ("directorate", &terms.directorate),
            ("ministry", &terms.ministry),
        ] {
            form.set(&format!("{side}_body"), &party.body);
            form.set(&format!("{side}_signatory"), &party.signatory);
            form.set(&format!("{side}_role"), &party.role);
        }
        for one in &terms.days {
            let name = format!("days_{}", one.expertise.code());
            form.set(&name, one.days.to_string());
        }
        for (at, one) in terms.tranches.iter().enumerate() {
            form.set_tranche(at + 1, one);
        }
        let ids: Vec<String> = terms.indicators.iter().map(|i| i.id.to_string()).collect();
        form.set("indicators", ids.join(","));
        for one in &terms.clauses {
            form.set(&format!("clause_{}", one.doctrine.code()), &one.demand);
        }
        form.set("review_months", terms.review_months.to_string());
        form.set("consequence", terms.consequence.code());
        form.set("consequence_text", &terms.consequence_text);
        form.set_day("starts", terms.starts_on);
        form.set_day("ends", terms.ends_on);
        form
    }

    fn set_tranche(&mut self, number: usize, one: &TrancheTerms) {
        let name = |part: &str| format!("tranche{number}_{part}");
        self.set(&name("label"), &one.label);
        let (euros, cents) = (one.amount_cents / 100, one.amount_cents % 100);
        self.set(&name("amount"), format!("{euros},{cents:02}"));
        self.set(&name("when"), one.condition.code());
        match &one.condition {
            Condition::Indicator {
                indicator,
                share_percent,
            } => {
                self.set(&name("indicator"), indicator.to_string());
                self.set(&name("share"), share_percent.to_string());
            }
            Condition::Date { on } => self.set_day(&name("on"), *on),
            Condition::Clause { doctrine } => self.set(&name("clause"), doctrine.code()),
        }
    }

    fn party(&self, reader: &mut Reader, side: &str) -> Party {
        let mut part = |name: &str| {
            let name = format!("{side}_{name}");
            reader.needed(&name, self.text(&name), 200)
        };
        Party {
            body: part("body"),
            signatory: part("signatory"),
            role: part("role"),
        }
    }

    fn indicators(&self, reader: &mut Reader, known: &[IndicatorProgress]) -> Vec<IndicatorTerms> {
        let ids = self.text("indicators").split(',').map(str::trim);
        let mut read: Vec<IndicatorTerms> = Vec::new();
        for id in ids.filter(|id| !id.is_empty()) {
            let found = known.iter().find(|one| one.id.to_string() == id);
            let Some(found) = found else {
                reader.wrong("indicators", "contracts-mistake-indicator-unknown", id);
                continue;
            };
            match agreed(found) {
                Some(agreed) if read.iter().all(|one| one.id != agreed.id) => read.push(agreed),
                Some(_) => {}
                None => {
                    let key = "contracts-mistake-indicator-incomplete";
                    reader.wrong("indicators", key, &found.name);
                }
            }
        }
        if read.is_empty() && self.text("indicators").trim().is_empty() {
            reader.wrong("indicators", "contracts-mistake-indicator-none", "");
        }
        if read.len() > INDICATORS_MAX {
            reader.wrong("indicators", "contracts-mistake-indicators", INDICATORS_MAX);
        }
        read
    }

    fn days(&self, reader: &mut Reader, is_human: bool) -> Vec<Days> {
        let mut days = Vec::new();
        for expertise in Expertise::ALL {
            let name = format!("days_{}", expertise.code());
            if let Some(read) = reader.whole(&name, self.text(&name), (1, 2_000)) {
                days.push(Days {
                    expertise: *expertise,
                    days: u32::try_from(read).unwrap_or(0),
                });
            }
        }
        if is_human && days.is_empty() {
            let first = format!("days_{}", Expertise::Coaching.code());
            reader.wrong(first, "contracts-mistake-days", "");
        }
        if !is_human && let Some(one) = days.first() {
            let name = format!("days_{}", one.expertise.code());
            reader.wrong(name, "contracts-mistake-money-only", "");
        }
        days
    }

    fn condition(
        &self,
        reader: &mut Reader,
        number: usize,
        (indicators, clauses): (&[IndicatorTerms], &[Clause]),
    ) -> Option<Condition> {
        let name = |part: &str| format!("tranche{number}_{part}");
        match self.text(&name("when")) {
            "indicator" => {
                let field = name("indicator");
                let id = self.text(&field).parse::<Uuid>().ok();
                let id = id.filter(|id| indicators.iter().any(|one| one.id == *id));
                if id.is_none() {
                    reader.wrong(field, "contracts-mistake-tranche-indicator", "");
                }
                let field = name("share");
                let text = self.text(&field).trim().trim_end_matches('%').trim_end();
                if text.is_empty() {
                    reader.wrong(&*field, "contracts-mistake-missing", "");
                }
                let share = reader.whole(&field, text, (1, 100))?;
                Some(Condition::Indicator {
                    indicator: id?,
                    share_percent: u8::try_from(share).ok()?,
                })
            }
            "date" => {
                let on = reader.needed_day(&name("on"), &self.three(&name("on")));
                (on != Date::MIN).then_some(Condition::Date { on })
            }
            "clause" => {
                let field = name("clause");
                let doctrine = reader.code(&field, self.text(&field), Doctrine::parse)?;
                if clauses.iter().all(|one| one.doctrine != doctrine) {
                    reader.wrong(field, "contracts-mistake-tranche-clause", "");
                }
                Some(Condition::Clause { doctrine })
            }
            other => {
                reader.wrong(name("when"), "contracts-mistake-choice", other);
                None
            }
        }
    }

    fn tranches(
        &self,
        reader: &mut Reader,
        context: &TermsContext<'_>,
        agreed: (&[IndicatorTerms], &[Clause]),
    ) -> Vec<TrancheTerms> {
        let mut read = Vec::new();
        let mut gap = None;
        for number in 1..=TRANCHES_MAX {
            let name = |part: &str| format!("tranche{number}_{part}");
            let (label, amount) = (self.text(&name("label")), self.text(&name("amount")));
            if label.trim().is_empty() && amount.trim().is_empty() {
                gap = gap.or(Some(number));
                continue;
            }
            if context.kind == Kind::Human {
                reader.wrong(name("amount"), "contracts-mistake-people-only", "");
                continue;
            }
            if let Some(gap) = gap {
                reader.wrong(name("label"), "contracts-mistake-tranche-gap", gap);
            }
            let label = reader.needed(&name("label"), label, 200);
            let amount_cents = reader.needed_euros(&name("amount"), amount);
            if let Some(condition) = self.condition(reader, number, agreed) {
                read.push(TrancheTerms {
                    label,
                    amount_cents,
                    condition,
                });
            }
        }
        if context.kind == Kind::Money && self.text("tranche1_label").trim().is_empty() {
            reader.wrong("tranche1_label", "contracts-mistake-tranches", "");
        }
        for (number, fixed) in context.fixed {
            if read.get(number.saturating_sub(1)) != Some(fixed) {
                let name = format!("tranche{number}_label");
                reader.wrong(name, "contracts-mistake-tranche-fixed", number);
            }
        }
        let total: i64 = read.iter().map(|one| one.amount_cents).sum();
        if let Some(granted) = context.granted_cents.filter(|granted| total > *granted) {
            let granted = format!("{},{:02}\u{a0}€", granted / 100, granted % 100);
            reader.wrong("tranche1_amount", "contracts-mistake-granted", granted);
        }
        read
    }

    /// What it says, or every mistake in it.
    pub fn read(&self, context: &TermsContext<'_>) -> Result<Terms, Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let title = reader.needed("title", self.text("title"), 200);
        let purpose = reader.needed("purpose", self.text("purpose"), 4_000);
        let directorate = self.party(&mut reader, "directorate");
        let ministry = self.party(&mut reader, "ministry");
        let signatory = |party: &Party| names::normalise(&party.signatory);
        if !directorate.signatory.is_empty() && signatory(&directorate) == signatory(&ministry) {
            reader.wrong(
                "ministry_signatory",
                "contracts-mistake-same-signatory",
                &directorate.signatory,
            );
        }
        let days = self.days(&mut reader, context.kind == Kind::Human);
        let indicators = self.indicators(&mut reader, context.indicators);
        let mut clauses = Vec::new();
        for doctrine in Doctrine::ALL {
            let name = format!("clause_{}", doctrine.code());
            let demand = reader.text(&name, self.text(&name), 2_000);
            if !demand.is_empty() {
                clauses.push(Clause {
                    doctrine: *doctrine,
                    demand,
                });
            }
        }
        if clauses.is_empty() {
            let first = format!("clause_{}", Doctrine::Cloud.code());
            reader.wrong(first, "contracts-mistake-clauses", "");
        }
        let tranches = self.tranches(&mut reader, context, (&indicators, &clauses));
        let months = self.text("review_months");
        if months.trim().is_empty() {
            reader.wrong("review_months", "contracts-mistake-missing", "");
        }
        let review_months = reader.whole("review_months", months, (1, 24)).unwrap_or(6);
        let consequence = reader.code("consequence", self.text("consequence"), Consequence::parse);
        let consequence_text =
            reader.needed("consequence_text", self.text("consequence_text"), 2_000);
        let starts_on = reader.needed_day("starts", &self.three("starts"));
        let ends_on = reader.needed_day("ends", &self.three("ends"));
        if starts_on != Date::MIN && ends_on != Date::MIN {
            if ends_on <= starts_on {
                reader.wrong("ends", "contracts-mistake-before", starts_on);
            } else if ends_on.year() - starts_on.year() > YEARS_MAX {
                reader.wrong("ends", "contracts-mistake-years", YEARS_MAX);
            }
        }
        reader.done(Terms {
            kind: context.kind,
            title,
            product: context.product.0,
            product_title: context.product.1.to_owned(),
            purpose,
            directorate,
            ministry,
            days,
            tranches,
            indicators,
            clauses,
            review_months: u8::try_from(review_months).unwrap_or(6),
            consequence: consequence.unwrap_or(Consequence::Reorient),
            consequence_text,
            starts_on,
            ends_on,
        })
    }
}

/// An indicator as a contract keeps it: none without baseline, target and date, or when its target is
/// its baseline.
pub fn agreed(one: &IndicatorProgress) -> Option<IndicatorTerms> {
    let (baseline, baseline_on) = one.baseline?;
    let (target, due_on) = one.target?;
    ((target - baseline).abs() > f64::EPSILON).then_some(())?;
    Some(IndicatorTerms {
        id: one.id,
        name: one.name.clone(),
        unit: one.unit.clone(),
        baseline,
        baseline_on,
        target,
        due_on: due_on?,
        source: one.source.clone(),
    })
}
