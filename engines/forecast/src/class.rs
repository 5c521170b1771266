//! Choosing the class.

use slips::percentile;

/// Finished projects that a class needs: with fewer, the percentile that one in five exceeds would
/// rest on one or two projects.
pub const CLASS_MIN: usize = 15;

/// A finished project, as it was estimated in one of its phases. `band` and `phase` are whatever
/// tells sizes and phases apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Past<B, P> {
    /// The size of what was estimated.
    pub band: B,
    /// The phase in which it was estimated.
    pub phase: P,
    /// The final value over the estimate, less one.
    pub growth: f64,
}

/// What a forecast comes from, the nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// Finished projects of the same size, estimated in the same phase.
    BandAndPhase,
    /// Finished projects estimated in the same phase.
    Phase,
    /// Finished projects of the same size, whatever the phase.
    Band,
    /// All finished projects.
    All,
    /// Own history is too thin: the published range.
    PublishedRange,
}

/// A published range of growth: from a well known to an ill known project.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The lower bound, a fraction.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
}

impl Range {
    /// Capital cost of equipment and development projects: HM Treasury, Green Book supplementary
    /// guidance on optimism bias, table 1.
    pub const GREEN_BOOK_COST: Self = Self {
        low: 0.10,
        high: 2.00,
    };
    /// Duration of equipment and development projects, from the same table.
    pub const GREEN_BOOK_DURATION: Self = Self {
        low: 0.10,
        high: 0.54,
    };

    /// The growth at a percentile. Nothing is published between the bounds: they are joined by a
    /// straight line.
    fn at(self, p: f64) -> f64 {
        self.low + (self.high - self.low) * p
    }
}

/// The class of a project, with its growth.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    basis: Basis,
    /// Sorted.
    growths: Vec<f64>,
    range: Range,
}

impl Class {
    /// What it is made of.
    pub fn basis(&self) -> Basis {
        self.basis
    }

    /// How many finished projects it holds.
    pub fn projects(&self) -> usize {
        self.growths.len()
    }

    /// The growth that a share `p` (0 to 1) of the class did not exceed ([`percentile`]).
    pub fn growth_at(&self, p: f64) -> Option<f64> {
        match self.basis {
            Basis::PublishedRange => Some(self.range.at(p.clamp(0.0, 1.0))),
            _ => percentile(&self.growths, p),
        }
    }
}

/// The nearest class that holds at least [`CLASS_MIN`] finished projects; else the published range.
/// A phase tells more than a size: how much is still to come depends on it.
pub fn reference_class<B: PartialEq + Copy, P: PartialEq + Copy>(
    all: &[Past<B, P>],
    band: B,
    phase: P,
    range: Range,
) -> Class {
    for (basis, same_band, same_phase) in [
        (Basis::BandAndPhase, true, true),
        (Basis::Phase, false, true),
        (Basis::Band, true, false),
        (Basis::All, false, false),
    ] {
        let mut growths: Vec<f64> = all
            .iter()
            .filter(|past| !same_band || past.band == band)
            .filter(|past| !same_phase || past.phase == phase)
            .filter(|past| past.growth.is_finite())
            .map(|past| past.growth)
            .collect();
        if growths.len() >= CLASS_MIN {
            growths.sort_unstable_by(f64::total_cmp);
            return Class {
                basis,
                growths,
                range,
            };
        }
    }
    Class {
        basis: Basis::PublishedRange,
        growths: Vec::new(),
        range,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many(count: usize, band: u8, phase: char) -> Vec<Past<u8, char>> {
        vec![
            Past {
                band,
                phase,
                growth: 0.2
            };
            count
        ]
    }

    #[test]
    fn the_nearest_class_that_is_large_enough_is_taken() {
        let basis =
            |all: &[Past<u8, char>]| reference_class(all, 1, 'b', Range::GREEN_BOOK_COST).basis();
        let mut all = many(14, 1, 'b');
        assert_eq!(basis(&all), Basis::PublishedRange);
        all.extend(many(1, 9, 'z'));
        assert_eq!(basis(&all), Basis::All);
        all.extend(many(1, 1, 'z'));
        assert_eq!(basis(&all), Basis::Band);
        all.extend(many(1, 9, 'b'));
        assert_eq!(basis(&all), Basis::Phase);
        all.extend(many(1, 1, 'b'));
        assert_eq!(basis(&all), Basis::BandAndPhase);
    }

    #[test]
    fn what_is_no_number_counts_for_nothing() {
        let mut all = many(15, 1, 'b');
        all[0].growth = f64::NAN;
        let class = reference_class(&all, 1, 'b', Range::GREEN_BOOK_COST);
        assert_eq!(class.basis(), Basis::PublishedRange);
    }
}
