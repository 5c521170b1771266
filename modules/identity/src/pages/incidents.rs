//! What failed, under the codes that people were shown.

use jiff::Timestamp;
use kit_http::{Cx, Failure, Page, Query, State};
use kit_ui::{Cell, Column, Composed, Facts, Field, Form, Notice, Pages, Table, Tone, format};
use serde::Deserialize;

use crate::Identity;
use crate::store::departures::Incident;

/// Incidents on one page.
const PAGE_ROWS: u32 = 50;

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    /// The code of one.
    #[serde(default)]
    code: String,
    /// Microseconds since 1970.
    before: Option<i64>,
    #[serde(default)]
    before_code: String,
}

/// Incidents as a table.
pub(super) async fn incident_table(
    identity: &Identity,
    cx: &Cx,
    incidents: Vec<Incident>,
) -> Result<Table, Failure> {
    let words = cx.words();
    let columns = ["code", "when", "cause", "provider"]
        .map(|column| Column::text(words.text(&format!("identity-column-{column}"))));
    let names = identity.provider_names().await?;
    let rows = incidents.into_iter().map(|incident| {
        let provider = incident.provider.and_then(|id| {
            let name = names.iter().find(|(known, _)| *known == id)?;
            Some(Cell::link(&name.1, format!("/providers/{id}")))
        });
        let cause = words.text(&format!("identity-cause-{}", incident.cause.code()));
        vec![
            Cell::text(incident.code),
            Cell::text(format::instant(cx.locale, incident.at)),
            Cell::text(cause).note(incident.detail),
            provider.unwrap_or_else(Cell::unknown),
        ]
    });
    let caption = words.text("identity-incidents");
    Ok(Table::new(&words, "incidents", caption, columns.into())
        .rows(rows)
        .empty(words.text("identity-incidents-empty")))
}

pub(super) async fn list(
    State(identity): State<Identity>,
    cx: Cx,
    Query(asked): Query<Asked>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let shell = cx
        .shell(words.text("identity-incidents"))
        .lead(words.text("identity-incidents-lead"))
        .crumb(words.text("identity-providers"), "/providers");
    let find = Form::filters("/providers/incidents", words.text("identity-incident-find")).field(
        Field::text("code", words.text("identity-column-code"))
            .value(&asked.code)
            .hint(words.text("identity-incident-hint"))
            .autocomplete("off")
            .length_max(20),
    );
    let mut page = Composed::new(shell).with(find);
    if !asked.code.trim().is_empty() {
        page = match identity.incident(&cx.actor, &asked.code).await? {
            Some(incident) => page.with(told(&cx, &incident)),
            None => page.with(Notice::new(
                Tone::Warning,
                "",
                words.text("identity-incident-unknown"),
            )),
        };
    }
    let from = asked
        .before
        .and_then(|at| Timestamp::from_microsecond(at).ok());
    let from = from.map_or((Timestamp::MAX, ""), |at| (at, asked.before_code.as_str()));
    let mut incidents = identity.incidents(&cx.actor, from, PAGE_ROWS + 1).await?;
    let more = incidents.len() > PAGE_ROWS as usize;
    incidents.truncate(PAGE_ROWS as usize);
    let next = incidents.last().filter(|_| more).map(|last| {
        let at = last.at.as_microsecond();
        format!("/providers/incidents?before={at}&before_code={}", last.code)
    });
    let table = incident_table(&identity, &cx, incidents).await?;
    Ok(Page(page.with(table.pages(Pages {
        previous: None,
        next,
    }))))
}

fn told(cx: &Cx, incident: &Incident) -> Facts {
    let words = cx.words();
    let cause = words.text(&format!("identity-cause-{}", incident.cause.code()));
    let at = format::instant(cx.locale, incident.at);
    Facts::default()
        .text(words.text("identity-column-code"), &incident.code)
        .text(words.text("identity-column-when"), at)
        .text(words.text("identity-column-cause"), cause)
        .text(words.text("identity-incident-detail"), &incident.detail)
}
