//! What differs by database.

use kit_db::{Db, Engine};

/// Whether a search gathers and sorts all that have the word, instead of reading in the order of the
/// list until its page is full: `PostgreSQL` does, by its index of words. A frequent word is then
/// looked for in the next few products first. `SQLite` has no such index, and reads in order.
pub(crate) fn search_gathers_all(db: &Db) -> bool {
    db.engine() == Engine::Postgres
}
