//! Importing editions in the browser: try, look, import; answering near names.

use kit_http::{
    Cx, Failure, Fields, IntoResponse, Page, Response, SeeOther, State, StatusCode, Upload,
};
use kit_ui::{
    Actions, Cell, Column, Composed, Field, Figure, Figures, Form, Notice, Shell, Table, Tone,
    Words, format,
};

use crate::import::{Fate, ImportFile, ImportOutcome};
use crate::store::editions;
use crate::{Portfolio, PortfolioError};

/// Rows shown of each list of an outcome.
const ROWS_MAX: usize = 200;

fn upload_form(shell: &Shell, words: &Words) -> Form {
    let modes = vec![
        ("try".to_owned(), words.text("portfolio-import-try")),
        ("import".to_owned(), words.text("portfolio-import-do")),
    ];
    Form::post(shell, "/imports", words.text("portfolio-import-submit"))
        .field(Field::radios("mode", words.text("portfolio-import-mode"), modes).value("try"))
        .field(
            Field::line(
                "date",
                "published",
                words.text("portfolio-import-published"),
            )
            .hint(words.text("portfolio-import-published-hint")),
        )
        .field(
            Field::file("file", words.text("portfolio-import-file"), ".csv,.xlsx")
                .hint(words.text("portfolio-import-file-hint")),
        )
}

fn shell(cx: &Cx, words: &Words) -> Shell {
    cx.shell(words.text("portfolio-imports"))
        .lead(words.text("portfolio-imports-lead"))
}

pub(crate) async fn show(
    State(portfolio): State<Portfolio>,
    cx: Cx,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let shell = shell(&cx, &words);
    let form = upload_form(&shell, &words);
    let page = Composed::new(shell.clone()).with(form);
    let near = editions::open(&portfolio.db)
        .await
        .map_err(PortfolioError::from)?;
    let mut page = page.heading(words.text("portfolio-near"));
    if near.is_empty() {
        page = page.text(words.text("portfolio-near-empty"));
    } else {
        page = page.text(words.text("portfolio-near-text"));
    }
    for found in near {
        let question = words.text_with(
            "portfolio-near-question",
            &[
                ("product", found.product_title.as_str().into()),
                ("candidate", found.candidate_title.as_str().into()),
                (
                    "nearness",
                    format::percent(cx.locale, found.nearness).into(),
                ),
            ],
        );
        let answers = vec![
            ("same".to_owned(), words.text("portfolio-near-same")),
            (
                "different".to_owned(),
                words.text("portfolio-near-different"),
            ),
        ];
        let name = format!("answer-{}-{}", found.product_id, found.candidate_id);
        page = page.with(
            Form::post(&shell, "/imports/near", words.text("portfolio-near-submit"))
                .hidden("product", found.product_id.to_string())
                .hidden("candidate", found.candidate_id.to_string())
                .field(Field::radios(&name, question, answers)),
        );
    }
    let answered = editions::answered(&portfolio.db)
        .await
        .map_err(PortfolioError::from)?;
    if !answered.is_empty() {
        page = page.with(answered_table(&words, &answered));
        let options = answered
            .iter()
            .map(|a| {
                let value = format!("{} {}", a.product_id, a.candidate_id);
                (
                    value,
                    format!("{} — {}", a.product_title, a.candidate_title),
                )
            })
            .collect();
        page = page.with(
            Form::post(&shell, "/imports/near", words.text("portfolio-near-undo"))
                .inline()
                .field(Field::select(
                    "undo",
                    words.text("portfolio-near-answer"),
                    options,
                )),
        );
    }
    let listed = editions::list(&portfolio.db)
        .await
        .map_err(PortfolioError::from)?;
    let columns = vec![
        Column::text(words.text("portfolio-edition-date")),
        Column::text(words.text("portfolio-edition-file")),
        Column::number(words.text("portfolio-edition-rows")),
        Column::text(words.text("portfolio-edition-imported")),
    ];
    let rows = listed.iter().map(|edition| {
        vec![
            Cell::text(format::date(cx.locale, edition.published_on)),
            Cell::text(&edition.file_name),
            Cell::number(
                format::count(cx.locale, edition.rows_read),
                edition.rows_read,
            ),
            Cell::text(format::instant(cx.locale, edition.imported_at)),
        ]
    });
    let table = Table::new(
        &words,
        "editions",
        words.text("portfolio-editions-caption"),
        columns,
    )
    .rows(rows)
    .empty(words.text("portfolio-editions-empty"));
    Ok(Page(
        page.heading(words.text("portfolio-editions-title"))
            .with(table),
    ))
}

fn answered_table(words: &Words, answered: &[editions::Answered]) -> Table {
    let columns = ["product", "candidate", "answer", "by"]
        .map(|key| Column::text(words.text(&format!("portfolio-near-{key}"))));
    let rows = answered.iter().map(|a| {
        let answer = if a.same {
            "portfolio-near-same"
        } else {
            "portfolio-near-different"
        };
        vec![
            Cell::link(&a.product_title, format!("/products/{}", a.product_id)),
            Cell::link(&a.candidate_title, format!("/products/{}", a.candidate_id)),
            Cell::text(words.text(answer)),
            Cell::text(&a.by).note(format::instant(words.locale, a.at)),
        ]
    });
    Table::new(
        words,
        "answers",
        words.text("portfolio-near-answers"),
        columns.into(),
    )
    .rows(rows)
}

pub(crate) async fn answer(
    State(portfolio): State<Portfolio>,
    cx: Cx,
    fields: Fields,
) -> Result<SeeOther, Failure> {
    let back = SeeOther("/imports".to_owned());
    if let Some((product, candidate)) = fields.text("undo").split_once(' ') {
        let (product, candidate) = (
            product.parse().map_err(|_| Failure::NotFound)?,
            candidate.parse().map_err(|_| Failure::NotFound)?,
        );
        portfolio
            .answer_near_match(&cx.actor, product, candidate, None)
            .await?;
        return Ok(back);
    }
    let product = fields
        .text("product")
        .parse()
        .map_err(|_| Failure::NotFound)?;
    let candidate = fields
        .text("candidate")
        .parse()
        .map_err(|_| Failure::NotFound)?;
    let same = match fields.text(&format!("answer-{product}-{candidate}")) {
        "same" => true,
        "different" => false,
        _ => {
            let message = cx.words().text("portfolio-mistake-answer");
            return Err(Failure::field("answer", "missing", message));
        }
    };
    portfolio
        .answer_near_match(&cx.actor, product, candidate, Some(same))
        .await?;
    Ok(back)
}

pub(crate) async fn upload(
    State(portfolio): State<Portfolio>,
    cx: Cx,
    upload: Upload,
) -> Result<Response, Failure> {
    let words = cx.words();
    let published = match upload.fields.text("published") {
        "" => None,
        text => Some(text.parse().map_err(|_| {
            Failure::field(
                "published",
                "not-a-date",
                words.text("portfolio-mistake-date"),
            )
        })?),
    };
    let limit = tabular::Limits::default().bytes_max as u64;
    if upload.size_bytes > limit {
        return Err(Failure::TooLarge { limit_bytes: limit });
    }
    let bytes = std::fs::read(&upload.file).map_err(Failure::internal)?;
    let file = ImportFile {
        name: &upload.file_name,
        bytes: &bytes,
    };
    let dry_run = upload.fields.text("mode") != "import";
    let outcome = portfolio
        .import_panorama(&cx.actor, file, published, dry_run)
        .await;
    let shell = shell(&cx, &words);
    match outcome {
        Ok(outcome) => {
            let page = outcome_page(&words, shell, &outcome, dry_run, &upload.file_name);
            Ok(Page(page).into_response())
        }
        Err(PortfolioError::Edition(error)) => {
            let mut shell = shell;
            shell.mistaken = true;
            let form = upload_form(&shell, &words);
            let title = words.text_with(
                "portfolio-import-unreadable",
                &[("file", upload.file_name.as_str().into())],
            );
            let page = Composed::new(shell)
                .with(Notice::new(Tone::Error, title, error.to_string()))
                .with(form);
            let mut response = Page(page).into_response();
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

fn outcome_page(
    words: &Words,
    shell: Shell,
    outcome: &ImportOutcome,
    dry_run: bool,
    file: &str,
) -> Composed {
    let count = |key: &str, n: usize| {
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        Figure::new(words.text(key), format::count(words.locale, n))
    };
    let key = if dry_run {
        "portfolio-import-tried"
    } else {
        "portfolio-import-done"
    };
    let tone = if dry_run { Tone::Info } else { Tone::Success };
    let notice = Notice::new(tone, "", words.text_with(key, &[("file", file.into())]));
    let figures = Figures::new(
        words,
        vec![
            count("portfolio-import-read", outcome.read),
            count("portfolio-import-created", outcome.created),
            count("portfolio-import-updated", outcome.updated),
            count("portfolio-import-unchanged", outcome.unchanged),
            count("portfolio-import-to-review", outcome.to_review),
            count("portfolio-import-rejected", outcome.rejected.len()).to("#rejected"),
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
    .empty(words.text("portfolio-rejected-empty"));
    let columns = ["name", "fate", "what"]
        .map(|key| Column::text(words.text(&format!("portfolio-line-{key}"))));
    let changing = outcome
        .lines
        .iter()
        .filter(|(_, fate)| *fate != Fate::Unchanged);
    let lines = Table::new(
        words,
        "lines",
        words.text("portfolio-lines-caption"),
        columns.into(),
    )
    .rows(changing.take(ROWS_MAX).map(|(name, fate)| {
        let (key, what) = match fate {
            Fate::Created => ("created", String::new()),
            Fate::Updated(fields) => ("updated", fields.join(", ")),
            Fate::ToReview(names) => ("to-review", names.join(", ")),
            Fate::Unchanged => ("unchanged", String::new()),
        };
        let fate = words.text(&format!("portfolio-import-{key}"));
        vec![Cell::text(name), Cell::text(fate), Cell::text(what)]
    }))
    .empty(words.text("portfolio-lines-empty"));
    let back = (words.text("portfolio-import-back"), "/imports".to_owned());
    Composed::new(shell)
        .with(notice)
        .with(figures)
        .heading(words.text("portfolio-rejected-title"))
        .with(rejected)
        .heading(words.text("portfolio-lines-title"))
        .with(lines)
        .with(Actions(vec![back]))
}

/// A refusal's reason in words; a code that has none is shown as it is.
fn reason(words: &Words, code: &str) -> String {
    if let Some(line) = code.strip_prefix("duplicate-of-line-") {
        return words.text_with("reason-duplicate", &[("line", line.into())]);
    }
    words.text(&format!("reason-{code}"))
}
