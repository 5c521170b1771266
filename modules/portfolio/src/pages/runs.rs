//! One import: how far it is, and what became of it.

use kit_http::{Cx, Download, Failure, Page, Path, State};
use kit_jobs::JobState;
use kit_ui::{
    Actions, Cell, Column, Composed, Figure, Figures, Notice, Progress, Table, Tone, Words, format,
};
use uuid::Uuid;

use super::imports::shell;
use crate::domain::import::refusal::Refusal;
use crate::{Portfolio, Run, RunResult};

/// Rows shown of each list of an outcome.
const ROWS_MAX: usize = 200;

fn mode(words: &Words, run: &Run) -> String {
    words.text(if run.order.dry_run {
        "portfolio-import-try"
    } else {
        "portfolio-import-do"
    })
}

fn state(words: &Words, run: &Run) -> Cell {
    let refused = run.result.as_ref().is_some_and(|r| r.refused.is_some());
    let (tone, key) = match run.state {
        JobState::Queued => (Tone::Info, "portfolio-run-queued"),
        JobState::Running => (Tone::Info, "portfolio-run-running"),
        JobState::Done if refused => (Tone::Error, "portfolio-run-refused"),
        JobState::Done => (Tone::Success, "portfolio-run-done"),
        JobState::Failed => (Tone::Error, "portfolio-run-failed"),
    };
    Cell::status(tone, words.text(key))
}

/// The newest imports.
pub(super) fn table(words: &Words, runs: &[Run]) -> Table {
    let columns = ["file", "mode", "state", "when"]
        .map(|key| Column::text(words.text(&format!("portfolio-run-{key}"))));
    let rows = runs.iter().map(|run| {
        vec![
            Cell::link(&run.order.file_name, format!("/imports/{}", run.id)),
            Cell::text(mode(words, run)),
            state(words, run),
            Cell::text(format::instant(words.locale, run.created_at)).note(&run.order.by),
        ]
    });
    let caption = words.text("portfolio-runs-caption");
    Table::new(words, "runs", caption, columns.into()).rows(rows)
}

pub(crate) async fn show(
    State(portfolio): State<Portfolio>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let run = portfolio.run(id).await?;
    let shell = cx
        .shell(words.text_with(
            "portfolio-run-title",
            &[("file", run.order.file_name.as_str().into())],
        ))
        .lead(shell(&cx, &words).lead)
        .crumb(words.text("portfolio-imports"), "/imports");
    let page = Composed::new(shell);
    Ok(Page(match (&run.state, &run.result) {
        (JobState::Done, Some(result)) => outcome(page, &words, &run, result),
        (JobState::Failed, _) => page
            .with(Notice::new(
                Tone::Error,
                words.text("portfolio-run-failed"),
                words.text("portfolio-run-failed-text"),
            ))
            .with(back(&words)),
        _ => under_way(page, &words, &run),
    }))
}

fn back(words: &Words) -> Actions {
    let back = words.text("portfolio-import-back");
    Actions(vec![(back, "/imports".to_owned())])
}

fn under_way(page: Composed, words: &Words, run: &Run) -> Composed {
    let (done, total) = run.progress.unwrap_or_default();
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let (done, total) = (number(done), number(total));
    let text = if total > 0 {
        words.text_with(
            "portfolio-run-progress",
            &[
                ("done", format::count(words.locale, done).into()),
                ("total", format::count(words.locale, total).into()),
            ],
        )
    } else {
        words.text("portfolio-run-waiting")
    };
    let label = mode(words, run);
    page.with(Progress {
        label,
        done,
        total,
        text,
    })
    .text(words.text("portfolio-run-leave"))
    .with(Actions(vec![
        (
            words.text("portfolio-run-refresh"),
            format!("/imports/{}", run.id),
        ),
        (words.text("portfolio-import-back"), "/imports".to_owned()),
    ]))
}

fn outcome(page: Composed, words: &Words, run: &Run, outcome: &RunResult) -> Composed {
    let file = run.order.file_name.as_str();
    if let Some(refused) = &outcome.refused {
        let title = words.text_with("portfolio-import-unreadable", &[("file", file.into())]);
        let why = outcome
            .refusal
            .as_ref()
            .map_or_else(|| refused.clone(), |refusal| refusal_text(words, refusal));
        return page
            .with(Notice::new(Tone::Error, title, why))
            .with(back(words));
    }
    let count = |key: &str, n: usize| {
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        Figure::new(words.text(key), format::count(words.locale, n))
    };
    let (tone, key) = if run.order.dry_run {
        (Tone::Info, "portfolio-import-tried")
    } else {
        (Tone::Success, "portfolio-import-done")
    };
    let notice = Notice::new(tone, "", words.text_with(key, &[("file", file.into())]));
    let figures = Figures::new(
        words,
        vec![
            count("portfolio-import-read", outcome.read),
            count("portfolio-import-created", outcome.created),
            count("portfolio-import-updated", outcome.updated),
            count("portfolio-import-unchanged", outcome.unchanged),
            count("portfolio-import-to-review", outcome.to_review),
            count("portfolio-import-rejected", outcome.rejected_count).to("#rejected"),
        ],
    );
    let columns = ["line", "column", "value", "reason"]
        .map(|key| Column::text(words.text(&format!("portfolio-rejected-{key}"))));
    let rejected = Table::new(
        words,
        "rejected",
        words.text("portfolio-rejected-caption"),
        columns.into(),
    )
    .rows(outcome.rejected.iter().take(ROWS_MAX).map(|rejected| {
        vec![
            Cell::text(rejected.line.to_string()),
            Cell::text(&rejected.column),
            Cell::text(&rejected.value),
            Cell::text(reason(words, &rejected.reason)),
        ]
    }))
    .total(i64::try_from(outcome.rejected_count).ok())
    .empty(words.text("portfolio-rejected-empty"));
    let columns = ["name", "fate", "what"]
        .map(|key| Column::text(words.text(&format!("portfolio-line-{key}"))));
    let lines = Table::new(
        words,
        "lines",
        words.text("portfolio-lines-caption"),
        columns.into(),
    )
    .rows(
        outcome
            .lines
            .iter()
            .take(ROWS_MAX)
            .map(|(name, fate, what)| {
                let fate = words.text(&format!("portfolio-import-{fate}"));
                vec![Cell::text(name), Cell::text(fate), Cell::text(what)]
            }),
    )
    .empty(words.text("portfolio-lines-empty"));
    let mut actions = vec![(words.text("portfolio-import-back"), "/imports".to_owned())];
    if outcome.rejected_count > 0 {
        actions.push((
            words.text("portfolio-rejected-download"),
            format!("/imports/{}/rejected.csv", run.id),
        ));
    }
    page.with(notice)
        .with(figures)
        .heading(words.text("portfolio-rejected-title"))
        .with(rejected)
        .heading(words.text("portfolio-lines-title"))
        .with(lines)
        .with(Actions(actions))
}

/// Why a whole file was refused.
fn refusal_text(words: &Words, refusal: &Refusal) -> String {
    let number = |n: Option<u64>| {
        let n = n.and_then(|n| i64::try_from(n).ok()).unwrap_or_default();
        format::count(words.locale, n)
    };
    words.text_with(
        &format!("portfolio-refusal-{}", refusal.code),
        &[
            ("limit", number(refusal.limit).into()),
            ("line", number(refusal.line).into()),
            ("name", refusal.name.as_str().into()),
            ("seen", refusal.seen.as_str().into()),
        ],
    )
}

/// A refused value's reason in words; a code that has none is shown as it is.
fn reason(words: &Words, code: &str) -> String {
    if let Some(line) = code.strip_prefix("duplicate-of-line-") {
        return words.text_with("reason-duplicate", &[("line", line.into())]);
    }
    words.text(&format!("reason-{code}"))
}

pub(crate) async fn rejected(
    State(portfolio): State<Portfolio>,
    Path(id): Path<Uuid>,
) -> Result<Download, Failure> {
    let run = portfolio.run(id).await?;
    let refused = run.result.map(|result| result.rejected).unwrap_or_default();
    let bytes = crate::export::rejected_csv(&refused)?;
    Ok(super::downloads::file(
        "rejected.csv",
        "text/csv; charset=utf-8",
        bytes,
    ))
}
