//! What a text says, line by line: for its page, for the comparison of two, and for its document.

use jiff::civil::Date;
use kit_acts::pair;
use kit_ui::{Words, format};

use crate::domain::{Condition, IndicatorTerms, Reading, Terms};

/// A figure with its unit.
pub(super) fn figure(words: &Words, value: f64, unit: &str) -> String {
    format!("{}\u{a0}{unit}", format::decimal(words.locale, value, 2))
}

fn date(words: &Words, on: Date) -> String {
    format::date(words.locale, on)
}

/// An indicator: from where to where, by when.
pub(super) fn promise(words: &Words, one: &IndicatorTerms) -> String {
    let args = [
        ("baseline", figure(words, one.baseline, &one.unit).into()),
        ("from", date(words, one.baseline_on).into()),
        ("target", figure(words, one.target, &one.unit).into()),
        ("to", date(words, one.due_on).into()),
        ("source", one.source.as_str().into()),
    ];
    words.text_with("contracts-promise", &args)
}

/// When a tranche is released.
pub(super) fn condition(words: &Words, terms: &Terms, condition: &Condition) -> String {
    match condition {
        Condition::Date { on } => {
            words.text_with("contracts-when-date", &[("date", date(words, *on).into())])
        }
        Condition::Clause { doctrine } => {
            let name = words.text(&format!("contracts-doctrine-{}", doctrine.code()));
            words.text_with("contracts-when-clause", &[("clause", name.into())])
        }
        Condition::Indicator {
            indicator,
            share_percent,
        } => {
            let found = terms.indicators.iter().find(|one| one.id == *indicator);
            let name = found.map_or("—", |one| one.name.as_str());
            let args = [
                ("indicator", name.into()),
                ("share", i64::from(*share_percent).into()),
            ];
            words.text_with("contracts-when-indicator", &args)
        }
    }
}

/// How a condition stands, with the figure that says so, its day and its source.
pub(super) fn reading(words: &Words, reading: &Reading) -> String {
    let mut text = match reading.unmet {
        None => words.text("contracts-met"),
        Some(unmet) => words.text(&format!("contracts-unmet-{}", unmet.code())),
    };
    if let Some(found) = &reading.figure {
        let needed = reading.needed.unwrap_or(found.value);
        let key = if found.automatic {
            "contracts-figure-automatic"
        } else {
            "contracts-figure-told"
        };
        let args = [
            ("value", figure(words, found.value, &found.unit).into()),
            ("needed", figure(words, needed, &found.unit).into()),
            ("date", date(words, found.as_of).into()),
            ("source", found.source.as_str().into()),
        ];
        text = format!("{text} {}", words.text_with(key, &args));
    }
    text
}

/// Every line of a text: its name and what it says.
pub(super) fn lines(words: &Words, terms: &Terms) -> Vec<(String, String)> {
    let name = |key: &str| words.text(&format!("contracts-field-{key}"));
    let party = |party: &crate::domain::Party| {
        format!("{} — {}, {}", party.body, party.signatory, party.role)
    };
    let mut all = vec![
        (name("title"), terms.title.clone()),
        (name("product"), terms.product_title.clone()),
        (
            name("kind"),
            words.text(&format!("contracts-kind-{}", terms.kind.code())),
        ),
        (name("purpose"), terms.purpose.clone()),
        (name("directorate"), party(&terms.directorate)),
        (name("ministry_party"), party(&terms.ministry)),
    ];
    for one in &terms.days {
        let expertise = words.text(&format!("contracts-expertise-{}", one.expertise.code()));
        let days = words.count("contracts-person-days", i64::from(one.days));
        all.push((expertise, days));
    }
    for (at, one) in terms.tranches.iter().enumerate() {
        let args = [("number", (at as i64 + 1).into())];
        let amount = format::euros(words.locale, one.amount_cents);
        let when = condition(words, terms, &one.condition);
        let said = pair(words, &format!("{} — {amount}", one.label), &when);
        all.push((words.text_with("contracts-tranche-number", &args), said));
    }
    for one in &terms.indicators {
        let args = [("name", one.name.as_str().into())];
        let told = promise(words, one);
        all.push((words.text_with("contracts-indicator-named", &args), told));
    }
    for one in &terms.clauses {
        let doctrine = words.text(&format!("contracts-doctrine-{}", one.doctrine.code()));
        let args = [("name", doctrine.into())];
        let said = one.demand.clone();
        all.push((words.text_with("contracts-clause-named", &args), said));
    }
    let consequence = words.text(&format!(
        "contracts-consequence-{}",
        terms.consequence.code()
    ));
    let rhythm = words.count("contracts-every-months", i64::from(terms.review_months));
    all.extend([
        (name("review_months"), rhythm),
        (
            name("consequence"),
            format!("{consequence} — {}", terms.consequence_text),
        ),
        (name("starts"), date(words, terms.starts_on)),
        (name("ends"), date(words, terms.ends_on)),
    ]);
    all
}

/// What differs between two texts: the name of the line, before, after.
pub(super) fn differences(
    words: &Words,
    before: &Terms,
    after: &Terms,
) -> Vec<(String, String, String)> {
    let (before, after) = (lines(words, before), lines(words, after));
    let find = |all: &[(String, String)], name: &str| {
        let found = all.iter().find(|(known, _)| known == name);
        found.map_or_else(|| "—".to_owned(), |(_, said)| said.clone())
    };
    let mut names: Vec<&String> = before.iter().map(|(name, _)| name).collect();
    for (name, _) in &after {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let told = names.into_iter().map(|name| {
        let (then, now) = (find(&before, name), find(&after, name));
        (name.clone(), then, now)
    });
    told.filter(|(_, then, now)| then != now).collect()
}
