//! What the operations on alerts, rules and contests share: pages of lists, mistakes in words, numbers
//! of bodies.

use kit_http::{Cx, Failure, described};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::ExchangeError;

/// Most rows on one page.
const PAGE_MAX: u32 = 200;
/// Rows on a page when nothing is told.
const PAGE_USUAL: u32 = 50;

pub(super) fn limits() -> Schema {
    described::whole(1, PAGE_MAX.into())
}

/// Within its limits, or absent.
pub(super) fn limit_of(text: &str) -> u32 {
    text.parse().unwrap_or(PAGE_USUAL)
}

/// Cuts what was read, one row more than the page, to the page; gives the cursor of the next one.
pub(super) fn next_of<T>(
    found: &mut Vec<T>,
    limit: u32,
    cursor: impl Fn(&T) -> String,
) -> Option<String> {
    let is_more = found.len() > limit as usize;
    found.truncate(limit as usize);
    found.last().filter(|_| is_more).map(cursor)
}

/// A SIRET number.
pub(super) fn sirets() -> Schema {
    let digits = ObjectBuilder::new().schema_type(Type::String);
    let digits = digits.min_length(Some(14)).max_length(Some(14));
    digits.pattern(Some("^[0-9]{14}$")).build().into()
}

/// The number in a parameter, of which the digits alone are looked at: one that nobody has finds nothing.
pub(super) fn siret(name: &str, text: &str) -> Result<Option<String>, Failure> {
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() == 14 && text.bytes().all(|one| one.is_ascii_digit()) {
        return Ok(Some(text.to_owned()));
    }
    Err(Failure::field(name, "unreadable", "14 digits"))
}

/// What an act came to: its mistakes in the reader's words, each with the name of its field in the body.
pub(super) fn told_in<T>(
    within: &str,
    cx: &Cx,
    outcome: Result<T, ExchangeError>,
) -> Result<T, Failure> {
    outcome.map_err(|error| match error {
        ExchangeError::Mistakes(mistakes) => {
            let words = cx.words();
            let told = mistakes.into_iter().map(|one| {
                let value = [("value", one.value.as_str().into())];
                let field = match one.field {
                    // The API stands beside what the rule says.
                    "api" => one.field.to_owned(),
                    field => format!("{within}{field}"),
                };
                kit_http::FieldError::new(field, "invalid", words.text_with(one.key, &value))
            });
            Failure::Invalid(told.collect())
        }
        error => error.into(),
    })
}
