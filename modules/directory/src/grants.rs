//! People and grants: adding, granting, withdrawing.

use kit_access::Actor;
use kit_journal::Change;
use uuid::Uuid;

use crate::access::{EDIT_PEOPLE, READ_PEOPLE};
use crate::domain::{self, Mistake};
use crate::store::people::{Person, StoredGrant};
use crate::store::{organisations, people};
use crate::{Directory, DirectoryError};

/// Longest name of a person, in characters.
pub(crate) const PERSON_NAME_CHARS_MAX: usize = 200;

impl Directory {
    /// Adds a person; the address must be free.
    pub async fn add_person(
        &self,
        actor: &Actor,
        name: &str,
        email: &str,
        organisation: Option<Uuid>,
    ) -> Result<Uuid, DirectoryError> {
        actor.demand(&EDIT_PEOPLE, organisation)?;
        let mut mistakes = Vec::new();
        let mut wrong = |field, key| mistakes.push(Mistake { field, key });
        let name = name.trim();
        if name.is_empty() {
            wrong("name", "directory-mistake-name-missing");
        } else if name.chars().count() > PERSON_NAME_CHARS_MAX {
            wrong("name", "directory-mistake-name-long");
        }
        let address = domain::email(email);
        if address.is_none() {
            wrong("email", "directory-mistake-email");
        }
        let Some(address) = address.filter(|_| mistakes.is_empty()) else {
            return Err(DirectoryError::Mistakes(mistakes));
        };
        let person = Person {
            id: self.source.new_id(),
            email: address,
            name: name.to_owned(),
            organisation_id: organisation,
            password_hash: None,
            email_verified_at: None,
            disabled: false,
        };
        let mut tx = self.db.begin().await?;
        if !people::insert(&mut tx, &person, self.source.now()).await? {
            let taken = Mistake {
                field: "email",
                key: "directory-mistake-email-taken",
            };
            return Err(DirectoryError::Mistakes(vec![taken]));
        }
        let change = Change::new("directory.person.add", "person", person.id)
            .of(organisation)
            .after(serde_json::json!({ "name": person.name, "organisation": organisation }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(person.id)
    }

    /// A person with its grants.
    pub async fn person(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<(Person, Vec<StoredGrant>), DirectoryError> {
        let person = people::find(&self.db, id)
            .await?
            .ok_or(DirectoryError::NotFound)?;
        actor.demand(&READ_PEOPLE, person.organisation_id)?;
        let grants = people::grants(&self.db, id).await?;
        Ok((person, grants))
    }

    /// The person of an address, for commands of the operator.
    pub async fn person_by_email(&self, email: &str) -> Result<Option<Uuid>, DirectoryError> {
        let Some(email) = domain::email(email) else {
            return Ok(None);
        };
        Ok(people::by_email(&self.db, &email)
            .await?
            .map(|person| person.id))
    }

    /// Grants a role on an organisation and all below it, or on the whole State.
    pub async fn grant(
        &self,
        actor: &Actor,
        person_id: Uuid,
        role: &str,
        organisation: Option<Uuid>,
    ) -> Result<Uuid, DirectoryError> {
        actor.demand(&EDIT_PEOPLE, organisation)?;
        let mistake = |field, key| DirectoryError::Mistakes(vec![Mistake { field, key }]);
        let role = ports::roles::ALL
            .iter()
            .find(|known| known.0 == role)
            .ok_or_else(|| mistake("role", "directory-mistake-role"))?;
        if let Some(id) = organisation
            && organisations::find(&self.db, id).await?.is_none()
        {
            return Err(mistake("organisation", "directory-mistake-parent"));
        }
        let person = people::find(&self.db, person_id)
            .await?
            .ok_or(DirectoryError::NotFound)?;
        let grant = StoredGrant {
            id: self.source.new_id(),
            role: role.0.to_owned(),
            organisation_id: organisation,
            granted_by: actor.name().to_owned(),
            granted_at: self.source.now(),
        };
        let mut tx = self.db.begin().await?;
        people::grant(&mut tx, person_id, &grant).await?;
        let change = Change::new("directory.grant.add", "person", person_id)
            .of(person.organisation_id)
            .after(&grant);
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(grant.id)
    }

    /// Withdraws a grant.
    pub async fn withdraw(
        &self,
        actor: &Actor,
        person_id: Uuid,
        grant_id: Uuid,
    ) -> Result<(), DirectoryError> {
        let grants = people::grants(&self.db, person_id).await?;
        let grant = grants
            .into_iter()
            .find(|grant| grant.id == grant_id)
            .ok_or(DirectoryError::NotFound)?;
        actor.demand(&EDIT_PEOPLE, grant.organisation_id)?;
        let mut tx = self.db.begin().await?;
        if !people::withdraw(&mut tx, person_id, grant_id).await? {
            return Err(DirectoryError::NotFound);
        }
        let change = Change::new("directory.grant.withdraw", "person", person_id)
            .of(grant.organisation_id)
            .before(&grant);
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Closes or opens an account; closing it ends its sessions at once.
    pub async fn set_disabled(
        &self,
        actor: &Actor,
        person_id: Uuid,
        disabled: bool,
    ) -> Result<(), DirectoryError> {
        let person = people::find(&self.db, person_id)
            .await?
            .ok_or(DirectoryError::NotFound)?;
        actor.demand(&EDIT_PEOPLE, person.organisation_id)?;
        let mut tx = self.db.begin().await?;
        people::set_disabled(&mut tx, person_id, disabled).await?;
        self.end_sessions(&mut tx, person_id).await?;
        let change = Change::new("directory.account.set_disabled", "person", person_id)
            .of(person.organisation_id)
            .before(serde_json::json!({ "disabled": person.disabled }))
            .after(serde_json::json!({ "disabled": disabled }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(())
    }
}
