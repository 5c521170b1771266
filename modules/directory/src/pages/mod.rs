//! Pages of the directory.

mod account;
mod choices;
mod organisations;
mod people;
mod sign_in;

use kit_http::{Failure, FieldError, ModuleRoutes, Routes};
use kit_ui::{Field, Words};

use crate::access::{
    EDIT_ORGANISATIONS, EDIT_PEOPLE, OWN_ACCOUNT, READ_ORGANISATIONS, READ_PEOPLE, SIGN_IN,
};
use crate::domain::Mistake;
use crate::{Directory, DirectoryError};

pub(crate) fn routes(directory: Directory) -> ModuleRoutes {
    Routes::new("directory")
        .get("/sign-in", &SIGN_IN, sign_in::show)
        .post("/sign-in", &SIGN_IN, sign_in::sign_in)
        .post("/sign-in/email", &SIGN_IN, choices::lead)
        .post("/sign-out", &SIGN_IN, sign_in::sign_out)
        .get("/password", &SIGN_IN, sign_in::show_ask)
        .post("/password", &SIGN_IN, sign_in::ask)
        .get("/password/{token}", &SIGN_IN, sign_in::show_choose)
        .post("/password/{token}", &SIGN_IN, sign_in::choose)
        .get("/account", &OWN_ACCOUNT, account::show)
        .get("/organisations", &READ_ORGANISATIONS, organisations::list)
        .get(
            "/organisations/new",
            &EDIT_ORGANISATIONS,
            organisations::show_new,
        )
        .post("/organisations", &EDIT_ORGANISATIONS, organisations::add)
        .get(
            "/organisations/{id}",
            &READ_ORGANISATIONS,
            organisations::show,
        )
        .get(
            "/organisations/{id}/edit",
            &EDIT_ORGANISATIONS,
            organisations::show_edit,
        )
        .post(
            "/organisations/{id}/edit",
            &EDIT_ORGANISATIONS,
            organisations::edit,
        )
        .get("/people", &READ_PEOPLE, people::list)
        .get("/people/new", &EDIT_PEOPLE, people::show_new)
        .post("/people", &EDIT_PEOPLE, people::add)
        .get("/people/{id}", &READ_PEOPLE, people::show)
        .post("/people/{id}/grants", &EDIT_PEOPLE, people::grant)
        .post(
            "/people/{id}/grants/withdraw",
            &EDIT_PEOPLE,
            people::withdraw,
        )
        .post("/people/{id}/disabled", &EDIT_PEOPLE, people::set_disabled)
        .with_state(directory)
}

impl From<DirectoryError> for Failure {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::NotFound => Self::NotFound,
            DirectoryError::Denied(denied) => denied.into(),
            DirectoryError::Stale => Self::Conflict(String::new()),
            DirectoryError::Mistakes(mistakes) => Self::Invalid(
                mistakes
                    .into_iter()
                    .map(|mistake| FieldError::new(mistake.field, "invalid", mistake.key))
                    .collect(),
            ),
            DirectoryError::Db(error) if error.is_transient() => Self::Unavailable(Box::new(error)),
            error => Self::internal(error),
        }
    }
}

/// Puts each mistake beside its field.
fn mark(words: &Words, fields: &mut [Field], mistakes: &[Mistake]) {
    for field in fields {
        if let Some(mistake) = mistakes.iter().find(|mistake| mistake.field == field.name) {
            field.error = Some(words.text(mistake.key));
        }
    }
}
