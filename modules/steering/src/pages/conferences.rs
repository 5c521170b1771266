//! Conferences: the list, one with its agenda, minutes and what became of the one before.

use jiff::civil::Date;
use kit_acts::{
    Asked, Trouble, address, conclude, cursor, day, filled, named, place, short, version,
};
use kit_http::{
    Cx, Failure, Fields, IntoResponse, Page, Path, Query, Response, SeeOther, State, optional,
};
use kit_ui::{Actions, Cell, Column, Composed, Facts, Field, Form, Pages, Table, format};
use serde::Deserialize;
use uuid::Uuid;

use super::conference_words::{people, state, title, when, why, written};
use super::decisions::kind;
use super::words::{due, form_page, ministries, status, timeline};
use crate::access::{ADOPT, CONFER};
use crate::conference_minutes::Outcome;
use crate::domain::{Adoption, ConferenceForm, ConferenceKind, ConferenceState, Party};
use crate::reading::latest_first;
use crate::store::conferences::{self as store, Conference, ConferencePoint};
use crate::{Steering, SteeringError, WORDING};

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

/// A table of conferences.
pub(super) fn table(cx: &Cx, id: &str, caption: String, all: &[Conference]) -> Table {
    let words = cx.words();
    let rows = all.iter().map(|one| {
        let href = format!("/steering/conferences/{}", one.id);
        let key = format!("steering-conference-kind-{}", one.kind.code());
        vec![
            Cell::link(&one.ministry_name, href),
            day(cx, Some(one.life.day)).note(&one.hour),
            Cell::text(words.text(&key)),
            state(&words, one.life.state),
        ]
    });
    let names = ["ministry", "day", "kind", "state"];
    Table::new(&words, id, caption, WORDING.columns(&words, &names))
        .rows(rows)
        .empty(words.text("steering-conferences-empty"))
}

pub(super) async fn list(
    State(steering): State<Steering>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let in_state = optional("state", &query.state, ConferenceState::parse)?;
    let ministry = optional("ministry", &query.ministry, |text| text.parse().ok())?;
    let after = place(&query.after, latest_first());
    let mut found = steering
        .conferences(&cx.actor, (in_state, ministry), after, PAGE_ROWS + 1)
        .await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let here = "/steering/conferences";
    let pairs = [
        ("state", query.state.as_str()),
        ("ministry", query.ministry.as_str()),
    ];
    let next = found.last().filter(|_| more).map(|last| {
        let after = cursor(last.life.day, last.id);
        address(here, &[pairs[0], pairs[1], ("after", &after)])
    });
    let previous = (!query.after.is_empty()).then(|| address(here, &pairs));
    let caption = words.text("steering-conferences");
    let table = table(&cx, "conferences", caption, &found).pages(Pages { previous, next });
    let states: Vec<&str> = ConferenceState::ALL.iter().map(|one| one.code()).collect();
    let filters = Form::filters(here, words.text("steering-filter")).fields([
        Field::select(
            "state",
            WORDING.label(&words, "state"),
            WORDING.any_of(&words, "steering-conference-state-", &states),
        )
        .value(&query.state),
        Field::select(
            "ministry",
            WORDING.label(&words, "ministry"),
            ministries(&steering, &cx).await?,
        )
        .value(&query.ministry),
    ]);
    let mut acts = vec![(words.text("steering-agenda"), "/steering/agenda".to_owned())];
    if cx.actor.may_somewhere(&CONFER) {
        acts.insert(
            0,
            (
                words.text("steering-conference-plan"),
                format!("{here}/new"),
            ),
        );
    }
    let shell = cx
        .shell(words.text("steering-conferences"))
        .lead(words.text("steering-conferences-lead"));
    Ok(Page(
        Composed::new(shell)
            .with(Actions(acts))
            .with(filters)
            .with(table),
    ))
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct NewQuery {
    #[serde(default)]
    ministry: String,
}

fn fields_of(cx: &Cx, fields: &Fields, stands: &ConferenceForm, is_new: bool) -> Vec<Field> {
    let words = cx.words();
    let kinds: Vec<&str> = ConferenceKind::ALL.iter().map(|one| one.code()).collect();
    let mut all = Vec::new();
    if is_new {
        let usual = ConferenceKind::Ordinary.code();
        let options = named(&words, "steering-conference-kind-", &kinds);
        all.push(
            Field::radios("kind", WORDING.label(&words, "conference-kind"), options)
                .value(filled(fields, "kind", usual)),
        );
    }
    let usual = if stands.day[0].is_empty() || fields.has("day-day") {
        WORDING.date_field(&words, fields, "day", None)
    } else {
        Field::date_typed(
            &words,
            "day",
            WORDING.label(&words, "day"),
            stands.day.clone(),
        )
    };
    all.push(usual);
    all.push(
        Field::text("hour", WORDING.label(&words, "hour"))
            .hint(words.text("steering-hint-hour"))
            .value(filled(fields, "hour", &stands.hour))
            .length_max(10)
            .required(),
    );
    all.push(
        Field::text("place", WORDING.label(&words, "place"))
            .value(filled(fields, "place", &stands.place))
            .length_max(300)
            .required(),
    );
    for (party, text) in Party::ALL.iter().zip(&stands.people) {
        let name = format!("people-{}", party.code());
        all.push(
            Field::lines(4, &name, WORDING.label(&words, &name))
                .hint(words.text("steering-hint-people"))
                .value(filled(fields, &name, text))
                .length_max(4_000),
        );
    }
    let hint = if is_new {
        "steering-hint-extraordinary"
    } else {
        "steering-hint-moved"
    };
    all.push(
        Field::lines(3, "reason", WORDING.label(&words, "reason"))
            .hint(words.text(hint))
            .value(fields.text("reason"))
            .length_max(2_000),
    );
    all
}

fn form_of(fields: &Fields) -> ConferenceForm {
    let text = |name: &str| fields.text(name).to_owned();
    ConferenceForm {
        kind: text("kind"),
        reason: text("reason"),
        day: kit_acts::three(fields, "day"),
        hour: text("hour"),
        place: text("place"),
        people: ["people-directorate", "people-ministry", "people-budget"].map(text),
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
    let mut options = vec![(String::new(), words.text("steering-choose-ministry"))];
    let all = steering.ministries_where(&cx.actor, &CONFER).await?;
    options.extend(all.into_iter().map(|one| (one.id.0.to_string(), one.name)));
    let mut form = vec![
        Field::select("ministry", WORDING.label(&words, "ministry"), options)
            .value(filled(fields, "ministry", &query.ministry))
            .required(),
    ];
    form.extend(fields_of(cx, fields, &ConferenceForm::default(), true));
    let title = words.text("steering-conference-plan");
    let asked = Asked {
        title: title.clone(),
        lead: words.text("steering-conference-plan-lead"),
        crumb: crumb(cx),
        action: "/steering/conferences/new".to_owned(),
        submit: title,
        fields: form,
        version: None,
        subject: None,
        hidden: Vec::new(),
    };
    form_page(steering, cx, asked, trouble).await
}

/// The way back to the list.
pub(super) fn crumb(cx: &Cx) -> (String, String) {
    let text = cx.words().text("steering-conferences");
    (text, "/steering/conferences".to_owned())
}

pub(super) async fn show_new(
    State(steering): State<Steering>,
    cx: Cx,
    Query(query): Query<NewQuery>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = new_page(&steering, &cx, &none, &query, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn plan(
    State(steering): State<Steering>,
    cx: Cx,
    fields: Fields,
) -> Result<Response, Failure> {
    let done = match fields.text("ministry").parse::<Uuid>() {
        Ok(ministry) => {
            let form = form_of(&fields);
            steering.plan_conference(&cx.actor, ministry, &form).await
        }
        Err(_) => Err(SteeringError::mistake(
            "ministry",
            "steering-mistake-missing",
            "",
        )),
    };
    let to = |id: Uuid| format!("/steering/conferences/{id}");
    conclude(done, to, async |trouble| {
        let query = NewQuery::default();
        new_page(&steering, &cx, &fields, &query, &trouble).await
    })
    .await
}

async fn edit_page(
    steering: &Steering,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (one, ..) = steering.conference(&cx.actor, id).await?;
    cx.actor.demand(&CONFER, Some(one.ministry))?;
    let place = (one.life.day, one.hour.as_str(), one.place.as_str());
    let stands = ConferenceForm::of(one.kind, place, &one.participants);
    let asked = Asked {
        title: words.text("steering-conference-edit"),
        lead: title(&words, &one),
        crumb: (title(&words, &one), format!("/steering/conferences/{id}")),
        action: format!("/steering/conferences/{id}/edit"),
        submit: words.text("steering-conference-edit"),
        fields: fields_of(cx, fields, &stands, false),
        version: Some(one.version),
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(steering, cx, asked, trouble).await
}

pub(super) async fn show_edit(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = edit_page(&steering, &cx, id, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn edit(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = form_of(&fields);
    let done = steering
        .edit_conference(&cx.actor, id, version(&fields), &form)
        .await;
    let to = |()| format!("/steering/conferences/{id}");
    conclude(done, to, async |trouble| {
        edit_page(&steering, &cx, id, &fields, &trouble).await
    })
    .await
}

/// What can be done with a conference as it stands.
fn acts(cx: &Cx, one: &Conference) -> Actions {
    use ConferenceState as S;
    let words = cx.words();
    let here = format!("/steering/conferences/{}", one.id);
    let mut all = Vec::new();
    let mut add = |key: &str, path: &str| all.push((words.text(key), format!("{here}/{path}")));
    let conducts = cx.actor.may(&CONFER, Some(one.ministry));
    let adopts = cx.actor.may(&ADOPT, Some(one.ministry));
    let state = one.life.state;
    if conducts && state == S::Planned {
        add("steering-conference-agenda", "agenda");
        add("steering-conference-act-prepare", "acts/prepare");
    }
    if conducts && state == S::Prepared {
        add("steering-conference-act-held", "acts/held");
    }
    if conducts && state == S::Held && one.life.directorate.is_none() {
        add(
            "steering-conference-act-adopt-directorate",
            "acts/adopt-directorate",
        );
    }
    if adopts && state == S::Held && one.life.ministry.is_none() {
        add(
            "steering-conference-act-adopt-ministry",
            "acts/adopt-ministry",
        );
    }
    if conducts && state == S::Closed {
        add("steering-conference-act-add", "acts/add");
        add("steering-plan", "publication");
    }
    add("steering-conference-pdf", "conference.pdf");
    if conducts && one.life.is_movable() {
        add("steering-conference-edit", "edit");
        add("steering-conference-act-cancel", "acts/cancel");
    }
    Actions(all)
}

fn adoption(cx: &Cx, one: Option<&Adoption>) -> String {
    let words = cx.words();
    match one {
        Some(one) => {
            let args = [
                ("name", one.name.as_str().into()),
                ("date", format::date(cx.locale, one.on).into()),
            ];
            words.text_with("steering-conference-adopted", &args)
        }
        None => words.text("steering-conference-not-adopted"),
    }
}

fn facts(cx: &Cx, one: &Conference, today: Date) -> Facts {
    let words = cx.words();
    let name = |key: &str| words.text(&format!("steering-fact-{key}"));
    let kind = format!("steering-conference-kind-{}", one.kind.code());
    let ministry = format!("/steering/ministries/{}", one.ministry);
    let mut facts = Facts::default()
        .link(name("ministry"), &one.ministry_name, ministry)
        .text(name("state"), state(&words, one.life.state).text)
        .text(name("kind"), words.text(&kind))
        .text(name("reason"), &one.reason);
    for party in Party::ALL {
        let key = format!("steering-party-{}", party.code());
        facts = facts.text(words.text(&key), people(one, *party, true));
    }
    if let Some(on) = one.life.frozen_on {
        facts = facts.text(name("frozen"), format::date(cx.locale, on));
    }
    if matches!(
        one.life.state,
        ConferenceState::Held | ConferenceState::Closed
    ) {
        facts = facts
            .text(
                name("adopted-directorate"),
                adoption(cx, one.life.directorate.as_ref()),
            )
            .text(
                name("adopted-ministry"),
                adoption(cx, one.life.ministry.as_ref()),
            );
    }
    if let Some(planned) = &one.publication {
        facts = facts.text(name("publication"), WORDING.publication(cx, planned, today));
    }
    facts
}

/// What a conference decided and recommended, with where it stands now.
pub(super) fn outcome(cx: &Cx, outcome: &Outcome, prefix: &str) -> [Table; 2] {
    let words = cx.words();
    let decided = outcome.decisions.iter().map(|one| {
        let done = match &one.done {
            Some((on, what)) => day(cx, Some(*on)).note(short(what)),
            None => Cell::text(words.text("steering-not-done")),
        };
        vec![
            Cell::link(
                &one.product_title,
                format!("/steering/decisions/{}", one.id),
            ),
            kind(cx, one.kind),
            Cell::text(short(&one.next)),
            day(cx, one.next_by),
            done,
        ]
    });
    let given = outcome.recommendations.iter().map(|one| {
        vec![
            Cell::link(
                short(&one.text),
                format!("/steering/recommendations/{}", one.id),
            ),
            Cell::text(&one.product_title),
            due(cx, one),
            status(&words, one),
        ]
    });
    let table = |id: &str, names: &[&str], rows: Vec<Vec<Cell>>| {
        let caption = words.text(&format!("steering-{prefix}{id}"));
        Table::new(
            &words,
            format!("{prefix}{id}"),
            caption,
            WORDING.columns(&words, names),
        )
        .rows(rows)
        .empty(words.text("steering-nothing-decided"))
    };
    [
        table(
            "decisions",
            &["product", "decision", "next", "next-by", "done"],
            decided.collect(),
        ),
        table(
            "recommendations",
            &["recommendation", "product", "due", "status"],
            given.collect(),
        ),
    ]
}

fn agenda(cx: &Cx, one: &Conference, points: &[ConferencePoint]) -> Table {
    let words = cx.words();
    let taken = points.iter().filter(|point| point.dropped.is_none());
    let rows = taken.enumerate().map(|(at, point)| {
        let href = format!("/steering/conferences/{}/points/{}", one.id, point.id);
        let minutes = match one.life.state {
            ConferenceState::Held | ConferenceState::Closed => written(&words, point),
            _ if point.file.is_some() => Cell::text(words.text("steering-point-frozen")),
            _ => Cell::text(words.text("steering-point-open")),
        };
        vec![
            Cell::link(&point.product_title, href),
            Cell::number((at + 1).to_string(), at + 1),
            Cell::text(why(&words, &point.why, &point.note)),
            minutes,
        ]
    });
    let mut all = WORDING.columns(&words, &["product"]);
    all.push(Column::number(words.text("steering-column-place")));
    all.extend(WORDING.columns(&words, &["why", "minutes"]));
    Table::new(
        &words,
        "agenda",
        words.text("steering-conference-agenda"),
        all,
    )
    .rows(rows)
    .empty(words.text("steering-conference-no-point"))
}

fn dropped(cx: &Cx, points: &[ConferencePoint]) -> Option<Table> {
    let words = cx.words();
    let rows: Vec<Vec<Cell>> = points
        .iter()
        .filter_map(|point| {
            let (on, reason) = point.dropped.as_ref()?;
            let product = format!("/products/{}/steering", point.product);
            Some(vec![
                Cell::link(&point.product_title, product),
                Cell::text(why(&words, &point.why, "")),
                day(cx, Some(*on)),
                Cell::text(reason),
            ])
        })
        .collect();
    let names = ["product", "proposed-why", "since", "why"];
    let caption = words.text("steering-conference-dropped");
    let table = Table::new(&words, "dropped", caption, WORDING.columns(&words, &names)).rows(rows);
    (!table.rows.is_empty()).then_some(table)
}

pub(super) async fn show(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Response, Failure> {
    let words = cx.words();
    let (one, points, mut steps) = match steering.conference(&cx.actor, id).await {
        Err(SteeringError::NotFound) => {
            // A mission names the point from which it was asked.
            let found = store::point(&steering.db, id).await;
            let point = found.map_err(SteeringError::from)?;
            let point = point.ok_or(Failure::NotFound)?;
            let to = format!("/steering/conferences/{}/points/{id}", point.conference);
            return Ok(SeeOther(to).into_response());
        }
        other => other?,
    };
    let today = steering.source.today();
    let shell = cx
        .shell(title(&words, &one))
        .lead(when(&words, &one))
        .crumb(crumb(&cx).0, crumb(&cx).1);
    let mut page = Composed::new(shell)
        .with(acts(&cx, &one))
        .with(facts(&cx, &one, today));
    if let Some(before) = steering.outcome_before(&one).await? {
        let [decided, given] = outcome(&cx, &before, "previous-");
        let href = format!("/steering/conferences/{}", before.conference.id);
        page = page
            .heading(words.text("steering-conference-before"))
            .link(title(&words, &before.conference), href)
            .with(decided)
            .with(given);
    }
    page = page
        .with(agenda(&cx, &one, &points))
        .maybe(dropped(&cx, &points));
    if matches!(
        one.life.state,
        ConferenceState::Held | ConferenceState::Closed
    ) {
        let found = steering.outcome(one.clone(), &points).await?;
        let [decided, given] = outcome(&cx, &found, "conference-");
        page = page.with(decided).with(given);
    }
    let added = steps.iter().filter(|step| step.act == "add");
    let rows: Vec<Vec<Cell>> = added
        .map(|step| vec![day(&cx, Some(step.on)), Cell::text(&step.reason)])
        .collect();
    if !rows.is_empty() {
        let caption = words.text("steering-conference-additions");
        let names = WORDING.columns(&words, &["added", "text"]);
        page = page.with(Table::new(&words, "additions", caption, names).rows(rows));
    }
    steps.reverse();
    let page = page
        .heading(words.text("steering-timeline"))
        .with(timeline(&cx, &steps));
    Ok(Page(page).into_response())
}
