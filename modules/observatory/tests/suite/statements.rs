//! Every statement is one text for both databases.

use kit_db::Db;

use crate::world::migrations;

kit_db::on_both_databases!(migrations() => statements_prepare);

async fn statements_prepare(db: Db) {
    for statement in observatory::statements() {
        db.prepare(&statement).await.unwrap();
    }
}
