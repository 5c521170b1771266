//! Private addresses by which calendar programs read missions without a session. An address is shown
//! once and kept as its SHA-256: it has 256 random bits, so that nobody finds one by trying or from
//! its hash.

use jiff::{Timestamp, ToSpan as _};
use kit_access::Actor;
use kit_journal::Change;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::access::{CONDUCT, STAFF};
use crate::domain::{CalendarEntry, calendar};
use crate::store::calendars as store;
use crate::store::experts;
use crate::store::missions::{self, Mission};
use crate::{Brigade, BrigadeError};

/// Of what a calendar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalendarOf {
    /// One mission.
    Mission(Uuid),
    /// An expert's missions.
    Expert(Uuid),
}

impl CalendarOf {
    fn parts(self) -> (&'static str, Uuid) {
        match self {
            Self::Mission(id) => ("mission", id),
            Self::Expert(id) => ("expert", id),
        }
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn entry(one: &Mission) -> CalendarEntry {
    CalendarEntry {
        id: one.id,
        title: one.title.clone(),
        from: one.period.0,
        to: one.period.1,
        state: one.state,
        version: one.version,
        changed_at: one.updated_at,
    }
}

impl Brigade {
    /// Whose calendar it is: its ministry, after the permission was demanded.
    pub(crate) async fn may_share(
        &self,
        actor: &Actor,
        of: CalendarOf,
    ) -> Result<Option<Uuid>, BrigadeError> {
        match of {
            CalendarOf::Mission(id) => {
                let one = self.mission_of(actor, id).await?;
                actor.demand(&CONDUCT, one.ministry)?;
                Ok(one.ministry)
            }
            CalendarOf::Expert(id) => {
                if self.own_expert(actor).await? != Some(id) {
                    actor.demand(&STAFF, None)?;
                    experts::find(&self.db, id)
                        .await?
                        .ok_or(BrigadeError::NotFound)?;
                }
                Ok(None)
            }
        }
    }

    /// Makes the private address of a calendar, in place of the one before; its path.
    pub async fn share_calendar(
        &self,
        actor: &Actor,
        of: CalendarOf,
    ) -> Result<String, BrigadeError> {
        let ministry = self.may_share(actor, of).await?;
        let bytes = self.source.random::<32>();
        let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
        let token = digits.collect::<String>();
        let (kind, id) = of.parts();
        let mut tx = self.db.begin().await?;
        let now = self.source.now();
        store::replace(&mut tx, hash(&token), (kind, id), actor.name(), now).await?;
        let change = Change::new("brigade.calendar.share", kind, id)
            .of(ministry)
            .after(json!({ "shared": true }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(format!("/brigade/calendars/{token}"))
    }

    /// Takes the private address of a calendar away: who holds it reads nothing from then on.
    pub async fn revoke_calendar(&self, actor: &Actor, of: CalendarOf) -> Result<(), BrigadeError> {
        let ministry = self.may_share(actor, of).await?;
        let (kind, id) = of.parts();
        let mut tx = self.db.begin().await?;
        if store::remove(&mut tx, (kind, id)).await? {
            let change = Change::new("brigade.calendar.revoke", kind, id)
                .of(ministry)
                .before(json!({ "shared": true }));
            self.journal.append(&mut tx, actor, change).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Who made the address of a calendar, and when; `None` when there is none.
    pub(crate) async fn shared_calendar(
        &self,
        of: CalendarOf,
    ) -> Result<Option<(String, Timestamp)>, BrigadeError> {
        Ok(store::made(&self.db, of.parts()).await?)
    }

    /// The calendar of a private address. An address that isn't one is not found.
    pub async fn calendar_of(&self, token: &str) -> Result<String, BrigadeError> {
        let found = store::subject(&self.db, hash(token)).await?;
        let (kind, id) = found.ok_or(BrigadeError::NotFound)?;
        let title = self.mail_words.text("brigade-calendar");
        let entries: Vec<CalendarEntry> = if kind == "mission" {
            let one = missions::find(&self.db, id).await?;
            one.iter().map(entry).collect()
        } else {
            let since = self.source.today().saturating_sub(1.year());
            let all = missions::of_expert(&self.db, id, since).await?;
            all.iter().map(entry).collect()
        };
        let host = self.public_url.split("://").last().unwrap_or_default();
        Ok(calendar(&title, host, &entries))
    }
}
