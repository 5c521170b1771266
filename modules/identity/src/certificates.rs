//! Certificates of services, handed over by a proxy of ours: TLS ends there (RFC 8705, RFC 9440).

use ipnet::IpNet;
use kit_http::{HeaderMap, Peer};

use crate::Identity;
use crate::domain::Certificate;

/// Which headers of which proxies hold a certificate. The proxy must take away what a caller wrote
/// there; whoever else writes it isn't heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificates {
    /// The header of the certificate: RFC 9440's form, or PEM with percent-encoding.
    pub header: String,
    /// The header that says `SUCCESS` when an authority that the proxy trusts vouches for it.
    /// Without it nobody vouches: `tls_client_auth` then lets nobody in.
    pub verdict_header: Option<String>,
    /// The addresses from which proxies of ours connect.
    pub proxies: Vec<IpNet>,
}

impl Identity {
    /// The certificate of a call, if a proxy of ours brings one.
    pub(crate) fn certificate_of(&self, headers: &HeaderMap, peer: &Peer) -> Option<Certificate> {
        let settings = self.certificates.as_ref()?;
        let is_ours = peer.is_proxy
            && settings
                .proxies
                .iter()
                .any(|net| net.contains(&peer.address));
        if !is_ours {
            if headers.contains_key(&settings.header) {
                tracing::warn!(peer = %peer.address, "identity.certificate.smuggled");
            }
            return None;
        }
        let one = |name: &str| {
            let mut all = headers.get_all(name).iter();
            let first = all.next()?.to_str().ok()?;
            // Two of them: one isn't the proxy's.
            all.next().is_none().then_some(first)
        };
        let is_vouched_for = settings
            .verdict_header
            .as_deref()
            .and_then(one)
            .is_some_and(|verdict| verdict.trim() == "SUCCESS");
        let certificate = Certificate::from_header(one(&settings.header)?, is_vouched_for)?;
        certificate
            .is_valid_at(self.now_seconds())
            .then_some(certificate)
    }
}
