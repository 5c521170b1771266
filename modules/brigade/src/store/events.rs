//! All that happened, once and for good.

use jiff::civil::Date;
use kit_acts::{Event, Events, read_event};
use kit_db::{DbError, Handle};
use uuid::Uuid;

/// All of them.
pub(crate) static EVENTS: Events = kit_acts::events!("brigade");

kit_db::statements! {
    OF_PRODUCT = "brigade.event.of_product":
        "SELECT * FROM brigade_event WHERE product_id = $1 AND on_day <= $2
         ORDER BY on_day DESC, at DESC, position DESC, id DESC LIMIT $3";
    ENDED = "brigade.event.ended":
        "SELECT * FROM brigade_event WHERE product_id = $1 AND on_day <= $2
            AND subject_kind = 'mission' AND act = 'close'
         ORDER BY on_day DESC, at DESC, position DESC, id DESC LIMIT $3";
}

/// What happened to a product on a day or before, the latest first.
pub(crate) async fn of_product(
    on: impl Into<Handle<'_>>,
    product: Uuid,
    until: Date,
    limit: u32,
) -> Result<Vec<Event>, DbError> {
    let query = OF_PRODUCT.bind(product).bind(until).bind(limit);
    query.all(on, read_event).await
}

/// The ends of its missions alone.
pub(crate) async fn ends_of_missions(
    on: impl Into<Handle<'_>>,
    product: Uuid,
    until: Date,
    limit: u32,
) -> Result<Vec<Event>, DbError> {
    let query = ENDED.bind(product).bind(until).bind(limit);
    query.all(on, read_event).await
}
