//! Types and decisions of the portfolio. Pure.

pub mod editing;
mod forecast;
mod funnel;
mod history;
pub mod import;
mod mistake;
mod phase;
mod product;
mod report;
mod series;

pub use forecast::{
    EndOutlook, Finished, MeasureOutlook, Outlook, finished, outlook, trial, trial_on_running,
};
pub use funnel::{Funnel, GroupFlow, LONG_DAYS, Path, Step, Transparency, funnel};
pub use history::{FORMULA_CHANGES, FormulaChange, HistoryPoint, POINTS_MAX, dates, history};
pub use mistake::Mistake;
pub use phase::Phase;
pub use product::{
    BANDS, Description, Estimate, Measure, ProductKind, Rebaseline, Standing, band, standing,
};
pub use report::{
    CohortFigures, DecompositionFigures, Group, GroupBy, MeasureFigures, Member, Report, groups,
    members_at, members_of, report,
};
pub use series::{Facts, Listing, Series};

/// A planned duration is kept in seconds of years of 365 days, the unit of the panorama (its
/// decimal years are days over 365), so that the decimals that were published come back exactly.
pub const DURATION_YEAR_SECONDS: f64 = 31_536_000.0;
/// Seconds in a day.
pub const DAY_SECONDS: i64 = 86_400;
