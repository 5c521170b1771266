//! What the conferences will speak of.

use jiff::civil::Date;
use kit_acts::{Asked, Trouble, address, conclude, cursor, day, place, short};
use kit_http::{Cx, Failure, Fields, Page, Path, Query, Response, State, optional};
use kit_ui::{Cell, Composed, Field, Form, Pages, Table};
use serde::Deserialize;
use uuid::Uuid;

use super::words::{form_page, ministries};
use crate::access::WATCH;
use crate::store::agenda as store;
use crate::{Steering, SteeringError, WORDING};

/// Rows on one page.
const PAGE_ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    ministry: String,
    #[serde(default)]
    after: String,
}

pub(super) async fn list(
    State(steering): State<Steering>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let ministry = optional("ministry", &query.ministry, |text| text.parse().ok())?;
    let after = place(&query.after, (Date::MIN, Uuid::nil()));
    let mut found = steering
        .agenda(&cx.actor, ministry, after, PAGE_ROWS + 1)
        .await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let here = "/steering/agenda";
    let pairs = [("ministry", query.ministry.as_str())];
    let next = found.last().filter(|_| more).map(|last| {
        let after = cursor(last.added_on, last.id);
        address(here, &[pairs[0], ("after", &after)])
    });
    let previous = (!query.after.is_empty()).then(|| address(here, &pairs));
    let rows = found.iter().map(|one| {
        let href = match one.subject_kind.as_str() {
            "alert" => format!("/steering/alerts/{}", one.subject),
            "recommendation" => format!("/steering/recommendations/{}", one.subject),
            _ => format!("/products/{}/steering", one.product),
        };
        let close = if cx.actor.may(&WATCH, one.ministry) {
            Cell::link(
                words.text("steering-close-point"),
                format!("{here}/{}", one.id),
            )
        } else {
            Cell::unknown()
        };
        vec![
            Cell::link(&one.product_title, href),
            Cell::text(short(&one.reason)),
            day(&cx, Some(one.added_on)),
            close,
        ]
    });
    let names = ["product", "why", "since", "act"];
    let caption = words.text("steering-agenda");
    let table = Table::new(&words, "agenda", caption, WORDING.columns(&words, &names))
        .rows(rows)
        .pages(Pages { previous, next })
        .empty(words.text("steering-agenda-empty"));
    let filters = Form::filters(here, words.text("steering-filter")).field(
        Field::select(
            "ministry",
            WORDING.label(&words, "ministry"),
            ministries(&steering, &cx).await?,
        )
        .value(&query.ministry),
    );
    let shell = cx
        .shell(words.text("steering-agenda"))
        .lead(words.text("steering-agenda-lead"));
    Ok(Page(Composed::new(shell).with(filters).with(table)))
}

async fn close_page(
    steering: &Steering,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let found = store::find(&steering.db, id).await;
    let found = found.map_err(SteeringError::from)?;
    let one = found.ok_or(Failure::NotFound)?;
    cx.actor.demand(&WATCH, one.ministry)?;
    let title = words.text("steering-close-point");
    let field = Field::lines(5, "outcome", WORDING.label(&words, "outcome"))
        .value(fields.text("outcome"))
        .length_max(4_000)
        .required();
    let asked = Asked {
        title: title.clone(),
        lead: short(&one.reason),
        crumb: (words.text("steering-agenda"), "/steering/agenda".to_owned()),
        action: format!("/steering/agenda/{id}"),
        submit: title,
        fields: vec![field],
        version: None,
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(steering, cx, asked, trouble).await
}

pub(super) async fn show_close(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = close_page(&steering, &cx, id, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn close(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let done = steering
        .close_point(&cx.actor, id, fields.text("outcome"))
        .await;
    let to = |()| "/steering/agenda".to_owned();
    conclude(done, to, async |trouble| {
        close_page(&steering, &cx, id, &fields, &trouble).await
    })
    .await
}
