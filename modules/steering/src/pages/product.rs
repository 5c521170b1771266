//! A product with all of its steering in one timeline.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_acts::{
    Asked, Trouble, conclude, cursor, day, day_text, filled, named, place, short, three,
};
use kit_http::{Cx, Failure, Fields, Page, Path, Query, Response, State};
use kit_ui::{Actions, Cell, Composed, Facts, Field, Notice, Table, Tone, format};
use ports::{ActEntry, Audience, ProductId};
use serde::Deserialize;
use uuid::Uuid;

use super::decisions::kind;
use super::words::{
    countdown, due, finding, form_page, opinion, review_state, status, timeline_with,
};
use crate::access::{ANSWER, CONDUCT, DECIDE, RECOMMEND, WATCH};
use crate::domain::{Confidence, RatingForm, Side};
use crate::reading::{RecommendationFilter, ReviewFilter, latest_first};
use crate::store::{alerts, conferences, products};
use crate::{Event, Steering, SteeringError, WORDING};

/// Events on one page.
const PAGE_EVENTS: u32 = 50;
/// Rows of each table.
const ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ShowQuery {
    #[serde(default)]
    before: String,
}

fn ratings(cx: &Cx, kept: Option<&products::StoredProduct>) -> Facts {
    let words = cx.words();
    let ratings = kept.map(|kept| kept.ratings).unwrap_or_default();
    let told = |rating: Option<(Confidence, Date)>| {
        rating.map_or_else(
            || words.text("steering-not-rated"),
            |(rating, on)| {
                let args = [
                    (
                        "rating",
                        words
                            .text(&format!("steering-confidence-{}", rating.code()))
                            .into(),
                    ),
                    ("date", format::date(cx.locale, on).into()),
                ];
                words.text_with("steering-rated", &args)
            },
        )
    };
    let mut facts = Facts::default()
        .text(words.text("steering-side-own"), told(ratings.own))
        .text(
            words.text("steering-side-independent"),
            told(ratings.independent),
        );
    if let Some(kept) = kept {
        let money = format::millions(cx.locale, kept.at_risk_cents);
        facts = facts.text(words.text("steering-money-at-risk"), money);
    }
    facts
}

fn acts(cx: &Cx, id: Uuid, ministry: Option<Uuid>, is_held: bool) -> Option<Actions> {
    let words = cx.words();
    let may = |permission| cx.actor.may(permission, ministry);
    let here = format!("/products/{id}/steering");
    let mut all = Vec::new();
    let mut add = |key: &str, href: String| all.push((words.text(key), href));
    if may(&CONDUCT) {
        add(
            "steering-announce",
            format!("/steering/reviews/new?product={id}"),
        );
    }
    if may(&RECOMMEND) {
        let href = format!("/steering/recommendations/new?product={id}");
        add("steering-recommend", href);
    }
    if may(&DECIDE) {
        add(
            "steering-decide",
            format!("/steering/decisions/new?product={id}"),
        );
    }
    if may(&ANSWER) {
        add("steering-rate-own", format!("{here}/confidence/own"));
    }
    if may(&WATCH) {
        add(
            "steering-rate-independent",
            format!("{here}/confidence/independent"),
        );
        if is_held {
            add("steering-release", format!("{here}/release"));
        }
    }
    if let Some(ministry) = ministry {
        add(
            "steering-ministry-page",
            format!("/steering/ministries/{ministry}"),
        );
    }
    (!all.is_empty()).then_some(Actions(all))
}

/// What other modules did between the first event of a page and the last: each act stands on one page.
async fn acts_beside(
    steering: &Steering,
    cx: &Cx,
    product: ProductId,
    before: Timestamp,
    (events, more): (&[Event], bool),
) -> Result<Vec<ActEntry>, SteeringError> {
    let today = steering.source.today();
    // The first page begins today. A later one begins the day before the last event of the one before.
    let until = if before == Timestamp::MAX {
        today
    } else {
        kit_time::day_in_paris(before)
            .yesterday()
            .unwrap_or(Date::MIN)
    };
    let mut acts = steering
        .acts_timeline(product, Audience::Entitled, cx.locale, until)
        .await?;
    if let Some(last) = events.last().filter(|_| more) {
        let from = kit_time::day_in_paris(last.at);
        acts.retain(|one| one.on >= from);
    }
    Ok(acts)
}

pub(super) async fn show(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
    Query(query): Query<ShowQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let (product, kept) = steering.known_product(&cx.actor, id).await?;
    let id = product.id.0;
    let ministry = product.ministry.map(|ministry| ministry.0);
    let held = kept.as_ref().and_then(|kept| kept.held.clone());
    let notice = held.as_ref().map(|(since, why)| {
        let args = [("date", format::date(cx.locale, *since).into())];
        Notice::new(
            Tone::Error,
            words.text_with("steering-held-since", &args),
            why,
        )
    });
    let (actor, today) = (&cx.actor, steering.source.today());
    let filter = ReviewFilter {
        product: Some(id),
        ..ReviewFilter::default()
    };
    let reviews = steering
        .reviews(actor, filter, latest_first(), ROWS)
        .await?;
    let reviews = reviews.iter().map(|one| {
        let name = words.text(&format!("steering-kind-{}", one.kind.code()));
        vec![
            Cell::link(name, format!("/steering/reviews/{}", one.id)),
            review_state(&words, one.state),
            countdown(&cx, one, today),
            opinion(&words, one),
        ]
    });
    let filter = RecommendationFilter {
        product: Some(id),
        ..RecommendationFilter::default()
    };
    let first = (Date::MIN, Uuid::nil());
    let given = steering.recommendations(actor, filter, first, ROWS).await?;
    let given = given.iter().map(|one| {
        vec![
            Cell::link(
                short(&one.text),
                format!("/steering/recommendations/{}", one.id),
            ),
            due(&cx, one),
            status(&words, one),
        ]
    });
    let open = alerts::of_product(&steering.db, id).await;
    let open = open.map_err(SteeringError::from)?;
    let open = open.iter().map(|one| {
        let rule = words.text(&format!("steering-rule-{}", one.finding.rule().code()));
        vec![
            Cell::link(rule, format!("/steering/alerts/{}", one.id)),
            Cell::text(finding(&words, &one.finding)),
        ]
    });
    let decisions = steering
        .decisions(actor, (None, None, Some(id)), latest_first(), ROWS)
        .await?;
    let decisions = decisions.iter().map(|one| {
        let cell = kind(&cx, one.kind).to(format!("/steering/decisions/{}", one.id));
        vec![cell, day(&cx, Some(one.on)), Cell::text(short(&one.next))]
    });
    let spoken = conferences::of_product(&steering.db, id).await;
    let spoken = spoken.map_err(SteeringError::from)?;
    let conferences = spoken.iter().map(|(conference, point, on, state)| {
        let href = format!("/steering/conferences/{conference}/points/{point}");
        let state = super::conference_words::state(&words, *state);
        vec![day(&cx, Some(*on)).to(href), state]
    });
    let table = |id: &str, names: &[&str], rows: Vec<Vec<Cell>>| {
        let caption = words.text(&format!("steering-{id}"));
        Table::new(&words, id, caption, WORDING.columns(&words, names))
            .rows(rows)
            .empty(words.text("steering-nothing-here"))
    };
    let before = place(&query.before, (Timestamp::MAX, Uuid::max()));
    let mut events = steering
        .timeline(actor, id, before, PAGE_EVENTS + 1)
        .await?;
    let more = events.len() > PAGE_EVENTS as usize;
    events.truncate(PAGE_EVENTS as usize);
    let others = acts_beside(&steering, &cx, product.id, before.0, (&events, more)).await?;
    let shell = cx
        .shell(words.text_with(
            "steering-of-product",
            &[("product", product.title.as_str().into())],
        ))
        .lead(words.text("steering-of-product-lead"))
        .crumb(&product.title, format!("/products/{id}"));
    let mut known = ratings(&cx, kept.as_ref());
    for fact in steering.acts_facts(product.id, cx.locale, today).await? {
        known = known.link(fact.label, fact.value, fact.href);
    }
    let mut page = Composed::new(shell)
        .maybe(notice)
        .maybe(acts(&cx, id, ministry, held.is_some()))
        .with(known)
        .with(table("alerts", &["rule", "found"], open.collect()))
        .with(table(
            "reviews",
            &["review", "state", "clock", "opinion"],
            reviews.collect(),
        ))
        .with(table(
            "recommendations",
            &["recommendation", "due", "status"],
            given.collect(),
        ))
        .with(table(
            "decisions",
            &["decision", "decided", "next"],
            decisions.collect(),
        ))
        .with(table(
            "conferences",
            &["day", "state"],
            conferences.collect(),
        ))
        .heading(words.text("steering-timeline"))
        .with(timeline_with(&cx, &events, &others));
    if let Some(last) = events.last().filter(|_| more) {
        let href = format!(
            "/products/{id}/steering?before={}",
            cursor(last.at, last.id)
        );
        page = page.link(words.text("steering-earlier"), href);
    }
    Ok(Page(page))
}

async fn rate_page(
    steering: &Steering,
    cx: &Cx,
    (id, side): (Uuid, Side),
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (product, _) = steering.known_product(&cx.actor, id).await?;
    let codes: Vec<&str> = Confidence::ALL.iter().map(|one| one.code()).collect();
    let title = words.text(&format!("steering-rate-{}", side.code()));
    let here = format!("/products/{id}/steering");
    let form = vec![
        Field::radios(
            "confidence",
            WORDING.label(&words, "confidence"),
            named(&words, "steering-confidence-", &codes),
        )
        .value(filled(fields, "confidence", "")),
        WORDING.date_field(&words, fields, "on", Some(steering.source.today())),
        Field::lines(4, "comment", WORDING.label(&words, "why"))
            .value(fields.text("comment"))
            .length_max(2_000)
            .required(),
    ];
    let asked = Asked {
        title: title.clone(),
        lead: product.title,
        crumb: (words.text("steering-nav"), here.clone()),
        action: format!("{here}/confidence/{}", side.code()),
        submit: title,
        fields: form,
        version: None,
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(steering, cx, asked, trouble).await
}

pub(super) async fn show_rate(
    State(steering): State<Steering>,
    cx: Cx,
    Path((id, side)): Path<(Uuid, String)>,
) -> Result<Page<Composed>, Failure> {
    let side = Side::parse(&side).ok_or(Failure::NotFound)?;
    let none = Fields(Vec::new());
    let page = rate_page(&steering, &cx, (id, side), &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn rate(
    State(steering): State<Steering>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let side = Side::parse(&code).ok_or(Failure::NotFound)?;
    let form = RatingForm {
        side: code,
        confidence: fields.text("confidence").to_owned(),
        on: three(&fields, "on"),
        comment: fields.text("comment").to_owned(),
    };
    let done = steering.rate(&cx.actor, id, &form).await;
    let to = |()| format!("/products/{id}/steering");
    conclude(done, to, async |trouble| {
        rate_page(&steering, &cx, (id, side), &fields, &trouble).await
    })
    .await
}

async fn release_page(
    steering: &Steering,
    cx: &Cx,
    id: Uuid,
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (product, kept) = steering.known_product(&cx.actor, id).await?;
    let held = kept.and_then(|kept| kept.held);
    let (since, why) = held.ok_or(Failure::NotFound)?;
    let title = words.text("steering-release");
    let here = format!("/products/{id}/steering");
    let field = Field::lines(4, "reason", WORDING.label(&words, "reason"))
        .hint(format!("{} — {why}", day_text(cx, Some(since))))
        .value(fields.text("reason"))
        .length_max(2_000)
        .required();
    let asked = Asked {
        title: title.clone(),
        lead: product.title,
        crumb: (words.text("steering-nav"), here.clone()),
        action: format!("{here}/release"),
        submit: title,
        fields: vec![field],
        version: None,
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(steering, cx, asked, trouble).await
}

pub(super) async fn show_release(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let none = Fields(Vec::new());
    let page = release_page(&steering, &cx, id, &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn release(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let done = steering
        .release_funding(&cx.actor, id, fields.text("reason"))
        .await;
    let to = |()| format!("/products/{id}/steering");
    conclude(done, to, async |trouble| {
        release_page(&steering, &cx, id, &fields, &trouble).await
    })
    .await
}
