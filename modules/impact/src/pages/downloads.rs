//! The list as files.

use kit_http::{Body, Download, Failure, Query, State};

use crate::api::ListQuery;
use crate::{Impact, ImpactError, export};

fn file(name: &str, content_type: &'static str, bytes: Vec<u8>) -> Download {
    Download {
        file_name: name.to_owned(),
        content_type,
        body: Body::from(bytes),
    }
}

pub(crate) async fn csv(
    State(impact): State<Impact>,
    Query(query): Query<ListQuery>,
) -> Result<Download, Failure> {
    let indicators = impact.all(&query.filter()?).await?;
    let bytes = export::csv(&indicators, impact.source.today())?;
    Ok(file("indicators.csv", "text/csv; charset=utf-8", bytes))
}

pub(crate) async fn xlsx(
    State(impact): State<Impact>,
    Query(query): Query<ListQuery>,
) -> Result<Download, Failure> {
    let indicators = impact.all(&query.filter()?).await?;
    let today = impact.source.today();
    let bytes = tokio::task::spawn_blocking(move || export::xlsx(&indicators, today))
        .await
        .map_err(Failure::internal)??;
    let content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(file("indicators.xlsx", content_type, bytes))
}

pub(crate) async fn json(
    State(impact): State<Impact>,
    Query(query): Query<ListQuery>,
) -> Result<Download, Failure> {
    let today = impact.source.today();
    let indicators = impact.all(&query.filter()?).await?;
    let answers: Vec<_> = indicators
        .iter()
        .map(|one| crate::api::IndicatorAnswer::of(one, today))
        .collect();
    let bytes = serde_json::to_vec(&serde_json::json!({ "indicators": answers }))
        .map_err(|error| ImpactError::Task(error.to_string()))?;
    Ok(file("indicators.json", "application/json", bytes))
}
