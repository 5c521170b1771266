//! How many requests are under way at once, in all and to each host.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

type Hosts = Arc<Mutex<HashMap<String, (Arc<Semaphore>, usize)>>>;

/// The places; a clone shares them.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    all: Arc<Semaphore>,
    /// Each host that somebody asks or waits for, and how many do.
    hosts: Hosts,
    per_host: usize,
}

/// One place; it is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _all: OwnedSemaphorePermit,
    _of_host: OwnedSemaphorePermit,
    _interest: Interest,
}

/// Keeps a host's semaphore as long as somebody needs it.
#[derive(Debug)]
struct Interest {
    hosts: Hosts,
    host: String,
}

impl Places {
    pub(crate) fn new(all: usize, per_host: usize) -> Self {
        let most = Semaphore::MAX_PERMITS;
        Self {
            all: Arc::new(Semaphore::new(all.min(most))),
            hosts: Arc::default(),
            per_host: per_host.min(most),
        }
    }

    /// Waits for a place to ask `host`.
    pub(crate) async fn take(&self, host: &str) -> Result<Place, AcquireError> {
        let (semaphore, interest) = self.interest(host);
        // The host's first: who waits for a slow host takes nobody else's place meanwhile.
        let of_host = semaphore.acquire_owned().await?;
        let all = Arc::clone(&self.all).acquire_owned().await?;
        Ok(Place {
            _all: all,
            _of_host: of_host,
            _interest: interest,
        })
    }

    fn interest(&self, host: &str) -> (Arc<Semaphore>, Interest) {
        let mut hosts = lock(&self.hosts);
        let (semaphore, count) = hosts
            .entry(host.to_owned())
            .or_insert_with(|| (Arc::new(Semaphore::new(self.per_host)), 0));
        *count += 1;
        let interest = Interest {
            hosts: Arc::clone(&self.hosts),
            host: host.to_owned(),
        };
        (Arc::clone(semaphore), interest)
    }
}

impl Drop for Interest {
    fn drop(&mut self) {
        let mut hosts = lock(&self.hosts);
        if let Some((_, count)) = hosts.get_mut(&self.host) {
            *count -= 1;
            if *count == 0 {
                hosts.remove(&self.host);
            }
        }
    }
}

fn lock(hosts: &Hosts) -> MutexGuard<'_, HashMap<String, (Arc<Semaphore>, usize)>> {
    hosts.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn places_are_counted_in_all_and_by_host_and_given_back() {
        let places = Places::new(3, 2);
        let soon = |host: &'static str| timeout(Duration::from_millis(20), places.take(host));
        let a = [soon("a").await.unwrap(), soon("a").await.unwrap()];
        assert!(soon("a").await.is_err());
        let b = soon("b").await.unwrap();
        assert!(soon("c").await.is_err());
        drop(b);
        let c = soon("c").await.unwrap();
        drop(a);
        assert!(soon("a").await.is_ok());
        drop(c);
        assert!(lock(&places.hosts).is_empty());
    }
}
