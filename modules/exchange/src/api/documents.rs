//! Descriptions of APIs, for programs that make clients.

use kit_http::{Cx, Failure, IntoResponse, JsonAnswer, Path, Response, State};
use serde_json::Value;
use uuid::Uuid;

use crate::domain::openapi::exposed;
use crate::store::apis;
use crate::{Exchange, ExchangeError};

/// The document of an API, as its producer sent it.
#[utoipa::path(get, path = "/exchange/apis/{id}/openapi.json", tag = "exchange", operation_id = "document",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, body = Object, description = "An OpenAPI document"),
              (status = 404, description = "Not found")))]
pub(super) async fn own(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<Response, Failure> {
    exchange.whole_api(&cx.actor, id).await?;
    let found = apis::document(&exchange.db, id)
        .await
        .map_err(ExchangeError::from)?;
    let json = found.ok_or(Failure::NotFound)?;
    Ok(([("content-type", "application/json")], json).into_response())
}

/// An API as gateways answer it: what to generate a client from.
#[utoipa::path(get, path = "/exchange/apis/{id}/gateway.json", tag = "exchange",
    operation_id = "document_of_gateways",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, body = Object, description = "An OpenAPI 3.1 document"),
              (status = 404, description = "Not found")))]
pub(super) async fn of_gateways(
    State(exchange): State<Exchange>,
    cx: Cx,
    Path(id): Path<Uuid>,
) -> Result<JsonAnswer<Value>, Failure> {
    let whole = exchange.whole_api(&cx.actor, id).await?;
    let there = whole.operations.iter().filter(|one| !one.is_removed);
    let described = there.map(|one| &one.described);
    let (api, profile) = (&whole.api, &whole.api.profile);
    let document = exposed(&profile.name, &api.version, &api.prefix, described);
    Ok(JsonAnswer(document))
}
