//! Phases of large projects and of State start-ups.

use serde::{Deserialize, Serialize};

/// A phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Cadrage: estimates of this phase don't count.
    Framing,
    /// Conception / Réalisation.
    Build,
    /// Expérimentation.
    Trial,
    /// Déploiement.
    Rollout,
    /// Terminé.
    Done,
    /// Investigation of a start-up.
    Investigation,
    /// Construction of a start-up.
    Construction,
    /// Acceleration of a start-up.
    Acceleration,
    /// Consolidation: on its way out of incubation.
    Consolidation,
    /// Transferred to its owner.
    Transferred,
    /// Operated within the network.
    Operated,
    /// Stopped.
    Abandoned,
    /// The investigation led nowhere.
    InvestigationAbandoned,
}

impl Phase {
    /// The phases of large projects, in order.
    pub const OF_PROJECTS: [Self; 5] = [
        Self::Framing,
        Self::Build,
        Self::Trial,
        Self::Rollout,
        Self::Done,
    ];
    /// The phases of start-ups, in order.
    pub const OF_STARTUPS: [Self; 8] = [
        Self::Investigation,
        Self::Construction,
        Self::Acceleration,
        Self::Consolidation,
        Self::Transferred,
        Self::Operated,
        Self::Abandoned,
        Self::InvestigationAbandoned,
    ];

    /// Its place among all phases, from 1, as the packed series keeps it.
    pub(crate) fn number(self) -> u8 {
        self as u8 + 1
    }

    /// The phase of a number; `None` for 0.
    pub(crate) fn of_number(number: u8) -> Option<Self> {
        Self::OF_PROJECTS
            .into_iter()
            .chain(Self::OF_STARTUPS)
            .find(|phase| phase.number() == number)
    }

    /// Its name in addresses, files and columns.
    pub fn code(self) -> &'static str {
        match self {
            Self::Framing => "framing",
            Self::Build => "build",
            Self::Trial => "trial",
            Self::Rollout => "rollout",
            Self::Done => "done",
            Self::Investigation => "investigation",
            Self::Construction => "construction",
            Self::Acceleration => "acceleration",
            Self::Consolidation => "consolidation",
            Self::Transferred => "transferred",
            Self::Operated => "operated",
            Self::Abandoned => "abandoned",
            Self::InvestigationAbandoned => "investigation-abandoned",
        }
    }

    /// The phase of a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::OF_PROJECTS
            .into_iter()
            .chain(Self::OF_STARTUPS)
            .find(|phase| phase.code() == code)
    }

    /// Whether an estimate of this phase counts (the panorama leaves framing out of its totals).
    pub fn counts(self) -> bool {
        self != Self::Framing
    }

    /// Whether a product in it is being built or was: it then needs a promise that can be measured.
    /// To look into a need, to frame a project and to stop need none.
    pub fn needs_promise(self) -> bool {
        !matches!(
            self,
            Self::Framing | Self::Investigation | Self::Abandoned | Self::InvestigationAbandoned
        )
    }

    /// Whether nothing follows it.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Done
                | Self::Transferred
                | Self::Operated
                | Self::Abandoned
                | Self::InvestigationAbandoned
        )
    }

    /// Whether a start-up in it is live: neither stopped nor gone.
    pub fn is_live(self) -> bool {
        !matches!(
            self,
            Self::Done | Self::Abandoned | Self::InvestigationAbandoned | Self::Transferred
        )
    }

    /// The phase that the panorama writes; `None` when it is no phase.
    pub fn of_panorama(text: &str) -> Option<Self> {
        let normal = names::normalise(text);
        let starts = |word: &str| normal.starts_with(word);
        [
            ("cadrage", Self::Framing),
            ("en cadrage", Self::Framing),
            ("conception", Self::Build),
            ("realisation", Self::Build),
            ("experimentation", Self::Trial),
            ("deploiement", Self::Rollout),
            ("termine", Self::Done),
            ("acheve", Self::Done),
        ]
        .into_iter()
        .find(|(word, _)| starts(word))
        .map(|(_, phase)| phase)
    }

    /// The phase that a start-up's file writes.
    pub fn of_startup(text: &str) -> Option<Self> {
        match text.trim() {
            "investigation" => Some(Self::Investigation),
            "construction" => Some(Self::Construction),
            "acceleration" => Some(Self::Acceleration),
            "consolidation" | "perennisation" => Some(Self::Consolidation),
            "transfere" | "transfert" | "alumni" => Some(Self::Transferred),
            "opere" => Some(Self::Operated),
            "abandon" => Some(Self::Abandoned),
            "abandon-investigation" => Some(Self::InvestigationAbandoned),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_back_as_they_went() {
        for phase in Phase::OF_PROJECTS.into_iter().chain(Phase::OF_STARTUPS) {
            assert_eq!(Phase::parse(phase.code()), Some(phase));
            assert_eq!(serde_json::to_value(phase).unwrap(), phase.code());
        }
    }

    #[test]
    fn the_panoramas_phases_are_read_in_any_dress() {
        assert_eq!(
            Phase::of_panorama(" CONCEPTION/RÉALISATION "),
            Some(Phase::Build)
        );
        assert_eq!(Phase::of_panorama("Déploiement"), Some(Phase::Rollout));
        assert_eq!(Phase::of_panorama("Cadrage"), Some(Phase::Framing));
        assert_eq!(Phase::of_panorama("autre"), None);
    }
}
