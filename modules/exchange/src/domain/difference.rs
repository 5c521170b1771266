//! What a newer document changes, shown before it is taken.

use serde::{Deserialize, Serialize};

use super::api::{Operation, Scope};
use super::openapi::{Described, Description};

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// What kind of change: the end of the key of its words.
    pub kind: String,
    /// What changes: an operation, a field, a scope.
    pub what: String,
    /// Whether those who call may have to change something.
    pub breaks: bool,
}

fn difference(kind: &str, what: impl Into<String>, breaks: bool) -> Difference {
    Difference {
        kind: kind.to_owned(),
        what: what.into(),
        breaks,
    }
}

/// Every kind of change, with whether it breaks.
pub const KINDS: [(&str, bool); 11] = [
    ("operation-added", false),
    ("operation-removed", true),
    ("operation-moved", true),
    ("parameter-added", false),
    ("parameter-demanded", true),
    ("parameter-removed", true),
    ("field-added", false),
    ("field-removed", true),
    ("field-changed", true),
    ("scope-narrowed", true),
    ("subject-lost", true),
];

/// What a newer document changes of the operations and scopes of an API.
pub fn differences(
    operations: &[Operation],
    scopes: &[Scope],
    newer: &Description,
) -> Vec<Difference> {
    let mut found = Vec::new();
    let kept = || operations.iter().filter(|operation| !operation.is_removed);
    for described in &newer.operations {
        match kept().find(|one| one.described.name == described.name) {
            None => found.push(difference("operation-added", &described.name, false)),
            Some(before) => of_operation(before, described, &mut found),
        }
    }
    for before in kept() {
        let name = &before.described.name;
        if !newer.operations.iter().any(|one| one.name == *name) {
            found.push(difference("operation-removed", name, true));
        }
    }
    for scope in scopes {
        for (operation, path) in &scope.fields {
            let Some(before) = operations.iter().find(|one| one.id == *operation) else {
                continue;
            };
            let after = newer
                .operations
                .iter()
                .find(|one| one.name == before.described.name);
            if !after.is_some_and(|one| one.fields.iter().any(|field| field.path == *path)) {
                let what = format!("{}\u{a0}: {} {path}", scope.code, before.described.name);
                found.push(difference("scope-narrowed", what, true));
            }
        }
    }
    found
}

fn of_operation(before: &Operation, after: &Described, found: &mut Vec<Difference>) {
    let name = &after.name;
    let was = &before.described;
    if (&was.method, &was.path) != (&after.method, &after.path) {
        let what = format!("{name}\u{a0}: {} {}", after.method, after.path);
        found.push(difference("operation-moved", what, true));
    }
    for parameter in &after.parameters {
        let is_same = |one: &&super::openapi::DescribedParameter| {
            one.name == parameter.name && one.place == parameter.place
        };
        let what = format!("{name}\u{a0}: {}", parameter.name);
        match was.parameters.iter().find(is_same) {
            None if parameter.required => found.push(difference("parameter-demanded", what, true)),
            None => found.push(difference("parameter-added", what, false)),
            Some(one) if parameter.required && !one.required => {
                found.push(difference("parameter-demanded", what, true));
            }
            Some(_) => {}
        }
    }
    for parameter in &was.parameters {
        let goes_on = after
            .parameters
            .iter()
            .any(|one| one.name == parameter.name && one.place == parameter.place);
        if goes_on {
            continue;
        }
        let what = format!("{name}\u{a0}: {}", parameter.name);
        if before.subject.contains(&super::api::parameter(parameter)) {
            found.push(difference("subject-lost", what.clone(), true));
        }
        found.push(difference("parameter-removed", what, true));
    }
    for field in &after.fields {
        let what = format!("{name}\u{a0}: {}", field.path);
        match was.fields.iter().find(|one| one.path == field.path) {
            None => found.push(difference("field-added", what, false)),
            Some(one) if one.kind != field.kind => {
                let what = format!("{what} ({} → {})", one.kind, field.kind);
                found.push(difference("field-changed", what, true));
            }
            Some(_) => {}
        }
    }
    for field in &was.fields {
        if !after.fields.iter().any(|one| one.path == field.path) {
            let what = format!("{name}\u{a0}: {}", field.path);
            found.push(difference("field-removed", what, true));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::api::tests::operation;
    use super::*;
    use uuid::Uuid;

    fn newer(operations: Vec<Described>) -> Description {
        Description {
            title: "t".into(),
            text: String::new(),
            version: "2".into(),
            operations,
            document: serde_json::Value::Null,
        }
    }

    #[test]
    fn every_kind_of_change_is_told() {
        let mut a = operation(1, "a", &["x", "y", "z"]);
        a.subject = vec![ports::exchange::Parameter::Query("numero".into())];
        let b = operation(2, "b", &["x"]);
        let scope = Scope {
            id: Uuid::nil(),
            api: Uuid::nil(),
            code: "s".into(),
            label: "s".into(),
            tells_identity: false,
            fields: vec![(a.id, "y".into())],
        };
        let mut after = operation(9, "a", &["x", "z", "n"]).described;
        after.path = "/v2/x".into();
        after.fields[1].kind = "integer".into();
        let mut demanded = after.parameters[0].clone();
        demanded.name = "mois".into();
        let mut free = demanded.clone();
        (free.name, free.required) = ("jour".into(), false);
        after.parameters = vec![demanded, free];
        let c = operation(9, "c", &["x"]).described;
        let found = differences(
            &[a.clone(), b],
            std::slice::from_ref(&scope),
            &newer(vec![after, c]),
        );
        for (kind, breaks) in KINDS {
            let one = found.iter().find(|one| one.kind == kind);
            assert_eq!(one.map(|one| one.breaks), Some(breaks), "{kind}");
        }
        assert_eq!(found.len(), KINDS.len());
        // Nothing changes when nothing does.
        let same = newer(vec![a.described.clone()]);
        assert_eq!(differences(&[a], &[scope], &same), []);
    }
}
