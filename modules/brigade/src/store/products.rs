//! Products as the brigade sees them.

use kit_db::{Db, DbError, Tx};
use ports::ProductSummary;
use uuid::Uuid;

kit_db::statements! {
    KEEP = "brigade.product.keep":
        "INSERT INTO brigade_product (product_id, ministry_id, title) VALUES ($1, $2, $3)
         ON CONFLICT (product_id) DO UPDATE SET ministry_id = excluded.ministry_id,
            title = excluded.title";
    MINISTRIES = "brigade.ministry.all":
        "SELECT DISTINCT ministry_id FROM brigade_product WHERE ministry_id IS NOT NULL
         ORDER BY ministry_id LIMIT 1000";
}

/// Keeps a product as the portfolio tells it, and holds its row until the transaction ends.
pub(crate) async fn keep(tx: &mut Tx, product: &ProductSummary) -> Result<(), DbError> {
    KEEP.bind(product.id.0)
        .bind(product.ministry.map(|ministry| ministry.0))
        .bind(&product.title)
        .execute(tx)
        .await
        .map(drop)
}

/// Ministries of which a product is known.
pub(crate) async fn ministries(db: &Db) -> Result<Vec<Uuid>, DbError> {
    let all = MINISTRIES.query();
    all.all(db, |row| row.get("ministry_id")).await
}
