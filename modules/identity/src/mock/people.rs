//! The invented people of the mock providers. None exists; addresses end in `.example`.

use jose::claims::Claims;

use crate::domain::{Audience, Level};

/// Somebody whom a mock provider knows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Invented {
    /// Its name in forms.
    pub(super) code: &'static str,
    /// Its name, as the page shows it.
    pub(super) name: &'static str,
    /// What it is for trying.
    pub(super) note: &'static str,
    /// Claim and value.
    claims: &'static [(&'static str, &'static str)],
}

const CITIZENS: [Invented; 5] = [
    Invented {
        code: "elodie",
        name: "Élodie Fonteneau",
        note: "identity-mock-note-paris",
        claims: &[
            ("given_name", "Élodie Marie Rosalie"),
            ("family_name", "Fonteneau"),
            ("birthdate", "1962-08-24"),
            ("gender", "female"),
            ("birthplace", "75107"),
            ("birthcountry", "99100"),
            ("preferred_username", "Le Bihan"),
            ("email", "elodie.lebihan@courriel.example"),
        ],
    },
    Invented {
        code: "jean-noel",
        name: "Jean-Noël D’Arbois-Quéré",
        note: "identity-mock-note-corsica",
        claims: &[
            ("given_name", "Jean-Noël"),
            ("family_name", "D’Arbois-Quéré"),
            ("birthdate", "1985-12-03"),
            ("gender", "male"),
            ("birthplace", "2A004"),
            ("birthcountry", "99100"),
            ("email", "jn.arbois@courriel.example"),
        ],
    },
    Invented {
        code: "aminata",
        name: "Aminata Keïta-Lormeau",
        note: "identity-mock-note-abroad",
        claims: &[
            ("given_name", "Aminata"),
            ("family_name", "Keïta-Lormeau"),
            ("birthdate", "1994-00-00"),
            ("gender", "female"),
            ("birthplace", ""),
            ("birthcountry", "99335"),
            ("email", "aminata.keita@courriel.example"),
        ],
    },
    Invented {
        code: "theo",
        name: "Théo Hoarau",
        note: "identity-mock-note-overseas",
        claims: &[
            ("given_name", "Théo Gabriel"),
            ("family_name", "Hoarau"),
            ("birthdate", "2001-02-28"),
            ("gender", "male"),
            ("birthplace", "97411"),
            ("birthcountry", "99100"),
        ],
    },
    Invented {
        code: "suspended",
        name: "Rosa Vauquelin",
        note: "identity-mock-note-suspended",
        claims: &[],
    },
];

const AGENTS: [Invented; 4] = [
    Invented {
        code: "lou",
        name: "Lou Garnier",
        note: "identity-mock-note-agent",
        claims: &[
            ("given_name", "Lou"),
            ("usual_name", "Garnier"),
            ("family_name", "Garnier"),
            ("name", "Lou Garnier"),
            ("email", "lou.garnier@essai.example"),
            ("uid", "essai-0001"),
            ("siret", "99900011100016"),
            ("organizational_unit", "Bureau des essais"),
            ("belonging_population", "agent"),
        ],
    },
    Invented {
        code: "sami",
        name: "Sami Belkacem",
        note: "identity-mock-note-agent",
        claims: &[
            ("given_name", "Sami"),
            ("usual_name", "Belkacem"),
            ("family_name", "Belkacem"),
            ("name", "Sami Belkacem"),
            ("email", "sami.belkacem@essai.example"),
            ("uid", "essai-0002"),
            ("siret", "99900022200011"),
            ("organizational_unit", "Bureau des essais"),
            ("belonging_population", "prestataire"),
        ],
    },
    Invented {
        code: "elsewhere",
        name: "Max Prévôt",
        note: "identity-mock-note-domain",
        claims: &[
            ("given_name", "Max"),
            ("usual_name", "Prévôt"),
            ("family_name", "Prévôt"),
            ("name", "Max Prévôt"),
            ("email", "max.prevot@ailleurs.example"),
            ("uid", "essai-0003"),
            ("siret", "99900011100016"),
        ],
    },
    Invented {
        code: "suspended",
        name: "Rosa Vauquelin",
        note: "identity-mock-note-suspended",
        claims: &[],
    },
];

/// Everybody whom the provider of an audience knows.
pub(super) fn all(audience: Audience) -> &'static [Invented] {
    match audience {
        Audience::Agents => &AGENTS,
        Audience::Citizens => &CITIZENS,
    }
}

/// The levels that the provider of an audience vouches for.
pub(super) fn levels(audience: Audience) -> Vec<&'static str> {
    match audience {
        Audience::Agents => crate::domain::LEVELS.map(|(name, _)| name).to_vec(),
        Audience::Citizens => Level::CITIZENS.to_vec(),
    }
}

/// What may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// All goes well.
    Usual,
    /// The register was corrected: another given name, another spelling; the same subject.
    Corrected,
    /// The pivot of the next one in the list; the subject of this one.
    OtherPivot,
    /// Something is missing in the identity.
    Incomplete,
    /// The person says no.
    Denied,
    /// The provider is out of order.
    Down,
}

impl Case {
    const ALL: [Self; 6] = [
        Self::Usual,
        Self::Corrected,
        Self::OtherPivot,
        Self::Incomplete,
        Self::Denied,
        Self::Down,
    ];

    /// Those of an audience.
    pub(super) fn of(audience: Audience) -> Vec<Self> {
        let citizens = [Self::Corrected, Self::OtherPivot, Self::Incomplete];
        let fits = |case: &Self| audience == Audience::Citizens || !citizens.contains(case);
        Self::ALL.into_iter().filter(fits).collect()
    }

    /// Its name in forms.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Usual => "usual",
            Self::Corrected => "corrected",
            Self::OtherPivot => "other-pivot",
            Self::Incomplete => "incomplete",
            Self::Denied => "denied",
            Self::Down => "down",
        }
    }

    /// The case of a name.
    pub(super) fn parse(audience: Audience, code: &str) -> Option<Self> {
        Self::of(audience)
            .into_iter()
            .find(|one| one.code() == code)
    }

    /// The error with which it sends the browser back.
    pub(super) fn error(self) -> Option<&'static str> {
        match self {
            Self::Denied => Some("access_denied"),
            Self::Down => Some("temporarily_unavailable"),
            _ => None,
        }
    }
}

impl Invented {
    /// Somebody by its name in forms.
    pub(super) fn named(audience: Audience, code: &str) -> Option<&'static Self> {
        all(audience).iter().find(|one| one.code == code)
    }

    /// Whether the provider has closed its account.
    pub(super) fn is_suspended(&self) -> bool {
        self.claims.is_empty()
    }

    /// What the provider tells, as far as `scopes` open it.
    pub(super) fn told(&self, audience: Audience, case: Case, scopes: &[&str]) -> Claims {
        let people = all(audience);
        let source = match case {
            Case::OtherPivot => {
                let at = people.iter().position(|one| one.code == self.code);
                let next = at.map_or(0, |at| (at + 1) % people.len());
                people.get(next).filter(|one| !one.is_suspended())
            }
            _ => Some(self),
        };
        let source = source.unwrap_or(&people[0]);
        let opened = |claim: &str| match audience {
            Audience::Citizens => audience
                .scopes()
                .iter()
                .any(|(scope, claims)| scopes.contains(scope) && claims.contains(&claim)),
            Audience::Agents => {
                scopes.contains(&claim)
                    || (scopes.contains(&"profile")
                        && ["name", "given_name", "family_name"].contains(&claim))
            }
        };
        let claims = source.claims.iter().filter(|(claim, _)| opened(claim));
        claims.fold(Claims::new(), |told, (claim, value)| {
            let value = match (case, *claim) {
                (Case::Corrected, "given_name") => format!("{value} Solange"),
                (Case::Incomplete, "birthdate") => return told,
                _ => (*value).to_owned(),
            };
            told.with(claim, value)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Pivot;
    use jiff::civil::date;

    #[test]
    fn every_invented_citizen_has_a_right_pivot() {
        let citizens = all(Audience::Citizens);
        for one in citizens.iter().filter(|one| !one.is_suspended()) {
            let told = one.told(Audience::Citizens, Case::Usual, &["identite_pivot"]);
            assert!(Pivot::read(&told, date(2026, 3, 1)).is_ok(), "{}", one.code);
            let wrong = one.told(Audience::Citizens, Case::Incomplete, &["identite_pivot"]);
            assert!(Pivot::read(&wrong, date(2026, 3, 1)).is_err());
        }
    }

    #[test]
    fn addresses_are_invented() {
        for &audience in Audience::ALL {
            for one in all(audience) {
                let told = one.told(audience, Case::Usual, &["email"]);
                let email = told.text("email").unwrap_or(".example");
                assert!(email.ends_with(".example"), "{email}");
            }
        }
        assert_eq!(Case::parse(Audience::Agents, "other-pivot"), None);
    }
}
