//! Passkeys on the side of the relying party (W3C Web Authentication, level 2): what a browser
//! brings back is checked, and only what was checked comes out.
//!
//! - [`register`]: a new credential (section 7.1). User verification is demanded. Nothing is
//!   concluded from an attestation: none is asked for, and one that comes all the same is not
//!   believed.
//! - [`assert`]: a sign-in with a known credential (section 7.2). User verification is demanded.
//!
//! Algorithms: ES256, `EdDSA` (Ed25519), RS256. A credential carries its one algorithm from its
//! registration on.
//!
//! Bytes in, values out: no I/O, no clock, no randomness. The caller draws the challenge, binds it
//! to a browser, and takes it once. Each input has a limit, and no input makes a panic.

mod authenticator;
mod client;
mod cose;
mod party;

#[cfg(test)]
mod tests;

pub use cose::ALGORITHMS;
pub use party::RelyingParty;

use authenticator::AuthenticatorData;
use ciborium::Value;
use client::Ceremony;
use cose::CredentialKey;

/// Bytes of a challenge: twice the 16 that section 13.4.3 asks for at least.
pub const CHALLENGE_BYTES: usize = 32;
/// Longest client data, in bytes.
pub const CLIENT_DATA_BYTES_MAX: usize = 4 * 1024;
/// Longest attestation object, in bytes.
pub const ATTESTATION_BYTES_MAX: usize = 64 * 1024;
/// Longest authenticator data, in bytes.
pub const AUTHENTICATOR_DATA_BYTES_MAX: usize = 16 * 1024;
/// Longest signature, in bytes: RSA of 8192 bits.
pub const SIGNATURE_BYTES_MAX: usize = 1024;
/// Longest id of a credential, in bytes (section 4, "credential ID").
pub const CREDENTIAL_ID_BYTES_MAX: usize = 1023;

/// Why what a browser brought is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// An input is longer than its limit.
    #[error("{name} is longer than {bytes_max} bytes")]
    TooLong {
        /// Which input.
        name: &'static str,
        /// Its limit.
        bytes_max: usize,
    },
    /// An input isn't what it should be.
    #[error("{0} can't be read")]
    Unreadable(&'static str),
    /// The client data is of another ceremony.
    #[error("the client data is of another ceremony")]
    Ceremony,
    /// Another challenge was answered.
    #[error("another challenge was answered")]
    Challenge,
    /// It was made for a page of another origin, or inside a frame of one.
    #[error("it was made for another origin")]
    Origin,
    /// It was made for another relying party.
    #[error("it was made for another relying party")]
    RelyingParty,
    /// Nobody was present, or the authenticator didn't verify who.
    #[error("the authenticator didn't verify its user")]
    NotVerified,
    /// Flags that contradict each other.
    #[error("the authenticator's flags contradict each other")]
    Flags,
    /// The key is of an algorithm that wasn't offered, or is no such key.
    #[error("the public key is of no kind that is accepted")]
    Key,
    /// The signature isn't one of this key over these data.
    #[error("the signature doesn't fit")]
    Signature,
}

/// A credential that was registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// Its id: 1 to [`CREDENTIAL_ID_BYTES_MAX`] bytes.
    pub credential_id: Vec<u8>,
    /// Its public key, as the authenticator wrote it (`COSE_Key`, RFC 9052 section 7): what
    /// [`assert`] takes.
    pub public_key: Vec<u8>,
    /// Its counter; 0 for authenticators that don't count.
    pub sign_count: u32,
    /// Whether it may be copied to the user's other devices. The authenticator's own word.
    pub is_backup_eligible: bool,
}

/// A sign-in that was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asserted {
    /// The counter after it.
    pub sign_count: u32,
    /// Whether the credential may be copied to the user's other devices.
    pub is_backup_eligible: bool,
}

/// What a browser brings of an assertion.
#[derive(Debug, Clone, Copy)]
pub struct Assertion<'a> {
    /// `response.clientDataJSON`.
    pub client_data: &'a [u8],
    /// `response.authenticatorData`.
    pub authenticator_data: &'a [u8],
    /// `response.signature`.
    pub signature: &'a [u8],
}

fn within(bytes: &[u8], name: &'static str, bytes_max: usize) -> Result<(), Refused> {
    if bytes.len() > bytes_max {
        return Err(Refused::TooLong { name, bytes_max });
    }
    Ok(())
}

/// Checks what `navigator.credentials.create` gave (section 7.1, steps 7 to 21).
pub fn register(
    party: &RelyingParty,
    challenge: &[u8; CHALLENGE_BYTES],
    client_data: &[u8],
    attestation_object: &[u8],
) -> Result<Registered, Refused> {
    within(client_data, "clientDataJSON", CLIENT_DATA_BYTES_MAX)?;
    within(
        attestation_object,
        "attestationObject",
        ATTESTATION_BYTES_MAX,
    )?;
    client::check(client_data, Ceremony::Create, challenge, party)?;
    let data = data_of(attestation_object)?;
    within(&data, "authData", AUTHENTICATOR_DATA_BYTES_MAX)?;
    let data = AuthenticatorData::read(&data)?;
    data.check(party)?;
    let credential = data.credential.as_ref();
    let credential = credential.ok_or(Refused::Unreadable("authData"))?;
    // A key that can't verify anything is refused now, not at the first sign-in.
    CredentialKey::read(credential.public_key)?.parse()?;
    Ok(Registered {
        credential_id: credential.id.to_vec(),
        public_key: credential.public_key.to_vec(),
        sign_count: data.sign_count,
        is_backup_eligible: data.is_backup_eligible(),
    })
}

/// The authenticator data inside an attestation object (section 6.5). The statement is not read:
/// see the crate's documentation.
fn data_of(attestation_object: &[u8]) -> Result<Vec<u8>, Refused> {
    let unreadable = Refused::Unreadable("attestationObject");
    let mut rest = attestation_object;
    let value = cose::read_value(&mut rest).ok_or(unreadable)?;
    let Value::Map(members) = value else {
        return Err(unreadable);
    };
    let mut all = members
        .into_iter()
        .filter(|(name, _)| name.as_text() == Some("authData"));
    match (all.next(), all.next()) {
        (Some((_, Value::Bytes(data))), None) if rest.is_empty() => Ok(data),
        _ => Err(unreadable),
    }
}

/// Checks what `navigator.credentials.get` gave, with the key of a registered credential (section
/// 7.2, steps 10 to 20). Whether the credential is the person's, and what its counter says
/// ([`count_went_back`]), is for the caller, who keeps both.
pub fn assert(
    party: &RelyingParty,
    challenge: &[u8; CHALLENGE_BYTES],
    public_key: &[u8],
    assertion: &Assertion<'_>,
) -> Result<Asserted, Refused> {
    let Assertion {
        client_data,
        authenticator_data,
        signature,
    } = *assertion;
    within(client_data, "clientDataJSON", CLIENT_DATA_BYTES_MAX)?;
    within(
        authenticator_data,
        "authenticatorData",
        AUTHENTICATOR_DATA_BYTES_MAX,
    )?;
    within(signature, "signature", SIGNATURE_BYTES_MAX)?;
    client::check(client_data, Ceremony::Get, challenge, party)?;
    let data = AuthenticatorData::read(authenticator_data)?;
    data.check(party)?;
    let key = CredentialKey::read(public_key)?.parse()?;
    let hash = client::sha256(client_data);
    let signed = [authenticator_data, hash.as_ref()].concat();
    key.verify_sig(&signed, signature)
        .map_err(|_| Refused::Signature)?;
    Ok(Asserted {
        sign_count: data.sign_count,
        is_backup_eligible: data.is_backup_eligible(),
    })
}

/// Whether a counter tells that there is a copy of the credential: it doesn't grow, though one of
/// the two counts (section 7.2, step 21).
pub fn count_went_back(stored: u32, told: u32) -> bool {
    (stored != 0 || told != 0) && told <= stored
}
