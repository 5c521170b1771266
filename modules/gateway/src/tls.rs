//! TLS towards requesters, who may show a certificate that their token is bound to.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme};
use tokio_rustls::TlsAcceptor;

use crate::settings::{GatewayError, Identity};
use crate::upstream::install;

/// What takes TLS connections.
pub(crate) fn acceptor(identity: &Identity) -> Result<TlsAcceptor, GatewayError> {
    let what = "the gateway's certificate";
    let fail = |error| GatewayError::certificate(what, error);
    let (chain, key) = install(identity, what)?;
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(ring.clone())
        .with_safe_default_protocol_versions()
        .map_err(fail)?
        .with_client_cert_verifier(Arc::new(Held(ring)))
        .with_single_cert(chain, key)
        .map_err(fail)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// The thumbprint of a certificate, as in `cnf` of a token: SHA-256 in base64url (RFC 8705 section
/// 3.1).
pub(crate) fn thumbprint(certificate: &CertificateDer<'_>) -> Arc<str> {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, certificate)).into()
}

/// Takes any certificate whose key the other end proves that it holds. Who that is doesn't matter
/// here: a token is bound to the certificate itself, and its issuer knew whose it was.
#[derive(Debug)]
struct Held(Arc<CryptoProvider>);

impl ClientCertVerifier for Held {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
