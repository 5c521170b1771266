//! The stylesheet, scripts and fonts, served from inside the program.

use axum::Router;
use axum::extract::{Path, Request};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::failure::Failure;

/// Answers under `/assets/`.
pub fn assets() -> Router {
    Router::new().route("/assets/{*path}", get(asset))
}

async fn asset(Path(path): Path<String>, request: Request) -> Response {
    let Some(asset) = kit_ui::asset(&path) else {
        return Failure::NotFound.into_response();
    };
    // A link that carries the content's hash may be kept for ever; a bare one is asked again.
    let keep = if request
        .uri()
        .query()
        .is_some_and(|query| query.starts_with("v="))
    {
        "public, max-age=31536000, immutable"
    } else {
        "public, no-cache"
    };
    let tag = HeaderValue::from_str(&format!("W/\"{}\"", asset.hash))
        .unwrap_or(HeaderValue::from_static("W/\"asset\""));
    (
        [
            (CONTENT_TYPE, HeaderValue::from_static(asset.content_type)),
            (CACHE_CONTROL, HeaderValue::from_static(keep)),
            (ETAG, tag),
        ],
        asset.bytes,
    )
        .into_response()
}
