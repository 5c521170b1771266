//! The fields of an answer, from its schema.

use std::collections::BTreeMap;

use serde_json::Value;

use super::read::{Reading, mistake, text};
use super::{DescribedField, DocumentMistake, DocumentProblem, FIELD_DEPTH_MAX, FIELDS_MAX};

/// Schemas visited for one answer at most: alternatives of alternatives end here.
const VISITS_MAX: usize = 5_000;

/// A schema's type in a word, with its format.
pub(super) fn kind_of(schema: &Value) -> String {
    let kind = match schema.get("type") {
        Some(Value::String(kind)) => kind.clone(),
        // OpenAPI 3.1: a list of types.
        Some(Value::Array(kinds)) => {
            let kinds: Vec<&str> = kinds.iter().filter_map(Value::as_str).collect();
            kinds.join(" | ")
        }
        _ if schema.get("properties").is_some() => "object".to_owned(),
        _ if schema.get("items").is_some() => "array".to_owned(),
        _ => String::new(),
    };
    let kind = match schema.get("format").and_then(Value::as_str) {
        Some(format) => format!("{kind} ({format})"),
        None => kind,
    };
    kind.chars().take(60).collect()
}

/// The fields below a schema, sorted by path.
pub(super) fn fields<'d>(
    reading: &Reading<'d>,
    schema: &'d Value,
    place: &str,
) -> Result<Vec<DescribedField>, DocumentMistake> {
    let mut walk = Walk {
        reading,
        place,
        found: BTreeMap::new(),
        above: Vec::new(),
        visits: 0,
    };
    walk.below("", schema, 0)?;
    Ok(walk.found.into_values().collect())
}

struct Walk<'w, 'd> {
    reading: &'w Reading<'d>,
    place: &'w str,
    found: BTreeMap<String, DescribedField>,
    /// The schemas that the walk is in, by address: one that holds itself isn't entered again.
    above: Vec<*const Value>,
    visits: usize,
}

impl<'d> Walk<'_, 'd> {
    fn below(
        &mut self,
        path: &str,
        schema: &'d Value,
        depth: usize,
    ) -> Result<(), DocumentMistake> {
        let here = format!("{}.{path}", self.place);
        let schema = self.reading.resolve(schema, &here)?;
        self.visits += 1;
        if self.visits > VISITS_MAX {
            return Err(mistake(&here, DocumentProblem::Count, VISITS_MAX));
        }
        let address = std::ptr::from_ref(schema);
        if self.above.contains(&address) {
            return Ok(());
        }
        if depth > FIELD_DEPTH_MAX {
            return Err(mistake(&here, DocumentProblem::Depth, FIELD_DEPTH_MAX));
        }
        self.above.push(address);
        for of in ["allOf", "oneOf", "anyOf"] {
            if let Some(Value::Array(parts)) = schema.get(of) {
                for part in parts {
                    self.below(path, part, depth)?;
                }
            }
        }
        if let Some(Value::Object(properties)) = schema.get("properties") {
            for (name, property) in properties {
                // Joined by points, with a star for items: such a name would say something else.
                if name.is_empty() || name.contains(['.', '*', ' ', '\n']) || name.len() > 100 {
                    return Err(mistake(&here, DocumentProblem::FieldName, name));
                }
                let path = join(path, name);
                self.keep(&path, property)?;
                self.below(&path, property, depth + 1)?;
            }
        }
        if let Some(items) = schema.get("items") {
            let path = join(path, "*");
            self.keep(&path, items)?;
            self.below(&path, items, depth + 1)?;
        }
        self.above.pop();
        Ok(())
    }

    fn keep(&mut self, path: &str, schema: &'d Value) -> Result<(), DocumentMistake> {
        let here = format!("{}.{path}", self.place);
        let referring = schema.as_object();
        let schema = self.reading.resolve(schema, &here)?;
        let told = |of: Option<&serde_json::Map<String, Value>>| match of {
            Some(of) => text(of, "description", &here, 1_000),
            None => Ok(String::new()),
        };
        // What stands beside a reference says more than what it leads to.
        let beside = told(referring)?;
        let words = if beside.is_empty() {
            told(schema.as_object())?
        } else {
            beside
        };
        self.found.entry(path.to_owned()).or_insert(DescribedField {
            path: path.to_owned(),
            kind: kind_of(schema),
            text: words,
        });
        if self.found.len() > FIELDS_MAX {
            return Err(mistake(&here, DocumentProblem::Count, FIELDS_MAX));
        }
        Ok(())
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}
