//! Organisations: the tree, one of them, the form.

use std::collections::HashMap;

use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Query, Response, SeeOther, State,
};
use kit_ui::{Actions, Cell, Column, Composed, Facts, Field, Form, Table, Words};
use ports::OrganisationKind;
use serde::Deserialize;
use uuid::Uuid;

use super::mark;
use crate::access::EDIT_ORGANISATIONS;
use crate::domain::{self, Mistake, OrganisationForm, TreeNode};
use crate::{Directory, DirectoryError, Organisation};

#[derive(Debug, Deserialize)]
pub(crate) struct Filter {
    #[serde(default)]
    q: String,
    #[serde(default)]
    kind: String,
}

/// Rows of one page; the tree is then narrowed by the filters.
const ROWS_MAX: usize = 500;

fn kind_options(words: &Words, first: Option<&str>) -> Vec<(String, String)> {
    let kinds = OrganisationKind::ALL.into_iter().map(|kind| {
        (
            kind.code().to_owned(),
            words.text(&format!("organisation-kind-{}", kind.code())),
        )
    });
    first
        .map(|key| (String::new(), words.text(key)))
        .into_iter()
        .chain(kinds)
        .collect()
}

fn node(organisation: &Organisation) -> TreeNode {
    TreeNode {
        id: organisation.id,
        parent_id: organisation.parent_id,
        name: organisation.name.clone(),
    }
}

pub(crate) async fn list(
    State(directory): State<Directory>,
    cx: Cx,
    Query(filter): Query<Filter>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let all = directory
        .list_organisations(OrganisationKind::parse(&filter.kind))
        .await?;
    let wanted = names::normalise(&filter.q);
    let kept: Vec<&Organisation> = all
        .iter()
        .filter(|organisation| {
            names::normalise(&organisation.name).contains(&wanted)
                || names::normalise(&organisation.acronym).contains(&wanted)
        })
        .collect();
    let by_id: HashMap<Uuid, &Organisation> = kept.iter().map(|o| (o.id, *o)).collect();
    let nodes: Vec<TreeNode> = kept.iter().map(|organisation| node(organisation)).collect();
    let rows = domain::order(&nodes)
        .into_iter()
        .take(ROWS_MAX)
        .filter_map(|(id, depth)| {
            let organisation = by_id.get(&id)?;
            let kind = words.text(&format!("organisation-kind-{}", organisation.kind.code()));
            // The tree is told by dashes, which a screen reader can say.
            let name = format!("{}{}", "— ".repeat(depth), organisation.name);
            Some(vec![
                Cell::link(name, format!("/organisations/{id}")),
                Cell::text(&organisation.acronym),
                Cell::text(kind),
                Cell::text(organisation.siret.clone().unwrap_or_default()),
            ])
        });
    let columns = ["name", "acronym", "kind", "siret"]
        .map(|field| Column::text(words.text(&format!("directory-organisation-{field}"))));
    let table = Table::new(
        &words,
        "organisations",
        words.text("directory-organisations"),
        columns.into(),
    )
    .rows(rows)
    .total(i64::try_from(kept.len()).ok())
    .empty(words.text("directory-organisations-empty"));
    let filters = Form::filters("/organisations", words.text("directory-filter"))
        .field(Field::line("search", "q", words.text("directory-search")).value(&filter.q))
        .field(
            Field::select(
                "kind",
                words.text("directory-organisation-kind"),
                kind_options(&words, Some("directory-all-kinds")),
            )
            .value(&filter.kind),
        );
    let shell = cx
        .shell(words.text("directory-organisations"))
        .lead(words.text("directory-organisations-lead"));
    let add = cx
        .actor
        .may_somewhere(&EDIT_ORGANISATIONS)
        .then(|| Actions(vec![(words.text("directory-organisation-add"), add_href())]));
    Ok(Page(
        Composed::new(shell).maybe(add).with(filters).with(table),
    ))
}

fn add_href() -> String {
    "/organisations/new".to_owned()
}

pub(crate) async fn show(
    State(directory): State<Directory>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let organisation = directory.organisation(id).await?;
    let all = directory.list_organisations(None).await?;
    let parent = organisation
        .parent_id
        .and_then(|id| all.iter().find(|other| other.id == id));
    let below: Vec<_> = all
        .iter()
        .filter(|other| other.parent_id == Some(id))
        .map(|other| {
            (
                other.name.clone(),
                Some(format!("/organisations/{}", other.id)),
            )
        })
        .collect();
    let kind = words.text(&format!("organisation-kind-{}", organisation.kind.code()));
    let mut facts = Facts::default()
        .text(
            words.text("directory-organisation-acronym"),
            &organisation.acronym,
        )
        .text(words.text("directory-organisation-kind"), kind)
        .text(
            words.text("directory-organisation-siret"),
            organisation.siret.clone().unwrap_or_default(),
        );
    if let Some(parent) = parent {
        let href = format!("/organisations/{}", parent.id);
        facts = facts.link(
            words.text("directory-organisation-parent"),
            &parent.name,
            href,
        );
    }
    let facts = facts.list(words.text("directory-organisation-below"), below);
    let shell = cx
        .shell(&organisation.name)
        .crumb(words.text("directory-organisations"), "/organisations");
    // A ministry and an incubator have their figures on a page of the portfolio.
    let products = match organisation.kind {
        OrganisationKind::Ministry => format!("/ministries/{id}"),
        OrganisationKind::Incubator => format!("/incubators/{id}"),
        _ => format!("/products?organisation={id}"),
    };
    let mut actions = vec![(words.text("directory-organisation-products"), products)];
    if cx.actor.may(&EDIT_ORGANISATIONS, Some(id)) {
        let edit = words.text("directory-organisation-edit");
        actions.push((edit, format!("/organisations/{id}/edit")));
    }
    Ok(Page(
        Composed::new(shell).with(facts).with(Actions(actions)),
    ))
}

fn form_of(fields: &Fields) -> OrganisationForm {
    OrganisationForm {
        name: fields.text("name").to_owned(),
        acronym: fields.text("acronym").to_owned(),
        kind: fields.text("kind").to_owned(),
        siret: fields.text("siret").to_owned(),
        parent: fields.text("parent").to_owned(),
    }
}

/// What the form is about: a new organisation, or one with its version.
enum About {
    New,
    Existing(Uuid, i64),
}

async fn form_page(
    directory: &Directory,
    cx: &Cx,
    about: &About,
    form: &OrganisationForm,
    mistakes: &[Mistake],
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (title, action) = match about {
        About::New => ("directory-organisation-add", "/organisations".to_owned()),
        About::Existing(id, _) => (
            "directory-organisation-edit",
            format!("/organisations/{id}/edit"),
        ),
    };
    let mut parents = vec![(String::new(), words.text("directory-no-parent"))];
    let all = directory.list_organisations(None).await?;
    parents.extend(
        all.iter()
            .map(|other| (other.id.to_string(), other.name.clone())),
    );
    let label = |field: &str| words.text(&format!("directory-organisation-{field}"));
    let mut fields = vec![
        Field::text("name", label("name"))
            .value(&form.name)
            .required(),
        Field::text("acronym", label("acronym")).value(&form.acronym),
        Field::select("kind", label("kind"), kind_options(&words, None)).value(&form.kind),
        Field::text("siret", label("siret"))
            .value(&form.siret)
            .hint(words.text("directory-organisation-siret-hint")),
        Field::select("parent", label("parent"), parents).value(&form.parent),
    ];
    mark(&words, &mut fields, mistakes);
    let mut shell = cx
        .shell(words.text(title))
        .crumb(words.text("directory-organisations"), "/organisations");
    shell.mistaken = !mistakes.is_empty();
    let mut html = Form::post(&shell, action, words.text("directory-save")).fields(fields);
    if let About::Existing(_, version) = about {
        html = html.hidden("version", version.to_string());
    }
    Ok(Composed::new(shell).with(html.summary(&words)))
}

pub(crate) async fn show_new(
    State(directory): State<Directory>,
    cx: Cx,
) -> Result<Page<Composed>, Failure> {
    let form = OrganisationForm::default();
    form_page(&directory, &cx, &About::New, &form, &[])
        .await
        .map(Page)
}

pub(crate) async fn add(
    State(directory): State<Directory>,
    cx: Cx,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = form_of(&fields);
    match directory.add_organisation(&cx.actor, &form).await {
        Ok(id) => Ok(SeeOther(format!("/organisations/{id}")).into_response()),
        Err(DirectoryError::Mistakes(mistakes)) => {
            let page = form_page(&directory, &cx, &About::New, &form, &mistakes).await?;
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn show_edit(
    State(directory): State<Directory>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let organisation = directory.organisation(id).await?;
    cx.actor.demand(&EDIT_ORGANISATIONS, Some(id))?;
    let form = OrganisationForm {
        name: organisation.name,
        acronym: organisation.acronym,
        kind: organisation.kind.code().to_owned(),
        siret: organisation.siret.unwrap_or_default(),
        parent: organisation
            .parent_id
            .map(|id| id.to_string())
            .unwrap_or_default(),
    };
    let about = About::Existing(id, organisation.version);
    form_page(&directory, &cx, &about, &form, &[])
        .await
        .map(Page)
}

pub(crate) async fn edit(
    State(directory): State<Directory>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let form = form_of(&fields);
    let version = fields.text("version").parse().unwrap_or(0);
    match directory
        .change_organisation(&cx.actor, id, version, &form)
        .await
    {
        Ok(()) => Ok(SeeOther(format!("/organisations/{id}")).into_response()),
        Err(DirectoryError::Mistakes(mistakes)) => {
            let about = About::Existing(id, version);
            let page = form_page(&directory, &cx, &about, &form, &mistakes).await?;
            Ok(FormAgain(page).into_response())
        }
        Err(DirectoryError::Stale) => {
            // What was typed stays; saving again is then a choice made with the new state in view.
            let now = directory.organisation(id).await?;
            let stale = [Mistake {
                field: "name",
                key: "directory-mistake-stale",
            }];
            let about = About::Existing(id, now.version);
            let page = form_page(&directory, &cx, &about, &form, &stale).await?;
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
