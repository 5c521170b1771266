//! The straight way from a first value to a promised one.

use std::cmp::Ordering;

/// A straight line between two values at two days, flat before the first and after the last.
///
/// Values are whole numbers of a small unit (cents, millionths), days are numbers of days from any
/// one origin: nothing is rounded where two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path {
    from: (i64, i64),
    to: (i64, i64),
}

impl Path {
    /// From a day and a value to a later day and a value; `None` when the second day isn't later.
    pub fn new(from: (i64, i64), to: (i64, i64)) -> Option<Self> {
        (from.0 < to.0).then_some(Self { from, to })
    }

    /// The value at a day, as a numerator over a positive denominator.
    fn exact(&self, day: i64) -> (i128, i128) {
        let [start, end, day] = [self.from.0, self.to.0, day].map(i128::from);
        let [first, last] = [self.from.1, self.to.1].map(i128::from);
        let (length, gone) = (end - start, day.clamp(start, end) - start);
        (first * length + (last - first) * gone, length)
    }

    /// The value at a day, rounded to a whole number (halves away from zero).
    pub fn at(&self, day: i64) -> i64 {
        let (numerator, denominator) = self.exact(day);
        let half = denominator / 2;
        let rounded = if numerator < 0 {
            (numerator - half) / denominator
        } else {
            (numerator + half) / denominator
        };
        // It lies between two numbers of 64 bits.
        i64::try_from(rounded).unwrap_or(self.to.1)
    }

    /// How a value of a day compares with the path on that day, exactly.
    pub fn compare(&self, day: i64, value: i64) -> Ordering {
        let (numerator, denominator) = self.exact(day);
        (i128::from(value) * denominator).cmp(&numerator)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn worked_values() {
        let path = Path::new((0, 100), (10, 200)).unwrap();
        assert_eq!(
            [-5, 0, 3, 5, 10, 40].map(|day| path.at(day)),
            [100, 100, 130, 150, 200, 200]
        );
        // A third of the way from 10 down to 0 is 6.67.
        let down = Path::new((0, 10), (3, 0)).unwrap();
        assert_eq!([down.at(1), down.at(2)], [7, 3]);
        assert_eq!(down.compare(1, 7), Ordering::Greater, "7 > 6.67");
        assert_eq!(down.compare(1, 6), Ordering::Less);
        assert_eq!(down.compare(3, 0), Ordering::Equal);
        assert_eq!(Path::new((3, 1), (3, 2)), None);
        assert_eq!(Path::new((4, 1), (3, 2)), None);
    }

    const LARGE: i64 = 1_000_000_000_000_000_000;

    proptest! {
        #[test]
        fn a_path_stays_between_its_ends_and_never_turns(
            first in -LARGE..LARGE, last in -LARGE..LARGE, length in 1_i64..40_000,
            a in -50_000_i64..90_000, b in -50_000_i64..90_000,
        ) {
            let path = Path::new((0, first), (length, last)).unwrap();
            let (low, high) = (first.min(last), first.max(last));
            prop_assert!((low..=high).contains(&path.at(a)));
            let (early, late) = (a.min(b), a.max(b));
            if first <= last {
                prop_assert!(path.at(early) <= path.at(late));
            } else {
                prop_assert!(path.at(early) >= path.at(late));
            }
            prop_assert_eq!(path.at(length), last);
            prop_assert_eq!(path.compare(length, last), Ordering::Equal);
            // What is rounded is at most half a unit away.
            prop_assert_ne!(path.compare(a, path.at(a) - 1), Ordering::Greater);
            prop_assert_ne!(path.compare(a, path.at(a) + 1), Ordering::Less);
        }
    }
}
