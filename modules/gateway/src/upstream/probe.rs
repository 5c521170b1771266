//! Looks after producers' addresses between calls.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, HeaderValue, USER_AGENT};
use http::{Request, Uri};
use http_body_util::BodyExt as _;
use ports::exchange::UpstreamProof;

use super::{Failure, Pools, Whole, failed};
use crate::Gateway;
use crate::domain::{Api, Place};

/// Between two looks at an address.
const EVERY: Duration = Duration::from_secs(5);
/// Longest that an address may take to say that it is well.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Addresses that are looked at at once.
const AT_ONCE: usize = 16;

/// What looks.
pub(crate) struct Prober {
    pub(crate) gateway: Gateway,
    pub(crate) pools: Arc<Pools>,
}

impl Prober {
    /// Looks at every address that has a path for it, again and again, until it is dropped.
    pub(crate) async fn work(self) {
        loop {
            tokio::time::sleep(EVERY).await;
            let Some(in_force) = self.gateway.in_force() else {
                continue;
            };
            self.pools.sweep(|uri| in_force.book.names(uri));
            let mut looks = tokio::task::JoinSet::new();
            for api in in_force.book.apis() {
                for place in &api.upstreams {
                    if looks.len() >= AT_ONCE {
                        looks.join_next().await;
                    }
                    let (gateway, pools) = (self.gateway.clone(), self.pools.clone());
                    let (api, place) = (api.clone(), place.clone());
                    looks.spawn(async move { probe(&gateway, &pools, &api, &place).await });
                }
            }
            while looks.join_next().await.is_some() {}
        }
    }
}

/// Looks at one address, and notes how it is.
async fn probe(gateway: &Gateway, pools: &Pools, api: &Api, place: &Place) {
    let Some(path) = &api.route.health_path else {
        return;
    };
    let (uri, address) = (&place.uri, &place.name);
    let counts = gateway.counts();
    let now_ms = gateway.now().as_millisecond();
    match tokio::time::timeout(TIMEOUT, ask(pools, api, uri, path)).await {
        Ok(Ok(())) => counts.with_circuit(address, crate::domain::Circuit::answered),
        Ok(Err(why)) => failed(counts, address, now_ms, &Failure::Broken(why)),
        Err(_) => failed(counts, address, now_ms, &Failure::Late),
    }
}

async fn ask(pools: &Pools, api: &Api, uri: &Uri, path: &str) -> Result<(), String> {
    let build = |is_h2: bool| {
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let target = if is_h2 {
            format!(
                "{}://{authority}{path}",
                uri.scheme_str().unwrap_or("https")
            )
        } else {
            path.to_owned()
        };
        let mut request = Request::new(Whole::new(Bytes::new()));
        *request.uri_mut() = target.parse().map_err(|_| "the health path is no path")?;
        let headers = request.headers_mut();
        if !is_h2 {
            let host = HeaderValue::from_str(authority).map_err(|error| error.to_string())?;
            headers.insert(HOST, host);
        }
        headers.insert(USER_AGENT, HeaderValue::from_static("gouvernail-gateway"));
        Ok(request)
    };
    let with_certificate = api.route.proof == UpstreamProof::MutualTls;
    let (response, lease) = pools.send(uri, with_certificate, build).await?;
    let status = response.status();
    if !status.is_success() {
        return Err(format!("its health path answers {status}"));
    }
    let body = http_body_util::Limited::new(response.into_body(), 64 << 10);
    body.collect().await.map_err(|error| error.to_string())?;
    lease.give_back();
    Ok(())
}
