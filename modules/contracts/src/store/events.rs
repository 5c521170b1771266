//! All that happened, once and for good.

use jiff::civil::Date;
use kit_acts::{Event, Events, read_event};
use kit_db::{DbError, Handle};
use uuid::Uuid;

/// All of them.
pub(crate) static EVENTS: Events = kit_acts::events!("contracts");

kit_db::statements! {
    OF_PRODUCT = "contracts.event.of_product":
        "SELECT * FROM contracts_event WHERE product_id = $1 AND on_day <= $2
         ORDER BY on_day DESC, at DESC, id DESC LIMIT $3";
    OF_PRODUCT_PUBLIC = "contracts.event.of_product_public":
        "SELECT e.* FROM contracts_event e
         JOIN contracts_contract c ON c.id = e.subject_id
         WHERE e.product_id = $1 AND e.on_day <= $2 AND c.public_on IS NOT NULL AND c.public_on <= $2
            AND e.act IN ('in-force', 'amended', 'release', 'pay', 'review-continue',
                'review-reorient', 'review-suspend', 'review-stop', 'end', 'terminate')
         ORDER BY e.on_day DESC, e.at DESC, e.id DESC LIMIT $3";
}

/// What happened to a product until a day, the latest first.
pub(crate) async fn of_product(
    on: impl Into<Handle<'_>>,
    product: Uuid,
    until: Date,
    limit: u32,
) -> Result<Vec<Event>, DbError> {
    let query = OF_PRODUCT.bind(product).bind(until).bind(limit);
    query.all(on, read_event).await
}

/// The same, of contracts that anybody may read on that day: what took effect.
pub(crate) async fn of_product_public(
    on: impl Into<Handle<'_>>,
    product: Uuid,
    until: Date,
    limit: u32,
) -> Result<Vec<Event>, DbError> {
    let query = OF_PRODUCT_PUBLIC.bind(product).bind(until).bind(limit);
    query.all(on, read_event).await
}
