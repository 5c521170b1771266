//! The list as files.

use kit_http::{Body, Download, Failure, Query, State};

use crate::Portfolio;
use crate::api::ListQuery;
use crate::export;

pub(crate) async fn csv(
    State(portfolio): State<Portfolio>,
    Query(query): Query<ListQuery>,
) -> Result<Download, Failure> {
    let products = portfolio.all(&query.filter()?, query.sort()).await?;
    Ok(file(
        "products.csv",
        "text/csv; charset=utf-8",
        export::csv(&products)?,
    ))
}

pub(crate) async fn xlsx(
    State(portfolio): State<Portfolio>,
    Query(query): Query<ListQuery>,
) -> Result<Download, Failure> {
    let products = portfolio.all(&query.filter()?, query.sort()).await?;
    let bytes = tokio::task::spawn_blocking(move || export::xlsx(&products))
        .await
        .map_err(Failure::internal)??;
    let content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(file("products.xlsx", content_type, bytes))
}

pub(crate) async fn json(
    State(portfolio): State<Portfolio>,
    Query(query): Query<ListQuery>,
) -> Result<Download, Failure> {
    let products = portfolio.all(&query.filter()?, query.sort()).await?;
    Ok(file(
        "products.json",
        "application/json",
        export::json(&products)?,
    ))
}

pub(super) fn file(name: &str, content_type: &'static str, bytes: Vec<u8>) -> Download {
    Download {
        file_name: name.to_owned(),
        content_type,
        body: Body::from(bytes),
    }
}
