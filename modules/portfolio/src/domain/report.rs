//! Slips between two dates: the fixed cohort, entries and exits, and what moved the published mean.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::Date;
use serde::Serialize;
use slips::{Summary, decompose, slip_rate, summarise};
use uuid::Uuid;

use super::product::{Measure, band};
use super::series::Series;

/// A product of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

/// The figures of one measure. Rates are fractions; `null` when nothing could be compared.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct MeasureFigures {
    /// Products that could be compared.
    pub compared: usize,
    /// The unweighted mean of the rates: the official figure.
    pub mean_slip_rate: Option<f64>,
    /// The sum of the latest over the sum of the baselines, less one.
    pub aggregate_slip_rate: Option<f64>,
    /// The median of the rates.
    pub median_slip_rate: Option<f64>,
    /// The rate that 80 % don't exceed.
    pub p80_slip_rate: Option<f64>,
    /// The share of all positive slips that the worst tenth causes.
    pub worst_tenth_share: Option<f64>,
}

impl From<Summary> for MeasureFigures {
    fn from(summary: Summary) -> Self {
        Self {
            compared: summary.compared,
            mean_slip_rate: summary.mean_slip_rate,
            aggregate_slip_rate: summary.aggregate_slip_rate,
            median_slip_rate: summary.median_slip_rate,
            p80_slip_rate: summary.p80_slip_rate,
            worst_tenth_share: summary.worst_tenth_share,
        }
    }
}

/// The members of both lists.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct CohortFigures {
    /// How many there are.
    pub products: usize,
    /// Their costs, at the second date against their baselines.
    pub cost: MeasureFigures,
    /// Their durations.
    pub duration: MeasureFigures,
}

/// What moved the published mean; `null` when it can't be told.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct DecompositionFigures {
    /// The mean at the second date less the mean at the first.
    pub published_change: Option<f64>,
    /// What the members of both lists did.
    pub within_cohort: Option<f64>,
    /// What the entries did.
    pub entries: Option<f64>,
    /// What the exits did.
    pub exits: Option<f64>,
}

/// Slips between two dates.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The first date.
    pub from: Date,
    /// The second date.
    pub to: Date,
    /// The version of the formulas.
    pub formula_version: &'static str,
    /// The members of both lists.
    pub cohort: CohortFigures,
    /// What was published at the first date: the whole list of that date.
    pub published_from: CohortFigures,
    /// What was published at the second date.
    pub published_to: CohortFigures,
    /// Members of the second list alone, by name.
    pub entries: Vec<Member>,
    /// Members of the first list alone, by name.
    pub exits: Vec<Member>,
    /// What moved the published mean of the cost's slips.
    pub decomposition: DecompositionFigures,
    /// What moved the published mean of the duration's slips.
    pub duration_decomposition: DecompositionFigures,
}

struct Reading<'s> {
    series: &'s Series,
    others: HashMap<u32, Vec<u32>>,
}

impl Reading<'_> {
    fn pair(&self, at: u32, on: Date, measure: Measure) -> Option<(i64, i64)> {
        let others = self.others.get(&at).map_or(&[][..], Vec::as_slice);
        let standing = self.series.standing(at, others, on, measure)?;
        Some((standing.baseline, standing.latest))
    }

    fn figures(&self, members: &[u32], on: Date) -> CohortFigures {
        let pairs = |measure| {
            members
                .iter()
                .filter_map(move |at| self.pair(*at, on, measure))
        };
        CohortFigures {
            products: members.len(),
            cost: summarise(pairs(Measure::Cost)).into(),
            duration: summarise(pairs(Measure::Duration)).into(),
        }
    }

    fn rates(&self, members: &[u32], on: Date, measure: Measure) -> Vec<(u32, f64)> {
        members
            .iter()
            .filter_map(|at| {
                let (baseline, latest) = self.pair(*at, on, measure)?;
                Some((*at, slip_rate(baseline, latest)?))
            })
            .collect()
    }

    fn names(&self, members: impl Iterator<Item = u32>) -> Vec<Member> {
        let mut named: Vec<Member> = members
            .map(|at| {
                let facts = self.series.facts(at);
                Member {
                    id: facts.id,
                    name: facts.title.to_string(),
                }
            })
            .collect();
        named.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
        named
    }
}

fn reading(series: &Series) -> Reading<'_> {
    Reading {
        series,
        others: series.other_names(),
    }
}

/// The report between two dates. The cohort's figures compare the members of both lists that could
/// be measured at both dates: their latest estimate at `to` against their frozen baseline.
pub fn report(series: &Series, from: Date, to: Date) -> Report {
    let reading = &reading(series);
    let (first, second) = (series.members(from), series.members(to));
    let (in_first, in_second): (HashSet<u32>, HashSet<u32>) = (
        first.iter().copied().collect(),
        second.iter().copied().collect(),
    );
    let stayed: Vec<u32> = first
        .iter()
        .copied()
        .filter(|at| in_second.contains(at))
        .collect();
    let compared = |measure| {
        let both = stayed
            .iter()
            .filter(|at| reading.pair(**at, from, measure).is_some());
        summarise(both.filter_map(|at| reading.pair(*at, to, measure)))
    };
    let cohort = CohortFigures {
        products: stayed.len(),
        cost: compared(Measure::Cost).into(),
        duration: compared(Measure::Duration).into(),
    };
    let decomposition = |measure| {
        let parts = decompose(
            &reading.rates(&first, from, measure),
            &reading.rates(&second, to, measure),
        );
        parts.map_or_else(DecompositionFigures::default, |parts| {
            DecompositionFigures {
                published_change: Some(parts.published_change),
                within_cohort: Some(parts.within_cohort),
                entries: Some(parts.entries),
                exits: Some(parts.exits),
            }
        })
    };
    Report {
        from,
        to,
        formula_version: slips::FORMULA_VERSION,
        cohort,
        published_from: reading.figures(&first, from),
        published_to: reading.figures(&second, to),
        entries: reading.names(second.iter().copied().filter(|at| !in_first.contains(at))),
        exits: reading.names(first.iter().copied().filter(|at| !in_second.contains(at))),
        decomposition: decomposition(Measure::Cost),
        duration_decomposition: decomposition(Measure::Duration),
    }
}

/// The figures of the whole list at a date.
pub fn members_at(series: &Series, on: Date) -> CohortFigures {
    reading(series).figures(&series.members(on), on)
}

/// The figures of a ministry's part of the list at a date; of the whole list when none is named.
pub fn members_of(series: &Series, on: Date, ministry: Option<Uuid>) -> CohortFigures {
    let mut members = series.members(on);
    if ministry.is_some() {
        members.retain(|at| series.facts(*at).ministry_id == ministry);
    }
    reading(series).figures(&members, on)
}

/// By what a list is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupBy {
    /// The ministry that carries the product.
    Ministry,
    /// The band of its baseline cost.
    Band,
    /// Its phase.
    Phase,
    /// Its functional area.
    Area,
}

impl GroupBy {
    /// Every cut, in the order in which pages offer them.
    pub const ALL: [Self; 4] = [Self::Ministry, Self::Band, Self::Phase, Self::Area];

    /// Its name in addresses.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ministry => "ministry",
            Self::Band => "band",
            Self::Phase => "phase",
            Self::Area => "area",
        }
    }

    /// The cut of a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.code() == code)
    }
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// What its members share: an id, a code or a text; empty when it isn't known.
    pub key: String,
    /// Its figures.
    pub figures: CohortFigures,
}

/// The list at a date, cut into groups, the largest first.
pub fn groups(series: &Series, on: Date, by: GroupBy) -> Vec<Group> {
    let reading = reading(series);
    let mut members: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for at in series.members(on) {
        let facts = series.facts(at);
        let key = match by {
            GroupBy::Ministry => facts.ministry_id.map(|id| id.to_string()),
            GroupBy::Band => reading
                .pair(at, on, Measure::Cost)
                .map(|(baseline, _)| band(baseline).to_owned()),
            GroupBy::Phase => facts.phase.map(|phase| phase.code().to_owned()),
            GroupBy::Area => Some(facts.area.to_string()),
        };
        members.entry(key.unwrap_or_default()).or_default().push(at);
    }
    let mut groups: Vec<Group> = members
        .into_iter()
        .map(|(key, members)| Group {
            key,
            figures: reading.figures(&members, on),
        })
        .collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.figures.products));
    groups
}
