//! As much of S3 as the storage uses, in memory: objects, uploads in parts, lists with pages.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};

#[derive(Default)]
struct Bucket {
    objects: BTreeMap<String, Bytes>,
    uploads: HashMap<String, BTreeMap<u32, Bytes>>,
}

type Shared = Arc<Mutex<Bucket>>;

/// Starts one; the answer is its address.
pub(crate) async fn start() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new()
        .fallback(answer)
        .layer(DefaultBodyLimit::disable())
        .with_state(Shared::default());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}

async fn answer(
    State(bucket): State<Shared>,
    Query(query): Query<HashMap<String, String>>,
    request: Request,
) -> Response {
    let signed = request.headers().get("authorization").is_some_and(|value| {
        let value = value.to_str().unwrap_or_default();
        value.starts_with("AWS4-HMAC-SHA256 Credential=who/")
            && value.contains("/fr-par/s3/aws4_request")
    });
    if !signed {
        return StatusCode::FORBIDDEN.into_response();
    }
    let (if_match, if_none_match) = {
        let condition = |name: &str| {
            let value = request.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        (condition("if-match"), condition("if-none-match"))
    };
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let Some(key) = path.strip_prefix("/objects") else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let key = key.trim_start_matches('/').to_owned();
    let body = axum::body::to_bytes(request.into_body(), usize::MAX)
        .await
        .unwrap();
    let mut bucket = bucket.lock().unwrap();
    let upload = query.get("uploadId");
    match (method, upload) {
        (Method::GET, _) if key.is_empty() => list(&bucket, &query),
        (Method::GET, _) => match bucket.objects.get(&key) {
            Some(bytes) => (
                [
                    ("etag", e_tag(bytes)),
                    ("last-modified", "Tue, 06 Jan 2026 08:00:00 GMT".to_owned()),
                ],
                bytes.clone(),
            )
                .into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        },
        (Method::PUT, Some(upload)) => {
            let part = query["partNumber"].parse().unwrap();
            let parts = bucket.uploads.get_mut(upload).unwrap();
            parts.insert(part, body);
            [("etag", format!("\"{part}\""))].into_response()
        }
        (Method::PUT, None) => {
            let now = bucket.objects.get(&key).map(e_tag);
            let refused = if_none_match.is_some() && now.is_some()
                || if_match.is_some_and(|wanted| now != Some(wanted));
            if refused {
                return StatusCode::PRECONDITION_FAILED.into_response();
            }
            let tag = e_tag(&body);
            bucket.objects.insert(key, body);
            [("etag", tag)].into_response()
        }
        (Method::POST, Some(upload)) => {
            let parts = bucket.uploads.remove(upload).unwrap();
            let whole: Vec<Bytes> = parts.into_values().collect();
            bucket.objects.insert(key, whole.concat().into());
            "<CompleteMultipartUploadResult><ETag>1</ETag></CompleteMultipartUploadResult>"
                .into_response()
        }
        (Method::POST, None) => {
            let upload = format!("upload-{}", bucket.uploads.len());
            bucket.uploads.insert(upload.clone(), BTreeMap::new());
            format!(
                "<InitiateMultipartUploadResult><UploadId>{upload}</UploadId>\
                 </InitiateMultipartUploadResult>"
            )
            .into_response()
        }
        (Method::DELETE, Some(upload)) => {
            bucket.uploads.remove(upload);
            StatusCode::NO_CONTENT.into_response()
        }
        (Method::DELETE, None) => {
            bucket.objects.remove(&key);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

/// Tells contents apart, as S3's do.
fn e_tag(bytes: &Bytes) -> String {
    let sum = bytes.iter().fold(7_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(*byte))
    });
    format!("\"{sum:x}\"")
}

/// Pages of two, so that a list of more asks again.
fn list(bucket: &Bucket, query: &HashMap<String, String>) -> Response {
    let empty = String::new();
    let prefix = query.get("prefix").unwrap_or(&empty);
    let after = query
        .get("continuation-token")
        .or_else(|| query.get("start-after"))
        .unwrap_or(&empty);
    let found: Vec<(&String, &Bytes)> = bucket
        .objects
        .iter()
        .filter(|(key, _)| key.starts_with(prefix) && *key > after)
        .collect();
    let page: Vec<&(&String, &Bytes)> = found.iter().take(2).collect();
    let mut xml = "<ListBucketResult>".to_owned();
    for (key, bytes) in &page {
        xml += &format!(
            "<Contents><Key>{key}</Key><Size>{}</Size><ETag>1</ETag>\
             <LastModified>2026-01-06T08:00:00.000Z</LastModified></Contents>",
            bytes.len()
        );
    }
    if found.len() > page.len() {
        let next = page.last().unwrap().0;
        xml += &format!("<NextContinuationToken>{next}</NextContinuationToken>");
    }
    (xml + "</ListBucketResult>").into_response()
}
