//! A version of a product's cost, and what it says.

use std::collections::BTreeMap;

use jiff::civil::Date;
use ownership::{Cost, WholeLife, proportion, whole_life};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Decimal, Kind};

/// A cost of one year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What kind it is.
    pub kind: Kind,
    /// The calendar year in which it is paid.
    pub year: i16,
    /// What it is.
    pub label: String,
    /// How much, in cents: 0 or more.
    pub cents: i64,
}

/// Which lines are proportional to an assumption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Drives {
    /// None: it is told for the reader.
    Nothing,
    /// All.
    Everything,
    /// Those of a kind.
    #[serde(untagged)]
    Kind(Kind),
}

impl Drives {
    /// Its name in files.
    pub fn code(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Everything => "everything",
            Self::Kind(kind) => kind.code(),
        }
    }

    fn holds(self, kind: Kind) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Kind(one) => one == kind,
        }
    }
}

/// What the lines rest on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assumption {
    /// What is assumed.
    pub name: String,
    /// The value that the lines were computed with: above zero.
    pub value: Decimal,
    /// Its unit.
    pub unit: String,
    /// Where it comes from.
    pub source: String,
    /// The lowest value that is thought likely.
    pub low: Decimal,
    /// The highest.
    pub high: Decimal,
    /// The lines that are proportional to it.
    pub drives: Drives,
}

/// What a count of an indicator counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CountOf {
    /// People who use the product.
    User,
    /// Acts that they do with it.
    Act,
}

impl CountOf {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::User, Self::Act];

    /// Its name in addresses and files.
    pub fn code(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Act => "act",
        }
    }

    /// The one of a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// Which indicator of impact counts users or acts in a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// The indicator.
    pub indicator: Uuid,
    /// What it counts.
    pub of: CountOf,
}

/// What a version holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Of when the figures are.
    pub as_of: Date,
    /// The first year of the life.
    pub first_year: i16,
    /// Years of the whole life.
    pub years: u16,
    /// Discount rate a year, in basis points.
    pub discount_bp: i64,
    /// The costs.
    pub lines: Vec<Line>,
    /// What they rest on.
    pub assumptions: Vec<Assumption>,
    /// What the cost is divided by.
    pub count: Option<Count>,
}

/// What a version says in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The whole life.
    pub life: WholeLife<Kind>,
    /// Building plus two years of running: what the portfolio's estimate covers.
    pub portfolio_scope_cents: i64,
}

/// A line of two versions: what it was, what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// The kind.
    pub kind: Kind,
    /// The year.
    pub year: i16,
    /// What it is.
    pub label: String,
    /// The amount before, in cents; none when the line wasn't there.
    pub was: Option<i64>,
    /// The amount after, in cents; none when the line is gone.
    pub is: Option<i64>,
}

/// What moving one assumption does to the total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The place of the assumption.
    pub at: usize,
    /// The total at its low value.
    pub low_cents: i64,
    /// The total at its high value.
    pub high_cents: i64,
}

impl Moved {
    /// How far the total goes between both.
    pub fn width(&self) -> u64 {
        self.high_cents.abs_diff(self.low_cents)
    }
}

impl Content {
    fn costs(&self, moved: Option<(Drives, Decimal, Decimal)>) -> Option<Vec<Cost<Kind>>> {
        let costs = self.lines.iter().map(|line| {
            let cents = match moved {
                Some((drives, value, becomes)) if drives.holds(line.kind) => {
                    proportion(line.cents, value.0, becomes.0)?
                }
                _ => line.cents,
            };
            Some(Cost {
                kind: line.kind,
                year: line.year,
                cents,
            })
        });
        costs.collect()
    }

    /// What it says; `None` when a line lies outside the life or the sum leaves 64 bits, which its
    /// form refuses.
    pub fn summary(&self) -> Option<Summary> {
        let costs = self.costs(None)?;
        let life = whole_life(&costs, self.first_year, self.years, self.discount_bp)?;
        Some(Summary {
            portfolio_scope_cents: self.portfolio_scope(),
            life,
        })
    }

    /// Building, and everything else of the first two years that follow the last year of building.
    /// Without building, the first two years.
    fn portfolio_scope(&self) -> i64 {
        let is_build = |kind: Kind| matches!(kind, Kind::BuildAgents | Kind::BuildContractors);
        let built = self.lines.iter().filter(|line| is_build(line.kind));
        let last = built.map(|line| line.year).max();
        let until = last.map_or(self.first_year.saturating_add(1), |last| {
            last.saturating_add(2)
        });
        let within = self.lines.iter().filter(|line| line.year <= until);
        within.fold(0_i64, |sum, line| sum.saturating_add(line.cents))
    }

    /// What each assumption that drives lines does to the total when it alone moves, the widest first.
    pub fn moved(&self) -> Vec<Moved> {
        let total = |assumption: &Assumption, becomes: Decimal| {
            let moved = (assumption.drives, assumption.value, becomes);
            let costs = self.costs(Some(moved))?;
            Some(whole_life(&costs, self.first_year, self.years, 0)?.total_cents)
        };
        let mut all: Vec<Moved> = self
            .assumptions
            .iter()
            .enumerate()
            .filter(|(_, assumption)| assumption.drives != Drives::Nothing)
            .filter_map(|(at, assumption)| {
                Some(Moved {
                    at,
                    low_cents: total(assumption, assumption.low)?,
                    high_cents: total(assumption, assumption.high)?,
                })
            })
            .collect();
        all.sort_by_key(|moved| (std::cmp::Reverse(moved.width()), moved.at));
        all
    }

    /// Its lines beside those of a later version: kind, year and label name a line; amounts of the
    /// same name are added up.
    pub fn beside(&self, later: &Self) -> Vec<Beside> {
        type Key<'l> = (Kind, i16, &'l str);
        let mut both: BTreeMap<Key<'_>, (Option<i64>, Option<i64>)> = BTreeMap::new();
        for line in &self.lines {
            let cell = both.entry((line.kind, line.year, &line.label)).or_default();
            cell.0 = Some(cell.0.unwrap_or_default().saturating_add(line.cents));
        }
        for line in &later.lines {
            let cell = both.entry((line.kind, line.year, &line.label)).or_default();
            cell.1 = Some(cell.1.unwrap_or_default().saturating_add(line.cents));
        }
        both.into_iter()
            .map(|((kind, year, label), (was, is))| Beside {
                kind,
                year,
                label: label.to_owned(),
                was,
                is,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn line(kind: Kind, year: i16, cents: i64) -> Line {
        Line {
            kind,
            year,
            label: "x".into(),
            cents,
        }
    }

    fn content(lines: Vec<Line>) -> Content {
        Content {
            as_of: date(2026, 1, 1),
            first_year: 2026,
            years: 10,
            discount_bp: 0,
            lines,
            assumptions: vec![Assumption {
                name: "Jour de prestataire".into(),
                value: Decimal::whole(600),
                unit: "€".into(),
                source: "Marché".into(),
                low: Decimal::whole(450),
                high: Decimal::whole(900),
                drives: Drives::Kind(Kind::BuildContractors),
            }],
            count: None,
        }
    }

    #[test]
    fn an_assumption_moves_its_lines_alone() {
        let content = content(vec![
            line(Kind::BuildContractors, 2026, 60_000),
            line(Kind::Hosting, 2027, 10_000),
        ]);
        let moved = content.moved();
        assert_eq!(moved.len(), 1);
        assert_eq!((moved[0].low_cents, moved[0].high_cents), (55_000, 100_000));
    }

    #[test]
    fn the_portfolio_covers_building_and_two_years_of_running() {
        let content = content(vec![
            line(Kind::BuildAgents, 2026, 1),
            line(Kind::BuildContractors, 2027, 10),
            line(Kind::Hosting, 2027, 100),
            line(Kind::Hosting, 2029, 1_000),
            line(Kind::Hosting, 2030, 10_000),
        ]);
        let summary = content.summary().unwrap();
        assert_eq!(summary.portfolio_scope_cents, 1_111);
        assert_eq!(summary.life.total_cents, 11_111);
    }

    #[test]
    fn versions_are_compared_line_by_line() {
        let before = content(vec![
            line(Kind::Hosting, 2026, 5),
            line(Kind::Other, 2026, 1),
        ]);
        let after = content(vec![
            line(Kind::Hosting, 2026, 7),
            line(Kind::Data, 2026, 2),
        ]);
        let beside: Vec<_> = before
            .beside(&after)
            .into_iter()
            .map(|one| (one.kind, one.was, one.is))
            .collect();
        assert_eq!(
            beside,
            [
                (Kind::Hosting, Some(5), Some(7)),
                (Kind::Data, None, Some(2)),
                (Kind::Other, Some(1), None),
            ]
        );
    }

    #[test]
    fn what_is_kept_comes_back() {
        let mut content = content(vec![line(Kind::Hosting, 2026, 5)]);
        content.assumptions[0].drives = Drives::Everything;
        let text = serde_json::to_string(&content).unwrap();
        assert_eq!(serde_json::from_str::<Content>(&text).unwrap(), content);
        content.assumptions[0].drives = Drives::Kind(Kind::RunAgents);
        let text = serde_json::to_string(&content).unwrap();
        assert_eq!(serde_json::from_str::<Content>(&text).unwrap(), content);
    }

    proptest! {
        #[test]
        fn both_sides_add_up_to_their_totals(
            was in prop::collection::vec((0..13_usize, 2026_i16..2036, 0_i64..1_000_000), 0..20),
            is in prop::collection::vec((0..13_usize, 2026_i16..2036, 0_i64..1_000_000), 0..20),
        ) {
            let lines = |all: &[(usize, i16, i64)]| content(all.iter()
                .map(|(kind, year, cents)| line(Kind::ALL[*kind], *year, *cents)).collect());
            let (before, after) = (lines(&was), lines(&is));
            let beside = before.beside(&after);
            let sums = beside.iter().fold((0, 0), |(was, is), row| {
                (was + row.was.unwrap_or(0), is + row.is.unwrap_or(0))
            });
            prop_assert_eq!(sums.0, before.summary().unwrap().life.total_cents);
            prop_assert_eq!(sums.1, after.summary().unwrap().life.total_cents);
            prop_assert!(before.summary().unwrap().portfolio_scope_cents <= sums.0);
        }
    }
}
