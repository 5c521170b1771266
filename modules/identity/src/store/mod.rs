//! Tables of sign-in.

pub(crate) mod arrivals;
pub(crate) mod authorizations;
pub(crate) mod citizens;
pub(crate) mod clients;
pub(crate) mod departures;
pub(crate) mod devices;
pub(crate) mod figures;
pub(crate) mod keys;
pub(crate) mod providers;
pub(crate) mod relay;
pub(crate) mod requests;
pub(crate) mod tokens;

use kit_db::Statement;

/// Every statement, for the test that prepares them on both databases.
pub fn statements() -> Vec<Statement> {
    [
        arrivals::ALL,
        authorizations::ALL,
        citizens::ALL,
        clients::ALL,
        devices::ALL,
        departures::ALL,
        figures::ALL,
        keys::ALL,
        providers::ALL,
        relay::ALL,
        requests::ALL,
        tokens::ALL,
    ]
    .concat()
    .into_iter()
    .cloned()
    .collect()
}
