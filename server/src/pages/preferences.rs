//! Theme and language, kept in two cookies of the reader's.

use kit_http::{Fields, IntoResponse, Response, SeeOther, cookies};
use kit_ui::{Locale, Theme};

/// One year, in seconds.
const YEAR_SECONDS: u64 = 31_536_000;

pub(crate) async fn set(fields: Fields) -> Response {
    let mut response = SeeOther(fields.text("return_to").to_owned()).into_response();
    let headers = response.headers_mut();
    if let Some(theme) = Theme::parse(fields.text("theme")) {
        cookies::set(headers, "theme", theme.code(), Some(YEAR_SECONDS));
    }
    if let Some(locale) = Locale::parse(fields.text("locale")) {
        cookies::set(headers, "locale", locale.code(), Some(YEAR_SECONDS));
    }
    response
}
