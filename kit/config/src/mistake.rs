//! What is wrong with what was written.

use crate::Place;

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {wrong}")]
pub struct Mistake {
    /// Where it was written.
    pub place: Place,
    /// What is wrong.
    pub wrong: Wrong,
}

/// What is wrong. A secret is never repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The file isn't TOML.
    #[error("not TOML: {0}")]
    Syntax(String),
    /// The file, or the file of a secret, can't be read.
    #[error("{path} can't be read: {reason}")]
    Unreadable {
        /// Which file.
        path: String,
        /// Why.
        reason: String,
    },
    /// No such setting.
    #[error("{key} is no setting{}", near.as_deref().map(|near| format!("; did you mean {near}?")).unwrap_or_default())]
    Unknown {
        /// What was written.
        key: String,
        /// The setting whose key is nearest, if one is near.
        near: Option<String>,
    },
    /// The value isn't allowed.
    #[error("{key} is {value:?}: write {allowed}")]
    Value {
        /// The setting.
        key: String,
        /// The value as it may be shown.
        value: String,
        /// What is allowed.
        allowed: String,
    },
    /// Two settings that don't go together, or one that lacks another.
    #[error("{0}")]
    Together(String),
}

/// Everything that is wrong, one a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Mistakes(pub Vec<Mistake>);
