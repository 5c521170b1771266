//! The planning board, the figures, and calendars.

use jiff::ToSpan as _;
use jiff::civil::Date;
use kit_acts::address;
use kit_http::{Cx, Failure, IntoResponse, Page, Path, Query, Response, SeeOther, State, optional};
use kit_ui::{
    Actions, Cell, Code, Column, Composed, Field, Figure, Figures, Form, Notice, Table, Tone,
    Words, format,
};
use serde::Deserialize;
use uuid::Uuid;

use super::missions::{expertise, trades};
use crate::board::STEP;
use crate::calendars::CalendarOf;
use crate::domain::monday;
use crate::{Brigade, WORDING};

#[derive(Debug, Default, Deserialize)]
pub(super) struct BoardQuery {
    #[serde(default)]
    expertise: String,
    /// A day of the first week.
    #[serde(default)]
    from: String,
}

/// A week's cell: what is taken of what is worked, and in words where that is too much or nothing.
fn cell(words: &Words, (taken, of): (u32, u32)) -> Cell {
    let args = [
        ("taken", i64::from(taken).into()),
        ("works", i64::from(of).into()),
    ];
    let text = words.text_with("brigade-board-cell", &args);
    let cell = match (taken, of) {
        (0, 0) => Cell::text(words.text("brigade-board-away")),
        (taken, of) if taken > of => {
            Cell::status(Tone::Error, text).note(words.text("brigade-board-over"))
        }
        (0, _) => Cell::text(text).note(words.text("brigade-board-free")),
        (taken, of) if taken == of => Cell::text(text).note(words.text("brigade-board-full")),
        _ => Cell::text(text),
    };
    cell.value(taken)
}

pub(super) async fn board(
    State(brigade): State<Brigade>,
    cx: Cx,
    Query(query): Query<BoardQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let here = "/brigade/board";
    let chosen = optional("expertise", &query.expertise, expertise)?;
    let within = |day: &Date| (1990..=2099).contains(&day.year());
    let from: Option<Date> =
        optional("from", &query.from, |text| text.parse().ok().filter(within))?;
    let today = brigade.source.today();
    let first = monday(from.unwrap_or(today));
    let board = brigade.board(&cx.actor, first, chosen.as_deref()).await?;
    let mut columns = vec![Column::text(words.text("brigade-column-expert"))];
    columns.extend(board.weeks.iter().map(|week| {
        let on = format!("{:02}/{:02}", week.day(), week.month());
        Column::text(words.text_with("brigade-board-week", &[("date", on.into())]))
    }));
    let names = brigade.trades(cx.locale).await?;
    let rows = board.rows.iter().map(|row| {
        let skills: Vec<&str> = row
            .expertises
            .iter()
            .map(|code| names.get(code).map_or(code.as_str(), String::as_str))
            .collect();
        let who = Cell::link(&row.name, format!("/brigade/experts/{}", row.expert));
        let mut cells = vec![who.note(skills.join(", "))];
        cells.extend(row.weeks.iter().map(|week| cell(&words, *week)));
        cells
    });
    let args = [
        ("from", format::date(cx.locale, first).into()),
        (
            "to",
            format::date(cx.locale, first.saturating_add(83.days())).into(),
        ),
    ];
    let caption = words.text_with("brigade-board-caption", &args);
    let table = Table::new(&words, "board", caption, columns)
        .rows(rows)
        .empty(words.text("brigade-board-empty"));
    let over: Vec<String> = board
        .rows
        .iter()
        .filter(|row| row.weeks.iter().any(|(taken, works)| taken > works))
        .map(|row| {
            let weeks = row.weeks.iter().zip(&board.weeks);
            let weeks: Vec<String> = weeks
                .filter(|((taken, works), _)| taken > works)
                .map(|(_, week)| format::date(cx.locale, *week))
                .collect();
            let args = [
                ("name", row.name.as_str().into()),
                ("weeks", weeks.join(", ").into()),
            ];
            words.text_with("brigade-board-over-who", &args)
        })
        .collect();
    let warning = (!over.is_empty()).then(|| {
        let title = words.text("brigade-board-over-title");
        Notice::new(Tone::Error, title, over.join(" "))
    });
    let moved = |weeks: i64| {
        let on = first.saturating_add((7 * weeks).days()).to_string();
        address(here, &[("expertise", &query.expertise), ("from", &on)])
    };
    let shifts = Actions(vec![
        (words.text("brigade-board-back"), moved(-STEP)),
        (
            words.text("brigade-board-today"),
            address(here, &[("expertise", &query.expertise)]),
        ),
        (words.text("brigade-board-on"), moved(STEP)),
    ]);
    let filters = Form::filters(here, words.text("brigade-filter"))
        .field(
            Field::select(
                "expertise",
                WORDING.label(&words, "expertise"),
                trades(&brigade, &cx).await?,
            )
            .value(&query.expertise),
        )
        .hidden("from", first.to_string());
    let shell = cx
        .shell(words.text("brigade-board"))
        .lead(words.text("brigade-board-lead"));
    Ok(Page(
        Composed::new(shell)
            .maybe(warning)
            .with(filters)
            .with(shifts)
            .with(table),
    ))
}

fn half_days(words: &Words, half_days: i64) -> Cell {
    let decimals = usize::from(half_days % 2 == 1);
    let days = half_days as f64 / 2.0;
    Cell::number(format::decimal(words.locale, days, decimals), days)
}

pub(super) async fn figures(
    State(brigade): State<Brigade>,
    cx: Cx,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let found = brigade.outcomes(&cx.actor).await?;
    let share = |part: usize, whole: usize| {
        if whole == 0 {
            "—".to_owned()
        } else {
            format::percent(cx.locale, part as f64 / whole as f64)
        }
    };
    let of = |part: usize, whole: usize| {
        let args = [("part", part.into()), ("whole", whole.into())];
        words.text_with("brigade-figure-of", &args)
    };
    let median = found.waited_days_median.map_or_else(
        || "—".to_owned(),
        |days| {
            let decimals = usize::from(days.fract() > 0.0);
            let key = if days < 2.0 {
                "brigade-days-one"
            } else {
                "brigade-days-many"
            };
            let days = format::decimal(cx.locale, days, decimals);
            words.text_with(key, &[("days", days.into())])
        },
    );
    let mut all = vec![
        Figure::new(
            words.text("brigade-figure-in-time"),
            share(found.answered_in_time, found.answered),
        )
        .note(of(found.answered_in_time, found.answered))
        .formula(words.text("brigade-figure-in-time-formula")),
        Figure::new(words.text("brigade-figure-median"), median)
            .formula(words.text("brigade-figure-median-formula")),
        Figure::new(
            words.text("brigade-figure-waiting"),
            format::count(cx.locale, found.waiting),
        )
        .to("/brigade/requests?state=open"),
    ];
    if let Some((gave, kept)) = found.verified {
        all.push(
            Figure::new(words.text("brigade-figure-verified"), share(kept, gave))
                .note(of(kept, gave))
                .formula(words.text("brigade-figure-verified-formula")),
        );
    }
    let names = brigade.trades(cx.locale).await?;
    let rows = found.days.iter().map(|(code, days)| {
        vec![
            Cell::text(names.get(code).unwrap_or(code)),
            half_days(&words, days.asked),
            half_days(&words, days.agreed),
            half_days(&words, days.spent),
        ]
    });
    let columns = vec![
        Column::text(words.text("brigade-column-expertise")),
        Column::number(words.text("brigade-column-asked-days")),
        Column::number(words.text("brigade-column-agreed")),
        Column::number(words.text("brigade-column-spent")),
    ];
    let table = Table::new(
        &words,
        "expertises",
        words.text("brigade-figure-days"),
        columns,
    )
    .rows(rows)
    .empty(words.text("brigade-figure-days-empty"));
    let since = format::date(cx.locale, found.since);
    let lead = words.text_with("brigade-figures-lead", &[("date", since.into())]);
    let shell = cx.shell(words.text("brigade-figures")).lead(lead);
    Ok(Page(
        Composed::new(shell)
            .with(Figures::new(&words, all))
            .with(table),
    ))
}

async fn calendar_page(
    brigade: &Brigade,
    cx: &Cx,
    (of, back): (CalendarOf, String),
    shown: Option<String>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let path = format!("{back}/calendar");
    let shell = cx
        .shell(words.text("brigade-share-calendar"))
        .lead(words.text("brigade-calendar-lead"))
        .crumb(words.text("brigade-calendar-back"), &back);
    let share = Form::post(&shell, &path, words.text("brigade-calendar-make")).inline();
    let revoke = Form::post(
        &shell,
        format!("{path}/revoke"),
        words.text("brigade-calendar-revoke"),
    )
    .inline()
    .danger();
    let mut page = Composed::new(shell);
    if let Some(path) = shown {
        let address = format!("{}{path}", brigade.public_url);
        let code = Code::new("calendar", words.text("brigade-calendar-address"), address)
            .copied_by(
                words.text("brigade-calendar-copy"),
                words.text("brigade-calendar-copied"),
            );
        let once = words.text("brigade-calendar-once");
        page = page.with(Notice::new(Tone::Warning, "", once)).with(code);
    }
    page = match brigade.shared_calendar(of).await? {
        None => page.text(words.text("brigade-calendar-none")).with(share),
        Some((by, at)) => {
            let args = [
                ("name", by.into()),
                ("date", format::instant(words.locale, at).into()),
            ];
            page.text(words.text_with("brigade-calendar-made", &args))
                .with(share)
                .with(revoke)
        }
    };
    Ok(Page(page))
}

fn of_mission(id: Uuid) -> (CalendarOf, String) {
    (CalendarOf::Mission(id), format!("/brigade/missions/{id}"))
}

/// An expert that shares its own calendar comes back to its own missions.
async fn of_expert(brigade: &Brigade, cx: &Cx, id: Uuid) -> Result<(CalendarOf, String), Failure> {
    brigade.may_share(&cx.actor, CalendarOf::Expert(id)).await?;
    Ok((CalendarOf::Expert(id), format!("/brigade/experts/{id}")))
}

pub(super) async fn show_mission_calendar(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let of = of_mission(id);
    brigade.may_share(&cx.actor, of.0).await?;
    calendar_page(&brigade, &cx, of, None).await
}

pub(super) async fn share_mission(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let of = of_mission(id);
    let path = brigade.share_calendar(&cx.actor, of.0).await?;
    calendar_page(&brigade, &cx, of, Some(path)).await
}

pub(super) async fn revoke_mission(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<SeeOther, Failure> {
    let (of, back) = of_mission(id);
    brigade.revoke_calendar(&cx.actor, of).await?;
    Ok(SeeOther(format!("{back}/calendar")))
}

pub(super) async fn show_expert_calendar(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let of = of_expert(&brigade, &cx, id).await?;
    calendar_page(&brigade, &cx, of, None).await
}

pub(super) async fn share_expert(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let of = of_expert(&brigade, &cx, id).await?;
    let path = brigade.share_calendar(&cx.actor, of.0).await?;
    calendar_page(&brigade, &cx, of, Some(path)).await
}

pub(super) async fn revoke_expert(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<SeeOther, Failure> {
    let (of, back) = of_expert(&brigade, &cx, id).await?;
    brigade.revoke_calendar(&cx.actor, of).await?;
    Ok(SeeOther(format!("{back}/calendar")))
}

/// What a calendar program reads.
pub(super) async fn calendar(
    State(brigade): State<Brigade>,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    let text = brigade.calendar_of(&token).await?;
    let headers = [
        ("content-type", "text/calendar; charset=utf-8"),
        (
            "content-disposition",
            "attachment; filename=\"brigade.ics\"",
        ),
        ("cache-control", "private, no-cache"),
    ];
    Ok((headers, text).into_response())
}
