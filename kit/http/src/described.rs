//! What the API's description (`OpenAPI` 3.1) says in the same way everywhere: the kinds of
//! parameters, the problems; and the reading of parameters by what the description says of them.

use std::str::FromStr as _;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use utoipa::IntoParams;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{ContentBuilder, Header, OpenApi, Ref, RefOr, Response, ResponseBuilder};
use uuid::Uuid;

use crate::extract::decode_urlencoded;
use crate::failure::{Failure, FieldError};

/// Where the schema of a problem is in the description.
const PROBLEM: &str = "Problem";
/// What `PostgreSQL` keeps of no text, so that none is looked for.
const NO_NUL: &str = r"^[^\x00]*$";

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// One of some codes.
pub fn codes(codes: impl IntoIterator<Item = &'static str>) -> Schema {
    text().enum_values(Some(codes)).build().into()
}

/// Words of at most `chars_max` characters, without U+0000.
pub fn words(chars_max: usize) -> Schema {
    let words = text().min_length(Some(1)).max_length(Some(chars_max));
    words.pattern(Some(NO_NUL)).build().into()
}

/// What a page of a list gave as `next`.
pub fn cursor() -> Schema {
    words(1_000)
}

/// A day (ISO 8601), such as 2026-03-01.
pub fn day() -> Schema {
    let format = SchemaFormat::KnownFormat(KnownFormat::Date);
    text().format(Some(format)).build().into()
}

/// An id.
pub fn id() -> Schema {
    let format = SchemaFormat::KnownFormat(KnownFormat::Uuid);
    text().format(Some(format)).build().into()
}

/// A whole number between two.
pub fn whole(from: i64, to: i64) -> Schema {
    let number = ObjectBuilder::new().schema_type(Type::Integer);
    let limits = number.minimum(Some(from as f64)).maximum(Some(to as f64));
    limits.build().into()
}

/// The parameters of an operation of the API: each is one that its description names, there once,
/// and as the description says. A mistake of any of them names it.
///
/// A page is more patient ([`crate::Query`]): its forms send empty fields.
#[derive(Debug, Clone)]
pub struct ApiQuery<T>(pub T);

impl<T: DeserializeOwned + IntoParams, S: Send + Sync> FromRequestParts<S> for ApiQuery<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let query = parts.uri.query().unwrap_or("").as_bytes();
        let pairs: Vec<_> = form_urlencoded::parse(query).collect();
        let described = T::into_params(|| None);
        let mut mistakes = Vec::new();
        for (at, (name, value)) in pairs.iter().enumerate() {
            let mistake = if pairs[..at].iter().any(|(earlier, _)| earlier == name) {
                Some(("repeated", "there once at most".to_owned()))
            } else if let Some(one) = described.iter().find(|one| one.name == **name) {
                let schema = serde_json::to_value(&one.schema).map_err(Failure::internal)?;
                mistake(&schema, value)
            } else {
                let known: Vec<_> = described.iter().map(|one| one.name.as_str()).collect();
                Some((
                    "unknown",
                    format!("no parameter is called so; {}", one_of(&known)),
                ))
            };
            mistakes.extend(mistake.map(|(code, told)| {
                let name: String = name.chars().take(100).collect();
                FieldError::new(name, code, told)
            }));
        }
        for one in &described {
            let is_there = pairs.iter().any(|(name, _)| **name == one.name);
            if one.required == utoipa::openapi::Required::True && !is_there {
                mistakes.push(FieldError::new(&one.name, "missing", "needed"));
            }
        }
        if !mistakes.is_empty() {
            return Err(Failure::Invalid(mistakes));
        }
        decode_urlencoded(query).map(Self)
    }
}

fn one_of(codes: &[&str]) -> String {
    match codes {
        [] => "there is none".to_owned(),
        codes => format!("one of {}", codes.join(", ")),
    }
}

/// What is wrong with a value by its schema.
fn mistake(schema: &Value, value: &str) -> Option<(&'static str, String)> {
    if let Some(codes) = schema["enum"].as_array() {
        let codes: Vec<&str> = codes.iter().filter_map(Value::as_str).collect();
        return (!codes.contains(&value)).then(|| ("unknown", one_of(&codes)));
    }
    if schema["type"] == "integer" {
        let limits = [&schema["minimum"], &schema["maximum"]].map(Value::as_f64);
        let [from, to] = limits.map(|one| one.unwrap_or_default() as i64);
        let is_plain = value.bytes().all(|one| one.is_ascii_digit());
        let number = i64::from_str(value).ok().filter(|_| is_plain);
        let is_within = number.is_some_and(|number| (from..=to).contains(&number));
        return (!is_within).then(|| ("out-of-range", format!("{from} to {to}")));
    }
    match schema["format"].as_str() {
        Some("uuid") if value.len() != 36 || Uuid::from_str(value).is_err() => {
            let told = "an id such as 01908c3a-7c5e-7000-8000-000000000000";
            return Some(("not-an-id", told.to_owned()));
        }
        Some("date") if value.len() != 10 || jiff::civil::Date::from_str(value).is_err() => {
            return Some(("not-a-date", "a date such as 2026-03-01".to_owned()));
        }
        _ => {}
    }
    let limit = |name: &str| schema[name].as_u64().map(|limit| limit as usize);
    let chars = value.chars().count();
    if limit("minLength").is_some_and(|least| chars < least) {
        return Some(("empty", "leave it out rather than empty".to_owned()));
    }
    if let Some(most) = limit("maxLength").filter(|most| chars > *most) {
        return Some(("too-long", format!("at most {most} characters")));
    }
    value
        .contains('\0')
        .then(|| ("unreadable", "no character U+0000".to_owned()))
}

/// The description with its problems: a refusal without a content of its own is a problem+json
/// (RFC 9457), and each operation may ask to come back later.
#[must_use]
pub fn with_problems(mut described: OpenApi) -> OpenApi {
    let components = described.components.get_or_insert_default();
    components.schemas.insert(PROBLEM.to_owned(), problem());
    for item in described.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.delete,
        ];
        for operation in operations.into_iter().flatten() {
            let responses = &mut operation.responses.responses;
            for (status, why) in [
                ("429", "Too many requests from one address"),
                ("503", "Something that the platform needs is out of reach"),
            ] {
                let response = || RefOr::T(Response::new(why));
                responses.entry(status.to_owned()).or_insert_with(response);
            }
            for (status, response) in responses {
                let RefOr::T(response) = response else {
                    continue;
                };
                if status.starts_with(['4', '5']) && response.content.is_empty() {
                    *response = as_problem(response, status == "429");
                }
            }
        }
    }
    described
}

fn as_problem(response: &Response, is_later: bool) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(PROBLEM)));
    let mut whole = ResponseBuilder::new()
        .description(&response.description)
        .content("application/problem+json", content.build());
    if is_later {
        let mut header = Header::new(whole_seconds());
        header.description = Some("Seconds to wait".to_owned());
        whole = whole.header("Retry-After", header);
    }
    whole.build()
}

fn whole_seconds() -> Schema {
    whole(1, 86_400)
}

/// See [`crate::show`]: a test there says that what is sent is so.
fn problem() -> RefOr<Schema> {
    let field = ObjectBuilder::new()
        .property(
            "field",
            text().description(Some("The field's name, as sent")),
        )
        .property("code", text().description(Some("A stable code")))
        .property(
            "message",
            text().description(Some("What is wrong, what is allowed")),
        );
    let errors = utoipa::openapi::schema::ArrayBuilder::new()
        .items(
            ["field", "code", "message"]
                .into_iter()
                .fold(field, ObjectBuilder::required),
        )
        .description(Some("The mistakes, each with its field"));
    let problem = ObjectBuilder::new()
        .description(Some("A refusal (RFC 9457)"))
        .property(
            "type",
            text().description(Some("Stable: urn:gouvernail:problem:…")),
        )
        .property("title", text())
        .property("status", whole(400, 599))
        .property("detail", text())
        .property(
            "instance",
            text().description(Some("What to quote when asking for help")),
        )
        .property("errors", errors)
        .examples([json!({
            "type": "urn:gouvernail:problem:invalid",
            "title": "Demande à corriger",
            "status": 422,
            "detail": "Une partie de la demande n’a pas pu être lue. Rien n’a été modifié.",
            "instance": "urn:gouvernail:request:01a214b202bf7bba8335a6ae76996d26",
            "errors": [{"field": "limit", "code": "out-of-range", "message": "1 to 200"}],
        })]);
    let needed = ["type", "title", "status", "detail", "instance"];
    let problem = needed.into_iter().fold(problem, ObjectBuilder::required);
    RefOr::T(problem.build().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(schema: Schema, value: &str) -> Option<&'static str> {
        mistake(&serde_json::to_value(schema).unwrap(), value).map(|(code, _)| code)
    }

    #[test]
    fn a_value_is_what_its_description_says() {
        assert_eq!(code_of(codes(["a", "b"]), "b"), None);
        assert_eq!(code_of(codes(["a", "b"]), "c"), Some("unknown"));
        assert_eq!(code_of(codes(["a", "b"]), ""), Some("unknown"));
        assert_eq!(code_of(words(2), "éà"), None);
        assert_eq!(code_of(words(2), "abc"), Some("too-long"));
        assert_eq!(code_of(words(2), ""), Some("empty"));
        assert_eq!(code_of(words(2), "\0"), Some("unreadable"));
        assert_eq!(code_of(day(), "2026-02-28"), None);
        for wrong in ["", "2026-02-30", "20260228", "hier", "2026-02-28T00:00"] {
            assert_eq!(code_of(day(), wrong), Some("not-a-date"), "{wrong}");
        }
        assert_eq!(code_of(id(), "01908c3a-7c5e-7000-8000-000000000000"), None);
        for wrong in ["", "zz", "01908c3a7c5e70008000000000000000"] {
            assert_eq!(code_of(id(), wrong), Some("not-an-id"), "{wrong}");
        }
        for (value, is_right) in [("1", true), ("200", true), ("0", false), ("201", false)] {
            assert_eq!(code_of(whole(1, 200), value).is_none(), is_right, "{value}");
        }
        for wrong in ["", "+1", "-1", "1.0", "9999999999999999999", "x"] {
            assert_eq!(
                code_of(whole(1, 200), wrong),
                Some("out-of-range"),
                "{wrong}"
            );
        }
    }
}
