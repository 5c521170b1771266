//! What a cost is for.

use serde::{Deserialize, Serialize};

/// The kind of a cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Building, by agents.
    BuildAgents,
    /// Building, by contractors.
    BuildContractors,
    /// Running and changing, by agents.
    RunAgents,
    /// Running and changing, by contractors.
    RunContractors,
    /// Licences and subscriptions.
    Licences,
    /// Hosting and networks.
    Hosting,
    /// Security.
    Security,
    /// Accessibility.
    Accessibility,
    /// Support of users.
    Support,
    /// Training and change.
    Training,
    /// Data: migration, quality, archives.
    Data,
    /// Decommissioning.
    Decommissioning,
    /// Anything else.
    Other,
}

impl Kind {
    /// Every kind, in the order in which a life meets them.
    pub const ALL: [Self; 13] = [
        Self::BuildAgents,
        Self::BuildContractors,
        Self::RunAgents,
        Self::RunContractors,
        Self::Licences,
        Self::Hosting,
        Self::Security,
        Self::Accessibility,
        Self::Support,
        Self::Training,
        Self::Data,
        Self::Decommissioning,
        Self::Other,
    ];

    /// Its name in addresses and files.
    pub fn code(self) -> &'static str {
        match self {
            Self::BuildAgents => "build-agents",
            Self::BuildContractors => "build-contractors",
            Self::RunAgents => "run-agents",
            Self::RunContractors => "run-contractors",
            Self::Licences => "licences",
            Self::Hosting => "hosting",
            Self::Security => "security",
            Self::Accessibility => "accessibility",
            Self::Support => "support",
            Self::Training => "training",
            Self::Data => "data",
            Self::Decommissioning => "decommissioning",
            Self::Other => "other",
        }
    }

    /// The names by which tables call it, French and English, as `names::normalise` writes them.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::BuildAgents => &["construction agents", "build agents"],
            Self::BuildContractors => &["construction prestataires", "build contractors"],
            Self::RunAgents => &["fonctionnement agents", "run agents"],
            Self::RunContractors => &["fonctionnement prestataires", "run contractors"],
            Self::Licences => &["licences", "licence", "licenses"],
            Self::Hosting => &["hebergement", "hosting"],
            Self::Security => &["securite", "security"],
            Self::Accessibility => &["accessibilite", "accessibility"],
            Self::Support => &["assistance", "support", "support aux usagers"],
            Self::Training => &["formation", "training"],
            Self::Data => &["donnees", "data"],
            Self::Decommissioning => &["decommissionnement", "decommissioning"],
            Self::Other => &["autre", "autres", "other"],
        }
    }

    /// The kind of a code or of a name, whatever its accents, case and marks.
    pub fn parse(text: &str) -> Option<Self> {
        let name = names::normalise(text);
        Self::ALL.into_iter().find(|kind| {
            names::normalise(kind.code()) == name || kind.names().contains(&name.as_str())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_known_by_its_names() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.code()), Some(kind));
            for name in kind.names() {
                assert_eq!(Kind::parse(&name.to_uppercase()), Some(kind), "{name}");
            }
        }
        assert_eq!(Kind::parse("Hébergement"), Some(Kind::Hosting));
        assert_eq!(
            Kind::parse("Construction – prestataires"),
            Some(Kind::BuildContractors)
        );
        assert_eq!(Kind::parse("café"), None);
    }
}
