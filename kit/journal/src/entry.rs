//! Entries: appending them and reading them back.

use jiff::Timestamp;
use kit_access::{Actor, Identity};
use kit_db::{Db, DbError, Handle, Migration, Row, Statement, Tx, Value};
use kit_time::Source;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The journal's tables.
pub const MIGRATIONS: &[Migration] = kit_db::migrations!("journal": "0001_journal");

kit_db::statements! {
    TAKE_NUMBER = "journal.head.take":
        "UPDATE journal_head SET seq = seq + 1 WHERE one = 1 RETURNING seq";
    APPEND = "journal.entry.append":
        "INSERT INTO journal_entry (seq, id, at, actor_kind, actor_id, actor_name, on_behalf_of,
            action, subject_kind, subject_id, organisation_id, public, before, after, request_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    AFTER = "journal.entry.after":
        "SELECT * FROM journal_entry WHERE seq > $1 ORDER BY seq LIMIT $2";
    HEAD = "journal.head.find": "SELECT seq FROM journal_head WHERE one = 1";
    OF_SUBJECT = "journal.entry.of_subject":
        "SELECT * FROM journal_entry WHERE subject_kind = $1 AND subject_id = $2 AND seq < $3
         ORDER BY seq DESC LIMIT $4";
}

/// Every statement of the journal, for the test that prepares them on both databases.
pub fn statements() -> Vec<Statement> {
    let fixed = ALL.iter().chain(crate::subscriber::ALL);
    let mut all: Vec<Statement> = fixed.copied().cloned().collect();
    all.extend((0..16).map(|bits| {
        let columns = ["action", "subject_kind", "actor_id"]
            .into_iter()
            .enumerate();
        let columns: Vec<_> = columns
            .filter(|(at, _)| bits & (1 << at) > 0)
            .map(|(_, column)| column)
            .collect();
        browse(&columns, bits & 8 > 0)
    }));
    all
}

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Subject {
    /// The kind of thing, such as `product`.
    pub kind: String,
    /// Its id.
    pub id: String,
}

/// A change about to be appended.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    /// `module.noun.verb`, such as `portfolio.estimate.record`.
    pub action: &'static str,
    /// The kind of thing that changed.
    pub subject_kind: &'static str,
    /// Its id.
    pub subject_id: Uuid,
    /// The organisation to which it belongs: who may read the entry follows from it.
    pub organisation_id: Option<Uuid>,
    /// Whether anybody may read the entry in the public feed.
    pub public: bool,
    /// The person or organisation for whom the actor acts, when it isn't itself.
    pub on_behalf_of: Option<Uuid>,
    /// The state before, as JSON; `None` for a creation.
    pub before: Option<serde_json::Value>,
    /// The state after, as JSON; `None` for a removal.
    pub after: Option<serde_json::Value>,
    /// The id of the request that caused it.
    pub request_id: Option<&'a str>,
}

impl<'a> Change<'a> {
    /// A change without details: add what applies.
    pub fn new(action: &'static str, subject_kind: &'static str, subject_id: Uuid) -> Self {
        Self {
            action,
            subject_kind,
            subject_id,
            organisation_id: None,
            public: false,
            on_behalf_of: None,
            before: None,
            after: None,
            request_id: None,
        }
    }

    /// The organisation to which the subject belongs.
    #[must_use]
    pub fn of(mut self, organisation_id: Option<Uuid>) -> Self {
        self.organisation_id = organisation_id;
        self
    }

    /// Makes the entry readable by anybody.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.public = true;
        self
    }

    /// The state before.
    #[must_use]
    pub fn before(mut self, state: impl Serialize) -> Self {
        self.before = serde_json::to_value(state).ok();
        self
    }

    /// The state after.
    #[must_use]
    pub fn after(mut self, state: impl Serialize) -> Self {
        self.after = serde_json::to_value(state).ok();
        self
    }

    /// The request that caused it.
    #[must_use]
    pub fn request(mut self, request_id: Option<&'a str>) -> Self {
        self.request_id = request_id;
        self
    }
}

/// One entry, as read back.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Entry {
    /// Its number: 1, 2, 3… in the order of commits.
    pub seq: i64,
    /// Its id.
    pub id: Uuid,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// `person`, `system` or `anonymous`.
    pub actor_kind: String,
    /// The person's id.
    pub actor_id: Option<Uuid>,
    /// The person's name at that time, or the part of the platform that acted.
    pub actor_name: String,
    /// For whom.
    pub on_behalf_of: Option<Uuid>,
    /// `module.noun.verb`.
    pub action: String,
    /// On what.
    pub subject: Subject,
    /// The organisation to which the subject belongs.
    pub organisation_id: Option<Uuid>,
    /// Whether anybody may read it.
    pub public: bool,
    /// The state before.
    pub before: Option<serde_json::Value>,
    /// The state after.
    pub after: Option<serde_json::Value>,
    /// The request that caused it.
    pub request_id: Option<String>,
}

impl Entry {
    /// The one text of an entry: JSON without white space, fields in the order in which they are
    /// declared here, those of states in the order of their names. It is what the journal's seal is
    /// made of, so it never changes for an entry that is there.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        // Texts, numbers and maps with texts for keys are always JSON.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// What a page of the journal is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this action.
    pub action: Option<String>,
    /// Only this kind of subject.
    pub subject_kind: Option<String>,
    /// Only this person's acts.
    pub actor_id: Option<Uuid>,
    /// Only entries that anybody may read.
    pub public_only: bool,
}

/// The journal, as a place to append to and to read from.
#[derive(Debug, Clone)]
pub struct Journal {
    source: Source,
}

impl Journal {
    /// A journal that takes instants and ids from `source`.
    pub fn new(source: Source) -> Self {
        Self { source }
    }

    /// Appends a change in the transaction that makes it. Call it last before the commit: it takes
    /// the journal's lock, which the transaction keeps until it ends.
    pub async fn append(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        change: Change<'_>,
    ) -> Result<i64, DbError> {
        let seq = TAKE_NUMBER
            .query()
            .one(&mut *tx, |row| row.get::<i64>("seq"))
            .await?;
        let (kind, name) = match &actor.identity {
            Identity::Anonymous => ("anonymous", ""),
            Identity::Person { name, .. } => ("person", name.as_str()),
            Identity::System(part) => ("system", *part),
        };
        APPEND
            .bind(seq)
            .bind(self.source.new_id())
            .bind(self.source.now())
            .bind(kind)
            .bind(actor.person_id())
            .bind(name)
            .bind(change.on_behalf_of)
            .bind(change.action)
            .bind(change.subject_kind)
            .bind(change.subject_id.to_string())
            .bind(change.organisation_id)
            .bind(change.public)
            .bind(change.before.map(|state| state.to_string()))
            .bind(change.after.map(|state| state.to_string()))
            .bind(change.request_id)
            .execute(tx)
            .await?;
        Ok(seq)
    }

    /// At most `limit` entries (1 to 1,000) after number `seq`, oldest first.
    pub async fn after(
        on: impl Into<Handle<'_>>,
        seq: i64,
        limit: u32,
    ) -> Result<Vec<Entry>, DbError> {
        AFTER
            .bind(seq)
            .bind(limit.clamp(1, 1_000))
            .all(on, read)
            .await
    }

    /// At most `limit` entries (1 to 200) before number `before` (`None`: from the newest), newest
    /// first.
    pub async fn browse(
        db: &Db,
        filter: &Filter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Entry>, DbError> {
        let narrowed: Vec<(&str, Value)> = [
            ("action", filter.action.as_deref().map(Value::from)),
            (
                "subject_kind",
                filter.subject_kind.as_deref().map(Value::from),
            ),
            ("actor_id", filter.actor_id.map(Value::from)),
        ]
        .into_iter()
        .filter_map(|(column, value)| Some((column, value?)))
        .collect();
        let columns: Vec<_> = narrowed.iter().map(|(column, _)| *column).collect();
        let statement = browse(&columns, filter.public_only);
        let mut query = statement
            .bind(before.unwrap_or(i64::MAX))
            .bind(i64::from(limit.clamp(1, 200)));
        for (_, value) in narrowed {
            query = query.bind(value);
        }
        query.all(db, read).await
    }

    /// The history of one subject, newest first, at most `limit` (1 to 1,000) before `before`.
    pub async fn of_subject(
        db: &Db,
        kind: &str,
        id: Uuid,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Entry>, DbError> {
        OF_SUBJECT
            .bind(kind)
            .bind(id.to_string())
            .bind(before.unwrap_or(i64::MAX))
            .bind(limit.clamp(1, 1_000))
            .all(db, read)
            .await
    }

    /// The number of the last entry; 0 in an empty journal.
    pub async fn head(on: impl Into<Handle<'_>>) -> Result<i64, DbError> {
        HEAD.query().one(on, |row| row.get("seq")).await
    }
}

/// One text per combination of filters, so that each uses its index.
fn browse(columns: &[&str], public_only: bool) -> Statement {
    let mut conditions = vec!["seq < $1".to_owned()];
    conditions.extend(
        columns
            .iter()
            .zip(3..)
            .map(|(column, n)| format!("{column} = ${n}")),
    );
    if public_only {
        conditions.push("public".to_owned());
    }
    let conditions = conditions.join(" AND ");
    let sql = format!("SELECT * FROM journal_entry WHERE {conditions} ORDER BY seq DESC LIMIT $2");
    Statement::composed("journal.entry.browse", sql)
}

pub(crate) fn read(row: &Row) -> Result<Entry, DbError> {
    let json = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
    Ok(Entry {
        seq: row.get("seq")?,
        id: row.get("id")?,
        at: row.get("at")?,
        actor_kind: row.get("actor_kind")?,
        actor_id: row.get("actor_id")?,
        actor_name: row.get("actor_name")?,
        on_behalf_of: row.get("on_behalf_of")?,
        action: row.get("action")?,
        subject: Subject {
            kind: row.get("subject_kind")?,
            id: row.get("subject_id")?,
        },
        organisation_id: row.get("organisation_id")?,
        public: row.get("public")?,
        before: json(row.get("before")?),
        after: json(row.get("after")?),
        request_id: row.get("request_id")?,
    })
}
