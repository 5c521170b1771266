//! The description of an API as gateways answer it: with what each call says of itself, and the
//! envelope. Programs generate clients from it; the producer's own document describes what the gateway
//! asks behind.

use serde_json::{Map, Value, json};

use super::{Described, DescribedParameter};

/// What each call says of itself: name, what it is, longest in characters.
const PURPOSE: [(&str, &str, u32); 3] = [
    ("context", "The code of a purpose of the accreditation", 60),
    (
        "object",
        "What the call is for, in your words, such as the number of a file",
        50,
    ),
    (
        "recipient",
        "The SIRET number of the body that uses the data",
        14,
    ),
];

/// The schema of a type in a word, such as `string (date)` or `integer | null`.
fn schema_of(kind: &str) -> Value {
    let (kinds, format) = match kind.split_once(" (") {
        Some((kinds, format)) => (kinds, Some(format.trim_end_matches(')'))),
        None => (kind, None),
    };
    let known = [
        "string", "integer", "number", "boolean", "object", "array", "null",
    ];
    let kinds: Vec<&str> = kinds
        .split(" | ")
        .filter(|one| known.contains(one))
        .collect();
    let mut schema = match kinds[..] {
        [] => return json!({}),
        [one] => json!({ "type": one }),
        _ => json!({ "type": kinds }),
    };
    if kinds.contains(&"array") {
        schema["items"] = json!({});
    }
    if let Some(format) = format {
        schema["format"] = json!(format);
    }
    schema
}

/// Puts the schema of a field below that of the answer, by names.
fn put(into: &mut Value, steps: &[&str], schema: Value) {
    let Some((step, rest)) = steps.split_first() else {
        if let (Some(there), Value::Object(more)) = (into.as_object_mut(), schema) {
            for (name, value) in more {
                there.entry(name).or_insert(value);
            }
        }
        return;
    };
    let (kind, below) = if *step == "*" {
        ("array", "items")
    } else {
        ("object", "properties")
    };
    if !into.is_object() {
        *into = json!({});
    }
    let Some(there) = into.as_object_mut() else {
        return;
    };
    there.entry("type").or_insert_with(|| json!(kind));
    let mut next = there.entry(below).or_insert_with(|| json!({}));
    if *step != "*" {
        let Some(properties) = next.as_object_mut() else {
            return;
        };
        next = properties
            .entry((*step).to_owned())
            .or_insert_with(|| json!({}));
    }
    put(next, rest, schema);
}

/// The data of an answer. No field is sure: which are there depends on the granted scopes.
fn data(of: &Described) -> Value {
    let mut data = json!({});
    for field in &of.fields {
        let mut schema = schema_of(&field.kind);
        if !field.text.is_empty() {
            schema["description"] = json!(field.text);
        }
        let steps: Vec<&str> = field.path.split('.').collect();
        put(&mut data, &steps, schema);
    }
    data
}

fn parameter(one: &DescribedParameter) -> Value {
    json!({
        "name": one.name,
        "in": one.place,
        "required": one.required || one.place == "path",
        "description": one.text,
        "schema": schema_of(&one.kind),
    })
}

fn operation(of: &Described) -> Value {
    let purpose = PURPOSE.map(|(name, what, chars_max)| {
        json!({
            "name": name, "in": "query", "required": true, "description": what,
            "schema": { "type": "string", "minLength": 1, "maxLength": chars_max },
        })
    });
    let own = of
        .parameters
        .iter()
        .filter(|one| one.place != "body")
        .map(parameter);
    let parameters: Vec<Value> = own.chain(purpose).collect();
    let envelope = json!({
        "type": "object",
        "required": ["data", "links", "meta"],
        "properties": {
            "data": data(of),
            "links": { "type": "object" },
            "meta": {
                "type": "object",
                "required": ["request"],
                "properties": {
                    "request": { "type": "string" },
                    "api": { "type": "string" },
                    "producer": { "type": "string" },
                },
            },
        },
    });
    let mut operation = json!({
        "operationId": of.name,
        "summary": of.summary,
        "security": [{ "token": [] }],
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "The fields that granted scopes open",
                "content": { "application/json": { "schema": envelope } },
            },
            "default": {
                "description": "A refusal (RFC 9457)",
                "content": { "application/problem+json": {
                    "schema": { "$ref": "#/components/schemas/Problem" },
                } },
            },
        },
    });
    if of.method == "POST" {
        let mut body = json!({ "type": "object" });
        for one in of.parameters.iter().filter(|one| one.place == "body") {
            let steps: Vec<&str> = one.name.split('.').collect();
            put(&mut body, &steps, schema_of(&one.kind));
        }
        operation["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": body } } });
    }
    operation
}

/// The document of an API (`OpenAPI` 3.1) as gateways answer it, below its prefix.
pub fn exposed<'d>(
    name: &str,
    version: &str,
    prefix: &str,
    operations: impl IntoIterator<Item = &'d Described>,
) -> Value {
    let mut paths = Map::new();
    for of in operations {
        let path = paths
            .entry(format!("/{prefix}{}", of.path))
            .or_insert_with(|| json!({}));
        path[of.method.to_ascii_lowercase()] = operation(of);
    }
    let text = json!({ "type": "string" });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": name,
            "version": version,
            "description": "As the gateways of the exchange answer it: ask them, not this address.",
        },
        "paths": paths,
        "components": {
            "schemas": { "Problem": {
                "type": "object",
                "required": ["type", "title", "status", "code"],
                "properties": {
                    "type": text, "title": text, "status": { "type": "integer" }, "code": text,
                    "detail": text, "producer": text, "retry_after": { "type": "integer" },
                },
            } },
            "securitySchemes": { "token": {
                "type": "http", "scheme": "bearer",
                "description": "An access token of the platform, or a key of the accreditation",
            } },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::openapi::{DescribedField, describe};

    #[test]
    fn an_exposed_document_is_one_that_is_taken() {
        let field = |path: &str, kind: &str| DescribedField {
            path: path.to_owned(),
            kind: kind.to_owned(),
            text: String::new(),
        };
        let fields = vec![
            field("enfants", "array"),
            field("enfants.*.prenom", "string"),
            field("quotient", "integer | null"),
        ];
        let described = Described {
            name: "foyer".to_owned(),
            method: "GET".to_owned(),
            path: "/v1/foyers/{numero}".to_owned(),
            summary: "Foyer".to_owned(),
            parameters: vec![DescribedParameter {
                name: "numero".to_owned(),
                place: "path".to_owned(),
                required: true,
                kind: "string".to_owned(),
                text: String::new(),
            }],
            fields,
        };
        let document = exposed("Quotient", "1", "cnp/quotient", [&described]);
        let taken = describe(document.to_string().as_bytes()).unwrap();
        let operation = &taken.operations[0];
        assert_eq!(operation.path, "/cnp/quotient/v1/foyers/{numero}");
        assert_eq!(operation.parameters.len(), 4);
        let paths: Vec<&str> = operation
            .fields
            .iter()
            .map(|one| one.path.as_str())
            .collect();
        for path in ["data.enfants.*.prenom", "data.quotient", "meta.request"] {
            assert!(paths.contains(&path), "{paths:?}");
        }
    }
}
