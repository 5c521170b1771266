//! Products and figures in the reader's words, as several pages need them.

use std::collections::HashMap;

use kit_http::Failure;
use kit_ui::{Cell, Column, Table, Words, format};
use ports::{OrganisationKind, OrganisationSummary};
use uuid::Uuid;

use crate::domain::{MeasureFigures, Phase};
use crate::{Portfolio, Product};

/// Names of organisations by id.
pub(crate) struct Names(HashMap<Uuid, OrganisationSummary>);

impl Names {
    pub(crate) async fn read(portfolio: &Portfolio) -> Result<Self, Failure> {
        let all = portfolio
            .organisations
            .all(None)
            .await
            .map_err(Failure::internal)?;
        Ok(Self(
            all.into_iter()
                .map(|organisation| (organisation.id.0, organisation))
                .collect(),
        ))
    }

    /// The acronym, or the name when there is none; nothing for an unknown one.
    pub(crate) fn short(&self, id: Option<Uuid>) -> String {
        let organisation = id.and_then(|id| self.0.get(&id));
        organisation.map_or_else(String::new, |organisation| {
            if organisation.acronym.is_empty() {
                organisation.name.clone()
            } else {
                organisation.acronym.clone()
            }
        })
    }

    /// The organisation of an id.
    pub(crate) fn find(&self, id: Uuid) -> Option<&OrganisationSummary> {
        self.0.get(&id)
    }

    pub(crate) fn full(&self, id: Option<Uuid>) -> String {
        let organisation = id.and_then(|id| self.0.get(&id));
        organisation.map_or_else(String::new, |organisation| organisation.name.clone())
    }

    /// The organisations of a kind as the options of a list, by name.
    pub(crate) fn options(&self, kind: OrganisationKind) -> Vec<(String, String)> {
        let mut options: Vec<(String, String)> = self
            .0
            .values()
            .filter(|organisation| organisation.kind == kind)
            .map(|organisation| (organisation.id.to_string(), organisation.name.clone()))
            .collect();
        options.sort_by(|a, b| a.1.cmp(&b.1));
        options
    }
}

pub(crate) fn phase(words: &Words, phase: Option<Phase>) -> String {
    phase.map_or_else(String::new, |phase| {
        words.text(&format!("phase-{}", phase.code()))
    })
}

pub(crate) fn rate_cell(words: &Words, rate: Option<f64>) -> Cell {
    rate.map_or_else(Cell::unknown, |rate| {
        Cell::number(format::percent_signed(words.locale, rate), rate)
    })
}

pub(crate) fn rate(words: &Words, rate: Option<f64>) -> String {
    rate.map_or_else(
        || "—".to_owned(),
        |rate| format::percent_signed(words.locale, rate),
    )
}

pub(crate) fn cost_cell(words: &Words, cents: Option<i64>) -> Cell {
    cents.map_or_else(Cell::unknown, |cents| {
        Cell::number(format::millions_number(words.locale, cents), cents)
    })
}

/// A table of products with what matters most of each.
pub(crate) fn short_table(
    words: &Words,
    id: &str,
    caption: &str,
    names: &Names,
    products: &[Product],
) -> Table {
    let columns = vec![
        Column::text(words.text("portfolio-column-title")),
        Column::text(words.text("portfolio-column-ministry")),
        Column::number(words.text("portfolio-column-cost")),
        Column::number(words.text("portfolio-column-slip")),
        Column::number(words.text("portfolio-column-delay")),
        Column::text(words.text("portfolio-column-estimated")),
    ];
    Table::new(words, id, caption, columns).rows(products.iter().map(|product| {
        let estimated = product.estimated_on.map_or_else(Cell::unknown, |date| {
            Cell::text(format::date(words.locale, date)).value(date)
        });
        vec![
            Cell::link(
                &product.description.title,
                format!("/products/{}", product.id),
            ),
            Cell::text(names.short(product.description.ministry_id)),
            cost_cell(words, product.cost_cents),
            rate_cell(words, product.cost_slip),
            rate_cell(words, product.duration_slip),
            estimated,
        ]
    }))
}

/// The columns of a table that shows a measure's figures.
pub(crate) fn figure_columns(words: &Words, first: &str) -> Vec<Column> {
    let mut columns = vec![Column::text(words.text(first))];
    for key in ["compared", "mean", "aggregate", "median", "p80", "worst"] {
        columns.push(Column::number(
            words.text(&format!("portfolio-figure-{key}")),
        ));
    }
    columns
}

/// The cells of a measure's figures, after the first one.
pub(crate) fn figure_cells(words: &Words, first: Cell, figures: &MeasureFigures) -> Vec<Cell> {
    let share = figures
        .worst_tenth_share
        .map_or_else(Cell::unknown, |share| {
            Cell::number(format::percent(words.locale, share), share)
        });
    let compared = i64::try_from(figures.compared).unwrap_or(i64::MAX);
    vec![
        first,
        Cell::number(format::count(words.locale, compared), compared),
        rate_cell(words, figures.mean_slip_rate),
        rate_cell(words, figures.aggregate_slip_rate),
        rate_cell(words, figures.median_slip_rate),
        rate_cell(words, figures.p80_slip_rate),
        share,
    ]
}
