//! Stylesheets, scripts and fonts, inside the program.

use std::borrow::Cow;

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "dist"]
struct Dist;

/// One file.
#[derive(Debug)]
pub struct Asset {
    /// Its content.
    pub bytes: Cow<'static, [u8]>,
    /// Its media type.
    pub content_type: &'static str,
    /// The beginning of its content's hash.
    pub hash: String,
}

/// The file at `path` below `/assets/`.
pub fn asset(path: &str) -> Option<Asset> {
    let file = Dist::get(path)?;
    let content_type = match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("map" | "json") => "application/json",
        _ => "application/octet-stream",
    };
    Some(Asset {
        hash: hash(&file.metadata),
        bytes: file.data,
        content_type,
    })
}

/// The address of a file; it changes when the content does.
pub fn asset_url(path: &str) -> String {
    match Dist::get(path) {
        Some(file) => format!("/assets/{path}?v={}", hash(&file.metadata)),
        None => format!("/assets/{path}"),
    }
}

/// The hash was computed when the program was built.
fn hash(metadata: &rust_embed::Metadata) -> String {
    use std::fmt::Write as _;
    metadata.sha256_hash()[..8]
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
