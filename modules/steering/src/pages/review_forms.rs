//! Forms of reviews: to announce one, fill in its file, take a step, give the opinion, publish it.

use kit_acts::{Asked, Trouble, conclude, filled, named, three, version};
use std::collections::BTreeMap;

use kit_http::{Cx, Failure, Fields, IntoResponse, Page, Path, Query, Response, State};
use kit_ui::{Cell, Composed, Field, Form, Table};
use ports::ProductId;
use serde::Deserialize;
use uuid::Uuid;

use super::words::form_page;
use crate::domain::{
    Axis, Consulted, FileForm, FileItem, Opinion, PublicationForm, ReviewAct, ReviewForm,
    ReviewKind, StepForm, VerdictForm,
};
use crate::reviews::consultation;
use crate::{Steering, SteeringError, WORDING};

/// A review that is about to be announced.
#[derive(Debug, Default, Deserialize)]
pub(super) struct NewQuery {
    #[serde(default)]
    product: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    alert: String,
    #[serde(default)]
    q: String,
}

/// The page that finds the product of something new.
pub(super) async fn choose(
    steering: &Steering,
    cx: &Cx,
    (title, base, q): (String, &str, &str),
) -> Result<Composed, Failure> {
    let words = cx.words();
    let q: String = q.chars().take(200).collect();
    let found = steering.products.products(&q, None, None, 50).await;
    let found = found.map_err(SteeringError::from)?;
    let rows = found.products.iter().map(|one| {
        let cell = Cell::link(&one.title, format!("{base}product={}", one.id.0));
        vec![cell]
    });
    let names = WORDING.columns(&words, &["product"]);
    let table = Table::new(&words, "products", words.text("steering-choose"), names)
        .rows(rows)
        .empty(words.text("steering-no-product"));
    let action = base.trim_end_matches(['?', '&']);
    let search = Form::filters(action, words.text("steering-search")).field(
        Field::text("q", WORDING.label(&words, "q"))
            .value(&q)
            .length_max(200),
    );
    let shell = cx.shell(title).lead(words.text("steering-choose-lead"));
    Ok(Composed::new(shell).with(search).with(table))
}

async fn new_page(
    steering: &Steering,
    cx: &Cx,
    fields: &Fields,
    query: &NewQuery,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let title = words.text("steering-announce");
    let chosen = filled(fields, "product", &query.product).to_owned();
    let id: Option<Uuid> = chosen.parse().ok();
    let product = match id {
        Some(id) => {
            let found = steering.products.product(ProductId(id)).await;
            found.map_err(SteeringError::from)?
        }
        None => None,
    };
    if product.is_none() && trouble.mistakes.is_empty() {
        let base = "/steering/reviews/new?";
        return choose(steering, cx, (title, base, &query.q)).await;
    }
    let kinds: Vec<&str> = ReviewKind::ALL.iter().map(|one| one.code()).collect();
    let kind = filled(fields, "kind", &query.kind);
    let kind = if kind.is_empty() { "article-3" } else { kind };
    let effects = named(&words, "steering-effect-", &["ministry", "body"]);
    let today = steering.source.today();
    let form = vec![
        Field::radios(
            "kind",
            WORDING.label(&words, "kind"),
            named(&words, "steering-kind-", &kinds),
        )
        .value(kind),
        WORDING.date_field(&words, fields, "on", Some(today)),
        Field::amount(&words, "foreseen", WORDING.label(&words, "foreseen"))
            .value(fields.text("foreseen"))
            .hint(words.text("steering-hint-foreseen")),
        Field::radios("effect", WORDING.label(&words, "effect"), effects)
            .value(filled(fields, "effect", "ministry")),
        Field::text("asked_by", WORDING.label(&words, "asked_by"))
            .value(fields.text("asked_by"))
            .hint(words.text("steering-hint-asked_by"))
            .length_max(200),
        Field::lines(4, "reason", WORDING.label(&words, "reason"))
            .value(fields.text("reason"))
            .length_max(2_000)
            .required(),
    ];
    let asked = Asked {
        title,
        lead: product.map(|one| one.title).unwrap_or_default(),
        crumb: (
            words.text("steering-reviews"),
            "/steering/reviews".to_owned(),
        ),
        action: "/steering/reviews/new".to_owned(),
        submit: words.text("steering-announce"),
        fields: form,
        version: None,
        subject: None,
        hidden: vec![
            ("product", chosen),
            ("alert", filled(fields, "alert", &query.alert).to_owned()),
        ],
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

pub(super) async fn announce(
    State(steering): State<Steering>,
    cx: Cx,
    fields: Fields,
) -> Result<Response, Failure> {
    let text = |name| fields.text(name).to_owned();
    let form = ReviewForm {
        product: text("product"),
        kind: text("kind"),
        on: three(&fields, "on"),
        foreseen: text("foreseen"),
        effect: text("effect"),
        asked_by: text("asked_by"),
        reason: text("reason"),
    };
    let alert = fields.text("alert").parse().ok();
    let done = steering.announce(&cx.actor, &form, alert).await;
    let to = |id: Uuid| format!("/steering/reviews/{id}");
    conclude(done, to, async |trouble| {
        new_page(&steering, &cx, &fields, &NewQuery::default(), &trouble).await
    })
    .await
}

/// The parts that every form of a review has.
async fn of_review(
    steering: &Steering,
    cx: &Cx,
    id: Uuid,
    (key, path): (&str, &str),
    build: impl FnOnce(&crate::StoredReview) -> Vec<Field>,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (one, _) = steering.review(&cx.actor, id).await?;
    let back = format!("/steering/reviews/{id}");
    let asked = Asked {
        title: words.text(key),
        lead: one.product_title.clone(),
        crumb: (words.text("steering-review"), back.clone()),
        action: format!("{back}/{path}"),
        submit: words.text(key),
        fields: build(&one),
        version: Some(one.version),
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(steering, cx, asked, trouble).await
}

async fn file_page(
    steering: &Steering,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let build = |one: &crate::StoredReview| {
        let items = FileItem::ALL.iter().map(|item| {
            let code = item.code();
            let kept = one.file.get(code).map_or("", String::as_str);
            Field::lines(3, code, words.text(&format!("steering-item-{code}")))
                .hint(words.text(&format!("steering-item-hint-{code}")))
                .value(filled(fields, code, kept))
                .length_max(4_000)
        });
        items.collect()
    };
    of_review(steering, cx, id, ("steering-fill", "file"), build, trouble).await
}

pub(super) async fn show_file(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = file_page(&steering, &cx, id, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn fill(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let items = FileItem::ALL.iter();
    let form: BTreeMap<String, String> = items
        .map(|item| (item.code().to_owned(), fields.text(item.code()).to_owned()))
        .collect();
    let form = FileForm(form);
    let done = steering.fill(&cx.actor, id, version(&fields), &form).await;
    let to = |()| format!("/steering/reviews/{id}");
    conclude(done, to, async |trouble| {
        file_page(&steering, &cx, id, &fields, &trouble).await
    })
    .await
}

/// What a step's address names.
enum StepName {
    Act(ReviewAct),
    Consulted(Consulted),
}

fn step_name(code: &str) -> Result<StepName, Failure> {
    let body = Consulted::ALL
        .iter()
        .find(|body| consultation(**body) == code);
    if let Some(body) = body {
        return Ok(StepName::Consulted(*body));
    }
    match ReviewAct::parse(code) {
        Some(ReviewAct::Announce | ReviewAct::FallSilent | ReviewAct::GiveOpinion) | None => {
            Err(Failure::NotFound)
        }
        Some(act) => Ok(StepName::Act(act)),
    }
}

async fn step_page(
    steering: &Steering,
    cx: &Cx,
    (id, code): (Uuid, &str),
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let today = steering.source.today();
    let build = |_: &crate::StoredReview| {
        vec![
            WORDING.date_field(&words, fields, "on", Some(today)),
            Field::lines(5, "reason", WORDING.label(&words, "reason"))
                .hint(words.text("steering-hint-reason"))
                .value(fields.text("reason"))
                .length_max(2_000)
                .required(),
        ]
    };
    let key = format!("steering-act-{code}");
    let path = format!("acts/{code}");
    of_review(steering, cx, id, (&key, &path), build, trouble).await
}

pub(super) async fn show_step(
    State(steering): State<Steering>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
) -> Result<Page<Composed>, Failure> {
    step_name(&code)?;
    let none = Fields(Vec::new());
    let page = step_page(&steering, &cx, (id, &code), &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn step(
    State(steering): State<Steering>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = StepForm {
        on: three(&fields, "on"),
        reason: fields.text("reason").to_owned(),
    };
    let version = version(&fields);
    let done = match step_name(&code)? {
        StepName::Act(act) => steering.step(&cx.actor, id, version, act, &form).await,
        StepName::Consulted(body) => {
            steering
                .record_consultation(&cx.actor, id, version, body, &form)
                .await
        }
    };
    let to = |()| format!("/steering/reviews/{id}");
    conclude(done, to, async |trouble| {
        step_page(&steering, &cx, (id, &code), &fields, &trouble).await
    })
    .await
}

async fn opinion_page(
    steering: &Steering,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let today = steering.source.today();
    let build = |_: &crate::StoredReview| {
        let opinions: Vec<&str> = Opinion::ALL.iter().map(|one| one.code()).collect();
        let mut form = vec![
            WORDING.date_field(&words, fields, "on", Some(today)),
            Field::radios(
                "opinion",
                WORDING.label(&words, "opinion"),
                named(&words, "steering-opinion-", &opinions),
            )
            .value(fields.text("opinion")),
            Field::lines(8, "summary", WORDING.label(&words, "summary"))
                .value(fields.text("summary"))
                .length_max(8_000)
                .required(),
        ];
        let scores: Vec<(String, String)> = (1..=5)
            .map(|score: u8| {
                let text = words.text(&format!("steering-score-{score}"));
                (score.to_string(), text)
            })
            .collect();
        for axis in Axis::ALL {
            let code = axis.code();
            let name = words.text(&format!("steering-axis-{code}"));
            let (score, comment) = (format!("score-{code}"), format!("comment-{code}"));
            let of_axis = |key: &str| {
                let args = [("axis", name.as_str().into())];
                words.text_with(key, &args)
            };
            form.push(Field::section(name.clone()));
            form.push(
                Field::select(&score, of_axis("steering-field-score"), scores.clone())
                    .value(filled(fields, &score, "3")),
            );
            form.push(
                Field::lines(3, &comment, of_axis("steering-field-comment"))
                    .value(fields.text(&comment))
                    .length_max(2_000)
                    .required(),
            );
        }
        form.push(Field::section(words.text("steering-field-reason")));
        form.push(
            Field::lines(3, "reason", WORDING.label(&words, "reason"))
                .hint(words.text("steering-hint-reason"))
                .value(fields.text("reason"))
                .length_max(2_000)
                .required(),
        );
        form
    };
    let names = ("steering-act-give-opinion", "opinion");
    of_review(steering, cx, id, names, build, trouble).await
}

pub(super) async fn show_opinion(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = opinion_page(&steering, &cx, id, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn give_opinion(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let text = |name: &str| fields.text(name).to_owned();
    let scores = Axis::ALL.iter().map(|axis| {
        let code = axis.code();
        let of_axis = (
            text(&format!("score-{code}")),
            text(&format!("comment-{code}")),
        );
        (code.to_owned(), of_axis)
    });
    let form = VerdictForm {
        step: StepForm {
            on: three(&fields, "on"),
            reason: text("reason"),
        },
        opinion: text("opinion"),
        summary: text("summary"),
        scores: scores.collect(),
    };
    let done = steering
        .give_opinion(&cx.actor, id, version(&fields), &form)
        .await;
    let to = |()| format!("/steering/reviews/{id}");
    conclude(done, to, async |trouble| {
        opinion_page(&steering, &cx, id, &fields, &trouble).await
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
    let build = |one: &crate::StoredReview| {
        let planned = one.publication.as_ref().map(PublicationForm::of);
        WORDING.plan_fields(cx, fields, &planned.unwrap_or_default())
    };
    let names = ("steering-plan", "publication");
    of_review(steering, cx, id, names, build, trouble).await
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
        .plan_review(&cx.actor, id, version(&fields), &form)
        .await;
    let to = |()| format!("/steering/reviews/{id}");
    let answer = conclude(done, to, async |trouble| {
        plan_page(&steering, &cx, id, &fields, &trouble).await
    });
    Ok(answer.await?.into_response())
}
