//! Second factors of one's own account: the application's codes and the recovery codes.

use jiff::SignedDuration;
use kit_access::Actor;
use kit_db::Tx;
use kit_journal::Change;
use kit_ui::Words;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::access::EDIT_PEOPLE;
use crate::domain::{
    RECOVERY_BYTES, RECOVERY_CODES, TOTP_SECRET_BYTES, recovery_code, totp_step,
    typed_recovery_code,
};
use crate::store::people::Person;
use crate::store::{factors, passkeys, people};
use crate::visit::Visit;
use crate::{Directory, DirectoryError};

/// How long a secret waits for its first code.
const SETUP_LIVES: SignedDuration = SignedDuration::from_mins(15);

/// What an account has beside its password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Factors {
    /// Whether an application gives codes.
    pub(crate) has_totp: bool,
    /// How many passkeys.
    pub(crate) passkeys: i64,
    /// How many recovery codes are left.
    pub(crate) recovery_codes: i64,
}

impl Factors {
    /// Whether a second factor is asked for at sign-in.
    pub(crate) fn is_any(self) -> bool {
        self.has_totp || self.passkeys > 0
    }
}

fn code_hash(code: &str) -> [u8; 32] {
    Sha256::digest(code.as_bytes()).into()
}

impl Directory {
    /// What an account has beside its password.
    pub(crate) async fn factors(&self, person: Uuid) -> Result<Factors, DirectoryError> {
        let totp = factors::totp(&self.db, person).await?;
        Ok(Factors {
            has_totp: totp.is_some_and(|totp| totp.confirmed_at.is_some()),
            passkeys: passkeys::count(&self.db, person).await?,
            recovery_codes: factors::count_codes(&self.db, person).await?,
        })
    }

    /// Draws a secret, which waits a quarter of an hour for its first code. An account whose codes
    /// are in use keeps its secret.
    pub async fn begin_totp(&self, person: Uuid) -> Result<(), DirectoryError> {
        let secret = self.source.random::<TOTP_SECRET_BYTES>();
        let mut tx = self.db.begin().await?;
        factors::begin_totp(&mut tx, person, &secret, self.source.now()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The secret that waits for its first code.
    pub async fn waiting_totp(&self, person: Uuid) -> Result<Option<Vec<u8>>, DirectoryError> {
        let now = self.source.now();
        let totp = factors::totp(&self.db, person).await?;
        Ok(totp
            .filter(|totp| totp.confirmed_at.is_none() && totp.created_at + SETUP_LIVES > now)
            .map(|totp| totp.secret))
    }

    /// Puts the secret that waits to use, if the code is one of it. Gives the recovery codes that
    /// were made with it, none if the account had some; `None` when the code doesn't fit.
    pub async fn confirm_totp(
        &self,
        person: Uuid,
        typed: &str,
        words: &Words,
    ) -> Result<Option<Vec<String>>, DirectoryError> {
        let now = self.source.now();
        let Some(secret) = self.waiting_totp(person).await? else {
            return Ok(None);
        };
        let Some(step) = totp_step(&secret, typed, 0, now.as_second()) else {
            return Ok(None);
        };
        let person = self.person_of(person).await?;
        let mut tx = self.db.begin().await?;
        let is_new = factors::use_step(&mut tx, person.id, step).await?
            && factors::confirm_totp(&mut tx, person.id, now).await?;
        if !is_new {
            return Ok(None);
        }
        let codes = self.first_recovery_codes(&mut tx, person.id).await?;
        self.tell_factor(&mut tx, &person, "totp-added", words)
            .await?;
        tx.commit().await?;
        Ok(Some(codes))
    }

    /// Takes the application's codes away.
    pub async fn remove_totp(&self, person: Uuid, words: &Words) -> Result<(), DirectoryError> {
        let person = self.person_of(person).await?;
        let mut tx = self.db.begin().await?;
        if !factors::remove_totp(&mut tx, person.id).await? {
            return Ok(());
        }
        self.drop_useless_codes(&mut tx, person.id).await?;
        self.tell_factor(&mut tx, &person, "totp-removed", words)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Recovery codes without a second factor to recover would be passwords nobody asked for.
    pub(crate) async fn drop_useless_codes(
        &self,
        tx: &mut Tx,
        person: Uuid,
    ) -> Result<(), DirectoryError> {
        if !self.has_second_factor(tx, person).await? {
            factors::remove_codes(tx, person).await?;
        }
        Ok(())
    }

    /// Recovery codes for an account that has none yet; empty when it has some.
    pub(crate) async fn first_recovery_codes(
        &self,
        tx: &mut Tx,
        person: Uuid,
    ) -> Result<Vec<String>, DirectoryError> {
        if factors::count_codes(&mut *tx, person).await? > 0 {
            return Ok(Vec::new());
        }
        self.draw_recovery_codes(tx, person).await
    }

    async fn draw_recovery_codes(
        &self,
        tx: &mut Tx,
        person: Uuid,
    ) -> Result<Vec<String>, DirectoryError> {
        factors::remove_codes(tx, person).await?;
        let mut codes = Vec::with_capacity(RECOVERY_CODES);
        for _ in 0..RECOVERY_CODES {
            let code = recovery_code(self.source.random::<RECOVERY_BYTES>());
            let kept = typed_recovery_code(&code).unwrap_or_default();
            factors::add_code(tx, person, &code_hash(&kept)).await?;
            codes.push(code);
        }
        Ok(codes)
    }

    /// New recovery codes in the place of the old ones: shown now and never again. `None` when the
    /// account has no second factor.
    pub async fn renew_recovery_codes(
        &self,
        person: Uuid,
        words: &Words,
    ) -> Result<Option<Vec<String>>, DirectoryError> {
        let person = self.person_of(person).await?;
        let mut tx = self.db.begin().await?;
        if !self.has_second_factor(&mut tx, person.id).await? {
            return Ok(None);
        }
        let codes = self.draw_recovery_codes(&mut tx, person.id).await?;
        self.tell_factor(&mut tx, &person, "codes-renewed", words)
            .await?;
        tx.commit().await?;
        Ok(Some(codes))
    }

    /// Uses a recovery code up and tells the person by mail; gives whether it was one.
    pub(crate) async fn use_recovery_code(
        &self,
        tx: &mut Tx,
        person: &Person,
        code: &str,
        visit: &Visit,
    ) -> Result<bool, DirectoryError> {
        if !factors::use_code(tx, person.id, &code_hash(code)).await? {
            return Ok(false);
        }
        let left = factors::count_codes(&mut *tx, person.id).await?;
        let change = Change::new("directory.recovery_code.use", "person", person.id)
            .of(person.organisation_id)
            .after(serde_json::json!({ "left": left }));
        let actor = Actor::person(person.id, &person.name, Vec::new());
        self.journal.append(tx, &actor, change).await?;
        if let Some(words) = &visit.words {
            let subject = words.text("directory-mail-recovery-subject");
            let link = format!("{}/account/recovery-codes", self.public_url);
            let args = [("left", left.into()), ("link", link.as_str().into())];
            let text = words.text_with("directory-mail-recovery-text", &args);
            self.send_mail(tx, &person.email, &subject, &text).await?;
        }
        Ok(true)
    }

    /// Takes every second factor of a person away: an administrator does it for somebody who has
    /// lost all of them and has shown who it is otherwise. Its sessions end.
    pub async fn reset_factors(
        &self,
        actor: &Actor,
        person: Uuid,
        words: &Words,
    ) -> Result<(), DirectoryError> {
        let person = self.person_of(person).await?;
        actor.demand(&EDIT_PEOPLE, person.organisation_id)?;
        let mut tx = self.db.begin().await?;
        factors::remove_totp(&mut tx, person.id).await?;
        passkeys::remove_all(&mut tx, person.id).await?;
        factors::remove_codes(&mut tx, person.id).await?;
        self.end_sessions(&mut tx, person.id).await?;
        let change =
            Change::new("directory.factors.reset", "person", person.id).of(person.organisation_id);
        self.journal.append(&mut tx, actor, change).await?;
        self.mail_factor(&mut tx, &person, "reset", words).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn person_of(&self, id: Uuid) -> Result<Person, DirectoryError> {
        let person = people::find(&self.db, id).await?;
        person.ok_or(DirectoryError::NotFound)
    }

    /// Says in the journal and by mail that what proves has changed.
    pub(crate) async fn tell_factor(
        &self,
        tx: &mut Tx,
        person: &Person,
        what: &'static str,
        words: &Words,
    ) -> Result<(), DirectoryError> {
        let change = Change::new("directory.factors.change", "person", person.id)
            .of(person.organisation_id)
            .after(serde_json::json!({ "change": what }));
        let actor = Actor::person(person.id, &person.name, Vec::new());
        self.journal.append(tx, &actor, change).await?;
        self.mail_factor(tx, person, what, words).await
    }

    /// Tells a person by mail that something about its account has changed.
    pub(crate) async fn mail_factor(
        &self,
        tx: &mut Tx,
        person: &Person,
        what: &str,
        words: &Words,
    ) -> Result<(), DirectoryError> {
        let subject = words.text("directory-mail-factor-subject");
        let what = words.text(&format!("directory-factor-{what}"));
        let link = format!("{}/account", self.public_url);
        let args = [
            ("what", what.as_str().into()),
            ("link", link.as_str().into()),
        ];
        let text = words.text_with("directory-mail-factor-text", &args);
        self.send_mail(tx, &person.email, &subject, &text).await
    }
}
