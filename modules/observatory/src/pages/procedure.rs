//! A procedure: its figures by edition, what is declared of it; how its button is put on a site.

use kit_acts::day;
use kit_http::{Cx, Failure, Page, Path, State};
use kit_ui::{Actions, Cell, Chart, Code, Composed, Facts, Form, Shell, Table, Words, format};
use uuid::Uuid;

use super::declare::said;
use super::words::{cell, columns, criterion, declared, quarter, valid_until};
use crate::access::{EDIT, READ};
use crate::domain::{Criterion, Declared, Figure};
use crate::store::editions::EditionRow;
use crate::store::events::EVENTS;
use crate::{Observatory, ObservatoryError, StoredDeclaration, StoredProcedure, WORDING};

/// The criteria of the table by quarter.
const BY_QUARTER: [Criterion; 6] = [
    Criterion::Satisfaction,
    Criterion::Simplicity,
    Criterion::HelpReached,
    Criterion::Accessibility,
    Criterion::Uptime,
    Criterion::ResponseTime,
];

/// Figures with their goals and the answers on which they rest.
pub(super) fn figures(words: &Words, id: &str, caption: String, all: &[Figure]) -> Table {
    let rows = all.iter().map(|one| {
        let goal = if one.criterion.has_goal() {
            words.text(&format!("observatory-goal-{}", one.criterion.code()))
        } else {
            words.text("observatory-goal-none")
        };
        let answers = one.answers.map_or_else(Cell::unknown, |answers| {
            Cell::number(format::count(words.locale, answers), answers)
        });
        vec![
            Cell::text(criterion(words, one.criterion)),
            cell(words, Some(one)),
            Cell::text(goal),
            answers,
        ]
    });
    let names = ["criterion", "value", "goal-is", "#answers"];
    Table::new(words, id, caption, columns(words, &names)).rows(rows)
}

fn facts(words: &Words, one: &StoredProcedure) -> Facts {
    let label = |key: &str| words.text(&format!("observatory-column-{key}"));
    let procedure = &one.procedure;
    let users = procedure
        .users
        .map_or_else(String::new, |users| format::count(words.locale, users));
    let scope = if procedure.is_in_scope() {
        "observatory-in-scope-why"
    } else {
        "observatory-not-in-scope-why"
    };
    let facts = Facts::default().link(
        label("product"),
        &one.product_title,
        format!("/products/{}", one.product),
    );
    let facts = if procedure.address.starts_with("https://") {
        facts.link(label("address"), &procedure.address, &procedure.address)
    } else {
        facts.text(label("address"), &procedure.address)
    };
    facts
        .text(label("users"), users)
        .text(label("scope"), words.text(scope))
}

/// The figures of each edition, the last one first, and their course.
fn by_quarter(words: &Words, all: &[EditionRow]) -> Table {
    let rows = all.iter().map(|one| {
        let first = one.quarter.first();
        let mut row = vec![Cell::text(quarter(words, one.quarter)).value(first)];
        row.extend(BY_QUARTER.map(|wanted| {
            let found = one.figures.iter().find(|one| one.criterion == wanted);
            cell(words, found)
        }));
        row
    });
    let mut names = vec!["quarter"];
    names.extend(BY_QUARTER.iter().map(|one| one.code()));
    let caption = words.text("observatory-by-quarter");
    Table::new(words, "quarters", caption, columns(words, &names))
        .rows(rows)
        .empty(words.text("observatory-by-quarter-empty"))
}

fn declarations(
    cx: &Cx,
    id: Uuid,
    all: &[StoredDeclaration],
    today: jiff::civil::Date,
    may_edit: bool,
) -> Table {
    let words = cx.words();
    let rows = Declared::ALL.iter().map(|kind| {
        let href = format!("/observatory/procedures/{id}/declarations/{}", kind.code());
        let found = all.iter().find(|one| one.declaration.declared == *kind);
        let mut row = vec![Cell::link(declared(&words, *kind), href.clone())];
        match found {
            None => row.extend([Cell::unknown(), Cell::unknown(), Cell::unknown()]),
            Some(one) => {
                let told = &one.declaration;
                row.extend([
                    Cell::text(said(&words, told)),
                    day(cx, Some(told.as_of)),
                    valid_until(cx, told, today),
                ]);
            }
        }
        if may_edit {
            let args = [("what", declared(&words, *kind).into())];
            let label = words.text_with("observatory-declare-of", &args);
            row.push(Cell::link(label, format!("{href}/new")));
        }
        row
    });
    let mut names = vec!["declared", "value", "as-of", "valid-until"];
    if may_edit {
        names.push("act");
    }
    let caption = words.text("observatory-declared");
    Table::new(&words, "declared", caption, columns(&words, &names)).rows(rows)
}

/// What whoever may change it does: the button for the procedure's own site, opening and closing.
fn for_editors(
    page: Composed,
    shell: &Shell,
    words: &Words,
    one: &StoredProcedure,
    url: &str,
) -> Composed {
    let href = format!("{url}/observatory/procedures/{}/review", one.id);
    let text = words.text("observatory-give");
    let snippet = format!("<a href=\"{href}\">{text}</a>");
    let code = Code::new("button", words.text("observatory-button-html"), snippet).copied_by(
        words.text("observatory-copy"),
        words.text("observatory-copied"),
    );
    let action = format!("/observatory/procedures/{}/open", one.id);
    let (label, open) = if one.is_open {
        ("observatory-close", "no")
    } else {
        ("observatory-reopen", "yes")
    };
    let form = Form::post(shell, action, words.text(label))
        .hidden("open", open)
        .hidden("version", one.version.to_string())
        .inline();
    page.heading(words.text("observatory-button"))
        .text(words.text("observatory-button-how"))
        .with(code)
        .with(form)
}

pub(super) async fn show(
    State(observatory): State<Observatory>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let one = observatory.procedure(id).await?;
    let published = observatory.published(id).await?;
    let standing = observatory.standing(id).await?;
    let today = observatory.source.today();
    let may_read = cx.actor.may(&READ, one.ministry);
    let may_edit = cx.actor.may(&EDIT, one.ministry);
    let here = format!("/observatory/procedures/{id}");
    let mut acts = Vec::new();
    if one.is_open {
        acts.push((words.text("observatory-give"), format!("{here}/review")));
    }
    if may_read {
        acts.push((words.text("observatory-results"), format!("{here}/results")));
    }
    if may_edit {
        acts.push((words.text("observatory-edit"), format!("{here}/edit")));
    }
    let shell = cx
        .shell(&one.procedure.name)
        .lead(words.text("observatory-procedure-lead"))
        .crumb(words.text("observatory-title"), "/observatory")
        .with_charts();
    let mut page = Composed::new(shell.clone())
        .maybe((!acts.is_empty()).then_some(Actions(acts)))
        .with(facts(&words, &one));
    if let Some(last) = published.first() {
        let args = [("quarter", quarter(&words, last.quarter).into())];
        let caption = words.text_with("observatory-figures-of", &args);
        page = page.with(figures(&words, "figures", caption, &last.figures));
    }
    page = page.with(by_quarter(&words, &published));
    if published.len() > 1 {
        let source = words.text("observatory-source");
        let caption = words.text("observatory-by-quarter-chart");
        page = page.with(Chart::new("line", "quarters", caption, source));
    }
    page = page.with(declarations(&cx, id, &standing, today, may_edit));
    if may_edit {
        page = for_editors(page, &shell, &words, &one, &observatory.public_url);
    }
    if may_read {
        let mut events = EVENTS
            .of_subject(&observatory.db, id)
            .await
            .map_err(ObservatoryError::from)?;
        events.reverse();
        page = page
            .heading(words.text("observatory-happened"))
            .with(WORDING.timeline(&cx, &events, |_| None));
    }
    Ok(Page(page))
}
