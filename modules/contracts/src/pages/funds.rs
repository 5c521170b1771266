//! Funds and calls.

use kit_acts::{Asked, Trouble, address, conclude, cursor, day, euros, place, three};
use kit_http::{Cx, Failure, Fields, Page, Path, Query, Response, State};
use kit_ui::{
    Actions, Cell, Column, Composed, Facts, Field, Figure, Figures, Pages, Table, format,
};
use serde::Deserialize;
use uuid::Uuid;

use super::applications::table_of;
use super::words::form_page;
use crate::access::{APPLY, FUND};
use crate::domain::{CallForm, FundForm};
use crate::reading::{ApplicationFilter, latest_first};
use crate::{Contracts, WORDING};

/// Rows on one page.
const PAGE_ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct AfterQuery {
    #[serde(default)]
    after: String,
}

pub(super) async fn list(
    State(contracts): State<Contracts>,
    cx: Cx,
    Query(query): Query<AfterQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let before = place(&query.after, latest_first());
    let mut found = contracts.funds(&cx.actor, before, PAGE_ROWS + 1).await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let next = found.last().filter(|_| more).map(|last| {
        let after = cursor(last.opened_on, last.id);
        address("/funds", &[("after", &after)])
    });
    let previous = (!query.after.is_empty()).then(|| "/funds".to_owned());
    let rows = found.iter().map(|one| {
        vec![
            Cell::link(&one.name, format!("/funds/{}", one.id)),
            euros(&cx, one.envelope_cents),
            euros(&cx, one.committed_cents),
            euros(&cx, one.paid_cents),
            euros(&cx, one.left_cents()),
        ]
    });
    let mut names = WORDING.columns(&words, &["fund"]);
    names.extend(
        ["envelope", "committed", "paid-cents", "left"]
            .map(|name| Column::number(words.text(&format!("contracts-column-{name}")))),
    );
    let table = Table::new(&words, "funds", words.text("contracts-funds"), names)
        .rows(rows)
        .pages(Pages { previous, next })
        .empty(words.text("contracts-funds-empty"));
    let add = cx.actor.may(&FUND, None).then(|| {
        Actions(vec![(
            words.text("contracts-open-fund"),
            "/funds/new".to_owned(),
        )])
    });
    let shell = cx
        .shell(words.text("contracts-funds"))
        .lead(words.text("contracts-funds-lead"));
    Ok(Page(Composed::new(shell).maybe(add).with(table)))
}

pub(super) async fn show(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path(id): Path<Uuid>,
    Query(query): Query<AfterQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let (fund, calls) = contracts.fund(&cx.actor, id).await?;
    let filter = ApplicationFilter {
        fund: Some(id),
        ..ApplicationFilter::default()
    };
    let after = place(&query.after, latest_first());
    let mut listed = contracts
        .applications(&cx.actor, filter, after, PAGE_ROWS + 1)
        .await?;
    let more = listed.len() > PAGE_ROWS as usize;
    listed.truncate(PAGE_ROWS as usize);
    let here = format!("/funds/{id}");
    let next = listed.last().filter(|_| more).map(|last| {
        let after = cursor(last.applied_on, last.id);
        address(&here, &[("after", &after)])
    });
    let previous = (!query.after.is_empty()).then(|| here.clone());
    let figure = |key: &str, cents: i64| {
        let label = words.text(&format!("contracts-column-{key}"));
        // In millions: a sum of many digits doesn't fit where figures stand side by side.
        Figure::new(label, format::millions(cx.locale, cents))
    };
    let figures = vec![
        figure("envelope", fund.envelope_cents),
        figure("committed", fund.committed_cents),
        figure("paid-cents", fund.paid_cents),
        figure("left", fund.left_cents()).formula(words.text("contracts-left-formula")),
        figure("to-pay", fund.to_pay_cents()).formula(words.text("contracts-to-pay-formula")),
    ];
    let today = contracts.source.today();
    let rows = calls.iter().map(|one| {
        let key = if one.is_open(today) {
            "contracts-call-open"
        } else {
            "contracts-call-shut"
        };
        vec![
            Cell::link(&one.title, format!("/calls/{}", one.id)),
            day(&cx, Some(one.opens_on)),
            day(&cx, Some(one.closes_on)),
            Cell::text(words.text(key)),
        ]
    });
    let names = WORDING.columns(&words, &["call", "opens", "closes", "state"]);
    let table = Table::new(&words, "calls", words.text("contracts-calls"), names)
        .rows(rows)
        .empty(words.text("contracts-calls-empty"));
    let add = cx.actor.may(&FUND, None).then(|| {
        Actions(vec![(
            words.text("contracts-open-call"),
            format!("{here}/calls/new"),
        )])
    });
    let shell = cx
        .shell(&fund.name)
        .lead(&fund.purpose)
        .crumb(words.text("contracts-funds"), "/funds");
    let applications = table_of(&cx, &listed).pages(Pages { previous, next });
    Ok(Page(
        Composed::new(shell)
            .maybe(add)
            .with(Figures::new(&words, figures))
            .with(table)
            .with(applications),
    ))
}

async fn new_page(
    contracts: &Contracts,
    cx: &Cx,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let form = vec![
        Field::text("name", WORDING.label(&words, "fund_name"))
            .value(fields.text("name"))
            .length_max(200)
            .required(),
        Field::lines(4, "purpose", WORDING.label(&words, "fund_purpose"))
            .value(fields.text("purpose"))
            .length_max(4_000)
            .required(),
        Field::text("envelope", WORDING.label(&words, "envelope"))
            .value(fields.text("envelope"))
            .unit("€")
            .hint(words.text("contracts-hint-amount"))
            .length_max(40)
            .required(),
    ];
    let asked = Asked {
        title: words.text("contracts-open-fund"),
        lead: words.text("contracts-funds-lead"),
        crumb: (words.text("contracts-funds"), "/funds".to_owned()),
        action: "/funds/new".to_owned(),
        submit: words.text("contracts-open-fund"),
        fields: form,
        version: None,
        subject: None,
        hidden: Vec::new(),
    };
    form_page(contracts, cx, asked, trouble).await
}

pub(super) async fn show_new(
    State(contracts): State<Contracts>,
    cx: Cx,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    new_page(&contracts, &cx, &none, &Trouble::default())
        .await
        .map(Page)
}

pub(super) async fn open(
    State(contracts): State<Contracts>,
    cx: Cx,
    fields: Fields,
) -> Result<Response, Failure> {
    let text = |name| fields.text(name).to_owned();
    let form = FundForm {
        name: text("name"),
        purpose: text("purpose"),
        envelope: text("envelope"),
    };
    let done = contracts.open_fund(&cx.actor, &form).await;
    let to = |id: Uuid| format!("/funds/{id}");
    conclude(done, to, async |trouble| {
        new_page(&contracts, &cx, &fields, &trouble).await
    })
    .await
}

async fn call_page(
    contracts: &Contracts,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (fund, _) = contracts.fund(&cx.actor, id).await?;
    let form = vec![
        Field::text("title", WORDING.label(&words, "call_title"))
            .value(fields.text("title"))
            .length_max(200)
            .required(),
        Field::lines(6, "criteria", WORDING.label(&words, "criteria"))
            .value(fields.text("criteria"))
            .length_max(4_000)
            .required(),
        WORDING.date_field(&words, fields, "opens", Some(contracts.source.today())),
        WORDING.date_field(&words, fields, "closes", None),
    ];
    let back = format!("/funds/{id}");
    let asked = Asked {
        title: words.text("contracts-open-call"),
        lead: fund.purpose,
        crumb: (fund.name, back.clone()),
        action: format!("{back}/calls/new"),
        submit: words.text("contracts-open-call"),
        fields: form,
        version: None,
        subject: None,
        hidden: Vec::new(),
    };
    form_page(contracts, cx, asked, trouble).await
}

pub(super) async fn show_call_new(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    call_page(&contracts, &cx, id, &none, &Trouble::default())
        .await
        .map(Page)
}

pub(super) async fn open_call(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = CallForm {
        title: fields.text("title").to_owned(),
        criteria: fields.text("criteria").to_owned(),
        opens: three(&fields, "opens"),
        closes: three(&fields, "closes"),
    };
    let done = contracts.open_call(&cx.actor, id, &form).await;
    let to = |id: Uuid| format!("/calls/{id}");
    conclude(done, to, async |trouble| {
        call_page(&contracts, &cx, id, &fields, &trouble).await
    })
    .await
}

pub(super) async fn call(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path(id): Path<Uuid>,
    Query(query): Query<AfterQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let (call, fund) = contracts.call(&cx.actor, id).await?;
    let filter = ApplicationFilter {
        call: Some(id),
        ..ApplicationFilter::default()
    };
    let after = place(&query.after, latest_first());
    let mut listed = contracts
        .applications(&cx.actor, filter, after, PAGE_ROWS + 1)
        .await?;
    let more = listed.len() > PAGE_ROWS as usize;
    listed.truncate(PAGE_ROWS as usize);
    let here = format!("/calls/{id}");
    let next = listed.last().filter(|_| more).map(|last| {
        let after = cursor(last.applied_on, last.id);
        address(&here, &[("after", &after)])
    });
    let previous = (!query.after.is_empty()).then(|| here.clone());
    let may = call.is_open(contracts.source.today()) && cx.actor.may_somewhere(&APPLY);
    let add = may.then(|| {
        Actions(vec![(
            words.text("contracts-apply"),
            format!("{here}/apply"),
        )])
    });
    let name = |key: &str| words.text(&format!("contracts-column-{key}"));
    let facts = Facts::default()
        .text(name("opens"), format::date(cx.locale, call.opens_on))
        .text(name("closes"), format::date(cx.locale, call.closes_on))
        .text(words.text("contracts-field-criteria"), &call.criteria)
        .text(name("left"), format::euros(cx.locale, fund.left_cents()));
    let shell = cx
        .shell(&call.title)
        .lead(&fund.name)
        .crumb(words.text("contracts-funds"), "/funds")
        .crumb(&fund.name, format!("/funds/{}", fund.id));
    let table = table_of(&cx, &listed).pages(Pages { previous, next });
    Ok(Page(
        Composed::new(shell).maybe(add).with(facts).with(table),
    ))
}
