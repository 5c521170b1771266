//! What the authenticator says (section 6.1).

use crate::cose::read_value;
use crate::{CREDENTIAL_ID_BYTES_MAX, Refused, RelyingParty};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const HOLDS_CREDENTIAL: u8 = 0x40;
const HOLDS_EXTENSIONS: u8 = 0x80;

/// Authenticator data, read whole.
#[derive(Debug)]
pub(crate) struct AuthenticatorData<'a> {
    party_hash: &'a [u8],
    flags: u8,
    pub(crate) sign_count: u32,
    pub(crate) credential: Option<Credential<'a>>,
}

/// A credential that was made (section 6.5.1, without the authenticator's model).
#[derive(Debug)]
pub(crate) struct Credential<'a> {
    pub(crate) id: &'a [u8],
    pub(crate) public_key: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    /// Reads all bytes; a rest is refused.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Refused> {
        Self::read_parts(bytes).ok_or(Refused::Unreadable("authenticatorData"))
    }

    fn read_parts(bytes: &'a [u8]) -> Option<Self> {
        let (party_hash, rest) = bytes.split_at_checked(32)?;
        let (flags, rest) = rest.split_first()?;
        let (count, rest) = rest.split_first_chunk::<4>()?;
        let (credential, rest) = if flags & HOLDS_CREDENTIAL != 0 {
            let (credential, rest) = read_credential(rest)?;
            (Some(credential), rest)
        } else {
            (None, rest)
        };
        let mut rest = rest;
        if flags & HOLDS_EXTENSIONS != 0 {
            // None was asked for: what comes all the same is passed over.
            read_value(&mut rest)?.as_map()?;
        }
        rest.is_empty().then_some(Self {
            party_hash,
            flags: *flags,
            sign_count: u32::from_be_bytes(*count),
            credential,
        })
    }

    /// Whether the credential may be copied.
    pub(crate) fn is_backup_eligible(&self) -> bool {
        self.has(BACKUP_ELIGIBLE)
    }

    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Checks for whom it was made and that its user was verified.
    pub(crate) fn check(&self, party: &RelyingParty) -> Result<(), Refused> {
        if self.party_hash != party.hash().as_ref() {
            return Err(Refused::RelyingParty);
        }
        if !self.has(USER_PRESENT) || !self.has(USER_VERIFIED) {
            return Err(Refused::NotVerified);
        }
        if self.has(BACKED_UP) && !self.has(BACKUP_ELIGIBLE) {
            return Err(Refused::Flags);
        }
        Ok(())
    }
}

fn read_credential(bytes: &[u8]) -> Option<(Credential<'_>, &[u8])> {
    let (_model, rest) = bytes.split_at_checked(16)?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (id, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    if id.is_empty() || id.len() > CREDENTIAL_ID_BYTES_MAX {
        return None;
    }
    let mut after = rest;
    read_value(&mut after)?;
    let public_key = &rest[..rest.len() - after.len()];
    Some((Credential { id, public_key }, after))
}
