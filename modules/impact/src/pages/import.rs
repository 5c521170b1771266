//! Figures from a file in the browser: try, look, record.

use kit_http::{Cx, Failure, FormAgain, IntoResponse, Page, Path, Response, State, Upload};
use kit_ui::{Cell, Column, Composed, Field, Form, Notice, Table, Tone, Words, format};
use uuid::Uuid;

use super::{sentence, shell};
use crate::access::OBSERVE;
use crate::domain::Indicator;
use crate::{Impact, ImpactError, ImportOutcome};

/// Refused cells that the page shows; correcting them brings the others.
const REFUSED_MAX: usize = 200;

fn form(shell: &kit_ui::Shell, words: &Words, indicator: &Indicator) -> Form {
    let modes = vec![
        ("try".to_owned(), words.text("impact-import-try")),
        ("import".to_owned(), words.text("impact-import-do")),
    ];
    Form::post(
        shell,
        format!("/indicators/{}/import", indicator.id),
        words.text("impact-import-submit"),
    )
    .field(Field::radios("mode", words.text("impact-import-mode"), modes).value("try"))
    .field(
        Field::file("file", words.text("impact-import-file"), ".csv,.xlsx")
            .hint(words.text("impact-import-file-hint")),
    )
}

fn refused(words: &Words, outcome: &ImportOutcome) -> Table {
    let columns = vec![
        Column::number(words.text("impact-import-line")),
        Column::text(words.text("impact-import-column")),
        Column::text(words.text("impact-value")),
        Column::text(words.text("impact-reason")),
    ];
    let rows = outcome.refused.iter().take(REFUSED_MAX).map(|one| {
        vec![
            Cell::number(one.line.to_string(), one.line),
            Cell::text(&one.column),
            Cell::text(&one.value),
            Cell::text(sentence(words, &one.mistake)),
        ]
    });
    let caption = words.text("impact-import-refused");
    Table::new(words, "refused", caption, columns).rows(rows.collect::<Vec<_>>())
}

fn said(words: &Words, outcome: &ImportOutcome) -> Notice {
    let count =
        |number: usize| format::count(words.locale, i64::try_from(number).unwrap_or(i64::MAX));
    let args = [
        ("added", count(outcome.added).into()),
        ("known", count(outcome.known).into()),
        ("refused", count(outcome.refused.len()).into()),
    ];
    let (tone, title) = if !outcome.refused.is_empty() {
        (Tone::Error, "impact-import-nothing")
    } else if outcome.is_kept {
        (Tone::Success, "impact-import-kept")
    } else {
        (Tone::Info, "impact-import-tried")
    };
    Notice::new(
        tone,
        words.text(title),
        words.text_with("impact-import-counts", &args),
    )
}

pub(crate) async fn show(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let indicator = impact.indicator(id).await?;
    cx.actor.demand(&OBSERVE, indicator.ministry_id)?;
    let words = cx.words();
    let shell = shell(&cx, words.text("impact-import"), &indicator);
    let form = form(&shell, &words, &indicator);
    Ok(Page(
        Composed::new(shell)
            .text(words.text("impact-import-text"))
            .with(form),
    ))
}

pub(crate) async fn upload(
    State(impact): State<Impact>,
    cx: Cx,
    Path(id): Path<Uuid>,
    upload: Upload,
) -> Result<Response, Failure> {
    let indicator = impact.indicator(id).await?;
    cx.actor.demand(&OBSERVE, indicator.ministry_id)?;
    let words = cx.words();
    let shell = shell(&cx, words.text("impact-import"), &indicator);
    let is_dry_run = upload.fields.text("mode") != "import";
    let bytes = tokio::fs::read(&upload.file)
        .await
        .map_err(Failure::internal)?;
    let name = upload.file_name.trim();
    let name = if name.is_empty() { "file" } else { name };
    let outcome = impact
        .import_observations(&cx.actor, id, bytes, name, is_dry_run)
        .await;
    let again = form(&shell, &words, &indicator);
    let page = Composed::new(shell);
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(ImpactError::Table(error)) => {
            let text = words.text_with(
                "impact-import-unreadable",
                &[("problem", error.to_string().into())],
            );
            let notice = Notice::new(Tone::Error, words.text("impact-import-nothing"), text);
            return Ok(FormAgain(page.with(notice).with(again)).into_response());
        }
        Err(ImpactError::Mistakes(wrong)) => {
            let text = wrong.iter().map(|mistake| sentence(&words, mistake));
            let text = text.collect::<Vec<_>>().join(" ");
            let notice = Notice::new(Tone::Error, words.text("impact-import-nothing"), text);
            return Ok(FormAgain(page.with(notice)).into_response());
        }
        Err(error) => return Err(error.into()),
    };
    let is_refused = !outcome.refused.is_empty();
    let mut page = page.with(said(&words, &outcome));
    if is_refused {
        page = page.with(refused(&words, &outcome));
    }
    if outcome.is_kept {
        let label = words.text("impact-import-see");
        page = page.link(label, format!("/indicators/{id}#figures"));
    } else {
        page = page.with(again);
    }
    Ok(if is_refused {
        FormAgain(page).into_response()
    } else {
        Page(page).into_response()
    })
}
