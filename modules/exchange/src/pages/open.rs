//! Open data: accreditations in force, and what nobody was asked for again.

use kit_http::{Cx, Failure, Page, Query, State};
use kit_ui::{Cell, Chart, Column, Composed, Field, Figure, Figures, Form, Table, format};

use super::words::{columns, day, label, number, number_column};
use crate::Exchange;
use crate::api::Period;

pub(super) async fn active(
    State(exchange): State<Exchange>,
    cx: Cx,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let all = exchange.active().await?;
    let rows = all.iter().map(|(one, version)| {
        let apis: Vec<&str> = version.apis.iter().map(|api| api.name.as_str()).collect();
        let purposes: Vec<&str> = version
            .content
            .purposes
            .iter()
            .map(|one| one.words.as_str())
            .collect();
        vec![
            Cell::text(&version.content.title).note(format!(
                "{}\u{a0}{}",
                words.text("exchange-number"),
                one.number
            )),
            Cell::text(&version.requester.name),
            Cell::text(apis.join(", ")),
            Cell::text(purposes.join(", ")),
            Cell::text(&version.content.legal_text),
            Cell::text(day(&cx, version.valid_until)).value(version.valid_until),
        ]
    });
    let names = [
        "accreditation",
        "requester",
        "api",
        "purpose",
        "legal",
        "until",
    ];
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let caption = words.text("exchange-active");
    let table = Table::new(&words, "active", caption, columns(&words, &names))
        .rows(rows)
        .total(Some(total))
        .empty(words.text("exchange-active-empty"));
    let mut shell = cx
        .shell(words.text("exchange-active"))
        .lead(words.text("exchange-active-lead"));
    shell = shell.crumb(words.text("exchange-catalogue"), "/exchange");
    Ok(Page(
        Composed::new(shell)
            .with(table)
            .link("CSV", "/exchange/accreditations.csv")
            .link("JSON", "/api/v1/exchange/accreditations"),
    ))
}

pub(super) async fn once_only(
    State(exchange): State<Exchange>,
    cx: Cx,
    Query(period): Query<Period>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let days = period.days(exchange.source.today())?;
    let lines = exchange.saved(days).await?;
    let by_day = exchange.saved_by_day(days).await?;
    let pieces: i64 = lines.iter().map(|line| line.pieces_saved).sum();
    let calls: i64 = lines.iter().map(|line| line.calls).sum();
    let args = [
        ("from", format::date(cx.locale, days.0).into()),
        ("to", format::date(cx.locale, days.1).into()),
    ];
    let note = words.text_with("exchange-period", &args);
    let figures = Figures::new(
        &words,
        vec![
            Figure::new(
                words.text("exchange-figure-pieces"),
                format::count(cx.locale, pieces),
            )
            .note(note.as_str())
            .formula(words.text("exchange-figure-pieces-formula")),
            Figure::new(
                words.text("exchange-figure-calls"),
                format::count(cx.locale, calls),
            )
            .note(note),
        ],
    );
    let shell = cx
        .shell(words.text("exchange-once-only"))
        .lead(words.text("exchange-once-only-lead"))
        .crumb(words.text("exchange-catalogue"), "/exchange")
        .with_charts();
    let filters = Form::filters("/exchange/once-only", words.text("exchange-filter"))
        .field(Field::line("date", "from", label(&words, "from")).value(days.0.to_string()))
        .field(Field::line("date", "to", label(&words, "to")).value(days.1.to_string()));
    let mut page = Composed::new(shell).with(filters).with(figures);
    let rows: Vec<_> = by_day
        .into_iter()
        .map(|(day, sums)| {
            let text = day
                .parse()
                .map_or_else(|_| day.clone(), |date| format::date(cx.locale, date));
            vec![
                Cell::text(text).value(day),
                number(&cx, sums.pieces),
                number(&cx, sums.calls),
            ]
        })
        .collect();
    let caption = words.text("exchange-saved-by-day");
    if !rows.is_empty() {
        let source = words.text("exchange-traces-source");
        page = page.with(Chart::new("bars", "by-day", caption.as_str(), source));
    }
    let of_days = vec![
        Column::text(words.text("exchange-column-day")),
        super::catalogue::pieces_column(&words),
        number_column(&words, "calls"),
    ];
    let table = Table::new(&words, "by-day", caption, of_days).rows(rows);
    page = page.with(table.empty(words.text("exchange-traces-empty")));
    let rows = lines.iter().take(200).map(|line| {
        vec![
            Cell::link(&line.api_name, format!("/exchange/apis/{}", line.api)),
            Cell::text(if line.requester_name.is_empty() {
                &line.requester
            } else {
                &line.requester_name
            }),
            Cell::text(&line.purpose),
            number(&cx, line.pieces_saved),
            number(&cx, line.calls),
        ]
    });
    let mut of_lines = columns(&words, &["api", "requester", "purpose"]);
    of_lines.push(super::catalogue::pieces_column(&words));
    of_lines.push(number_column(&words, "calls"));
    let caption = words.text("exchange-saved-lines");
    let table = Table::new(&words, "saved", caption, of_lines).rows(rows);
    page = page.with(table.empty(words.text("exchange-traces-empty")));
    Ok(Page(page.link("JSON", "/api/v1/exchange/once-only")))
}
