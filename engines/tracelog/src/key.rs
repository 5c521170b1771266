//! Keys of notes (C2SP signed-note): a name, an id of 32 bits and an Ed25519 key.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::digest::sha256;

/// Longest name of a key, in bytes.
pub const NAME_BYTES_MAX: usize = 255;
/// Bytes of a public key and of a seed.
const KEY_BYTES: usize = 32;
/// Longest text of a key, in bytes.
const TEXT_BYTES_MAX: usize = NAME_BYTES_MAX + 100;

/// What a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// Notes: algorithm 0x01.
    Note,
    /// Checkpoints of others, with the time at which they were seen: algorithm 0x04,
    /// cosignature/v1.
    Witness,
}

impl KeyKind {
    fn byte(self) -> u8 {
        match self {
            Self::Note => 1,
            Self::Witness => 4,
        }
    }

    fn of(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Note),
            4 => Some(Self::Witness),
            _ => None,
        }
    }
}

/// Why a text isn't a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not `name+id+key`, or too long.
    #[error("a key is written name+id+key, at most 355 bytes")]
    Form,
    /// The name is empty, too long, or holds white space or a `+`.
    #[error("the name of a key is 1 to 255 bytes without white space and without +")]
    Name,
    /// The id isn't that of the name and the key.
    #[error("the id isn't the one of this name and this key")]
    Id,
    /// The key isn't 33 bytes in base64 that begin with a known algorithm.
    #[error("the key isn't an Ed25519 key in base64 with its algorithm in front")]
    Key,
    /// The cryptographic library refused.
    #[error("the cryptographic library refused the key")]
    Library,
}

/// A public key with its name: `name+id+key`, as in `log.example+4a8b…+AZ…`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Verifier {
    name: String,
    kind: KeyKind,
    id: u32,
    public: [u8; KEY_BYTES],
}

/// A private key with its name. Its text form is `PRIVATE+KEY+name+id+seed`.
pub struct Signer {
    verifier: Verifier,
    pair: Ed25519KeyPair,
    seed: Zeroizing<[u8; KEY_BYTES]>,
}

/// Whether a text can be the name of a key.
pub(crate) fn check_name(name: &str) -> Result<(), KeyError> {
    let length = (1..=NAME_BYTES_MAX).contains(&name.len());
    let clean = !name
        .chars()
        .any(|one| one == '+' || one.is_whitespace() || one.is_control());
    if length && clean {
        Ok(())
    } else {
        Err(KeyError::Name)
    }
}

impl Verifier {
    /// A key of 32 bytes.
    pub fn new(name: &str, kind: KeyKind, public: [u8; KEY_BYTES]) -> Result<Self, KeyError> {
        check_name(name)?;
        let named = [name.as_bytes(), b"\n", &[kind.byte()], &public].concat();
        let [a, b, c, d, ..] = sha256(&named).0;
        Ok(Self {
            name: name.to_owned(),
            kind,
            id: u32::from_be_bytes([a, b, c, d]),
            public,
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// Its id: the first four bytes of SHA-256 of its name, a line's end, its algorithm and itself.
    pub fn id(&self) -> u32 {
        self.id
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, self.public);
        key.verify(message, signature).is_ok()
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.kind.byte()][..], &self.public].concat();
        write!(f, "{}+{:08x}+{}", self.name, self.id, STANDARD.encode(key))
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The name, the id and the 33 bytes of a key's text.
fn parts(text: &str) -> Result<(&str, u32, Zeroizing<Vec<u8>>), KeyError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(KeyError::Form);
    }
    // The key is in base64 and may hold a `+` itself: the first two are those of the form.
    let (name, rest) = text.split_once('+').ok_or(KeyError::Form)?;
    let (id, key) = rest.split_once('+').ok_or(KeyError::Form)?;
    check_name(name)?;
    let hex = id.len() == 8
        && id
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let id = u32::from_str_radix(id, 16).map_err(|_| KeyError::Id)?;
    if !hex {
        return Err(KeyError::Id);
    }
    let key = Zeroizing::new(STANDARD.decode(key).map_err(|_| KeyError::Key)?);
    Ok((name, id, key))
}

impl FromStr for Verifier {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (name, id, key) = parts(text)?;
        let (kind, public) = key.split_first().ok_or(KeyError::Key)?;
        let kind = KeyKind::of(*kind).ok_or(KeyError::Key)?;
        let public = public.try_into().map_err(|_| KeyError::Key)?;
        let verifier = Self::new(name, kind, public)?;
        if verifier.id == id {
            Ok(verifier)
        } else {
            Err(KeyError::Id)
        }
    }
}

impl Signer {
    /// A key from 32 secret bytes, which must be random.
    pub fn from_seed(name: &str, kind: KeyKind, seed: &[u8; KEY_BYTES]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Library)?;
        let public = pair.public_key().as_ref();
        let public = public.try_into().map_err(|_| KeyError::Library)?;
        Ok(Self {
            verifier: Verifier::new(name, kind, public)?,
            pair,
            seed: Zeroizing::new(*seed),
        })
    }

    /// Reads `PRIVATE+KEY+name+id+seed`.
    pub fn from_secret_text(text: &str) -> Result<Self, KeyError> {
        let rest = text.strip_prefix("PRIVATE+KEY+").ok_or(KeyError::Form)?;
        let (name, id, key) = parts(rest)?;
        let (kind, seed) = key.split_first().ok_or(KeyError::Key)?;
        let kind = KeyKind::of(*kind).ok_or(KeyError::Key)?;
        let seed = seed.try_into().map_err(|_| KeyError::Key)?;
        let signer = Self::from_seed(name, kind, seed)?;
        if signer.verifier.id == id {
            Ok(signer)
        } else {
            Err(KeyError::Id)
        }
    }

    /// Writes `PRIVATE+KEY+name+id+seed`: a secret.
    pub fn to_secret_text(&self) -> Zeroizing<String> {
        let mut key = Zeroizing::new(vec![self.verifier.kind.byte()]);
        key.extend_from_slice(&*self.seed);
        Zeroizing::new(format!(
            "PRIVATE+KEY+{}+{:08x}+{}",
            self.verifier.name,
            self.verifier.id,
            STANDARD.encode(&*key)
        ))
    }

    /// The public half.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("verifier", &self.verifier)
            .finish_non_exhaustive()
    }
}
