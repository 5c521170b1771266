//! Which experts could go: proposed by skill, by what is free and by load. A person chooses.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::civil::Date;
use uuid::Uuid;

use super::codes::SkillLevel;
use super::weeks::{Availability, Weeks};

/// Somebody who may be proposed.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The level of each expertise.
    pub skills: BTreeMap<String, SkillLevel>,
    /// When it can work.
    pub availability: Availability,
    /// What missions took already.
    pub booked: Weeks,
}

/// Somebody who could go, and the figures that say why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Who.
    pub expert: Uuid,
    /// Its name.
    pub name: String,
    /// For what.
    pub expertise: String,
    /// How well it knows that.
    pub level: SkillLevel,
    /// Half days that are wanted.
    pub wanted: u32,
    /// Half days that are free between the two days.
    pub free: u32,
    /// Half days that it works in those weeks.
    pub capacity: u32,
    /// Half days of those weeks that are taken.
    pub booked: u32,
}

impl Proposal {
    /// Whether it can do all that is wanted.
    pub fn covers(&self) -> bool {
        self.free >= self.wanted
    }

    /// The share of its time that is taken, between 0 and 1 unless it is over-booked.
    pub fn load(&self) -> f64 {
        f64::from(self.booked) / f64::from(self.capacity.max(1))
    }
}

/// Experts who know an expertise and have at least a half day free between two days: first those
/// who can do all that is wanted, then the best level, the lightest load, the most that is free; by
/// name and id where all that is equal, so that the order never depends on how candidates come.
pub fn propose(
    (expertise, wanted): (&str, u32),
    (from, to): (Date, Date),
    candidates: &[Candidate],
) -> Vec<Proposal> {
    let mut found: Vec<Proposal> = candidates
        .iter()
        .filter_map(|one| {
            let level = *one.skills.get(expertise)?;
            let free = one.availability.free(&one.booked, from, to).values().sum();
            let whole = one.availability.whole_weeks(from, to);
            let taken = |week: &Date| one.booked.get(week).copied().unwrap_or(0);
            (free > 0).then(|| Proposal {
                expert: one.id,
                name: one.name.clone(),
                expertise: expertise.to_owned(),
                level,
                wanted,
                free,
                capacity: whole.values().sum(),
                booked: whole.keys().map(taken).sum(),
            })
        })
        .collect();
    // Loads are compared in whole millionths: a float has no total order.
    let load = |one: &Proposal| u64::from(one.booked) * 1_000_000 / u64::from(one.capacity.max(1));
    found.sort_by_cached_key(|one| {
        (
            Reverse(one.covers()),
            Reverse(one.level),
            load(one),
            Reverse(one.free),
            one.name.clone(),
            one.expert,
        )
    });
    found
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::super::weeks::{Period, monday, mondays};
    use super::*;

    const FROM: Date = date(2026, 3, 2);
    const TO: Date = date(2026, 3, 27);

    fn candidate() -> impl Strategy<Value = Candidate> {
        (
            any::<u128>(),
            "[a-d]{1,2}",
            prop::collection::btree_map("cloud|security|ux", 0..3_usize, 0..3),
            1..=10_u32,
            prop::collection::vec(0..12_u32, 4),
            prop::option::of((0..30_i64, 0..40_i64)),
        )
            .prop_map(|(id, name, skills, rate, booked, absence)| {
                let levels = |(code, level): (String, usize)| (code, SkillLevel::ALL[level]);
                let periods = absence.map(|(after, days)| {
                    let from = FROM.saturating_add(after.days());
                    Period {
                        from,
                        to: from.saturating_add(days.days()),
                        half_days_week: 0,
                    }
                });
                Candidate {
                    id: Uuid::from_u128(id),
                    name,
                    skills: skills.into_iter().map(levels).collect(),
                    availability: Availability {
                        half_days_week: rate,
                        periods: periods.into_iter().collect(),
                        ..Availability::default()
                    },
                    booked: mondays(FROM, TO).zip(booked).collect(),
                }
            })
    }

    #[test]
    fn the_best_and_least_loaded_who_can_do_it_all_comes_first() {
        let one = |id: u128, level, booked: u32| Candidate {
            id: Uuid::from_u128(id),
            name: format!("Personne {id}"),
            skills: BTreeMap::from([("cloud".to_owned(), level)]),
            availability: Availability {
                half_days_week: 10,
                ..Availability::default()
            },
            booked: mondays(FROM, TO).map(|week| (week, booked)).collect(),
        };
        let all = [
            one(1, SkillLevel::Expert, 10),
            one(2, SkillLevel::Expert, 9),
            one(3, SkillLevel::Confirmed, 0),
            one(4, SkillLevel::Expert, 4),
            one(5, SkillLevel::Expert, 2),
        ];
        let found = propose(("cloud", 8), (FROM, TO), &all);
        let ids: Vec<u128> = found.iter().map(|one| one.expert.as_u128()).collect();
        // The first has nothing left, the second not enough.
        assert_eq!(ids, [5, 4, 3, 2]);
        assert_eq!(
            (found[0].free, found[0].booked, found[0].capacity),
            (32, 8, 40)
        );
    }

    proptest! {
        #[test]
        fn nobody_unavailable_or_without_the_skill_is_proposed(
            all in prop::collection::vec(candidate(), 0..12), wanted in 1..40_u32,
        ) {
            let found = propose(("cloud", wanted), (FROM, TO), &all);
            for one in &found {
                let who = all.iter().find(|who| who.id == one.expert).unwrap();
                prop_assert_eq!(who.skills.get("cloud"), Some(&one.level));
                prop_assert!(one.free > 0);
                // Some week has a worked half day that nothing took.
                let is_free = mondays(FROM, TO).any(|week| {
                    let whole = who.availability.of_week(week, Date::MIN, Date::MAX);
                    whole > who.booked.get(&monday(week)).copied().unwrap_or(0)
                });
                prop_assert!(is_free);
            }
            // And nobody who could go is left out.
            let could = all.iter().filter(|who| {
                who.skills.contains_key("cloud")
                    && who.availability.free(&who.booked, FROM, TO).values().any(|left| *left > 0)
            });
            prop_assert_eq!(could.count(), found.len());
        }

        #[test]
        fn the_order_does_not_depend_on_how_candidates_come(
            (all, shuffled) in prop::collection::vec(candidate(), 0..12)
                .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
            wanted in 1..40_u32,
        ) {
            let period = (FROM, TO);
            prop_assert_eq!(
                propose(("ux", wanted), period, &all),
                propose(("ux", wanted), period, &shuffled)
            );
        }
    }
}
