//! Alerts: the list, one in figures and words, and what is done with it.

use kit_acts::{Asked, Trouble, address, conclude, cursor, day_text, place, version};
use kit_http::{Cx, Failure, Fields, Page, Path, Query, Response, State, optional};
use kit_ui::{
    Actions, Cell, Column, Composed, Facts, Field, Form, Notice, Pages, Table, Tone, format,
};
use serde::Deserialize;
use uuid::Uuid;

use super::words::{finding, form_page, ministries, money, timeline};
use crate::access::CONDUCT;
use crate::alerts::{AlertAct, was_sent};
use crate::domain::Rule;
use crate::store::alerts::Alert;
use crate::{Steering, WORDING};

/// Rows on one page.
const PAGE_ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    rule: String,
    #[serde(default)]
    ministry: String,
    #[serde(default)]
    after: String,
}

/// Where an alert stands.
fn state(cx: &Cx, one: &Alert) -> Cell {
    let words = cx.words();
    if let Some((_, how, _)) = &one.closed {
        let key = if how == "clear" {
            "steering-alert-cleared"
        } else {
            "steering-alert-dismissed"
        };
        return Cell::status(Tone::Success, words.text(key));
    }
    match (&one.asked, &one.explained) {
        (_, Some(_)) => Cell::status(Tone::Info, words.text("steering-alert-explained")),
        (Some((_, by)), None) => Cell::status(Tone::Warning, words.text("steering-alert-asked"))
            .note(format::date(cx.locale, *by)),
        (None, None) => Cell::status(Tone::Error, words.text("steering-alert-open")),
    }
}

pub(super) async fn list(
    State(steering): State<Steering>,
    cx: Cx,
    Query(query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let rule = optional("rule", &query.rule, Rule::parse)?;
    let ministry = optional("ministry", &query.ministry, |text| text.parse().ok())?;
    let after = place(&query.after, (i64::MAX, Uuid::max()));
    let mut found = steering
        .alerts(&cx.actor, (rule, ministry), after, PAGE_ROWS + 1)
        .await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let here = "/steering/alerts";
    let pairs = [
        ("rule", query.rule.as_str()),
        ("ministry", query.ministry.as_str()),
    ];
    let next = found.last().filter(|_| more).map(|last| {
        let after = cursor(last.cost_cents, last.id);
        address(here, &[pairs[0], pairs[1], ("after", &after)])
    });
    let previous = (!query.after.is_empty()).then(|| address(here, &pairs));
    let rows = found.iter().map(|one| {
        vec![
            Cell::link(&one.product_title, format!("{here}/{}", one.id)),
            Cell::text(words.text(&format!("steering-rule-{}", one.finding.rule().code()))),
            Cell::text(finding(&words, &one.finding)),
            state(&cx, one),
            money(&cx, one.cost_cents),
        ]
    });
    let mut names = WORDING.columns(&words, &["product", "rule", "found", "state"]);
    names.push(Column::number(words.text("steering-column-cost")));
    let table = Table::new(&words, "alerts", words.text("steering-alerts"), names)
        .rows(rows)
        .pages(Pages { previous, next })
        .empty(words.text("steering-alerts-empty"));
    let rules: Vec<&str> = Rule::ALL.iter().map(|one| one.code()).collect();
    let filters = Form::filters(here, words.text("steering-filter")).fields([
        Field::select(
            "rule",
            WORDING.label(&words, "rule"),
            WORDING.any_of(&words, "steering-rule-", &rules),
        )
        .value(&query.rule),
        Field::select(
            "ministry",
            WORDING.label(&words, "ministry"),
            ministries(&steering, &cx).await?,
        )
        .value(&query.ministry),
    ]);
    let shell = cx
        .shell(words.text("steering-alerts"))
        .lead(words.text("steering-alerts-lead"));
    Ok(Page(Composed::new(shell).with(filters).with(table)))
}

pub(super) async fn show(
    State(steering): State<Steering>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let (one, mut all) = steering.alert(&cx.actor, id).await?;
    let here = format!("/steering/alerts/{id}");
    let mut acts: Vec<(String, String)> = AlertAct::ALL
        .iter()
        .filter(|act| **act != AlertAct::Brigade || !was_sent(&all))
        .filter(|act| steering.can_act(**act, &one) && cx.actor.may(act.permission(), one.ministry))
        .map(|act| {
            let code = act.code();
            let text = words.text(&format!("steering-alert-act-{code}"));
            (text, format!("{here}/acts/{code}"))
        })
        .collect();
    if one.closed.is_none() && cx.actor.may(&CONDUCT, one.ministry) {
        for kind in ["article-4", "article-3"] {
            let query = format!("product={}&kind={kind}&alert={id}", one.product);
            let text = words.text(&format!("steering-open-{kind}"));
            acts.push((text, format!("/steering/reviews/new?{query}")));
        }
    }
    let acts = (!acts.is_empty()).then_some(Actions(acts));
    let name = |key: &str| words.text(&format!("steering-fact-{key}"));
    let product = format!("/products/{}/steering", one.product);
    let mut facts = Facts::default()
        .link(name("product"), &one.product_title, product)
        .text(name("cost"), format::millions(cx.locale, one.cost_cents))
        .text(
            name("opened"),
            day_text(&cx, Some(kit_time::day_in_paris(one.opened_at))),
        )
        .text(name("state"), state(&cx, &one).text);
    if let Some((on, by)) = one.asked {
        facts = facts
            .text(name("asked"), day_text(&cx, Some(on)))
            .text(name("explain-by"), day_text(&cx, Some(by)));
    }
    if let Some((on, text)) = &one.explained {
        facts = facts
            .text(name("explained"), day_text(&cx, Some(*on)))
            .text(name("explanation"), text);
    }
    if let Some((on, _, why)) = &one.closed {
        facts = facts.text(name("closed"), day_text(&cx, Some(*on)));
        if !why.is_empty() {
            facts = facts.text(name("why"), why);
        }
    }
    all.reverse();
    let rule = words.text(&format!("steering-rule-{}", one.finding.rule().code()));
    let tone = if one.closed.is_some() {
        Tone::Info
    } else {
        Tone::Warning
    };
    let found = Notice::new(tone, rule, finding(&words, &one.finding));
    let shell = cx
        .shell(words.text("steering-alert"))
        .lead(&one.product_title)
        .crumb(words.text("steering-alerts"), "/steering/alerts");
    Ok(Page(
        Composed::new(shell)
            .with(found)
            .maybe(acts)
            .with(facts)
            .heading(words.text("steering-timeline"))
            .with(timeline(&cx, &all)),
    ))
}

async fn act_page(
    steering: &Steering,
    cx: &Cx,
    (id, act): (Uuid, AlertAct),
    fields: &Fields,
    trouble: &Trouble,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let (one, _) = steering.alert(&cx.actor, id).await?;
    let code = act.code();
    let title = words.text(&format!("steering-alert-act-{code}"));
    let back = format!("/steering/alerts/{id}");
    let field = Field::lines(
        5,
        "reason",
        words.text(&format!("steering-alert-field-{code}")),
    )
    .value(fields.text("reason"))
    .length_max(4_000)
    .required();
    let asked = Asked {
        title: title.clone(),
        lead: finding(&words, &one.finding),
        crumb: (words.text("steering-alert"), back.clone()),
        action: format!("{back}/acts/{code}"),
        submit: title,
        fields: vec![field],
        version: Some(one.version),
        subject: Some(id),
        hidden: Vec::new(),
    };
    form_page(steering, cx, asked, trouble).await
}

pub(super) async fn show_act(
    State(steering): State<Steering>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
) -> Result<Page<Composed>, Failure> {
    let act = AlertAct::parse(&code).ok_or(Failure::NotFound)?;
    let none = Fields(Vec::new());
    let page = act_page(&steering, &cx, (id, act), &none, &Trouble::default()).await?;
    Ok(Page(page))
}

pub(super) async fn act(
    State(steering): State<Steering>,
    cx: Cx,
    Path((id, code)): Path<(Uuid, String)>,
    fields: Fields,
) -> Result<Response, Failure> {
    let act = AlertAct::parse(&code).ok_or(Failure::NotFound)?;
    let reason = fields.text("reason");
    let done = steering
        .act_on_alert(&cx.actor, id, version(&fields), act, reason)
        .await;
    let to = |()| format!("/steering/alerts/{id}");
    conclude(done, to, async |trouble| {
        act_page(&steering, &cx, (id, act), &fields, &trouble).await
    })
    .await
}
