//! The forms of a decision: deciding, following up, publishing, investing.

use kit_acts::{Asked, Trouble, conclude, three, version};
use kit_http::{Cx, Failure, Fields, Page, Path, Response, State};
use kit_ui::{Composed, Field};
use uuid::Uuid;

use super::words::{blank, euros_field, form_page, money_text, phase};
use crate::access::{READ, demand};
use crate::domain::{
    DecisionForm, DecisionKind, FollowUpForm, InvestmentForm, PublicationForm, phase_after,
};
use crate::store::decisions::StoredDecision;
use crate::store::{investments, products};
use crate::{Startups, StartupsError, WORDING};

async fn decide_page(
    startups: &Startups,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (one, ..) = startups.review(&cx.actor, id).await?;
    let now = one.phase.clone().unwrap_or_default();
    // Each choice says where it leads; what isn't possible in this phase isn't offered.
    let choices: Vec<(String, String)> = DecisionKind::ALL
        .iter()
        .filter_map(|kind| {
            let after = phase_after(*kind, &now)?;
            let name = words.text(&format!("startups-decision-{}", kind.code()));
            let args = [
                ("decision", name.into()),
                ("phase", phase(&words, after).into()),
            ];
            let text = words.text_with("startups-choice", &args);
            Some((kind.code().to_owned(), text))
        })
        .collect();
    let lines = |name: &str| {
        Field::lines(4, name, WORDING.label(&words, name))
            .value(fields.text(name))
            .length_max(4_000)
    };
    let form = vec![
        Field::radios("kind", WORDING.label(&words, "kind"), choices).value(fields.text("kind")),
        WORDING.date_field(&words, fields, "on", Some(startups.source.today())),
        Field::text("committee", WORDING.label(&words, "committee"))
            .hint(words.text("startups-hint-committee"))
            .value(fields.text("committee"))
            .length_max(200)
            .required(),
        lines("reasons").required(),
        lines("conditions"),
        lines("next").hint(words.text("startups-hint-next")),
        WORDING.date_field(&words, fields, "next_by", None),
        Field::section(words.text("startups-of-a-transfer")),
        Field::text("receiver", WORDING.label(&words, "receiver"))
            .value(fields.text("receiver"))
            .length_max(300),
        Field::section(words.text("startups-of-a-stop")),
        euros_field(&words, fields, "avoided", ""),
        lines("kept_assets"),
    ];
    let back = format!("/start-ups/reviews/{id}");
    let asked = Asked {
        title: words.text("startups-decide"),
        lead: one.product_title.clone(),
        crumb: (words.text("startups-review"), back.clone()),
        action: format!("{back}/decision"),
        submit: words.text("startups-record-decision"),
        fields: form,
        version: Some(one.version),
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(startups, cx, asked, trouble).await
}

pub(super) async fn show_decide(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    decide_page(&startups, &cx, id, &blank(), &Trouble::default())
        .await
        .map(Page)
}

pub(super) async fn decide(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let text = |name| fields.text(name).to_owned();
    let form = DecisionForm {
        kind: text("kind"),
        on: three(&fields, "on"),
        committee: text("committee"),
        reasons: text("reasons"),
        conditions: text("conditions"),
        next: text("next"),
        next_by: three(&fields, "next_by"),
        receiver: text("receiver"),
        avoided: text("avoided"),
        kept_assets: text("kept_assets"),
    };
    let done = startups
        .decide(&cx.actor, id, version(&fields), &form)
        .await;
    let to = |id: Uuid| format!("/start-ups/decisions/{id}");
    conclude(done, to, async |trouble| {
        decide_page(&startups, &cx, id, &fields, &trouble).await
    })
    .await
}

/// The parts that the forms of a decision have.
async fn of_decision(
    startups: &Startups,
    cx: &Cx,
    id: Uuid,
    (key, path): (&str, &str),
    build: impl FnOnce(&StoredDecision) -> Vec<Field>,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (one, _) = startups.decision(&cx.actor, id).await?;
    let back = format!("/start-ups/decisions/{id}");
    let asked = Asked {
        title: words.text(key),
        lead: one.product_title.clone(),
        crumb: (words.text("startups-decision"), back.clone()),
        action: format!("{back}/{path}"),
        submit: words.text(key),
        fields: build(&one),
        version: Some(one.version),
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(startups, cx, asked, trouble).await
}

async fn follow_up_page(
    startups: &Startups,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let today = startups.source.today();
    let build = |_: &StoredDecision| {
        vec![
            WORDING.date_field(&words, fields, "on", Some(today)),
            Field::lines(4, "outcome", WORDING.label(&words, "outcome"))
                .value(fields.text("outcome"))
                .length_max(4_000)
                .required(),
        ]
    };
    let names = ("startups-follow-up", "follow-up");
    of_decision(startups, cx, id, names, build, trouble).await
}

pub(super) async fn show_follow_up(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    follow_up_page(&startups, &cx, id, &blank(), &Trouble::default())
        .await
        .map(Page)
}

pub(super) async fn follow_up(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = FollowUpForm {
        on: three(&fields, "on"),
        outcome: fields.text("outcome").to_owned(),
    };
    let done = startups
        .follow_up(&cx.actor, id, version(&fields), &form)
        .await;
    let to = |()| format!("/start-ups/decisions/{id}");
    conclude(done, to, async |trouble| {
        follow_up_page(&startups, &cx, id, &fields, &trouble).await
    })
    .await
}

async fn plan_page(
    startups: &Startups,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let build = |one: &StoredDecision| {
        let planned = PublicationForm::of(&one.publication);
        WORDING.plan_fields(cx, fields, &planned)
    };
    let names = ("startups-plan", "publication");
    of_decision(startups, cx, id, names, build, trouble).await
}

pub(super) async fn show_plan(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    plan_page(&startups, &cx, id, &blank(), &Trouble::default())
        .await
        .map(Page)
}

pub(super) async fn plan(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = kit_acts::plan_form(&fields);
    let done = startups.plan(&cx.actor, id, version(&fields), &form).await;
    let to = |()| format!("/start-ups/decisions/{id}");
    conclude(done, to, async |trouble| {
        plan_page(&startups, &cx, id, &fields, &trouble).await
    })
    .await
}

async fn invest_page(
    startups: &Startups,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let build = |one: &StoredDecision| {
        vec![
            euros_field(&words, fields, "amount", ""),
            WORDING.date_field(&words, fields, "from", Some(one.decision.on)),
            WORDING.date_field(&words, fields, "to", None),
            Field::text("fund", WORDING.label(&words, "fund"))
                .hint(words.text("startups-hint-fund"))
                .value(fields.text("fund"))
                .length_max(200)
                .required(),
        ]
    };
    let names = ("startups-invest", "investment");
    of_decision(startups, cx, id, names, build, trouble).await
}

pub(super) async fn show_invest(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    invest_page(&startups, &cx, id, &blank(), &Trouble::default())
        .await
        .map(Page)
}

pub(super) async fn invest(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = InvestmentForm {
        amount: fields.text("amount").to_owned(),
        from: three(&fields, "from"),
        to: three(&fields, "to"),
        fund: fields.text("fund").to_owned(),
    };
    let (one, _) = startups.decision(&cx.actor, id).await?;
    let done = startups.invest(&cx.actor, id, &form).await;
    let to = |_| format!("/products/{}/start-up", one.product);
    conclude(done, to, async |trouble| {
        invest_page(&startups, &cx, id, &fields, &trouble).await
    })
    .await
}

async fn withdraw_page(
    startups: &Startups,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let found = investments::find(&startups.db, id).await;
    let one = found
        .map_err(StartupsError::from)?
        .ok_or(Failure::NotFound)?;
    let product = products::find(&startups.db, one.product).await;
    let product = product
        .map_err(StartupsError::from)?
        .ok_or(Failure::NotFound)?;
    demand(&cx.actor, &READ, (product.ministry, product.incubator))?;
    let amount = money_text(cx, Some(one.investment.amount_cents));
    let args = [
        ("product", product.title.as_str().into()),
        ("amount", amount.into()),
        ("fund", one.investment.fund.as_str().into()),
    ];
    let asked = Asked {
        title: words.text("startups-withdraw-investment"),
        lead: words.text_with("startups-withdraw-lead", &args),
        crumb: (
            product.title.clone(),
            format!("/products/{}/start-up", product.id),
        ),
        action: format!("/start-ups/investments/{id}/withdrawal"),
        submit: words.text("startups-withdraw-investment"),
        fields: vec![
            Field::lines(3, "reason", WORDING.label(&words, "reason"))
                .value(fields.text("reason"))
                .length_max(2_000)
                .required(),
        ],
        version: None,
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(startups, cx, asked, trouble).await
}

pub(super) async fn show_withdraw(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    withdraw_page(&startups, &cx, id, &blank(), &Trouble::default())
        .await
        .map(Page)
}

pub(super) async fn withdraw(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let done = startups
        .withdraw(&cx.actor, id, fields.text("reason"))
        .await;
    let to = |product: Uuid| format!("/products/{product}/start-up");
    conclude(done, to, async |trouble| {
        withdraw_page(&startups, &cx, id, &fields, &trouble).await
    })
    .await
}
