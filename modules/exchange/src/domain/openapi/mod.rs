//! What is taken from an `OpenAPI` 3.0 or 3.1 document: operations, their parameters, and the fields
//! of their answers. Nothing else of it is believed, and nothing is fetched.

mod exposed;
mod read;
mod schema;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use exposed::exposed;
use read::Reading;

/// Largest document, in bytes.
pub const BYTES_MAX: usize = 1 << 20;
/// Deepest nesting of a document.
pub const DEPTH_MAX: usize = 64;
/// Most values in a document.
pub const VALUES_MAX: usize = 50_000;
/// Most operations.
pub const OPERATIONS_MAX: usize = 100;
/// Most parameters of an operation.
pub const PARAMETERS_MAX: usize = 50;
/// Most fields of an answer.
pub const FIELDS_MAX: usize = 500;
/// Deepest field of an answer.
pub const FIELD_DEPTH_MAX: usize = 12;

/// What was taken from a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Its title.
    pub title: String,
    /// What it is for, in words; may be empty.
    pub text: String,
    /// The version that it says to be of.
    pub version: String,
    /// What can be asked.
    pub operations: Vec<Described>,
    /// The document itself, as JSON.
    pub document: Value,
}

/// An operation, as described.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Described {
    /// Its name: `operationId`, or made from method and path.
    pub name: String,
    /// `GET` or `POST`.
    pub method: String,
    /// Its path, beginning with `/`.
    pub path: String,
    /// What it gives, in one line; may be empty.
    pub summary: String,
    /// What is told to it.
    pub parameters: Vec<DescribedParameter>,
    /// The fields of its answer, sorted by path.
    pub fields: Vec<DescribedField>,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribedParameter {
    /// Its name.
    pub name: String,
    /// `path`, `query` or `body`.
    #[serde(rename = "in")]
    pub place: String,
    /// Whether it must be told.
    pub required: bool,
    /// Its type, such as `string (date)`.
    pub kind: String,
    /// What it is; may be empty.
    pub text: String,
}

/// A field of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribedField {
    /// Names joined by `.`; `*` stands for each item of a list.
    pub path: String,
    /// Its type, such as `integer`.
    pub kind: String,
    /// What it is; may be empty.
    pub text: String,
}

/// What is wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {} {detail}", .problem.code())]
pub struct DocumentMistake {
    /// The path in the document, such as `paths./v1/foyers.get.responses`.
    pub place: String,
    /// What is wrong.
    pub problem: DocumentProblem,
    /// The limit, or what was found; may be empty.
    pub detail: String,
}

macro_rules! problems {
    ($($(#[$meta:meta])* $name:ident => $code:literal,)*) => {
        /// What can be wrong with a document.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum DocumentProblem { $($(#[$meta])* $name,)* }

        impl DocumentProblem {
            /// Every problem.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name in words and programs.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

problems! {
    /// More bytes than the limit.
    Bytes => "bytes",
    /// Neither JSON nor YAML.
    Unreadable => "unreadable",
    /// Nested deeper than the limit.
    Depth => "depth",
    /// More of something than the limit.
    Count => "count",
    /// A text longer than the limit.
    Long => "long",
    /// Something required is missing.
    Missing => "missing",
    /// Something is of another type than it must be.
    Kind => "kind",
    /// Not a version of `OpenAPI` that is read.
    Version => "version",
    /// A reference to elsewhere.
    RemoteReference => "remote-reference",
    /// A reference to nothing.
    DanglingReference => "dangling-reference",
    /// References that lead in a circle without anything between.
    CircularReference => "circular-reference",
    /// A method that the exchange doesn't carry.
    Method => "method",
    /// A path that isn't one.
    Path => "path",
    /// The same name twice.
    Twice => "twice",
    /// No answer in JSON.
    NoAnswer => "no-answer",
    /// A name that fields can't have.
    FieldName => "field-name",
}

/// Reads a document, JSON or YAML.
pub fn describe(bytes: &[u8]) -> Result<Description, DocumentMistake> {
    let whole = |problem, detail: String| DocumentMistake {
        place: "document".to_owned(),
        problem,
        detail,
    };
    if bytes.len() > BYTES_MAX {
        return Err(whole(DocumentProblem::Bytes, BYTES_MAX.to_string()));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| whole(DocumentProblem::Unreadable, error.to_string()))?;
    let document = parse(text).map_err(|detail| whole(DocumentProblem::Unreadable, detail))?;
    let mut values = 0;
    measure(&document, 0, &mut values, &mut Vec::new())?;
    Reading::of(&document).description()
}

fn parse(text: &str) -> Result<Value, String> {
    let first_line = |error: String| error.lines().next().unwrap_or_default().to_owned();
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| first_line(error.to_string()));
    }
    // Aliases are copies: a few lines could become gigabytes.
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: DEPTH_MAX * 2,
            max_nodes: VALUES_MAX * 2,
            max_aliases: 1_000,
            max_documents: 1,
        },
    };
    serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| first_line(error.to_string()))
}

/// Refuses what is too deep or holds too much, naming where.
fn measure<'d>(
    value: &'d Value,
    depth: usize,
    values: &mut usize,
    place: &mut Vec<&'d str>,
) -> Result<(), DocumentMistake> {
    *values += 1;
    let mistake = |problem, limit: usize, place: &[&str]| DocumentMistake {
        place: place.join("."),
        problem,
        detail: limit.to_string(),
    };
    if depth > DEPTH_MAX {
        return Err(mistake(DocumentProblem::Depth, DEPTH_MAX, place));
    }
    if *values > VALUES_MAX {
        return Err(mistake(DocumentProblem::Count, VALUES_MAX, place));
    }
    match value {
        Value::Array(items) => {
            place.push("*");
            for item in items {
                measure(item, depth + 1, values, place)?;
            }
            place.pop();
        }
        Value::Object(members) => {
            for (name, member) in members {
                place.push(name);
                measure(member, depth + 1, values, place)?;
                place.pop();
            }
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests;
