//! Importing editions in the browser: try, look, import; answering near names.

use kit_http::{Cx, Failure, Fields, IntoResponse, Page, Response, SeeOther, State, Upload};
use kit_ui::{Cell, Column, Composed, Field, Form, Shell, Table, Words, format};

use crate::store::editions;
use crate::{NewRun, Portfolio, PortfolioError, SourceKind};

fn upload_form(shell: &Shell, words: &Words) -> Form {
    let modes = vec![
        ("try".to_owned(), words.text("portfolio-import-try")),
        ("import".to_owned(), words.text("portfolio-import-do")),
    ];
    let kinds = vec![
        (
            "panorama".to_owned(),
            words.text("portfolio-import-panorama"),
        ),
        (
            "beta-gouv".to_owned(),
            words.text("portfolio-import-beta-gouv"),
        ),
    ];
    Form::post(shell, "/imports", words.text("portfolio-import-submit"))
        .field(Field::radios("kind", words.text("portfolio-import-kind"), kinds).value("panorama"))
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
            Field::file(
                "file",
                words.text("portfolio-import-file"),
                ".csv,.xlsx,.zip",
            )
            .hint(words.text("portfolio-import-file-hint")),
        )
}

pub(super) fn shell(cx: &Cx, words: &Words) -> Shell {
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
    let runs = portfolio.runs().await?;
    let page = if runs.is_empty() {
        page
    } else {
        page.with(super::runs::table(&words, &runs))
    };
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
    let published_on = match upload.fields.text("published") {
        "" => None,
        text => Some(text.parse().map_err(|_| {
            Failure::field(
                "published",
                "not-a-date",
                words.text("portfolio-mistake-date"),
            )
        })?),
    };
    let path = upload.file.to_path_buf();
    let bytes = tokio::task::spawn_blocking(move || std::fs::read(path))
        .await
        .map_err(Failure::internal)?
        .map_err(Failure::internal)?;
    let kind = match upload.fields.text("kind") {
        "beta-gouv" => SourceKind::BetaGouv,
        _ => SourceKind::Panorama,
    };
    let new = NewRun {
        kind,
        file_name: upload.file_name.clone(),
        published_on,
        dry_run: upload.fields.text("mode") != "import",
    };
    let id = portfolio.start_import(&cx.actor, new, bytes).await?;
    Ok(SeeOther(format!("/imports/{id}")).into_response())
}
