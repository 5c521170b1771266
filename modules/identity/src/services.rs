//! Registering services, and all that an operator does with one.

use jiff::{SignedDuration, Timestamp};
use kit_access::Actor;
use kit_db::DbError;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::access::{EDIT_SERVICES, READ_SERVICES};
use crate::domain::{Client, ClientDraft, ClientForm, Mistake, hash_of};
use crate::store::clients as store;
use crate::{Identity, IdentityError};

/// How long the former secret works beside a new one.
const FORMER_SECRET_WORKS: SignedDuration = SignedDuration::from_hours(72);

/// A secret, the one time that it is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretShown(pub String);

impl std::fmt::Debug for SecretShown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretShown(…)")
    }
}

/// A service that was just registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewService {
    /// Its id in pages.
    pub id: Uuid,
    /// The name by which it calls us.
    pub client_id: String,
    /// Its secret, if its method has one.
    pub secret: Option<SecretShown>,
}

/// What the journal keeps of a registration: addresses and rules, no secret.
fn told(draft: &ClientDraft) -> serde_json::Value {
    json!({
        "name": draft.name,
        "purpose": draft.purpose,
        "organisation": draft.organisation_id,
        "audience": draft.audience.code(),
        "profile": draft.profile.code(),
        "auth_method": draft.auth_method.code(),
        "redirect_uris": draft.redirect_uris,
        "post_logout_redirect_uris": draft.post_logout_redirect_uris,
        "backchannel_logout_uri": draft.backchannel_logout_uri,
        "scopes": draft.scopes.to_string(),
        "subject_type": draft.subject_type.code(),
        "needs_pkce": draft.needs_pkce,
        "asks_consent": draft.asks_consent,
        "introspects": draft.introspects,
        "grant_types": draft.grant_types.iter().map(|one| one.code()).collect::<Vec<_>>(),
        "resource": draft.advanced.resource,
        "reaches": draft.advanced.reaches.iter().collect::<Vec<_>>(),
        "jwks_uri": draft.advanced.jwks_uri,
        "sector_identifier_uri": draft.advanced.sector_identifier_uri,
        "certificate_name": draft.advanced.certificate_name.as_ref().map(ToString::to_string),
        "demands": draft.advanced.demands.iter().map(|one| one.code()).collect::<Vec<_>>(),
    })
}

/// Another service took the address since it was looked for: the same mistake as one found before.
fn resource_taken(error: DbError) -> IdentityError {
    match &error {
        DbError::Constraint { constraint, .. } if constraint.contains("resource") => {
            let (field, key) = ("resource", "identity-mistake-resource-taken");
            IdentityError::Mistakes(vec![Mistake { field, key }])
        }
        _ => error.into(),
    }
}

impl Identity {
    /// Services after `(name, id)`, by name, at most `limit`; how many there are in all.
    pub async fn services(
        &self,
        actor: &Actor,
        after: (&str, Uuid),
        limit: u32,
    ) -> Result<(Vec<Client>, i64), IdentityError> {
        actor.demand_somewhere(&READ_SERVICES)?;
        let services = store::list(&self.db, after, limit).await?;
        Ok((services, store::count(&self.db).await?))
    }

    /// A service.
    pub async fn service(&self, actor: &Actor, id: Uuid) -> Result<Client, IdentityError> {
        actor.demand_somewhere(&READ_SERVICES)?;
        let found = store::find(&self.db, id).await?;
        found.ok_or(IdentityError::NotFound)
    }

    /// When the secrets of a service that work were made, and until when they work.
    pub(crate) async fn secret_states(
        &self,
        client: Uuid,
    ) -> Result<Vec<(Timestamp, Option<Timestamp>)>, IdentityError> {
        Ok(store::secret_states(&self.db, client, self.source.now()).await?)
    }

    /// Registers a service. Its secret is in the answer and nowhere else.
    pub async fn register(
        &self,
        actor: &Actor,
        form: &ClientForm,
    ) -> Result<NewService, IdentityError> {
        let draft = form.check().map_err(IdentityError::Mistakes)?;
        actor.demand(&EDIT_SERVICES, draft.organisation_id)?;
        self.check_outside(None, &draft).await?;
        // The key that its tokens need is there before it asks for one.
        self.keys_for(draft.id_token_algorithm).await?;
        let now = self.source.now();
        let client = Client {
            id: self.source.new_id(),
            client_id: self.source.new_id().to_string(),
            suspended: false,
            version: 1,
            draft,
        };
        let secret = client
            .draft
            .auth_method
            .has_secret()
            .then(|| self.new_secret());
        let mut tx = self.db.begin().await?;
        let written = store::insert(&mut tx, &client, now).await;
        written.map_err(resource_taken)?;
        if let Some(secret) = &secret {
            store::replace_secret(&mut tx, client.id, hash_of(secret), now, now).await?;
        }
        let change = Change::new("identity.service.register", "service", client.id)
            .of(client.draft.organisation_id)
            .after(told(&client.draft));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(NewService {
            id: client.id,
            client_id: client.client_id,
            secret: secret.map(SecretShown),
        })
    }

    /// Changes a service. `version` is the one that the form was made from.
    pub async fn change_service(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &ClientForm,
    ) -> Result<(), IdentityError> {
        let draft = form.check().map_err(IdentityError::Mistakes)?;
        let mut before = self.service(actor, id).await?;
        actor.demand(&EDIT_SERVICES, before.draft.organisation_id)?;
        actor.demand(&EDIT_SERVICES, draft.organisation_id)?;
        if draft.audience != before.draft.audience {
            let key = "identity-mistake-audience";
            let field = "audience";
            return Err(IdentityError::Mistakes(vec![Mistake { field, key }]));
        }
        self.check_outside(Some(id), &draft).await?;
        self.keys_for(draft.id_token_algorithm).await?;
        before.version = version;
        let mut tx = self.db.begin().await?;
        let written = store::update(&mut tx, &before, &draft).await;
        if !written.map_err(resource_taken)? {
            return Err(IdentityError::Stale);
        }
        let change = Change::new("identity.service.change", "service", id)
            .of(draft.organisation_id)
            .before(told(&before.draft))
            .after(told(&draft));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        self.services.forget(id);
        Ok(())
    }

    /// Gives a service a new secret; the former one works for three days more, or ends at once.
    pub async fn replace_secret(
        &self,
        actor: &Actor,
        id: Uuid,
        at_once: bool,
    ) -> Result<SecretShown, IdentityError> {
        let client = self.service(actor, id).await?;
        actor.demand(&EDIT_SERVICES, client.draft.organisation_id)?;
        if !client.draft.auth_method.has_secret() {
            return Err(IdentityError::NotFound);
        }
        let now = self.source.now();
        let until = if at_once {
            now
        } else {
            now + FORMER_SECRET_WORKS
        };
        let secret = self.new_secret();
        let mut tx = self.db.begin().await?;
        store::replace_secret(&mut tx, id, hash_of(&secret), now, until).await?;
        let change = Change::new("identity.secret.replace", "service", id)
            .of(client.draft.organisation_id)
            .after(json!({ "former_works_until": until.to_string() }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        self.services.forget(id);
        Ok(SecretShown(secret))
    }

    /// Suspends a service, or lets it go on: from the next request, nobody signs in to it and its
    /// tokens open nothing.
    pub async fn suspend(
        &self,
        actor: &Actor,
        id: Uuid,
        suspended: bool,
    ) -> Result<(), IdentityError> {
        let client = self.service(actor, id).await?;
        actor.demand(&EDIT_SERVICES, client.draft.organisation_id)?;
        let mut tx = self.db.begin().await?;
        store::suspend(&mut tx, id, suspended).await?;
        let action = if suspended {
            "identity.service.suspend"
        } else {
            "identity.service.resume"
        };
        let change = Change::new(action, "service", id).of(client.draft.organisation_id);
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        self.services.forget(id);
        Ok(())
    }
}
