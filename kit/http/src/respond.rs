//! Answers: pages, files to download, redirections after a form.

use std::any::Any;

use askama::Template;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use kit_ui::Composed;
use serde::Serialize;

use crate::failure::Failure;
use crate::tables::PageTables;

/// A page.
#[derive(Debug)]
pub struct Page<T>(pub T);

impl<T: Template + 'static> IntoResponse for Page<T> {
    fn into_response(mut self) -> Response {
        let tables = (&mut self.0 as &mut dyn Any)
            .downcast_mut::<Composed>()
            .map(Composed::take_tables);
        match self.0.render() {
            Ok(html) => {
                let mut response = (
                    [(
                        CONTENT_TYPE,
                        HeaderValue::from_static("text/html; charset=utf-8"),
                    )],
                    html,
                )
                    .into_response();
                if let Some(tables) = tables.filter(|tables| !tables.is_empty()) {
                    response.extensions_mut().insert(PageTables(tables.into()));
                }
                response
            }
            Err(error) => Failure::internal(error).into_response(),
        }
    }
}

/// A page that shows again a form with its mistakes (status 422, so that programs and tests see
/// that nothing was changed).
#[derive(Debug)]
pub struct FormAgain<T>(pub T);

impl<T: Template + 'static> IntoResponse for FormAgain<T> {
    fn into_response(self) -> Response {
        let mut response = Page(self.0).into_response();
        if response.status() == StatusCode::OK {
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        }
        response
    }
}

/// Where to go after a form was accepted (303). Only a path of this site: anything else leads home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeeOther(pub String);

impl IntoResponse for SeeOther {
    fn into_response(self) -> Response {
        let target =
            HeaderValue::from_str(local_path(&self.0)).unwrap_or(HeaderValue::from_static("/"));
        (StatusCode::SEE_OTHER, [(LOCATION, target)]).into_response()
    }
}

/// `path` when it leads to this site, else `/`: no open redirection.
pub fn local_path(path: &str) -> &str {
    let local = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.chars().any(|c| c.is_control() || c == ' ');
    if local { path } else { "/" }
}

/// A JSON answer.
#[derive(Debug)]
pub struct JsonAnswer<T>(pub T);

impl<T: Serialize> IntoResponse for JsonAnswer<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(bytes) => (
                [(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
                bytes,
            )
                .into_response(),
            Err(error) => Failure::internal(error).into_response(),
        }
    }
}

/// A file to save.
#[derive(Debug)]
pub struct Download {
    /// The name proposed to the reader: ASCII letters, digits, `-`, `_` and `.`.
    pub file_name: String,
    /// Its media type.
    pub content_type: &'static str,
    /// Its content.
    pub body: Body,
}

impl IntoResponse for Download {
    fn into_response(self) -> Response {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let name: String = self.file_name.chars().filter(|c| plain(*c)).collect();
        let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""))
            .unwrap_or(HeaderValue::from_static("attachment"));
        (
            [
                (CONTENT_TYPE, HeaderValue::from_static(self.content_type)),
                (CONTENT_DISPOSITION, disposition),
                (CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
            ],
            self.body,
        )
            .into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirection_stays_on_this_site() {
        for foreign in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "",
            "/a\r\nSet-Cookie: x",
        ] {
            assert_eq!(local_path(foreign), "/");
        }
        assert_eq!(local_path("/products?sort=cost"), "/products?sort=cost");
    }
}
