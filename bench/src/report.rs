//! The numbers as a table and as JSON.

use serde::Serialize;

use crate::fill::Filled;
use crate::fill::steering::SteeringSize;
use crate::load::{Case, Round};

/// One kind of request, measured.
#[derive(Debug, Clone, Serialize)]
struct Line {
    name: String,
    p50_ms: f64,
    p99_ms: f64,
    per_second: f64,
    body_bytes: usize,
    goal_p99_ms: Option<f64>,
}

/// Everything that was measured on one database.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Measured {
    database: String,
    products: usize,
    estimates: usize,
    recommendations: u32,
    observations: u32,
    pub(crate) ready_ms: f64,
    pub(crate) first_overview_ms: f64,
    pub(crate) rest_kib: u64,
    pub(crate) peak_kib: u64,
    pub(crate) after_kib: u64,
    lines: Vec<Line>,
}

/// The value below which `share` of the sorted values lie.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let at = (sorted.len() as f64 * share).ceil() as usize;
    sorted
        .get(at.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

impl Measured {
    pub(crate) fn new(database: &str, filled: &Filled, steering: Option<SteeringSize>) -> Self {
        let kind = if database.starts_with("sqlite") {
            "SQLite"
        } else {
            "PostgreSQL"
        };
        Self {
            database: kind.to_owned(),
            products: filled.products_count,
            estimates: filled.estimates_count,
            recommendations: steering.map_or(0, |size| size.recommendations),
            observations: steering.map_or(0, |size| size.observations),
            ready_ms: 0.0,
            first_overview_ms: 0.0,
            rest_kib: 0,
            peak_kib: 0,
            after_kib: 0,
            lines: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, case: &Case, rounds: Vec<Round>) {
        let of = |share: f64| {
            median(
                rounds
                    .iter()
                    .map(|round| percentile(&round.latencies_ms, share)),
            )
        };
        self.lines.push(Line {
            name: case.name.clone(),
            p50_ms: of(0.5),
            p99_ms: of(0.99),
            per_second: median(rounds.iter().map(|round| round.per_second)),
            body_bytes: rounds.last().map_or(0, |round| round.bytes),
            goal_p99_ms: case.goal_ms,
        });
    }

    fn line(line: &Line) -> String {
        let goal = line.goal_p99_ms.map_or_else(String::new, |goal| {
            let met = if line.p99_ms < goal { "met" } else { "MISSED" };
            format!("< {goal} ms: {met}")
        });
        format!(
            "| {} | {:.1} | {:.1} | {:.0} | {:.0} | {goal} |",
            line.name,
            line.p50_ms,
            line.p99_ms,
            line.per_second,
            line.body_bytes as f64 / 1_024.0,
        )
    }

    /// The last measured line, to follow a run.
    pub(crate) fn last_line(&self) -> String {
        self.lines.last().map(Self::line).unwrap_or_default()
    }

    /// The whole table, as Markdown.
    pub(crate) fn table(&self) -> String {
        let mib = |kib: u64| kib as f64 / 1_024.0;
        let mut text = format!(
            "### {}: {} products, {} estimates, {} recommendations, {} figures\n\n\
             Ready after {:.0} ms; the first overview, which reads every estimate, {:.0} ms. \
             Resident memory: {:.0} MiB at rest with every estimate read, {:.0} MiB at most, {:.0} MiB after the load.\n\n\
             | request | p50 ms | p99 ms | answers/s | KiB | goal for p99 |\n\
             | --- | ---: | ---: | ---: | ---: | --- |\n",
            self.database,
            self.products,
            self.estimates,
            self.recommendations,
            self.observations,
            self.ready_ms,
            self.first_overview_ms,
            mib(self.rest_kib),
            mib(self.peak_kib),
            mib(self.after_kib),
        );
        for line in &self.lines {
            text.push_str(&Self::line(line));
            text.push('\n');
        }
        text
    }

    pub(crate) fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        assert!((percentile(&values, 0.5) - 50.0).abs() < 1e-9);
        assert!((percentile(&values, 0.99) - 99.0).abs() < 1e-9);
        assert!((percentile(&[7.0], 0.99) - 7.0).abs() < 1e-9);
        assert!((median([3.0, 1.0, 2.0].into_iter()) - 2.0).abs() < 1e-9);
    }
}
