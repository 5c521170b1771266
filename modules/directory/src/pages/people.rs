//! People and their grants.

use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Query, Response, SeeOther, State,
};
use kit_ui::{Actions, Cell, Column, Composed, Facts, Field, Form, Pages, Table, Tone, format};
use serde::Deserialize;
use uuid::Uuid;

use super::{mark, percent_encode};
use crate::access::{EDIT_PEOPLE, READ_PEOPLE};
use crate::domain::Mistake;
use crate::store::people as store;
use crate::{Directory, DirectoryError};

/// People on one page.
const PAGE_ROWS: u32 = 50;

#[derive(Debug, Deserialize)]
pub(crate) struct After {
    #[serde(default)]
    after_name: String,
    #[serde(default)]
    after: Uuid,
}

pub(crate) async fn list(
    State(directory): State<Directory>,
    cx: Cx,
    Query(after): Query<After>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let mut people = store::list(
        &directory.db,
        (&after.after_name, after.after),
        PAGE_ROWS + 1,
    )
    .await
    .map_err(DirectoryError::from)?;
    let more = people.len() > PAGE_ROWS as usize;
    people.truncate(PAGE_ROWS as usize);
    let next = people.last().filter(|_| more).map(|last| {
        let name = percent_encode(&last.name);
        format!("/people?after_name={name}&after={}", last.id)
    });
    // Who sees a part of the people isn't told how many there are in all.
    let total = if cx.actor.may(&READ_PEOPLE, None) {
        Some(
            store::count(&directory.db)
                .await
                .map_err(DirectoryError::from)?,
        )
    } else {
        None
    };
    let rows = people
        .into_iter()
        .filter(|person| cx.actor.may(&READ_PEOPLE, person.organisation_id))
        .map(|person| {
            let state = if person.disabled {
                Cell::status(Tone::Warning, words.text("directory-account-closed"))
            } else {
                Cell::status(Tone::Success, words.text("directory-account-open"))
            };
            let href = format!("/people/{}", person.id);
            vec![
                Cell::link(person.name, href),
                Cell::text(person.email),
                state,
            ]
        });
    let columns = vec![
        Column::text(words.text("directory-person-name")),
        Column::text(words.text("directory-email")),
        Column::text(words.text("directory-account-state")),
    ];
    let table = Table::new(&words, "people", words.text("directory-people"), columns)
        .rows(rows)
        .total(total)
        .pages(Pages {
            previous: None,
            next,
        })
        .empty(words.text("directory-people-empty"));
    let shell = cx
        .shell(words.text("directory-people"))
        .lead(words.text("directory-people-lead"));
    let add = cx.actor.may_somewhere(&EDIT_PEOPLE).then(|| {
        Actions(vec![(
            words.text("directory-person-add"),
            "/people/new".into(),
        )])
    });
    Ok(Page(Composed::new(shell).maybe(add).with(table)))
}

async fn organisation_options(
    directory: &Directory,
    first: String,
) -> Result<Vec<(String, String)>, Failure> {
    let mut options = vec![(String::new(), first)];
    for organisation in directory.list_organisations(None).await? {
        options.push((organisation.id.to_string(), organisation.name));
    }
    Ok(options)
}

async fn new_page(
    directory: &Directory,
    cx: &Cx,
    [name, email, organisation]: [&str; 3],
    mistakes: &[Mistake],
) -> Result<Composed, Failure> {
    let words = cx.words();
    let organisations =
        organisation_options(directory, words.text("directory-no-organisation")).await?;
    let mut fields = vec![
        Field::text("name", words.text("directory-person-name"))
            .value(name)
            .required(),
        Field::line("email", "email", words.text("directory-email"))
            .value(email)
            .hint(words.text("directory-email-hint"))
            .required(),
        Field::select(
            "organisation",
            words.text("directory-organisation"),
            organisations,
        )
        .value(organisation),
    ];
    mark(&words, &mut fields, mistakes);
    let mut shell = cx
        .shell(words.text("directory-person-add"))
        .crumb(words.text("directory-people"), "/people");
    shell.mistaken = !mistakes.is_empty();
    let form = Form::post(&shell, "/people", words.text("directory-save"))
        .fields(fields)
        .summary(&words);
    Ok(Composed::new(shell).with(form))
}

pub(crate) async fn show_new(
    State(directory): State<Directory>,
    cx: Cx,
) -> Result<Page<Composed>, Failure> {
    new_page(&directory, &cx, ["", "", ""], &[]).await.map(Page)
}

pub(crate) async fn add(
    State(directory): State<Directory>,
    cx: Cx,
    fields: Fields,
) -> Result<Response, Failure> {
    let typed = ["name", "email", "organisation"].map(|name| fields.text(name));
    let organisation = typed[2].parse().ok();
    match directory
        .add_person(&cx.actor, typed[0], typed[1], organisation)
        .await
    {
        Ok(id) => {
            directory.invite(id, &cx.words()).await?;
            Ok(SeeOther(format!("/people/{id}")).into_response())
        }
        Err(DirectoryError::Mistakes(mistakes)) => {
            let page = new_page(&directory, &cx, typed, &mistakes).await?;
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn show(
    State(directory): State<Directory>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let (person, grants) = directory.person(&cx.actor, id).await?;
    let organisations = directory.list_organisations(None).await?;
    let name_of = |id: Option<Uuid>| match id {
        None => words.text("directory-whole-state"),
        Some(id) => organisations
            .iter()
            .find(|organisation| organisation.id == id)
            .map_or_else(String::new, |organisation| organisation.name.clone()),
    };
    let facts = Facts::default()
        .text(words.text("directory-email"), &person.email)
        .text(
            words.text("directory-organisation"),
            person
                .organisation_id
                .map(|id| name_of(Some(id)))
                .unwrap_or_default(),
        );
    let columns = ["role", "place", "granted-by", "granted-at"]
        .map(|column| Column::text(words.text(&format!("directory-{column}"))));
    let table = Table::new(
        &words,
        "grants",
        words.text("directory-grants"),
        columns.into(),
    )
    .rows(grants.iter().map(|grant| {
        vec![
            Cell::text(words.text(&format!("role-{}", grant.role))),
            Cell::text(name_of(grant.organisation_id)),
            Cell::text(&grant.granted_by),
            Cell::text(format::instant(cx.locale, grant.granted_at)),
        ]
    }))
    .empty(words.text("directory-no-grant"));
    let shell = cx
        .shell(&person.name)
        .crumb(words.text("directory-people"), "/people");
    let mut page = Composed::new(shell.clone()).with(facts).with(table);
    if cx.actor.may(&EDIT_PEOPLE, person.organisation_id) {
        let roles = ports::roles::ALL
            .map(|role| (role.0.to_owned(), words.text(&format!("role-{role}"))))
            .to_vec();
        let places = organisation_options(&directory, words.text("directory-whole-state")).await?;
        let action = format!("/people/{id}/grants");
        page = page.heading(words.text("directory-grant-add")).with(
            Form::post(&shell, action, words.text("directory-grant-submit"))
                .field(Field::select("role", words.text("directory-role"), roles))
                .field(Field::select(
                    "organisation",
                    words.text("directory-place"),
                    places,
                )),
        );
        if !grants.is_empty() {
            let options = grants
                .iter()
                .map(|grant| {
                    let role = words.text(&format!("role-{}", grant.role));
                    let label = format!("{role} — {}", name_of(grant.organisation_id));
                    (grant.id.to_string(), label)
                })
                .collect();
            let action = format!("/people/{id}/grants/withdraw");
            page = page.heading(words.text("directory-grant-withdraw")).with(
                Form::post(&shell, action, words.text("directory-grant-withdraw"))
                    .field(Field::select(
                        "grant",
                        words.text("directory-grant"),
                        options,
                    ))
                    .danger(),
            );
        }
        if directory.factors(id).await?.is_any() {
            let action = format!("/people/{id}/factors/reset");
            page = page
                .heading(words.text("directory-factors-reset"))
                .text(words.text("directory-factors-reset-lead"))
                .with(Form::post(&shell, action, words.text("directory-factors-reset")).danger());
        }
        let (key, value) = if person.disabled {
            ("directory-account-open-again", "false")
        } else {
            ("directory-account-close", "true")
        };
        page = page.heading(words.text("directory-account-state")).with(
            Form::post(&shell, format!("/people/{id}/disabled"), words.text(key))
                .hidden("disabled", value)
                .danger(),
        );
    }
    Ok(Page(page))
}

pub(crate) async fn grant(
    State(directory): State<Directory>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<SeeOther, Failure> {
    let organisation = match fields.text("organisation") {
        "" => None,
        text => Some(text.parse().map_err(|_| Failure::NotFound)?),
    };
    directory
        .grant(&cx.actor, id, fields.text("role"), organisation)
        .await?;
    Ok(SeeOther(format!("/people/{id}")))
}

pub(crate) async fn withdraw(
    State(directory): State<Directory>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<SeeOther, Failure> {
    let grant = fields
        .text("grant")
        .parse()
        .map_err(|_| Failure::NotFound)?;
    directory.withdraw(&cx.actor, id, grant).await?;
    Ok(SeeOther(format!("/people/{id}")))
}

pub(crate) async fn reset_factors(
    State(directory): State<Directory>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<SeeOther, Failure> {
    directory.reset_factors(&cx.actor, id, &cx.words()).await?;
    Ok(SeeOther(format!("/people/{id}")))
}

pub(crate) async fn set_disabled(
    State(directory): State<Directory>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<SeeOther, Failure> {
    directory
        .set_disabled(&cx.actor, id, fields.text("disabled") == "true")
        .await?;
    Ok(SeeOther(format!("/people/{id}")))
}
