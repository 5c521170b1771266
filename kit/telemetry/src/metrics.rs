//! Metrics in the `OpenMetrics` text format, which Prometheus reads.

use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct HttpLabels {
    route: String,
    method: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabels {
    kind: String,
    outcome: String,
}

/// The metrics of a process. Labels are routes and kinds, never ids or names.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    http: Family<HttpLabels, Histogram, fn() -> Histogram>,
    jobs: Family<KindLabels, Counter>,
    resident_memory: Gauge,
}

fn request_buckets() -> Histogram {
    // 1 ms to 8 s, doubling.
    Histogram::new(exponential_buckets(0.001, 2.0, 14))
}

impl Metrics {
    fn new() -> Self {
        let mut registry = Registry::with_prefix("gouvernail");
        let http: Family<HttpLabels, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(request_buckets);
        registry.register_with_unit(
            "http_request_duration",
            "Time from a request's first byte to its answer",
            Unit::Seconds,
            http.clone(),
        );
        let jobs = Family::default();
        registry.register("jobs", "Jobs by kind and outcome", jobs.clone());
        let resident_memory = Gauge::default();
        registry.register_with_unit(
            "process_resident_memory",
            "Resident memory",
            Unit::Bytes,
            resident_memory.clone(),
        );
        Self {
            registry,
            http,
            jobs,
            resident_memory,
        }
    }

    /// Counts and times one request. `route` is the pattern, not the path.
    pub fn record_http(&self, route: &str, method: &str, status: u16, took: Duration) {
        let labels = HttpLabels {
            route: route.to_owned(),
            method: method.to_owned(),
            status,
        };
        self.http.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// Counts one job.
    pub fn record_job(&self, kind: &str, outcome: &str) {
        let labels = KindLabels {
            kind: kind.to_owned(),
            outcome: outcome.to_owned(),
        };
        self.jobs.get_or_create(&labels).inc();
    }

    /// All of them, as text.
    pub fn render(&self) -> String {
        if let Some(bytes) = resident_memory_bytes() {
            self.resident_memory.set(bytes);
        }
        let mut text = String::new();
        if prometheus_client::encoding::text::encode(&mut text, &self.registry).is_err() {
            let _ = writeln!(text, "# the metrics could not be written");
        }
        text
    }
}

/// The metrics of this process.
pub fn metrics() -> &'static Metrics {
    static METRICS: OnceLock<Metrics> = OnceLock::new();
    METRICS.get_or_init(Metrics::new)
}

/// Linux tells it in kibibytes; elsewhere it isn't told.
fn resident_memory_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_route() {
        let metrics = Metrics::new();
        metrics.record_http("/products/{id}", "GET", 200, Duration::from_millis(3));
        metrics.record_job("mail.send", "done");
        let text = metrics.render();
        let line = "gouvernail_http_request_duration_seconds_count{route=\"/products/{id}\",\
                    method=\"GET\",status=\"200\"} 1";
        assert!(text.contains(line), "{text}");
        assert!(text.contains("gouvernail_jobs_total{kind=\"mail.send\",outcome=\"done\"} 1"));
        assert!(text.ends_with("# EOF\n"));
    }
}
