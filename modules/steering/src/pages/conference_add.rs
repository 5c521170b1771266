//! A project that the data doesn't propose: found by its name among all those of the ministry, and
//! taken with a note that says why.

use std::collections::BTreeSet;

use kit_acts::{Asked, Trouble, conclude};
use kit_http::{Cx, Failure, Fields, Page, Path, Query, Response, State};
use kit_ui::{Cell, Composed, Field, Form, Pages, Table};
use ports::{OrganisationId, ProductId};
use serde::Deserialize;
use uuid::Uuid;

use super::conference_words::title;
use super::words::form_page;
use crate::access::CONFER;
use crate::domain::ConferenceState;
use crate::store::conferences::{Conference, ConferencePoint};
use crate::{Steering, SteeringError, WORDING};

/// Products on one page.
const PAGE_ROWS: u32 = 50;
/// Longest name that is looked for, in characters.
const NAME_CHARS_MAX: u32 = 200;

#[derive(Debug, Default, Deserialize)]
pub(super) struct SearchQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    after: String,
}

/// A conference whose agenda is being made, with its points.
async fn planned(
    steering: &Steering,
    cx: &Cx,
    id: Uuid,
) -> Result<(Conference, Vec<ConferencePoint>), Failure> {
    let (one, points, _) = steering.conference(&cx.actor, id).await?;
    cx.actor.demand(&CONFER, Some(one.ministry))?;
    if one.life.state != ConferenceState::Planned {
        // The agenda is settled: the conference's page shows it.
        return Err(Failure::NotFound);
    }
    Ok((one, points))
}

fn address(here: &str, q: &str, after: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("q", q);
    if !after.is_empty() {
        query.append_pair("after", after);
    }
    format!("{here}?{}", query.finish())
}

pub(super) async fn search(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
    Query(query): Query<SearchQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let (one, points) = planned(&steering, &cx, id).await?;
    let conference = format!("/steering/conferences/{id}");
    let here = format!("{conference}/add");
    let q: String = query.q.chars().take(NAME_CHARS_MAX as usize).collect();
    let after = Some(query.after.as_str()).filter(|after| !after.is_empty());
    let of = Some(OrganisationId(one.ministry));
    let found = steering.products.products(&q, of, after, PAGE_ROWS).await;
    let found = found.map_err(SteeringError::from)?;
    let taken: BTreeSet<Uuid> = points
        .iter()
        .filter(|point| point.dropped.is_none())
        .map(|point| point.product)
        .collect();
    let rows = found.products.iter().map(|product| {
        let cell = if taken.contains(&product.id.0) {
            Cell::text(&product.title).note(words.text("steering-point-taken"))
        } else {
            let href = format!("{conference}/take/{}", product.id.0);
            Cell::link(&product.title, href)
        };
        vec![cell]
    });
    let pages = Pages {
        previous: after.map(|_| address(&here, &q, "")),
        next: found.next.as_deref().map(|next| address(&here, &q, next)),
    };
    let names = WORDING.columns(&words, &["product"]);
    let table = Table::new(&words, "products", words.text("steering-choose"), names)
        .rows(rows)
        .pages(pages)
        .empty(words.text("steering-no-product"));
    let form = Form::filters(here, words.text("steering-search")).field(
        Field::text("q", WORDING.label(&words, "q"))
            .value(&q)
            .length_max(NAME_CHARS_MAX),
    );
    let shell = cx
        .shell(words.text("steering-point-add"))
        .lead(words.text("steering-point-add-lead"))
        .crumb(title(&words, &one), conference.clone())
        .crumb(
            words.text("steering-conference-agenda"),
            format!("{conference}/agenda"),
        );
    Ok(Page(Composed::new(shell).with(form).with(table)))
}

async fn take_page(
    steering: &Steering,
    cx: &Cx,
    (id, product): (Uuid, Uuid),
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (one, _) = planned(steering, cx, id).await?;
    let found = steering.products.product(ProductId(product)).await;
    let found = found.map_err(SteeringError::from)?;
    let found = found.filter(|found| found.ministry.map(|of| of.0) == Some(one.ministry));
    let found = found.ok_or(Failure::NotFound)?;
    let here = format!("/steering/conferences/{id}");
    let note = Field::lines(4, "note", WORDING.label(&words, "note"))
        .hint(words.text("steering-hint-note"))
        .value(fields.text("note"))
        .length_max(2_000);
    let asked = Asked {
        title: words.text("steering-point-take-title"),
        lead: found.title,
        crumb: (
            words.text("steering-conference-agenda"),
            format!("{here}/agenda"),
        ),
        action: format!("{here}/take/{product}"),
        submit: words.text("steering-point-take-title"),
        fields: vec![note],
        version: None,
        subject: None,
        hidden: Vec::new(),
    };
    form_page(steering, cx, asked, trouble).await
}

pub(super) async fn show_take(
    State(steering): State<Steering>,
    cx: Cx,
    Path(ids): Path<(Uuid, Uuid)>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = take_page(&steering, &cx, ids, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn take(
    State(steering): State<Steering>,
    cx: Cx,
    Path((id, product)): Path<(Uuid, Uuid)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let note = fields.text("note");
    let done = steering.take_point(&cx.actor, id, product, note).await;
    let to = |_| format!("/steering/conferences/{id}/agenda");
    conclude(done, to, async |trouble| {
        take_page(&steering, &cx, (id, product), &fields, &trouble).await
    })
    .await
}
