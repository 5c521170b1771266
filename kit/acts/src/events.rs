//! What happened to a subject: one list of events that never change.

use jiff::Timestamp;
use jiff::civil::Date;
use kit_access::Actor;
use kit_db::{DbError, Handle, Row, Statement, Tx};
use kit_time::Source;
use uuid::Uuid;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: Uuid,
    /// Of which product; none: its subject is of no product.
    pub product: Option<Uuid>,
    /// The kind of its subject, such as `review`.
    pub subject_kind: String,
    /// Of what.
    pub subject: Uuid,
    /// What: the code of an act.
    pub act: String,
    /// On which day it takes effect.
    pub on: Date,
    /// When it was recorded.
    pub at: Timestamp,
    /// By whom; none: the platform.
    pub by_id: Option<Uuid>,
    /// Its name.
    pub by_name: String,
    /// Why.
    pub reason: String,
}

/// Something that happens to a subject.
#[derive(Debug, Clone, Copy)]
pub struct Happening<'h> {
    /// Of which product.
    pub product: Option<Uuid>,
    /// The kind of its subject, and its id.
    pub subject: (&'static str, Uuid),
    /// The code of an act.
    pub act: &'h str,
    /// On which day it takes effect.
    pub on: Date,
    /// Why.
    pub reason: &'h str,
}

impl Happening<'_> {
    /// What is recorded of it now, by whoever acts.
    pub fn by(self, actor: &Actor, source: &Source) -> Event {
        let (kind, subject) = self.subject;
        Event {
            id: source.new_id(),
            product: self.product,
            subject_kind: kind.to_owned(),
            subject,
            act: self.act.to_owned(),
            on: self.on,
            at: source.now(),
            by_id: actor.person_id(),
            by_name: actor.name().to_owned(),
            reason: self.reason.to_owned(),
        }
    }
}

/// A module's table of events, made by [`events!`](crate::events).
#[derive(Debug)]
pub struct Events {
    /// The position of the last event of a subject.
    pub last: Statement,
    /// Appends one.
    pub append: Statement,
    /// Those of a subject.
    pub of_subject: Statement,
    /// The last one of a subject.
    pub latest: Statement,
}

/// The [`Events`] of a module in its table `MODULE_event`.
#[macro_export]
macro_rules! events {
    ($module:literal) => {
        $crate::Events {
            last: $crate::Statement::new(
                concat!($module, ".event.last"),
                concat!(
                    "SELECT COALESCE(MAX(position), 0) AS position FROM ",
                    $module,
                    "_event WHERE subject_id = $1"
                ),
            ),
            append: $crate::Statement::new(
                concat!($module, ".event.append"),
                concat!(
                    "INSERT INTO ",
                    $module,
                    "_event (id, product_id, subject_kind, subject_id, position, act, on_day, at,
                        by_id, by_name, reason)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
                ),
            ),
            of_subject: $crate::Statement::new(
                concat!($module, ".event.of_subject"),
                concat!(
                    "SELECT * FROM ",
                    $module,
                    "_event WHERE subject_id = $1 ORDER BY position LIMIT 1000"
                ),
            ),
            latest: $crate::Statement::new(
                concat!($module, ".event.latest"),
                concat!(
                    "SELECT * FROM ",
                    $module,
                    "_event WHERE subject_id = $1 ORDER BY position DESC LIMIT 1"
                ),
            ),
        }
    };
}

impl Events {
    /// Its statements, for the test that prepares them on both databases.
    pub fn statements(&self) -> [Statement; 4] {
        [&self.last, &self.append, &self.of_subject, &self.latest].map(Clone::clone)
    }

    /// Appends an event. The row of its subject, or of its product, is held by the transaction.
    pub async fn append(&self, tx: &mut Tx, event: &Event) -> Result<(), DbError> {
        let last = self.last.bind(event.subject);
        let last: i64 = last.one(&mut *tx, |row| row.get("position")).await?;
        self.append
            .bind(event.id)
            .bind(event.product)
            .bind(&event.subject_kind)
            .bind(event.subject)
            .bind(last + 1)
            .bind(&event.act)
            .bind(event.on)
            .bind(event.at)
            .bind(event.by_id)
            .bind(&event.by_name)
            .bind(&event.reason)
            .execute(tx)
            .await
            .map(drop)
    }

    /// What happened to something, oldest first.
    pub async fn of_subject(
        &self,
        on: impl Into<Handle<'_>>,
        subject: Uuid,
    ) -> Result<Vec<Event>, DbError> {
        self.of_subject.bind(subject).all(on, read_event).await
    }

    /// What happened to it last.
    pub async fn latest(
        &self,
        on: impl Into<Handle<'_>>,
        subject: Uuid,
    ) -> Result<Option<Event>, DbError> {
        self.latest.bind(subject).optional(on, read_event).await
    }
}

/// An event from its row, for the module's own statements.
pub fn read_event(row: &Row) -> Result<Event, DbError> {
    Ok(Event {
        id: row.get("id")?,
        product: row.get("product_id")?,
        subject_kind: row.get("subject_kind")?,
        subject: row.get("subject_id")?,
        act: row.get("act")?,
        on: row.get("on_day")?,
        at: row.get("at")?,
        by_id: row.get("by_id")?,
        by_name: row.get("by_name")?,
        reason: row.get("reason")?,
    })
}
