//! Whom a service signs in.

use super::citizen::CITIZEN_SCOPES;
use super::scope::SCOPES;

/// Whom a service signs in. It never changes once the service is registered: ids of agents and of
/// citizens are of two worlds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Audience {
    /// People who work for the State, by their account here.
    #[default]
    Agents,
    /// Citizens, by their session of half an hour.
    Citizens,
}

impl Audience {
    /// Both.
    pub const ALL: &'static [Self] = &[Self::Agents, Self::Citizens];

    /// Its name in columns, forms and addresses.
    pub fn code(self) -> &'static str {
        match self {
            Self::Agents => "agents",
            Self::Citizens => "citizens",
        }
    }

    /// The audience of a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.code() == code)
    }

    /// The scopes of its services, each with the claims that it opens.
    pub fn scopes(self) -> &'static [(&'static str, &'static [&'static str])] {
        match self {
            Self::Agents => &SCOPES,
            Self::Citizens => &CITIZEN_SCOPES,
        }
    }
}
