//! The calls about a person as files.

use serde::Serialize;
use tabular::write_csv;

use crate::citizens::{Access, AccessFilter, SureCitizen};
use crate::{Exchange, ExchangeError};

/// The columns of a person's file, in their stable order.
const COLUMNS: [&str; 18] = [
    "at",
    "producer",
    "api",
    "operation",
    "requester",
    "requester_siret",
    "editor",
    "recipient",
    "purpose",
    "legal_basis",
    "object",
    "allowed",
    "outcome",
    "was_hidden_until",
    "request",
    "log",
    "log_index",
    "on_behalf",
];

impl Exchange {
    /// Every call about a person, at most [`EXPORT_MAX`](crate::EXPORT_MAX), as CSV.
    pub(crate) async fn accesses_csv(
        &self,
        who: &SureCitizen,
        filter: &AccessFilter,
    ) -> Result<Vec<u8>, ExchangeError> {
        let all = self.all_accesses(who, filter).await?;
        let writing = tokio::task::spawn_blocking(move || {
            let mut file = Vec::new();
            write_csv(&mut file, &COLUMNS, all.iter().map(row)).map(|()| file)
        });
        let file = writing.await.map_err(std::io::Error::other)?;
        Ok(file?)
    }

    /// The same as JSON: a list of objects with the same members as the columns.
    pub(crate) async fn accesses_json(
        &self,
        who: &SureCitizen,
        filter: &AccessFilter,
    ) -> Result<serde_json::Value, ExchangeError> {
        let all = self.all_accesses(who, filter).await?;
        Ok(all
            .iter()
            .map(|one| serde_json::json!(Told::of(one)))
            .collect())
    }
}

/// A call in a file.
#[derive(Debug, Serialize)]
struct Told<'a> {
    at: String,
    producer: &'a str,
    api: &'a str,
    operation: &'a str,
    requester: &'a str,
    requester_siret: Option<&'a str>,
    editor: Option<&'a str>,
    recipient: &'a str,
    purpose: &'a str,
    legal_basis: Option<&'a str>,
    object: Option<&'a str>,
    allowed: &'a [String],
    outcome: &'static str,
    was_hidden_until: Option<String>,
    request: String,
    log: &'a str,
    log_index: i64,
    /// Whether it was made on behalf of the person, by a service to which it had signed in.
    on_behalf: bool,
}

impl<'a> Told<'a> {
    fn of(one: &'a Access) -> Self {
        let trace = &one.kept.trace;
        Self {
            at: trace.at.to_string(),
            producer: &one.producer,
            api: &one.api,
            operation: &one.operation,
            requester: &one.requester,
            requester_siret: trace.requester.as_deref(),
            editor: one.editor.as_deref(),
            recipient: &one.recipient,
            purpose: &one.purpose,
            legal_basis: trace.legal_basis.as_deref(),
            object: trace.object.as_deref(),
            allowed: &one.allowed,
            outcome: one.outcome.code(),
            was_hidden_until: trace.hidden_until.map(|until| until.to_string()),
            request: trace.request.to_string(),
            log: &one.kept.log,
            log_index: one.kept.index,
            on_behalf: trace.on_behalf,
        }
    }
}

fn row(one: &Access) -> Vec<tabular::Value> {
    let told = Told::of(one);
    let text = |text: &str| text.to_owned().into();
    let maybe = |text: Option<&str>| text.map(str::to_owned).into();
    vec![
        told.at.clone().into(),
        text(told.producer),
        text(told.api),
        text(told.operation),
        text(told.requester),
        maybe(told.requester_siret),
        maybe(told.editor),
        text(told.recipient),
        text(told.purpose),
        maybe(told.legal_basis),
        maybe(told.object),
        told.allowed.join("; ").into(),
        text(told.outcome),
        told.was_hidden_until.clone().into(),
        told.request.clone().into(),
        text(told.log),
        told.log_index.to_string().into(),
        told.on_behalf.to_string().into(),
    ]
}
