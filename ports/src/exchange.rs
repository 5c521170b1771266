//! What a gateway of the data exchange knows, all of it, and what it tells back.
//!
//! ```text
//!   exchange ──makes──▶ Snapshot ──signed──▶ gateway ──Trace──▶ its log ──▶ exchange
//! ```
//! It exists because a gateway answers calls without asking anybody: it reads an unchanging snapshot,
//! which is replaced as a whole. A snapshot holds secrets (keys of pseudonyms, how producers are
//! proved to that the gateway calls): it is never shown in a log line.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Answered, ProofAnswer};

/// The form of snapshots that this program writes and understands. Form 1 had no calls on behalf of
/// citizens and didn't name its form.
pub const SNAPSHOT_FORM: u32 = 2;

/// The form of a snapshot that doesn't name it.
fn first_form() -> u32 {
    1
}

/// Everything that a gateway decides by, as of one instant.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Grows with each change; a gateway never goes back to a lower one.
    pub number: u64,
    /// When it was made.
    pub made_at: Timestamp,
    /// `production` or `test`: tokens of the other are refused.
    pub environment: String,
    /// Who issues the access tokens.
    pub issuer: String,
    /// Whom the access tokens are for: the address of the exchange.
    pub audience: String,
    /// The public keys of the issuer, as a JSON Web Key Set.
    pub keys: serde_json::Value,
    /// What can be called.
    pub apis: Vec<ApiRoute>,
    /// Who may call it.
    pub accreditations: Vec<AccreditationGrant>,
    /// Which flows are stopped.
    pub stops: Vec<Stop>,
    /// Requests in a minute that one address may make, whoever it is.
    pub per_address_per_minute: u32,
    /// Its form: a gateway takes none that is above [`SNAPSHOT_FORM`], because it would let pass what it
    /// doesn't know.
    #[serde(default = "first_form")]
    pub form: u32,
    /// What calls on behalf of citizens need; none: there are none.
    #[serde(default)]
    pub behalf: Option<BehalfBook>,
}

/// What gateways need for calls on behalf of citizens.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BehalfBook {
    /// The key by which the citizen in a token is sealed and from which the subjects that producers are
    /// told are made: 32 bytes in hexadecimal.
    pub key: String,
    /// Sign-ins to services that hold no more though tokens made from them haven't run out yet.
    pub ended: Vec<Uuid>,
}

impl std::fmt::Debug for BehalfBook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BehalfBook")
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

/// For whom a call is made, as it is sealed in a token: the requester that carries the token can't read
/// it. Facts of the civil register are in it only when the citizen agreed to tell them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedCitizen {
    /// The citizen's id.
    pub citizen: Uuid,
    /// The sign-in to the service from which the token was made.
    pub sign_in: Uuid,
    /// How surely the citizen is who it says, by eIDAS: 1 to 3.
    pub level: u8,
    /// Who the citizen is, when it agreed that producers are told.
    pub identity: Option<CivilIdentity>,
}

impl std::fmt::Debug for SealedCitizen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedCitizen")
            .field("citizen", &self.citizen)
            .field("level", &self.level)
            .finish_non_exhaustive()
    }
}

/// The facts of the civil register by which a State knows a person (« identité pivot »), under their
/// names in tokens.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CivilIdentity {
    /// All given names, between single blanks.
    pub given_name: String,
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

impl std::fmt::Debug for CivilIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CivilIdentity(…)")
    }
}

/// Whether an operation may be called on behalf of a citizen who signed in to the service that calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnBehalf {
    /// It isn't.
    #[default]
    Closed,
    /// It may, and also by its parameters, without the citizen.
    Open,
    /// It is called in no other way.
    Only,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot")
            .field("number", &self.number)
            .field("made_at", &self.made_at)
            .finish_non_exhaustive()
    }
}

/// One version of an API of a producer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiRoute {
    /// Its id.
    pub id: Uuid,
    /// Its name, as people read it.
    pub name: String,
    /// Whose data it gives.
    pub producer: Party,
    /// The first two segments of its paths, such as `caf/quotient-familial`, without slashes around.
    pub prefix: String,
    /// Where the producer answers: absolute addresses, tried in order of health.
    pub upstreams: Vec<String>,
    /// A path of the producer that answers 2xx when it is well; none: calls alone tell its health.
    pub health_path: Option<String>,
    /// How long the producer may take, in milliseconds; at most 10,000.
    pub timeout_ms: u32,
    /// How the gateway proves to the producer who it is.
    pub proof: UpstreamProof,
    /// What can be asked.
    pub operations: Vec<OperationRoute>,
    /// The key of the pseudonyms of people in its traces: 32 bytes in hexadecimal; of the producer.
    pub pseudonym_key: String,
}

/// How a gateway proves to a producer who it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum UpstreamProof {
    /// It doesn't: the address is reached by a network that is closed to others. Test environments.
    None,
    /// By the certificate of its configuration, in mutual TLS.
    MutualTls,
    /// By a signature of each request, with the key of its configuration (RFC 9421).
    Signature,
}

/// An organisation that asks or gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Its id in the directory.
    pub id: Uuid,
    /// Its SIRET number: 14 digits.
    pub siret: String,
    /// Its name.
    pub name: String,
}

/// One thing that can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationRoute {
    /// Its id.
    pub id: Uuid,
    /// Its name in the description, such as `getQuotientFamilial`.
    pub name: String,
    /// The method, in capitals: `GET` or `POST`.
    pub method: String,
    /// Its path below the prefix, with parameters in braces, such as `/v1/foyers/{numero}`.
    pub path: String,
    /// Which fields of the answer each scope opens. What no granted scope opens is left out.
    pub scopes: Vec<ScopeFields>,
    /// The parameters that together name the person asked about; empty: the answer is about nobody.
    pub subject: Vec<Parameter>,
    /// Whether it may be called for a procedure in which the person was otherwise asked for the same:
    /// how many pieces of information one answer saves.
    pub pieces_saved: u32,
    /// For how many days the person isn't shown a call of it, because it could betray somebody else's
    /// act: at most 365.
    #[serde(default)]
    pub hidden_days: u32,
    /// Whether it may be called on behalf of a citizen.
    #[serde(default)]
    pub on_behalf: OnBehalf,
    /// How surely the citizen must be who it says, by eIDAS: 1 to 3; 0 where nobody calls on behalf.
    #[serde(default)]
    pub level_min: u8,
}

/// Where a parameter of a request stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "in", content = "name")]
pub enum Parameter {
    /// In the path, by its name in braces.
    Path(String),
    /// In the query.
    Query(String),
    /// At the top of a JSON body.
    Body(String),
}

/// The fields that a scope opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeFields {
    /// The scope.
    pub scope: String,
    /// Paths of names joined by `.`; `*` stands for each item of a list. A path opens all below it.
    pub fields: Vec<String>,
    /// Whether the producer is told, with it, who the citizen is on whose behalf it is called.
    #[serde(default)]
    pub tells_identity: bool,
}

/// What one version of an accreditation allows. Only those in force are in a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccreditationGrant {
    /// Its id.
    pub id: Uuid,
    /// The version in force; a token of another version is refused.
    pub version: u32,
    /// Who was accredited.
    pub requester: Party,
    /// The software editor that may act for it.
    pub editor: Option<Party>,
    /// The clients of the identity module that may use it.
    pub clients: Vec<String>,
    /// Scopes granted, for each API.
    pub apis: Vec<ApiGrant>,
    /// The purposes for which it may be used: codes; a call names one.
    pub purposes: Vec<String>,
    /// The legal basis, in words.
    pub legal_basis: String,
    /// The addresses it may be used from, as prefixes such as `192.0.2.0/24`; empty: from anywhere.
    pub addresses: Vec<String>,
    /// Recipients of the data, by SIRET number; empty: the requester alone.
    pub recipients: Vec<String>,
    /// Calls in a minute.
    pub per_minute: u32,
    /// Calls in a day.
    pub per_day: u64,
    /// Until when.
    pub valid_until: Timestamp,
    /// SHA-256 of the opaque keys that may be used in place of tokens, in hexadecimal.
    pub key_hashes: Vec<String>,
    /// For how many days people aren't shown calls under it, because it serves inquiries: at most 365.
    #[serde(default)]
    pub hidden_days: u32,
    /// Whether it is for calls on behalf of citizens who signed in.
    #[serde(default)]
    pub on_behalf: bool,
}

/// What an accreditation opens of an API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiGrant {
    /// The API.
    pub api: Uuid,
    /// The scopes granted.
    pub scopes: Vec<String>,
}

/// A flow that is stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// Its id.
    pub id: Uuid,
    /// Whose data stops flowing; none: everybody's, by the directorate.
    pub producer: Option<Uuid>,
    /// What is stopped of it.
    pub target: StopTarget,
    /// Of the target's calls, those to this API alone; none: those for all of the producer's data. A
    /// gateway of an older program doesn't read it and stops them all: more than it should, never less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<Uuid>,
    /// Since when.
    pub since: Timestamp,
    /// Why, in words that the requester may read.
    pub reason: String,
}

/// What is stopped of a producer's data.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "id")]
pub enum StopTarget {
    /// All calls to an API.
    Api(Uuid),
    /// All calls to one operation.
    Operation(Uuid),
    /// All calls for a requester, by its SIRET number.
    Requester(String),
    /// All calls under an accreditation.
    Accreditation(Uuid),
    /// All calls for a purpose.
    Purpose(String),
}

/// One call, as it is kept: who asked for what about whom, why, and what came of it. It is durable
/// before the last byte of the answer leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The id of the request: the same as in the header `X-Request-Id`.
    pub request: Uuid,
    /// When the request came.
    pub at: Timestamp,
    /// The accreditation and its version; none when no valid one was shown.
    pub accreditation: Option<(Uuid, u32)>,
    /// The SIRET number of who was accredited.
    pub requester: Option<String>,
    /// The SIRET number of the editor that called for it.
    pub editor: Option<String>,
    /// The producer's id.
    pub producer: Uuid,
    /// The API.
    pub api: Uuid,
    /// The operation.
    pub operation: Uuid,
    /// The code of the purpose.
    pub purpose: Option<String>,
    /// What the call is for, in the requester's words, such as the number of a file.
    pub object: Option<String>,
    /// The legal basis, in words.
    pub legal_basis: Option<String>,
    /// The SIRET number of the body for which the data is.
    pub recipient: Option<String>,
    /// The pseudonym of the person asked about, of the producer: 32 bytes in hexadecimal.
    pub subject: Option<String>,
    /// The status answered to the requester.
    pub status: u16,
    /// Why it was refused: the code of the problem.
    pub problem: Option<String>,
    /// From the request's arrival to the answer's readiness, in microseconds.
    pub latency_us: u64,
    /// Bytes of data answered.
    pub bytes: u64,
    /// Pieces of information that nobody was asked for again.
    pub pieces_saved: u32,
    /// Until when the person doesn't see it: for an inquiry, or because it could betray somebody
    /// else's act.
    pub hidden_until: Option<Timestamp>,
    /// Whether the call was made with a token on behalf of a citizen who signed in to the requester's
    /// service. Where it wasn't, nothing is written: entries are then as they were before there were
    /// such calls, and those of before are read as what they are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_behalf: bool,
}

/// Most accreditations whose calls one [`GatewayReport`] counts.
pub const REPORT_COUNTS_MAX: usize = 1_000;

/// Most alarms of one [`GatewayReport`].
pub const REPORT_ALARMS_MAX: usize = 100;

/// What a gateway saw by itself and somebody should look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayAlarm {
    /// Of which accreditation.
    pub accreditation: Uuid,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: GatewayAlarmKind,
}

/// What a gateway sees by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GatewayAlarmKind {
    /// An accreditation asks about more people than usual.
    ManyPeople,
    /// An accreditation is suspended at that gateway until the hour ends.
    Suspended,
}

/// What a gateway tells the control plane: where it stands, the traces that wait, the calls it counted.
/// It tells it every few seconds, and at once while many traces wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayReport {
    /// The name of its log of traces: no other log has it, also not one that stands in the place of a
    /// log that was lost. At most 200 bytes.
    pub log: String,
    /// The address at which requesters reach it, at most 200 bytes.
    pub url: String,
    /// The version of its program, at most 50 bytes.
    pub version: String,
    /// The number of the snapshot in force there.
    pub number: Option<u64>,
    /// When the control plane last told it what is in force, by its own clock.
    pub told_at: Option<Timestamp>,
    /// Traces in its log.
    pub durable: u64,
    /// The place in the log of the first of `traces`.
    pub first: u64,
    /// Traces that follow one another in the log.
    pub traces: Vec<Trace>,
    /// Drawn when its process began: what it counts begins anew with it.
    pub life: Uuid,
    /// Calls that it counted since it last told them, of at most [`REPORT_COUNTS_MAX`] accreditations.
    #[serde(default)]
    pub counts: Vec<CallCount>,
    /// What it saw since it last told it, at most [`REPORT_ALARMS_MAX`].
    #[serde(default)]
    pub alarms: Vec<GatewayAlarm>,
    /// The proofs that the answer to its last report wanted, at most
    /// [`REPORT_PROOFS_MAX`](crate::REPORT_PROOFS_MAX).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<ProofAnswer>,
}

/// Calls of an accreditation that were let through, in a minute and in a day of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallCount {
    /// The accreditation.
    pub accreditation: Uuid,
    /// Which minute: minutes since 1970.
    pub minute: i64,
    /// Calls in that minute.
    pub in_minute: u64,
    /// Which day: days since 1970.
    pub day: i64,
    /// Calls on that day.
    pub in_day: u64,
}

/// What the control plane answers to a [`GatewayReport`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayTold {
    /// The place in the log that comes next: all before it are kept, and survive a power cut.
    pub next: u64,
    /// Gateways that live, the one that asks among them.
    pub gateways: u32,
    /// For each accreditation of the report, the calls that all others counted in the same minute and
    /// day; what it counted itself in a former life is among them.
    #[serde(default)]
    pub others: Vec<CallCount>,
    /// Traces from before are to be erased.
    pub kept_since: Timestamp,
    /// Places of the log whose proofs are wanted with the next report, at most
    /// [`REPORT_PROOFS_MAX`](crate::REPORT_PROOFS_MAX).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wanted: Vec<u64>,
}

/// What identity must know to give a token for the exchange: the accreditation that a client uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenGrant {
    /// The accreditation.
    pub accreditation: Uuid,
    /// The version in force.
    pub version: u32,
    /// All scopes granted, of all its APIs.
    pub scopes: Vec<String>,
    /// The SIRET number of who was accredited.
    pub requester: String,
}

/// A token that identity is about to give for calls on behalf of a citizen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BehalfRequest {
    /// The accreditation, as [`Accreditations::of_client`] told it.
    pub grant: TokenGrant,
    /// The token's id: what is sealed opens in this token alone.
    pub token: String,
    /// The service, by its id.
    pub service: Uuid,
    /// The citizen's session.
    pub session: Uuid,
    /// For whom.
    pub citizen: SealedCitizen,
    /// When the token runs out.
    pub until: Timestamp,
}

/// What a scope of the exchange is, for the citizen who is asked to agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeTold {
    /// Its code.
    pub code: String,
    /// Its name, as people read it.
    pub label: String,
    /// Whose data it opens.
    pub producer: String,
}

/// Accreditations, as the module that gives tokens needs them.
///
/// ```text
///   identity ──asks──▶ Accreditations ◀──implements── exchange
/// ```
pub trait Accreditations: Send + Sync {
    /// Whom tokens of the exchange are for.
    fn audience(&self) -> &str;

    /// Of which environment its tokens are: the same as in its snapshots. A gateway of another one
    /// refuses them.
    #[allow(clippy::unnecessary_literal_bound)] // implementations say how they were set up
    fn environment(&self) -> &str {
        "production"
    }

    /// What a client may ask tokens for: by the accreditation it names, or the only one it has.
    /// `None` when there is none in force, or several and none is named.
    fn of_client<'f>(
        &'f self,
        client: &'f str,
        accreditation: Option<Uuid>,
    ) -> Answered<'f, Option<TokenGrant>>;

    /// Of these codes, the scopes of the exchange that can be asked for.
    fn scopes<'f>(&'f self, codes: &'f [String]) -> Answered<'f, Vec<ScopeTold>> {
        let _ = codes;
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Seals the citizen for a token, and watches its sign-in from then on: when that ends, gateways
    /// refuse the token. `None` when the accreditation isn't for calls on behalf of citizens, or when
    /// the sign-in has ended already.
    fn on_behalf(&self, request: BehalfRequest) -> Answered<'_, Option<String>> {
        let _ = request;
        Box::pin(async { Ok(None) })
    }
}
