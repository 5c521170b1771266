//! Walking through a document.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::schema::{self, kind_of};
use super::{
    Described, DescribedParameter, Description, DocumentMistake, DocumentProblem, OPERATIONS_MAX,
    PARAMETERS_MAX,
};

/// Longest chain of references that lead to each other.
const REFERENCES_MAX: usize = 16;
/// What stands beside operations at a path.
const BESIDE: [&str; 5] = ["summary", "description", "servers", "parameters", "$ref"];

/// A document under reading.
pub(super) struct Reading<'d> {
    root: &'d Value,
}

pub(super) fn mistake(
    place: &str,
    problem: DocumentProblem,
    detail: impl ToString,
) -> DocumentMistake {
    DocumentMistake {
        place: place.to_owned(),
        problem,
        detail: detail.to_string(),
    }
}

fn object<'d>(value: &'d Value, place: &str) -> Result<&'d Map<String, Value>, DocumentMistake> {
    let wrong = || mistake(place, DocumentProblem::Kind, "object");
    value.as_object().ok_or_else(wrong)
}

/// A text of at most `chars_max` characters, without control characters; absent: empty.
pub(super) fn text(
    of: &Map<String, Value>,
    name: &str,
    place: &str,
    chars_max: usize,
) -> Result<String, DocumentMistake> {
    let here = || format!("{place}.{name}");
    let text = match of.get(name) {
        None | Some(Value::Null) => return Ok(String::new()),
        Some(Value::String(text)) => text.trim().to_owned(),
        // YAML reads `version: 1.0` as a number.
        Some(Value::Number(number)) => number.to_string(),
        Some(_) => return Err(mistake(&here(), DocumentProblem::Kind, "string")),
    };
    if text.chars().count() > chars_max {
        return Err(mistake(&here(), DocumentProblem::Long, chars_max));
    }
    let plain = |c: &char| !c.is_control() || *c == '\n';
    Ok(text.chars().filter(plain).collect())
}

impl<'d> Reading<'d> {
    pub(super) fn of(root: &'d Value) -> Self {
        Self { root }
    }

    pub(super) fn description(&self) -> Result<Description, DocumentMistake> {
        let root = object(self.root, "document")?;
        let stated = text(root, "openapi", "document", 20)?;
        if !(stated.starts_with("3.0.") || stated.starts_with("3.1.")) {
            let found = if stated.is_empty() { "—" } else { &stated };
            return Err(mistake("openapi", DocumentProblem::Version, found));
        }
        let missing = |place: &str| mistake(place, DocumentProblem::Missing, "");
        let info = object(root.get("info").ok_or_else(|| missing("info"))?, "info")?;
        let title = text(info, "title", "info", 200)?;
        let version = text(info, "version", "info", 40)?;
        for (name, value) in [("info.title", &title), ("info.version", &version)] {
            if value.is_empty() {
                return Err(missing(name));
            }
        }
        let paths = object(root.get("paths").ok_or_else(|| missing("paths"))?, "paths")?;
        let mut operations = Vec::new();
        for (path, item) in paths {
            self.path_item(path, item, &mut operations)?;
        }
        if operations.is_empty() {
            return Err(missing("paths"));
        }
        let mut names = BTreeSet::new();
        for operation in &operations {
            if !names.insert(operation.name.clone()) {
                let place = format!("paths.{}", operation.path);
                return Err(mistake(&place, DocumentProblem::Twice, &operation.name));
            }
        }
        Ok(Description {
            title,
            text: text(info, "description", "info", 5_000)?,
            version,
            operations,
            document: self.root.clone(),
        })
    }

    fn path_item(
        &self,
        path: &str,
        item: &'d Value,
        operations: &mut Vec<Described>,
    ) -> Result<(), DocumentMistake> {
        let place = format!("paths.{path}");
        if path.starts_with("x-") {
            return Ok(());
        }
        if !is_path(path) {
            return Err(mistake(&place, DocumentProblem::Path, path));
        }
        let item = object(self.resolve(item, &place)?, &place)?;
        let shared = item.get("parameters");
        for (method, operation) in item {
            if BESIDE.contains(&method.as_str()) || method.starts_with("x-") {
                continue;
            }
            let place = format!("{place}.{method}");
            if method != "get" && method != "post" {
                return Err(mistake(&place, DocumentProblem::Method, "GET, POST"));
            }
            if operations.len() == OPERATIONS_MAX {
                return Err(mistake(&place, DocumentProblem::Count, OPERATIONS_MAX));
            }
            let operation = object(operation, &place)?;
            operations.push(self.operation(path, method, operation, shared, &place)?);
        }
        Ok(())
    }

    fn operation(
        &self,
        path: &str,
        method: &str,
        operation: &'d Map<String, Value>,
        shared: Option<&'d Value>,
        place: &str,
    ) -> Result<Described, DocumentMistake> {
        let mut name = text(operation, "operationId", place, 100)?;
        if name.is_empty() {
            name = made_name(method, path);
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if !name.chars().all(plain) {
            let here = format!("{place}.operationId");
            return Err(mistake(&here, DocumentProblem::Kind, "A-Z a-z 0-9 _ - ."));
        }
        let mut parameters = Vec::new();
        // Those of the operation stand before those that it shares with others of its path.
        for (list, of) in [(operation.get("parameters"), place), (shared, place)] {
            self.parameters(list, of, &mut parameters)?;
        }
        if let Some(body) = operation.get("requestBody") {
            self.body(body, place, &mut parameters)?;
        }
        if parameters.len() > PARAMETERS_MAX {
            let here = format!("{place}.parameters");
            return Err(mistake(&here, DocumentProblem::Count, PARAMETERS_MAX));
        }
        for named in braces(path) {
            let is_told = |one: &DescribedParameter| one.place == "path" && one.name == named;
            if !parameters.iter().any(is_told) {
                let here = format!("{place}.parameters.{named}");
                return Err(mistake(&here, DocumentProblem::Missing, ""));
            }
        }
        Ok(Described {
            name,
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            summary: text(operation, "summary", place, 300)?,
            parameters,
            fields: self.answer(operation, place)?,
        })
    }

    fn parameters(
        &self,
        list: Option<&'d Value>,
        place: &str,
        parameters: &mut Vec<DescribedParameter>,
    ) -> Result<(), DocumentMistake> {
        let here = format!("{place}.parameters");
        let Some(list) = list else { return Ok(()) };
        let wrong = || mistake(&here, DocumentProblem::Kind, "array");
        for one in list.as_array().ok_or_else(wrong)? {
            let one = object(self.resolve(one, &here)?, &here)?;
            let name = text(one, "name", &here, 100)?;
            let stands = text(one, "in", &here, 10)?;
            if name.is_empty() || stands.is_empty() {
                return Err(mistake(&here, DocumentProblem::Missing, "name, in"));
            }
            // The exchange hands on neither cookies nor headers of callers.
            if !matches!(stands.as_str(), "path" | "query") {
                continue;
            }
            let is_known = |known: &DescribedParameter| known.name == name && known.place == stands;
            if parameters.iter().any(is_known) {
                continue;
            }
            let schema = match one.get("schema") {
                Some(schema) => Some(self.resolve(schema, &here)?),
                None => None,
            };
            parameters.push(DescribedParameter {
                required: stands == "path" || one.get("required") == Some(&Value::Bool(true)),
                kind: schema.map(kind_of).unwrap_or_default(),
                text: text(one, "description", &here, 1_000)?,
                name,
                place: stands,
            });
        }
        Ok(())
    }

    fn body(
        &self,
        body: &'d Value,
        place: &str,
        parameters: &mut Vec<DescribedParameter>,
    ) -> Result<(), DocumentMistake> {
        let here = format!("{place}.requestBody");
        let body = object(self.resolve(body, &here)?, &here)?;
        let Some(schema) = self.json_schema(body, &here)? else {
            return Err(mistake(&here, DocumentProblem::Missing, "application/json"));
        };
        let schema = object(schema, &here)?;
        let required: Vec<&str> = match schema.get("required") {
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let Some(Value::Object(properties)) = schema.get("properties") else {
            return Ok(());
        };
        for (name, property) in properties {
            let here = format!("{here}.{name}");
            let property = object(self.resolve(property, &here)?, &here)?;
            parameters.push(DescribedParameter {
                name: name.clone(),
                place: "body".to_owned(),
                required: required.contains(&name.as_str()),
                kind: kind_of(&Value::Object(property.clone())),
                text: text(property, "description", &here, 1_000)?,
            });
        }
        Ok(())
    }

    /// The schema of `application/json` (or of a type that ends in `+json`).
    fn json_schema(
        &self,
        of: &'d Map<String, Value>,
        place: &str,
    ) -> Result<Option<&'d Value>, DocumentMistake> {
        let Some(Value::Object(content)) = of.get("content") else {
            return Ok(None);
        };
        let is_json = |media: &str| {
            let media = media.split(';').next().unwrap_or_default().trim();
            media == "application/json" || media.ends_with("+json")
        };
        let found = content.iter().find(|(media, _)| is_json(media));
        let Some((_, media)) = found else {
            return Ok(None);
        };
        match media.get("schema") {
            Some(schema) => self.resolve(schema, place).map(Some),
            None => Ok(None),
        }
    }

    fn answer(
        &self,
        operation: &'d Map<String, Value>,
        place: &str,
    ) -> Result<Vec<super::DescribedField>, DocumentMistake> {
        let here = format!("{place}.responses");
        let none = || mistake(&here, DocumentProblem::NoAnswer, "200");
        let Some(Value::Object(responses)) = operation.get("responses") else {
            return Err(none());
        };
        let found = responses.iter().find(|(status, _)| status.starts_with('2'));
        let (status, response) = found.ok_or_else(none)?;
        let here = format!("{here}.{status}");
        let response = object(self.resolve(response, &here)?, &here)?;
        let schema = self.json_schema(response, &here)?;
        let schema = schema.ok_or_else(|| mistake(&here, DocumentProblem::NoAnswer, "200"))?;
        schema::fields(self, schema, &here)
    }

    /// What a value refers to, or the value itself.
    pub(super) fn resolve(
        &self,
        value: &'d Value,
        place: &str,
    ) -> Result<&'d Value, DocumentMistake> {
        let mut value = value;
        for _ in 0..REFERENCES_MAX {
            let Some(reference) = value.get("$ref") else {
                return Ok(value);
            };
            let wrong = || mistake(place, DocumentProblem::Kind, "$ref");
            let reference = reference.as_str().ok_or_else(wrong)?;
            let Some(pointer) = reference.strip_prefix('#') else {
                let shown: String = reference.chars().take(100).collect();
                return Err(mistake(place, DocumentProblem::RemoteReference, shown));
            };
            value = self.root.pointer(pointer).ok_or_else(|| {
                let shown: String = reference.chars().take(100).collect();
                mistake(place, DocumentProblem::DanglingReference, shown)
            })?;
        }
        Err(mistake(place, DocumentProblem::CircularReference, ""))
    }
}

/// Whether a path can be called: segments of plain characters, parameters in whole braces.
fn is_path(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    let is_segment = |segment: &str| match segment.strip_prefix('{') {
        Some(rest) => rest
            .strip_suffix('}')
            .is_some_and(|name| !name.is_empty() && name.chars().all(plain)),
        None => {
            !segment.is_empty() && segment.chars().all(plain) && segment != "." && segment != ".."
        }
    };
    path.len() <= 200
        && path
            .strip_prefix('/')
            .is_some_and(|rest| rest.is_empty() || rest.split('/').all(is_segment))
}

/// The names in braces.
fn braces(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

fn made_name(method: &str, path: &str) -> String {
    let mut name = method.to_owned();
    for part in path.split(|c: char| !c.is_ascii_alphanumeric()) {
        if !part.is_empty() {
            name.push('_');
            name.push_str(part);
        }
    }
    name.chars().take(100).collect()
}
