//! What the browser says of the ceremony (section 5.8.1).

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Digest, SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::{CHALLENGE_BYTES, Refused, RelyingParty};

/// Which ceremony.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ceremony {
    /// A credential is made.
    Create,
    /// A credential is used.
    Get,
}

/// The members that are compared; a member that stands twice is refused.
#[derive(Deserialize)]
struct ClientData<'a> {
    #[serde(rename = "type")]
    ceremony: std::borrow::Cow<'a, str>,
    challenge: std::borrow::Cow<'a, str>,
    origin: std::borrow::Cow<'a, str>,
    #[serde(rename = "crossOrigin", default)]
    cross_origin: bool,
}

/// Compares what the browser says with what was asked.
pub(crate) fn check(
    json: &[u8],
    ceremony: Ceremony,
    challenge: &[u8; CHALLENGE_BYTES],
    party: &RelyingParty,
) -> Result<(), Refused> {
    let data: ClientData<'_> =
        serde_json::from_slice(json).map_err(|_| Refused::Unreadable("clientDataJSON"))?;
    let wanted = match ceremony {
        Ceremony::Create => "webauthn.create",
        Ceremony::Get => "webauthn.get",
    };
    if data.ceremony != wanted {
        return Err(Refused::Ceremony);
    }
    let told = URL_SAFE_NO_PAD
        .decode(data.challenge.as_bytes())
        .map_err(|_| Refused::Challenge)?;
    verify_slices_are_equal(&told, challenge).map_err(|_| Refused::Challenge)?;
    if data.origin != party.origin() || data.cross_origin {
        return Err(Refused::Origin);
    }
    Ok(())
}

/// The hash that an assertion signs.
pub(crate) fn sha256(bytes: &[u8]) -> Digest {
    digest(&SHA256, bytes)
}
