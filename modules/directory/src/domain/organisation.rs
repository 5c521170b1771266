//! Organisations, as people describe them.

use ports::OrganisationKind;
use uuid::Uuid;

use siret::{Siret, SiretMistake};

/// Longest name, in characters.
pub const NAME_CHARS_MAX: usize = 300;
/// Longest acronym, in characters.
const ACRONYM_CHARS_MAX: usize = 40;

/// What was typed about an organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganisationForm {
    /// Its name.
    pub name: String,
    /// Its acronym.
    pub acronym: String,
    /// Its kind.
    pub kind: String,
    /// Its SIRET.
    pub siret: String,
    /// The organisation above it.
    pub parent: String,
}

/// An organisation that can be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationDraft {
    /// Its name.
    pub name: String,
    /// Its acronym.
    pub acronym: String,
    /// Its kind.
    pub kind: OrganisationKind,
    /// Its SIRET.
    pub siret: Option<Siret>,
    /// The organisation above it.
    pub parent_id: Option<Uuid>,
}

/// A mistake: the field and the key of its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mistake {
    /// The field.
    pub field: &'static str,
    /// The key of its words, `directory-mistake-…`.
    pub key: &'static str,
}

/// Reads what was typed; gives every mistake, not the first one alone.
pub fn check_organisation(form: &OrganisationForm) -> Result<OrganisationDraft, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let mut wrong = |field, key| mistakes.push(Mistake { field, key });
    let name = form.name.trim();
    match name.chars().count() {
        0 => wrong("name", "directory-mistake-name-missing"),
        n if n > NAME_CHARS_MAX => wrong("name", "directory-mistake-name-long"),
        _ => {}
    }
    if form.acronym.trim().chars().count() > ACRONYM_CHARS_MAX {
        wrong("acronym", "directory-mistake-acronym-long");
    }
    let kind = OrganisationKind::parse(&form.kind);
    if kind.is_none() {
        wrong("kind", "directory-mistake-kind");
    }
    let siret = match form.siret.trim() {
        "" => None,
        text => Siret::parse(text)
            .map_err(|mistake| match mistake {
                SiretMistake::Length => wrong("siret", "directory-mistake-siret-length"),
                SiretMistake::CheckDigit => wrong("siret", "directory-mistake-siret-check"),
            })
            .ok(),
    };
    let parent_id = match form.parent.trim() {
        "" => None,
        text => text
            .parse()
            .map_err(|_| wrong("parent", "directory-mistake-parent"))
            .ok(),
    };
    match kind {
        Some(kind) if mistakes.is_empty() => Ok(OrganisationDraft {
            name: name.to_owned(),
            acronym: form.acronym.trim().to_owned(),
            kind,
            siret,
            parent_id,
        }),
        _ => Err(mistakes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_told_at_once() {
        let form = OrganisationForm {
            name: " ".into(),
            acronym: "x".repeat(41),
            kind: "kingdom".into(),
            siret: "13002526500014".into(),
            parent: "x".into(),
        };
        let fields: Vec<_> = check_organisation(&form)
            .unwrap_err()
            .iter()
            .map(|mistake| mistake.field)
            .collect();
        assert_eq!(fields, ["name", "acronym", "kind", "siret", "parent"]);
    }

    #[test]
    fn a_good_form_becomes_a_draft() {
        let form = OrganisationForm {
            name: " Direction interministérielle du numérique ".into(),
            acronym: "DINUM".into(),
            kind: "directorate".into(),
            siret: "130 025 265 00013".into(),
            parent: String::new(),
        };
        let draft = check_organisation(&form).unwrap();
        assert_eq!(draft.name, "Direction interministérielle du numérique");
        assert_eq!(draft.siret.unwrap().as_str(), "13002526500013");
    }
}
