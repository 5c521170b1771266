//! Contracts: the list, one with all of it, and one of its texts.

use kit_acts::{address, cursor, day, day_text, euros, place};
use kit_http::{Cx, Failure, Page, Path, Query, State, optional};
use kit_ui::{Actions, Cell, Column, Composed, Facts, Field, Form, Pages, Table, Tone, format};
use serde::Deserialize;
use uuid::Uuid;

use super::text;
use super::words::{ministries, timeline};
use crate::access::{COMMENT, CONDUCT, PROPOSE, RELEASE};
use crate::domain::{Act, CheckState, Kind, Side, State as ContractState, TrancheState};
use crate::drafting::{life, permission};
use crate::reading::{ContractFile, ContractFilter, latest_first};
use crate::{Contracts, TrancheStanding, WORDING, signing};

/// Rows on one page.
const PAGE_ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    ministry: String,
    #[serde(default)]
    after: String,
}

/// Where a contract stands.
pub(super) fn state(cx: &Cx, state: ContractState) -> Cell {
    let tone = match state {
        ContractState::InForce | ContractState::Signed => Tone::Success,
        ContractState::ToSign | ContractState::AmendmentToSign => Tone::Warning,
        ContractState::Terminated => Tone::Error,
        _ => Tone::Info,
    };
    Cell::status(
        tone,
        cx.words()
            .text(&format!("contracts-state-{}", state.code())),
    )
}

pub(super) async fn list(
    State(contracts): State<Contracts>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let filter = ContractFilter {
        state: optional("state", &query.state, ContractState::parse)?,
        kind: optional("kind", &query.kind, Kind::parse)?,
        ministry: optional("ministry", &query.ministry, |text| text.parse().ok())?,
        product: None,
    };
    let after = place(&query.after, latest_first());
    let mut found = contracts
        .contracts(&cx.actor, filter, after, PAGE_ROWS + 1)
        .await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let here = "/contracts";
    let pairs = [
        ("state", query.state.as_str()),
        ("kind", query.kind.as_str()),
        ("ministry", query.ministry.as_str()),
    ];
    let next = found.last().filter(|_| more).map(|last| {
        let after = cursor(last.opened_on, last.id);
        address(here, &[pairs[0], pairs[1], pairs[2], ("after", &after)])
    });
    let previous = (!query.after.is_empty()).then(|| address(here, &pairs));
    let rows = found.iter().map(|one| {
        vec![
            Cell::link(&one.title, format!("{here}/{}", one.id)),
            Cell::text(&one.product_title),
            Cell::text(words.text(&format!("contracts-kind-{}", one.kind.code()))),
            state(&cx, one.state),
            if one.amount_cents > 0 {
                euros(&cx, one.amount_cents)
            } else {
                Cell::unknown()
            },
            day(&cx, one.ends_on),
            day(&cx, one.next_review_on),
        ]
    });
    let mut names = WORDING.columns(&words, &["contract", "product", "kind", "state"]);
    names.push(Column::number(words.text("contracts-column-amount")));
    names.extend(WORDING.columns(&words, &["ends", "next-review"]));
    let table = Table::new(
        &words,
        "contracts",
        words.text("contracts-contracts"),
        names,
    )
    .rows(rows)
    .pages(Pages { previous, next })
    .empty(words.text("contracts-contracts-empty"));
    let states: Vec<&str> = ContractState::ALL.iter().map(|one| one.code()).collect();
    let kinds: Vec<&str> = Kind::ALL.iter().map(|one| one.code()).collect();
    let choice = |name: &str, prefix: &str, codes: &[&str], value: &str| {
        Field::select(
            name,
            WORDING.label(&words, name),
            WORDING.any_of(&words, prefix, codes),
        )
        .value(value)
    };
    let of_ministry = ministries(&contracts, &cx).await?;
    let filters = Form::filters(here, words.text("contracts-filter")).fields([
        choice("state", "contracts-state-", &states, &query.state),
        choice("kind", "contracts-kind-", &kinds, &query.kind),
        Field::select("ministry", WORDING.label(&words, "ministry"), of_ministry)
            .value(&query.ministry),
    ]);
    let add = cx
        .actor
        .may_somewhere(&PROPOSE)
        .then(|| Actions(vec![(words.text("contracts-draft"), format!("{here}/new"))]));
    let shell = cx
        .shell(words.text("contracts-contracts"))
        .lead(words.text("contracts-contracts-lead"));
    Ok(Page(
        Composed::new(shell).maybe(add).with(filters).with(table),
    ))
}

/// What can be done now, by whoever looks.
fn actions(cx: &Cx, file: &ContractFile) -> Option<Actions> {
    let words = cx.words();
    let one = &file.contract;
    let here = format!("/contracts/{}", one.id);
    let may = |permission| cx.actor.may(permission, one.ministry);
    let life = life(one, &file.signatures);
    let mut all = Vec::new();
    for act in life.possible() {
        let code = act.code();
        match act {
            Act::Begin => {}
            Act::Sign => {
                for side in Side::ALL {
                    let is_open = life.signed.iter().all(|(signed, _)| signed != side);
                    if is_open && may(signing::permission(*side)) {
                        let code = format!("sign-{}", side.code());
                        let text = words.text(&format!("contracts-act-{code}"));
                        all.push((text, format!("{here}/acts/{code}")));
                    }
                }
            }
            Act::Propose if may(&PROPOSE) => {
                all.push((words.text("contracts-act-propose"), format!("{here}/text")));
            }
            act if act != Act::Propose && may(permission(act)) => {
                let text = words.text(&format!("contracts-act-{code}"));
                all.push((text, format!("{here}/acts/{code}")));
            }
            _ => {}
        }
    }
    let is_open = !matches!(one.state, ContractState::Signed | ContractState::InForce);
    if is_open && !one.state.is_over() && may(&COMMENT) {
        all.push((
            words.text("contracts-act-comment"),
            format!("{here}/acts/comment"),
        ));
    }
    if may(&CONDUCT) {
        if one.state.is_in_force() {
            all.push((words.text("contracts-act-review"), format!("{here}/review")));
        }
        if one.publication.is_some() {
            all.push((words.text("contracts-plan"), format!("{here}/publication")));
        }
    }
    (!all.is_empty()).then_some(Actions(all))
}

/// Where a tranche stands.
pub(super) fn tranche_state(cx: &Cx, state: TrancheState) -> Cell {
    let tone = match state {
        TrancheState::Paid | TrancheState::Released => Tone::Success,
        TrancheState::Held => Tone::Error,
        TrancheState::Planned | TrancheState::Cancelled => Tone::Info,
    };
    Cell::status(
        tone,
        cx.words()
            .text(&format!("contracts-tranche-{}", state.code())),
    )
}

fn tranches(cx: &Cx, file: &ContractFile) -> Option<Table> {
    let words = cx.words();
    let terms = &file.current()?.terms;
    let one = &file.contract;
    if file.tranches.is_empty() {
        return None;
    }
    let may = cx.actor.may(&RELEASE, one.ministry);
    let rows = file.tranches.iter().map(|standing| {
        let TrancheStanding { tranche, reading } = standing;
        let base = format!("/contracts/{}/tranches/{}", one.id, tranche.number);
        let tone = if reading.is_met() {
            Tone::Success
        } else {
            Tone::Info
        };
        let act = match tranche.state {
            TrancheState::Planned if one.state.is_in_force() && reading.is_met() => Some("release"),
            TrancheState::Planned if one.state.is_in_force() => Some("hold"),
            TrancheState::Held => Some("unhold"),
            TrancheState::Released => Some("pay"),
            _ => None,
        };
        let mut state = tranche_state(cx, tranche.state);
        if !tranche.reason.is_empty() {
            state = state.note(&tranche.reason);
        } else if !tranche.reference.is_empty() {
            state = state.note(&tranche.reference);
        }
        vec![
            Cell::text(format!("{}. {}", tranche.number, tranche.label)),
            euros(cx, tranche.amount_cents),
            Cell::text(text::condition(&words, terms, &tranche.condition)),
            Cell::status(tone, text::reading(&words, reading)),
            state,
            match act.filter(|_| may) {
                Some(act) => {
                    let said = words.text(&format!("contracts-tranche-act-{act}"));
                    Cell::link(said, format!("{base}/{act}"))
                }
                None => Cell::text("—"),
            },
        ]
    });
    let mut names = WORDING.columns(&words, &["tranche"]);
    names.push(Column::number(words.text("contracts-column-amount")));
    names.extend(WORDING.columns(&words, &["condition", "reading", "state", "act"]));
    Some(Table::new(&words, "tranches", words.text("contracts-tranches"), names).rows(rows))
}

fn clauses(cx: &Cx, file: &ContractFile) -> Option<Table> {
    let words = cx.words();
    let terms = &file.current()?.terms;
    let one = &file.contract;
    let may = cx.actor.may(&CONDUCT, one.ministry) && one.state.is_in_force();
    let rows = terms.clauses.iter().map(|clause| {
        let found = file
            .checks
            .iter()
            .find(|check| check.doctrine == clause.doctrine);
        let state = found.map_or(CheckState::NotChecked, |check| check.state);
        let name = words.text(&format!("contracts-doctrine-{}", clause.doctrine.code()));
        let href = format!("/contracts/{}/clauses/{}", one.id, clause.doctrine.code());
        vec![
            if may {
                Cell::link(name, href)
            } else {
                Cell::text(name)
            },
            Cell::text(&clause.demand),
            check_state(cx, state),
            found.map_or_else(Cell::unknown, |check| Cell::text(&check.evidence)),
            found.map_or_else(Cell::unknown, |check| {
                day(cx, Some(check.on)).note(&check.by)
            }),
        ]
    });
    let names = WORDING.columns(
        &words,
        &["clause", "demand", "state", "evidence", "checked"],
    );
    Some(Table::new(&words, "clauses", words.text("contracts-clauses"), names).rows(rows))
}

/// Where a clause stands.
pub(super) fn check_state(cx: &Cx, state: CheckState) -> Cell {
    let tone = match state {
        CheckState::Met => Tone::Success,
        CheckState::NotMet => Tone::Error,
        CheckState::NotChecked => Tone::Warning,
        CheckState::NotApplicable => Tone::Info,
    };
    Cell::status(
        tone,
        cx.words()
            .text(&format!("contracts-check-{}", state.code())),
    )
}

fn signatures(cx: &Cx, file: &ContractFile) -> Table {
    let words = cx.words();
    let rows = file.signatures.iter().map(|one| {
        let side = words.text(&format!("contracts-side-{}", one.side.code()));
        let state = match &one.voided {
            None => Cell::status(Tone::Success, words.text("contracts-signature-stands")),
            Some((on, why)) => {
                let args = [("date", format::date(cx.locale, *on).into())];
                Cell::status(
                    Tone::Warning,
                    words.text_with("contracts-signature-void", &args),
                )
                .note(why)
            }
        };
        vec![
            Cell::text(&one.name).note(&one.role),
            Cell::text(side),
            Cell::number(one.number.to_string(), one.number),
            day(cx, Some(kit_time::day_in_paris(one.at))),
            state,
            Cell::text(&one.sha256),
        ]
    });
    let mut names = WORDING.columns(&words, &["signatory", "side"]);
    names.push(Column::number(words.text("contracts-column-version")));
    names.extend(WORDING.columns(&words, &["signed", "state", "hash"]));
    Table::new(
        &words,
        "signatures",
        words.text("contracts-signatures"),
        names,
    )
    .rows(rows)
    .empty(words.text("contracts-signatures-empty"))
}

fn versions(cx: &Cx, file: &ContractFile) -> Table {
    let words = cx.words();
    let here = format!("/contracts/{}", file.contract.id);
    let rows = file.versions.iter().rev().map(|one| {
        let args = [("number", one.number.into())];
        let pdf = format!("{here}/versions/{}/contract.pdf", one.number);
        vec![
            Cell::link(
                words.text_with("contracts-version", &args),
                format!("{here}/versions/{}", one.number),
            ),
            Cell::text(&one.by_name),
            day(cx, Some(kit_time::day_in_paris(one.at))),
            if one.note.is_empty() {
                Cell::text("—")
            } else {
                Cell::text(&one.note)
            },
            Cell::link(words.text_with("contracts-pdf", &args), pdf),
        ]
    });
    let names = WORDING.columns(&words, &["version", "author", "saved", "note", "document"]);
    Table::new(&words, "versions", words.text("contracts-versions"), names).rows(rows)
}

fn comments(cx: &Cx, file: &ContractFile) -> Table {
    let words = cx.words();
    let rows = file.comments.iter().map(|one| {
        vec![
            Cell::text(&one.by_name),
            Cell::text(format::instant(cx.locale, one.at)),
            Cell::number(one.number.to_string(), one.number),
            Cell::text(&one.text),
        ]
    });
    let mut names = WORDING.columns(&words, &["author", "when"]);
    names.push(Column::number(words.text("contracts-column-version")));
    names.extend(WORDING.columns(&words, &["comment"]));
    Table::new(&words, "comments", words.text("contracts-comments"), names)
        .rows(rows)
        .empty(words.text("contracts-comments-empty"))
}

fn reviews(cx: &Cx, file: &ContractFile) -> Table {
    let words = cx.words();
    let rows = file.reviews.iter().map(|one| {
        let found = one.figures["indicators"].as_array().into_iter().flatten();
        let figures: Vec<String> = found
            .filter_map(|indicator| {
                let value = indicator["latest"][0].as_f64()?;
                let unit = indicator["unit"].as_str().unwrap_or_default();
                let name = indicator["name"].as_str().unwrap_or_default();
                Some(format!("{name} ({})", text::figure(&words, value, unit)))
            })
            .collect();
        vec![
            day(cx, Some(one.on)).note(&one.by),
            Cell::text(words.text(&format!("contracts-outcome-{}", one.outcome.code()))),
            Cell::text(&one.findings),
            Cell::text(if figures.is_empty() {
                "—".to_owned()
            } else {
                figures.join(" ; ")
            }),
        ]
    });
    let names = WORDING.columns(&words, &["reviewed", "outcome", "findings", "figures"]);
    Table::new(&words, "reviews", words.text("contracts-reviews"), names)
        .rows(rows)
        .empty(words.text("contracts-reviews-empty"))
}

fn facts(cx: &Cx, file: &ContractFile, today: jiff::civil::Date) -> Facts {
    let words = cx.words();
    let one = &file.contract;
    let name = |key: &str| words.text(&format!("contracts-fact-{key}"));
    let mut facts = Facts::default()
        .link(
            name("product"),
            &one.product_title,
            format!("/products/{}", one.product),
        )
        .text(
            name("kind"),
            words.text(&format!("contracts-kind-{}", one.kind.code())),
        )
        .text(name("state"), state(cx, one.state).text);
    if one.amount_cents > 0 {
        facts = facts.text(name("amount"), format::euros(cx.locale, one.amount_cents));
    }
    if let Some(id) = one.application {
        let href = format!("/applications/{id}");
        facts = facts.link(
            name("application"),
            words.text("contracts-application"),
            href,
        );
    }
    facts = facts
        .text(name("starts"), day_text(cx, one.starts_on))
        .text(name("ends"), day_text(cx, one.ends_on))
        .text(name("next-review"), day_text(cx, one.next_review_on));
    if let Some(number) = one.in_force {
        facts = facts.text(name("version"), number.to_string());
    }
    if let Some(current) = file.current() {
        facts = facts.text(name("hash"), &current.sha256);
    }
    if let Some(planned) = &one.publication {
        facts = facts.text(name("publication"), WORDING.publication(cx, planned, today));
    }
    facts
}

pub(super) async fn show(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let mut file = contracts.contract(&cx.actor, id).await?;
    let today = contracts.source.today();
    let shell = cx
        .shell(&file.contract.title)
        .lead(&file.contract.product_title)
        .crumb(words.text("contracts-contracts"), "/contracts");
    let mut page = Composed::new(shell)
        .maybe(actions(&cx, &file))
        .with(facts(&cx, &file, today))
        .maybe(tranches(&cx, &file));
    if let Some(current) = file.current() {
        let said = text::lines(&words, &current.terms);
        let said = said
            .into_iter()
            .fold(Facts::default(), |all, (name, value)| all.text(name, value));
        page = page.heading(words.text("contracts-text")).with(said);
    }
    page = page
        .maybe(clauses(&cx, &file))
        .with(signatures(&cx, &file))
        .with(versions(&cx, &file))
        .with(comments(&cx, &file))
        .with(reviews(&cx, &file))
        .heading(words.text("contracts-timeline"));
    file.events.reverse();
    Ok(Page(page.with(timeline(&cx, &file.events))))
}

pub(super) async fn version(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path((id, number)): Path<(Uuid, i64)>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let file = contracts.contract(&cx.actor, id).await?;
    let one = file.version(number).ok_or(Failure::NotFound)?;
    let args = [("number", number.into())];
    let back = format!("/contracts/{id}");
    let shell = cx
        .shell(words.text_with("contracts-version", &args))
        .lead(&one.terms.title)
        .crumb(words.text("contracts-contracts"), "/contracts")
        .crumb(&file.contract.title, &back);
    let mut page = Composed::new(shell).link(
        words.text_with("contracts-pdf", &args),
        format!("{back}/versions/{number}/contract.pdf"),
    );
    if let Some(before) = file.version(number - 1) {
        let rows = text::differences(&words, &before.terms, &one.terms)
            .into_iter()
            .map(|(name, then, now)| vec![Cell::text(name), Cell::text(then), Cell::text(now)]);
        let names = WORDING.columns(&words, &["line", "before", "after"]);
        let caption = words.text_with("contracts-changes", &[("number", (number - 1).into())]);
        let table = Table::new(&words, "changes", caption, names).rows(rows);
        page = page.with(table.empty(words.text("contracts-changes-empty")));
    }
    let mut said = Facts::default()
        .text(words.text("contracts-column-author"), &one.by_name)
        .text(
            words.text("contracts-column-saved"),
            day_text(&cx, Some(kit_time::day_in_paris(one.at))),
        )
        .text(words.text("contracts-column-hash"), &one.sha256);
    if !one.note.is_empty() {
        said = said.text(words.text("contracts-column-note"), &one.note);
    }
    let lines = text::lines(&words, &one.terms).into_iter();
    let lines = lines.fold(Facts::default(), |all, (name, value)| all.text(name, value));
    let heading = words.text("contracts-text");
    Ok(Page(page.with(said).heading(heading).with(lines)))
}
