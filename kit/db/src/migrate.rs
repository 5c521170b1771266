//! Migrations: each module's own, in the order it lists them, the same names for both databases.

use crate::{Db, DbError, Engine, Statement, Tx};

/// One step of a module's schema. An applied step never changes: a new one follows it.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// The module that owns it.
    pub module: &'static str,
    /// Its file name without extension; names sort in the order of application.
    pub name: &'static str,
    /// The script for `SQLite`.
    pub sqlite: &'static str,
    /// The script for `PostgreSQL`.
    pub postgres: &'static str,
}

/// Reads a module's migrations from `migrations/sqlite/NAME.sql` and `migrations/postgres/NAME.sql`.
#[macro_export]
macro_rules! migrations {
    ($module:literal: $($name:literal),* $(,)?) => {
        &[$($crate::Migration {
            module: $module,
            name: $name,
            sqlite: include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite/", $name, ".sql"
            )),
            postgres: include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"), "/migrations/postgres/", $name, ".sql"
            )),
        }),*]
    };
}

const CREATE: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    module TEXT NOT NULL, name TEXT NOT NULL, script TEXT NOT NULL, PRIMARY KEY (module, name))";
const APPLIED: Statement = Statement::new(
    "db.migration.applied",
    "SELECT module, name, script FROM schema_migration ORDER BY module, name",
);
const RECORD: Statement = Statement::new(
    "db.migration.record",
    "INSERT INTO schema_migration (module, name, script) VALUES ($1, $2, $3)",
);

impl Migration {
    fn script(&self, engine: Engine) -> &'static str {
        match engine {
            Engine::Sqlite => self.sqlite,
            Engine::Postgres => self.postgres,
        }
    }
}

impl Db {
    /// Applies what is missing, all in one transaction, one process at a time.
    ///
    /// Gives the names of what was applied. Refuses a script that differs from the one applied
    /// under its name, and a database that holds migrations which this program doesn't know
    /// (it was written by a newer version).
    pub async fn migrate(&self, migrations: &[Migration]) -> Result<Vec<String>, DbError> {
        let mut tx = self.begin().await?;
        lock(&mut tx).await?;
        tx.script(CREATE).await?;
        let applied: Vec<(String, String, String)> = APPLIED
            .query()
            .all(&mut tx, |row| {
                Ok((row.get("module")?, row.get("name")?, row.get("script")?))
            })
            .await?;
        if let Some((module, name, _)) = applied
            .iter()
            .find(|(module, name, _)| {
                !migrations
                    .iter()
                    .any(|m| m.module == module && m.name == name)
            })
            .cloned()
        {
            let problem = "is in the database but not in this program, which is older".to_owned();
            return Err(DbError::Migration {
                module,
                name,
                problem,
            });
        }
        let mut done = Vec::new();
        for migration in migrations {
            let script = migration.script(self.engine());
            let before = applied
                .iter()
                .find(|(module, name, _)| module == migration.module && name == migration.name);
            match before {
                Some((_, _, applied)) if applied == script => {}
                Some(_) => {
                    return Err(DbError::Migration {
                        module: migration.module.to_owned(),
                        name: migration.name.to_owned(),
                        problem: "was changed after it had been applied".to_owned(),
                    });
                }
                None => {
                    tx.script(script).await?;
                    RECORD
                        .bind(migration.module)
                        .bind(migration.name)
                        .bind(script)
                        .execute(&mut tx)
                        .await?;
                    done.push(format!("{}/{}", migration.module, migration.name));
                }
            }
        }
        tx.commit().await?;
        Ok(done)
    }
}

/// `SQLite` has one writer already; on `PostgreSQL` two starting processes must take turns.
async fn lock(tx: &mut Tx) -> Result<(), DbError> {
    match tx.engine() {
        Engine::Sqlite => Ok(()),
        Engine::Postgres => tx.script("SELECT pg_advisory_xact_lock(7234991)").await,
    }
}
