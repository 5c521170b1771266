//! Acts on conferences: planned, moved, prepared, held, adopted, published.

use jiff::civil::Date;
use kit_access::Actor;
use kit_acts::Happening;
use kit_db::Tx;
use kit_journal::Change;
use kit_ui::{Locale, format};
use serde_json::json;
use uuid::Uuid;

use crate::access::{ADOPT, CONFER, READ};
use crate::domain::{
    Adoption, ConferenceAct, ConferenceForm, ConferenceLife, ConferenceRefusal, ConferenceState,
    Publication, PublicationForm,
};
use crate::mails::News;
use crate::store::conferences::{self as store, Conference, ConferencePoint};
use crate::store::products;
use crate::{Event, Steering, SteeringError, WORDING};

impl From<ConferenceRefusal> for SteeringError {
    fn from(refusal: ConferenceRefusal) -> Self {
        let wrong = |key, value: String| Self::mistake("act", key, value);
        match refusal {
            ConferenceRefusal::State => Self::Impossible,
            ConferenceRefusal::Early(day) => wrong("steering-mistake-early", day.to_string()),
            ConferenceRefusal::Empty => wrong("steering-mistake-no-point", String::new()),
            ConferenceRefusal::Unwritten(points) => {
                wrong("steering-mistake-unwritten", points.to_string())
            }
            ConferenceRefusal::SamePerson => wrong("steering-mistake-same-person", String::new()),
        }
    }
}

/// What the journal holds of a conference: no names of participants.
fn told(one: &Conference) -> serde_json::Value {
    json!({
        "ministry": one.ministry, "kind": one.kind, "day": one.life.day, "hour": one.hour,
        "place": one.place, "state": one.life.state, "participants": one.participants.len(),
    })
}

impl Steering {
    /// The name of a ministry, read before the transaction that keeps it.
    pub(crate) async fn ministry_name(&self, ministry: Uuid) -> Result<String, SteeringError> {
        let all = self.organisations.all(None).await?;
        let found = all.into_iter().find(|one| one.id.0 == ministry);
        Ok(found.ok_or(SteeringError::NotFound)?.name)
    }

    /// Plans the conference of a ministry, and invites both sides.
    pub async fn plan_conference(
        &self,
        actor: &Actor,
        ministry: Uuid,
        form: &ConferenceForm,
    ) -> Result<Uuid, SteeringError> {
        actor.demand(&CONFER, Some(ministry))?;
        let today = self.source.today();
        let read = form.read(None, today)?;
        let ministry_name = self.ministry_name(ministry).await?;
        let one = Conference {
            id: self.source.new_id(),
            ministry,
            ministry_name,
            kind: read.kind,
            reason: read.reason,
            hour: read.hour,
            place: read.place,
            participants: read.participants,
            life: ConferenceLife::planned(read.day),
            publication: None,
            version: 1,
        };
        let mut tx = self.db.begin().await?;
        if !store::insert(&mut tx, &one, self.source.now()).await? {
            let year = one.life.day.year();
            return Err(SteeringError::mistake("day", "steering-mistake-year", year));
        }
        // Lists of those who read a few ministries run through what steering knows.
        products::keep_ministry(&mut tx, ministry).await?;
        self.conference_step(&mut tx, actor, &one, "plan", (today, &one.reason))
            .await?;
        self.tell_of_conference(&mut tx, &one, "steering-told-conference-plan", &one.reason)
            .await?;
        let change = Change::new("steering.conference.plan", "conference", one.id)
            .of(Some(ministry))
            .after(told(&one));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(one.id)
    }

    /// Changes the day, place or participants of a conference that didn't take place yet.
    pub async fn edit_conference(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &ConferenceForm,
    ) -> Result<(), SteeringError> {
        let mut tx = self.db.begin().await?;
        let mut one = self.conference_in(&mut tx, id).await?;
        actor.demand(&CONFER, Some(one.ministry))?;
        if one.version != version {
            return Err(SteeringError::Stale);
        }
        if !one.life.is_movable() {
            return Err(SteeringError::Impossible);
        }
        let today = self.source.today();
        let form = ConferenceForm {
            kind: one.kind.code().to_owned(),
            ..form.clone()
        };
        let read = form.read(Some((one.life.day, &one.hour)), today)?;
        let is_moved = (read.day, &read.hour) != (one.life.day, &one.hour);
        let taken = store::ordinary(&mut tx, one.ministry, read.day.year()).await?;
        if one.kind.code() == "ordinary" && taken.is_some_and(|other| other != id) {
            let year = read.day.year();
            return Err(SteeringError::mistake("day", "steering-mistake-year", year));
        }
        let before = told(&one);
        one.life.day = read.day;
        one.hour = read.hour;
        one.place = read.place;
        one.participants = read.participants;
        self.save_conference(&mut tx, &one, version).await?;
        let (act, key) = if is_moved {
            ("move", "steering-told-conference-move")
        } else {
            ("edit", "steering-told-conference-edit")
        };
        self.conference_step(&mut tx, actor, &one, act, (today, &read.reason))
            .await?;
        self.tell_of_conference(&mut tx, &one, key, &read.reason)
            .await?;
        let change = Change::new("steering.conference.edit", "conference", id)
            .of(Some(one.ministry))
            .before(before)
            .after(told(&one));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// Does something with a conference of that version. `text` says why it is cancelled or what is
    /// added to its minutes.
    pub async fn act_on_conference(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        act: ConferenceAct,
        text: &str,
    ) -> Result<(), SteeringError> {
        // Read from other modules before the transaction: none of them waits for what it holds.
        let files = match act {
            ConferenceAct::Prepare => self.project_files(actor, id).await?,
            _ => Vec::new(),
        };
        let mut tx = self.db.begin().await?;
        let mut one = self.conference_in(&mut tx, id).await?;
        let permission = match act {
            ConferenceAct::AdoptMinistry => &ADOPT,
            _ => &CONFER,
        };
        actor.demand(permission, Some(one.ministry))?;
        if one.version != version {
            return Err(SteeringError::Stale);
        }
        let mut reader = WORDING.reader();
        let text = match act {
            ConferenceAct::Cancel => reader.needed("reason", text, 2_000),
            ConferenceAct::Add => reader.needed("reason", text, 8_000),
            _ => reader.text("reason", text, 2_000),
        };
        let text = reader.done(text)?;
        let today = self.source.today();
        let by = Adoption {
            on: today,
            by: actor.person_id(),
            name: actor.name().to_owned(),
        };
        let points = store::points(&mut tx, id).await?;
        let taken: Vec<&ConferencePoint> =
            points.iter().filter(|one| one.dropped.is_none()).collect();
        let unwritten = taken.iter().filter(|one| !one.is_written()).count();
        let before = told(&one);
        one.life = one.life.after(act, &by, (taken.len(), unwritten))?;
        for (point, file) in &files {
            store::freeze(&mut tx, *point, file).await?;
        }
        let is_closed = one.life.state == ConferenceState::Closed;
        if is_closed && act != ConferenceAct::Add {
            one.publication = Some(Publication::usual(today));
            for point in &taken {
                self.close_agenda_of(&mut tx, &one, point).await?;
            }
        }
        if act == ConferenceAct::Add {
            // What was adopted stays as it is; the addition has its day and its author.
            store::bump(&mut tx, id).await?;
        } else {
            self.save_conference(&mut tx, &one, version).await?;
        }
        self.conference_step(&mut tx, actor, &one, act.code(), (today, &text))
            .await?;
        let key = match act {
            ConferenceAct::Prepare => Some("steering-told-conference-prepare"),
            ConferenceAct::Cancel => Some("steering-told-conference-cancel"),
            ConferenceAct::Add => Some("steering-told-conference-add"),
            _ if is_closed => Some("steering-told-conference-close"),
            ConferenceAct::AdoptDirectorate | ConferenceAct::AdoptMinistry => {
                Some("steering-told-conference-adopt")
            }
            ConferenceAct::Hold => None,
        };
        if let Some(key) = key {
            self.tell_of_conference(&mut tx, &one, key, &text).await?;
        }
        let change = Change::new("steering.conference.act", "conference", id)
            .of(Some(one.ministry))
            .before(before)
            .after(json!({ "act": act, "state": one.life.state, "points": taken.len() }));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// What alerts and escalations had put on the agenda of a product is dealt with.
    async fn close_agenda_of(
        &self,
        tx: &mut Tx,
        one: &Conference,
        point: &ConferencePoint,
    ) -> Result<(), SteeringError> {
        let until = one.life.frozen_on.unwrap_or(one.life.day);
        let on = self.source.today();
        let args = [("date", format::date(Locale::Fr, one.life.day).into())];
        let outcome = self
            .mail_words
            .text_with("steering-conference-spoke", &args);
        Ok(store::close_agenda(tx, (point.product, until), on, &outcome).await?)
    }

    /// Plans when and how the minutes are published.
    pub async fn publish_conference(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &PublicationForm,
    ) -> Result<(), SteeringError> {
        let mut tx = self.db.begin().await?;
        let one = self.conference_in(&mut tx, id).await?;
        actor.demand(&CONFER, Some(one.ministry))?;
        let (Some(planned), Some(closed_on)) = (&one.publication, one.life.closed_on) else {
            return Err(SteeringError::Impossible);
        };
        let today = self.source.today();
        let next = form.read(&WORDING, closed_on, planned, today)?;
        if !store::publish(&mut tx, id, version, &next).await? {
            return Err(SteeringError::Stale);
        }
        self.conference_step(&mut tx, actor, &one, "publish", (today, &next.reason))
            .await?;
        let change = Change::new("steering.conference.publish", "conference", id)
            .of(Some(one.ministry))
            .before(crate::publications::summary(planned))
            .after(crate::publications::summary(&next));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// A conference that the actor may read, with its points and what happened to it.
    pub async fn conference(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<(Conference, Vec<ConferencePoint>, Vec<Event>), SteeringError> {
        let found = store::find(&self.db, id).await?;
        let one = found.ok_or(SteeringError::NotFound)?;
        actor.demand(&READ, Some(one.ministry))?;
        let points = store::points(&self.db, id).await?;
        let steps = store::steps(&self.db, id).await?;
        Ok((one, points, steps))
    }

    /// A conference whose row the transaction holds.
    pub(crate) async fn conference_in(
        &self,
        tx: &mut Tx,
        id: Uuid,
    ) -> Result<Conference, SteeringError> {
        let found = store::hold(tx, id, self.source.now()).await?;
        found.ok_or(SteeringError::NotFound)
    }

    pub(crate) async fn save_conference(
        &self,
        tx: &mut Tx,
        one: &Conference,
        version: i64,
    ) -> Result<(), SteeringError> {
        if store::save(tx, one, version).await? {
            Ok(())
        } else {
            Err(SteeringError::Stale)
        }
    }

    /// Appends what happened to a conference.
    pub(crate) async fn conference_step(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        one: &Conference,
        act: &str,
        (on, reason): (Date, &str),
    ) -> Result<(), SteeringError> {
        let step = Happening {
            product: None,
            subject: ("conference", one.id),
            act,
            on,
            reason,
        };
        let step = step.by(actor, &self.source);
        Ok(store::append(tx, &step).await?)
    }

    /// Appends what happened to a product at a conference to the product's own events.
    pub(crate) async fn point_happened(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        point: &ConferencePoint,
        act: &str,
        (on, reason): (Date, &str),
    ) -> Result<(), SteeringError> {
        let what = Happening {
            product: Some(point.product),
            subject: ("conference", point.id),
            act,
            on,
            reason,
        };
        self.happened(tx, actor, what).await
    }

    /// Tells both sides: the ministry's digital director and the directorate's officers. The Budget
    /// directorate has no accounts: its people are invited by the officers.
    pub(crate) async fn tell_of_conference(
        &self,
        tx: &mut Tx,
        one: &Conference,
        key: &'static str,
        reason: &str,
    ) -> Result<(), SteeringError> {
        let ministry = Some(one.ministry);
        let told_to = self.tell_ministry(&mut *tx, ministry).await?;
        let told_to = told_to.and(self.tell_directorate(&mut *tx, ministry).await?);
        let args = [
            ("date", format::date(Locale::Fr, one.life.day).into()),
            ("hour", one.hour.as_str().into()),
            ("place", one.place.as_str().into()),
        ];
        let about = self.mail_words.text_with("steering-conference-when", &args);
        let path = format!("/steering/conferences/{}", one.id);
        let news = News {
            key,
            product: &one.ministry_name,
            about: &about,
            reason,
            path: &path,
            due: None,
        };
        self.mail(tx, told_to, news).await
    }
}
