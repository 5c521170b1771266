//! Priorities of the Government: the list with its gaps, one with its products, the forms.

use kit_acts::{
    Asked, Trouble, conclude, cursor, day, day_text, filled, named, place, three, version,
};
use kit_http::{Cx, Failure, Fields, Page, Path, Query, Response, State};
use kit_ui::{
    Actions, Cell, Composed, Facts, Field, Form, Notice, Pages, Table, Tone, Words, format,
};
use serde::Deserialize;
use uuid::Uuid;

use super::words::{blank, form_page, timeline};
use crate::access::CHECK;
use crate::domain::{Gap, PriorityForm};
use crate::reading::latest_first;
use crate::{PriorityFile, Startups, StartupsError, WORDING};

/// Rows on one page.
const PAGE_ROWS: u32 = 30;
/// Products that a search offers.
const FOUND_MAX: u32 = 50;
/// Names that one sentence lists.
const NAMES_MAX: usize = 5;

/// A gap in a sentence.
pub(super) fn sentence(words: &Words, gap: Gap, names: &[String]) -> String {
    let mut told: Vec<String> = names.iter().take(NAMES_MAX).cloned().collect();
    if names.len() > NAMES_MAX {
        told.push("…".to_owned());
    }
    words.text_with(
        &format!("startups-gap-{}", gap.code()),
        &[("products", told.join(", ").into())],
    )
}

/// All gaps in one text.
fn gaps(words: &Words, file: &PriorityFile) -> Cell {
    if file.gaps.is_empty() {
        return Cell::status(Tone::Success, words.text("startups-gap-none"));
    }
    let all: Vec<String> = file
        .gaps
        .iter()
        .map(|(gap, names)| sentence(words, *gap, names))
        .collect();
    Cell::status(Tone::Warning, all.join(" "))
}

fn ministry(all: &[(Uuid, String)], words: &Words, id: Option<Uuid>) -> String {
    match id {
        None => words.text("startups-whole-government"),
        Some(id) => {
            let found = all.iter().find(|(one, _)| *one == id);
            found.map_or_else(|| "—".to_owned(), |(_, name)| name.clone())
        }
    }
}

fn period(cx: &Cx, file: &PriorityFile) -> String {
    let words = cx.words();
    let priority = &file.one.priority;
    let from = format::date(cx.locale, priority.from_on);
    match priority.to_on {
        Some(to) => {
            let args = [
                ("from", from.into()),
                ("to", format::date(cx.locale, to).into()),
            ];
            words.text_with("startups-from-to", &args)
        }
        None => words.text_with("startups-since", &[("from", from.into())]),
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    after: String,
}

pub(super) async fn list(
    State(startups): State<Startups>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let here = "/start-ups/priorities";
    let before = place(&query.after, latest_first());
    let mut found = startups
        .priorities(&cx.actor, before, PAGE_ROWS + 1)
        .await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let next = found.last().filter(|_| more).map(|last| {
        let after = cursor(last.one.priority.from_on, last.one.id);
        format!("{here}?after={after}")
    });
    let previous = (!query.after.is_empty()).then(|| here.to_owned());
    let ministries = startups.ministries().await?;
    let rows = found.iter().map(|file| {
        let priority = &file.one.priority;
        let live = file.products.iter().filter(|(one, _)| one.is_live).count();
        vec![
            Cell::link(&priority.title, format!("{here}/{}", file.one.id)),
            Cell::text(ministry(&ministries, &words, priority.ministry)),
            Cell::text(period(&cx, file)),
            Cell::number(format::count(cx.locale, live as i64), live),
            gaps(&words, file),
        ]
    });
    let names = ["priority", "ministry", "period", "products", "gaps"];
    let caption = words.text("startups-priorities");
    let mut all = WORDING.columns(&words, &names);
    all[3].numeric = true;
    let table = Table::new(&words, "priorities", caption, all)
        .rows(rows)
        .pages(Pages { previous, next })
        .empty(words.text("startups-priorities-empty"));
    let add = cx.actor.may(&CHECK, None).then(|| {
        let text = words.text("startups-add-priority");
        Actions(vec![(text, format!("{here}/new"))])
    });
    let shell = cx
        .shell(words.text("startups-priorities"))
        .lead(words.text("startups-priorities-lead"));
    Ok(Page(Composed::new(shell).maybe(add).with(table)))
}

pub(super) async fn show(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let (file, mut all) = startups.priority(&cx.actor, id).await?;
    let ministries = startups.ministries().await?;
    let here = format!("/start-ups/priorities/{id}");
    let priority = &file.one.priority;
    let name = |key: &str| words.text(&format!("startups-fact-{key}"));
    let facts = Facts::default()
        .text(
            name("ministry"),
            ministry(&ministries, &words, priority.ministry),
        )
        .text(name("period"), period(&cx, &file))
        .text(name("description"), &priority.description);
    let rows = file.products.iter().map(|(one, indicators)| {
        let latest = indicators
            .iter()
            .filter_map(|one| one.latest)
            .map(|(_, on)| on)
            .max();
        let count = indicators.len();
        let href = if one.is_startup {
            format!("/products/{}/start-up", one.id)
        } else {
            format!("/products/{}", one.id)
        };
        let missed = indicators
            .iter()
            .filter(|one| one.standing == ports::Standing::Missed)
            .count();
        let phase = one.phase.as_deref().unwrap_or_default();
        let state = if one.is_startup {
            super::words::phase(&words, phase)
        } else if one.is_live {
            words.text("startups-goes-on")
        } else {
            words.text("startups-is-over")
        };
        vec![
            Cell::link(&one.title, href),
            Cell::text(state),
            Cell::number(format::count(cx.locale, count as i64), count),
            day(&cx, latest),
            Cell::number(format::count(cx.locale, missed as i64), missed),
        ]
    });
    let names = ["product", "state", "indicators", "measured", "missed"];
    let mut heads = WORDING.columns(&words, &names);
    heads[2].numeric = true;
    heads[4].numeric = true;
    let table = Table::new(&words, "products", words.text("startups-serving"), heads)
        .rows(rows)
        .empty(words.text("startups-serving-empty"));
    let acts = cx.actor.may(&CHECK, None).then(|| {
        Actions(vec![
            (
                words.text("startups-choose-products"),
                format!("{here}/products"),
            ),
            (words.text("startups-edit-priority"), format!("{here}/edit")),
        ])
    });
    let shell = cx
        .shell(&priority.title)
        .lead(words.text("startups-priority-lead"))
        .crumb(words.text("startups-priorities"), "/start-ups/priorities");
    let mut page = Composed::new(shell);
    if file.gaps.is_empty() {
        let text = words.text("startups-gap-none");
        page = page.with(Notice::new(Tone::Success, String::new(), text));
    }
    for (gap, names) in &file.gaps {
        let text = sentence(&words, *gap, names);
        page = page.with(Notice::new(Tone::Warning, String::new(), text));
    }
    all.reverse();
    Ok(Page(
        page.maybe(acts)
            .with(facts)
            .with(table)
            .text(words.text_with(
                "startups-gaps-formula",
                &[("date", day_text(&cx, Some(startups.source.today())).into())],
            ))
            .heading(words.text("startups-timeline"))
            .with(timeline(&cx, &all)),
    ))
}

fn form_fields(
    words: &Words,
    fields: &Fields,
    usual: &PriorityForm,
    ministries: &[(Uuid, String)],
) -> Vec<Field> {
    let mut choices = vec![(String::new(), words.text("startups-whole-government"))];
    choices.extend(
        ministries
            .iter()
            .map(|(id, name)| (id.to_string(), name.clone())),
    );
    let date = |name: &str, usual: &[String; 3]| {
        let parts = if fields.has(&format!("{name}-day")) {
            three(fields, name)
        } else {
            usual.clone()
        };
        Field::date_typed(words, name, WORDING.label(words, name), parts)
    };
    vec![
        Field::text("title", WORDING.label(words, "title"))
            .hint(words.text("startups-hint-priority"))
            .value(filled(fields, "title", &usual.title))
            .length_max(300)
            .required(),
        Field::select("ministry", WORDING.label(words, "ministry"), choices).value(filled(
            fields,
            "ministry",
            &usual.ministry,
        )),
        date("from", &usual.from),
        date("to", &usual.to),
        Field::lines(4, "description", WORDING.label(words, "description"))
            .value(filled(fields, "description", &usual.description))
            .length_max(4_000),
    ]
}

fn read_form(fields: &Fields) -> PriorityForm {
    let text = |name| fields.text(name).to_owned();
    PriorityForm {
        title: text("title"),
        description: text("description"),
        ministry: text("ministry"),
        from: three(fields, "from"),
        to: three(fields, "to"),
    }
}

async fn new_page(
    startups: &Startups,
    cx: &Cx,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let usual = PriorityForm {
        from: crate::domain::typed(startups.source.today()),
        ..PriorityForm::default()
    };
    let ministries = startups.ministries().await?;
    let title = words.text("startups-add-priority");
    let asked = Asked {
        title: title.clone(),
        lead: words.text("startups-priority-lead"),
        crumb: (
            words.text("startups-priorities"),
            "/start-ups/priorities".to_owned(),
        ),
        action: "/start-ups/priorities/new".to_owned(),
        submit: title,
        fields: form_fields(&words, fields, &usual, &ministries),
        version: None,
        subject: None,
        hidden: Vec::new(),
    };
    form_page(startups, cx, asked, trouble).await
}

pub(super) async fn show_new(
    State(startups): State<Startups>,
    cx: Cx,
) -> Result<Page<Composed>, Failure> {
    cx.actor.demand(&CHECK, None)?;
    new_page(&startups, &cx, &blank(), &Trouble::default())
        .await
        .map(Page)
}

pub(super) async fn add(
    State(startups): State<Startups>,
    cx: Cx,
    fields: Fields,
) -> Result<Response, Failure> {
    let done = startups.add_priority(&cx.actor, &read_form(&fields)).await;
    let to = |id: Uuid| format!("/start-ups/priorities/{id}");
    conclude(done, to, async |trouble| {
        new_page(&startups, &cx, &fields, &trouble).await
    })
    .await
}

async fn edit_page(
    startups: &Startups,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    cx.actor.demand(&CHECK, None)?;
    let (file, _) = startups.priority(&cx.actor, id).await?;
    let usual = PriorityForm::of(&file.one.priority);
    let ministries = startups.ministries().await?;
    let back = format!("/start-ups/priorities/{id}");
    let title = words.text("startups-edit-priority");
    let asked = Asked {
        title: title.clone(),
        lead: file.one.priority.title.clone(),
        crumb: (file.one.priority.title.clone(), back.clone()),
        action: format!("{back}/edit"),
        submit: title,
        fields: form_fields(&words, fields, &usual, &ministries),
        version: Some(file.one.version),
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(startups, cx, asked, trouble).await
}

pub(super) async fn show_edit(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    edit_page(&startups, &cx, id, &blank(), &Trouble::default())
        .await
        .map(Page)
}

pub(super) async fn edit(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let done = startups
        .edit_priority(&cx.actor, id, version(&fields), &read_form(&fields))
        .await;
    let to = |()| format!("/start-ups/priorities/{id}");
    conclude(done, to, async |trouble| {
        edit_page(&startups, &cx, id, &fields, &trouble).await
    })
    .await
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct FindQuery {
    #[serde(default)]
    q: String,
}

async fn serve_page(
    startups: &Startups,
    cx: &Cx,
    id: Uuid,
    (q, fields): (&str, &Fields),
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    cx.actor.demand(&CHECK, None)?;
    let (file, _) = startups.priority(&cx.actor, id).await?;
    let found = startups
        .catalogue_of_products
        .products(q, None, None, FOUND_MAX);
    let found = found.await.map_err(StartupsError::from)?;
    let mut choices = vec![(String::new(), words.text("startups-choose"))];
    let serving = file.products.iter().map(|(one, _)| {
        let args = [("product", one.title.as_str().into())];
        (
            one.id.to_string(),
            words.text_with("startups-already-serves", &args),
        )
    });
    choices.extend(serving);
    for one in found.products {
        let id = one.id.to_string();
        if !choices.iter().any(|(known, _)| *known == id) {
            choices.push((id, one.title));
        }
    }
    let back = format!("/start-ups/priorities/{id}");
    let here = format!("{back}/products");
    let find = Form::filters(&here, words.text("startups-find")).field(
        Field::line("search", "q", WORDING.label(&words, "q"))
            .value(q)
            .length_max(200),
    );
    let asked = Asked {
        title: words.text("startups-choose-products"),
        lead: file.one.priority.title.clone(),
        crumb: (file.one.priority.title.clone(), back),
        action: here,
        submit: words.text("startups-record"),
        fields: vec![
            Field::select("product", WORDING.label(&words, "product"), choices)
                .value(fields.text("product")),
            Field::radios(
                "does",
                WORDING.label(&words, "does"),
                named(&words, "startups-does-", &["yes", "no"]),
            )
            .value(filled(fields, "does", "yes")),
        ],
        version: None,
        subject: Some(id),
        hidden: Vec::new(),
    };
    Ok(form_page(startups, cx, asked, trouble).await?.with(find))
}

pub(super) async fn show_serve(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
    Query(query): Query<FindQuery>,
) -> Result<Page<Composed>, Failure> {
    serve_page(
        &startups,
        &cx,
        id,
        (&query.q, &blank()),
        &Trouble::default(),
    )
    .await
    .map(Page)
}

pub(super) async fn serve(
    State(startups): State<Startups>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let done = match fields.text("product").parse::<Uuid>() {
        Ok(product) => {
            let does = fields.text("does") != "no";
            startups.serve(&cx.actor, id, product, does).await
        }
        Err(_) => Err(StartupsError::mistake(
            "product",
            "startups-mistake-product",
            "",
        )),
    };
    let to = |()| format!("/start-ups/priorities/{id}");
    conclude(done, to, async |trouble| {
        serve_page(&startups, &cx, id, ("", &fields), &trouble).await
    })
    .await
}
