//! Forms of what is done to a contract: steps, signatures, clauses, reviews, tranches, publication.

use kit_acts::{Asked, Trouble, conclude, filled, named, three, version};
use kit_http::{Cx, Failure, Fields, Page, Path, Response, State};
use kit_ui::{Composed, Field, format};
use uuid::Uuid;

use super::text;
use super::words::form_page;
use crate::domain::{
    Act, CheckForm, CheckState, Doctrine, Outcome, PaymentForm, PublicationForm, ReasonForm,
    ReviewForm, Side, TrancheAct,
};
use crate::reading::ContractFile;
use crate::{Contracts, ContractsError, WORDING};

/// What a form about a contract is made of.
struct Made<'m> {
    key: &'m str,
    path: String,
    lead: String,
    fields: Vec<Field>,
    /// The version of what it changes.
    seen: i64,
    hidden: Vec<(&'static str, String)>,
}

async fn made(
    contracts: &Contracts,
    cx: &Cx,
    file: &ContractFile,
    made: Made<'_>,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let one = &file.contract;
    let back = format!("/contracts/{}", one.id);
    let asked = Asked {
        title: words.text(made.key),
        lead: made.lead,
        crumb: (one.title.clone(), back.clone()),
        action: format!("{back}/{}", made.path),
        submit: words.text(made.key),
        fields: made.fields,
        version: Some(made.seen),
        subject: Some(one.id),
        hidden: made.hidden,
    };
    form_page(contracts, cx, asked, trouble).await
}

fn lines(cx: &Cx, fields: &Fields, name: &str, shown: &str) -> Field {
    let words = cx.words();
    Field::lines(4, name, WORDING.label(&words, shown))
        .value(fields.text(name))
        .length_max(4_000)
}

/// The side that an act of an address signs for.
fn side(act: &str) -> Option<Side> {
    Side::parse(act.strip_prefix("sign-")?)
}

async fn act_page(
    contracts: &Contracts,
    cx: &Cx,
    (id, act): (Uuid, &str),
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let file = contracts.contract(&cx.actor, id).await?;
    let key = format!("contracts-act-{act}");
    let latest = file.latest().ok_or(Failure::NotFound)?;
    let mut hidden = Vec::new();
    let (lead, all) = if side(act).is_some() {
        hidden.push(("sha256", latest.sha256.clone()));
        let args = [
            ("number", latest.number.into()),
            ("hash", latest.sha256.as_str().into()),
        ];
        (words.text_with("contracts-sign-lead", &args), Vec::new())
    } else if act == "comment" || step(act).is_some() {
        let shown = if act == "comment" {
            "comment"
        } else {
            "reason"
        };
        let lead = words.text(&format!("contracts-act-{act}-says"));
        (lead, vec![lines(cx, fields, "reason", shown)])
    } else {
        return Err(Failure::NotFound);
    };
    let seen = file.contract.version;
    let path = format!("acts/{act}");
    let form = Made {
        key: &key,
        path,
        lead,
        fields: all,
        seen,
        hidden,
    };
    made(contracts, cx, &file, form, trouble).await
}

/// The step of an address.
fn step(act: &str) -> Option<Act> {
    Act::parse(act).filter(|act| !matches!(act, Act::Propose | Act::Sign | Act::Begin))
}

pub(super) async fn show_act(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path((id, act)): Path<(Uuid, String)>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = act_page(&contracts, &cx, (id, &act), &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn act(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path((id, act)): Path<(Uuid, String)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = ReasonForm {
        reason: fields.text("reason").to_owned(),
    };
    let seen = version(&fields);
    let done = match (side(&act), step(&act)) {
        (Some(side), _) => {
            let hash = fields.text("sha256");
            contracts.sign(&cx.actor, id, seen, side, hash).await
        }
        (None, Some(step)) => contracts.step(&cx.actor, id, seen, step, &form).await,
        (None, None) if act == "comment" => contracts.comment(&cx.actor, id, &form).await,
        (None, None) => Err(ContractsError::NotFound),
    };
    let to = |()| format!("/contracts/{id}");
    conclude(done, to, async |trouble| {
        act_page(&contracts, &cx, (id, &act), &fields, &trouble).await
    })
    .await
}

async fn check_page(
    contracts: &Contracts,
    cx: &Cx,
    (id, code): (Uuid, &str),
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let doctrine = Doctrine::parse(code).ok_or(Failure::NotFound)?;
    let file = contracts.contract(&cx.actor, id).await?;
    let current = file.current().ok_or(Failure::NotFound)?;
    let clause = current
        .terms
        .clauses
        .iter()
        .find(|one| one.doctrine == doctrine);
    let clause = clause.ok_or(Failure::NotFound)?;
    let found = file.checks.iter().find(|one| one.doctrine == doctrine);
    let codes: Vec<&str> = CheckState::ALL.iter().map(|one| one.code()).collect();
    let (state, evidence) = found.map_or(("", ""), |one| (one.state.code(), &one.evidence));
    let all = vec![
        Field::radios(
            "state",
            WORDING.label(&words, "state"),
            named(&words, "contracts-check-", &codes),
        )
        .value(filled(fields, "state", state)),
        Field::lines(4, "evidence", WORDING.label(&words, "evidence"))
            .value(filled(fields, "evidence", evidence))
            .length_max(2_000),
    ];
    let name = words.text(&format!("contracts-doctrine-{code}"));
    let form = Made {
        key: "contracts-check",
        path: format!("clauses/{code}"),
        lead: kit_acts::pair(&words, &name, &clause.demand),
        fields: all,
        seen: found.map_or(0, |one| one.version),
        hidden: Vec::new(),
    };
    made(contracts, cx, &file, form, trouble).await
}

pub(super) async fn show_check(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = check_page(&contracts, &cx, (id, &code), &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn check(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let doctrine = Doctrine::parse(&code).ok_or(Failure::NotFound)?;
    let form = CheckForm {
        state: fields.text("state").to_owned(),
        evidence: fields.text("evidence").to_owned(),
    };
    let seen = version(&fields);
    let done = contracts.check(&cx.actor, id, doctrine, seen, &form).await;
    let to = |()| format!("/contracts/{id}");
    conclude(done, to, async |trouble| {
        check_page(&contracts, &cx, (id, &code), &fields, &trouble).await
    })
    .await
}

async fn review_page(
    contracts: &Contracts,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let file = contracts.contract(&cx.actor, id).await?;
    let codes: Vec<&str> = Outcome::ALL.iter().map(|one| one.code()).collect();
    let all = vec![
        WORDING.date_field(&words, fields, "on", Some(contracts.source.today())),
        Field::radios(
            "outcome",
            WORDING.label(&words, "outcome"),
            named(&words, "contracts-outcome-", &codes),
        )
        .value(fields.text("outcome")),
        lines(cx, fields, "findings", "findings").required(),
    ];
    let form = Made {
        key: "contracts-act-review",
        path: "review".to_owned(),
        lead: words.text("contracts-review-lead"),
        fields: all,
        seen: file.contract.version,
        hidden: Vec::new(),
    };
    made(contracts, cx, &file, form, trouble).await
}

pub(super) async fn show_review(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = review_page(&contracts, &cx, id, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn review(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = ReviewForm {
        on: three(&fields, "on"),
        outcome: fields.text("outcome").to_owned(),
        findings: fields.text("findings").to_owned(),
    };
    let done = contracts
        .review(&cx.actor, id, version(&fields), &form)
        .await;
    let to = |_| format!("/contracts/{id}");
    conclude(done, to, async |trouble| {
        review_page(&contracts, &cx, id, &fields, &trouble).await
    })
    .await
}

async fn plan_page(
    contracts: &Contracts,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let file = contracts.contract(&cx.actor, id).await?;
    let planned = file
        .contract
        .publication
        .as_ref()
        .ok_or(Failure::NotFound)?;
    let planned = PublicationForm::of(planned);
    let all = WORDING.plan_fields(cx, fields, &planned);
    let form = Made {
        key: "contracts-plan",
        path: "publication".to_owned(),
        lead: file.contract.product_title.clone(),
        fields: all,
        seen: file.contract.version,
        hidden: Vec::new(),
    };
    made(contracts, cx, &file, form, trouble).await
}

pub(super) async fn show_plan(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = plan_page(&contracts, &cx, id, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn plan(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = kit_acts::plan_form(&fields);
    let done = contracts.plan(&cx.actor, id, version(&fields), &form).await;
    let to = |()| format!("/contracts/{id}");
    conclude(done, to, async |trouble| {
        plan_page(&contracts, &cx, id, &fields, &trouble).await
    })
    .await
}

async fn tranche_page(
    contracts: &Contracts,
    cx: &Cx,
    (id, number, code): (Uuid, i64, &str),
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let act = TrancheAct::parse(code).filter(|act| *act != TrancheAct::Cancel);
    let act = act.ok_or(Failure::NotFound)?;
    let file = contracts.contract(&cx.actor, id).await?;
    let found = file
        .tranches
        .iter()
        .find(|one| one.tranche.number == number);
    let found = found.ok_or(Failure::NotFound)?;
    let all = match act {
        TrancheAct::Pay => vec![
            WORDING.date_field(&words, fields, "on", Some(contracts.source.today())),
            Field::text("reference", WORDING.label(&words, "reference"))
                .value(fields.text("reference"))
                .length_max(100)
                .required(),
        ],
        _ => vec![lines(cx, fields, "reason", "reason")],
    };
    let amount = format::euros(cx.locale, found.tranche.amount_cents);
    let said = format!("{} — {amount}. ", found.tranche.label);
    let form = Made {
        key: &format!("contracts-tranche-act-{code}"),
        path: format!("tranches/{number}/{code}"),
        lead: said + &text::reading(&words, &found.reading),
        fields: all,
        seen: found.tranche.version,
        hidden: Vec::new(),
    };
    made(contracts, cx, &file, form, trouble).await
}

pub(super) async fn show_tranche(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path((id, number, code)): Path<(Uuid, i64, String)>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let of = (id, number, code.as_str());
    let page = tranche_page(&contracts, &cx, of, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn tranche(
    State(contracts): State<Contracts>,
    cx: Cx,
    Path((id, number, code)): Path<(Uuid, i64, String)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = ReasonForm {
        reason: fields.text("reason").to_owned(),
    };
    let seen = version(&fields);
    let actor = &cx.actor;
    let done = match TrancheAct::parse(&code) {
        Some(TrancheAct::Release) => contracts.release(actor, id, number, seen, &form).await,
        Some(TrancheAct::Pay) => {
            let form = PaymentForm {
                on: three(&fields, "on"),
                reference: fields.text("reference").to_owned(),
            };
            contracts.pay(actor, id, number, seen, &form).await
        }
        Some(act @ (TrancheAct::Hold | TrancheAct::Unhold)) => {
            contracts.hold(actor, id, number, seen, act, &form).await
        }
        _ => Err(ContractsError::NotFound),
    };
    let to = |()| format!("/contracts/{id}");
    conclude(done, to, async |trouble| {
        let of = (id, number, code.as_str());
        tranche_page(&contracts, &cx, of, &fields, &trouble).await
    })
    .await
}
