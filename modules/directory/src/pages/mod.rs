//! Pages of the directory.

mod account;
mod choices;
mod email;
mod organisations;
mod passkeys;
mod people;
mod recovery_codes;
mod second_factor;
mod sessions;
mod sign_in;
mod totp;

use kit_http::{Cx, Failure, FieldError, HeaderMap, ModuleRoutes, Routes, SESSION_COOKIE, cookies};
use kit_ui::{Actions, Composed, Field, Notice, Tone, Words};
use uuid::Uuid;

use crate::access::{
    EDIT_ORGANISATIONS, EDIT_PEOPLE, OWN_ACCOUNT, READ_ORGANISATIONS, READ_PEOPLE, SIGN_IN,
};
use crate::domain::Mistake;
use crate::second_factor::Factors;
use crate::store::sessions::Session;
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
        .get("/sign-in/second", &SIGN_IN, second_factor::show)
        .post("/sign-in/second", &SIGN_IN, second_factor::answer)
        .post("/sign-in/passkey", &SIGN_IN, passkeys::sign_in)
        .post("/sign-in/passkey/options", &SIGN_IN, passkeys::ask)
        .get("/not-me/{token}", &SIGN_IN, sessions::show_alarm)
        .post("/not-me/{token}", &SIGN_IN, sessions::raise_alarm)
        .get("/email/{token}", &SIGN_IN, email::show_link)
        .post("/email/{token}", &SIGN_IN, email::follow_link)
        .get("/account", &OWN_ACCOUNT, account::show)
        .get("/account/email", &OWN_ACCOUNT, email::show)
        .post("/account/email", &OWN_ACCOUNT, email::change)
        .post("/account/email/verify", &OWN_ACCOUNT, email::send_again)
        .get("/account/totp", &OWN_ACCOUNT, totp::show)
        .post("/account/totp", &OWN_ACCOUNT, totp::confirm)
        .post("/account/totp/begin", &OWN_ACCOUNT, totp::begin)
        .post("/account/totp/remove", &OWN_ACCOUNT, totp::remove)
        .get(
            "/account/recovery-codes",
            &OWN_ACCOUNT,
            recovery_codes::show,
        )
        .post(
            "/account/recovery-codes",
            &OWN_ACCOUNT,
            recovery_codes::renew,
        )
        .get("/account/passkeys", &OWN_ACCOUNT, passkeys::list)
        .post("/account/passkeys", &OWN_ACCOUNT, passkeys::add)
        .post("/account/passkeys/options", &OWN_ACCOUNT, passkeys::ask_new)
        .get("/account/passkeys/{id}", &OWN_ACCOUNT, passkeys::show)
        .post("/account/passkeys/{id}", &OWN_ACCOUNT, passkeys::rename)
        .post(
            "/account/passkeys/{id}/remove",
            &OWN_ACCOUNT,
            passkeys::remove,
        )
        .get("/account/sessions/{id}", &OWN_ACCOUNT, sessions::show)
        .post("/account/sessions/{id}", &OWN_ACCOUNT, sessions::end)
        .post(
            "/account/sessions/end-others",
            &OWN_ACCOUNT,
            sessions::end_others,
        )
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
        .post(
            "/people/{id}/factors/reset",
            &EDIT_PEOPLE,
            people::reset_factors,
        )
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

/// Who sees its own account.
struct Own {
    person: Uuid,
    session: Session,
    factors: Factors,
    /// Whether the session was proved lately enough to change what proves.
    is_fresh: bool,
}

impl Own {
    async fn of(directory: &Directory, cx: &Cx, headers: &HeaderMap) -> Result<Self, Failure> {
        let cookie = cookies::read(headers, SESSION_COOKIE).unwrap_or_default();
        let session = directory.session_of(cookie).await;
        let session = session.map_err(DirectoryError::from)?;
        let person = cx.actor.person_id();
        let (Some(session), Some(person)) = (session, person) else {
            return Err(Failure::SignInNeeded);
        };
        let factors = directory.factors(person).await?;
        Ok(Self {
            person,
            is_fresh: directory.is_fresh(&session, factors.is_any()),
            session,
            factors,
        })
    }

    /// What is read in the place of a form while the session isn't fresh: the way to prove anew and
    /// come back to `path`.
    fn prove_again(&self, cx: &Cx, page: Composed, path: &str) -> Composed {
        let words = cx.words();
        let level = if self.factors.is_any() {
            "&level=mfa"
        } else {
            ""
        };
        let to = format!(
            "/sign-in?again=true{level}&return_to={}",
            percent_encode(path)
        );
        page.with(Notice::new(
            Tone::Info,
            "",
            words.text("directory-prove-again"),
        ))
        .with(Actions(vec![(words.text("directory-prove-again-go"), to)]))
    }
}

/// A path as the value of a parameter.
fn percent_encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
