//! Log lines: text for a terminal, JSON for a collector.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Logging can't start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter can't be read.
    #[error(
        "the log filter {0:?} can't be read; write for example `info` or `info,portfolio=debug`"
    )]
    Filter(String),
    /// Somebody else set a logger first.
    #[error("a logger is set already")]
    AlreadySet,
}

/// Whether a filter can be read.
pub fn check_filter(filter: &str) -> Result<(), TelemetryError> {
    EnvFilter::try_new(filter)
        .map(drop)
        .map_err(|_| TelemetryError::Filter(filter.to_owned()))
}

/// Starts writing log lines to the standard error stream, and logs panics too.
pub fn start(format: LogFormat, filter: &str) -> Result<(), TelemetryError> {
    let levels =
        EnvFilter::try_new(filter).map_err(|_| TelemetryError::Filter(filter.to_owned()))?;
    let registry = tracing_subscriber::registry().with(levels);
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    match format {
        LogFormat::Text => registry.with(layer.compact()).try_init(),
        LogFormat::Json => registry.with(layer.json().flatten_event(true)).try_init(),
    }
    .map_err(|_| TelemetryError::AlreadySet)?;
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tracing::error!(panic = %panic, "process.panic");
        default(panic);
    }));
    Ok(())
}
