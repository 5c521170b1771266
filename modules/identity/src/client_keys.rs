//! The public keys of services: registered with us, or found at an address of theirs.

use jose::jwk::JwkSet;
use jose::jws::{Typ, Unverified, Verified};
use jose::{Algorithm, Limits};

use crate::domain::{Client, Mistake, is_exchange_scope};
use crate::{Identity, IdentityError};

/// The media types of a set of keys, and of a list of addresses.
const ACCEPT: &str = "application/jwk-set+json, application/json";
/// Most addresses of a sector.
const SECTOR_ADDRESSES_MAX: usize = 1_000;

impl Identity {
    /// The keys of a service; none when it has none, or when they can't be had. Those at an address
    /// come from memory while they are good, unless they are wanted `anew`.
    pub(crate) async fn keys_of(&self, client: &Client, anew: bool) -> Option<JwkSet> {
        if let Some(jwks) = &client.draft.jwks {
            return JwkSet::parse(jwks.as_bytes()).ok();
        }
        let address = client.draft.advanced.jwks_uri.as_deref()?;
        let found = if anew {
            self.egress.cached_get_anew(address, ACCEPT).await
        } else {
            self.egress.cached_get(address, ACCEPT).await
        };
        match found {
            Ok(found) => JwkSet::parse(&found.answer.body)
                .inspect_err(|error| {
                    tracing::warn!(client = %client.client_id, %error, "identity.jwks_uri.read");
                })
                .ok(),
            Err(error) => {
                tracing::warn!(client = %client.client_id, %error, "identity.jwks_uri.fetch");
                None
            }
        }
    }

    /// A token that one of the service's keys signed, by an algorithm that is taken from it. A key
    /// that isn't known yet is looked for anew: services change theirs.
    pub(crate) async fn signed_by(
        &self,
        client: &Client,
        token: &str,
        typ: &[&str],
    ) -> Option<Verified> {
        let named = Unverified::parse(token, &Limits::SIGNED).ok()?;
        let algorithm = Algorithm::from_name(named.header().algorithm())
            .filter(|algorithm| client.algorithms().contains(algorithm))?;
        for anew in [false, true] {
            let keys = self.keys_of(client, anew).await?;
            let keys = keys.verification_keys(algorithm);
            let token = Unverified::parse(token, &Limits::SIGNED).ok()?;
            if let Ok(verified) = token.verify_any(&keys, Typ::AbsentOr(typ)) {
                return Some(verified);
            }
            if client.draft.advanced.jwks_uri.is_none() {
                break;
            }
        }
        None
    }

    /// What can't be seen in a registration alone: that its addresses may be asked, that the list
    /// of its sector holds its addresses, that the resources it names are there and its own is
    /// nobody else's.
    pub(crate) async fn check_outside(
        &self,
        id: Option<uuid::Uuid>,
        draft: &crate::domain::ClientDraft,
    ) -> Result<(), IdentityError> {
        let mut mistakes = Vec::new();
        let mut wrong = |field, key| mistakes.push(Mistake { field, key });
        let advanced = &draft.advanced;
        if let Some(address) = &advanced.jwks_uri
            && self.egress.check_url(address).is_err()
        {
            wrong("jwks_uri", "identity-mistake-address-forbidden");
        }
        if let Some(address) = &advanced.sector_identifier_uri
            && let Err(key) = self.check_sector(address, &draft.redirect_uris).await
        {
            wrong("sector_identifier_uri", key);
        }
        if let Some(address) = &advanced.resource {
            let owner = crate::store::clients::of_resource(&self.db, address).await?;
            if owner.is_some_and(|owner| Some(owner.id) != id) || **address == *self.issuer {
                wrong("resource", "identity-mistake-resource-taken");
            }
        }
        let told = self.looked_up(&draft.scopes).await?;
        let of_exchange = draft.scopes.iter().filter(|one| is_exchange_scope(one));
        if told.len() != of_exchange.count() {
            wrong("exchange_scopes", "identity-mistake-exchange-scopes");
        }
        for address in advanced.reaches.iter() {
            let is_own = advanced.resource.as_deref() == Some(address);
            let owner = crate::store::clients::of_resource(&self.db, address).await?;
            let desk = self.accreditations.as_deref();
            let is_exchange = desk.is_some_and(|desk| desk.audience() == address);
            if owner.is_none() && !is_own && !is_exchange {
                wrong("reaches", "identity-mistake-resource-unknown");
                break;
            }
        }
        if mistakes.is_empty() {
            Ok(())
        } else {
            Err(IdentityError::Mistakes(mistakes))
        }
    }

    /// Whether the list at `address` holds every one of `redirect_uris` (OpenID Connect Core 8.1).
    async fn check_sector(
        &self,
        address: &str,
        redirect_uris: &[String],
    ) -> Result<(), &'static str> {
        self.egress
            .check_url(address)
            .map_err(|_| "identity-mistake-address-forbidden")?;
        let found = self.egress.cached_get_anew(address, ACCEPT).await;
        let found = found.map_err(|error| {
            tracing::info!(%error, "identity.sector_identifier_uri.fetch");
            "identity-mistake-sector-fetch"
        })?;
        let listed: Vec<String> = serde_json::from_slice(&found.answer.body)
            .map_err(|_| "identity-mistake-sector-list")?;
        let is_whole = listed.len() <= SECTOR_ADDRESSES_MAX
            && redirect_uris.iter().all(|one| listed.contains(one));
        if is_whole {
            Ok(())
        } else {
            Err("identity-mistake-sector-list")
        }
    }
}
