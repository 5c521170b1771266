//! The tables of a page as files: `?download=ID.csv` on the page's own address, so that a file
//! holds what the page shows, under the permission of the page.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, VARY};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kit_ui::Table;

use crate::failure::Failure;
use crate::respond::Download;
use crate::site::Cx;

/// Turns a table into a file. The server implements it: kit writes no spreadsheet.
pub trait TableFiles: Send + Sync {
    /// The media type and the bytes of a table in the format of an extension; `None` when it isn't
    /// one that is written.
    fn write(&self, table: &Table, extension: &str) -> Option<Result<TableFile, TableFileError>>;
}

/// What goes wrong when a table is written.
pub type TableFileError = Box<dyn std::error::Error + Send + Sync>;

/// A table as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableFile {
    /// Its media type.
    pub content_type: &'static str,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// For a stack without files: every format is unknown.
#[derive(Debug, Clone, Copy)]
pub struct NoTableFiles;

impl TableFiles for NoTableFiles {
    fn write(&self, _: &Table, _: &str) -> Option<Result<TableFile, TableFileError>> {
        None
    }
}

/// The tables of an answer on its way out.
#[derive(Debug, Clone)]
pub(crate) struct PageTables(pub(crate) Arc<[Table]>);

/// The table and the extension that a request asks for.
fn asked(request: &Request) -> Option<(String, String)> {
    if *request.method() != Method::GET {
        return None;
    }
    let query = request.uri().query()?;
    let (_, value) =
        form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "download")?;
    let (id, extension) = value.rsplit_once('.')?;
    Some((id.to_owned(), extension.to_owned()))
}

/// Answers with a table of the page instead of the page, when that is asked for.
pub(crate) async fn tables(request: Request, next: Next) -> Response {
    let asked = asked(&request);
    let cx = Cx::of(request.extensions());
    let response = next.run(request).await;
    let (Some((id, extension)), Some(cx)) = (asked, cx) else {
        return response;
    };
    if response.status() != StatusCode::OK {
        return response;
    }
    let Some(PageTables(tables)) = response.extensions().get::<PageTables>() else {
        return Failure::NotFound.into_response();
    };
    let Some(at) = tables.iter().position(|table| table.id == id) else {
        return Failure::NotFound.into_response();
    };
    let (tables, format) = (tables.clone(), extension.clone());
    let writing =
        tokio::task::spawn_blocking(move || cx.site.table_files.write(&tables[at], &format));
    match writing.await {
        Ok(Some(Ok(file))) => {
            let download = Download {
                file_name: format!("{id}.{extension}"),
                content_type: file.content_type,
                body: Body::from(file.bytes),
            };
            let mut answer = download.into_response();
            for (name, value) in response.headers() {
                if ![CONTENT_TYPE, CONTENT_LENGTH, CACHE_CONTROL, VARY].contains(name) {
                    answer.headers_mut().insert(name, value.clone());
                }
            }
            answer
        }
        Ok(None) => Failure::NotFound.into_response(),
        Ok(Some(Err(error))) => Failure::internal(error).into_response(),
        Err(error) => Failure::internal(error).into_response(),
    }
}
