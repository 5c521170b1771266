//! What a gateway decides: pure, with the time as a parameter.

mod address;
mod behalf;
mod book;
mod circuit;
mod hidden;
mod parameters;
mod path;
mod problem;
mod quota;
mod signature;
mod token;
mod watch;

pub use address::{Networks, caller_of};
pub use behalf::{Behalf, Carried, Told};
pub use book::{Accreditation, Api, Book, Called, Operation, Place, Refusal, StopFound};
pub use circuit::{Circuit, FAILURES_MAX, REST_MS_MAX, REST_MS_MIN};
pub use hidden::hidden_until;
pub use parameters::{OBJECT_CHARACTERS_MAX, Purposed, forwarded_query, values_of};
pub use path::{PATH_BYTES_MAX, PathMistake, Segments, segments};
pub use problem::{Code, PROBLEM_TYPE, Problem};
pub use pseudonym::PseudonymKey;
pub(crate) use pseudonym::{from_hex, hex};
pub use quota::{Counted, Limits, Quota, Sharing, Standing, Window};
pub use signature::{RequestToSign, SignedParts, signature_of};
pub use token::{Binding, Presented, TokenMistake, presented, rules};
pub use watch::{Rule, Verdict, Watch};
