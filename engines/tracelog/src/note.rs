//! Signed notes (C2SP signed-note): a text, an empty line, and a line for each signature.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::key::{KeyError, KeyKind, Signer, Verifier, check_name};

/// Longest note, in bytes.
pub const NOTE_BYTES_MAX: usize = 64 * 1024;
/// Most signatures of a note.
pub const SIGNATURES_MAX: usize = 100;
/// Longest signature, in bytes, with its id of four bytes.
const SIGNATURE_BYTES_MAX: usize = 16 * 1024;
/// What a line of a signature begins with: an em dash and a space.
const MARK: &str = "\u{2014} ";

/// A note, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// A signature that nobody has checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The name of the key that is said to have made it.
    pub name: String,
    /// The id of that key.
    pub key_id: u32,
    /// The signature itself.
    pub bytes: Vec<u8>,
}

/// Why a text isn't a note, or isn't signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Too long.
    #[error("a note has at most 65536 bytes")]
    TooLong,
    /// Not UTF-8, or control characters other than ends of lines.
    #[error("a note is UTF-8 text without control characters")]
    Text,
    /// No text, no empty line, or no end of the last line.
    #[error("a note is a text that ends with a line's end, an empty line, and lines of signatures")]
    Form,
    /// A line after the empty one isn't a signature.
    #[error("line {line} after the text isn't a signature")]
    Signature {
        /// Which one, from 1.
        line: usize,
    },
    /// More than 100 signatures.
    #[error("a note has at most 100 signatures")]
    TooMany,
    /// A signature of a known key doesn't fit the text.
    #[error("the signature of {name} doesn't fit the text")]
    Wrong {
        /// The key's name.
        name: String,
    },
    /// No signature of a known key.
    #[error("none of the keys that are trusted has signed")]
    Unsigned,
    /// The key can't sign notes.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl Note {
    /// A note without signatures. The text ends with a line's end and holds no control characters.
    pub fn new(text: String) -> Result<Self, NoteError> {
        check_text(&text)?;
        Ok(Self {
            text,
            signatures: Vec::new(),
        })
    }

    /// Reads a note; nothing is proved yet.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLong);
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| NoteError::Text)?;
        let at = whole.rfind("\n\n").ok_or(NoteError::Form)?;
        let text = &whole[..=at];
        let lines = &whole[at + 2..];
        check_text(text)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Form)?;
        let mut signatures = Vec::new();
        for (at, line) in lines.split('\n').enumerate() {
            if at == SIGNATURES_MAX {
                return Err(NoteError::TooMany);
            }
            let signature = read_signature(line).ok_or(NoteError::Signature { line: at + 1 })?;
            signatures.push(signature);
        }
        Ok(Self {
            text: text.to_owned(),
            signatures,
        })
    }

    /// The text, with the line's end at its end.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, whoever made them.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Adds the signature of a key, in place of an older one of the same key.
    pub fn sign(&mut self, signer: &Signer) -> Result<(), NoteError> {
        let key = signer.verifier();
        if key.kind() != KeyKind::Note {
            return Err(NoteError::Key(KeyError::Key));
        }
        self.put(Signature {
            name: key.name().to_owned(),
            key_id: key.id(),
            bytes: signer.sign(self.text.as_bytes()),
        })
    }

    /// Adds a signature as it is, in place of an older one of the same key.
    pub(crate) fn put(&mut self, signature: Signature) -> Result<(), NoteError> {
        let same = |one: &Signature| one.name == signature.name && one.key_id == signature.key_id;
        if let Some(old) = self.signatures.iter_mut().find(|one| same(one)) {
            *old = signature;
            return Ok(());
        }
        if self.signatures.len() == SIGNATURES_MAX {
            return Err(NoteError::TooMany);
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// Which of several keys have signed: at least one. A wrong signature of one of them refuses the
    /// note; signatures of other keys are passed over. Several keys are how a log changes its key:
    /// readers trust both for a time.
    pub fn verify<'k>(&self, keys: &'k [Verifier]) -> Result<Vec<&'k Verifier>, NoteError> {
        let mut found: Vec<&Verifier> = Vec::new();
        for signature in &self.signatures {
            let known = keys.iter().find(|key| {
                key.kind() == KeyKind::Note
                    && key.name() == signature.name
                    && key.id() == signature.key_id
            });
            let Some(key) = known.filter(|key| !found.contains(key)) else {
                continue;
            };
            if !key.verifies(self.text.as_bytes(), &signature.bytes) {
                return Err(NoteError::Wrong {
                    name: key.name().to_owned(),
                });
            }
            found.push(key);
        }
        if found.is_empty() {
            return Err(NoteError::Unsigned);
        }
        Ok(found)
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.text)?;
        for signature in &self.signatures {
            let bytes = [&signature.key_id.to_be_bytes()[..], &signature.bytes].concat();
            writeln!(f, "{MARK}{} {}", signature.name, STANDARD.encode(bytes))?;
        }
        Ok(())
    }
}

fn check_text(text: &str) -> Result<(), NoteError> {
    if text.len() > NOTE_BYTES_MAX {
        return Err(NoteError::TooLong);
    }
    if !text.ends_with('\n') {
        return Err(NoteError::Form);
    }
    if text.chars().any(|one| one.is_control() && one != '\n') {
        return Err(NoteError::Text);
    }
    Ok(())
}

fn read_signature(line: &str) -> Option<Signature> {
    let (name, signature) = line.strip_prefix(MARK)?.split_once(' ')?;
    check_name(name).ok()?;
    if signature.len() > SIGNATURE_BYTES_MAX.div_ceil(3) * 4 {
        return None;
    }
    let bytes = STANDARD.decode(signature).ok()?;
    let (key_id, bytes) = bytes.split_first_chunk::<4>()?;
    if bytes.is_empty() {
        return None;
    }
    Some(Signature {
        name: name.to_owned(),
        key_id: u32::from_be_bytes(*key_id),
        bytes: bytes.to_vec(),
    })
}
