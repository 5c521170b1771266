//! Decisions: the list, one with its figures, and the forms.

use jiff::civil::Date;
use kit_acts::{
    Asked, Trouble, address, conclude, cursor, day, day_text, filled, named, place, short, three,
    version,
};
use kit_http::{Cx, Failure, Fields, Page, Path, Query, Response, State, optional};
use kit_ui::{Actions, Cell, Composed, Facts, Field, Form, Pages, Table, Tone, format};
use ports::ProductId;
use serde::Deserialize;
use uuid::Uuid;

use super::review_forms::choose;
use super::words::{form_page, ministries, timeline};
use crate::access::DECIDE;
use crate::domain::{DecisionForm, DecisionKind, PublicationForm, StepForm};
use crate::reading::latest_first;
use crate::store::conferences as store;
use crate::store::decisions::StoredDecision;
use crate::{Steering, SteeringError, WORDING};

/// Rows on one page.
const PAGE_ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    ministry: String,
    #[serde(default)]
    after: String,
}

/// What was decided.
pub(super) fn kind(cx: &Cx, kind: DecisionKind) -> Cell {
    let tone = match kind {
        DecisionKind::Continue | DecisionKind::Scale => Tone::Success,
        DecisionKind::Reorient | DecisionKind::Suspend => Tone::Warning,
        DecisionKind::Stop => Tone::Error,
    };
    let text = format!("steering-decision-{}", kind.code());
    Cell::status(tone, cx.words().text(&text))
}

pub(super) async fn list(
    State(steering): State<Steering>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let of_kind = optional("kind", &query.kind, DecisionKind::parse)?;
    let ministry = optional("ministry", &query.ministry, |text| text.parse().ok())?;
    let after = place(&query.after, latest_first());
    let filter = (of_kind, ministry, None);
    let mut found = steering
        .decisions(&cx.actor, filter, after, PAGE_ROWS + 1)
        .await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let here = "/steering/decisions";
    let pairs = [
        ("kind", query.kind.as_str()),
        ("ministry", query.ministry.as_str()),
    ];
    let next = found.last().filter(|_| more).map(|last| {
        let after = cursor(last.on, last.id);
        address(here, &[pairs[0], pairs[1], ("after", &after)])
    });
    let previous = (!query.after.is_empty()).then(|| address(here, &pairs));
    let rows = found.iter().map(|one| {
        let done = match &one.done {
            Some((on, _)) => Cell::status(Tone::Success, format::date(cx.locale, *on)),
            None => Cell::unknown(),
        };
        vec![
            Cell::link(&one.product_title, format!("{here}/{}", one.id)),
            kind(&cx, one.kind),
            day(&cx, Some(one.on)),
            Cell::text(short(&one.next)),
            day(&cx, one.next_by),
            done,
        ]
    });
    let names = ["product", "decision", "decided", "next", "next-by", "done"];
    let caption = words.text("steering-decisions");
    let table = Table::new(
        &words,
        "decisions",
        caption,
        WORDING.columns(&words, &names),
    )
    .rows(rows)
    .pages(Pages { previous, next })
    .empty(words.text("steering-decisions-empty"));
    let kinds: Vec<&str> = DecisionKind::ALL.iter().map(|one| one.code()).collect();
    let filters = Form::filters(here, words.text("steering-filter")).fields([
        Field::select(
            "kind",
            WORDING.label(&words, "decision"),
            WORDING.any_of(&words, "steering-decision-", &kinds),
        )
        .value(&query.kind),
        Field::select(
            "ministry",
            WORDING.label(&words, "ministry"),
            ministries(&steering, &cx).await?,
        )
        .value(&query.ministry),
    ]);
    let add = cx.actor.may_somewhere(&DECIDE).then(|| {
        let text = words.text("steering-decide");
        Actions(vec![(text, format!("{here}/new"))])
    });
    let shell = cx
        .shell(words.text("steering-decisions"))
        .lead(words.text("steering-decisions-lead"));
    Ok(Page(
        Composed::new(shell).maybe(add).with(filters).with(table),
    ))
}

/// What a decision says, with the figures as they stood.
pub(super) fn facts(cx: &Cx, one: &StoredDecision) -> Facts {
    let words = cx.words();
    let name = |key: &str| words.text(&format!("steering-fact-{key}"));
    let mut facts = Facts::default()
        .text(name("decision"), kind(cx, one.kind).text)
        .text(name("decided"), day_text(cx, Some(one.on)))
        .text(name("reasons"), &one.reasons);
    if !one.next.is_empty() {
        facts = facts
            .text(name("next"), &one.next)
            .text(name("next-by"), day_text(cx, one.next_by));
    }
    if let Some(cents) = one.avoided_cents {
        facts = facts
            .text(name("avoided"), format::millions(cx.locale, cents))
            .text(name("kept-assets"), &one.kept_assets);
    }
    if let Some((on, outcome)) = &one.done {
        facts = facts
            .text(name("done"), day_text(cx, Some(*on)))
            .text(name("outcome"), outcome);
    }
    facts
}

/// The figures as they stood.
pub(super) fn figures(cx: &Cx, one: &StoredDecision) -> Table {
    let words = cx.words();
    let product = &one.figures["product"];
    let cents = |value: &serde_json::Value| {
        let cents = value.as_i64();
        cents.map_or_else(Cell::unknown, |cents| super::words::money(cx, cents))
    };
    let rate = |value: &serde_json::Value| {
        let rate = value.as_f64();
        rate.map_or_else(Cell::unknown, |rate| {
            Cell::text(format::percent_signed(cx.locale, rate)).value(rate)
        })
    };
    let mut rows = vec![
        ("baseline", cents(&product["baseline_cents"])),
        ("cost", cents(&product["cost_cents"])),
        ("cost-slip", rate(&product["cost_slip"])),
        ("duration-slip", rate(&product["duration_slip"])),
    ];
    let text = product["estimated_on"].as_str();
    let estimated = text.and_then(|text| text.parse().ok());
    rows.push(("estimated", day(cx, estimated)));
    let mut rows: Vec<Vec<Cell>> = rows
        .into_iter()
        .map(|(key, cell)| {
            vec![
                Cell::text(words.text(&format!("steering-figure-{key}"))),
                cell,
            ]
        })
        .collect();
    for indicator in one.figures["indicators"].as_array().into_iter().flatten() {
        let name = indicator["name"].as_str().unwrap_or_default();
        let unit = indicator["unit"].as_str().unwrap_or_default();
        let latest = indicator["latest"][0].as_f64();
        let cell = latest.map_or_else(Cell::unknown, |value| {
            Cell::text(format!(
                "{}\u{a0}{unit}",
                format::decimal(cx.locale, value, 2)
            ))
        });
        rows.push(vec![Cell::text(name), cell]);
    }
    let as_of = one.figures["as_of"].as_str();
    let as_of = as_of.and_then(|text| text.parse().ok());
    let args = [("date", day_text(cx, as_of).into())];
    let caption = words.text_with("steering-figures", &args);
    Table::new(
        &words,
        "figures",
        caption,
        WORDING.columns(&words, &["figure", "value"]),
    )
    .rows(rows)
}

pub(super) async fn show(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let (one, mut all) = steering.decision(&cx.actor, id).await?;
    let here = format!("/steering/decisions/{id}");
    let mut acts = Vec::new();
    if cx.actor.may(&DECIDE, one.ministry) {
        if one.done.is_none() && !one.next.is_empty() {
            acts.push((
                words.text("steering-follow-up"),
                format!("{here}/follow-up"),
            ));
        }
        acts.push((words.text("steering-plan"), format!("{here}/publication")));
    }
    let acts = (!acts.is_empty()).then_some(Actions(acts));
    let name = |key: &str| words.text(&format!("steering-fact-{key}"));
    let mut facts = facts(&cx, &one);
    let product = format!("/products/{}/steering", one.product);
    facts = facts.link(name("product"), &one.product_title, product);
    if let Some(review) = one.review {
        let href = format!("/steering/reviews/{review}");
        facts = facts.link(name("review"), words.text("steering-review"), href);
    }
    let spoken = store::of_decision(&steering.db, id).await;
    if let Some(conference) = spoken.map_err(SteeringError::from)? {
        let href = format!("/steering/conferences/{conference}");
        facts = facts.link(name("conference"), words.text("steering-conference"), href);
    }
    facts = facts.text(name("by"), &one.by);
    if let Some(planned) = &one.publication {
        let text = WORDING.publication(&cx, planned, steering.source.today());
        facts = facts.text(name("publication"), text);
    }
    all.reverse();
    let shell = cx
        .shell(words.text("steering-decision"))
        .lead(&one.product_title)
        .crumb(words.text("steering-decisions"), "/steering/decisions");
    Ok(Page(
        Composed::new(shell)
            .maybe(acts)
            .with(facts)
            .with(figures(&cx, &one))
            .heading(words.text("steering-timeline"))
            .with(timeline(&cx, &all)),
    ))
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct NewQuery {
    #[serde(default)]
    product: String,
    #[serde(default)]
    review: String,
    #[serde(default)]
    q: String,
}

/// The fields of a decision; `usual` is the day on which it was taken unless somebody says another.
pub(super) fn decision_fields(cx: &Cx, fields: &Fields, usual: Date) -> Vec<Field> {
    let words = cx.words();
    let kinds: Vec<&str> = DecisionKind::ALL.iter().map(|one| one.code()).collect();
    let lines = |name: &str| {
        Field::lines(4, name, WORDING.label(&words, name))
            .value(fields.text(name))
            .length_max(4_000)
    };
    vec![
        Field::radios(
            "kind",
            WORDING.label(&words, "decision"),
            named(&words, "steering-decision-", &kinds),
        )
        .value(fields.text("kind")),
        WORDING.date_field(&words, fields, "on", Some(usual)),
        lines("reasons").required(),
        lines("next").hint(words.text("steering-hint-next")),
        WORDING.date_field(&words, fields, "next_by", None),
        Field::section(words.text("steering-of-a-stop")),
        Field::amount(&words, "avoided", WORDING.label(&words, "avoided"))
            .value(fields.text("avoided")),
        lines("kept_assets"),
    ]
}

/// What a decision's form says.
pub(super) fn decision_form(fields: &Fields) -> DecisionForm {
    let text = |name| fields.text(name).to_owned();
    DecisionForm {
        kind: text("kind"),
        on: three(fields, "on"),
        reasons: text("reasons"),
        next: text("next"),
        next_by: three(fields, "next_by"),
        avoided: text("avoided"),
        kept_assets: text("kept_assets"),
    }
}

async fn new_page(
    steering: &Steering,
    cx: &Cx,
    fields: &Fields,
    query: &NewQuery,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let title = words.text("steering-decide");
    let product = filled(fields, "product", &query.product).to_owned();
    let review = filled(fields, "review", &query.review).to_owned();
    let Ok(id) = product.parse::<Uuid>() else {
        let base = "/steering/decisions/new?";
        return choose(steering, cx, (title, base, &query.q)).await;
    };
    let found = steering.products.product(ProductId(id)).await;
    let found = found.map_err(SteeringError::from)?;
    let lead = found.ok_or(Failure::NotFound)?.title;
    let form = decision_fields(cx, fields, steering.source.today());
    let asked = Asked {
        title: title.clone(),
        lead,
        crumb: (
            words.text("steering-decisions"),
            "/steering/decisions".to_owned(),
        ),
        action: "/steering/decisions/new".to_owned(),
        submit: title,
        fields: form,
        version: None,
        subject: None,
        hidden: vec![("product", product), ("review", review)],
    };
    form_page(steering, cx, asked, trouble).await
}

pub(super) async fn show_new(
    State(steering): State<Steering>,
    cx: Cx,
    Query(query): Query<NewQuery>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let trouble = Trouble::default();
    new_page(&steering, &cx, &none, &query, &trouble)
        .await
        .map(Page)
}

pub(super) async fn decide(
    State(steering): State<Steering>,
    cx: Cx,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = decision_form(&fields);
    let product = fields.text("product").parse();
    let product: Uuid = product.map_err(|_| Failure::NotFound)?;
    let review = fields.text("review").parse().ok();
    let done = steering.decide(&cx.actor, product, review, &form).await;
    let to = |id: Uuid| format!("/steering/decisions/{id}");
    conclude(done, to, async |trouble| {
        new_page(&steering, &cx, &fields, &NewQuery::default(), &trouble).await
    })
    .await
}

/// The parts that both forms of a decision have.
async fn of_decision(
    steering: &Steering,
    cx: &Cx,
    id: Uuid,
    (key, path): (&str, &str),
    build: impl FnOnce(&StoredDecision) -> Vec<Field>,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (one, _) = steering.decision(&cx.actor, id).await?;
    let back = format!("/steering/decisions/{id}");
    let asked = Asked {
        title: words.text(key),
        lead: one.product_title.clone(),
        crumb: (words.text("steering-decision"), back.clone()),
        action: format!("{back}/{path}"),
        submit: words.text(key),
        fields: build(&one),
        version: Some(one.version),
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(steering, cx, asked, trouble).await
}

async fn follow_up_page(
    steering: &Steering,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let today = steering.source.today();
    let build = |_: &StoredDecision| {
        vec![
            WORDING.date_field(&words, fields, "on", Some(today)),
            Field::lines(4, "reason", WORDING.label(&words, "outcome"))
                .value(fields.text("reason"))
                .length_max(2_000)
                .required(),
        ]
    };
    let names = ("steering-follow-up", "follow-up");
    of_decision(steering, cx, id, names, build, trouble).await
}

pub(super) async fn show_follow_up(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = follow_up_page(&steering, &cx, id, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn follow_up(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = StepForm {
        on: three(&fields, "on"),
        reason: fields.text("reason").to_owned(),
    };
    let done = steering
        .follow_up(&cx.actor, id, version(&fields), &form)
        .await;
    let to = |()| format!("/steering/decisions/{id}");
    conclude(done, to, async |trouble| {
        follow_up_page(&steering, &cx, id, &fields, &trouble).await
    })
    .await
}

async fn plan_page(
    steering: &Steering,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let build = |one: &StoredDecision| {
        let planned = one.publication.as_ref().map(PublicationForm::of);
        WORDING.plan_fields(cx, fields, &planned.unwrap_or_default())
    };
    of_decision(
        steering,
        cx,
        id,
        ("steering-plan", "publication"),
        build,
        trouble,
    )
    .await
}

pub(super) async fn show_plan(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = plan_page(&steering, &cx, id, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn plan(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = kit_acts::plan_form(&fields);
    let done = steering
        .plan_decision(&cx.actor, id, version(&fields), &form)
        .await;
    let to = |()| format!("/steering/decisions/{id}");
    conclude(done, to, async |trouble| {
        plan_page(&steering, &cx, id, &fields, &trouble).await
    })
    .await
}
