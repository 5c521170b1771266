//! Files that people send: streamed to a temporary file, never held in memory, with a limit.

use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use tokio::io::AsyncWriteExt as _;

use crate::extract::Fields;
use crate::failure::Failure;
use crate::{cookies, origin};

/// Most text fields beside the file, and most bytes in each.
const FIELDS_MAX: usize = 50;
const FIELD_BYTES_MAX: usize = 64 * 1024;
/// Most bytes read of what is refused as too large: a browser shows an answer only once all that it
/// sends was read. Beyond them the connection is cut.
const REFUSED_BYTES_MAX: u64 = 1 << 30;
/// Most characters kept of the name that the sender gave the file.
const NAME_CHARS_MAX: usize = 200;

/// One file with the form's other fields.
#[derive(Debug)]
pub struct Upload {
    /// The fields beside the file.
    pub fields: Fields,
    /// The file's name as given, without folders, at most 200 characters: for display only.
    pub file_name: String,
    /// Where it was put; removed when dropped.
    pub file: tempfile::TempPath,
    /// Its size in bytes.
    pub size_bytes: u64,
}

/// How large an upload may be; put it in a route's extensions with [`axum::Extension`].
#[derive(Debug, Clone, Copy)]
pub struct UploadLimit(pub u64);

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Failure;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Failure> {
        let content_type = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|v| v.to_str().ok());
        if !content_type.is_some_and(|given| given.starts_with("multipart/form-data")) {
            return Err(Failure::UnsupportedType {
                allowed: "multipart/form-data",
            });
        }
        let cookie = cookies::read(request.headers(), origin::FORM_COOKIE).map(str::to_owned);
        let limit_bytes = request
            .extensions()
            .get::<UploadLimit>()
            .map_or(200 * 1024 * 1024, |limit| limit.0);
        // The limit is ours, on the file alone; theirs is 2 MB for the whole body.
        DefaultBodyLimit::disable().apply(&mut request);
        let mut parts = Multipart::from_request(request, state)
            .await
            .map_err(|error| Failure::field("body", "unreadable", error.body_text()))?;
        let mut fields = Fields::default();
        let mut stored = None;
        while let Some(part) = parts.next_field().await.map_err(|error| broken(&error))? {
            let name = part.name().unwrap_or_default().to_owned();
            if part.file_name().is_none() {
                if fields.0.len() == FIELDS_MAX {
                    let message = format!("at most {FIELDS_MAX} fields");
                    return Err(Failure::field(&name, "too-many", message));
                }
                let value = text(part, &name).await?;
                fields.0.push((name, value));
                continue;
            }
            // The token stands before the file in every form: a foreign file is never stored.
            if !origin::matches(cookie.as_deref(), fields.text(origin::TOKEN_FIELD)) {
                return Err(Failure::ForeignForm);
            }
            if stored.is_some() {
                return Err(Failure::field(&name, "too-many", "one file at a time"));
            }
            stored = Some(store(part, limit_bytes).await?);
        }
        if !origin::matches(cookie.as_deref(), fields.text(origin::TOKEN_FIELD)) {
            return Err(Failure::ForeignForm);
        }
        let (file_name, file, size_bytes) =
            stored.ok_or_else(|| Failure::field("file", "missing", "no file was sent"))?;
        Ok(Self {
            fields,
            file_name,
            file,
            size_bytes,
        })
    }
}

async fn text(
    mut part: axum::extract::multipart::Field<'_>,
    name: &str,
) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(|error| broken(&error))? {
        if bytes.len() + chunk.len() > FIELD_BYTES_MAX {
            let message = format!("at most {FIELD_BYTES_MAX} bytes");
            return Err(Failure::field(name, "too-long", message));
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| Failure::field(name, "unreadable", "not UTF-8"))
}

async fn store(
    mut part: axum::extract::multipart::Field<'_>,
    limit_bytes: u64,
) -> Result<(String, tempfile::TempPath, u64), Failure> {
    let given = part.file_name().unwrap_or_default();
    let name = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name
        .chars()
        .filter(|c| !c.is_control())
        .take(NAME_CHARS_MAX)
        .collect();
    let (file, path) = tempfile::NamedTempFile::new()
        .map_err(Failure::internal)?
        .into_parts();
    let mut file = tokio::fs::File::from_std(file);
    let mut size_bytes = 0_u64;
    while let Some(chunk) = part.chunk().await.map_err(|error| broken(&error))? {
        size_bytes += chunk.len() as u64;
        if size_bytes > limit_bytes {
            drop((file, path));
            pass_over(part).await?;
            return Err(Failure::TooLarge { limit_bytes });
        }
        file.write_all(&chunk).await.map_err(Failure::internal)?;
    }
    file.flush().await.map_err(Failure::internal)?;
    Ok((name, path, size_bytes))
}

/// Reads what is left of a file without keeping it.
async fn pass_over(mut part: axum::extract::multipart::Field<'_>) -> Result<(), Failure> {
    let mut passed_bytes = 0_u64;
    while let Some(chunk) = part.chunk().await.map_err(|error| broken(&error))? {
        passed_bytes += chunk.len() as u64;
        if passed_bytes > REFUSED_BYTES_MAX {
            break;
        }
    }
    Ok(())
}

fn broken(error: &axum::extract::multipart::MultipartError) -> Failure {
    Failure::field("body", "interrupted", error.body_text())
}
