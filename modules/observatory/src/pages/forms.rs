//! The forms of a procedure.

use kit_acts::{Asked, Trouble, conclude, filled, version};
use kit_http::{Cx, Failure, Fields, Page, Path, Response, SeeOther, State};
use kit_ui::{Composed, Field, Words};
use ports::{ProductId, ProductSummary};
use uuid::Uuid;

use super::words::form_page;
use crate::access::EDIT;
use crate::domain::ProcedureForm;
use crate::{Observatory, ObservatoryError, WORDING};

fn fields_of(words: &Words, fields: &Fields, usual: &ProcedureForm) -> Vec<Field> {
    let label = |name: &str| WORDING.label(words, name);
    let is_aid = if fields.has("name") {
        fields.text("opens_aid") == "yes"
    } else {
        usual.opens_aid == "yes"
    };
    vec![
        Field::text("name", label("name"))
            .hint(words.text("observatory-hint-name"))
            .value(filled(fields, "name", &usual.name))
            .length_max(200)
            .required(),
        Field::line("url", "address", label("address"))
            .hint(words.text("observatory-hint-address"))
            .value(filled(fields, "address", &usual.address))
            .length_max(500),
        Field::text("users", label("users"))
            .hint(words.text("observatory-hint-users"))
            .value(filled(fields, "users", &usual.users))
            .length_max(30),
        Field::boxes(
            "opens_aid",
            label("opens_aid"),
            vec![(
                "yes".to_owned(),
                words.text("observatory-opens-aid"),
                is_aid,
            )],
        ),
    ]
}

fn form_of(fields: &Fields) -> ProcedureForm {
    let text = |name: &str| fields.text(name).to_owned();
    ProcedureForm {
        name: text("name"),
        address: text("address"),
        users: text("users"),
        opens_aid: text("opens_aid"),
    }
}

async fn editable(observatory: &Observatory, cx: &Cx, id: Uuid) -> Result<ProductSummary, Failure> {
    let found = observatory.products.product(ProductId(id)).await;
    let product = found.map_err(ObservatoryError::from)?;
    let product = product.ok_or(Failure::NotFound)?;
    cx.actor.demand(&EDIT, product.ministry.map(|id| id.0))?;
    Ok(product)
}

async fn new_page(
    observatory: &Observatory,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let product = editable(observatory, cx, id).await?;
    let back = format!("/products/{}/procedures", product.id);
    let asked = Asked {
        title: words.text("observatory-add"),
        lead: product.title,
        crumb: (words.text("observatory-procedures"), back.clone()),
        action: format!("{back}/new"),
        submit: words.text("observatory-add"),
        fields: fields_of(&words, fields, &ProcedureForm::default()),
        version: None,
        subject: None,
        hidden: Vec::new(),
    };
    form_page(observatory, cx, asked, trouble).await
}

pub(super) async fn show_new(
    State(observatory): State<Observatory>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let nothing = Fields::default();
    new_page(&observatory, &cx, id, &nothing, &Trouble::default())
        .await
        .map(Page)
}

pub(super) async fn add(
    State(observatory): State<Observatory>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = form_of(&fields);
    let done = observatory
        .add_procedure(&cx.actor, ProductId(id), &form)
        .await;
    let to = |id| format!("/observatory/procedures/{id}");
    conclude(done, to, async |trouble| {
        new_page(&observatory, &cx, id, &fields, &trouble).await
    })
    .await
}

async fn edit_page(
    observatory: &Observatory,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let one = observatory.procedure(id).await?;
    cx.actor.demand(&EDIT, one.ministry)?;
    let back = format!("/observatory/procedures/{id}");
    let asked = Asked {
        title: words.text("observatory-edit"),
        lead: one.product_title.clone(),
        crumb: (one.procedure.name.clone(), back.clone()),
        action: format!("{back}/edit"),
        submit: words.text("observatory-save"),
        fields: fields_of(&words, fields, &ProcedureForm::of(&one.procedure)),
        version: Some(one.version),
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(observatory, cx, asked, trouble).await
}

pub(super) async fn show_edit(
    State(observatory): State<Observatory>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let nothing = Fields::default();
    edit_page(&observatory, &cx, id, &nothing, &Trouble::default())
        .await
        .map(Page)
}

pub(super) async fn edit(
    State(observatory): State<Observatory>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = form_of(&fields);
    let done = observatory
        .edit_procedure(&cx.actor, id, version(&fields), &form)
        .await;
    let to = |()| format!("/observatory/procedures/{id}");
    conclude(done, to, async |trouble| {
        edit_page(&observatory, &cx, id, &fields, &trouble).await
    })
    .await
}

pub(super) async fn set_open(
    State(observatory): State<Observatory>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<SeeOther, Failure> {
    let is_open = fields.text("open") == "yes";
    let done = observatory
        .set_open(&cx.actor, id, version(&fields), is_open)
        .await;
    match done {
        Err(ObservatoryError::Stale) => {
            Err(Failure::Conflict(cx.words().text("observatory-stale")))
        }
        other => {
            other?;
            Ok(SeeOther(format!("/observatory/procedures/{id}")))
        }
    }
}
