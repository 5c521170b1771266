//! Sessions and accounts that come about through an identity provider.

use kit_access::Actor;
use kit_db::Tx;
use kit_journal::Change;
use ports::{BegunSession, NewAccount, NewSession, PersonId};

use crate::domain;
use crate::grants::PERSON_NAME_CHARS_MAX;
use crate::sign_in::DEVICE_LIVES;
use crate::store::brokered::Brokered;
use crate::store::people::{self, Person};
use crate::visit::Visit;
use crate::{Directory, DirectoryError};

impl Directory {
    /// Begins a session; the one of the browser's cookie goes on under a new cookie when it is the
    /// same person's, and ends when it is another's. `None` when the account is closed.
    pub(crate) async fn begin_brokered(
        &self,
        tx: &mut Tx,
        new: &NewSession<'_>,
    ) -> Result<Option<BegunSession>, DirectoryError> {
        let person = people::find(&mut *tx, new.person.0).await?;
        let Some(person) = person.filter(|person| !person.disabled) else {
            return Ok(None);
        };
        let visit = Visit::seen(&new.browser);
        let methods = new.methods.join(" ");
        let said = Brokered {
            level: new.level,
            provider: new.provider,
            proved_at: new.proved_at,
        };
        let begun = self.begin_session(tx, &person, &methods, Some(said), &visit);
        let begun = begun.await?;
        Ok(Some(BegunSession {
            id: begun.id,
            token: begun.token,
            max_age_seconds: begun.max_age_seconds,
            device: begun.device,
            device_max_age_seconds: DEVICE_LIVES.as_secs().unsigned_abs(),
        }))
    }

    /// Adds an account, without a password; `None` when its address can't be one or is taken.
    pub(crate) async fn add_brokered(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        new: &NewAccount<'_>,
    ) -> Result<Option<PersonId>, DirectoryError> {
        let Some(email) = domain::email(new.email) else {
            return Ok(None);
        };
        let name = new.name.trim();
        let name = if name.is_empty() { &email } else { name };
        let organisation = new.organisation.map(|id| id.0);
        let person = Person {
            id: self.source.new_id(),
            name: name.chars().take(PERSON_NAME_CHARS_MAX).collect(),
            email,
            organisation_id: organisation,
            password_hash: None,
            // The provider speaks for the address; nobody followed a mail to it here.
            email_verified_at: None,
            disabled: false,
        };
        if !people::insert(tx, &person, self.source.now()).await? {
            return Ok(None);
        }
        let told = serde_json::json!({ "name": person.name, "organisation": organisation });
        let change = Change::new("directory.person.add", "person", person.id)
            .of(organisation)
            .after(told);
        self.journal.append(tx, actor, change).await?;
        Ok(Some(PersonId(person.id)))
    }
}
