//! The forms that bring a conference on: prepare, hold, adopt, cancel, add, publish.

use kit_acts::{Asked, Trouble, conclude, version};
use kit_http::{Cx, Failure, Fields, Page, Path, Response, State};
use kit_ui::{Composed, Field};
use uuid::Uuid;

use super::conference_words::title;
use super::words::form_page;
use crate::access::{ADOPT, CONFER};
use crate::domain::{ConferenceAct, PublicationForm};
use crate::{Steering, WORDING};

async fn act_page(
    steering: &Steering,
    cx: &Cx,
    (id, act): (Uuid, ConferenceAct),
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (one, ..) = steering.conference(&cx.actor, id).await?;
    let permission = match act {
        ConferenceAct::AdoptMinistry => &ADOPT,
        _ => &CONFER,
    };
    cx.actor.demand(permission, Some(one.ministry))?;
    let here = format!("/steering/conferences/{id}");
    let field = match act {
        ConferenceAct::Cancel => {
            Some(Field::lines(4, "reason", WORDING.label(&words, "reason")).required())
        }
        ConferenceAct::Add => {
            Some(Field::lines(8, "reason", WORDING.label(&words, "addition")).required())
        }
        _ => None,
    };
    let length_max = if act == ConferenceAct::Add {
        8_000
    } else {
        2_000
    };
    let field = field.map(|one| one.value(fields.text("reason")).length_max(length_max));
    let name = words.text(&format!("steering-conference-act-{}", act.code()));
    let asked = Asked {
        title: name.clone(),
        lead: words.text(&format!("steering-conference-lead-{}", act.code())),
        crumb: (title(&words, &one), here.clone()),
        action: format!("{here}/acts/{}", act.code()),
        submit: name,
        fields: field.into_iter().collect(),
        version: Some(one.version),
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(steering, cx, asked, trouble).await
}

pub(super) async fn show(
    State(steering): State<Steering>,
    cx: Cx,
    Path((id, act)): Path<(Uuid, String)>,
) -> Result<Page<Composed>, Failure> {
    let act = ConferenceAct::parse(&act).ok_or(Failure::NotFound)?;
    let none = Fields(Vec::new());
    let page = act_page(&steering, &cx, (id, act), &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn act(
    State(steering): State<Steering>,
    cx: Cx,
    Path((id, act)): Path<(Uuid, String)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let act = ConferenceAct::parse(&act).ok_or(Failure::NotFound)?;
    let text = fields.text("reason");
    let done = steering
        .act_on_conference(&cx.actor, id, version(&fields), act, text)
        .await;
    let to = |()| format!("/steering/conferences/{id}");
    conclude(done, to, async |trouble| {
        act_page(&steering, &cx, (id, act), &fields, &trouble).await
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
    let words = cx.words();
    let (one, ..) = steering.conference(&cx.actor, id).await?;
    cx.actor.demand(&CONFER, Some(one.ministry))?;
    let planned = one.publication.as_ref().ok_or(Failure::NotFound)?;
    let here = format!("/steering/conferences/{id}");
    let asked = Asked {
        title: words.text("steering-plan"),
        lead: title(&words, &one),
        crumb: (title(&words, &one), here.clone()),
        action: format!("{here}/publication"),
        submit: words.text("steering-plan"),
        fields: WORDING.plan_fields(cx, fields, &PublicationForm::of(planned)),
        version: Some(one.version),
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(steering, cx, asked, trouble).await
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
        .publish_conference(&cx.actor, id, version(&fields), &form)
        .await;
    let to = |()| format!("/steering/conferences/{id}");
    conclude(done, to, async |trouble| {
        plan_page(&steering, &cx, id, &fields, &trouble).await
    })
    .await
}
