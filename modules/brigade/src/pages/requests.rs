//! Requests: the list, one with who could go, and the forms that ask and answer.

use jiff::ToSpan as _;
use kit_acts::{
    Asked, Trouble, address, conclude, cursor, day, filled, place, short, three, version,
};
use kit_http::{Cx, Failure, Fields, Page, Path, Query, Response, State, optional};
use kit_ui::{Actions, Cell, Column, Composed, Facts, Field, Form, Pages, Table, Words, format};
use ports::ProductId;
use serde::Deserialize;
use uuid::Uuid;

use super::words::{
    days, form_page, hint, ministries, mission_state, period, request_state, timeline,
};
use crate::access::{ASK, CONDUCT};
use crate::acts_port::days_text;
use crate::domain::{AnswerForm, Proposal, RequestAct, RequestForm, RequestOrigin, RequestState};
use crate::reading::{RequestFilter, RequestView};
use crate::store::requests::Request;
use crate::{Brigade, BrigadeError, WORDING, latest_first};

/// Rows on one page.
const PAGE_ROWS: u32 = 50;
const HERE: &str = "/brigade/requests";

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    origin: String,
    #[serde(default)]
    ministry: String,
    #[serde(default)]
    product: String,
    #[serde(default)]
    after: String,
}

pub(super) async fn list(
    State(brigade): State<Brigade>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let filter = RequestFilter {
        state: optional("state", &query.state, RequestState::parse)?,
        ministry: optional("ministry", &query.ministry, |text| text.parse().ok())?,
        product: optional("product", &query.product, |text| text.parse().ok())?,
        origin: optional("origin", &query.origin, RequestOrigin::parse)?,
    };
    let after = place(&query.after, latest_first());
    let mut found = brigade
        .requests(&cx.actor, filter, after, PAGE_ROWS + 1)
        .await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let pairs = [
        ("state", query.state.as_str()),
        ("origin", query.origin.as_str()),
        ("ministry", query.ministry.as_str()),
        ("product", query.product.as_str()),
    ];
    let next = found.last().filter(|_| more).map(|last| {
        let after = cursor(last.asked_on, last.id);
        let [state, origin, ministry, product] = pairs;
        address(HERE, &[state, origin, ministry, product, ("after", &after)])
    });
    let previous = (!query.after.is_empty()).then(|| address(HERE, &pairs));
    let rows = found.iter().map(|one| {
        vec![
            Cell::link(short(&one.need), format!("{HERE}/{}", one.id)),
            Cell::text(&one.product_title),
            Cell::text(words.text(&format!("brigade-origin-{}", one.origin.code()))),
            day(&cx, Some(one.asked_on)),
            request_state(&words, one.state),
            day(&cx, one.answered_on),
        ]
    });
    let names = ["need", "product", "origin", "asked", "state", "answered"];
    let caption = words.text("brigade-requests");
    let table = Table::new(&words, "requests", caption, WORDING.columns(&words, &names))
        .rows(rows)
        .pages(Pages { previous, next })
        .empty(words.text("brigade-requests-empty"));
    let states: Vec<&str> = RequestState::ALL.iter().map(|one| one.code()).collect();
    let origins: Vec<&str> = RequestOrigin::ALL.iter().map(|one| one.code()).collect();
    let mut filters = Form::filters(HERE, words.text("brigade-filter")).fields([
        Field::select(
            "state",
            WORDING.label(&words, "state"),
            WORDING.any_of(&words, "brigade-request-state-", &states),
        )
        .value(&query.state),
        Field::select(
            "origin",
            WORDING.label(&words, "origin"),
            WORDING.any_of(&words, "brigade-origin-", &origins),
        )
        .value(&query.origin),
        Field::select(
            "ministry",
            WORDING.label(&words, "ministry"),
            ministries(&brigade, &cx).await?,
        )
        .value(&query.ministry),
    ]);
    if !query.product.is_empty() {
        filters = filters.hidden("product", &query.product);
    }
    let add = cx.actor.may_somewhere(&ASK).then(|| {
        let text = words.text("brigade-ask");
        Actions(vec![(text, format!("{HERE}/new"))])
    });
    let shell = cx
        .shell(words.text("brigade-requests"))
        .lead(words.text("brigade-requests-lead"));
    Ok(Page(
        Composed::new(shell).maybe(add).with(filters).with(table),
    ))
}

fn facts(cx: &Cx, one: &Request) -> Facts {
    let words = cx.words();
    let name = |key: &str| WORDING.label(&words, key);
    let product = format!("/products/{}", one.product);
    let mut facts = Facts::default().link(name("product"), &one.product_title, product);
    let origin = words.text(&format!("brigade-origin-{}", one.origin.code()));
    let asked = format::date(cx.locale, one.asked_on);
    facts = match (one.origin, one.origin_id) {
        (RequestOrigin::Alert, Some(id)) => {
            facts.link(name("origin"), origin, format!("/steering/alerts/{id}"))
        }
        (RequestOrigin::Decision, Some(id)) => {
            facts.link(name("origin"), origin, format!("/steering/decisions/{id}"))
        }
        _ => facts.text(name("origin"), origin),
    };
    facts = facts.text(name("asked"), asked);
    if !one.asked_by_name.is_empty() && one.asked_by.is_some() {
        facts = facts.text(name("asked_by"), &one.asked_by_name);
    }
    if let Some(wished) = one.period {
        facts = facts.text(name("period"), period(cx, wished));
    }
    for (key, text) in [
        ("contribution", &one.contribution),
        ("impact", &one.impact),
        ("answer", &one.answer),
    ] {
        if !text.is_empty() {
            facts = facts.text(name(key), text);
        }
    }
    if let Some(until) = one.put_off_until {
        facts = facts.text(name("until"), format::date(cx.locale, until));
    }
    let state = words.text(&format!("brigade-request-state-{}", one.state.code()));
    facts.text(name("state"), state)
}

/// Why somebody is proposed, in a sentence with the figures.
fn sentence(
    cx: &Cx,
    words: &Words,
    one: &Proposal,
    within: (jiff::civil::Date, jiff::civil::Date),
) -> String {
    let key = if one.covers() {
        "brigade-proposal-covers"
    } else {
        "brigade-proposal-partly"
    };
    words.text_with(
        key,
        &[
            (
                "level",
                words
                    .text(&format!("brigade-level-{}", one.level.code()))
                    .into(),
            ),
            ("free", days_text(words, one.free).into()),
            ("capacity", days_text(words, one.capacity).into()),
            ("wanted", days_text(words, one.wanted).into()),
            ("load", format::percent(cx.locale, one.load()).into()),
            ("from", format::date(cx.locale, within.0).into()),
            ("to", format::date(cx.locale, within.1).into()),
        ],
    )
}

/// One table for each expertise that is wanted.
async fn proposals(brigade: &Brigade, cx: &Cx, view: &RequestView) -> Result<Vec<Table>, Failure> {
    let words = cx.words();
    let names = brigade.trades(cx.locale).await?;
    let within = brigade.wished(&view.request);
    let mut tables = Vec::new();
    for (code, found) in brigade.proposals(&cx.actor, view.request.id).await? {
        let rows = found.iter().take(20).map(|one| {
            let choose = format!(
                "{HERE}/{}/mission?who={}:{}",
                view.request.id, one.expert, one.expertise
            );
            vec![
                Cell::link(&one.name, format!("/brigade/experts/{}", one.expert)),
                Cell::text(words.text(&format!("brigade-level-{}", one.level.code()))),
                days(&words, one.free),
                Cell::text(sentence(cx, &words, one, within)),
                Cell::link(words.text("brigade-choose-expert"), choose),
            ]
        });
        let columns = vec![
            Column::text(words.text("brigade-column-expert")),
            Column::text(words.text("brigade-column-level")),
            Column::number(words.text("brigade-column-free")),
            Column::text(words.text("brigade-column-why")),
            Column::text(words.text("brigade-column-act")),
        ];
        let wanted = view.wanted.get(&code).copied().unwrap_or(0);
        let args = [
            (
                "expertise",
                names.get(&code).unwrap_or(&code).as_str().into(),
            ),
            ("days", days_text(&words, wanted).into()),
        ];
        let caption = words.text_with("brigade-proposals-of", &args);
        tables.push(
            Table::new(&words, format!("proposals-{code}"), caption, columns)
                .rows(rows)
                .empty(words.text("brigade-proposals-empty")),
        );
    }
    Ok(tables)
}

fn acts(cx: &Cx, one: &Request) -> Vec<(String, String)> {
    let words = cx.words();
    let here = format!("{HERE}/{}", one.id);
    let mut all = Vec::new();
    if cx.actor.may(&CONDUCT, one.ministry) && one.state.after(RequestAct::Accept).is_some() {
        let text = words.text("brigade-act-accept");
        all.push((text, format!("{here}/mission")));
    }
    for act in [
        RequestAct::Decline,
        RequestAct::PutOff,
        RequestAct::Close,
        RequestAct::Withdraw,
    ] {
        if one.state.after(act).is_some() && cx.actor.may(act.permission(), one.ministry) {
            let code = act.code();
            let text = words.text(&format!("brigade-act-{code}"));
            all.push((text, format!("{here}/acts/{code}")));
        }
    }
    all
}

pub(super) async fn show(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let mut view = brigade.request(&cx.actor, id).await?;
    let one = &view.request;
    let names = brigade.trades(cx.locale).await?;
    let rows = view.wanted.iter().map(|(code, half_days)| {
        let name = names.get(code).unwrap_or(code);
        vec![Cell::text(name), days(&words, *half_days)]
    });
    let of_wanted = vec![
        Column::text(words.text("brigade-column-expertise")),
        Column::number(words.text("brigade-column-days")),
    ];
    let wanted = Table::new(&words, "wanted", words.text("brigade-wanted"), of_wanted)
        .rows(rows)
        .empty(words.text("brigade-wanted-empty"));
    let rows = view.missions.iter().map(|mission| {
        vec![
            Cell::link(&mission.title, format!("/brigade/missions/{}", mission.id)),
            Cell::text(period(&cx, mission.period)),
            mission_state(&words, mission.state, false),
        ]
    });
    let of_missions = WORDING.columns(&words, &["mission", "period", "state"]);
    let missions = Table::new(
        &words,
        "missions",
        words.text("brigade-missions"),
        of_missions,
    )
    .rows(rows)
    .empty(words.text("brigade-request-no-mission"));
    let shell = cx
        .shell(words.text("brigade-request"))
        .lead(&one.product_title)
        .crumb(words.text("brigade-requests"), HERE);
    let acts = acts(&cx, one);
    let mut page = Composed::new(shell)
        .text(&one.need)
        .maybe((!acts.is_empty()).then_some(Actions(acts)))
        .with(facts(&cx, one))
        .with(wanted);
    let is_waiting = matches!(one.state, RequestState::Open | RequestState::PutOff);
    if is_waiting && cx.actor.may(&CONDUCT, one.ministry) && !view.wanted.is_empty() {
        page = page
            .heading(words.text("brigade-proposals"))
            .text(words.text("brigade-proposals-lead"));
        for table in proposals(&brigade, &cx, &view).await? {
            page = page.with(table);
        }
    }
    view.events.reverse();
    Ok(Page(
        page.with(missions)
            .heading(words.text("brigade-timeline"))
            .with(timeline(&cx, &view.events)),
    ))
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct NewQuery {
    #[serde(default)]
    product: String,
    #[serde(default)]
    q: String,
}

/// Products for which the actor may ask.
async fn choose(brigade: &Brigade, cx: &Cx, q: &str) -> Result<Composed, Failure> {
    let words = cx.words();
    let q: String = q.chars().take(200).collect();
    let found = brigade.products.products(&q, None, None, 200).await;
    let found = found.map_err(BrigadeError::from)?;
    let here = format!("{HERE}/new");
    let rows = found
        .products
        .iter()
        .filter(|one| cx.actor.may(&ASK, one.ministry.map(|id| id.0)))
        .map(|one| {
            vec![Cell::link(
                &one.title,
                format!("{here}?product={}", one.id.0),
            )]
        });
    let names = WORDING.columns(&words, &["product"]);
    let table = Table::new(&words, "products", words.text("brigade-choose"), names)
        .rows(rows)
        .empty(words.text("brigade-no-product"));
    let search = Form::filters(&here, words.text("brigade-search")).field(
        Field::text("q", WORDING.label(&words, "q"))
            .value(&q)
            .length_max(200),
    );
    let shell = cx
        .shell(words.text("brigade-ask"))
        .lead(words.text("brigade-choose-lead"))
        .crumb(words.text("brigade-requests"), HERE);
    Ok(Composed::new(shell).with(search).with(table))
}

async fn new_page(
    brigade: &Brigade,
    cx: &Cx,
    fields: &Fields,
    query: &NewQuery,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let chosen = filled(fields, "product", &query.product).to_owned();
    let product = match chosen.parse::<Uuid>() {
        Ok(id) => {
            let found = brigade.products.product(ProductId(id)).await;
            found.map_err(BrigadeError::from)?
        }
        Err(_) => None,
    };
    let Some(product) = product else {
        if trouble.mistakes.is_empty() {
            return choose(brigade, cx, &query.q).await;
        }
        let title = words.text("brigade-ask");
        let asked = Asked {
            title: title.clone(),
            lead: String::new(),
            crumb: (words.text("brigade-requests"), HERE.to_owned()),
            action: format!("{HERE}/new"),
            submit: title,
            fields: Vec::new(),
            version: None,
            subject: None,
            hidden: Vec::new(),
        };
        return form_page(brigade, cx, asked, trouble).await;
    };
    cx.actor.demand(&ASK, product.ministry.map(|id| id.0))?;
    let lines = |name: &str| {
        Field::lines(4, name, WORDING.label(&words, name))
            .value(fields.text(name))
            .length_max(4_000)
            .required()
    };
    let today = brigade.source.today();
    let (soon, later) = (
        today.saturating_add(14.days()),
        today.saturating_add(3.months()),
    );
    let mut form = vec![
        lines("need").hint(words.text("brigade-hint-need")),
        Field::section(words.text("brigade-wanted")),
    ];
    for one in brigade.expertises().await? {
        let name = format!("wanted-{}", one.code);
        let called = match cx.locale {
            kit_ui::Locale::Fr => one.name_fr,
            kit_ui::Locale::En => one.name_en,
        };
        form.push(
            Field::text(&name, called)
                .value(fields.text(&name))
                .unit(words.text("brigade-unit-days"))
                .length_max(6),
        );
    }
    form.extend([
        Field::section(words.text("brigade-field-period")),
        WORDING
            .date_field(&words, fields, "from", Some(soon))
            .required(),
        WORDING
            .date_field(&words, fields, "to", Some(later))
            .required(),
        Field::section(words.text("brigade-section-promise")),
        lines("contribution").hint(words.text("brigade-hint-contribution")),
        lines("impact").hint(words.text("brigade-hint-impact")),
    ]);
    let asked = Asked {
        title: words.text("brigade-ask"),
        lead: product.title,
        crumb: (words.text("brigade-requests"), HERE.to_owned()),
        action: format!("{HERE}/new"),
        submit: words.text("brigade-send-request"),
        fields: form,
        version: None,
        subject: None,
        hidden: vec![("product", chosen)],
    };
    form_page(brigade, cx, asked, trouble).await
}

pub(super) async fn show_new(
    State(brigade): State<Brigade>,
    cx: Cx,
    Query(query): Query<NewQuery>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = new_page(&brigade, &cx, &none, &query, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn ask(
    State(brigade): State<Brigade>,
    cx: Cx,
    fields: Fields,
) -> Result<Response, Failure> {
    let text = |name: &str| fields.text(name).to_owned();
    let wanted = fields.0.iter().filter_map(|(name, value)| {
        let code = name.strip_prefix("wanted-")?;
        Some((code.to_owned(), value.clone()))
    });
    let form = RequestForm {
        product: text("product"),
        need: text("need"),
        wanted: wanted.take(200).collect(),
        from: three(&fields, "from"),
        to: three(&fields, "to"),
        contribution: text("contribution"),
        impact: text("impact"),
    };
    let done = brigade.ask(&cx.actor, &form).await;
    let to = |id: Uuid| format!("{HERE}/{id}");
    conclude(done, to, async |trouble| {
        let query = NewQuery::default();
        new_page(&brigade, &cx, &fields, &query, &trouble).await
    })
    .await
}

fn act_of(code: &str) -> Result<RequestAct, Failure> {
    RequestAct::parse(code)
        .filter(|act| !matches!(act, RequestAct::Accept | RequestAct::ComeBack))
        .ok_or(Failure::NotFound)
}

async fn act_page(
    brigade: &Brigade,
    cx: &Cx,
    (id, act): (Uuid, RequestAct),
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let one = brigade.request_of(&cx.actor, id).await?;
    cx.actor.demand(act.permission(), one.ministry)?;
    let mut reason = Field::lines(4, "reason", WORDING.label(&words, "reason"))
        .value(fields.text("reason"))
        .length_max(4_000);
    if matches!(act, RequestAct::Decline | RequestAct::PutOff) {
        reason = reason.required();
    }
    let mut form = Vec::new();
    if act == RequestAct::PutOff {
        let usual = brigade.source.today().saturating_add(1.month());
        form.push(
            WORDING
                .date_field(&words, fields, "until", Some(usual))
                .required(),
        );
    }
    form.push(reason);
    let code = act.code();
    let title = words.text(&format!("brigade-act-{code}"));
    let back = format!("{HERE}/{id}");
    let asked = Asked {
        title: title.clone(),
        lead: short(&one.need),
        crumb: (words.text("brigade-request"), back.clone()),
        action: format!("{back}/acts/{code}"),
        submit: title,
        fields: form,
        version: Some(one.version),
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(brigade, cx, asked, trouble).await
}

pub(super) async fn show_act(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let act = act_of(&code)?;
    let page = act_page(&brigade, &cx, (id, act), &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn act(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let act = act_of(&code)?;
    let form = AnswerForm {
        reason: fields.text("reason").to_owned(),
        until: three(&fields, "until"),
    };
    let done = brigade
        .act_on_request(&cx.actor, id, version(&fields), act, &form)
        .await;
    let to = |()| format!("{HERE}/{id}");
    conclude(done, to, async |trouble| {
        act_page(&brigade, &cx, (id, act), &fields, &trouble).await
    })
    .await
}

/// What a request wants, in a hint of the mission's form.
pub(super) fn wanted_text(
    words: &Words,
    names: &std::collections::BTreeMap<String, String>,
    view: &RequestView,
) -> String {
    let all = view.wanted.iter().map(|(code, half_days)| {
        let name = names.get(code).unwrap_or(code);
        let days = hint(words, "brigade-of-days", *half_days);
        format!("{name} ({days})")
    });
    let all = all.collect::<Vec<_>>().join(", ");
    if all.is_empty() {
        words.text("brigade-wanted-empty")
    } else {
        words.text_with("brigade-hint-wanted", &[("wanted", all.into())])
    }
}
