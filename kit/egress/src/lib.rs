//! The one door for requests to addresses that others supplied: keys of a client, endpoints of a
//! provider, addresses that want to be told.
//!
//! [`Egress`] refuses what would make this program somebody's way into the network behind it
//! (OWASP: server-side request forgery):
//!
//! - a URL is `https`, without name, password or fragment, on a usual port, and its host is a name;
//! - the name is resolved once, every address that it has is checked, and the connection goes to an
//!   address that was checked;
//! - a redirection is not followed, no proxy of the environment is used, no cookie is kept;
//! - time, bytes of the answer and requests at once have limits, and nothing is decompressed.
//!
//! An operator opens hosts and networks beyond the public Internet by name ([`Allowed`]).
//!
//! Hosts that only an inner network reaches are asked by a [`Courier`] ([`Egress::carried_by`]).
//!
//! A host that fails [`FAILURES_MAX`] times in a row is left alone for a while; [`Egress::health`]
//! shows which. [`Egress::cached_get`] keeps documents as long as their servers say.

mod address;
mod allow;
mod answer;
mod breaker;
mod cache;
mod courier;
mod egress;
mod error;
mod places;
mod prefix;
mod request;
mod resolver;
mod settings;
mod target;

pub use address::{Forbidden, forbidden};
pub use allow::{Allowed, AllowedError};
pub use answer::Answer;
pub use breaker::{FAILURES_MAX, HostHealth, HostState, REST_MAX, REST_MIN};
pub use cache::{ANEW_MIN, Cached, FAILURE_PAUSE, FRESH_MAX, FRESH_MIN, FRESH_USUAL, STALE_MAX};
pub use courier::{Carried, Courier, NotCarried, Parcel, Returned};
pub use egress::Egress;
pub use error::{EgressError, EgressSettingsError, UrlMistake};
pub use prefix::{Prefix, PrefixError};
pub use request::{Authorization, Request};
pub use resolver::{Lookup, Resolver};
pub use settings::EgressSettings;
pub use target::URL_BYTES_MAX;
