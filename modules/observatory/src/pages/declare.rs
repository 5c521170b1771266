//! What was declared of a kind, and the form that declares more.

use kit_acts::{Asked, Trouble, conclude, day, three};
use kit_http::{Cx, Failure, Fields, Page, Path, Response, State};
use kit_ui::{Actions, Cell, Composed, Field, Table, Words};
use uuid::Uuid;

use super::words::{columns, declared as named, form_page, scaled, valid_until};
use crate::access::EDIT;
use crate::domain::{Declaration, DeclarationForm, Declared};
use crate::{Observatory, StoredProcedure, WORDING};

fn kind(code: &str) -> Result<Declared, Failure> {
    Declared::parse(code).ok_or(Failure::NotFound)
}

/// A declaration's value in words.
pub(super) fn said(words: &Words, one: &Declaration) -> String {
    scaled(words, one.declared.scale(), one.value)
}

pub(super) async fn list(
    State(observatory): State<Observatory>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let declared = kind(&code)?;
    let one = observatory.procedure(id).await?;
    let all = observatory.declared(id, declared).await?;
    let today = observatory.source.today();
    // Who declared it is told to those who may read the procedure.
    let may_read = cx.actor.may(&crate::access::READ, one.ministry);
    let rows = all.iter().map(|one| {
        let told = &one.declaration;
        let evidence = if told.evidence.starts_with("https://") {
            Cell::link(&told.evidence, &told.evidence)
        } else {
            Cell::text(&told.evidence)
        };
        let by = if may_read { one.by.as_str() } else { "—" };
        vec![
            Cell::text(said(&words, told)),
            day(&cx, Some(told.as_of)),
            valid_until(&cx, told, today),
            evidence,
            Cell::text(by),
        ]
    });
    let names = ["value", "as-of", "valid-until", "evidence", "by"];
    let caption = words.text_with(
        "observatory-declarations",
        &[("what", named(&words, declared).into())],
    );
    let table = Table::new(&words, "declarations", caption, columns(&words, &names))
        .rows(rows)
        .empty(words.text("observatory-declarations-empty"));
    let shell = cx
        .shell(named(&words, declared))
        .lead(words.text(&format!("observatory-about-{}", declared.code())))
        .crumb(words.text("observatory-title"), "/observatory")
        .crumb(&one.procedure.name, format!("/observatory/procedures/{id}"));
    let add = cx.actor.may(&EDIT, one.ministry).then(|| {
        let href = format!("/observatory/procedures/{id}/declarations/{code}/new");
        Actions(vec![(words.text("observatory-declare"), href)])
    });
    Ok(Page(Composed::new(shell).maybe(add).with(table)))
}

fn fields_of(
    words: &Words,
    fields: &Fields,
    declared: Declared,
    today: jiff::civil::Date,
) -> Vec<Field> {
    let label = |name: &str| WORDING.label(words, name);
    let hint = words.text(&format!("observatory-value-hint-{}", declared.code()));
    let value = if declared.choices().is_empty() {
        Field::text("value", label("value"))
            .length_max(40)
            .required()
    } else {
        let named = |code: &&str| {
            let key = format!("observatory-choice-{}-{code}", declared.code());
            ((*code).to_owned(), words.text(&key))
        };
        Field::radios(
            "value",
            label("value"),
            declared.choices().iter().map(named).collect(),
        )
    };
    let mut all = vec![
        value.hint(hint).value(fields.text("value")),
        WORDING.date_field(words, fields, "as_of", Some(today)),
    ];
    if declared == Declared::Security {
        all.push(
            WORDING
                .date_field(words, fields, "until", None)
                .hint(words.text("observatory-hint-until")),
        );
    }
    all.push(
        Field::text("evidence", label("evidence"))
            .hint(words.text("observatory-hint-evidence"))
            .value(fields.text("evidence"))
            .length_max(500)
            .required(),
    );
    all
}

async fn page(
    observatory: &Observatory,
    cx: &Cx,
    (one, declared): (&StoredProcedure, Declared),
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let back = format!(
        "/observatory/procedures/{}/declarations/{}",
        one.id,
        declared.code()
    );
    let asked = Asked {
        title: words.text_with(
            "observatory-declare-of",
            &[("what", named(&words, declared).into())],
        ),
        lead: words.text(&format!("observatory-about-{}", declared.code())),
        crumb: (
            one.procedure.name.clone(),
            format!("/observatory/procedures/{}", one.id),
        ),
        action: format!("{back}/new"),
        submit: words.text("observatory-declare"),
        fields: fields_of(&words, fields, declared, observatory.source.today()),
        version: None,
        subject: None,
        hidden: Vec::new(),
    };
    form_page(observatory, cx, asked, trouble).await
}

async fn editable(
    observatory: &Observatory,
    cx: &Cx,
    id: Uuid,
) -> Result<StoredProcedure, Failure> {
    let one = observatory.procedure(id).await?;
    cx.actor.demand(&EDIT, one.ministry)?;
    Ok(one)
}

pub(super) async fn show(
    State(observatory): State<Observatory>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
) -> Result<Page<Composed>, Failure> {
    let declared = kind(&code)?;
    let one = editable(&observatory, &cx, id).await?;
    let nothing = Fields::default();
    page(
        &observatory,
        &cx,
        (&one, declared),
        &nothing,
        &Trouble::default(),
    )
    .await
    .map(Page)
}

pub(super) async fn declare(
    State(observatory): State<Observatory>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let declared = kind(&code)?;
    let form = DeclarationForm {
        value: fields.text("value").to_owned(),
        as_of: three(&fields, "as_of"),
        until: three(&fields, "until"),
        evidence: fields.text("evidence").to_owned(),
    };
    let done = observatory.declare(&cx.actor, id, declared, &form).await;
    let to = |_| format!("/observatory/procedures/{id}");
    conclude(done, to, async |trouble| {
        let one = editable(&observatory, &cx, id).await?;
        page(&observatory, &cx, (&one, declared), &fields, &trouble).await
    })
    .await
}
