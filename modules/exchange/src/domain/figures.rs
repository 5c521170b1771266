//! How long decisions take.

/// The median and the 90th percentile of durations, both by the nearest rank: values that really
/// occurred. `None` without any.
pub fn median_and_90(mut durations: Vec<i64>) -> Option<(i64, i64)> {
    durations.sort_unstable();
    let rank = |percent: usize| {
        let at = (durations.len() * percent).div_ceil(100).max(1) - 1;
        durations.get(at).copied()
    };
    Some((rank(50)?, rank(90)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_of_what_occurred() {
        assert_eq!(median_and_90(vec![]), None);
        assert_eq!(median_and_90(vec![7]), Some((7, 7)));
        assert_eq!(median_and_90((1..=10).rev().collect()), Some((5, 9)));
        assert_eq!(median_and_90(vec![1, 2, 3]), Some((2, 3)));
    }
}
