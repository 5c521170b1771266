//! Registering providers, and all that an operator does with one.

use jiff::{SignedDuration, Timestamp};
use kit_access::Actor;
use kit_egress::{EgressError, HostHealth};
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::access::{EDIT_PROVIDERS, READ_PROVIDERS};
use crate::domain::{
    Metadata, Mistake, Provider, ProviderDraft, ProviderForm, UpstreamFailure, host_of, told_rules,
};
use crate::store::arrivals;
use crate::store::departures::{self, Incident};
use crate::store::figures;
use crate::store::providers as store;
use crate::{Identity, IdentityError};

/// Longest secret that a provider gives, in bytes.
const SECRET_BYTES_MAX: usize = 1_000;
/// Longest reason for a suspension, in characters.
const REASON_CHARS_MAX: usize = 500;
/// Incidents beside a provider.
const INCIDENTS_SHOWN: u32 = 20;

/// A secret that a provider gave us, on its way to the store. It is never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ProviderSecret(pub String);

impl std::fmt::Debug for ProviderSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProviderSecret(…)")
    }
}

/// What the journal keeps of a registration: addresses and rules, no secret.
fn told(draft: &ProviderDraft) -> serde_json::Value {
    json!({
        "code": draft.code,
        "name": draft.name,
        "audience": draft.audience.code(),
        "profile": draft.profile.code(),
        "issuer": draft.issuer,
        "client_id": draft.client_id,
        "auth_method": draft.auth_method.code(),
        "scopes": draft.scopes,
        "domains": draft.domains,
        "foreign_domain": draft.foreign_domain.code(),
        "is_default": draft.is_default,
        "level_rules": told_rules(&draft.level_rules),
        "level_max": draft.level_max.name(),
        "creates_accounts": draft.creates_accounts,
    })
}

fn mistake(field: &'static str, key: &'static str) -> IdentityError {
    IdentityError::Mistakes(vec![Mistake { field, key }])
}

impl Identity {
    /// Providers after a code, by code, at most `limit`; how many there are in all.
    pub async fn providers(
        &self,
        actor: &Actor,
        after: &str,
        limit: u32,
    ) -> Result<(Vec<Provider>, i64), IdentityError> {
        actor.demand(&READ_PROVIDERS, None)?;
        let providers = store::list(&self.db, after, limit).await?;
        Ok((providers, store::count(&self.db).await?))
    }

    /// A provider.
    pub async fn provider(&self, actor: &Actor, id: Uuid) -> Result<Provider, IdentityError> {
        actor.demand(&READ_PROVIDERS, None)?;
        let found = store::find(&self.db, id).await?;
        found.ok_or(IdentityError::NotFound)
    }

    /// The provider of a code.
    pub(crate) async fn provider_named(
        &self,
        code: &str,
    ) -> Result<Option<Provider>, IdentityError> {
        Ok(store::named(&self.db, code).await?)
    }

    /// Registers a provider; gives its id.
    pub async fn register_provider(
        &self,
        actor: &Actor,
        form: &ProviderForm,
        secret: &ProviderSecret,
    ) -> Result<Uuid, IdentityError> {
        actor.demand(&EDIT_PROVIDERS, None)?;
        let secret = checked(secret)?;
        let draft = form
            .check(secret.is_some())
            .map_err(IdentityError::Mistakes)?;
        self.check_addresses(&draft)?;
        self.prepare_keys(&draft).await?;
        let id = self.source.new_id();
        let mut tx = self.db.begin().await?;
        if !store::insert(&mut tx, id, &draft, self.source.now()).await? {
            return Err(mistake("code", "identity-mistake-provider-code-taken"));
        }
        store::set_secret(
            &mut tx,
            id,
            secret.filter(|_| draft.auth_method.has_secret()),
        )
        .await?;
        if draft.is_default {
            store::no_other_default(&mut tx, draft.audience, id).await?;
        }
        let change = Change::new("identity.provider.register", "provider", id).after(told(&draft));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Changes a provider. `version` is the one that the form was made from; its code stays, since
    /// the address that is registered with it holds it. An empty secret leaves the one there is. With
    /// another issuer, the links between its people and accounts are forgotten.
    pub async fn change_provider(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &ProviderForm,
        secret: &ProviderSecret,
    ) -> Result<(), IdentityError> {
        actor.demand(&EDIT_PROVIDERS, None)?;
        let before = self.provider(actor, id).await?;
        let secret = checked(secret)?;
        let form = ProviderForm {
            code: before.draft.code.clone(),
            ..form.clone()
        };
        let has_secret = secret.is_some() || store::secret(&self.db, id).await?.is_some();
        let draft = form.check(has_secret).map_err(IdentityError::Mistakes)?;
        self.check_addresses(&draft)?;
        self.prepare_keys(&draft).await?;
        let mut tx = self.db.begin().await?;
        if !store::update(&mut tx, id, version, &draft).await? {
            return Err(IdentityError::Stale);
        }
        let is_replaced = secret.is_some();
        if !draft.auth_method.has_secret() {
            store::set_secret(&mut tx, id, None).await?;
        } else if is_replaced {
            store::set_secret(&mut tx, id, secret).await?;
        }
        if draft.is_default {
            store::no_other_default(&mut tx, draft.audience, id).await?;
        }
        let mut after = told(&draft);
        after["secret_replaced"] = is_replaced.into();
        // Another issuer's people may bear the same names: no account may pass over to them.
        if draft.issuer != before.draft.issuer || draft.audience != before.draft.audience {
            after["links_forgotten"] = arrivals::unlink(&mut tx, id).await?.into();
        }
        let change = Change::new("identity.provider.change", "provider", id)
            .before(told(&before.draft))
            .after(after);
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Suspends a provider, or lets it go on: from the next request, nobody leaves for it and nobody
    /// who comes back from it is let in. Sessions of agents that it opened go on:
    /// they are the platform's own; those of citizens end, as the provider is all that vouches for
    /// them.
    pub async fn suspend_provider(
        &self,
        actor: &Actor,
        id: Uuid,
        suspended: bool,
        why: &str,
    ) -> Result<(), IdentityError> {
        actor.demand(&EDIT_PROVIDERS, None)?;
        self.provider(actor, id).await?;
        let why = why.trim();
        if suspended && !(1..=REASON_CHARS_MAX).contains(&why.chars().count()) {
            return Err(mistake("reason", "identity-mistake-provider-reason"));
        }
        let why = if suspended { why } else { "" };
        let mut tx = self.db.begin().await?;
        store::suspend(&mut tx, id, suspended, why).await?;
        if suspended {
            self.end_sessions_of(&mut tx, id).await?;
        }
        let action = if suspended {
            "identity.provider.suspend"
        } else {
            "identity.provider.resume"
        };
        let change = Change::new(action, "provider", id).after(json!({ "reason": why }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Asks a provider for its description and its keys now, and says what is wrong with them.
    pub async fn try_provider(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<Result<Metadata, UpstreamFailure>, IdentityError> {
        let provider = self.provider(actor, id).await?;
        let tried = async {
            let metadata = self.metadata_anew(&provider).await?;
            self.provider_keys(&metadata, true).await?;
            Ok(metadata)
        };
        Ok(tried.await)
    }

    /// The latest failures of a provider.
    pub async fn provider_incidents(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<Vec<Incident>, IdentityError> {
        actor.demand(&READ_PROVIDERS, None)?;
        Ok(departures::incidents_of(&self.db, id, INCIDENTS_SHOWN).await?)
    }

    /// Every provider's id and name, for lists.
    pub(crate) async fn provider_names(&self) -> Result<Vec<(Uuid, String)>, IdentityError> {
        let all = store::list(&self.db, "", store::PROVIDERS_MAX).await?;
        let names = all.into_iter().map(|one| (one.id, one.draft.name));
        Ok(names.collect())
    }

    /// How the hosts of a provider did since this process began.
    pub(crate) fn provider_health(&self, provider: &Provider) -> Vec<HostHealth> {
        let own = &provider.draft.endpoints;
        let addresses = [
            Some(&provider.draft.issuer),
            own.token.as_ref(),
            own.userinfo.as_ref(),
            own.jwks.as_ref(),
        ];
        let hosts: Vec<&str> = addresses
            .into_iter()
            .flatten()
            .filter_map(|one| host_of(one))
            .collect();
        let is_its = |health: &HostHealth| {
            let host = host_of(&health.origin);
            host.is_some_and(|host| hosts.contains(&host))
        };
        let mut known = self.egress.health();
        known.retain(is_its);
        known
    }

    /// The sums of a provider in the last 30 days: outcome, level, number.
    pub(crate) async fn provider_month(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<Vec<(String, String, i64)>, IdentityError> {
        actor.demand(&READ_PROVIDERS, None)?;
        let since = self.source.now() - SignedDuration::from_hours(24 * 30);
        Ok(figures::of_provider(&self.db, id, since).await?)
    }

    /// The failure behind a code that a person was shown; letters of either case, blanks ignored.
    pub async fn incident(
        &self,
        actor: &Actor,
        code: &str,
    ) -> Result<Option<Incident>, IdentityError> {
        actor.demand(&READ_PROVIDERS, None)?;
        let plain = code.chars().filter(char::is_ascii_alphanumeric);
        let code: String = plain.take(16).collect::<String>().to_ascii_uppercase();
        Ok(departures::incident(&self.db, &code).await?)
    }

    /// Failures before `(instant, code)`, the latest first.
    pub async fn incidents(
        &self,
        actor: &Actor,
        before: (Timestamp, &str),
        limit: u32,
    ) -> Result<Vec<Incident>, IdentityError> {
        actor.demand(&READ_PROVIDERS, None)?;
        Ok(departures::incidents(&self.db, before, limit).await?)
    }

    /// Every address must be one that may be asked.
    fn check_addresses(&self, draft: &ProviderDraft) -> Result<(), IdentityError> {
        let own = &draft.endpoints;
        let mut mistakes = Vec::new();
        for (field, address) in [
            ("issuer", Some(&draft.issuer)),
            ("authorization_endpoint", own.authorization.as_ref()),
            ("token_endpoint", own.token.as_ref()),
            ("userinfo_endpoint", own.userinfo.as_ref()),
            ("jwks_uri", own.jwks.as_ref()),
            ("end_session_endpoint", own.end_session.as_ref()),
        ] {
            let checked = address.map_or(Ok(()), |address| self.egress.check_url(address));
            if let Err(error) = checked {
                let key = match error {
                    EgressError::Forbidden { .. } => "identity-mistake-provider-forbidden",
                    _ => "identity-mistake-provider-address",
                };
                mistakes.push(Mistake { field, key });
            }
        }
        if mistakes.is_empty() {
            Ok(())
        } else {
            Err(IdentityError::Mistakes(mistakes))
        }
    }

    /// The keys that the provider is to know are there before it is asked to know them.
    async fn prepare_keys(&self, draft: &ProviderDraft) -> Result<(), IdentityError> {
        if !draft.auth_method.has_secret() {
            self.keys_for(draft.auth_algorithm).await?;
        }
        match draft.encryption {
            Some(management) => self.ensure_decryption(management).await,
            None => Ok(()),
        }
    }
}

/// The secret, when one was written.
fn checked(secret: &ProviderSecret) -> Result<Option<String>, IdentityError> {
    let secret = secret.0.trim();
    if secret.len() > SECRET_BYTES_MAX || secret.chars().any(char::is_control) {
        return Err(mistake("secret", "identity-mistake-provider-text"));
    }
    Ok((!secret.is_empty()).then(|| secret.to_owned()))
}
