//! The form that answers a request with a mission: a person chooses who goes.

use kit_acts::{Asked, Trouble, conclude, short, three, version};
use kit_http::{Cx, Failure, Fields, Page, Path, Query, Response, State};
use kit_ui::{Composed, Field};
use serde::Deserialize;
use uuid::Uuid;

use super::requests::wanted_text;
use super::words::form_page;
use crate::access::CONDUCT;
use crate::acts_port::days_text;
use crate::domain::{AssignmentForm, MissionForm};
use crate::{Brigade, WORDING};

#[derive(Debug, Default, Deserialize)]
pub(super) struct FormQuery {
    /// An expert's id and an expertise that the link on the request's page chose.
    #[serde(default)]
    who: String,
}

async fn page(
    brigade: &Brigade,
    cx: &Cx,
    (id, query): (Uuid, &FormQuery),
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let view = brigade.request(&cx.actor, id).await?;
    let one = &view.request;
    cx.actor.demand(&CONDUCT, one.ministry)?;
    let wished = brigade.wished(one);
    let names = brigade.trades(cx.locale).await?;
    let mut options = vec![(String::new(), words.text("brigade-nobody"))];
    for who in brigade.candidates(wished).await? {
        let free = who.availability.free(&who.booked, wished.0, wished.1);
        let free: u32 = free.values().sum();
        for (code, level) in &who.skills {
            let args = [
                ("name", who.name.as_str().into()),
                ("expertise", names.get(code).unwrap_or(code).as_str().into()),
                (
                    "level",
                    words
                        .text(&format!("brigade-level-{}", level.code()))
                        .into(),
                ),
                ("free", days_text(&words, free).into()),
            ];
            let called = words.text_with("brigade-option-expert", &args);
            options.push((format!("{}:{code}", who.id), called));
        }
    }
    let lines = |name: &str| {
        Field::lines(4, name, WORDING.label(&words, name))
            .value(fields.text(name))
            .length_max(4_000)
            .required()
    };
    let mut form = vec![
        Field::text("title", WORDING.label(&words, "title"))
            .hint(words.text("brigade-hint-title"))
            .value(fields.text("title"))
            .length_max(120)
            .required(),
        lines("objective"),
        lines("criterion").hint(words.text("brigade-hint-criterion")),
        WORDING
            .date_field(&words, fields, "from", Some(wished.0))
            .required(),
        WORDING
            .date_field(&words, fields, "to", Some(wished.1))
            .required(),
        Field::section(words.text("brigade-section-experts"))
            .hint(wanted_text(&words, &names, &view)),
    ];
    let filled = (0..MissionForm::ASSIGNMENTS_MAX)
        .rev()
        .find(|at| !fields.text(&format!("who-{at}")).is_empty());
    let rows = filled.map_or(3, |last| last + 2).max(view.wanted.len());
    for at in 0..rows.clamp(3, MissionForm::ASSIGNMENTS_MAX) {
        let number = [("number", (at + 1).into())];
        let (who, days) = (format!("who-{at}"), format!("days-{at}"));
        let chosen = if at == 0 && !fields.has("who-0") {
            query.who.as_str()
        } else {
            fields.text(&who)
        };
        form.push(
            Field::select(
                &who,
                words.text_with("brigade-field-who", &number),
                options.clone(),
            )
            .value(chosen),
        );
        form.push(
            Field::text(&days, words.text_with("brigade-field-days-of", &number))
                .unit(words.text("brigade-unit-days"))
                .value(fields.text(&days))
                .length_max(6),
        );
    }
    let back = format!("/brigade/requests/{id}");
    let asked = Asked {
        title: words.text("brigade-act-accept"),
        lead: short(&one.need),
        crumb: (words.text("brigade-request"), back.clone()),
        action: format!("{back}/mission"),
        submit: words.text("brigade-send-mission"),
        fields: form,
        version: Some(one.version),
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(brigade, cx, asked, trouble).await
}

pub(super) async fn show(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
    Query(query): Query<FormQuery>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = page(&brigade, &cx, (id, &query), &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn propose(
    State(brigade): State<Brigade>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let text = |name: &str| fields.text(name).to_owned();
    let assignments = (0..MissionForm::ASSIGNMENTS_MAX).map(|at| AssignmentForm {
        who: text(&format!("who-{at}")),
        days: text(&format!("days-{at}")),
    });
    let form = MissionForm {
        title: text("title"),
        objective: text("objective"),
        criterion: text("criterion"),
        from: three(&fields, "from"),
        to: three(&fields, "to"),
        assignments: assignments.collect(),
    };
    let done = brigade
        .propose_mission(&cx.actor, id, version(&fields), &form)
        .await;
    let to = |mission: Uuid| format!("/brigade/missions/{mission}");
    conclude(done, to, async |trouble| {
        let query = FormQuery::default();
        page(&brigade, &cx, (id, &query), &fields, &trouble).await
    })
    .await
}
