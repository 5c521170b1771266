//! What several pages of conferences say in the same way: states, reasons, the lines of a file.

use kit_acts::{pair, short};
use kit_http::Cx;
use kit_ui::{Cell, Locale, Tone, Words, format};

use super::words::finding;
use crate::domain::{ConferenceState, FileIndicator, Party, ProjectFile, Reason};
use crate::store::conferences::{Conference, ConferencePoint};

/// Where a conference stands.
pub(super) fn state(words: &Words, state: ConferenceState) -> Cell {
    let tone = match state {
        ConferenceState::Planned | ConferenceState::Prepared => Tone::Info,
        ConferenceState::Held => Tone::Warning,
        ConferenceState::Closed => Tone::Success,
        ConferenceState::Cancelled => Tone::Error,
    };
    let key = format!("steering-conference-state-{}", state.code());
    Cell::status(tone, words.text(&key))
}

/// The name of a conference.
pub(super) fn title(words: &Words, one: &Conference) -> String {
    let key = format!("steering-conference-of-{}", one.kind.code());
    let args = [
        ("ministry", one.ministry_name.as_str().into()),
        ("year", one.life.day.year().to_string().into()),
    ];
    words.text_with(&key, &args)
}

/// When and where, in a sentence.
pub(super) fn when(words: &Words, one: &Conference) -> String {
    let args = [
        ("date", format::date(words.locale, one.life.day).into()),
        ("hour", one.hour.as_str().into()),
        ("place", one.place.as_str().into()),
    ];
    words.text_with("steering-conference-when", &args)
}

/// Who takes part for a side; names stay with those who may read the ministry.
pub(super) fn people(one: &Conference, party: Party, with_names: bool) -> String {
    let of_party = one.participants.iter().filter(|p| p.party == party);
    let all: Vec<String> = of_party
        .filter_map(|one| match (with_names, one.role.is_empty()) {
            (true, true) => Some(one.name.clone()),
            (true, false) => Some(format!("{} ({})", one.name, one.role)),
            (false, true) => None,
            (false, false) => Some(one.role.clone()),
        })
        .collect();
    all.join(", ")
}

/// Why a project is proposed: a sentence with its figures.
pub(super) fn reason(words: &Words, reason: &Reason) -> String {
    let locale = words.locale;
    match reason {
        Reason::Agenda { count, text } => {
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            let args = [("count", count.into()), ("text", short(text).into())];
            words.text_with("steering-why-agenda", &args)
        }
        Reason::Impact {
            missed,
            behind,
            worst,
        } => {
            let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
            let args = [
                ("missed", count(*missed).into()),
                ("behind", count(*behind).into()),
            ];
            let text = words.text_with("steering-why-impact", &args);
            match worst {
                Some(found) => format!("{text} {}", finding(words, found)),
                None => text,
            }
        }
        Reason::Opinion => words.text("steering-why-opinion"),
        Reason::Drift { found } => finding(words, found),
        Reason::Risk { at_risk_cents } => {
            let money = format::millions(locale, *at_risk_cents);
            words.text_with("steering-why-risk", &[("money", money.into())])
        }
        Reason::Overdue { count } => words.count("steering-why-overdue", *count),
        Reason::Alerts { count } => words.count("steering-why-alerts", *count),
        Reason::Lapsed { count, text } => {
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            let args = [("count", count.into()), ("text", text.as_str().into())];
            words.text_with("steering-why-lapsed", &args)
        }
        Reason::Promise => words.text("steering-why-promise"),
    }
}

/// Why a project is on the agenda: what the data says, then what an officer wrote.
pub(super) fn why(words: &Words, why: &[Reason], note: &str) -> String {
    let mut all: Vec<String> = why.iter().map(|one| reason(words, one)).collect();
    if !note.is_empty() {
        all.push(note.to_owned());
    }
    all.join(" ")
}

/// Where a point's minutes stand.
pub(super) fn written(words: &Words, point: &ConferencePoint) -> Cell {
    let (tone, key) = if point.decision.is_some() {
        (Tone::Success, "steering-point-decided")
    } else if !point.undecided.is_empty() {
        (Tone::Info, "steering-point-undecided")
    } else if point.discussion.is_empty() {
        (Tone::Warning, "steering-point-unwritten")
    } else {
        (Tone::Warning, "steering-point-no-decision-yet")
    };
    Cell::status(tone, words.text(key))
}

/// A line of a file: what, its figure, where it comes from.
pub(super) type Line = [String; 3];

fn rate(locale: Locale, rate: Option<f64>) -> Option<String> {
    rate.map(|rate| format::percent_signed(locale, rate))
}

fn indicator(words: &Words, one: &FileIndicator) -> String {
    let locale = words.locale;
    let figure = |value: f64| format!("{}\u{a0}{}", format::decimal(locale, value, 2), one.unit);
    let latest = match one.latest {
        Some((value, on)) => {
            let args = [
                ("value", figure(value).into()),
                ("date", format::date(locale, on).into()),
            ];
            words.text_with("steering-file-latest", &args)
        }
        None => words.text("steering-not-measured"),
    };
    let target = match one.target {
        Some((value, by)) => {
            let by = by.map_or_else(|| "—".to_owned(), |by| format::date(locale, by));
            let args = [("value", figure(value).into()), ("date", by.into())];
            words.text_with("steering-file-target", &args)
        }
        None => words.text("steering-file-no-target"),
    };
    let standing = words.text(&format!("steering-standing-{}", one.standing));
    format!("{standing}. {target} {latest}")
}

/// What a file says, line by line, each with where it comes from; what nobody tells is said too.
pub(super) fn lines(words: &Words, file: &ProjectFile) -> Vec<Line> {
    let locale = words.locale;
    let text = |key: &str| words.text(key);
    let source = |key: &str| words.text(&format!("steering-source-{key}"));
    let untold = || text("steering-not-told");
    let mut all: Vec<Line> = Vec::new();
    let mut add = |name: String, value: Option<String>, from: &str| {
        let told = value.filter(|value| !value.is_empty());
        let from = if told.is_some() {
            source(from)
        } else {
            "—".to_owned()
        };
        all.push([name, told.unwrap_or_else(untold), from]);
    };
    let date = |on| format::date(locale, on);
    let money = |cents| format::millions(locale, cents);
    let figure = |key: &str| text(&format!("steering-figure-{key}"));
    match &file.indicators {
        Some(all) if !all.is_empty() => {
            for one in all {
                let from = if one.automatic { "platform" } else { "impact" };
                add(one.name.clone(), Some(indicator(words, one)), from);
            }
        }
        Some(_) => {
            let none = text("steering-file-no-promise");
            add(text("steering-file-impact"), Some(none), "impact");
        }
        None => add(text("steering-file-impact"), None, "impact"),
    }
    add(
        figure("baseline"),
        file.baseline_cents.map(money),
        "portfolio",
    );
    add(figure("cost"), file.cost_cents.map(money), "portfolio");
    add(
        figure("cost-slip"),
        rate(locale, file.cost_slip),
        "portfolio",
    );
    add(
        figure("duration-slip"),
        rate(locale, file.duration_slip),
        "portfolio",
    );
    add(
        figure("estimated"),
        file.estimated_on.map(date),
        "portfolio",
    );
    let at_risk = Some(money(file.at_risk_cents));
    add(text("steering-money-at-risk"), at_risk, "watch");
    for (side, rating) in [("own", file.own), ("independent", file.independent)] {
        let told = rating.map(|(rating, on)| {
            let rating = text(&format!("steering-confidence-{}", rating.code()));
            let args = [("rating", rating.into()), ("date", date(on).into())];
            words.text_with("steering-rated", &args)
        });
        add(text(&format!("steering-side-{side}")), told, side);
    }
    for one in &file.reviews {
        let state = match one.opinion {
            Some(opinion) => format!("steering-opinion-{}", opinion.code()),
            None => format!("steering-state-{}", one.state.code()),
        };
        let ended = one
            .ended_on
            .map_or_else(String::new, |on| format!(" ({})", date(on)));
        let told = Some(format!("{}{ended}", text(&state)));
        add(
            text(&format!("steering-kind-{}", one.kind.code())),
            told,
            "review",
        );
    }
    for one in &file.recommendations {
        let mut status = text(&format!("steering-status-{}", one.status.code()));
        if one.is_overdue {
            status = format!("{status}, {}", text("steering-overdue"));
        }
        let args = [
            ("text", short(&one.text).into()),
            ("date", date(one.due_on).into()),
            ("status", status.into()),
        ];
        let told = words.text_with("steering-file-recommendation", &args);
        add(text("steering-recommendation"), Some(told), "steering");
    }
    for one in &file.decisions {
        let kind = text(&format!("steering-decision-{}", one.kind.code()));
        let mut told = pair(words, &kind, &short(&one.next));
        if let Some(on) = one.done_on {
            told = format!("{told} ({} {})", text("steering-fact-done"), date(on));
        }
        let name = format!("{} ({})", text("steering-decision"), date(one.on));
        add(name, Some(told), "steering");
    }
    for one in &file.alerts {
        let name = text(&format!("steering-rule-{}", one.rule().code()));
        add(name, Some(finding(words, one)), "watch");
    }
    let held = match &file.held {
        Some((since, why)) => {
            let since = words.text_with("steering-held-since", &[("date", date(*since).into())]);
            pair(words, &since, why)
        }
        None => text("steering-file-not-held"),
    };
    add(text("steering-file-funding"), Some(held), "steering");
    if !file.security.is_empty() {
        let told = Some(short(&file.security));
        add(text("steering-topic-security"), told, "review-file");
    }
    let language = usize::from(locale == Locale::En);
    for fact in file.facts.get(language).into_iter().flatten() {
        add(
            fact.label.clone(),
            Some(fact.value.clone()),
            &of_module(&fact.href),
        );
    }
    for topic in file.untold(language) {
        add(text(&format!("steering-topic-{topic}")), None, "steering");
    }
    all
}

/// The module that shows a fact, by the first part of its address.
fn of_module(href: &str) -> String {
    let known = ["contracts", "brigade", "startups", "costs", "funds"];
    let found = href.split(['/', '?']).find(|part| known.contains(part));
    found.unwrap_or("module").to_owned()
}

/// The caption of a file's table.
pub(super) fn file_caption(cx: &Cx, file: &ProjectFile) -> String {
    let args = [("date", format::date(cx.locale, file.as_of).into())];
    cx.words().text_with("steering-file-as-of", &args)
}
