//! Health and metrics, for machines. Metrics hold no name and no id; a proxy keeps them inside.

use kit_http::{IntoResponse, JsonAnswer, Response, State, StatusCode};

use crate::app::Platform;

pub(crate) async fn live() -> &'static str {
    "alive\n"
}

pub(crate) async fn ready(State(platform): State<Platform>) -> Response {
    let report = platform.health().report().await;
    let well = report.iter().all(|(_, outcome)| outcome.is_ok());
    // What is wrong goes to the log: whoever asks is told which check fails, not why.
    for (name, outcome) in &report {
        if let Err(problem) = outcome {
            tracing::warn!(check = name, problem, "health.check.fail");
        }
    }
    let checks: serde_json::Map<String, serde_json::Value> = report
        .into_iter()
        .map(|(name, outcome)| (name.to_owned(), outcome.is_ok().into()))
        .collect();
    let mut response =
        JsonAnswer(serde_json::json!({ "ready": well, "checks": checks })).into_response();
    if !well {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response
}

pub(crate) async fn metrics() -> Response {
    let text = kit_telemetry::metrics().render();
    (
        [(
            "content-type",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        )],
        text,
    )
        .into_response()
}
