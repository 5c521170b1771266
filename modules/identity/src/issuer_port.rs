//! Keys and clients, as the data exchange sees them.

use jose::Algorithm;
use ports::{Answered, IssuerClient, OrganisationId, PortError, TokenIssuer};
use serde_json::Value;

use crate::store::clients;
use crate::{Identity, IdentityError};

/// Who gives access tokens, as the data exchange sees it.
#[derive(Debug, Clone)]
pub struct IssuerPort(pub(crate) Identity);

fn port(error: impl Into<IdentityError>) -> PortError {
    PortError(Box::new(error.into()))
}

impl TokenIssuer for IssuerPort {
    fn issuer(&self) -> &str {
        &self.0.issuer
    }

    fn keys(&self) -> Answered<'_, Value> {
        Box::pin(async move {
            // There is one before anybody asks.
            self.0.keys_for(Algorithm::Es256).await.map_err(port)?;
            let keys = self.0.shown_keys().await.map_err(port)?;
            serde_json::to_value(keys.public().to_json())
                .map_err(|error| PortError(Box::new(error)))
        })
    }

    fn client<'f>(&'f self, client_id: &'f str) -> Answered<'f, Option<IssuerClient>> {
        Box::pin(async move {
            let found = clients::named(&self.0.db, client_id).await.map_err(port)?;
            Ok(found.map(|client| IssuerClient {
                client_id: client.client_id,
                name: client.draft.name,
                organisation: client.draft.organisation_id.map(OrganisationId),
            }))
        })
    }
}
