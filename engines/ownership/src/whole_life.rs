//! The cost of a whole life, by kind and by year.

use std::collections::BTreeMap;

use crate::{discounted, rounded};

/// Longest life, in years.
pub const YEARS_MAX: u16 = 40;
/// Largest discount rate: 20 % a year.
pub const DISCOUNT_BP_MAX: i64 = 2_000;

/// A cost of one year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost<K> {
    /// What kind it is.
    pub kind: K,
    /// The calendar year in which it is paid.
    pub year: i16,
    /// How much: 0 or more.
    pub cents: i64,
}

/// The cost of a whole life: each of the two tables adds up to the total exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeLife<K> {
    /// The sum of all costs.
    pub total_cents: i64,
    /// By kind.
    pub by_kind: BTreeMap<K, i64>,
    /// By year, those of the life without cost included.
    pub by_year: BTreeMap<i16, i64>,
    /// The sum of all costs as they count in the first year.
    pub discounted_cents: i64,
    /// The total by years of the life, rounded.
    pub per_year_cents: i64,
}

/// The cost of a life that begins with a year and takes `years` of them. `None` when a cost is below
/// zero or outside the life, when a limit is passed, or when the sum leaves 64 bits.
pub fn whole_life<K: Ord + Copy>(
    costs: &[Cost<K>],
    first_year: i16,
    years: u16,
    discount_bp: i64,
) -> Option<WholeLife<K>> {
    if years == 0 || years > YEARS_MAX || !(0..=DISCOUNT_BP_MAX).contains(&discount_bp) {
        return None;
    }
    let mut by_kind = BTreeMap::new();
    let mut by_year: BTreeMap<i16, i64> = (0..years)
        .map(|at| Some((first_year.checked_add(i16::try_from(at).ok()?)?, 0)))
        .collect::<Option<_>>()?;
    let (mut total, mut today) = (0_i64, 0_i64);
    for cost in costs {
        let of_year = by_year.get_mut(&cost.year).filter(|_| cost.cents >= 0)?;
        *of_year = of_year.checked_add(cost.cents)?;
        let of_kind: &mut i64 = by_kind.entry(cost.kind).or_default();
        *of_kind = of_kind.checked_add(cost.cents)?;
        total = total.checked_add(cost.cents)?;
        let ahead = u32::try_from(i32::from(cost.year) - i32::from(first_year)).ok()?;
        today = today.checked_add(discounted(cost.cents, discount_bp, ahead)?)?;
    }
    Some(WholeLife {
        total_cents: total,
        by_kind,
        by_year,
        discounted_cents: today,
        per_year_cents: rounded(i128::from(total), i128::from(years))?,
    })
}

/// An amount by a count in millionths (of people, of acts), rounded to the cent; `None` when nothing
/// or less is counted.
pub fn per(cents: i64, count_millionths: i64) -> Option<i64> {
    if count_millionths <= 0 {
        return None;
    }
    rounded(i128::from(cents) * 1_000_000, i128::from(count_millionths))
}

/// An amount that is proportional to a value, when that value becomes another one: rounded to the
/// cent. `None` unless the value is above zero and the other one isn't below.
pub fn proportion(cents: i64, value: i64, becomes: i64) -> Option<i64> {
    if value <= 0 || becomes < 0 {
        return None;
    }
    rounded(i128::from(cents) * i128::from(becomes), i128::from(value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cost(kind: u8, year: i16, cents: i64) -> Cost<u8> {
        Cost { kind, year, cents }
    }

    #[test]
    fn a_life_is_told_by_kind_and_by_year() {
        let costs = [cost(1, 2026, 100), cost(2, 2026, 50), cost(1, 2028, 25)];
        let life = whole_life(&costs, 2026, 3, 0).unwrap();
        assert_eq!((life.total_cents, life.discounted_cents), (175, 175));
        assert_eq!(life.by_kind, BTreeMap::from([(1, 125), (2, 50)]));
        let years = BTreeMap::from([(2026, 150), (2027, 0), (2028, 25)]);
        assert_eq!(life.by_year, years);
        assert_eq!(life.per_year_cents, 58);
    }

    /// Worked by hand: 100 € in each of three years at 4 %: 100 + 96.1538… + 92.4556…
    #[test]
    fn later_money_counts_less() {
        let costs = [cost(1, 1, 10_000), cost(1, 2, 10_000), cost(1, 3, 10_000)];
        let life = whole_life(&costs, 1, 3, 400).unwrap();
        assert_eq!(life.discounted_cents, 10_000 + 9_615 + 9_246);
    }

    #[test]
    fn what_is_beyond_its_limits_is_refused() {
        assert_eq!(whole_life(&[cost(1, 2025, 1)], 2026, 3, 0), None);
        assert_eq!(whole_life(&[cost(1, 2029, 1)], 2026, 3, 0), None);
        assert_eq!(whole_life(&[cost(1, 2026, -1)], 2026, 3, 0), None);
        assert_eq!(whole_life::<u8>(&[], 2026, 0, 0), None);
        assert_eq!(whole_life::<u8>(&[], 2026, YEARS_MAX + 1, 0), None);
        assert_eq!(whole_life::<u8>(&[], 2026, 3, 2_001), None);
        let much = [cost(1, 2026, i64::MAX), cost(1, 2026, 1)];
        assert_eq!(whole_life(&much, 2026, 3, 0), None);
        assert_eq!((per(100, 0), per(100, 3_000_000)), (None, Some(33)));
        assert_eq!(
            (proportion(100, 0, 1), proportion(100, 3, 2)),
            (None, Some(67))
        );
    }

    fn costs() -> impl Strategy<Value = Vec<Cost<u8>>> {
        let one = (0_u8..5, 2026_i16..2036, 0_i64..10_i64.pow(14));
        prop::collection::vec(
            one.prop_map(|(kind, year, cents)| cost(kind, year, cents)),
            0..40,
        )
    }

    proptest! {
        #[test]
        fn parts_add_up_exactly(costs in costs(), rate in 0_i64..2_000) {
            let life = whole_life(&costs, 2026, 10, rate).unwrap();
            prop_assert_eq!(life.by_kind.values().sum::<i64>(), life.total_cents);
            prop_assert_eq!(life.by_year.values().sum::<i64>(), life.total_cents);
            prop_assert!(life.discounted_cents <= life.total_cents);
        }

        #[test]
        fn discounting_at_nothing_is_the_sum(costs in costs()) {
            let life = whole_life(&costs, 2026, 10, 0).unwrap();
            prop_assert_eq!(life.discounted_cents, life.total_cents);
            prop_assert_eq!(life.total_cents, costs.iter().map(|one| one.cents).sum::<i64>());
        }

        #[test]
        fn more_cost_never_lowers_the_total(
            mut costs in costs(), more in cost_strategy(), at in 0_usize..40, rate in 0_i64..2_000,
        ) {
            let before = whole_life(&costs, 2026, 10, rate).unwrap();
            if let Some(one) = costs.get_mut(at) {
                one.cents += more;
            } else {
                costs.push(cost(0, 2030, more));
            }
            let after = whole_life(&costs, 2026, 10, rate).unwrap();
            prop_assert!(after.total_cents >= before.total_cents);
            prop_assert!(after.discounted_cents >= before.discounted_cents);
        }

        #[test]
        fn what_is_proportional_to_itself_stays(cents in 0_i64..10_i64.pow(15), value in 1_i64..10_i64.pow(18)) {
            prop_assert_eq!(proportion(cents, value, value), Some(cents));
        }
    }

    fn cost_strategy() -> impl Strategy<Value = i64> {
        0_i64..10_i64.pow(13)
    }
}
