//! A procedure or a service of a product, as its users know it.

use serde::Serialize;
use url::Url;

use super::Mistake;
use crate::WORDING;

/// From this many users a year on a procedure is in the observatory's scope.
pub const SCOPE_USERS_MIN: i64 = 200_000;
/// Most users of a year: more than people live.
const USERS_MAX: i64 = 10_000_000_000;

/// What is said of a procedure.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Procedure {
    /// Its name, as its users know it.
    pub name: String,
    /// Where it begins; may be empty.
    pub address: String,
    /// How many people use it in a year.
    pub users: Option<i64>,
    /// Whether it opens a permanent national financial aid.
    pub opens_aid: bool,
}

impl Procedure {
    /// Whether the observatory publishes it each quarter: over 200,000 users a year, or a permanent
    /// national financial aid.
    pub fn is_in_scope(&self) -> bool {
        self.opens_aid || self.users.is_some_and(|users| users > SCOPE_USERS_MIN)
    }
}

/// What somebody sends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProcedureForm {
    /// At most 200 characters.
    pub name: String,
    /// An address of the web.
    pub address: String,
    /// A whole number.
    pub users: String,
    /// `yes` or nothing.
    pub opens_aid: String,
}

impl ProcedureForm {
    /// The form of what stands.
    pub fn of(procedure: &Procedure) -> Self {
        Self {
            name: procedure.name.clone(),
            address: procedure.address.clone(),
            users: procedure
                .users
                .map_or_else(String::new, |users| users.to_string()),
            opens_aid: if procedure.opens_aid { "yes" } else { "" }.to_owned(),
        }
    }

    /// What it says.
    pub fn read(&self) -> Result<Procedure, Vec<Mistake>> {
        let mut reader = WORDING.reader();
        let name = reader.needed("name", &self.name, 200);
        let address = reader.text("address", &self.address, 500);
        let is_web = |address: &str| {
            Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
        };
        if !address.is_empty() && !is_web(&address) {
            reader.wrong("address", "observatory-mistake-address", &address);
        }
        let plain: String = self.users.chars().filter(|c| !c.is_whitespace()).collect();
        let users = reader.whole("users", &plain, (0, USERS_MAX));
        reader.done(Procedure {
            name,
            address,
            users,
            opens_aid: self.opens_aid == "yes",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scope_is_by_users_or_by_aid() {
        let form = |users: &str, opens_aid: &str| ProcedureForm {
            name: "Demander l’allocation".into(),
            users: users.into(),
            opens_aid: opens_aid.into(),
            ..ProcedureForm::default()
        };
        let scope = |users: &str, aid: &str| form(users, aid).read().unwrap().is_in_scope();
        assert!(!scope("200 000", "") && !scope("", ""));
        assert!(scope("200\u{202f}001", "") && scope("12", "yes"));
        let read = form("1 000", "yes").read().unwrap();
        assert_eq!(ProcedureForm::of(&read).read(), Ok(read));
    }

    #[test]
    fn an_address_is_of_the_web() {
        let read = |address: &str| {
            let form = ProcedureForm {
                name: "N".into(),
                address: address.into(),
                ..ProcedureForm::default()
            };
            form.read().map(|one| one.address)
        };
        assert_eq!(
            read("https://aides.example/demande").as_deref(),
            Ok("https://aides.example/demande")
        );
        for wrong in [
            "javascript:alert(1)",
            "aides.example",
            "ftp://aides.example",
        ] {
            let mistakes = read(wrong).unwrap_err();
            assert_eq!(mistakes[0].key, "observatory-mistake-address", "{wrong}");
        }
    }
}
