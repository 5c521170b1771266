//! More days or a later end of a mission: the directorate proposes, the ministry agrees.

use kit_access::Actor;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::access::{AGREE, CONDUCT};
use crate::domain::{ExtensionForm, MissionState};
use crate::mails::experts as experts_of;
use crate::missions::Booking;
use crate::store::missions::{self as store, Mission, StoredExtension};
use crate::{Brigade, BrigadeError};

/// What an extension books: its days lie between today and the new end.
fn booking<'b>(
    (one, extension): (&Mission, &StoredExtension),
    today: jiff::civil::Date,
) -> Booking<'b> {
    Booking {
        expert: extension.expert,
        mission: one.id,
        half_days: extension.half_days,
        period: (one.period.0.max(today), extension.to.max(one.period.1)),
        field: "days",
        expertise: None,
    }
}

impl Brigade {
    /// Proposes an extension of a mission of that version. Nothing is booked before the ministry
    /// agrees; what can't be booked now isn't proposed.
    pub async fn propose_extension(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &ExtensionForm,
    ) -> Result<Uuid, BrigadeError> {
        let known = self.mission_of(actor, id).await?;
        actor.demand(&CONDUCT, known.ministry)?;
        let (expert, half_days, to, reason) = form.read()?;
        let today = self.source.today();
        let told_to = self.tell_ministry(known.ministry, None).await?;
        let extension = StoredExtension {
            id: self.source.new_id(),
            expert,
            name: String::new(),
            half_days,
            to,
            reason,
            proposed_on: today,
            answer: None,
        };
        let mut tx = self.db.begin().await?;
        let one = self.mission_in(&mut tx, id).await?;
        actor.demand(&CONDUCT, one.ministry)?;
        if one.version != version {
            return Err(BrigadeError::Stale);
        }
        if !matches!(one.state, MissionState::Agreed | MissionState::Running) {
            return Err(BrigadeError::Impossible);
        }
        let earliest = one.period.1.max(today);
        if to < one.period.1 {
            return Err(BrigadeError::mistake(
                "to",
                "brigade-mistake-past",
                earliest,
            ));
        }
        if half_days == 0 && to == one.period.1 {
            let key = "brigade-mistake-nothing-more";
            return Err(BrigadeError::mistake("days", key, ""));
        }
        if to > one.period.0.saturating_add(jiff::Span::new().years(3)) {
            return Err(BrigadeError::mistake("to", "brigade-mistake-length", 3));
        }
        let assigned = store::assignments(&mut tx, id).await?;
        if !assigned.iter().any(|goes| goes.expert == expert) {
            let key = "brigade-mistake-not-assigned";
            return Err(BrigadeError::mistake("expert", key, ""));
        }
        if half_days > 0 {
            self.room(&mut tx, booking((&one, &extension), today))
                .await?;
        }
        if !store::propose_extension(&mut tx, id, &extension).await? {
            return Err(BrigadeError::Impossible);
        }
        self.mission_acted(
            &mut tx,
            actor,
            (&one, &one),
            ("propose-extension", &extension.reason),
        )
        .await?;
        let news = ("brigade-told-extension", extension.reason.as_str());
        self.mail_of_mission(&mut tx, &told_to, &one, news).await?;
        tx.commit().await?;
        Ok(extension.id)
    }

    /// Agrees to the extension that waits, or refuses it.
    pub async fn answer_extension(
        &self,
        actor: &Actor,
        id: Uuid,
        extension: Uuid,
        is_agreed: bool,
    ) -> Result<(), BrigadeError> {
        let known = self.mission_of(actor, id).await?;
        actor.demand(&AGREE, known.ministry)?;
        let directorate = self.tell_directorate(known.ministry).await?;
        let today = self.source.today();
        let mut tx = self.db.begin().await?;
        let before = self.mission_in(&mut tx, id).await?;
        actor.demand(&AGREE, before.ministry)?;
        let all = store::extensions(&mut tx, id).await?;
        let found = all.into_iter().find(|one| one.id == extension);
        let waits = found.ok_or(BrigadeError::NotFound)?;
        if !store::answer_extension(&mut tx, extension, today, is_agreed).await? {
            return Err(BrigadeError::Impossible);
        }
        let mut one = before.clone();
        let (act, key) = if is_agreed {
            if !matches!(one.state, MissionState::Agreed | MissionState::Running) {
                return Err(BrigadeError::Impossible);
            }
            if waits.half_days > 0 {
                self.book(&mut tx, booking((&one, &waits), today)).await?;
                let who = (id, waits.expert);
                store::extend(&mut tx, who, waits.half_days).await?;
            }
            one.period.1 = one.period.1.max(waits.to);
            ("agree-extension", "brigade-told-extension-agreed")
        } else {
            ("refuse-extension", "brigade-told-extension-refused")
        };
        self.mission_acted(&mut tx, actor, (&before, &one), (act, &waits.reason))
            .await?;
        let change = Change::new("brigade.extension.answer", "mission", id)
            .of(one.ministry)
            .after(json!({
                "agreed": is_agreed, "expert": waits.expert, "half_days": waits.half_days,
                "to": waits.to,
            }));
        self.journal.append(&mut tx, actor, change).await?;
        let people = experts_of(&store::assignments(&mut tx, id).await?);
        let told_to = people.and(directorate);
        self.mail_of_mission(&mut tx, &told_to, &one, (key, &waits.reason))
            .await?;
        Ok(tx.commit().await?)
    }
}
