//! Records, on `SQLite` (embedded, the default) or on `PostgreSQL` (by its URL).
//!
//! A module writes one SQL text that both databases accept and names it with [`statements!`], so
//! that a test can prepare every statement of every module on both. What a statement takes and
//! gives is one of a few [`Value`]s that mean the same on both sides:
//!
//! | Rust | `SQLite` column | `PostgreSQL` column |
//! | --- | --- | --- |
//! | `i64` (cents, counts), `Timestamp` (microseconds since 1970) | `INTEGER` | `BIGINT` |
//! | `f64` | `REAL` | `DOUBLE PRECISION` |
//! | `bool` | `BOOLEAN` | `BOOLEAN` |
//! | `String`, civil `Date` (`YYYY-MM-DD`) | `TEXT` | `TEXT COLLATE "C"` where it is ordered |
//! | `Uuid` | `BLOB` | `UUID` |
//! | `Vec<u8>` | `BLOB` | `BYTEA` |
//!
//! Known differences, so that nobody learns them twice: `SUM(bigint)` is `NUMERIC` on `PostgreSQL`
//! (write `CAST(SUM(x) AS BIGINT)`); `LIKE` ignores the case of ASCII on `SQLite` only (compare
//! normalised columns); an argument that stands alone needs its type (`CAST($1 AS BIGINT) IS NULL`);
//! after a constraint error `PostgreSQL` aborts the transaction, so use
//! `ON CONFLICT`, never catch and go on.

pub mod columns;
mod copy;
mod database;
mod direct;
mod dump;
mod error;
mod group;
pub mod list;
mod migrate;
mod statement;
pub mod testing;
mod value;

pub use copy::CopyError;
pub use database::{Db, DbOptions, Engine, Handle, Tx};
pub use error::DbError;
pub use migrate::Migration;
pub use statement::{Query, Statement};
pub use value::{FromValue, Row, Value};
