//! How many requests one address may send: a bucket that refills evenly (GCRA).

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::failure::Failure;

/// The buckets of a process, shared by its clones.
#[derive(Clone)]
pub struct RateLimits {
    all: Arc<DefaultKeyedRateLimiter<IpAddr>>,
    sensitive: Arc<DefaultKeyedRateLimiter<IpAddr>>,
    protocol: Arc<DefaultKeyedRateLimiter<IpAddr>>,
}

/// How many times as many requests an address may send to the addresses of protocols: behind one
/// address of a service are all its users.
const PROTOCOL_TIMES: u32 = 20;

impl std::fmt::Debug for RateLimits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RateLimits")
            .field("addresses", &self.all.len())
            .finish_non_exhaustive()
    }
}

impl RateLimits {
    /// Limits per address and minute: of all requests, and of those that try a secret.
    pub fn per_minute(all: u32, sensitive: u32) -> Self {
        let limiter = |number: u32| {
            let number = NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
            Arc::new(RateLimiter::keyed(Quota::per_minute(number)))
        };
        Self {
            all: limiter(all),
            sensitive: limiter(sensitive),
            protocol: limiter(all.saturating_mul(PROTOCOL_TIMES)),
        }
    }

    /// Takes one request from the bucket of `address`.
    pub fn take(&self, address: IpAddr) -> Result<(), Failure> {
        take(&self.all, subscriber(address))
    }

    /// Takes one request of a protocol ([`crate::Routes::protocol`]) from the bucket of `address`.
    pub fn take_protocol(&self, address: IpAddr) -> Result<(), Failure> {
        take(&self.protocol, subscriber(address))
    }

    /// Takes one try at a secret (a password, a recovery code) from the bucket of `address`.
    pub fn take_sensitive(&self, address: IpAddr) -> Result<(), Failure> {
        take(&self.sensitive, subscriber(address))
    }

    /// Forgets the addresses whose buckets are full again: called now and then, so that memory
    /// stays bounded by the addresses of the last minute.
    pub fn forget_idle(&self) {
        self.all.retain_recent();
        self.sensitive.retain_recent();
        self.protocol.retain_recent();
    }
}

/// The address by which a subscriber is counted: one holds a whole IPv6 /64, which is one address here.
pub fn subscriber(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6((u128::from(v6) >> 64 << 64).into()),
        },
    }
}

fn take(limiter: &DefaultKeyedRateLimiter<IpAddr>, address: IpAddr) -> Result<(), Failure> {
    limiter.check_key(&address).map_err(|refused| {
        let wait = refused.wait_time_from(governor::clock::Clock::now(
            &governor::clock::DefaultClock::default(),
        ));
        Failure::TooMany {
            retry_after_seconds: wait.as_secs().max(1),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_own_bucket() {
        let limits = RateLimits::per_minute(2, 1);
        let (a, b) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        assert!(limits.take(a).is_ok() && limits.take(a).is_ok());
        assert!(matches!(
            limits.take(a),
            Err(Failure::TooMany {
                retry_after_seconds: 1..
            })
        ));
        assert!(limits.take(b).is_ok());
        assert!(limits.take_sensitive(a).is_ok());
        assert!(limits.take_sensitive(a).is_err());
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let limits = RateLimits::per_minute(1, 1);
        assert!(limits.take("2001:db8::1".parse().unwrap()).is_ok());
        assert!(limits.take("2001:db8::2".parse().unwrap()).is_err());
        assert!(limits.take("2001:db8:0:1::1".parse().unwrap()).is_ok());
    }
}
