//! The few kinds of value that both databases hold in the same way.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::types::Value as Held;
use sqlx::Row as _;
use uuid::Uuid;

use crate::DbError;
use crate::direct::DirectRow;

/// An argument of a statement. Each kind carries its NULL, because `PostgreSQL` types them.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// 64-bit integer.
    Int(Option<i64>),
    /// Double.
    Real(Option<f64>),
    /// Truth value.
    Bool(Option<bool>),
    /// Text.
    Text(Option<String>),
    /// Identifier.
    Uuid(Option<Uuid>),
    /// Bytes.
    Bytes(Option<Vec<u8>>),
}

macro_rules! value_from {
    ($($type:ty => $kind:ident, $map:expr;)*) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self { Self::$kind(Some($map(value))) }
        }
        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self { Self::$kind(value.map($map)) }
        }
    )*};
}

value_from! {
    i64 => Int, |v| v;
    i32 => Int, i64::from;
    u32 => Int, i64::from;
    f64 => Real, |v| v;
    bool => Bool, |v| v;
    String => Text, |v| v;
    &str => Text, str::to_owned;
    &String => Text, |v: &String| v.clone();
    Uuid => Uuid, |v| v;
    Vec<u8> => Bytes, |v| v;
    Date => Text, |v: Date| v.to_string();
    Timestamp => Int, |v: Timestamp| v.as_microsecond();
}

/// One row of an answer.
#[derive(Debug)]
pub enum Row {
    /// From `SQLite`.
    Sqlite(sqlx::sqlite::SqliteRow),
    /// From `PostgreSQL`.
    Postgres(sqlx::postgres::PgRow),
    /// From `SQLite`, read where it was asked.
    Direct(DirectRow),
}

/// A type that a value which was read directly can be.
trait FromHeld: Sized {
    fn from_held(held: &Held) -> Option<Self>;
}

macro_rules! from_held {
    ($($type:ty: $pattern:pat => $value:expr;)*) => {$(
        impl FromHeld for $type {
            fn from_held(held: &Held) -> Option<Self> {
                match held {
                    $pattern => $value,
                    _ => None,
                }
            }
        }
    )*};
}

from_held! {
    i64: Held::Integer(v) => Some(*v);
    f64: Held::Real(v) => Some(*v);
    bool: Held::Integer(v) => Some(*v != 0);
    String: Held::Text(v) => Some(v.clone());
    Uuid: Held::Blob(v) => Uuid::from_slice(v).ok();
    Vec<u8>: Held::Blob(v) => Some(v.clone());
}

/// The value of a column, `None` where it is NULL.
fn held<T: FromHeld>(row: &DirectRow, column: &str) -> Result<Option<T>, DbError> {
    let fails = |source| DbError::Column {
        column: column.to_owned(),
        source,
    };
    let absent = || fails(sqlx::Error::ColumnNotFound(column.to_owned()));
    match row.value(column).ok_or_else(absent)? {
        Held::Null => Ok(None),
        other => T::from_held(other).map(Some).ok_or_else(|| {
            let kind = other.data_type().to_string();
            fails(sqlx::Error::Decode(format!("it holds {kind}").into()))
        }),
    }
}

/// A type that a column can be read as.
pub trait FromValue: Sized {
    /// Reads `column` of `row`.
    fn from_row(row: &Row, column: &str) -> Result<Self, DbError>;
}

impl Row {
    /// The value of a column.
    pub fn get<T: FromValue>(&self, column: &str) -> Result<T, DbError> {
        T::from_row(self, column)
    }
}

macro_rules! from_value_native {
    ($($type:ty),*) => {$(
        impl FromValue for $type {
            fn from_row(row: &Row, column: &str) -> Result<Self, DbError> {
                let fails = |source| DbError::Column { column: column.to_owned(), source };
                match row {
                    Row::Sqlite(row) => row.try_get(column).map_err(fails),
                    Row::Postgres(row) => row.try_get(column).map_err(fails),
                    Row::Direct(row) => held(row, column)?.ok_or_else(|| {
                        let null = sqlx::error::UnexpectedNullError;
                        fails(sqlx::Error::Decode(Box::new(null)))
                    }),
                }
            }
        }
        impl FromValue for Option<$type> {
            fn from_row(row: &Row, column: &str) -> Result<Self, DbError> {
                let fails = |source| DbError::Column { column: column.to_owned(), source };
                match row {
                    Row::Sqlite(row) => row.try_get(column).map_err(fails),
                    Row::Postgres(row) => row.try_get(column).map_err(fails),
                    Row::Direct(row) => held(row, column),
                }
            }
        }
    )*};
}

from_value_native!(i64, f64, bool, String, Uuid, Vec<u8>);

macro_rules! from_value_through {
    ($($type:ty, $stored:ty, $expected:literal, $parse:expr;)*) => {$(
        impl FromValue for $type {
            fn from_row(row: &Row, column: &str) -> Result<Self, DbError> {
                let stored: $stored = row.get(column)?;
                $parse(&stored).ok_or_else(|| DbError::Decode {
                    column: column.to_owned(),
                    value: stored.to_string(),
                    expected: $expected,
                })
            }
        }
        impl FromValue for Option<$type> {
            fn from_row(row: &Row, column: &str) -> Result<Self, DbError> {
                let Some(stored) = row.get::<Option<$stored>>(column)? else { return Ok(None) };
                match $parse(&stored) {
                    Some(value) => Ok(Some(value)),
                    None => Err(DbError::Decode {
                        column: column.to_owned(),
                        value: stored.to_string(),
                        expected: $expected,
                    }),
                }
            }
        }
    )*};
}

from_value_through! {
    Date, String, "a date", |v: &String| v.parse().ok();
    Timestamp, i64, "an instant", |v: &i64| Timestamp::from_microsecond(*v).ok();
    u32, i64, "a small count", |v: &i64| u32::try_from(*v).ok();
}
