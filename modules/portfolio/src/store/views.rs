//! Views of the list that a person keeps.

use jiff::Timestamp;
use kit_db::{Db, DbError};
use uuid::Uuid;

kit_db::statements! {
    LIST = "portfolio.view.list":
        "SELECT id, name, query FROM saved_view WHERE person_id = $1 ORDER BY name LIMIT 50";
    COUNT = "portfolio.view.count":
        "SELECT COUNT(*) AS n FROM saved_view WHERE person_id = $1";
    SAVE = "portfolio.view.save":
        "INSERT INTO saved_view (id, person_id, name, query, created_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (person_id, name) DO UPDATE SET query = excluded.query";
    REMOVE = "portfolio.view.remove":
        "DELETE FROM saved_view WHERE id = $1 AND person_id = $2";
}

/// Most views that a person keeps.
pub(crate) const VIEWS_MAX: i64 = 50;

/// A view: its id, its name, and the part of the address after `?`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SavedView {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The part of the address after `?`.
    pub query: String,
}

pub(crate) async fn list(db: &Db, person: Uuid) -> Result<Vec<SavedView>, DbError> {
    LIST.bind(person)
        .all(db, |row| {
            Ok(SavedView {
                id: row.get("id")?,
                name: row.get("name")?,
                query: row.get("query")?,
            })
        })
        .await
}

/// Keeps a view; gives whether there was room.
pub(crate) async fn save(
    db: &Db,
    person: Uuid,
    view: &SavedView,
    at: Timestamp,
) -> Result<bool, DbError> {
    if COUNT
        .bind(person)
        .one(db, |row| row.get::<i64>("n"))
        .await?
        >= VIEWS_MAX
    {
        return Ok(false);
    }
    let query = SAVE
        .bind(view.id)
        .bind(person)
        .bind(&view.name)
        .bind(&view.query)
        .bind(at);
    query.execute(db).await?;
    Ok(true)
}

pub(crate) async fn remove(db: &Db, person: Uuid, id: Uuid) -> Result<bool, DbError> {
    Ok(REMOVE.bind(id).bind(person).execute(db).await? == 1)
}
