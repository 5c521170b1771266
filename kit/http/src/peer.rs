//! Who holds the other end of a connection.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;

use crate::failure::Failure;
use crate::site::Cx;

/// The machine that connected, which is a proxy or the client itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Its address as the connection has it: no header changes it. Unspecified where there is no
    /// connection.
    pub address: IpAddr,
    /// Whether proxies of ours stand in front, so that it should be one of them.
    pub is_proxy: bool,
}

impl Peer {
    /// Says where a request came from, for whoever hands it over without a connection.
    pub fn connected<B>(request: &mut axum::http::Request<B>, from: SocketAddr) {
        request.extensions_mut().insert(ConnectInfo(from));
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let cx = Cx::from_request_parts(parts, state).await?;
        let connected = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self {
            address: connected.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| {
                peer.ip().to_canonical()
            }),
            is_proxy: cx.site.trusted_proxies > 0,
        })
    }
}
