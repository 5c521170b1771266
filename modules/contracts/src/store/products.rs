//! Products as contracts see them, and the rounds of the watch.

use jiff::Timestamp;
use kit_db::{Db, DbError, Handle, Row, Tx};
use ports::ProductSummary;
use uuid::Uuid;

kit_db::statements! {
    FIND = "contracts.product.find": "SELECT * FROM contracts_product WHERE product_id = $1";
    KEEP = "contracts.product.keep":
        "INSERT INTO contracts_product (product_id, ministry_id, title) VALUES ($1, $2, $3)
         ON CONFLICT (product_id) DO UPDATE SET ministry_id = excluded.ministry_id,
            title = excluded.title";
    KEEP_MINISTRY = "contracts.ministry.keep":
        "INSERT INTO contracts_ministry (ministry_id) VALUES ($1) ON CONFLICT (ministry_id) DO NOTHING";
    MINISTRIES = "contracts.ministry.all":
        "SELECT ministry_id FROM contracts_ministry ORDER BY ministry_id LIMIT 1000";
    MOVE_CONTRACTS = "contracts.contract.move":
        "UPDATE contracts_contract SET ministry_id = $2 WHERE product_id = $1";
    MOVE_APPLICATIONS = "contracts.application.move":
        "UPDATE contracts_application SET ministry_id = $2 WHERE product_id = $1";
    MOVE_TRANCHES = "contracts.tranche.move":
        "UPDATE contracts_tranche SET ministry_id = $2 WHERE product_id = $1";
    TAKE_ROUND = "contracts.round.take":
        "UPDATE contracts_round SET at = $2 WHERE name = $1 AND at <= $3";
}

/// A product, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredProduct {
    pub(crate) id: Uuid,
    pub(crate) ministry: Option<Uuid>,
    pub(crate) title: String,
}

fn read(row: &Row) -> Result<StoredProduct, DbError> {
    Ok(StoredProduct {
        id: row.get("product_id")?,
        ministry: row.get("ministry_id")?,
        title: row.get("title")?,
    })
}

pub(crate) async fn find(
    on: impl Into<Handle<'_>>,
    id: Uuid,
) -> Result<Option<StoredProduct>, DbError> {
    FIND.bind(id).optional(on, read).await
}

/// Keeps a product as the portfolio tells it, and holds its row until the transaction ends. What is
/// known of it follows it to another ministry.
pub(crate) async fn keep(tx: &mut Tx, product: &ProductSummary) -> Result<StoredProduct, DbError> {
    let kept = StoredProduct {
        id: product.id.0,
        ministry: product.ministry.map(|ministry| ministry.0),
        title: product.title.clone(),
    };
    let before = find(&mut *tx, kept.id).await?;
    let query = KEEP.bind(kept.id).bind(kept.ministry);
    query.bind(&kept.title).execute(&mut *tx).await?;
    if let Some(ministry) = kept.ministry {
        KEEP_MINISTRY.bind(ministry).execute(&mut *tx).await?;
    }
    if before.is_some_and(|before| before.ministry != kept.ministry) {
        for statement in [&MOVE_CONTRACTS, &MOVE_APPLICATIONS, &MOVE_TRANCHES] {
            let query = statement.bind(kept.id).bind(kept.ministry);
            query.execute(&mut *tx).await?;
        }
    }
    Ok(kept)
}

/// Every ministry of which contracts know a product; at most 1,000.
pub(crate) async fn ministries(db: &Db) -> Result<Vec<Uuid>, DbError> {
    MINISTRIES
        .query()
        .all(db, |row| row.get("ministry_id"))
        .await
}

/// Takes a round that nobody took since an instant; gives whether it is ours.
pub(crate) async fn take_round(
    db: &Db,
    name: &str,
    now: Timestamp,
    since: Timestamp,
) -> Result<bool, DbError> {
    let query = TAKE_ROUND.bind(name).bind(now).bind(since);
    Ok(query.execute(db).await? == 1)
}
