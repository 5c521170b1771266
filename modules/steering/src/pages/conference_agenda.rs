//! The agenda in the making: what is on it, what the data proposes, by which numbers.

use kit_acts::{Asked, Trouble, conclude, mistake_text};
use kit_http::{Cx, Failure, Fields, Page, Path, Response, State};
use kit_ui::{Cell, Column, Composed, ErrorSummary, Field, Form, Table, format};
use uuid::Uuid;

use super::conference_words::{reason, title, why};
use super::words::form_page;
use crate::access::CONFER;
use crate::conference_agenda::{CANDIDATES_MAX, Proposal};
use crate::domain::{ConferenceState, WEIGHED};
use crate::{Steering, SteeringError, WORDING, Way};

/// The numbers by which projects are proposed.
fn rules(cx: &Cx, proposal: &Proposal) -> Table {
    let words = cx.words();
    let rules = &proposal.rules;
    let limits = &rules.limits;
    let weights = WEIGHED.iter().zip(rules.weights);
    let rows = weights.map(|(code, weight)| {
        let args = [
            ("cost", format::percent(cx.locale, limits.cost_rate).into()),
            (
                "duration",
                format::percent(cx.locale, limits.duration_rate).into(),
            ),
            ("risk", format::millions(cx.locale, rules.risk_cents).into()),
        ];
        let text = words.text_with(&format!("steering-weight-{code}"), &args);
        vec![
            Cell::text(text),
            Cell::number(format::count(cx.locale, weight), weight),
        ]
    });
    let mut all = WORDING.columns(&words, &["reason"]);
    all.push(Column::number(words.text("steering-column-points")));
    Table::new(
        &words,
        "rules",
        words.text("steering-proposal-weights"),
        all,
    )
    .rows(rows)
}

async fn agenda_page(
    steering: &Steering,
    cx: &Cx,
    id: Uuid,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (one, points, _) = steering.conference(&cx.actor, id).await?;
    cx.actor.demand(&CONFER, Some(one.ministry))?;
    if one.life.state != ConferenceState::Planned {
        // The agenda is settled: the conference's page shows it.
        return Err(Failure::NotFound);
    }
    let proposal = steering.proposal(&cx.actor, id).await?;
    let here = format!("/steering/conferences/{id}");
    let action = format!("{here}/agenda");
    let mut shell = cx
        .shell(words.text("steering-conference-agenda"))
        .lead(title(&words, &one))
        .crumb(title(&words, &one), here.clone());
    shell.mistaken = !trouble.mistakes.is_empty() || trouble.is_stale;
    let button = |act: &str, key: &str, name: &str, hidden: (&str, String)| {
        let text = words.text_with(key, &[("product", name.into())]);
        let form = Form::post(&shell, &action, text)
            .hidden("act", act)
            .hidden(hidden.0, hidden.1)
            .inline();
        Part::Form(Box::new(form))
    };
    let taken: Vec<_> = points.iter().filter(|p| p.dropped.is_none()).collect();
    let mut parts: Vec<Part> = Vec::new();
    for (at, point) in taken.iter().enumerate() {
        let name = point.product_title.as_str();
        parts.push(Part::Heading(format!("{}. {name}", at + 1)));
        parts.push(Part::Text(why(&words, &point.why, &point.note)));
        let hidden = || ("point", point.id.to_string());
        if at > 0 {
            parts.push(button("up", "steering-point-up", name, hidden()));
        }
        if at + 1 < taken.len() {
            parts.push(button("down", "steering-point-down", name, hidden()));
        }
        let drop = words.text_with("steering-point-drop", &[("product", name.into())]);
        parts.push(Part::Link(drop, format!("{here}/drop/{}", point.product)));
    }
    if taken.is_empty() {
        parts.push(Part::Text(words.text("steering-conference-no-point")));
    }
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    parts.push(Part::Heading(words.text("steering-proposal")));
    let seen = words.count("steering-proposal-seen", count(proposal.seen));
    parts.push(Part::Text(seen));
    if proposal.more {
        let args = [("count", count(CANDIDATES_MAX).into())];
        parts.push(Part::Text(words.text_with("steering-proposal-more", &args)));
    }
    for one in &proposal.proposed {
        let name = one.title.as_str();
        let args = [("product", name.into()), ("points", one.points.into())];
        parts.push(Part::Heading(words.text_with("steering-proposed", &args)));
        let all: Vec<String> = one.reasons.iter().map(|one| reason(&words, one)).collect();
        parts.push(Part::Text(all.join(" ")));
        let hidden = ("product", one.product.to_string());
        parts.push(button("take", "steering-point-take", name, hidden));
        let drop = words.text_with("steering-point-leave", &[("product", name.into())]);
        parts.push(Part::Link(drop, format!("{here}/drop/{}", one.product)));
    }
    let mistake = trouble.mistakes.first();
    let mistake = mistake.map(|one| ErrorSummary::general(&words, mistake_text(&words, one)));
    let mut page = Composed::new(shell).maybe(mistake);
    for part in parts {
        page = match part {
            Part::Heading(text) => page.heading(text),
            Part::Text(text) => page.text(text),
            Part::Form(form) => page.with(*form),
            Part::Link(text, href) => page.link(text, href),
        };
    }
    Ok(page
        .heading(words.text("steering-point-add"))
        .link(words.text("steering-point-search"), format!("{here}/add"))
        .heading(words.text("steering-proposal-rules"))
        .text(words.text("steering-proposal-rules-lead"))
        .with(rules(cx, &proposal)))
}

/// A part of the page, made before the page is.
enum Part {
    Heading(String),
    Text(String),
    Form(Box<Form>),
    Link(String, String),
}

pub(super) async fn show(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let page = agenda_page(&steering, &cx, id, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn act(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let named = |name: &str| fields.text(name).parse::<Uuid>();
    let actor = &cx.actor;
    let way = match fields.text("act") {
        "up" => Some(Way::Up),
        "down" => Some(Way::Down),
        _ => None,
    };
    let done = match (way, named("point"), named("product")) {
        (Some(way), Ok(point), _) => steering.move_point(actor, id, point, way).await,
        (None, _, Ok(product)) => {
            let note = fields.text("note");
            let taken = steering.take_point(actor, id, product, note).await;
            taken.map(drop)
        }
        _ => Err(SteeringError::mistake(
            "product",
            "steering-mistake-missing",
            "",
        )),
    };
    let to = |()| format!("/steering/conferences/{id}/agenda");
    conclude(done, to, async |trouble| {
        agenda_page(&steering, &cx, id, &trouble).await
    })
    .await
}

async fn drop_page(
    steering: &Steering,
    cx: &Cx,
    (id, product): (Uuid, Uuid),
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (one, ..) = steering.conference(&cx.actor, id).await?;
    cx.actor.demand(&CONFER, Some(one.ministry))?;
    let found = steering.products.product(ports::ProductId(product)).await;
    let found = found.map_err(SteeringError::from)?;
    let found = found.ok_or(Failure::NotFound)?;
    let agenda = format!("/steering/conferences/{id}/agenda");
    let title = words.text("steering-point-drop-title");
    let field = Field::lines(4, "reason", WORDING.label(&words, "reason"))
        .hint(words.text("steering-hint-drop"))
        .value(fields.text("reason"))
        .length_max(2_000)
        .required();
    let asked = Asked {
        title: title.clone(),
        lead: found.title,
        crumb: (words.text("steering-conference-agenda"), agenda),
        action: format!("/steering/conferences/{id}/drop/{product}"),
        submit: title,
        fields: vec![field],
        version: None,
        subject: None,
        hidden: Vec::new(),
    };
    form_page(steering, cx, asked, trouble).await
}

pub(super) async fn show_drop(
    State(steering): State<Steering>,
    cx: Cx,
    Path(ids): Path<(Uuid, Uuid)>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = drop_page(&steering, &cx, ids, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn leave_out(
    State(steering): State<Steering>,
    cx: Cx,
    Path((id, product)): Path<(Uuid, Uuid)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let done = steering
        .drop_point(&cx.actor, id, product, fields.text("reason"))
        .await;
    let to = |_| format!("/steering/conferences/{id}/agenda");
    conclude(done, to, async |trouble| {
        drop_page(&steering, &cx, (id, product), &fields, &trouble).await
    })
    .await
}
