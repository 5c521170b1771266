//! Calls on behalf of a citizen: whether they may be made, which fields come back, and what the
//! producer is told of whom.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mask::Fields;
use ports::exchange::{OnBehalf, SealedCitizen};
use pseudonym::BehalfKey;

use super::{Accreditation, Api, Book, Code, Operation, Presented, Problem, hex};

/// The citizen of a token, as far as the requester that carries it may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// The token's id: what is sealed opens in it alone.
    pub token: String,
    /// Who the citizen is, sealed.
    pub sealed: String,
    /// What the citizen agreed to, of what the accreditation opens.
    pub scopes: Vec<String>,
}

/// What a producer is told of the citizen on whose behalf it is asked.
#[derive(Clone, PartialEq, Eq)]
pub struct Told {
    /// Its name for the citizen: 64 hexadecimal digits.
    pub subject: String,
    /// How surely the citizen is who it says: `eidas1` to `eidas3`.
    pub level: String,
    /// Who the citizen is: JSON in base64url, where the scopes say so.
    pub identity: Option<String>,
}

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Told")
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

/// A call on behalf of a citizen that may be made.
#[derive(Debug, Clone)]
pub struct Behalf {
    /// The pseudonym in the trace.
    pub pseudonym: [u8; 32],
    /// The fields that come back.
    pub fields: Arc<Fields>,
    /// What the producer is told.
    pub told: Told,
}

/// The key and the ended sign-ins of a snapshot, made ready.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) key: BehalfKey,
    /// In order.
    pub(crate) ended: Vec<uuid::Uuid>,
}

impl Book {
    /// For whom a call is made; `None` when it is for nobody who signed in and the operation may be
    /// called so.
    pub fn behalf(
        &self,
        presented: &Presented,
        accreditation: &Accreditation,
        api: &Api,
        operation: &Operation,
    ) -> Result<Option<Behalf>, Problem> {
        let mode = operation.route.on_behalf;
        let Some(carried) = &presented.citizen else {
            if mode == OnBehalf::Only {
                let told =
                    "it is called on behalf of a citizen alone: exchange the citizen's token";
                return Err(Problem::new(Code::CitizenMissing, told));
            }
            return Ok(None);
        };
        let desk = self.desk.as_ref().filter(|_| mode != OnBehalf::Closed);
        let desk = desk.ok_or_else(|| {
            let told = "the producer doesn't open it to calls on behalf of citizens";
            Problem::new(Code::BehalfNotOpen, told)
        })?;
        if !accreditation.grant.on_behalf {
            let told = "the accreditation isn't for calls by the sign-in of a citizen";
            return Err(Problem::new(Code::NotGranted, told));
        }
        let citizen = carried.open(&desk.key).ok_or_else(|| {
            let told = "the citizen in the token can't be read: it was made for another one";
            Problem::new(Code::TokenInvalid, told)
        })?;
        if desk.ended.binary_search(&citizen.sign_in).is_ok() {
            let told = "the citizen signed out, or took its agreement back";
            return Err(Problem::new(Code::ConsentEnded, told));
        }
        let least = operation.route.level_min;
        if citizen.level < least {
            let told = format!(
                "the producer asks for eidas{least}, and the citizen signed in at eidas{}",
                citizen.level
            );
            return Err(Problem::new(Code::LevelTooLow, told).of(&api.route.producer.name));
        }
        let fields = accreditation.agreed(api, operation, &carried.scopes)?;
        let fields = fields.ok_or_else(|| {
            let told = "the citizen agreed to none of the scopes that open this operation";
            Problem::new(Code::ConsentMissing, told)
        })?;
        let tells = operation.route.scopes.iter().any(|one| {
            one.tells_identity
                && carried.scopes.contains(&one.scope)
                && accreditation.has(api, &one.scope)
        });
        let identity = citizen.identity.as_ref().filter(|_| tells);
        let identity = identity.and_then(|identity| serde_json::to_vec(identity).ok());
        let producer = api.route.producer.id.as_bytes();
        let subject = desk.key.subject(producer, citizen.citizen.as_bytes());
        Ok(Some(Behalf {
            pseudonym: api.pseudonyms.citizen(citizen.citizen.as_bytes()),
            fields,
            told: Told {
                subject: hex(&subject),
                level: format!("eidas{}", citizen.level),
                identity: identity.map(|json| URL_SAFE_NO_PAD.encode(json)),
            },
        }))
    }
}

impl Carried {
    fn open(&self, key: &BehalfKey) -> Option<SealedCitizen> {
        let bytes = key.open(&self.token, &self.sealed)?;
        serde_json::from_slice(&bytes).ok()
    }
}
