//! What a gateway keeps of its own: keys that are made when they are first needed.

use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jose::Algorithm;
use jose::jwk::{KeyKind, SigningKey};
use kit_time::Source;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;

use crate::domain::{from_hex, hex};
use crate::settings::GatewayError;

/// The Ed25519 key of a file (PKCS#8 as PEM, as `openssl genpkey -algorithm ed25519` writes it), made
/// when the file is absent, readable by its owner alone.
pub fn own_key(path: &Path) -> Result<SigningKey, GatewayError> {
    let fail = |error: Box<dyn std::error::Error + Send + Sync>| GatewayError::Key {
        path: path.to_owned(),
        source: error,
    };
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let key = SigningKey::generate(KeyKind::EdDsa).map_err(|error| fail(error.into()))?;
            let der = key.to_pkcs8().map_err(|error| fail(error.into()))?;
            let lines = STANDARD.encode(&*der);
            let pem = format!("-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----\n");
            write_new(path, &pem).map_err(|error| fail(error.into()))?;
            return Ok(key);
        }
        Err(error) => return Err(fail(error.into())),
    };
    let der = PrivatePkcs8KeyDer::from_pem_slice(&text).map_err(|error| fail(error.into()))?;
    SigningKey::from_pkcs8(Algorithm::EdDsa, der.secret_pkcs8_der())
        .map_err(|error| fail(error.into()))
}

/// The 32 secret bytes of a file, in hexadecimal, made when the file is absent.
pub fn own_secret(path: &Path, source: &Source) -> Result<[u8; 32], GatewayError> {
    let fail = |error: Box<dyn std::error::Error + Send + Sync>| GatewayError::Key {
        path: path.to_owned(),
        source: error,
    };
    match std::fs::read_to_string(path) {
        Ok(text) => {
            from_hex(text.trim()).ok_or_else(|| fail("it isn't 32 bytes in hexadecimal".into()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let secret: [u8; 32] = source.random();
            write_new(path, &format!("{}\n", hex(&secret))).map_err(|error| fail(error.into()))?;
            Ok(secret)
        }
        Err(error) => Err(fail(error.into())),
    }
}

/// Writes a file that isn't there yet, for its owner alone, and waits for the disk.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        let made = own_key(&path).unwrap();
        assert_eq!(own_key(&path).unwrap().kid(), made.kid());
        std::fs::write(&path, "nonsense").unwrap();
        assert!(own_key(&path).is_err());
        let source = Source::fixed("2026-01-01T00:00:00Z".parse().unwrap(), 1);
        let path = folder.path().join("secret");
        let made = own_secret(&path, &source).unwrap();
        assert_eq!(own_secret(&path, &source).unwrap(), made);
        std::fs::write(&path, "00").unwrap();
        assert!(own_secret(&path, &source).is_err());
    }
}
