//! A point of a conference: its file, its minutes, and the forms that write them.

use kit_acts::{Asked, Trouble, conclude, filled, named, three, version};
use kit_http::{Cx, Failure, Fields, Page, Path, Response, State};
use kit_ui::{Actions, Cell, Composed, Facts, Field, Table};
use uuid::Uuid;

use super::conference_words::{file_caption, lines, title, why};
use super::decisions::{decision_fields, decision_form};
use super::words::form_page;
use crate::access::{CONFER, DECIDE, RECOMMEND, WRITE};
use crate::domain::{
    Axis, ConferenceRecommendationForm, ConferenceState, MinutesForm, ProjectFile,
};
use crate::store::conferences::{Conference, ConferencePoint};
use crate::{Steering, WORDING};

/// A point of a conference that the actor may read.
async fn found(
    steering: &Steering,
    cx: &Cx,
    (id, point): (Uuid, Uuid),
) -> Result<(Conference, ConferencePoint), Failure> {
    let (one, points, _) = steering.conference(&cx.actor, id).await?;
    let point = points.into_iter().find(|one| one.id == point);
    Ok((one, point.ok_or(Failure::NotFound)?))
}

/// A file as a table: what, its figure, where it comes from.
pub(super) fn file_table(cx: &Cx, file: &ProjectFile) -> Table {
    let words = cx.words();
    let rows = lines(&words, file);
    let rows = rows.into_iter().map(|line| line.map(Cell::text).to_vec());
    let names = ["figure", "value", "source"];
    Table::new(
        &words,
        "file",
        file_caption(cx, file),
        WORDING.columns(&words, &names),
    )
    .rows(rows)
}

fn acts(
    steering: &Steering,
    cx: &Cx,
    one: &Conference,
    point: &ConferencePoint,
) -> Option<Actions> {
    let words = cx.words();
    if one.life.state != ConferenceState::Held || point.dropped.is_some() {
        return None;
    }
    let here = format!("/steering/conferences/{}/points/{}", one.id, point.id);
    let may = |permission| cx.actor.may(permission, Some(one.ministry));
    let mut all = Vec::new();
    let mut add = |key: &str, path: &str| all.push((words.text(key), format!("{here}/{path}")));
    if may(&WRITE) {
        add("steering-minutes-write", "minutes");
    }
    if may(&DECIDE) && point.decision.is_none() {
        add("steering-decide", "decision");
    }
    if may(&RECOMMEND) {
        add("steering-recommend", "recommendation");
    }
    if may(&CONFER) && point.brigade.is_none() && steering.brigade.is_some() {
        add("steering-point-brigade", "brigade");
    }
    (!all.is_empty()).then_some(Actions(all))
}

pub(super) async fn show(
    State(steering): State<Steering>,
    cx: Cx,
    Path(ids): Path<(Uuid, Uuid)>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let (one, point) = found(&steering, &cx, ids).await?;
    let name = |key: &str| words.text(&format!("steering-fact-{key}"));
    let product = format!("/products/{}/steering", point.product);
    let mut facts = Facts::default()
        .link(name("product"), &point.product_title, product)
        .text(name("why"), why(&words, &point.why, &point.note));
    if let Some((_, reason)) = &point.dropped {
        facts = facts.text(name("dropped"), reason);
    }
    if matches!(
        one.life.state,
        ConferenceState::Held | ConferenceState::Closed
    ) {
        let said = if point.discussion.is_empty() {
            words.text("steering-point-unwritten")
        } else {
            point.discussion.clone()
        };
        facts = facts
            .text(name("discussion"), said)
            .text(name("undecided"), &point.undecided)
            .text(name("written-by"), &point.written_by);
    }
    if let Some(decision) = point.decision {
        let (decided, _) = steering.decision(&cx.actor, decision).await?;
        let text = super::decisions::kind(&cx, decided.kind).text;
        let href = format!("/steering/decisions/{decision}");
        facts = facts.link(name("decision"), text, href);
    }
    if let Some(request) = point.brigade {
        let text = words.text("steering-point-brigade-sent");
        facts = facts.link(
            name("brigade"),
            text,
            format!("/brigade/requests/{request}"),
        );
    }
    let shell = cx
        .shell(&point.product_title)
        .lead(words.text("steering-point-lead"))
        .crumb(
            title(&words, &one),
            format!("/steering/conferences/{}", one.id),
        );
    let page = Composed::new(shell)
        .maybe(acts(&steering, &cx, &one, &point))
        .with(facts);
    let page = match &point.file {
        Some(file) => page.with(file_table(&cx, file)),
        None => page.text(words.text("steering-file-not-frozen")),
    };
    Ok(Page(page))
}

/// The parts that all forms of a point have.
async fn of_point(
    steering: &Steering,
    cx: &Cx,
    ids: (Uuid, Uuid),
    (key, path): (&str, &str),
    build: impl FnOnce(&Conference, &ConferencePoint) -> Vec<Field>,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (one, point) = found(steering, cx, ids).await?;
    let permission = match path {
        "minutes" => &WRITE,
        "decision" => &DECIDE,
        "recommendation" => &RECOMMEND,
        _ => &CONFER,
    };
    cx.actor.demand(permission, Some(one.ministry))?;
    let here = format!("/steering/conferences/{}/points/{}", ids.0, ids.1);
    let asked = Asked {
        title: words.text(key),
        lead: title(&words, &one),
        crumb: (point.product_title.clone(), here.clone()),
        action: format!("{here}/{path}"),
        submit: words.text(key),
        fields: build(&one, &point),
        version: Some(point.version),
        subject: None,
        hidden: Vec::new(),
    };
    form_page(steering, cx, asked, trouble).await
}

async fn minutes_page(
    steering: &Steering,
    cx: &Cx,
    ids: (Uuid, Uuid),
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let build = |_: &Conference, point: &ConferencePoint| {
        // Whoever comes second sees what the first wrote beside what they typed.
        let stands = |text: &str| {
            let args = [
                ("name", point.written_by.as_str().into()),
                ("text", text.into()),
            ];
            words.text_with("steering-minutes-stand", &args)
        };
        let mut said = Field::lines(10, "discussion", WORDING.label(&words, "discussion"))
            .hint(words.text("steering-hint-discussion"))
            .value(filled(fields, "discussion", &point.discussion))
            .length_max(8_000)
            .required();
        let mut undecided = Field::lines(3, "undecided", WORDING.label(&words, "undecided"))
            .hint(words.text("steering-hint-undecided"))
            .value(filled(fields, "undecided", &point.undecided))
            .length_max(2_000);
        if trouble.is_stale {
            said = said.hint(stands(&point.discussion));
            if !point.undecided.is_empty() {
                undecided = undecided.hint(stands(&point.undecided));
            }
        }
        vec![said, undecided]
    };
    let names = ("steering-minutes-write", "minutes");
    of_point(steering, cx, ids, names, build, trouble).await
}

pub(super) async fn show_minutes(
    State(steering): State<Steering>,
    cx: Cx,
    Path(ids): Path<(Uuid, Uuid)>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = minutes_page(&steering, &cx, ids, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

fn back(ids: (Uuid, Uuid)) -> String {
    format!("/steering/conferences/{}/points/{}", ids.0, ids.1)
}

pub(super) async fn write_minutes(
    State(steering): State<Steering>,
    cx: Cx,
    Path(ids): Path<(Uuid, Uuid)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = MinutesForm {
        discussion: fields.text("discussion").to_owned(),
        undecided: fields.text("undecided").to_owned(),
    };
    let done = steering
        .write_minutes(&cx.actor, ids, version(&fields), &form)
        .await;
    conclude(
        done,
        |()| back(ids),
        async |trouble| minutes_page(&steering, &cx, ids, &fields, &trouble).await,
    )
    .await
}

async fn decision_page(
    steering: &Steering,
    cx: &Cx,
    ids: (Uuid, Uuid),
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let build = |one: &Conference, _: &ConferencePoint| decision_fields(cx, fields, one.life.day);
    let names = ("steering-decide", "decision");
    of_point(steering, cx, ids, names, build, trouble).await
}

pub(super) async fn show_decision(
    State(steering): State<Steering>,
    cx: Cx,
    Path(ids): Path<(Uuid, Uuid)>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = decision_page(&steering, &cx, ids, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn decide(
    State(steering): State<Steering>,
    cx: Cx,
    Path(ids): Path<(Uuid, Uuid)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = decision_form(&fields);
    let done = steering
        .decide_point(&cx.actor, ids, version(&fields), &form)
        .await;
    conclude(
        done,
        |_| back(ids),
        async |trouble| decision_page(&steering, &cx, ids, &fields, &trouble).await,
    )
    .await
}

async fn recommendation_page(
    steering: &Steering,
    cx: &Cx,
    ids: (Uuid, Uuid),
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let axes: Vec<&str> = Axis::ALL.iter().map(|one| one.code()).collect();
    let build = |_: &Conference, _: &ConferencePoint| {
        vec![
            Field::lines(4, "text", WORDING.label(&words, "text"))
                .value(fields.text("text"))
                .length_max(2_000)
                .required(),
            Field::radios(
                "axis",
                WORDING.label(&words, "axis"),
                named(&words, "steering-axis-", &axes),
            )
            .value(fields.text("axis")),
            Field::text("owner", WORDING.label(&words, "owner"))
                .hint(words.text("steering-hint-owner"))
                .value(fields.text("owner"))
                .length_max(200),
            WORDING.date_field(&words, fields, "due", None),
        ]
    };
    let names = ("steering-recommend", "recommendation");
    of_point(steering, cx, ids, names, build, trouble).await
}

pub(super) async fn show_recommendation(
    State(steering): State<Steering>,
    cx: Cx,
    Path(ids): Path<(Uuid, Uuid)>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = recommendation_page(&steering, &cx, ids, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn recommend(
    State(steering): State<Steering>,
    cx: Cx,
    Path(ids): Path<(Uuid, Uuid)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let text = |name: &str| fields.text(name).to_owned();
    let form = ConferenceRecommendationForm {
        text: text("text"),
        axis: text("axis"),
        owner: text("owner"),
        due: three(&fields, "due"),
    };
    let done = steering.recommend_point(&cx.actor, ids, &form).await;
    conclude(
        done,
        |_| back(ids),
        async |trouble| recommendation_page(&steering, &cx, ids, &fields, &trouble).await,
    )
    .await
}

async fn brigade_page(
    steering: &Steering,
    cx: &Cx,
    ids: (Uuid, Uuid),
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let build = |_: &Conference, _: &ConferencePoint| {
        vec![
            Field::lines(4, "reason", WORDING.label(&words, "reason"))
                .hint(words.text("steering-hint-brigade"))
                .value(fields.text("reason"))
                .length_max(2_000)
                .required(),
        ]
    };
    let names = ("steering-point-brigade", "brigade");
    of_point(steering, cx, ids, names, build, trouble).await
}

pub(super) async fn show_brigade(
    State(steering): State<Steering>,
    cx: Cx,
    Path(ids): Path<(Uuid, Uuid)>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = brigade_page(&steering, &cx, ids, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn send_brigade(
    State(steering): State<Steering>,
    cx: Cx,
    Path(ids): Path<(Uuid, Uuid)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let done = steering
        .send_brigade(&cx.actor, ids, fields.text("reason"))
        .await;
    conclude(
        done,
        |_| back(ids),
        async |trouble| brigade_page(&steering, &cx, ids, &fields, &trouble).await,
    )
    .await
}
