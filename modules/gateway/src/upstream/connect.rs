//! Connections to producers: TCP, TLS, and which HTTP is spoken on them.

use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::settings::{GatewayError, GatewaySettings, Identity};

/// Longest that a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Makes connections to producers.
#[derive(Clone)]
pub(crate) struct Connector {
    plain: TlsConnector,
    with_certificate: Option<TlsConnector>,
}

/// A connection.
pub(crate) enum Connection {
    Plain(TcpStream),
    Tls(Box<tokio_rustls::client::TlsStream<TcpStream>>),
}

/// The chain and the key of an identity.
pub(crate) fn install(
    identity: &Identity,
    what: &'static str,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), GatewayError> {
    let fail = |error| GatewayError::certificate(what, error);
    let chain = CertificateDer::pem_slice_iter(&identity.certificates_pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(fail)?;
    let key = PrivateKeyDer::from_pem_slice(&identity.key_pem).map_err(fail)?;
    Ok((chain, key))
}

impl Connector {
    pub(crate) fn new(settings: &GatewaySettings) -> Result<Self, GatewayError> {
        let with_certificate = settings
            .upstream_identity
            .as_ref()
            .map(|identity| config(settings, Some(identity)))
            .transpose()?;
        Ok(Self {
            plain: TlsConnector::from(config(settings, None)?),
            with_certificate: with_certificate.map(TlsConnector::from),
        })
    }

    /// Connects to the host of an address.
    pub(crate) async fn connect(
        &self,
        uri: &Uri,
        with_certificate: bool,
    ) -> Result<Connection, String> {
        let connected = self.connect_at_leisure(uri, with_certificate);
        match tokio::time::timeout(CONNECT_TIMEOUT, connected).await {
            Ok(connected) => connected,
            Err(_) => Err("no connection within three seconds".to_owned()),
        }
    }

    async fn connect_at_leisure(
        &self,
        uri: &Uri,
        with_certificate: bool,
    ) -> Result<Connection, String> {
        let is_tls = uri.scheme_str() == Some("https");
        if with_certificate && !is_tls {
            return Err("a certificate can be shown over https only".to_owned());
        }
        let host = uri.host().ok_or("the address has no host")?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let tcp = TcpStream::connect((bare, port))
            .await
            .map_err(|error| error.to_string())?;
        // Small answers leave at once.
        tcp.set_nodelay(true).map_err(|error| error.to_string())?;
        if !is_tls {
            return Ok(Connection::Plain(tcp));
        }
        let connector = if with_certificate {
            self.with_certificate
                .as_ref()
                .ok_or("the gateway has no certificate to show")?
        } else {
            &self.plain
        };
        let name = ServerName::try_from(bare.to_owned()).map_err(|error| error.to_string())?;
        let tls = connector
            .connect(name, tcp)
            .await
            .map_err(|error| error.to_string())?;
        Ok(Connection::Tls(Box::new(tls)))
    }
}

fn config(
    settings: &GatewaySettings,
    identity: Option<&Identity>,
) -> Result<Arc<ClientConfig>, GatewayError> {
    let what = "the certificates for producers";
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(ring.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| GatewayError::certificate(what, error))?;
    let mut roots = RootCertStore::empty();
    let mut extra = Vec::new();
    if let Some(pem) = &settings.upstream_roots_pem {
        for root in CertificateDer::pem_slice_iter(pem) {
            let root = root.map_err(|error| GatewayError::certificate(what, error))?;
            let added = roots.add(root.clone());
            added.map_err(|error| GatewayError::certificate(what, error))?;
            extra.push(root);
        }
    }
    let verifier = Verifier::new_with_extra_roots(extra, ring)
        .map_err(|error| GatewayError::certificate(what, error))?;
    let builder = builder
        .dangerous() // the name of the method: the verifier is the platform's
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let (chain, key) = install(identity, what)?;
            let with = builder.with_client_auth_cert(chain, key);
            with.map_err(|error| GatewayError::certificate(what, error))?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
