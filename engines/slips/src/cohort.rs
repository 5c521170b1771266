//! What moved the published mean between two dates: what the members did, and what entries and
//! exits did to the list.
//!
//! With A the rates published at the first date, B those at the second, and C the members of both
//! lists (the fixed cohort, with rates C1 and C2):
//!
//! ```text
//! mean(B) - mean(A) = [mean(C2) - mean(C1)]   within the cohort
//!                   + [mean(B)  - mean(C2)]   entries: members of B alone
//!                   + [mean(C1) - mean(A)]    exits: members of A alone
//! ```

use crate::summary::exact_sum;

/// The change of the published mean and its three parts, which add up exactly: `within_cohort +
/// entries + exits`, added in this order, is `published_change` to the last bit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decomposition {
    /// The mean at the second date less the mean at the first.
    pub published_change: f64,
    /// What the members of both lists did.
    pub within_cohort: f64,
    /// What the entries did.
    pub entries: f64,
    /// What the exits did.
    pub exits: f64,
}

/// Decomposes the change between two lists of rates by key. `None` when either list is empty (then
/// no mean was published) or when no member is in both (then nothing can be told apart).
/// A key stands at most once in a list.
pub fn decompose<K: Ord>(first: &[(K, f64)], second: &[(K, f64)]) -> Option<Decomposition> {
    let stayed = stayed(by_key(first), by_key(second));
    let mean_first = mean(first.iter().map(|(_, rate)| *rate))?;
    let mean_second = mean(second.iter().map(|(_, rate)| *rate))?;
    let cohort_first = mean(stayed.iter().map(|(rate, _)| *rate))?;
    let cohort_second = mean(stayed.iter().map(|(_, rate)| *rate))?;
    let within_cohort = cohort_second - cohort_first;
    let entries = mean_second - cohort_second;
    let exits = cohort_first - mean_first;
    // Floating point loses a last digit here and there: the published change is what the parts add
    // up to, so that a reader who adds them finds it.
    let published_change = within_cohort + entries + exits;
    Some(Decomposition {
        published_change,
        within_cohort,
        entries,
        exits,
    })
}

/// Sorted by key; lists that come sorted are only walked through.
fn by_key<K: Ord>(rates: &[(K, f64)]) -> Vec<&(K, f64)> {
    let mut sorted: Vec<&(K, f64)> = rates.iter().collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    sorted
}

/// The rates of the members of both lists.
fn stayed<K: Ord>(first: Vec<&(K, f64)>, second: Vec<&(K, f64)>) -> Vec<(f64, f64)> {
    let mut before = first.into_iter().peekable();
    second
        .into_iter()
        .filter_map(|(key, rate)| {
            while before.next_if(|(other, _)| other < key).is_some() {}
            let (_, earlier) = before.next_if(|(other, _)| other == key)?;
            Some((*earlier, *rate))
        })
        .collect()
}

fn mean(rates: impl Iterator<Item = f64>) -> Option<f64> {
    let rates: Vec<f64> = rates.collect();
    (!rates.is_empty()).then(|| exact_sum(&rates) / rates.len() as f64)
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // that the parts add up to the last bit is the claim
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_mean_that_falls_while_every_project_slips() {
        let first = [("a", 0.1), ("b", 0.2), ("c", 0.9)];
        let second = [("a", 0.2), ("b", 0.3), ("d", 0.0)];
        let parts = decompose(&first, &second).unwrap();
        assert!((parts.within_cohort - 0.1).abs() < 1e-12);
        assert!((parts.entries - (0.5 / 3.0 - 0.25)).abs() < 1e-12);
        assert!((parts.exits - (0.15 - 0.4)).abs() < 1e-12);
        assert!(
            parts.published_change < 0.0,
            "the published mean falls all the same"
        );
    }

    #[test]
    fn nothing_in_common_tells_nothing() {
        assert_eq!(decompose(&[("a", 0.1)], &[("b", 0.1)]), None);
        assert_eq!(decompose::<&str>(&[], &[]), None);
        assert_eq!(decompose(&[("a", 0.1)], &[]), None);
    }

    proptest! {
        #[test]
        fn parts_add_up_and_tell_the_published_change(
            first in prop::collection::hash_map(0..30_u8, -0.9..5.0_f64, 1..20),
            second in prop::collection::hash_map(0..30_u8, -0.9..5.0_f64, 1..20),
        ) {
            let first: Vec<_> = first.into_iter().collect();
            let second: Vec<_> = second.into_iter().collect();
            if let Some(parts) = decompose(&first, &second) {
                prop_assert_eq!(
                    parts.within_cohort + parts.entries + parts.exits,
                    parts.published_change
                );
                let published = mean(second.iter().map(|(_, r)| *r)).unwrap()
                    - mean(first.iter().map(|(_, r)| *r)).unwrap();
                prop_assert!((parts.published_change - published).abs() < 1e-12);
            }
        }

        #[test]
        fn a_list_that_stays_moves_by_its_members_alone(
            rates in prop::collection::vec((-0.9..5.0_f64, -0.9..5.0_f64), 1..20),
        ) {
            let first: Vec<_> = rates.iter().enumerate().map(|(at, (a, _))| (at, *a)).collect();
            let second: Vec<_> = rates.iter().enumerate().map(|(at, (_, b))| (at, *b)).collect();
            let parts = decompose(&first, &second).unwrap();
            prop_assert_eq!((parts.entries, parts.exits), (0.0, 0.0));
        }
    }
}
