//! From a name to addresses that may be connected to.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::allow::AllowList;
use crate::error::EgressError;

/// The addresses of a name, once they are known.
pub type Lookup<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Knows the addresses of names. What it says is checked before anything is connected to.
pub trait Resolver: Send + Sync {
    /// Every address of `host`: lower case, punycode, no dot at the end.
    fn lookup<'a>(&'a self, host: &'a str) -> Lookup<'a>;
}

/// The machine's own resolver.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemResolver;

impl Resolver for SystemResolver {
    fn lookup<'a>(&'a self, host: &'a str) -> Lookup<'a> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Stands between a resolver and the connection: the addresses that pass are those that are
/// connected to, so a name that changes its address in between gains nothing.
pub(crate) struct Gate {
    pub(crate) resolver: Arc<dyn Resolver>,
    pub(crate) allow: Arc<AllowList>,
}

impl Gate {
    /// One address that may not be asked refuses the whole name: nobody honest has such a mixture.
    async fn pass(
        resolver: Arc<dyn Resolver>,
        allow: Arc<AllowList>,
        host: String,
    ) -> Result<Vec<SocketAddr>, EgressError> {
        let found = resolver.lookup(&host).await.unwrap_or_default();
        if found.is_empty() {
            return Err(EgressError::Unresolved { host });
        }
        for address in &found {
            if let Err(why) = allow.judge(&host, *address) {
                return Err(EgressError::Forbidden { host, why });
            }
        }
        // Port 0 is replaced by the URL's.
        Ok(found.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect())
    }
}

impl Resolve for Gate {
    fn resolve(&self, name: Name) -> Resolving {
        let passing = Self::pass(
            Arc::clone(&self.resolver),
            Arc::clone(&self.allow),
            name.as_str().to_owned(),
        );
        Box::pin(async move {
            let addresses = passing.await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
