//! Slips together: mean, aggregate, median, P80, and what the worst tenth causes.

/// `(latest - baseline) / baseline`; `None` when the baseline is not positive.
pub fn slip_rate(baseline: i64, latest: i64) -> Option<f64> {
    (baseline > 0).then(|| (i128::from(latest) - i128::from(baseline)) as f64 / baseline as f64)
}

/// The slips of a set of pairs. Every rate is a fraction; `None` when nothing could be compared.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Summary {
    /// Pairs that could be compared: those with a positive baseline.
    pub compared: usize,
    /// The unweighted mean of the rates: the official figure.
    pub mean_slip_rate: Option<f64>,
    /// The sum of the latest over the sum of the baselines, less one.
    pub aggregate_slip_rate: Option<f64>,
    /// The median of the rates ([`percentile`] at 0.5).
    pub median_slip_rate: Option<f64>,
    /// The rate that 80 % of the pairs do not exceed ([`percentile`] at 0.8).
    pub p80_slip_rate: Option<f64>,
    /// Of all positive slips added up, the share caused by the tenth of the pairs (rounded up)
    /// that slipped most in amount. `None` when nothing slipped upward.
    pub worst_tenth_share: Option<f64>,
}

/// The quantile of sorted values at `p` (0 to 1), with linear interpolation between the two
/// nearest ranks: type 7 of Hyndman and Fan (1996), the default of R and of spreadsheets.
pub fn percentile(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = p.clamp(0.0, 1.0) * last as f64;
    let (below, above) = (at.floor() as usize, at.ceil() as usize);
    let share = at - at.floor();
    Some(sorted[below] + (sorted[above] - sorted[below]) * share)
}

/// [`percentile`] of values in any order, which are only partly sorted: a long list is read at
/// every request.
fn percentile_of(values: &mut [f64], p: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let at = p.clamp(0.0, 1.0) * last as f64;
    let (_, below, rest) = values.select_nth_unstable_by(at.floor() as usize, f64::total_cmp);
    let above = rest.iter().copied().min_by(f64::total_cmp);
    let (below, share) = (*below, at - at.floor());
    Some(below + (above.unwrap_or(below) - below) * share)
}

/// The sum, in which the order of the values never shows: sorted when they are few, else added as
/// whole numbers of 2^-64, below what a double holds of a rate.
pub(crate) fn exact_sum(values: &[f64]) -> f64 {
    const UNIT: f64 = 18_446_744_073_709_551_616.0;
    // Beyond this a sum of whole numbers could overflow: such rates are counted one by one.
    const LARGE: f64 = 1e9;
    if values.len() <= 1_000 || values.iter().any(|value| value.abs() > LARGE) {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        return sorted.iter().sum();
    }
    let units: i128 = values.iter().map(|value| (value * UNIT) as i128).sum();
    units as f64 / UNIT
}

/// Summarises pairs of baseline and latest.
pub fn summarise(pairs: impl IntoIterator<Item = (i64, i64)>) -> Summary {
    let mut rates = Vec::new();
    let mut excess: Vec<i128> = Vec::new();
    let (mut baselines, mut latests) = (0_i128, 0_i128);
    for (baseline, latest) in pairs {
        let Some(rate) = slip_rate(baseline, latest) else {
            continue;
        };
        rates.push(rate);
        excess.push(i128::from(latest) - i128::from(baseline));
        baselines += i128::from(baseline);
        latests += i128::from(latest);
    }
    let compared = rates.len();
    if compared == 0 {
        return Summary::default();
    }
    Summary {
        compared,
        mean_slip_rate: Some(exact_sum(&rates) / compared as f64),
        aggregate_slip_rate: Some((latests - baselines) as f64 / baselines as f64),
        median_slip_rate: percentile_of(&mut rates, 0.5),
        p80_slip_rate: percentile_of(&mut rates, 0.8),
        worst_tenth_share: worst_tenth_share(excess),
    }
}

fn worst_tenth_share(mut excess: Vec<i128>) -> Option<f64> {
    let all: i128 = excess.iter().filter(|slip| **slip > 0).sum();
    if all == 0 {
        return None;
    }
    // Only which ones are the worst matters, not their order: no full sort of a long list.
    let tenth = excess.len().div_ceil(10);
    excess.select_nth_unstable_by(tenth - 1, |a, b| b.cmp(a));
    let worst: i128 = excess.iter().take(tenth).filter(|slip| **slip > 0).sum();
    Some(worst as f64 / all as f64)
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // that both ways say the same to the last bit is the claim
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_worked_example() {
        // Rates: +50 %, 0 %, -20 %, +100 %.
        let summary = summarise([(100, 150), (200, 200), (50, 40), (10, 20), (0, 5)]);
        assert_eq!(summary.compared, 4);
        assert_eq!(summary.mean_slip_rate, Some(0.325));
        assert_eq!(summary.aggregate_slip_rate, Some(50.0 / 360.0));
        assert_eq!(summary.median_slip_rate, Some(0.25));
        // Rank 0.8 x 3 = 2.4: 0.5 + 0.4 x 0.5.
        assert!((summary.p80_slip_rate.unwrap() - 0.7).abs() < 1e-12);
        // One pair of four is the worst tenth: 50 of 60.
        assert_eq!(summary.worst_tenth_share, Some(50.0 / 60.0));
    }

    #[test]
    fn nothing_compared_says_nothing() {
        assert_eq!(summarise([]), Summary::default());
        assert_eq!(summarise([(0, 10), (-5, 3)]), Summary::default());
        assert_eq!(summarise([(10, 5)]).worst_tenth_share, None);
        assert_eq!(percentile(&[], 0.5), None);
    }

    #[test]
    fn extremes_do_not_overflow() {
        let summary = summarise([(1, i64::MAX), (i64::MAX, 0)]);
        assert_eq!(summary.compared, 2);
        assert!(summary.mean_slip_rate.unwrap().is_finite());
    }

    proptest! {
        #[test]
        fn order_never_shows(mut pairs in prop::collection::vec((1..1_000_i64, 0..2_000_i64), 0..40)) {
            let one = summarise(pairs.clone());
            pairs.reverse();
            prop_assert_eq!(one, summarise(pairs));
        }

        #[test]
        fn a_part_of_the_order_is_enough(
            mut values in prop::collection::vec(-1.0..9.0_f64, 1..60),
            p in 0.0..=1.0_f64,
        ) {
            let told = percentile_of(&mut values.clone(), p);
            values.sort_unstable_by(f64::total_cmp);
            prop_assert_eq!(told, percentile(&values, p));
        }

        #[test]
        fn long_sums_are_those_of_doubles_and_show_no_order(
            mut values in prop::collection::vec(-1.0..9.0_f64, 1_001..1_100),
        ) {
            let told = exact_sum(&values);
            let plain: f64 = values.iter().sum();
            prop_assert!((told - plain).abs() < 1e-9);
            values.reverse();
            prop_assert_eq!(told, exact_sum(&values));
        }

        #[test]
        fn figures_stay_within_the_rates(pairs in prop::collection::vec((1..1_000_i64, 0..2_000_i64), 1..40)) {
            let rates: Vec<f64> =
                pairs.iter().filter_map(|(b, l)| slip_rate(*b, *l)).collect();
            let low = rates.iter().copied().fold(f64::INFINITY, f64::min) - 1e-9;
            let high = rates.iter().copied().fold(f64::NEG_INFINITY, f64::max) + 1e-9;
            let summary = summarise(pairs);
            for figure in [summary.mean_slip_rate, summary.aggregate_slip_rate,
                           summary.median_slip_rate, summary.p80_slip_rate] {
                prop_assert!((low..=high).contains(&figure.unwrap()));
            }
            prop_assert!(summary.median_slip_rate <= summary.p80_slip_rate);
            if let Some(share) = summary.worst_tenth_share {
                prop_assert!(share > 0.0 && share <= 1.0);
            }
        }
    }
}
