//! One value moved at a time: how far the result goes, and where the answer turns over.

/// How far a value may move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The lowest that is thought likely.
    pub low: i64,
    /// The highest.
    pub high: i64,
    /// The lowest that makes sense at all.
    pub least: i64,
    /// The highest.
    pub most: i64,
}

/// What moving one value does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swing {
    /// The result at the low value.
    pub at_low: i64,
    /// The result at the high value.
    pub at_high: i64,
    /// The value nearest to the present one from which the result has another sign; none within
    /// what makes sense. Looked for by halving: it is exact when the result moves in one direction.
    pub flips_at: Option<i64>,
}

impl Swing {
    /// How far the result goes between both ends.
    pub fn width(&self) -> u64 {
        self.at_high.abs_diff(self.at_low)
    }
}

/// Moves one value, whose present one is `value`. `None` when the result can't be computed at an end
/// or on the way.
pub fn swing(value: i64, range: Range, result: impl Fn(i64) -> Option<i64>) -> Option<Swing> {
    let sign = result(value)?.signum();
    let flip = |mut far: i64| -> Option<Option<i64>> {
        if far == value || result(far)?.signum() == sign {
            return Some(None);
        }
        let mut near = value;
        while near.abs_diff(far) > 1 {
            let middle = near + (far - near) / 2;
            if result(middle)?.signum() == sign {
                near = middle;
            } else {
                far = middle;
            }
        }
        Some(Some(far))
    };
    let flips = [flip(range.least.min(value))?, flip(range.most.max(value))?];
    Some(Swing {
        at_low: result(range.low)?,
        at_high: result(range.high)?,
        flips_at: flips
            .into_iter()
            .flatten()
            .min_by_key(|flip| flip.abs_diff(value)),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WIDE: Range = Range {
        low: 0,
        high: 100,
        least: 0,
        most: 1_000,
    };

    #[test]
    fn the_answer_turns_over_where_it_does() {
        let swing = swing(50, WIDE, |value| Some(value - 70)).unwrap();
        assert_eq!((swing.at_low, swing.at_high, swing.width()), (-70, 30, 100));
        // At 70 both are equal: that is another answer.
        assert_eq!(swing.flips_at, Some(70));
    }

    #[test]
    fn an_answer_that_stays_has_no_flip() {
        let swing = swing(50, WIDE, |value| Some(value + 1)).unwrap();
        assert_eq!(swing.flips_at, None);
        assert_eq!(super::swing(50, WIDE, |_| None), None);
    }

    proptest! {
        #[test]
        fn a_flip_is_another_answer_and_its_neighbour_is_not(
            value in 0_i64..1_000, zero in -200_i64..1_200, slope in prop::bool::ANY,
        ) {
            let result = |at: i64| Some(if slope { at - zero } else { zero - at });
            let sign = result(value).unwrap().signum();
            if let Some(flip) = swing(value, WIDE, result).unwrap().flips_at {
                prop_assert_ne!(result(flip).unwrap().signum(), sign);
                let nearer = flip + (value - flip).signum();
                prop_assert_eq!(result(nearer).unwrap().signum(), sign);
            } else {
                prop_assert_eq!(result(0).unwrap().signum(), sign);
                prop_assert_eq!(result(1_000).unwrap().signum(), sign);
            }
        }
    }
}
