//! Which product a row is about: the same normalised name, whatever the ministry; near names are
//! proposed to a person.

use std::collections::{HashMap, HashSet};

use names::{similarity, tokens};
use uuid::Uuid;

/// A product that the row could be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its id.
    pub id: Uuid,
    /// Its name, normalised.
    pub normalised: String,
    /// Its ministry's key through its names.
    pub ministry_key: String,
}

/// What is proposed for a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Match {
    /// The same name.
    Exact(Uuid),
    /// Near names, the nearest first: a person decides.
    Near(Vec<(Uuid, f64)>),
    /// A new product.
    New,
}

/// From this nearness on, names of one ministry are proposed.
const NEAR_SAME_MINISTRY: f64 = 0.8;
/// From this nearness on, names of two ministries are proposed.
const NEAR: f64 = 0.9;
/// Most proposals for a row.
const PROPOSALS_MAX: usize = 5;

/// Known products, found by name or by word.
#[derive(Debug, Default)]
pub struct Matcher {
    by_name: HashMap<String, Uuid>,
    known: Vec<Known>,
    by_token: HashMap<String, Vec<usize>>,
    /// Names that a person said are not the same: never proposed again.
    different: HashSet<(String, Uuid)>,
}

impl Matcher {
    /// A matcher over known products; `different` holds what a person said: this name is not that
    /// product.
    pub fn new(known: Vec<Known>, different: impl IntoIterator<Item = (String, Uuid)>) -> Self {
        let mut matcher = Self {
            different: different.into_iter().collect(),
            ..Self::default()
        };
        for (at, product) in known.iter().enumerate() {
            matcher
                .by_name
                .insert(product.normalised.clone(), product.id);
            for token in tokens(&product.normalised) {
                matcher
                    .by_token
                    .entry(token.to_owned())
                    .or_default()
                    .push(at);
            }
            // A misspelt name shares its beginning rather than a whole word.
            let start: String = product
                .normalised
                .chars()
                .filter(|c| *c != ' ')
                .take(4)
                .collect();
            matcher
                .by_token
                .entry(format!("^{start}"))
                .or_default()
                .push(at);
        }
        matcher.known = known;
        matcher
    }

    /// The product of exactly this normalised name.
    pub fn exact(&self, normalised: &str) -> Option<Uuid> {
        self.by_name.get(normalised).copied()
    }

    /// What to propose for a name; products in `taken` are other rows of the same edition, and so
    /// are other projects.
    pub fn propose(&self, normalised: &str, ministry_key: &str, taken: &HashSet<Uuid>) -> Match {
        if let Some(id) = self.exact(normalised) {
            return Match::Exact(id);
        }
        let start: String = normalised.chars().filter(|c| *c != ' ').take(4).collect();
        let start = format!("^{start}");
        let candidates: HashSet<usize> = tokens(normalised)
            .chain([start.as_str()])
            .filter_map(|token| self.by_token.get(token))
            // A word that a thousand names share tells nothing.
            .filter(|holders| holders.len() <= 1_000)
            .flatten()
            .copied()
            .collect();
        let mut near: Vec<(Uuid, f64)> = candidates
            .into_iter()
            .map(|at| &self.known[at])
            .filter(|known| !taken.contains(&known.id))
            .filter(|known| !self.different.contains(&(normalised.to_owned(), known.id)))
            .filter_map(|known| {
                let nearness = similarity(normalised, &known.normalised);
                let same = known.ministry_key == ministry_key;
                let enough = if same { NEAR_SAME_MINISTRY } else { NEAR };
                (nearness >= enough).then_some((known.id, nearness))
            })
            .collect();
        if near.is_empty() {
            return Match::New;
        }
        near.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        near.truncate(PROPOSALS_MAX);
        Match::Near(near)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use names::normalise;

    fn matcher(different: Vec<(String, Uuid)>) -> Matcher {
        let known = [
            ("FRANCE CONNECT", "SPM"),
            ("SIRHEN", "MEN"),
            ("CHORUS", "MEF"),
        ]
        .into_iter()
        .zip(1_u128..)
        .map(|((name, ministry), id)| Known {
            id: Uuid::from_u128(id),
            normalised: normalise(name),
            ministry_key: ministry.into(),
        })
        .collect();
        Matcher::new(known, different)
    }

    fn propose(matcher: &Matcher, name: &str, ministry: &str) -> Match {
        matcher.propose(&normalise(name), ministry, &HashSet::new())
    }

    #[test]
    fn the_name_decides_and_the_ministry_only_hints() {
        let first = Uuid::from_u128(1);
        let matcher = matcher(Vec::new());
        assert_eq!(
            propose(&matcher, " France-Connect ", "MI"),
            Match::Exact(first)
        );
        let Match::Near(near) = propose(&matcher, "FRANCE CONNECT PHASE II", "SPM") else {
            panic!("a person decides")
        };
        assert_eq!(near[0].0, first);
        assert_eq!(propose(&matcher, "PORTAIL", "SPM"), Match::New);
    }

    #[test]
    fn an_answer_is_remembered() {
        let no = vec![(normalise("FRANCE CONNECT PHASE II"), Uuid::from_u128(1))];
        assert_eq!(
            propose(&matcher(no), "FRANCE CONNECT PHASE II", "SPM"),
            Match::New
        );
    }

    #[test]
    fn projects_of_one_edition_are_not_each_other() {
        let taken = HashSet::from([Uuid::from_u128(1)]);
        let matcher = matcher(Vec::new());
        let name = normalise("FRANCE CONNECT PHASE II");
        assert_eq!(matcher.propose(&name, "SPM", &taken), Match::New);
    }
}
