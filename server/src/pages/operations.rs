//! What the operator sees: jobs, and in the demo the mails that were not sent.

use kit_http::{Cx, Failure, Fields, Page, SeeOther, State};
use kit_jobs::JobState;
use kit_ui::{Cell, Column, Composed, Field, Figure, Figures, Form, Table, Tone, format};

use super::OPERATE;
use crate::app::Platform;

/// Jobs shown.
const ROWS: u32 = 100;

fn state_code(state: JobState) -> &'static str {
    match state {
        JobState::Queued => "queued",
        JobState::Running => "running",
        JobState::Done => "done",
        JobState::Failed => "failed",
    }
}

pub(crate) async fn show(
    State(platform): State<Platform>,
    cx: Cx,
) -> Result<Page<Composed>, Failure> {
    cx.actor.demand(&OPERATE, None)?;
    let words = cx.words();
    let jobs = platform
        .jobs
        .newest(None, ROWS)
        .await
        .map_err(Failure::internal)?;
    let counts = platform.jobs.counts().await.map_err(Failure::internal)?;
    let figures = [
        JobState::Queued,
        JobState::Running,
        JobState::Done,
        JobState::Failed,
    ]
    .map(|state| {
        let n = counts
            .iter()
            .find(|(of, _)| *of == state)
            .map_or(0, |(_, n)| *n);
        let key = format!("job-{}", state_code(state));
        let figure = Figure::new(words.text(&key), format::count(cx.locale, n));
        if state == JobState::Failed && n > 0 {
            figure.tone(Tone::Error)
        } else {
            figure
        }
    })
    .to_vec();
    let rows = jobs.iter().map(|job| {
        let tone = match job.state {
            JobState::Failed => Tone::Error,
            JobState::Done => Tone::Success,
            _ => Tone::Info,
        };
        let state = words.text(&format!("job-{}", state_code(job.state)));
        let progress = match job.progress_total {
            0 => String::new(),
            total => format!("{}/{total}", job.progress_done),
        };
        vec![
            Cell::text(&job.kind),
            Cell::status(tone, state),
            Cell::text(format::instant(cx.locale, job.created_at)),
            Cell::number(
                format!("{}/{}", job.attempts, job.attempts_max),
                job.attempts,
            ),
            Cell::text(progress),
            Cell::text(job.problem.clone().unwrap_or_default()),
        ]
    });
    let columns = [
        "kind", "state", "created", "attempts", "progress", "problem",
    ]
    .map(|key| Column::text(words.text(&format!("job-column-{key}"))));
    let table = Table::new(&words, "jobs", words.text("jobs-caption"), columns.into())
        .rows(rows)
        .empty(words.text("jobs-empty"));
    let shell = cx
        .shell(words.text("operations-title"))
        .lead(words.text("operations-lead"));
    let mut page = Composed::new(shell.clone())
        .with(Figures::new(&words, figures))
        .with(table)
        .link(words.text("operations-gateways"), "/exchange/gateways");
    let failed: Vec<(String, String)> = jobs
        .iter()
        .filter(|job| job.state == JobState::Failed)
        .map(|job| {
            let label = format!(
                "{} — {}",
                job.kind,
                format::instant(cx.locale, job.created_at)
            );
            (job.id.to_string(), label)
        })
        .collect();
    if !failed.is_empty() {
        page = page.with(
            Form::post(&shell, "/operations/retry", words.text("job-retry"))
                .inline()
                .field(Field::select("job", words.text("job-failed"), failed)),
        );
    }
    Ok(Page(page))
}

pub(crate) async fn retry(
    State(platform): State<Platform>,
    cx: Cx,
    fields: Fields,
) -> Result<SeeOther, Failure> {
    cx.actor.demand(&OPERATE, None)?;
    let job = fields.text("job").parse().map_err(|_| Failure::NotFound)?;
    platform.jobs.retry(job).await.map_err(Failure::internal)?;
    Ok(SeeOther("/operations".to_owned()))
}

pub(crate) async fn outbox(
    State(platform): State<Platform>,
    cx: Cx,
) -> Result<Page<Composed>, Failure> {
    cx.actor.demand(&OPERATE, None)?;
    let words = cx.words();
    let jobs = platform
        .jobs
        .newest(None, ROWS)
        .await
        .map_err(Failure::internal)?;
    let columns =
        ["to", "subject", "text"].map(|key| Column::text(words.text(&format!("outbox-{key}"))));
    let rows = jobs
        .iter()
        .filter(|job| job.kind == directory::MAIL_JOB)
        .map(|job| {
            let text = |key: &str| job.payload[key].as_str().unwrap_or_default().to_owned();
            vec![
                Cell::text(text("to")),
                Cell::text(text("subject")),
                Cell::text(text("text")),
            ]
        });
    let table = Table::new(
        &words,
        "outbox",
        words.text("outbox-caption"),
        columns.into(),
    )
    .rows(rows)
    .empty(words.text("outbox-empty"));
    let shell = cx
        .shell(words.text("outbox-title"))
        .lead(words.text("outbox-lead"));
    Ok(Page(Composed::new(shell).with(table)))
}
