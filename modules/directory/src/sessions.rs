//! Sessions: ending them, seeing one's own, and the alarm about a new device.

use jiff::SignedDuration;
use kit_access::Actor;
use kit_db::{DbError, Tx};
use kit_journal::Change;
use kit_ui::{Words, format};
use uuid::Uuid;

use crate::store::devices::{self, Alarm};
use crate::store::people::Person;
use crate::store::sessions::{self, NewSession, OwnSession, Session};
use crate::store::{emails as store_emails, factors, guards, passkeys, people};
use crate::visit::{Visit, hash_of};
use crate::{Directory, DirectoryError, domain, sign_in};

/// How long the link of a mail about a new device works.
const ALARM_LIVES: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How old a proof may be before a change of what proves asks for a new one.
const FRESH: SignedDuration = SignedDuration::from_mins(15);

impl Directory {
    /// Ends the session of a cookie.
    pub async fn sign_out(&self, token: &str) -> Result<(), DirectoryError> {
        let mut tx = self.db.begin().await?;
        if let Some((id, person)) = sessions::end(&mut tx, &hash_of(token)).await? {
            self.tell_end(&mut tx, id, person).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Ends a session by its id; gives whether there was one.
    pub(crate) async fn end_session(&self, id: Uuid) -> Result<bool, DirectoryError> {
        let mut tx = self.db.begin().await?;
        let Some(person) = sessions::end_one(&mut tx, id).await? else {
            return Ok(false);
        };
        self.tell_end(&mut tx, id, person).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Ends every session of a person.
    pub(crate) async fn end_sessions(
        &self,
        tx: &mut Tx,
        person: Uuid,
    ) -> Result<(), DirectoryError> {
        for id in sessions::end_all(tx, person).await? {
            self.tell_end(tx, id, person).await?;
        }
        Ok(())
    }

    /// Says in the journal that a session ended: what other modules opened with it ends too.
    pub(crate) async fn tell_end(
        &self,
        tx: &mut Tx,
        id: Uuid,
        person: Uuid,
    ) -> Result<(), DirectoryError> {
        let change = Change::new("directory.session.end", "session", id)
            .after(serde_json::json!({ "person": person }));
        let actor = Actor::system("sign-out");
        self.journal.append(tx, &actor, change).await?;
        Ok(())
    }

    /// The live session of a cookie.
    pub(crate) async fn session_of(&self, cookie: &str) -> Result<Option<Session>, DbError> {
        let now = self.source.now();
        sessions::find(&self.db, &hash_of(cookie), now, now - self.limits.idle).await
    }

    /// Whether a session is live.
    pub(crate) async fn is_live(&self, id: Uuid) -> Result<bool, DbError> {
        let now = self.source.now();
        sessions::is_live(&self.db, id, now).await
    }

    /// The live sessions of a person, the newest first.
    pub(crate) async fn own_sessions(&self, person: Uuid) -> Result<Vec<OwnSession>, DbError> {
        let now = self.source.now();
        sessions::of_person(&self.db, person, now, now - self.limits.idle).await
    }

    /// Ends a session of this person.
    pub(crate) async fn end_own_session(
        &self,
        person: Uuid,
        id: Uuid,
    ) -> Result<(), DirectoryError> {
        let mut tx = self.db.begin().await?;
        if !sessions::end_own(&mut tx, id, person).await? {
            return Err(DirectoryError::NotFound);
        }
        self.tell_end(&mut tx, id, person).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Ends the sessions of this person but one.
    pub(crate) async fn end_other_sessions(
        &self,
        person: Uuid,
        but: Uuid,
    ) -> Result<(), DirectoryError> {
        let mut tx = self.db.begin().await?;
        for id in sessions::end_others(&mut tx, person, but).await? {
            self.tell_end(&mut tx, id, person).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Whether a session was proved lately enough to change what proves: not long ago, and with the
    /// second factor if the account has one. A session left open mustn't be enough to take the
    /// account over.
    pub(crate) fn is_fresh(&self, session: &Session, has_second_factor: bool) -> bool {
        let age = self.source.now().duration_since(session.created_at);
        age <= FRESH && (!has_second_factor || session.is_multi_factor())
    }

    /// Tells a person by mail about a session in a browser that the account doesn't know.
    pub(crate) async fn tell_new_device(
        &self,
        tx: &mut Tx,
        person: &Person,
        session: &NewSession<'_>,
        visit: &Visit,
    ) -> Result<(), DirectoryError> {
        let (Some(words), Some(device)) = (&visit.words, session.device_hash) else {
            return Ok(());
        };
        let token = self.new_token();
        let alarm = Alarm {
            person: person.id,
            session: session.id,
            device_hash: device.to_vec(),
        };
        let expires = session.now + ALARM_LIVES;
        devices::begin_alarm(tx, &hash_of(&token), &alarm, expires).await?;
        let link = format!("{}/not-me/{token}", self.public_url);
        let text = words.text_with(
            "directory-mail-device-text",
            &[
                ("when", format::instant(words.locale, session.now).into()),
                ("browser", browser_text(words, &visit.browser).into()),
                ("network", visit.network.as_str().into()),
                ("link", link.as_str().into()),
            ],
        );
        let subject = words.text("directory-mail-device-subject");
        self.send_mail(tx, &person.email, &subject, &text).await
    }

    /// Whether the link of a mail about a new device still works.
    pub(crate) async fn alarm_works(&self, token: &str) -> Result<bool, DbError> {
        let now = self.source.now();
        let found = devices::find_alarm(&self.db, &hash_of(token), now).await?;
        Ok(found.is_some())
    }

    /// "It wasn't me": ends the session, forgets the device, and sends a link to choose another
    /// password to who has one. The link of the alarm gives none itself: it lives for days, in a mailbox. Gives
    /// whether it still worked.
    pub async fn raise_alarm(&self, token: &str, words: &Words) -> Result<bool, DirectoryError> {
        let now = self.source.now();
        let mut tx = self.db.begin().await?;
        let found = devices::find_alarm(&mut tx, &hash_of(token), now).await?;
        let Some(alarm) = found else { return Ok(false) };
        if !devices::use_alarm(&mut tx, &hash_of(token)).await? {
            return Ok(false);
        }
        if sessions::end_own(&mut tx, alarm.session, alarm.person).await? {
            self.tell_end(&mut tx, alarm.session, alarm.person).await?;
        }
        devices::remove(&mut tx, &alarm.device_hash, alarm.person).await?;
        let change = Change::new("directory.session.disown", "person", alarm.person)
            .after(serde_json::json!({ "session": alarm.session }));
        let actor = Actor::system("mail link");
        self.journal.append(&mut tx, &actor, change).await?;
        let person = people::find(&mut tx, alarm.person).await?;
        // Who signs in through a provider has no password to choose anew.
        let resets = |person: &Person| !person.disabled && person.password_hash.is_some();
        if let Some(person) = person.filter(resets) {
            self.send_reset(&mut tx, &person, words).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Removes what has ended; called now and then. Gives how many sessions.
    pub async fn forget_expired_sessions(&self) -> Result<u64, DbError> {
        let now = self.source.now();
        let db = &self.db;
        sessions::forget_resets(db, now).await?;
        factors::forget_tickets(db, now).await?;
        passkeys::forget_challenges(db, now).await?;
        guards::forget(db, now - domain::FORGOTTEN_AFTER).await?;
        devices::forget(db, now - sign_in::DEVICE_LIVES).await?;
        devices::forget_alarms(db, now).await?;
        store_emails::forget(db, now).await?;
        sessions::forget_expired(db, now).await
    }
}

impl Session {
    /// Whether two factors proved it (see `identity`'s levels, which read the same names).
    pub(crate) fn is_multi_factor(&self) -> bool {
        let methods = self.methods.split_whitespace();
        methods
            .into_iter()
            .any(|method| ["otp", "hwk", "swk", "mfa"].contains(&method))
    }
}

/// A browser in words.
pub(crate) fn browser_text(words: &Words, browser: &str) -> String {
    if browser.is_empty() {
        words.text("directory-browser-unknown")
    } else {
        browser.to_owned()
    }
}
