//! All that happened, once and for good.

use jiff::Timestamp;
use kit_acts::{Event, Events, read_event};
use kit_db::{DbError, Handle};
use uuid::Uuid;

/// All of them.
pub(crate) static EVENTS: Events = kit_acts::events!("steering");

kit_db::statements! {
    OF_PRODUCT = "steering.event.of_product":
        "SELECT * FROM steering_event WHERE product_id = $1 AND (at, id) < ($2, $3)
         ORDER BY at DESC, id DESC LIMIT $4";
}

/// What happened to a product before a place, the latest first.
pub(crate) async fn of_product(
    on: impl Into<Handle<'_>>,
    product: Uuid,
    before: (Timestamp, Uuid),
    limit: u32,
) -> Result<Vec<Event>, DbError> {
    let query = OF_PRODUCT.bind(product).bind(before.0).bind(before.1);
    query.bind(limit).all(on, read_event).await
}
