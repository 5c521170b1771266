//! Recommendations: the list, one, and the forms that answer it.

use jiff::ToSpan as _;
use jiff::civil::Date;
use kit_acts::{
    Asked, Trouble, address, conclude, cursor, day_text, filled, named, place, short, three,
    version,
};
use kit_http::{Cx, Failure, Fields, Page, Path, Query, Response, State, optional};
use kit_ui::{Actions, Cell, Composed, Facts, Field, Form, Pages, Table};
use ports::roles::{DIGITAL_DIRECTOR, PRODUCT_TEAM};
use ports::{OrganisationId, ProductId};
use serde::Deserialize;
use uuid::Uuid;

use super::review_forms::choose;
use super::words::{due, form_page, ministries, status, timeline};
use crate::access::{ANSWER, RECOMMEND};
use crate::domain::{Answer, AnswerForm, Axis, RecommendationForm, Reoriented, Status, StepForm};
use crate::reading::RecommendationFilter;
use crate::store::recommendations::{self as store, Recommendation};
use crate::{Steering, SteeringError, WORDING};

/// Rows on one page.
const PAGE_ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    status: String,
    #[serde(default)]
    axis: String,
    #[serde(default)]
    ministry: String,
    #[serde(default)]
    overdue: String,
    #[serde(default)]
    after: String,
}

pub(super) async fn list(
    State(steering): State<Steering>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let filter = RecommendationFilter {
        status: optional("status", &query.status, Status::parse)?,
        axis: optional("axis", &query.axis, Axis::parse)?,
        ministry: optional("ministry", &query.ministry, |text| text.parse().ok())?,
        is_overdue: query.overdue == "yes",
        ..RecommendationFilter::default()
    };
    let after = place(&query.after, (Date::MIN, Uuid::nil()));
    let mut found = steering
        .recommendations(&cx.actor, filter, after, PAGE_ROWS + 1)
        .await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let pairs = [
        ("status", query.status.as_str()),
        ("axis", query.axis.as_str()),
        ("ministry", query.ministry.as_str()),
        ("overdue", query.overdue.as_str()),
    ];
    let here = "/steering/recommendations";
    let next = found.last().filter(|_| more).map(|last| {
        let after = cursor(last.due_on, last.id);
        let [status, axis, ministry, overdue] = pairs;
        address(here, &[status, axis, ministry, overdue, ("after", &after)])
    });
    let previous = (!query.after.is_empty()).then(|| address(here, &pairs));
    let rows = found.iter().map(|one| {
        vec![
            Cell::link(short(&one.text), format!("{here}/{}", one.id)),
            Cell::text(&one.product_title),
            Cell::text(words.text(&format!("steering-axis-{}", one.axis.code()))),
            Cell::text(&one.owner),
            due(&cx, one),
            status(&words, one),
        ]
    });
    let names = [
        "recommendation",
        "product",
        "axis",
        "owner",
        "due",
        "status",
    ];
    let caption = words.text("steering-recommendations");
    let table = Table::new(
        &words,
        "recommendations",
        caption,
        WORDING.columns(&words, &names),
    )
    .rows(rows)
    .pages(Pages { previous, next })
    .empty(words.text("steering-recommendations-empty"));
    let statuses: Vec<&str> = Status::ALL.iter().map(|one| one.code()).collect();
    let axes: Vec<&str> = Axis::ALL.iter().map(|one| one.code()).collect();
    let filters = Form::filters(here, words.text("steering-filter")).fields([
        Field::select(
            "status",
            WORDING.label(&words, "status"),
            WORDING.any_of(&words, "steering-status-", &statuses),
        )
        .value(&query.status),
        Field::select(
            "axis",
            WORDING.label(&words, "axis"),
            WORDING.any_of(&words, "steering-axis-", &axes),
        )
        .value(&query.axis),
        Field::select(
            "ministry",
            WORDING.label(&words, "ministry"),
            ministries(&steering, &cx).await?,
        )
        .value(&query.ministry),
        Field::select(
            "overdue",
            WORDING.label(&words, "overdue"),
            WORDING.any_of(&words, "steering-overdue-", &["yes"]),
        )
        .value(&query.overdue),
    ]);
    let add = cx.actor.may_somewhere(&RECOMMEND).then(|| {
        let text = words.text("steering-recommend");
        Actions(vec![(text, format!("{here}/new"))])
    });
    let shell = cx
        .shell(words.text("steering-recommendations"))
        .lead(words.text("steering-recommendations-lead"));
    Ok(Page(
        Composed::new(shell).maybe(add).with(filters).with(table),
    ))
}

fn facts(cx: &Cx, one: &Recommendation) -> Facts {
    let words = cx.words();
    let name = |key: &str| words.text(&format!("steering-fact-{key}"));
    let product = format!("/products/{}/steering", one.product);
    let mut facts = Facts::default().link(name("product"), &one.product_title, product);
    if let Some(review) = one.review {
        let href = format!("/steering/reviews/{review}");
        facts = facts.link(name("review"), words.text("steering-review"), href);
    }
    if let Some((kind, id)) = &one.origin {
        // A mission is a page of another module, by its address alone: it asks for its own permission.
        let href = match kind.as_str() {
            "mission" => format!("/brigade/missions/{id}"),
            _ => format!("/steering/conferences/{id}"),
        };
        let text = words.text(&format!("steering-origin-{kind}"));
        facts = facts.link(name("origin"), text, href);
    }
    facts = facts
        .text(
            name("axis"),
            words.text(&format!("steering-axis-{}", one.axis.code())),
        )
        .text(name("owner"), &one.owner)
        .text(name("due"), day_text(cx, Some(one.due_on)))
        .text(
            name("status"),
            words.text(&format!("steering-status-{}", one.status.code())),
        );
    if let Some(step) = one.step.filter(|_| one.is_overdue) {
        let text = words.text(&format!("steering-step-{}", step.code()));
        facts = facts.text(name("step"), text);
    }
    if !one.evidence.is_empty() {
        facts = facts.text(name("evidence"), &one.evidence);
    }
    if !one.link.is_empty() {
        facts = facts.link(name("link"), &one.link, one.link.clone());
    }
    let reoriented = match one.reoriented {
        Some(answer) => words.text(&format!("steering-reoriented-{}", answer.code())),
        None => words.text("steering-reoriented-unknown"),
    };
    facts = facts.text(name("reoriented"), reoriented);
    if !one.reoriented_how.is_empty() {
        facts = facts.text(name("reoriented-how"), &one.reoriented_how);
    }
    facts
}

fn may_answer(cx: &Cx, one: &Recommendation, answer: Answer) -> bool {
    let permission = if answer.is_ministrys() {
        &ANSWER
    } else {
        &RECOMMEND
    };
    cx.actor.may(permission, one.ministry)
}

pub(super) async fn show(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let (one, mut all) = steering.recommendation(&cx.actor, id).await?;
    let here = format!("/steering/recommendations/{id}");
    let possible = Answer::ALL
        .iter()
        .filter(|answer| one.status.after(**answer).is_some() && may_answer(&cx, &one, **answer));
    let mut acts: Vec<(String, String)> = possible
        .map(|answer| {
            let code = answer.code();
            let text = words.text(&format!("steering-answer-{code}"));
            (text, format!("{here}/acts/{code}"))
        })
        .collect();
    if cx.actor.may(&RECOMMEND, one.ministry) {
        if one.status.is_owed() {
            acts.push((
                words.text("steering-answer-move-due"),
                format!("{here}/acts/move-due"),
            ));
        }
        acts.push((
            words.text("steering-answer-judge"),
            format!("{here}/acts/judge"),
        ));
    }
    let steps = store::steps(&steering.db, id)
        .await
        .map_err(SteeringError::from)?;
    let rows = steps.iter().map(|(step, on)| {
        vec![
            Cell::text(words.text(&format!("steering-step-{}", step.code()))),
            kit_acts::day(&cx, Some(*on)),
        ]
    });
    let caption = words.text("steering-escalation");
    let escalation = Table::new(
        &words,
        "escalation",
        caption,
        WORDING.columns(&words, &["step", "since"]),
    )
    .rows(rows)
    .empty(words.text("steering-no-escalation"));
    all.reverse();
    let shell = cx
        .shell(words.text("steering-recommendation"))
        .lead(&one.product_title)
        .crumb(
            words.text("steering-recommendations"),
            "/steering/recommendations",
        );
    let acts = (!acts.is_empty()).then_some(Actions(acts));
    Ok(Page(
        Composed::new(shell)
            .text(&one.text)
            .maybe(acts)
            .with(facts(&cx, &one))
            .with(escalation)
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

/// The people of a ministry who may own a recommendation.
async fn owners(
    steering: &Steering,
    cx: &Cx,
    ministry: Option<Uuid>,
) -> Result<Vec<(String, String)>, Failure> {
    let mut all = vec![(String::new(), cx.words().text("steering-nobody-named"))];
    if let Some(ministry) = ministry {
        for role in [DIGITAL_DIRECTOR, PRODUCT_TEAM] {
            let ministry = Some(OrganisationId(ministry));
            let found = steering.parties.holders(role, ministry).await;
            for one in found.map_err(SteeringError::from)? {
                let option = (one.id.0.to_string(), one.name);
                if !all.contains(&option) {
                    all.push(option);
                }
            }
        }
    }
    Ok(all)
}

async fn new_page(
    steering: &Steering,
    cx: &Cx,
    fields: &Fields,
    query: &NewQuery,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let title = words.text("steering-recommend");
    let review = filled(fields, "review", &query.review).to_owned();
    let product = filled(fields, "product", &query.product).to_owned();
    let (lead, ministry) = match (review.parse::<Uuid>(), product.parse::<Uuid>()) {
        (Ok(id), _) => {
            let (one, _) = steering.review(&cx.actor, id).await?;
            (one.product_title, one.ministry)
        }
        (_, Ok(id)) => {
            let found = steering.products.product(ProductId(id)).await;
            let found = found.map_err(SteeringError::from)?;
            let one = found.ok_or(Failure::NotFound)?;
            (one.title, one.ministry.map(|id| id.0))
        }
        _ if trouble.mistakes.is_empty() => {
            let base = "/steering/recommendations/new?";
            return choose(steering, cx, (title, base, &query.q)).await;
        }
        _ => (String::new(), None),
    };
    let axes: Vec<&str> = Axis::ALL.iter().map(|one| one.code()).collect();
    let in_three_months = steering.source.today().saturating_add(3.months());
    let form = vec![
        Field::lines(4, "text", WORDING.label(&words, "text"))
            .value(fields.text("text"))
            .length_max(4_000)
            .required(),
        Field::radios(
            "axis",
            WORDING.label(&words, "axis"),
            named(&words, "steering-axis-", &axes),
        )
        .value(filled(fields, "axis", "strategy")),
        Field::text("owner", WORDING.label(&words, "owner"))
            .hint(words.text("steering-hint-owner"))
            .value(fields.text("owner"))
            .length_max(200),
        Field::select(
            "owner_person",
            WORDING.label(&words, "owner_person"),
            owners(steering, cx, ministry).await?,
        )
        .value(fields.text("owner_person")),
        WORDING.date_field(&words, fields, "due", Some(in_three_months)),
    ];
    let asked = Asked {
        title: title.clone(),
        lead,
        crumb: (
            words.text("steering-recommendations"),
            "/steering/recommendations".to_owned(),
        ),
        action: "/steering/recommendations/new".to_owned(),
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

pub(super) async fn recommend(
    State(steering): State<Steering>,
    cx: Cx,
    fields: Fields,
) -> Result<Response, Failure> {
    let text = |name| fields.text(name).to_owned();
    let form = RecommendationForm {
        product: text("product"),
        review: text("review"),
        text: text("text"),
        axis: text("axis"),
        owner: text("owner"),
        owner_person: text("owner_person"),
        due: three(&fields, "due"),
    };
    let done = steering.recommend(&cx.actor, &form).await;
    let review = form.review.clone();
    let to = |id: Uuid| {
        if review.is_empty() {
            format!("/steering/recommendations/{id}")
        } else {
            format!("/steering/reviews/{review}")
        }
    };
    conclude(done, to, async |trouble| {
        new_page(&steering, &cx, &fields, &NewQuery::default(), &trouble).await
    })
    .await
}

/// What an act's address names.
enum ActName {
    Answer(Answer),
    MoveDue,
    Judge,
}

fn act_name(code: &str) -> Result<ActName, Failure> {
    match code {
        "move-due" => Ok(ActName::MoveDue),
        "judge" => Ok(ActName::Judge),
        code => Answer::parse(code)
            .map(ActName::Answer)
            .ok_or(Failure::NotFound),
    }
}

async fn act_page(
    steering: &Steering,
    cx: &Cx,
    (id, code): (Uuid, &str),
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (one, _) = steering.recommendation(&cx.actor, id).await?;
    let reason = |key: &str, name: &str| {
        Field::lines(4, name, words.text(key))
            .value(fields.text(name))
            .length_max(2_000)
    };
    let form = match act_name(code)? {
        ActName::MoveDue => vec![
            WORDING.date_field(&words, fields, "on", Some(one.due_on)),
            reason("steering-field-reason", "reason").required(),
        ],
        ActName::Judge => {
            let codes: Vec<&str> = Reoriented::ALL.iter().map(|one| one.code()).collect();
            vec![
                Field::radios(
                    "reoriented",
                    WORDING.label(&words, "reoriented"),
                    named(&words, "steering-reoriented-", &codes),
                )
                .value(filled(
                    fields,
                    "reoriented",
                    one.reoriented.map_or("", Reoriented::code),
                )),
                reason("steering-field-how", "how").required(),
            ]
        }
        ActName::Answer(Answer::Claim) => vec![
            reason("steering-field-evidence", "reason").required(),
            Field::line("url", "link", WORDING.label(&words, "link"))
                .value(fields.text("link"))
                .length_max(500),
        ],
        ActName::Answer(answer) => {
            let field = reason("steering-field-reason", "reason");
            vec![if answer.needs_reason() {
                field.required()
            } else {
                field
            }]
        }
    };
    let back = format!("/steering/recommendations/{id}");
    let title = words.text(&format!("steering-answer-{code}"));
    let asked = Asked {
        title: title.clone(),
        lead: short(&one.text),
        crumb: (words.text("steering-recommendation"), back.clone()),
        action: format!("{back}/acts/{code}"),
        submit: title,
        fields: form,
        version: Some(one.version),
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(steering, cx, asked, trouble).await
}

pub(super) async fn show_act(
    State(steering): State<Steering>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = act_page(&steering, &cx, (id, &code), &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn act(
    State(steering): State<Steering>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let (actor, version) = (&cx.actor, version(&fields));
    let text = |name| fields.text(name).to_owned();
    let done = match act_name(&code)? {
        ActName::MoveDue => {
            let form = StepForm {
                on: three(&fields, "on"),
                reason: text("reason"),
            };
            steering.move_due(actor, id, version, &form).await
        }
        ActName::Judge => {
            let (answer, how) = (fields.text("reoriented"), fields.text("how"));
            steering
                .judge_reorientation(actor, id, version, answer, how)
                .await
        }
        ActName::Answer(answer) => {
            let form = AnswerForm {
                reason: text("reason"),
                link: text("link"),
            };
            steering.answer(actor, id, version, answer, &form).await
        }
    };
    let to = |()| format!("/steering/recommendations/{id}");
    conclude(done, to, async |trouble| {
        act_page(&steering, &cx, (id, &code), &fields, &trouble).await
    })
    .await
}
