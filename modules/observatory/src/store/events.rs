//! All that happened, once and for good.

use jiff::civil::Date;
use kit_acts::{Event, Events, read_event};
use kit_db::{DbError, Handle};
use uuid::Uuid;

/// All of them.
pub(crate) static EVENTS: Events = kit_acts::events!("observatory");

kit_db::statements! {
    OF_PRODUCT = "observatory.event.of_product":
        "SELECT * FROM observatory_event WHERE product_id = $1 AND on_day <= $2
         ORDER BY on_day DESC, at DESC, id DESC LIMIT $3";
}

/// What happened to a product's procedures until a day, the latest first.
pub(crate) async fn of_product(
    on: impl Into<Handle<'_>>,
    product: Uuid,
    until: Date,
    limit: u32,
) -> Result<Vec<Event>, DbError> {
    let query = OF_PRODUCT.bind(product).bind(until);
    query.bind(limit).all(on, read_event).await
}
