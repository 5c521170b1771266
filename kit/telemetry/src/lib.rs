//! What the operator sees of a running process: log lines, metrics, health.

mod health;
mod log;
mod metrics;

pub use health::{Check, Health, Report};
pub use log::{LogFormat, TelemetryError, check_filter, start};
pub use metrics::{Metrics, metrics};
