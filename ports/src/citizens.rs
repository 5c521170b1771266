//! Which citizen is signed in, as the data exchange needs it.
//!
//! ```text
//!   exchange ──asks──▶ Citizens ◀──implements── identity
//! ```
//! It exists because a person who signs in sees who looked at its data: the facts by which its calls
//! are found are in its session alone, and whoever asks keeps none of them.

use uuid::Uuid;

use crate::Answered;

/// The cookie of a citizen's session: another one than agents', so that neither opens the pages of
/// the other. `__Host-` binds it to this host and to HTTPS.
pub const CITIZEN_COOKIE: &str = "__Host-citizen";
/// A citizen's own space.
pub const CITIZEN_SPACE: &str = "/citizen";
/// Where a citizen signs in; `return_to` in the query is a page below its space.
pub const CITIZEN_SIGN_IN: &str = "/citizen/sign-in";

/// Who is signed in: facts of the civil register, for as long as a request takes. Never kept.
#[derive(Clone, PartialEq, Eq)]
pub struct CitizenIdentity {
    /// Its id: what may be kept.
    pub citizen: Uuid,
    /// How surely it is who it says, by eIDAS: 1 to 3.
    pub level: u8,
    /// All given names, between single blanks.
    pub given_names: String,
    /// The name at birth.
    pub family_name: String,
    /// `YYYY-MM-DD`; a day or a month that the register doesn't know is `00`.
    pub birthdate: String,
    /// `female` or `male`.
    pub gender: String,
    /// The INSEE code of the commune of birth; empty when it is abroad.
    pub birthplace: String,
    /// The INSEE code of the country of birth.
    pub birthcountry: String,
}

impl std::fmt::Debug for CitizenIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CitizenIdentity")
            .field("citizen", &self.citizen)
            .field("level", &self.level)
            .finish_non_exhaustive()
    }
}

/// Which citizen is signed in.
pub trait Citizens: Send + Sync {
    /// The citizen of a session that goes on, by the value of [`CITIZEN_COOKIE`].
    fn of_cookie<'f>(&'f self, cookie: &'f str) -> Answered<'f, Option<CitizenIdentity>>;
}

/// What proves that a trace stands in its log, unchanged: `SHA-256(salt || row)` is the log's entry at
/// its place, and the proof leads from it to a signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceProof {
    /// The trace as the gateway wrote it, byte for byte.
    pub row: Vec<u8>,
    /// What the row was salted with: 32 bytes.
    pub salt: Vec<u8>,
    /// The proof of inclusion, as C2SP writes it (`tlog-proof`).
    pub inclusion: String,
}

/// Where proofs of traces come from: the gateways' logs, as far as this process keeps them.
///
/// ```text
///   exchange ──asks──▶ TraceProofs ◀──implements── the gateway beside it
/// ```
pub trait TraceProofs: Send + Sync {
    /// Whether the log of this name is kept here.
    fn holds(&self, log: &str) -> bool;

    /// The proof of the trace at a place; `None` when the log isn't kept here, when the trace isn't
    /// sealed yet (a second at most), or was erased.
    fn proof<'f>(&'f self, log: &'f str, index: u64) -> Answered<'f, Option<TraceProof>>;
}
