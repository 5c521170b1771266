//! Trying an operation before one is accredited: what is asked, how a program would ask it, and an
//! answer made from the description alone.

use serde_json::{Map, Value, json};

use super::openapi::Described;

/// Longest value of a parameter, in characters.
pub const VALUE_CHARS_MAX: usize = 200;
/// Longest object of a call, as gateways take it.
pub const OBJECT_CHARS_MAX: usize = 50;

/// What is wrong in one field of a trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialMistake {
    /// The field's name, as sent.
    pub field: String,
    /// The key of its words.
    pub key: &'static str,
    /// What the words name.
    pub value: String,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trial {
    /// What for: the code of a purpose.
    pub purpose: String,
    /// For which file.
    pub object: String,
    /// The SIRET number of who uses the data.
    pub recipient: String,
    /// The scopes that are tried, by code.
    pub scopes: Vec<String>,
    /// The values of the parameters, in their order.
    pub values: Vec<String>,
}

/// The name of the field of the parameter at a place.
pub fn field_of(at: usize) -> String {
    format!("parameter-{at}")
}

fn escaped(text: &str) -> String {
    let plus: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    plus.replace('+', "%20")
}

/// A word that a shell reads as it is.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

impl Trial {
    /// What is wrong with it for this operation.
    pub fn mistakes(&self, of: &Described) -> Vec<TrialMistake> {
        let mut mistakes = Vec::new();
        let mut wrong = |field: &str, key, value: &str| {
            mistakes.push(TrialMistake {
                field: field.to_owned(),
                key,
                value: value.to_owned(),
            });
        };
        if self.scopes.is_empty() {
            wrong("scopes", "exchange-mistake-missing", "");
        }
        if !super::is_code(&self.purpose) {
            wrong("context", "exchange-mistake-trial-purpose", &self.purpose);
        }
        let limit = OBJECT_CHARS_MAX.to_string();
        match self.object.chars().count() {
            0 => wrong("object", "exchange-mistake-missing", ""),
            chars if chars > OBJECT_CHARS_MAX => {
                wrong("object", "exchange-mistake-long", &limit);
            }
            _ => {}
        }
        if siret::digits(&self.recipient).is_none() {
            wrong("recipient", "exchange-mistake-siret", &self.recipient);
        }
        let limit = VALUE_CHARS_MAX.to_string();
        for (at, parameter) in of.parameters.iter().enumerate() {
            let value = self.values.get(at).map_or("", String::as_str);
            let field = field_of(at);
            if value.is_empty() {
                if parameter.required {
                    wrong(&field, "exchange-mistake-missing", "");
                }
            } else if value.chars().count() > VALUE_CHARS_MAX {
                wrong(&field, "exchange-mistake-long", &limit);
            } else if parameter.kind.starts_with("integer") && value.parse::<i64>().is_err() {
                wrong(&field, "exchange-mistake-trial-integer", "");
            } else if parameter.kind.contains("(date)")
                && value.parse::<jiff::civil::Date>().is_err()
            {
                wrong(&field, "exchange-mistake-trial-date", "");
            } else if parameter.place == "path" && matches!(value, "." | "..") {
                wrong(&field, "exchange-mistake-parameter", value);
            }
        }
        mistakes
    }

    fn told<'t>(
        &'t self,
        of: &'t Described,
        place: &'t str,
    ) -> impl Iterator<Item = (&'t str, &'t str)> {
        let both = of.parameters.iter().zip(&self.values);
        both.filter(move |(parameter, value)| parameter.place == place && !value.is_empty())
            .map(|(parameter, value)| (parameter.name.as_str(), value.as_str()))
    }

    /// The path and the query as the producer gets them.
    pub fn target(&self, of: &Described) -> String {
        let mut target = of.path.clone();
        for (name, value) in self.told(of, "path") {
            target = target.replace(&format!("{{{name}}}"), &escaped(value));
        }
        let pairs: Vec<String> = self
            .told(of, "query")
            .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
            .collect();
        if !pairs.is_empty() {
            target.push('?');
            target.push_str(&pairs.join("&"));
        }
        target
    }

    /// The body of a `POST`.
    pub fn body(&self, of: &Described) -> Value {
        let mut body = Value::Object(Map::new());
        for (parameter, value) in of.parameters.iter().zip(&self.values) {
            if parameter.place == "body" && !value.is_empty() {
                let is_text = parameter.kind.starts_with("string");
                let read = (!is_text)
                    .then(|| serde_json::from_str(value).ok())
                    .flatten();
                let steps: Vec<&str> = parameter.name.split('.').collect();
                put(&mut body, &steps, read.unwrap_or_else(|| json!(value)));
            }
        }
        body
    }

    /// The command that asks the same of a gateway, where `$GATEWAY` is its address and `$TOKEN` an
    /// access token or a key.
    pub fn command(&self, of: &Described, prefix: &str) -> String {
        let target = self.target(of);
        let joint = if target.contains('?') { '&' } else { '?' };
        let purpose = format!(
            "context={}&object={}&recipient={}",
            escaped(&self.purpose),
            escaped(&self.object),
            escaped(&self.recipient),
        );
        let address = quoted(&format!("/{prefix}{target}{joint}{purpose}"));
        let asked = format!("curl -sS -H \"Authorization: Bearer $TOKEN\" \"$GATEWAY\"{address}");
        if of.method == "POST" {
            let body = quoted(&self.body(of).to_string());
            format!("{asked} -H 'Content-Type: application/json' --data {body}")
        } else {
            asked
        }
    }
}

/// Puts a value below an object, by names; `*` is the first item of a list.
fn put(into: &mut Value, steps: &[&str], value: Value) {
    let Some((step, rest)) = steps.split_first() else {
        // What has fields already stays: its own line comes before or after theirs.
        let is_object = value.as_object().is_some_and(Map::is_empty) && into.is_object();
        let is_list = value.as_array().is_some_and(Vec::is_empty) && into.is_array();
        if !is_object && !is_list {
            *into = value;
        }
        return;
    };
    if *step == "*" {
        if !into.is_array() {
            *into = json!([Value::Null]);
        }
        if let Some(items) = into.as_array_mut() {
            if items.is_empty() {
                items.push(Value::Null);
            }
            put(&mut items[0], rest, value);
        }
        return;
    }
    if !into.is_object() {
        *into = json!({});
    }
    if let Some(members) = into.as_object_mut() {
        put(
            members.entry((*step).to_owned()).or_insert(Value::Null),
            rest,
            value,
        );
    }
}

/// An answer that has every field of the description, with invented values.
pub fn sample(of: &Described) -> Value {
    let mut answer = Value::Null;
    for field in &of.fields {
        let kind = field.kind.as_str();
        let value = match kind {
            kind if kind.starts_with("integer") => json!(1),
            kind if kind.starts_with("number") => json!(1.5),
            kind if kind.starts_with("boolean") => json!(true),
            kind if kind.starts_with("object") => json!({}),
            kind if kind.starts_with("array") => json!([]),
            kind if kind.contains("(date-time)") => json!("2026-03-01T10:00:00Z"),
            kind if kind.contains("(date)") => json!("2026-03-01"),
            _ => json!("exemple"),
        };
        let steps: Vec<&str> = field.path.split('.').collect();
        put(&mut answer, &steps, value);
    }
    answer
}

/// Whether an address for trials is one where real data is, or leads to one: those are never tried.
pub fn is_real(test_url: &str, upstreams: &[String]) -> bool {
    let read = |text: &str| {
        let url = url::Url::parse(text).ok()?;
        let port = url.port_or_known_default();
        let path = format!("{}/", url.path().trim_end_matches('/'));
        Some((url.host_str()?.to_owned(), port, path))
    };
    let Some((host, port, path)) = read(test_url) else {
        return true;
    };
    upstreams.iter().filter_map(|one| read(one)).any(|real| {
        let is_same_server = (&real.0, real.1) == (&host, port);
        is_same_server && (real.2.starts_with(&path) || path.starts_with(&real.2))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::openapi::{DescribedField, DescribedParameter};

    fn described() -> Described {
        let parameter = |name: &str, place: &str, kind: &str, required| DescribedParameter {
            name: name.to_owned(),
            place: place.to_owned(),
            required,
            kind: kind.to_owned(),
            text: String::new(),
        };
        let field = |path: &str, kind: &str| DescribedField {
            path: path.to_owned(),
            kind: kind.to_owned(),
            text: String::new(),
        };
        Described {
            name: "foyer".to_owned(),
            method: "GET".to_owned(),
            path: "/v1/foyers/{numero}".to_owned(),
            summary: String::new(),
            parameters: vec![
                parameter("numero", "path", "string", true),
                parameter("annee", "query", "integer", false),
            ],
            fields: vec![
                field("enfants", "array"),
                field("enfants.*.prenom", "string"),
                field("ne", "string (date)"),
                field("quotient", "integer"),
            ],
        }
    }

    fn trial(values: [&str; 2]) -> Trial {
        Trial {
            purpose: "cantine".to_owned(),
            object: "Dossier d’essai n° 1".to_owned(),
            recipient: "21750001600019".to_owned(),
            scopes: vec!["a".to_owned()],
            values: values.map(str::to_owned).into(),
        }
    }

    #[test]
    fn values_stay_where_they_are_put() {
        let of = described();
        assert_eq!(trial(["12", ""]).target(&of), "/v1/foyers/12");
        let hostile = trial(["../x?y=1 2&z", "2026"]);
        assert_eq!(
            hostile.target(&of),
            "/v1/foyers/..%2Fx%3Fy%3D1%202%26z?annee=2026"
        );
        let command = trial(["a'; rm -rf ~; '", "1"]).command(&of, "cnp/quotient");
        // The shell's own quotes: two around the address and two of the header's.
        assert_eq!(command.matches('\'').count(), 2, "{command}");
    }

    #[test]
    fn every_mistake_names_its_field() {
        let of = described();
        assert_eq!(trial(["1", "2026"]).mistakes(&of), Vec::new());
        let wrong = Trial {
            object: "x".repeat(51),
            recipient: "1".to_owned(),
            ..trial(["..", "hier"])
        };
        let fields: Vec<_> = wrong
            .mistakes(&of)
            .into_iter()
            .map(|one| one.field)
            .collect();
        assert_eq!(
            fields,
            ["object", "recipient", "parameter-0", "parameter-1"]
        );
        let none = Trial::default().mistakes(&of);
        assert_eq!(none.len(), 5, "{none:?}");
    }

    #[test]
    fn a_sample_has_every_field() {
        let told = sample(&described());
        let expected =
            json!({"enfants": [{"prenom": "exemple"}], "ne": "2026-03-01", "quotient": 1});
        assert_eq!(told, expected);
    }

    #[test]
    fn real_data_is_never_tried() {
        let real = ["https://cnp.example/api/".to_owned()];
        assert!(is_real("https://CNP.example:443/api", &real));
        assert!(is_real("not an address", &real));
        assert!(is_real("https://cnp.example", &real), "above it");
        assert!(is_real("https://cnp.example/api/v1", &real), "below it");
        assert!(!is_real("https://cnp.example/api-essai", &real));
        assert!(!is_real("https://essai.cnp.example/api", &real));
    }
}
