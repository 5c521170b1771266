//! All estimates in memory, packed: what lets any cohort between any two dates be computed at once.
//!
//! Sixteen bytes an estimate: two million of them take 32 MB. The store fills it and keeps it up to
//! date from what was appended since.

use std::collections::HashMap;

use jiff::civil::Date;
use uuid::Uuid;

use super::Phase;
use super::product::{Estimate, Measure, ProductKind};

/// What grouping and listing need to know of a product.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub title: Box<str>,
    /// What it is.
    pub kind: ProductKind,
    /// Its ministry.
    pub ministry_id: Option<Uuid>,
    /// Its functional area.
    pub area: std::sync::Arc<str>,
    /// Where it stands.
    pub phase: Option<Phase>,
    /// The product of which it is another name.
    pub merged_into: Option<Uuid>,
}

/// A published list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// When it was published.
    pub published_on: Date,
    /// Its members, by position, sorted.
    pub members: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Point {
    /// Cents; the least value for none.
    cost_cents: i64,
    /// Seconds; 0 for none. Sixty years fit.
    duration_seconds: u32,
    /// Days since 1970 with the phase's number in the lowest byte.
    day_and_phase: u32,
}

const NO_COST: i64 = i64::MIN;
const EPOCH: Date = jiff::civil::date(1970, 1, 1);

fn days_since_epoch(date: Date) -> u32 {
    let days = (date - EPOCH).get_days();
    u32::try_from(days.max(0)).unwrap_or(0)
}

impl Point {
    fn new(estimate: &Estimate) -> Self {
        let phase = estimate.phase.map_or(0, Phase::number);
        Self {
            cost_cents: estimate.cost_cents.unwrap_or(NO_COST),
            duration_seconds: estimate
                .duration_seconds
                .and_then(|seconds| u32::try_from(seconds).ok())
                .unwrap_or(0),
            day_and_phase: days_since_epoch(estimate.as_of) << 8 | u32::from(phase),
        }
    }

    fn day(self) -> u32 {
        self.day_and_phase >> 8
    }

    fn is_in(self, phase: Phase) -> bool {
        self.day_and_phase & 0xff == u32::from(phase.number())
    }

    fn counts(self) -> bool {
        // Framing alone doesn't count.
        !self.is_in(Phase::Framing) && (self.cost_cents != NO_COST || self.duration_seconds != 0)
    }

    fn value(self, measure: Measure) -> Option<i64> {
        match measure {
            Measure::Cost => (self.cost_cents != NO_COST).then_some(self.cost_cents),
            Measure::Duration => {
                (self.duration_seconds != 0).then_some(i64::from(self.duration_seconds))
            }
        }
    }
}

/// Every product with its estimates.
#[derive(Debug, Default)]
pub struct Series {
    products: Vec<Facts>,
    by_id: HashMap<Uuid, u32>,
    /// Estimates by product and date, with where each product's begin.
    points: Vec<Point>,
    starts: Vec<u32>,
    /// Estimates that were added since the last packing.
    added: Vec<(u32, Point)>,
    listings: Vec<Listing>,
    ever_listed: Vec<bool>,
    /// Products that no list ever held, with the day of their first estimate.
    unlisted: Vec<(u32, u32)>,
    /// Products that are other names, by the position of the one that they are names of.
    others: HashMap<u32, Vec<u32>>,
}

/// The baseline and the latest value of a cost and of a duration.
pub(crate) type Pairs = [Option<(i64, i64)>; 2];

/// An estimate as the series keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Days since 1970.
    pub(crate) day: u32,
    /// The phase.
    pub(crate) phase: Option<Phase>,
    /// Whether it counts.
    pub(crate) counts: bool,
    values: [Option<i64>; 2],
}

impl Kept {
    /// Cents, or seconds of years of 365 days.
    pub(crate) fn value(&self, measure: Measure) -> Option<i64> {
        self.values[usize::from(measure == Measure::Duration)]
    }
}

/// A part of the products: whether each, by position, belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part(Vec<bool>);

/// The list in force at a date, and where each of its members stood.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ListAt {
    /// Members by position, sorted.
    pub(crate) members: Vec<u32>,
    /// Where each stood, in the same order: cost, then duration.
    pub(crate) pairs: Vec<Pairs>,
}

impl Series {
    /// Adds a product, or replaces what is known of it.
    pub fn put_product(&mut self, facts: Facts) {
        if let Some(at) = self.by_id.get(&facts.id) {
            self.products[*at as usize] = facts;
            return;
        }
        let at = u32::try_from(self.products.len()).unwrap_or(u32::MAX);
        self.by_id.insert(facts.id, at);
        self.products.push(facts);
    }

    /// Makes room, so that filling doesn't take twice the memory.
    pub fn reserve(&mut self, products: usize, estimates: usize) {
        self.products.reserve_exact(products);
        self.by_id.reserve(products);
        self.added.reserve_exact(estimates);
    }

    /// Adds an estimate; one of an unknown product is dropped.
    pub fn add_estimate(&mut self, product: Uuid, estimate: &Estimate) {
        if let Some(at) = self.by_id.get(&product) {
            self.added.push((*at, Point::new(estimate)));
        }
    }

    /// Replaces the published lists.
    pub fn set_listings(&mut self, listings: impl IntoIterator<Item = (Date, Vec<Uuid>)>) {
        self.listings = listings
            .into_iter()
            .map(|(published_on, ids)| {
                let mut members: Vec<u32> =
                    ids.iter().filter_map(|id| self.canonical(*id)).collect();
                members.sort_unstable();
                members.dedup();
                Listing {
                    published_on,
                    members,
                }
            })
            .collect();
        self.listings.sort_by_key(|listing| listing.published_on);
        self.ever_listed = vec![false; self.products.len()];
        for at in self.listings.iter().flat_map(|listing| &listing.members) {
            self.ever_listed[*at as usize] = true;
        }
        self.index();
    }

    /// What every reading of the list needs, found once.
    fn index(&mut self) {
        self.unlisted = (0_u32..)
            .zip(&self.products)
            .filter(|(at, facts)| {
                let ever = self.ever_listed.get(*at as usize).copied().unwrap_or(false);
                !ever && facts.merged_into.is_none()
            })
            .filter_map(|(at, _)| Some((at, self.own_points(at).first()?.day())))
            .collect();
        self.others.clear();
        for (at, facts) in (0_u32..).zip(&self.products) {
            if let Some(into) = facts.merged_into.and_then(|id| self.by_id.get(&id)) {
                self.others.entry(*into).or_default().push(at);
            }
        }
    }

    /// Sorts what was added into place. Products that are other names of one are read as one.
    pub fn pack(&mut self) {
        if self.added.is_empty() && self.starts.len() == self.products.len() + 1 {
            self.index();
            return;
        }
        let mut all = std::mem::take(&mut self.added);
        all.reserve_exact(self.points.len());
        for at in 0..self.starts.len().saturating_sub(1) {
            let owner = u32::try_from(at).unwrap_or(u32::MAX);
            let range = self.starts[at] as usize..self.starts[at + 1] as usize;
            all.extend(self.points[range].iter().map(|point| (owner, *point)));
        }
        self.points = Vec::new();
        all.sort_by_key(|(owner, point)| (*owner, point.day()));
        self.starts = vec![0; self.products.len() + 1];
        for (owner, _) in &all {
            self.starts[*owner as usize + 1] += 1;
        }
        for at in 1..self.starts.len() {
            self.starts[at] += self.starts[at - 1];
        }
        // Built at its size: collecting in place would keep the larger block.
        let mut points = Vec::with_capacity(all.len());
        points.extend(all.iter().map(|(_, point)| *point));
        self.points = points;
        self.index();
    }

    /// The position of a product, or of the one that it is another name of.
    pub fn canonical(&self, id: Uuid) -> Option<u32> {
        let at = *self.by_id.get(&id)?;
        match self.products[at as usize].merged_into {
            Some(other) => self.by_id.get(&other).copied(),
            None => Some(at),
        }
    }

    /// A product.
    pub fn facts(&self, at: u32) -> &Facts {
        &self.products[at as usize]
    }

    /// The date of the first estimate of all.
    pub fn first_day(&self) -> Option<Date> {
        let day = self.points.iter().map(|point| point.day()).min()?;
        EPOCH
            .checked_add(jiff::Span::new().days(i64::from(day)))
            .ok()
    }

    /// How many products there are, other names included.
    pub fn len(&self) -> usize {
        self.products.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.products.is_empty()
    }

    /// The published lists, oldest first.
    pub fn listings(&self) -> &[Listing] {
        &self.listings
    }

    fn own_points(&self, at: u32) -> &[Point] {
        let at = at as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(from), Some(to)) => &self.points[*from as usize..*to as usize],
            _ => &[],
        }
    }

    /// Where a product stands at a day, its other names read with it; see [`super::standing`].
    fn pairs(&self, at: u32, day: u32) -> Pairs {
        let own = self.own_points(at);
        let others = if self.others.is_empty() {
            None
        } else {
            self.others.get(&at)
        };
        let Some(others) = others else {
            return pairs_of(own, day);
        };
        let mut all: Vec<Point> = own.to_vec();
        all.extend(others.iter().flat_map(|other| self.own_points(*other)));
        all.sort_by_key(|point| point.day());
        pairs_of(&all, day)
    }

    /// Every product whose last estimate is in a phase that is wanted, with its estimates by date;
    /// other names aren't followed.
    pub(crate) fn histories(
        &self,
        wanted: impl Fn(Option<Phase>) -> bool,
    ) -> impl Iterator<Item = (u32, Vec<Kept>)> {
        (0_u32..)
            .zip(&self.products)
            .filter_map(move |(at, facts)| {
                let points = self.own_points(at);
                let phase = |point: &Point| Phase::of_number((point.day_and_phase & 0xff) as u8);
                let is_wanted = wanted(phase(points.last()?)) && facts.merged_into.is_none();
                let kept = |point: &Point| Kept {
                    day: point.day(),
                    phase: phase(point),
                    counts: point.counts(),
                    values: [Measure::Cost, Measure::Duration].map(|measure| point.value(measure)),
                };
                is_wanted.then(|| (at, points.iter().map(kept).collect()))
            })
    }

    /// The products of a ministry.
    pub(crate) fn part_of(&self, ministry: Uuid) -> Part {
        let of = |facts: &Facts| facts.ministry_id == Some(ministry);
        Part(self.products.iter().map(of).collect())
    }

    /// The list in force at `on`: the members of the last edition published by then, and the
    /// products that no edition ever listed but that had been estimated by then; only those of
    /// `part` when there is one.
    pub(crate) fn list_at(&self, on: Date, part: Option<&Part>) -> ListAt {
        let day = days_since_epoch(on);
        let listed = self
            .listings
            .iter()
            .rev()
            .find(|listing| listing.published_on <= on);
        let listed = listed.map_or(&[][..], |listing| &listing.members);
        let unlisted = self
            .unlisted
            .iter()
            .filter(|(_, first)| *first <= day)
            .map(|(at, _)| *at);
        let is_of = |at: &u32| part.is_none_or(|part| part.0[*at as usize]);
        let mut members: Vec<u32> = listed
            .iter()
            .copied()
            .chain(unlisted)
            .filter(is_of)
            .collect();
        // Two sorted runs: the stable sort merges them, the unstable one begins anew.
        #[allow(clippy::stable_sort_primitive)]
        members.sort();
        let pairs = members.iter().map(|at| self.pairs(*at, day)).collect();
        ListAt { members, pairs }
    }
}

fn pairs_of(points: &[Point], day: u32) -> Pairs {
    let known = &points[..points.partition_point(|point| point.day() <= day)];
    if !known.last().is_some_and(|last| last.counts()) {
        return [None, None];
    }
    [Measure::Cost, Measure::Duration].map(|measure| {
        let value = |point: &Point| point.counts().then(|| point.value(measure)).flatten();
        let baseline = known.iter().find_map(value)?;
        let latest = known.iter().rev().find_map(value)?;
        Some((baseline, latest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::standing;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn facts(id: u128, merged_into: Option<u128>) -> Facts {
        Facts {
            id: Uuid::from_u128(id),
            title: "x".into(),
            kind: ProductKind::LargeProject,
            ministry_id: None,
            area: "".into(),
            phase: None,
            merged_into: merged_into.map(Uuid::from_u128),
        }
    }

    fn estimate(day: i64, cost: Option<i64>, years: Option<i64>, framing: bool) -> Estimate {
        use jiff::ToSpan as _;
        Estimate {
            as_of: date(2016, 1, 1) + day.days(),
            cost_cents: cost,
            duration_seconds: years.map(|years| years * 31_536_000),
            start_on: None,
            phase: Some(if framing {
                Phase::Framing
            } else {
                Phase::Build
            }),
            source: String::new(),
            author: String::new(),
        }
    }

    proptest! {
        /// The packed series says the same as the plain definition, in whatever order it is filled.
        #[test]
        fn packing_changes_nothing(
            raw in prop::collection::vec(
                (0..5_u128, 0..900_i64, prop::option::of(1..1_000_i64),
                 prop::option::of(1..60_i64), any::<bool>()), 0..60),
            cut in 0..60_usize,
            on in 0..1_000_i64,
        ) {
            use jiff::ToSpan as _;
            let on = date(2016, 1, 1) + on.days();
            let mut series = Series::default();
            for id in 0..5 {
                series.put_product(facts(id, None));
            }
            let mut plain: Vec<Vec<Estimate>> = vec![Vec::new(); 5];
            for (at, (product, day, cost, years, framing)) in raw.into_iter().enumerate() {
                // One estimate a product and day, as the store keeps them.
                if plain[product as usize].iter().any(|e| e.as_of == date(2016, 1, 1) + day.days()) {
                    continue;
                }
                let estimate = estimate(day, cost, years, framing);
                series.add_estimate(Uuid::from_u128(product), &estimate);
                plain[product as usize].push(estimate);
                if at == cut {
                    series.pack();
                }
            }
            series.pack();
            for (at, mut estimates) in plain.into_iter().enumerate() {
                estimates.sort_by_key(|estimate| estimate.as_of);
                let pairs = series.pairs(at as u32, days_since_epoch(on));
                for (pair, measure) in pairs.into_iter().zip([Measure::Cost, Measure::Duration]) {
                    let plain = standing(&estimates, &[], on, measure);
                    prop_assert_eq!(pair, plain.map(|s| (s.baseline, s.latest)));
                }
            }
        }
    }

    #[test]
    fn another_name_is_read_as_the_same_product() {
        let mut series = Series::default();
        series.put_product(facts(1, None));
        series.put_product(facts(2, Some(1)));
        series.add_estimate(Uuid::from_u128(1), &estimate(0, Some(10), None, false));
        series.add_estimate(Uuid::from_u128(2), &estimate(400, Some(15), None, false));
        let ids = |ids: &[u128]| ids.iter().map(|id| Uuid::from_u128(*id)).collect();
        series.set_listings([(date(2016, 1, 1), ids(&[1])), (date(2017, 2, 4), ids(&[2]))]);
        series.pack();
        let list = series.list_at(date(2018, 1, 1), None);
        assert_eq!(list.members, [0]);
        assert_eq!(list.pairs, [[Some((10, 15)), None]]);
        let elsewhere = series.part_of(Uuid::from_u128(7));
        assert!(
            series
                .list_at(date(2018, 1, 1), Some(&elsewhere))
                .members
                .is_empty()
        );
    }
}
