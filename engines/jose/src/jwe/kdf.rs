//! From the secret of two keys to a key: the Concat KDF of NIST SP 800-56A, RFC 7518 section 4.6.2.

use aws_lc_rs::digest::{Context, SHA256};
use zeroize::Zeroizing;

use crate::algorithm::{ContentEncryption, KeyManagement};

/// What the derived key is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Purpose {
    /// `AlgorithmID`: `enc` when the derived key encrypts the content, else `alg`.
    name: &'static str,
    /// Bytes of the key, at most the 32 of one round of SHA-256.
    key_bytes: usize,
}

impl Purpose {
    /// The key that `management` derives, for a content encrypted so.
    pub(crate) fn of(management: KeyManagement, encryption: ContentEncryption) -> Self {
        match management {
            KeyManagement::EcdhEsA256Kw => Self {
                name: management.name(),
                key_bytes: 32,
            },
            KeyManagement::EcdhEs | KeyManagement::RsaOaep256 => Self {
                name: encryption.name(),
                key_bytes: encryption.key_bytes(),
            },
        }
    }
}

/// The derived key. `secret` is Z, `apu` and `apv` are the parties' information, decoded.
pub(crate) fn derive(
    secret: &[u8],
    purpose: Purpose,
    apu: &[u8],
    apv: &[u8],
) -> Zeroizing<Vec<u8>> {
    let mut context = Context::new(&SHA256);
    context.update(&1_u32.to_be_bytes());
    context.update(secret);
    for information in [purpose.name.as_bytes(), apu, apv] {
        // Each was part of a header of a few KiB.
        context.update(&(information.len() as u32).to_be_bytes());
        context.update(information);
    }
    context.update(&(purpose.key_bytes as u32 * 8).to_be_bytes());
    let round = context.finish();
    let bytes = round.as_ref().iter().take(purpose.key_bytes);
    Zeroizing::new(bytes.copied().collect())
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};

    use super::*;
    use crate::encoding::{decode, encode};

    #[test]
    fn rfc_7518_appendix_c() {
        let alice = decode("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo").unwrap();
        let alice = PrivateKey::from_private_key(&ECDH_P256, &alice).unwrap();
        let x = decode("weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ").unwrap();
        let y = decode("e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck").unwrap();
        let bob = UnparsedPublicKey::new(&ECDH_P256, [vec![4], x, y].concat());
        let purpose = Purpose::of(KeyManagement::EcdhEs, ContentEncryption::A128Gcm);
        let key = agree(&alice, bob, (), |secret| {
            assert_eq!(secret[..4], [158, 86, 217, 29]);
            Ok(derive(secret, purpose, b"Alice", b"Bob"))
        });
        assert_eq!(encode(&key.unwrap()), "VqqN6vgjbSBcIijNcacQGg");
    }
}
