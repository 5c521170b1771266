//! How far requests may go, and how much they may take.

use std::time::Duration;

use crate::allow::Allowed;

/// Limits, and what an operator opens. [`EgressSettings::default`] opens nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EgressSettings {
    /// Hosts and networks that may be asked though they aren't on the public Internet.
    pub allowed: Vec<Allowed>,
    /// Ports below 1024 that may be asked besides 443; and 80 over `http`.
    pub ports_allowed: Vec<u16>,
    /// Longest wait for a connection with its TLS.
    pub connect_timeout: Duration,
    /// Longest time from the resolution of the name to the last byte of the answer. A request waits
    /// at most as long again, before that, while too many others are under way.
    pub timeout: Duration,
    /// Most bytes of an answer's body.
    pub answer_bytes_max: usize,
    /// Most requests under way at once.
    pub requests_max: usize,
    /// Most requests under way at once to one host, whatever the port.
    pub requests_per_host_max: usize,
    /// Most bytes of answers that [`cached_get`](crate::Egress::cached_get) keeps in memory.
    pub cache_bytes_max: usize,
    /// The name under which we ask.
    pub user_agent: String,
    /// Certificates (PEM, any number) of authorities trusted besides those of the machine.
    pub extra_roots_pem: Option<String>,
}

impl Default for EgressSettings {
    fn default() -> Self {
        Self {
            allowed: Vec::new(),
            ports_allowed: Vec::new(),
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
            answer_bytes_max: 1 << 20,
            requests_max: 64,
            requests_per_host_max: 8,
            cache_bytes_max: 64 << 20,
            user_agent: "Gouvernail".to_owned(),
            extra_roots_pem: None,
        }
    }
}
