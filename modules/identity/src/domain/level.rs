//! Levels of assurance: how surely a person is who it says.

/// What a sign-in proved. Two things are told apart: the identity's level, and whether two factors
/// were used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// 0 to 3: self-declared, low, substantial, high.
    pub identity: u8,
    /// Whether two factors were used; from level 2 on they always are.
    pub is_multi_factor: bool,
}

/// Levels by name, for agents and citizens: the vocabulary of `ProConnect` and `FranceConnect`.
pub const LEVELS: [(&str, Level); 6] = [
    ("eidas0", Level::new(0, false)),
    ("eidas0-mfa", Level::new(0, true)),
    ("eidas1", Level::new(1, false)),
    ("eidas1-mfa", Level::new(1, true)),
    ("eidas2", Level::new(2, true)),
    ("eidas3", Level::new(3, true)),
];

/// Methods (RFC 8176) that are more than something that a person knows.
const SECOND_FACTORS: [&str; 4] = ["otp", "hwk", "swk", "mfa"];

impl Level {
    /// The levels at which a citizen may be signed in, by name.
    pub const CITIZENS: [&'static str; 3] = ["eidas1", "eidas2", "eidas3"];

    /// The level at which a citizen may be signed in, if it is one: never a higher one.
    pub fn of_citizen(self) -> Option<Self> {
        match (self.identity, self.is_multi_factor) {
            (0, _) => None,
            (2 | 3, true) => Some(self),
            _ => Some(Self::new(1, false)),
        }
    }

    /// What nobody vouches for.
    pub const LOWEST: Self = Self::new(0, false);

    const fn new(identity: u8, is_multi_factor: bool) -> Self {
        Self {
            identity,
            is_multi_factor,
        }
    }

    /// The level of a name.
    pub fn parse(name: &str) -> Option<Self> {
        let found = LEVELS.iter().find(|(known, _)| *known == name);
        found.map(|(_, level)| *level)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        let found = LEVELS.iter().find(|(_, level)| *level == self);
        // A level above 1 without a second factor can't be made: `new` is private.
        found.map_or("eidas0", |(name, _)| name)
    }

    /// What a local account proves: an officer added the person, who used these methods.
    pub fn of_local_account(methods: &[String]) -> Self {
        let is_multi_factor = methods
            .iter()
            .any(|method| SECOND_FACTORS.contains(&method.as_str()));
        Self::new(1, is_multi_factor)
    }

    /// What both prove together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let identity = self.identity.max(other.identity);
        Self::new(identity, self.is_multi_factor || other.is_multi_factor)
    }

    /// As much of it as `limit` allows.
    #[must_use]
    pub fn at_most(self, limit: Self) -> Self {
        let identity = self.identity.min(limit.identity);
        Self::new(identity, self.is_multi_factor && limit.is_multi_factor)
    }

    /// What the same identity would prove with two factors.
    #[must_use]
    pub fn with_second_factor(self) -> Self {
        Self::new(self.identity, true)
    }

    /// Whether it is enough where `asked` is asked for.
    pub fn satisfies(self, asked: Self) -> bool {
        self.identity >= asked.identity && (self.is_multi_factor || !asked.is_multi_factor)
    }

    /// Whether it is enough for one of `asked`; of none, when none is known, if `asked` is empty.
    pub fn satisfies_any(self, asked: &[String]) -> bool {
        asked.is_empty()
            || asked
                .iter()
                .filter_map(|name| Self::parse(name))
                .any(|level| self.satisfies(level))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_its_level_are_one() {
        for (name, level) in LEVELS {
            assert_eq!(level.name(), name);
            assert_eq!(Level::parse(name), Some(level));
        }
        assert_eq!(Level::parse("eidas4"), None);
    }

    #[test]
    fn a_citizens_level_is_never_higher_than_what_was_proved() {
        for (name, level) in LEVELS {
            let of_citizen = level.of_citizen().map(Level::name);
            let expected = match name {
                "eidas0" | "eidas0-mfa" => None,
                "eidas1-mfa" => Some("eidas1"),
                name => Some(name),
            };
            assert_eq!(of_citizen, expected, "{name}");
        }
        assert_eq!(
            Level::new(3, false).of_citizen(),
            Some(Level::new(1, false))
        );
    }

    #[test]
    fn a_level_is_never_raised_without_proof() {
        let password = Level::of_local_account(&["pwd".to_owned()]);
        assert_eq!(password.name(), "eidas1");
        for (name, level) in LEVELS {
            let enough = password.satisfies(level);
            assert_eq!(enough, ["eidas0", "eidas1"].contains(&name), "{name}");
            assert!(level.satisfies(level));
        }
        let both = Level::of_local_account(&["pwd".to_owned(), "otp".to_owned()]);
        assert_eq!(both.name(), "eidas1-mfa");
        assert!(!both.satisfies_any(&["eidas2".to_owned(), "unknown".to_owned()]));
        assert!(!both.satisfies_any(&["unknown".to_owned()]));
        assert!(both.satisfies_any(&[]));
    }
}
