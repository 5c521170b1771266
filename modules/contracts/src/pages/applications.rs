//! Applications to calls: the list, one, and its forms.

use kit_acts::{
    Asked, Trouble, address, conclude, cursor, day, euros, filled, place, short, version,
};
use kit_http::{Cx, Failure, Fields, Page, Path, Query, Response, State, optional};
use kit_ui::{Actions, Cell, Column, Composed, Facts, Field, Form, Pages, Table, Tone, format};
use ports::ProductId;
use serde::Deserialize;
use uuid::Uuid;

use super::drafting::choose;
use super::text;
use super::words::{form_page, ministries, timeline};
use crate::access::PROPOSE;
use crate::domain::{ApplicationAct, ApplicationForm, ApplicationState, DecisionForm};
use crate::funds::permission;
use crate::reading::{ApplicationFilter, latest_first};
use crate::{Application, Contracts, ContractsError, WORDING};

/// Rows on one page.
const PAGE_ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    ministry: String,
    #[serde(default)]
    after: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct ApplyQuery {
    #[serde(default)]
    product: String,
    #[serde(default)]
    q: String,
}

fn application_state(cx: &Cx, state: ApplicationState) -> Cell {
    let tone = match state {
        ApplicationState::Selected => Tone::Success,
        ApplicationState::Submitted => Tone::Warning,
        _ => Tone::Info,
    };
    Cell::status(
        tone,
        cx.words()
            .text(&format!("contracts-application-{}", state.code())),
    )
}

/// Applications as every page lists them.
pub(super) fn table_of(cx: &Cx, all: &[Application]) -> Table {
    let words = cx.words();
    let rows = all.iter().map(|one| {
        vec![
            Cell::link(&one.product_title, format!("/applications/{}", one.id)),
            application_state(cx, one.state),
            euros(cx, one.asked_cents),
            euros(cx, one.granted_cents),
            euros(cx, one.committed_cents),
            euros(cx, one.paid_cents),
            day(cx, Some(one.applied_on)),
            Cell::text(short(&one.contribution)),
        ]
    });
    let mut names = WORDING.columns(&words, &["product", "state"]);
    names.extend(
        ["asked", "granted", "committed", "paid-cents"]
            .map(|name| Column::number(words.text(&format!("contracts-column-{name}")))),
    );
    names.extend(WORDING.columns(&words, &["applied", "contribution"]));
    Table::new(
        &words,
        "applications",
        words.text("contracts-applications"),
        names,
    )
    .rows(rows)
    .empty(words.text("contracts-applications-empty"))
}

async fn apply_page(
    contracts: &Contracts,
    cx: &Cx,
    id: Uuid,
    (fields, query): (&Fields, &ApplyQuery),
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (call, _) = contracts.call(&cx.actor, id).await?;
    let back = format!("/calls/{id}");
    let product = filled(fields, "product", &query.product).to_owned();
    let title = words.text("contracts-apply");
    let Ok(product_id) = product.parse::<Uuid>() else {
        let base = format!("{back}/apply?");
        return choose(contracts, cx, (title, &base, &query.q)).await;
    };
    let found = contracts
        .ports
        .products
        .product(ProductId(product_id))
        .await;
    let found = found
        .map_err(ContractsError::from)?
        .ok_or(Failure::NotFound)?;
    let indicators = contracts.indicators_of(found.id.0).await?;
    let mut offered = vec![(String::new(), "—".to_owned())];
    offered.extend(
        indicators
            .into_iter()
            .map(|one| (one.id.to_string(), one.name)),
    );
    let form = vec![
        Field::text("amount", WORDING.label(&words, "asked"))
            .value(fields.text("amount"))
            .unit("€")
            .hint(words.text("contracts-hint-amount"))
            .length_max(40)
            .required(),
        Field::lines(6, "contribution", WORDING.label(&words, "contribution"))
            .value(fields.text("contribution"))
            .length_max(4_000)
            .required(),
        Field::select("indicator", WORDING.label(&words, "indicator"), offered)
            .value(fields.text("indicator"))
            .hint(words.text("contracts-hint-indicators")),
    ];
    let asked = Asked {
        title: title.clone(),
        lead: found.title,
        crumb: (call.title, back.clone()),
        action: format!("{back}/apply"),
        submit: title,
        fields: form,
        version: None,
        subject: None,
        hidden: vec![("product", product)],
    };
    form_page(contracts, cx, asked, trouble).await
}

pub(super) async fn show_apply(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path(id): Path<Uuid>,
    Query(query): Query<ApplyQuery>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let trouble = Trouble::default();
    apply_page(&contracts, &cx, id, (&none, &query), &trouble)
        .await
        .map(Page)
}

pub(super) async fn apply(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let text = |name| fields.text(name).to_owned();
    let form = ApplicationForm {
        amount: text("amount"),
        contribution: text("contribution"),
        indicator: text("indicator"),
    };
    let product = fields.text("product").parse();
    let product: Uuid = product.map_err(|_| Failure::NotFound)?;
    let done = contracts.apply(&cx.actor, id, product, &form).await;
    let to = |id: Uuid| format!("/applications/{id}");
    conclude(done, to, async |trouble| {
        let none = ApplyQuery::default();
        apply_page(&contracts, &cx, id, (&fields, &none), &trouble).await
    })
    .await
}

pub(super) async fn applications(
    State(contracts): State<Contracts>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let filter = ApplicationFilter {
        state: optional("state", &query.state, ApplicationState::parse)?,
        ministry: optional("ministry", &query.ministry, |text| text.parse().ok())?,
        ..ApplicationFilter::default()
    };
    let after = place(&query.after, latest_first());
    let mut found = contracts
        .applications(&cx.actor, filter, after, PAGE_ROWS + 1)
        .await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let here = "/applications";
    let pairs = [
        ("state", query.state.as_str()),
        ("ministry", query.ministry.as_str()),
    ];
    let next = found.last().filter(|_| more).map(|last| {
        let after = cursor(last.applied_on, last.id);
        address(here, &[pairs[0], pairs[1], ("after", &after)])
    });
    let previous = (!query.after.is_empty()).then(|| address(here, &pairs));
    let codes: Vec<&str> = ApplicationState::ALL.iter().map(|one| one.code()).collect();
    let states = WORDING.any_of(&words, "contracts-application-", &codes);
    let of_ministry = ministries(&contracts, &cx).await?;
    let filters = Form::filters(here, words.text("contracts-filter")).fields([
        Field::select("state", WORDING.label(&words, "state"), states).value(&query.state),
        Field::select("ministry", WORDING.label(&words, "ministry"), of_ministry)
            .value(&query.ministry),
    ]);
    let shell = cx
        .shell(words.text("contracts-applications"))
        .lead(words.text("contracts-applications-lead"));
    let table = table_of(&cx, &found).pages(Pages { previous, next });
    Ok(Page(Composed::new(shell).with(filters).with(table)))
}

pub(super) async fn application(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let (one, mut all) = contracts.application(&cx.actor, id).await?;
    let (call, fund) = contracts.call(&cx.actor, one.call).await?;
    let here = format!("/applications/{id}");
    let mut acts = Vec::new();
    for act in ApplicationAct::ALL {
        let is_free = *act != ApplicationAct::Lapse || one.contract.is_none();
        let may = cx.actor.may(permission(*act), one.ministry);
        if is_free && may && one.state.after(*act).is_some() {
            let text = words.text(&format!("contracts-apply-act-{}", act.code()));
            acts.push((text, format!("{here}/acts/{}", act.code())));
        }
    }
    let is_selected = one.state == ApplicationState::Selected && one.contract.is_none();
    if is_selected && cx.actor.may(&PROPOSE, one.ministry) {
        let query = format!("kind=money&product={}&application={id}", one.product);
        acts.push((
            words.text("contracts-draft"),
            format!("/contracts/new?{query}"),
        ));
    }
    let acts = (!acts.is_empty()).then_some(Actions(acts));
    let name = |key: &str| words.text(&format!("contracts-column-{key}"));
    let money = |cents: i64| format::euros(cx.locale, cents);
    let mut facts = Facts::default()
        .link(
            name("product"),
            &one.product_title,
            format!("/products/{}", one.product),
        )
        .link(name("call"), &call.title, format!("/calls/{}", call.id))
        .link(name("fund"), &fund.name, format!("/funds/{}", fund.id))
        .text(name("state"), application_state(&cx, one.state).text)
        .text(name("asked"), money(one.asked_cents))
        .text(name("contribution"), &one.contribution)
        .text(&one.indicator.name, text::promise(&words, &one.indicator));
    if let Some((on, by)) = &one.decided {
        let on = format::date(cx.locale, *on);
        facts = facts
            .text(name("granted"), money(one.granted_cents))
            .text(name("committed"), money(one.committed_cents))
            .text(name("paid-cents"), money(one.paid_cents))
            .text(name("decided"), format!("{on} — {by}"))
            .text(words.text("contracts-field-reason"), &one.reasons);
    }
    if let Some(contract) = one.contract {
        let href = format!("/contracts/{contract}");
        facts = facts.link(name("contract"), words.text("contracts-contract"), href);
    }
    all.reverse();
    let shell = cx
        .shell(words.text("contracts-application"))
        .lead(&one.product_title)
        .crumb(words.text("contracts-applications"), "/applications");
    Ok(Page(
        Composed::new(shell)
            .maybe(acts)
            .with(facts)
            .heading(words.text("contracts-timeline"))
            .with(timeline(&cx, &all)),
    ))
}

async fn decide_page(
    contracts: &Contracts,
    cx: &Cx,
    (id, code): (Uuid, &str),
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let act = ApplicationAct::parse(code).ok_or(Failure::NotFound)?;
    let (one, _) = contracts.application(&cx.actor, id).await?;
    let mut form = vec![
        Field::lines(4, "reason", WORDING.label(&words, "reason"))
            .value(fields.text("reason"))
            .length_max(4_000)
            .required(),
    ];
    if act == ApplicationAct::Select {
        let asked = format!("{},{:02}", one.asked_cents / 100, one.asked_cents % 100);
        form.push(
            Field::text("granted", WORDING.label(&words, "granted"))
                .value(filled(fields, "granted", &asked))
                .unit("€")
                .length_max(40)
                .required(),
        );
    }
    let key = format!("contracts-apply-act-{code}");
    let back = format!("/applications/{id}");
    let asked = Asked {
        title: words.text(&key),
        lead: one.product_title.clone(),
        crumb: (words.text("contracts-application"), back.clone()),
        action: format!("{back}/acts/{code}"),
        submit: words.text(&key),
        fields: form,
        version: Some(one.version),
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(contracts, cx, asked, trouble).await
}

pub(super) async fn show_decide(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = decide_page(&contracts, &cx, (id, &code), &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn decide(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let act = ApplicationAct::parse(&code).ok_or(Failure::NotFound)?;
    let form = DecisionForm {
        reasons: fields.text("reason").to_owned(),
        granted: fields.text("granted").to_owned(),
    };
    let done = contracts
        .decide(&cx.actor, id, version(&fields), act, &form)
        .await;
    let to = |()| format!("/applications/{id}");
    conclude(done, to, async |trouble| {
        decide_page(&contracts, &cx, (id, &code), &fields, &trouble).await
    })
    .await
}
