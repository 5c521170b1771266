//! A new version whose lines come from a file: try, look, keep.

use kit_http::{Cx, Failure, FormAgain, IntoResponse, Page, Path, Response, State, Upload};
use kit_ui::{Composed, Field, Form, Notice, Tone, Words, format};
use ports::{IndicatorProgress, ProductSummary};
use uuid::Uuid;

use super::form::{editable, empty_form, fields, form_of, read, seen_version, stale};
use super::words::{refused, sentence};
use super::{mark, shell_below};
use crate::domain::Mistake;
use crate::domain::form::VersionForm;
use crate::{Costs, CostsError, Imported};

fn form(
    shell: &kit_ui::Shell,
    words: &Words,
    product: &ProductSummary,
    indicators: &[IndicatorProgress],
    (seen, told): (i64, &VersionForm),
    wrong: &[Mistake],
) -> Form {
    let modes = vec![
        ("try".to_owned(), words.text("costs-import-try")),
        ("import".to_owned(), words.text("costs-import-do")),
    ];
    let mut fields = fields(words, told, indicators);
    fields.push(Field::radios("mode", words.text("costs-import-mode"), modes).value("try"));
    fields.push(
        Field::file("file", words.text("costs-import-file"), ".csv,.xlsx")
            .hint(words.text("costs-import-file-hint")),
    );
    let plain: Vec<Mistake> = wrong
        .iter()
        .filter(|one| one.line.is_none())
        .cloned()
        .collect();
    mark(words, &mut fields, &plain, "file");
    let action = format!("/products/{}/costs/import", product.id);
    Form::post(shell, action, words.text("costs-import-submit"))
        .hidden("seen", seen.to_string())
        .fields(fields)
        .summary(words)
}

pub(super) async fn show(
    State(costs): State<Costs>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let (product, latest) = editable(&costs, &cx, id).await?;
    let indicators = costs.indicators(product.id).await?;
    let told = latest.as_ref().map_or_else(
        || empty_form(&words, costs.source.today()),
        |latest| form_of(&words, &latest.content),
    );
    let seen = latest.map_or(0, |latest| latest.number);
    let shell = shell_below(&cx, words.text("costs-import"), &product);
    let html = form(&shell, &words, &product, &indicators, (seen, &told), &[]);
    Ok(Page(
        Composed::new(shell)
            .text(words.text("costs-import-text"))
            .with(html),
    ))
}

fn said(words: &Words, outcome: &Imported) -> Notice {
    let total = outcome.total_cents.map_or_else(
        || "—".to_owned(),
        |cents| format::euros(words.locale, cents),
    );
    let args = [
        ("lines", outcome.lines.into()),
        ("total", total.into()),
        ("refused", outcome.mistakes.len().into()),
    ];
    if outcome.mistakes.is_empty() {
        let text = words.text_with("costs-import-tried-text", &args);
        return Notice::new(Tone::Info, words.text("costs-import-tried"), text);
    }
    let text = words.text_with("costs-import-refused-text", &args);
    Notice::new(Tone::Error, words.text("costs-import-nothing"), text)
}

pub(super) async fn upload(
    State(costs): State<Costs>,
    cx: Cx,
    Path(id): Path<Uuid>,
    upload: Upload,
) -> Result<Response, Failure> {
    let words = cx.words();
    let (product, latest) = editable(&costs, &cx, id).await?;
    let told = read(&upload.fields);
    let seen = upload.fields.text("seen").parse().unwrap_or(0);
    let is_dry_run = upload.fields.text("mode") != "import";
    let bytes = tokio::fs::read(&upload.file)
        .await
        .map_err(Failure::internal)?;
    let outcome = costs
        .import_lines(&cx.actor, product.id, (seen, &told), bytes, is_dry_run)
        .await;
    let indicators = costs.indicators(product.id).await?;
    let mut shell = shell_below(&cx, words.text("costs-import"), &product);
    let again = |shell: &kit_ui::Shell, seen: i64, wrong: &[Mistake]| {
        form(shell, &words, &product, &indicators, (seen, &told), wrong)
    };
    match outcome {
        Ok(outcome) if outcome.number.is_some() => {
            let href = format!("/products/{}/costs", product.id);
            Ok(kit_http::SeeOther(href).into_response())
        }
        Ok(outcome) => {
            let wrong = &outcome.mistakes;
            shell.mistaken = !wrong.is_empty();
            let html = again(&shell, seen, wrong);
            let page = Composed::new(shell)
                .with(said(&words, &outcome))
                .maybe(refused(&words, wrong))
                .with(html);
            Ok(if wrong.is_empty() {
                Page(page).into_response()
            } else {
                FormAgain(page).into_response()
            })
        }
        Err(CostsError::Table(error)) => {
            let mistake = Mistake::new("file", "costs-mistake-table", error);
            let notice = Notice::new(
                Tone::Error,
                words.text("costs-import-nothing"),
                sentence(&words, &mistake),
            );
            shell.mistaken = true;
            let html = again(&shell, seen, &[mistake]);
            Ok(FormAgain(Composed::new(shell).with(notice).with(html)).into_response())
        }
        Err(CostsError::Stale) => {
            let Some(latest) = latest else {
                return Err(Failure::Conflict(String::new()));
            };
            let before = seen_version(&costs, &cx, id, seen).await?;
            let html = again(&shell, latest.number, &[]);
            let page = stale(Composed::new(shell), &words, before.as_ref(), &latest);
            Ok(FormAgain(page.with(html)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
