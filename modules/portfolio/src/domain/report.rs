//! Slips between two dates: the fixed cohort, entries and exits, and what moved the published mean.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use slips::{Summary, decompose, slip_rate, summarise};
use uuid::Uuid;

use super::product::band;
use super::series::{Facts, ListAt, Part, Series};

/// A product of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Member {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

/// The figures of one measure. Rates are fractions; `null` when nothing could be compared.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, utoipa::ToSchema)]
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
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, utoipa::ToSchema)]
pub struct CohortFigures {
    /// How many there are.
    pub products: usize,
    /// Their costs, at the second date against their baselines.
    pub cost: MeasureFigures,
    /// Their durations.
    pub duration: MeasureFigures,
}

/// What moved the published mean; `null` when it can't be told.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, utoipa::ToSchema)]
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
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Report {
    /// The first date.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// The second date.
    #[schema(value_type = String, format = Date)]
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

/// Where the cost and the duration stand in [`Pairs`](super::series::Pairs).
const COST: usize = 0;
const DURATION: usize = 1;

/// The figures of some of a list's members, by their ranks.
fn figures_of(list: &ListAt, ranks: impl Iterator<Item = usize> + Clone) -> CohortFigures {
    let figures = |measure: usize| {
        let pairs = ranks.clone().filter_map(|rank| list.pairs[rank][measure]);
        summarise(pairs).into()
    };
    CohortFigures {
        products: ranks.clone().count(),
        cost: figures(COST),
        duration: figures(DURATION),
    }
}

fn figures(list: &ListAt) -> CohortFigures {
    figures_of(list, 0..list.members.len())
}

fn rates(list: &ListAt, measure: usize) -> Vec<(u32, f64)> {
    list.members
        .iter()
        .zip(&list.pairs)
        .filter_map(|(at, pairs)| {
            let (baseline, latest) = pairs[measure]?;
            Some((*at, slip_rate(baseline, latest)?))
        })
        .collect()
}

fn names(series: &Series, members: &[u32]) -> Vec<Member> {
    let mut named: Vec<&Facts> = members.iter().map(|at| series.facts(*at)).collect();
    named.sort_by(|a, b| a.title.cmp(&b.title).then(a.id.cmp(&b.id)));
    named
        .into_iter()
        .map(|facts| Member {
            id: facts.id,
            name: facts.title.to_string(),
        })
        .collect()
}

/// Two lists side by side.
#[derive(Debug, Default)]
struct Compared {
    /// The ranks of the members of both, in the first and in the second.
    stayed: Vec<(usize, usize)>,
    /// Positions of the members of the first alone.
    left: Vec<u32>,
    /// Positions of the members of the second alone.
    entered: Vec<u32>,
}

/// Walks two sorted lists at once.
fn compare(first: &[u32], second: &[u32]) -> Compared {
    let mut compared = Compared::default();
    let (mut one, mut two) = (0, 0);
    loop {
        match (first.get(one), second.get(two)) {
            (Some(a), Some(b)) if a == b => {
                compared.stayed.push((one, two));
                one += 1;
                two += 1;
            }
            (Some(a), Some(b)) if a > b => {
                compared.entered.push(*b);
                two += 1;
            }
            (Some(a), _) => {
                compared.left.push(*a);
                one += 1;
            }
            (None, Some(b)) => {
                compared.entered.push(*b);
                two += 1;
            }
            (None, None) => return compared,
        }
    }
}

/// The report between two dates. The cohort's figures compare the members of both lists that could
/// be measured at both dates: their latest estimate at `to` against their frozen baseline.
pub fn report(series: &Series, from: Date, to: Date) -> Report {
    let (first, second) = (series.list_at(from, None), series.list_at(to, None));
    let both = compare(&first.members, &second.members);
    let compared = |measure: usize| {
        let pairs = both.stayed.iter().filter_map(|(one, two)| {
            first.pairs[*one][measure]?;
            second.pairs[*two][measure]
        });
        summarise(pairs).into()
    };
    let cohort = CohortFigures {
        products: both.stayed.len(),
        cost: compared(COST),
        duration: compared(DURATION),
    };
    let decomposition = |measure| {
        let parts = decompose(&rates(&first, measure), &rates(&second, measure));
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
        published_from: figures(&first),
        published_to: figures(&second),
        entries: names(series, &both.entered),
        exits: names(series, &both.left),
        decomposition: decomposition(COST),
        duration_decomposition: decomposition(DURATION),
    }
}

/// The figures of the whole list at a date.
pub fn members_at(series: &Series, on: Date) -> CohortFigures {
    members_of(series, on, None)
}

/// The figures of a ministry's part of the list at a date; of the whole list when none is named.
pub fn members_of(series: &Series, on: Date, ministry: Option<Uuid>) -> CohortFigures {
    let part = ministry.map(|id| series.part_of(id));
    part_at(series, on, part.as_ref())
}

/// The figures of a part of the list at a date, for who asks at many dates.
pub(crate) fn part_at(series: &Series, on: Date, part: Option<&Part>) -> CohortFigures {
    figures(&series.list_at(on, part))
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
    let list = series.list_at(on, None);
    let mut ranks: BTreeMap<GroupKey<'_>, Vec<usize>> = BTreeMap::new();
    for (rank, (at, pairs)) in list.members.iter().zip(&list.pairs).enumerate() {
        let facts = series.facts(*at);
        let key = match by {
            GroupBy::Ministry => facts.ministry_id.map(GroupKey::Id),
            GroupBy::Band => pairs[COST].map(|(baseline, _)| GroupKey::Text(band(baseline))),
            GroupBy::Phase => facts.phase.map(|phase| GroupKey::Text(phase.code())),
            GroupBy::Area => Some(GroupKey::Text(&facts.area)),
        };
        let key = key.unwrap_or(GroupKey::Text(""));
        ranks.entry(key).or_default().push(rank);
    }
    let mut groups: Vec<Group> = ranks
        .into_iter()
        .map(|(key, ranks)| Group {
            key: match key {
                GroupKey::Id(id) => id.to_string(),
                GroupKey::Text(text) => text.to_owned(),
            },
            figures: figures_of(&list, ranks.iter().copied()),
        })
        .collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.figures.products));
    groups
}

/// What a group's members share, before it is written.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum GroupKey<'s> {
    Text(&'s str),
    Id(Uuid),
}
