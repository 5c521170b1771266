//! What an approval freezes.

use jiff::Timestamp;
use ports::exchange::Party;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::request::Content;

/// A version of an accreditation: what was approved, by whom, until when. It never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// From 1.
    pub number: u32,
    /// What the request said.
    pub content: Content,
    /// Who was accredited.
    pub requester: Party,
    /// The editor that may act for it.
    pub editor: Option<Party>,
    /// What was granted of each API, with the names of that day.
    pub apis: Vec<GrantedApi>,
    /// When it was approved.
    pub approved_at: Timestamp,
    /// By whom: a name.
    pub approved_by: String,
    /// Until when.
    pub valid_until: Timestamp,
    /// Whether opaque keys may be used.
    pub keys_allowed: bool,
    /// Calls in a minute.
    pub per_minute: u32,
    /// Calls in a day.
    pub per_day: u64,
    /// For how many days people aren't shown calls under it, because it serves inquiries: 0 to 365.
    #[serde(default)]
    pub hidden_days: u32,
    /// The legal text by which they aren't; empty when they are shown at once.
    #[serde(default)]
    pub hidden_reason: String,
}

/// What was granted of an API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantedApi {
    /// The API.
    pub api: Uuid,
    /// Its name.
    pub name: String,
    /// Its producer.
    pub producer: Uuid,
    /// Its producer's name.
    pub producer_name: String,
    /// The scopes: code and name.
    pub scopes: Vec<(String, String)>,
}

/// What the instructor decides beside yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// For how many months: 1 to 60.
    pub months: i64,
    /// Calls in a minute.
    pub per_minute: u32,
    /// Calls in a day.
    pub per_day: u64,
    /// Whether opaque keys may be used.
    pub keys_allowed: bool,
    /// For how many days people aren't shown calls under it: 0 to 365; the decision's reason says by
    /// which legal text.
    pub hidden_days: u32,
}
