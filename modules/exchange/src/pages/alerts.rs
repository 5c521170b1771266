//! Alerts: the list, and why each was raised.

use std::collections::BTreeMap;

use kit_http::{
    Cx, Failure, Fields, FormAgain, IntoResponse, Page, Path, Query, Response, SeeOther, State,
    optional,
};
use kit_ui::{Actions, Cell, Chart, Composed, Facts, Field, Form, Table, Tone, Words, format};
use serde::Deserialize;
use uuid::Uuid;

use super::words::{
    address, columns, cursor, hint, instant, label, mark, named, number, number_column, place,
};
use crate::access::{EDIT_RULES, READ_OWN};
use crate::alerts::WholeAlert;
use crate::domain::{Effect, Handled, Mistake, RuleKind};
use crate::store::{accreditations, head};
use crate::watch::why;
use crate::{AlertFilter, AlertSide, AlertSource, Exchange, ExchangeError, KeptAlert};

/// Alerts on one page.
const PAGE_ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    /// `all`, `producer:ID` or `requester:SIRET`; the first that the actor may see unless told.
    #[serde(default)]
    side: String,
    #[serde(default)]
    api: String,
    #[serde(default)]
    requester: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

impl ListQuery {
    fn side(&self) -> Option<AlertSide> {
        if self.side == "all" {
            return Some(AlertSide::All);
        }
        match self.side.split_once(':')? {
            ("producer", id) => id.parse().ok().map(AlertSide::Producer),
            ("requester", siret) => Some(AlertSide::Requester(siret.to_owned())),
            _ => None,
        }
    }

    fn filter(&self) -> Result<AlertFilter, Failure> {
        Ok(AlertFilter {
            api: optional("api", &self.api, |text| text.parse().ok())?,
            requester: optional("requester", &self.requester, siret::digits)?,
            is_open: optional("state", &self.state, |text| match text {
                "open" => Some(true),
                "handled" => Some(false),
                _ => None,
            })?,
        })
    }

    fn address(&self, after: &str) -> String {
        address(
            "/exchange/alerts",
            &[
                ("side", &self.side),
                ("api", &self.api),
                ("requester", &self.requester),
                ("state", &self.state),
                ("after", after),
            ],
        )
    }
}

/// From where the actor may look: code and name.
async fn sides(exchange: &Exchange, cx: &Cx) -> Result<Vec<(String, String)>, Failure> {
    let words = cx.words();
    let mut sides = Vec::new();
    let of = super::rules::producers(exchange, cx).await?;
    let of_producers: Vec<String> = of.iter().map(|(id, _)| id.clone()).collect();
    for (id, name) in of {
        if id.is_empty() {
            sides.push(("all".to_owned(), name));
        } else {
            let name = [("name", name.into())];
            let text = words.text_with("exchange-side-of-producer", &name);
            sides.push((format!("producer:{id}"), text));
        }
    }
    let parties = head::parties(&exchange.db)
        .await
        .map_err(ExchangeError::from)?;
    // Who sees all needs no side of each requester.
    let sees_all = cx.actor.may(&EDIT_RULES, None);
    for party in parties.into_iter().filter(|_| !sees_all) {
        let produces = of_producers.contains(&party.id.to_string());
        if !produces && cx.actor.may(&READ_OWN, Some(party.id)) {
            let name = [("name", party.name.into())];
            let text = words.text_with("exchange-side-of-requester", &name);
            sides.push((format!("requester:{}", party.siret), text));
        }
    }
    Ok(sides)
}

/// What a rule measured, in its unit.
pub(super) fn value(cx: &Cx, kind: RuleKind, value: u64) -> Cell {
    let value = i64::try_from(value).unwrap_or(i64::MAX);
    match kind {
        RuleKind::Errors => {
            let text = format::percent(cx.locale, value as f64 / 100.0);
            Cell::number(text, value)
        }
        _ => number(cx, value),
    }
}

fn state(cx: &Cx, alert: &KeptAlert) -> Cell {
    let words = cx.words();
    match &alert.handled {
        None => Cell::status(Tone::Warning, words.text("exchange-alert-open")),
        Some((how, _, by, _)) => {
            let text = words.text(&format!("exchange-handled-{}", how.code()));
            Cell::status(Tone::Success, text).note(by)
        }
    }
}

/// What it did: told people, or stopped one API or all of the producer's data as well.
fn effect(words: &Words, alert: &KeptAlert) -> Cell {
    let effect = match &alert.source {
        AlertSource::Rule { rule, .. } if alert.stop.is_some() => rule.effect,
        _ => Effect::Alert,
    };
    let tone = match effect {
        Effect::Alert => Tone::Info,
        Effect::SuspendApi | Effect::Suspend => Tone::Error,
    };
    Cell::status(
        tone,
        words.text(&format!("exchange-effect-{}", effect.code())),
    )
}

/// What is named of alerts: APIs, bodies by SIRET number, accreditations.
struct Names {
    apis: BTreeMap<Uuid, String>,
    parties: BTreeMap<String, String>,
}

impl Names {
    async fn read(exchange: &Exchange, alerts: &[KeptAlert]) -> Result<Self, Failure> {
        let requesters = alerts.iter().map(|one| one.requester.as_str());
        Ok(Self {
            apis: exchange.api_names().await?,
            parties: exchange.party_names(requesters).await?,
        })
    }

    fn requester(&self, siret: &str) -> String {
        let found = self.parties.get(siret).cloned();
        found.unwrap_or_else(|| siret.to_owned())
    }

    fn api(&self, source: &AlertSource) -> Option<String> {
        match source {
            AlertSource::Rule { api, .. } => self.apis.get(api).cloned(),
            AlertSource::Gateway(_) => None,
        }
    }
}

fn source_name(cx: &Cx, source: &AlertSource) -> String {
    match source {
        AlertSource::Rule { rule, .. } => rule.name.clone(),
        AlertSource::Gateway(sign) => cx.words().text(&format!("exchange-sign-{}", sign.code())),
    }
}

pub(super) async fn list(
    State(exchange): State<Exchange>,
    cx: Cx,
    Query(mut query): Query<ListQuery>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let sides = sides(&exchange, &cx).await?;
    if query.side.is_empty()
        && let Some((first, _)) = sides.first()
    {
        query.side.clone_from(first);
    }
    let shell = cx
        .shell(words.text("exchange-alerts"))
        .lead(words.text("exchange-alerts-lead"));
    let page = Composed::new(shell);
    let Some(side) = query.side() else {
        return match query.side.as_str() {
            "" => Ok(Page(page.text(words.text("exchange-alerts-none")))),
            _ => Err(Failure::field("side", "unknown", query.side.clone())),
        };
    };
    let filter = query.filter()?;
    let found = exchange
        .alerts(
            &cx.actor,
            &side,
            &filter,
            place(&query.after),
            PAGE_ROWS + 1,
        )
        .await?;
    let (found, pages) = super::words::cut(
        found,
        PAGE_ROWS,
        &query.after,
        |after| query.address(after),
        |last| cursor(last.fired_at, last.id),
    );
    let names = Names::read(&exchange, &found).await?;
    let rows = found.iter().map(|alert| {
        let href = format!("/exchange/alerts/{}", alert.id);
        let measured = match &alert.source {
            AlertSource::Rule { rule, .. } => value(&cx, rule.kind, alert.measured.value),
            AlertSource::Gateway(_) => Cell::unknown(),
        };
        vec![
            Cell::link(format::instant(cx.locale, alert.fired_at), href).value(alert.fired_at),
            Cell::text(source_name(&cx, &alert.source)),
            names
                .api(&alert.source)
                .map_or_else(Cell::unknown, Cell::text),
            Cell::text(names.requester(&alert.requester)),
            measured,
            effect(&words, alert),
            state(&cx, alert),
        ]
    });
    let mut of_alerts = columns(&words, &["fired", "rule", "api", "requester"]);
    of_alerts.push(number_column(&words, "measured"));
    of_alerts.extend(columns(&words, &["effect", "state"]));
    let table = Table::new(&words, "alerts", words.text("exchange-alerts"), of_alerts)
        .rows(rows)
        .pages(pages)
        .empty(words.text("exchange-alerts-empty"));
    let any = || vec![(String::new(), words.text("exchange-any"))];
    let mut apis_of = any();
    apis_of.extend(
        names
            .apis
            .iter()
            .map(|(id, name)| (id.to_string(), name.clone())),
    );
    let mut states = any();
    states.extend(named(&words, "exchange-alerts-", &["open", "handled"]));
    let filters = Form::filters("/exchange/alerts", words.text("exchange-filter"))
        .field(Field::select("side", label(&words, "side"), sides).value(&query.side))
        .field(Field::select("api", label(&words, "rule_api"), apis_of).value(&query.api))
        .field(Field::text("requester", label(&words, "requester_siret")).value(&query.requester))
        .field(Field::select("state", label(&words, "status"), states).value(&query.state));
    let rules = cx.actor.may_somewhere(&EDIT_RULES).then(|| {
        Actions(vec![(
            words.text("exchange-rules"),
            "/exchange/rules".to_owned(),
        )])
    });
    Ok(Page(page.maybe(rules).with(filters).with(table)))
}

async fn alert_page(
    exchange: &Exchange,
    cx: &Cx,
    id: Uuid,
    [how, note]: [&str; 2],
    mistakes: &[Mistake],
) -> Result<Composed, Failure> {
    let words = cx.words();
    let whole = exchange.whole_alert(&cx.actor, id).await?;
    let alert = &whole.alert;
    let mut shell = cx
        .shell(source_name(cx, &alert.source))
        .lead(why(
            &words,
            cx.locale,
            &alert.source,
            &alert.measured,
            alert.window,
        ))
        .crumb(words.text("exchange-alerts"), "/exchange/alerts")
        .with_charts();
    shell.mistaken = !mistakes.is_empty();
    let mut page = Composed::new(shell.clone()).with(alert_facts(exchange, cx, &whole).await?);
    if let AlertSource::Rule {
        id,
        rule,
        operation,
        ..
    } = &alert.source
    {
        let operation = super::rules::operation_name(exchange, *operation).await?;
        page = page
            .heading(words.text("exchange-alert-rule"))
            .with(super::rules::facts(cx, rule, &operation));
        if Exchange::may_handle(&cx.actor, alert) {
            let href = format!("/exchange/rules/{id}");
            page = page.link(words.text("exchange-alert-rule-now"), href);
        }
        page = by_hour(cx, &whole, page);
    }
    if let Some(form) = acts(cx, &shell, &whole, [how, note], mistakes) {
        page = page.heading(words.text("exchange-alert-act")).with(form);
    }
    Ok(page)
}

async fn alert_facts(exchange: &Exchange, cx: &Cx, whole: &WholeAlert) -> Result<Facts, Failure> {
    let words = cx.words();
    let alert = &whole.alert;
    let at = |at| format::instant(cx.locale, at);
    let names = Names::read(exchange, std::slice::from_ref(alert)).await?;
    let of = accreditations::find(&exchange.db, alert.accreditation)
        .await
        .map_err(ExchangeError::from)?;
    let column = |name: &str| words.text(&format!("exchange-column-{name}"));
    let state = match &alert.handled {
        None => words.text("exchange-alert-open"),
        Some((how, when, by, _)) => {
            let how = words.text(&format!("exchange-handled-{}", how.code()));
            format!("{how} — {by}, {}", at(*when))
        }
    };
    let mut facts = Facts::default()
        .text(column("state"), state)
        .text(
            label(&words, "alert_note"),
            alert
                .handled
                .as_ref()
                .map(|(_, _, _, note)| note.clone())
                .unwrap_or_default(),
        )
        .text(column("requester"), names.requester(&alert.requester));
    if let Some(of) = of {
        facts = facts.link(
            column("accreditation"),
            format!("n°\u{a0}{} — {}", of.number, of.title),
            format!("/exchange/requests/{}", of.id),
        );
    }
    facts = facts
        .text(column("api"), names.api(&alert.source).unwrap_or_default())
        .text(
            label(&words, "window"),
            words.text_with(
                "exchange-alert-window",
                &[
                    ("from", at(alert.window.0).into()),
                    ("to", at(alert.window.1).into()),
                ],
            ),
        )
        .text(column("fired"), at(alert.fired_at));
    if let Some(stop) = &whole.stop {
        let text = match &stop.ended {
            None => words.text("exchange-alert-stopped"),
            Some((when, by, _)) => words.text_with(
                "exchange-alert-resumed",
                &[("when", at(*when).into()), ("name", by.as_str().into())],
            ),
        };
        facts = facts.link(column("flow"), text, "/exchange/stops");
    }
    Ok(facts)
}

/// The calls of the window, hour by hour, and where each of them is found.
fn by_hour(cx: &Cx, whole: &WholeAlert, page: Composed) -> Composed {
    let words = cx.words();
    let alert = &whole.alert;
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let rows: Vec<_> = whole
        .hours
        .iter()
        .map(|one| {
            vec![
                instant(cx, Some(one.hour)),
                number(cx, signed(one.calls)),
                number(cx, signed(one.refused)),
            ]
        })
        .collect();
    let caption = words.text("exchange-alert-hours");
    let mut page = page.heading(caption.clone());
    if !rows.is_empty() {
        let source = words.text("exchange-alert-hours-source");
        page = page.with(Chart::new("bars", "hours", caption.as_str(), source));
    }
    let mut of_hours = columns(&words, &["hour"]);
    of_hours.push(number_column(&words, "calls"));
    of_hours.push(number_column(&words, "refused"));
    let table = Table::new(&words, "hours", caption, of_hours)
        .rows(rows)
        .empty(words.text("exchange-alert-hours-empty"));
    page = page.with(table);
    let from = super::words::iso_day(alert.window.0);
    let to = super::words::iso_day(alert.window.1 - jiff::SignedDuration::from_secs(1));
    let producer = alert.source.producer();
    let side = match producer {
        Some(producer) if cx.actor.may(&crate::access::READ_PRODUCED, Some(producer)) => {
            format!("producer:{producer}")
        }
        _ if Exchange::may_handle(&cx.actor, alert) => return page,
        _ => format!("requester:{}", alert.requester),
    };
    let api = match &alert.source {
        AlertSource::Rule { api, .. } => api.to_string(),
        AlertSource::Gateway(_) => String::new(),
    };
    let href = address(
        "/exchange/traces",
        &[
            ("side", &side),
            ("requester", &alert.requester),
            ("api", &api),
            ("from", &from),
            ("to", &to),
        ],
    );
    page.link(words.text("exchange-alert-traces"), href)
}

fn acts(
    cx: &Cx,
    shell: &kit_ui::Shell,
    whole: &WholeAlert,
    [how, note]: [&str; 2],
    mistakes: &[Mistake],
) -> Option<Form> {
    let words = cx.words();
    let alert = &whole.alert;
    if alert.handled.is_some() || !Exchange::may_handle(&cx.actor, alert) {
        return None;
    }
    let mut acts = Vec::new();
    if let Some(stop) = whole.stop.as_ref().filter(|stop| stop.ended.is_none()) {
        acts.push(Handled::Kept.code());
        if Exchange::may_resume(&cx.actor, stop) {
            acts.push(Handled::Resumed.code());
        }
    }
    acts.push(Handled::Closed.code());
    let mut fields = vec![
        Field::radios(
            "how",
            label(&words, "how"),
            named(&words, "exchange-alert-as-", &acts),
        )
        .value(how),
        Field::lines(3, "reason", label(&words, "alert_note"))
            .hint(hint(&words, "alert_note"))
            .value(note)
            .length_max(1_000),
    ];
    mark(&words, &mut fields, mistakes);
    let action = format!("/exchange/alerts/{}", alert.id);
    let submit = words.text("exchange-alert-handle");
    Some(
        Form::post(shell, action, submit)
            .fields(fields)
            .summary(&words),
    )
}

pub(super) async fn show(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    Ok(Page(alert_page(&exchange, &cx, id, ["", ""], &[]).await?))
}

pub(super) async fn handle(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let typed = [fields.text("how"), fields.text("reason")];
    let handled = match Handled::parse(typed[0]) {
        Some(how) => exchange.handle_alert(&cx.actor, id, how, typed[1]).await,
        None => Err(ExchangeError::mistake("how", "exchange-mistake-choice", "")),
    };
    match handled {
        Ok(()) => Ok(SeeOther(format!("/exchange/alerts/{id}")).into_response()),
        Err(ExchangeError::Mistakes(mistakes)) => {
            let page = alert_page(&exchange, &cx, id, typed, &mistakes).await?;
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
