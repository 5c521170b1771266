//! The form of a contract's text: for a draft, a proposal, an amendment.

use kit_acts::{Asked, Trouble, conclude, filled, named, version};
use kit_http::{Cx, Failure, Fields, Page, Path, Query, Response, State};
use kit_ui::{Cell, Choices, Composed, Field, Form, Table, Words};
use ports::{IndicatorProgress, ProductId};
use serde::Deserialize;
use uuid::Uuid;

use super::words::form_page;
use crate::domain::{Consequence, Doctrine, Expertise, Kind, ReasonForm, TRANCHES_MAX, TermsForm};
use crate::{Contracts, ContractsError, WORDING};

#[derive(Debug, Default, Deserialize)]
pub(super) struct NewQuery {
    #[serde(default)]
    product: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    application: String,
    #[serde(default)]
    q: String,
}

/// What was typed; boxes of one name are joined by commas.
fn typed_form(fields: &Fields) -> TermsForm {
    let mut form = TermsForm::default();
    for (name, value) in &fields.0 {
        let joined = match form.0.get(name) {
            Some(before) if name == "indicators" => format!("{before},{value}"),
            _ => value.clone(),
        };
        form.set(name, joined);
    }
    form
}

fn text_fields(
    words: &Words,
    form: &TermsForm,
    kind: Kind,
    indicators: &[IndicatorProgress],
) -> Vec<Field> {
    let line = |name: &str| {
        let field = Field::text(name, WORDING.label(words, name)).value(form.text(name));
        field.length_max(200).required()
    };
    let lines = |name: &str, max: u32| {
        let field = Field::lines(4, name, WORDING.label(words, name)).value(form.text(name));
        field.length_max(max)
    };
    let day =
        |name: &str| Field::date_typed(words, name, WORDING.label(words, name), form.three(name));
    let section = |key: &str| Field::section(words.text(&format!("contracts-section-{key}")));
    let chosen: Vec<&str> = form.text("indicators").split(',').collect();
    let offered = indicators.iter().map(|one| {
        let id = one.id.to_string();
        let is_ticked = chosen.contains(&id.as_str());
        (id, one.name.clone(), is_ticked)
    });
    let mut all = vec![
        line("title"),
        lines("purpose", 4_000).required(),
        day("starts"),
        day("ends"),
        section("parties"),
    ];
    for side in ["directorate", "ministry"] {
        all.extend(["body", "signatory", "role"].map(|part| line(&format!("{side}_{part}"))));
    }
    all.push(section("impact"));
    all.push(
        Field::boxes(
            "indicators",
            WORDING.label(words, "indicators"),
            offered.collect(),
        )
        .hint(words.text("contracts-hint-indicators")),
    );
    match kind {
        Kind::Human => {
            all.push(section("days"));
            for expertise in Expertise::ALL {
                let name = format!("days_{}", expertise.code());
                let key = format!("contracts-expertise-{}", expertise.code());
                let field = Field::line("number", &name, words.text(&key));
                let field = field.unit(words.text("contracts-unit-days"));
                all.push(field.value(form.text(&name)).length_max(5));
            }
        }
        Kind::Money => tranche_fields(words, form, indicators, &mut all),
    }
    all.push(section("clauses"));
    for doctrine in Doctrine::ALL {
        let name = format!("clause_{}", doctrine.code());
        let key = format!("contracts-doctrine-{}", doctrine.code());
        let field = Field::lines(2, &name, words.text(&key)).value(form.text(&name));
        all.push(field.length_max(2_000));
    }
    all.push(section("follow-up"));
    all.push(
        Field::line(
            "number",
            "review_months",
            WORDING.label(words, "review_months"),
        )
        .value(form.text("review_months"))
        .unit(words.text("contracts-unit-months"))
        .length_max(2),
    );
    let codes: Vec<&str> = Consequence::ALL.iter().map(|one| one.code()).collect();
    all.push(
        Field::radios(
            "consequence",
            WORDING.label(words, "consequence"),
            named(words, "contracts-consequence-", &codes),
        )
        .value(form.text("consequence")),
    );
    all.push(lines("consequence_text", 2_000).required());
    all
}

fn tranche_fields(
    words: &Words,
    form: &TermsForm,
    indicators: &[IndicatorProgress],
    all: &mut Vec<Field>,
) {
    let none = || (String::new(), "—".to_owned());
    let mut offered = vec![none()];
    offered.extend(
        indicators
            .iter()
            .map(|one| (one.id.to_string(), one.name.clone())),
    );
    let doctrines: Vec<&str> = Doctrine::ALL.iter().map(|one| one.code()).collect();
    let mut clauses = vec![none()];
    clauses.extend(named(words, "contracts-doctrine-", &doctrines));
    for number in 1..=TRANCHES_MAX {
        let name = |part: &str| format!("tranche{number}_{part}");
        let args = [("number", (number as i64).into())];
        let label = |part: &str| words.text_with(&format!("contracts-field-tranche_{part}"), &args);
        let value = |part: &str| form.text(&name(part)).to_owned();
        let whens = WORDING.any_of(
            words,
            "contracts-tranche-when-",
            &["indicator", "date", "clause"],
        );
        all.push(Field::section(
            words.text_with("contracts-tranche-number", &args),
        ));
        all.extend([
            Field::text(&name("label"), label("label"))
                .value(value("label"))
                .length_max(200),
            Field::text(&name("amount"), label("amount"))
                .value(value("amount"))
                .unit("€")
                .hint(words.text("contracts-hint-amount"))
                .length_max(40),
            Field::select(&name("when"), label("when"), whens).value(value("when")),
            Field::select(&name("indicator"), label("indicator"), offered.clone())
                .value(value("indicator")),
            Field::text(&name("share"), label("share"))
                .value(value("share"))
                .unit("%")
                .hint(words.text("contracts-hint-share"))
                .length_max(4),
            Field::date_typed(words, &name("on"), label("on"), form.three(&name("on"))),
            Field::select(&name("clause"), label("clause"), clauses.clone()).value(value("clause")),
        ]);
    }
}

/// A page on which a product is chosen; `base` goes on with `product=…`.
pub(super) async fn choose(
    contracts: &Contracts,
    cx: &Cx,
    (title, base, q): (String, &str, &str),
) -> Result<Composed, Failure> {
    let words = cx.words();
    let q: String = q.chars().take(200).collect();
    let found = contracts.ports.products.products(&q, None, None, 50).await;
    let found = found.map_err(ContractsError::from)?;
    let rows = found.products.iter().map(|one| {
        vec![Cell::link(
            &one.title,
            format!("{base}product={}", one.id.0),
        )]
    });
    let names = WORDING.columns(&words, &["product"]);
    let table = Table::new(&words, "products", words.text("contracts-choose"), names)
        .rows(rows)
        .empty(words.text("contracts-no-product"));
    let (action, query) = base.split_once('?').unwrap_or((base, ""));
    let mut search = Form::filters(action, words.text("contracts-search")).field(
        Field::text("q", WORDING.label(&words, "q"))
            .value(&q)
            .length_max(200),
    );
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        search = search.hidden(name, value);
    }
    let shell = cx.shell(title).lead(words.text("contracts-choose-lead"));
    Ok(Composed::new(shell).with(search).with(table))
}

async fn new_page(
    contracts: &Contracts,
    cx: &Cx,
    fields: &Fields,
    query: &NewQuery,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let title = words.text("contracts-draft");
    let product = filled(fields, "product", &query.product).to_owned();
    let application = filled(fields, "application", &query.application).to_owned();
    let Some(kind) = Kind::parse(filled(fields, "kind", &query.kind)) else {
        let choices = Kind::ALL.iter().map(|kind| {
            let code = kind.code();
            let product = if product.parse::<Uuid>().is_ok() {
                format!("&product={product}")
            } else {
                String::new()
            };
            (
                words.text(&format!("contracts-kind-{code}")),
                format!("/contracts/new?kind={code}{product}"),
                words.text(&format!("contracts-kind-{code}-says")),
            )
        });
        let shell = cx.shell(title).lead(words.text("contracts-draft-lead"));
        return Ok(Composed::new(shell).with(Choices(choices.collect())));
    };
    let Ok(id) = product.parse::<Uuid>() else {
        let base = format!("/contracts/new?kind={}&", kind.code());
        return choose(contracts, cx, (title, &base, &query.q)).await;
    };
    let found = contracts.ports.products.product(ProductId(id)).await;
    let found = found
        .map_err(ContractsError::from)?
        .ok_or(Failure::NotFound)?;
    let indicators = contracts.indicators_of(found.id.0).await?;
    let form = if fields.has("title") {
        typed_form(fields)
    } else {
        contracts.template(kind, &found.title)
    };
    let asked = Asked {
        title: title.clone(),
        lead: found.title.clone(),
        crumb: (words.text("contracts-contracts"), "/contracts".to_owned()),
        action: "/contracts/new".to_owned(),
        submit: title,
        fields: text_fields(&words, &form, kind, &indicators),
        version: None,
        subject: None,
        hidden: vec![
            ("product", product),
            ("kind", kind.code().to_owned()),
            ("application", application),
        ],
    };
    form_page(contracts, cx, asked, trouble).await
}

pub(super) async fn show_new(
    State(contracts): State<Contracts>,
    cx: Cx,
    Query(query): Query<NewQuery>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let trouble = Trouble::default();
    new_page(&contracts, &cx, &none, &query, &trouble)
        .await
        .map(Page)
}

pub(super) async fn draft(
    State(contracts): State<Contracts>,
    cx: Cx,
    fields: Fields,
) -> Result<Response, Failure> {
    let product = fields.text("product").parse();
    let product: Uuid = product.map_err(|_| Failure::NotFound)?;
    let kind = Kind::parse(fields.text("kind")).ok_or(Failure::NotFound)?;
    let application = fields.text("application").parse().ok();
    let form = typed_form(&fields);
    let done = contracts
        .draft(&cx.actor, product, kind, application, &form)
        .await;
    let to = |id: Uuid| format!("/contracts/{id}");
    conclude(done, to, async |trouble| {
        new_page(&contracts, &cx, &fields, &NewQuery::default(), &trouble).await
    })
    .await
}

async fn text_page(
    contracts: &Contracts,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let file = contracts.contract(&cx.actor, id).await?;
    let one = &file.contract;
    let indicators = contracts.indicators_of(one.product).await?;
    let latest = file.latest().ok_or(Failure::NotFound)?;
    let form = if fields.has("title") {
        typed_form(fields)
    } else {
        TermsForm::of(&latest.terms)
    };
    let mut all = text_fields(&words, &form, one.kind, &indicators);
    all.push(
        Field::lines(3, "reason", WORDING.label(&words, "note"))
            .value(fields.text("reason"))
            .hint(words.text("contracts-hint-note"))
            .length_max(4_000),
    );
    let is_signed = file
        .signatures
        .iter()
        .any(|signature| signature.number == one.latest && signature.voided.is_none());
    let lead = if is_signed && one.in_force != Some(one.latest) {
        words.text("contracts-propose-voids")
    } else {
        words.text("contracts-propose-lead")
    };
    let back = format!("/contracts/{id}");
    let asked = Asked {
        title: words.text("contracts-act-propose"),
        lead,
        crumb: (one.title.clone(), back.clone()),
        action: format!("{back}/text"),
        submit: words.text("contracts-act-propose"),
        fields: all,
        version: Some(one.version),
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(contracts, cx, asked, trouble).await
}

pub(super) async fn show_text(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = text_page(&contracts, &cx, id, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn propose(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = typed_form(&fields);
    let note = ReasonForm {
        reason: fields.text("reason").to_owned(),
    };
    let seen = version(&fields);
    let done = contracts.propose(&cx.actor, id, seen, &form, &note).await;
    let to = |()| format!("/contracts/{id}");
    conclude(done, to, async |trouble| {
        text_page(&contracts, &cx, id, &fields, &trouble).await
    })
    .await
}
