//! Whoever a service is told of: an agent or a citizen.

use jose::claims::Claims;

use super::citizen::CitizenClaims;
use super::request::RequestedClaim;
use super::scope::{PersonClaims, Scopes, claims_of};

/// Whoever a service is told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    /// Somebody who works for the State.
    Agent(PersonClaims),
    /// A citizen.
    Citizen(CitizenClaims),
}

impl Person {
    /// The claims that the scopes open, and those asked for one by one within `allowed`.
    pub fn claims(&self, scopes: &Scopes, asked: &[RequestedClaim], allowed: &Scopes) -> Claims {
        match self {
            Self::Agent(agent) => claims_of(agent, scopes, asked, allowed),
            Self::Citizen(citizen) => citizen.told(scopes, asked, allowed),
        }
    }

    /// The address, if it is known.
    pub fn email(&self) -> Option<&str> {
        match self {
            Self::Agent(agent) => Some(&agent.email),
            Self::Citizen(citizen) => citizen.email.as_deref(),
        }
    }
}
