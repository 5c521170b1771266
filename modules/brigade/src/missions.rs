//! Acts on missions: proposing one, what the ministry and the directorate do with it, days.

use jiff::civil::Date;
use kit_access::{Actor, Permission};
use kit_acts::Happening;
use kit_db::Tx;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::access::{AGREE, CONDUCT, READ};
use crate::domain::{
    AnswerForm, DayForm, DayRefusal, MissionAct, MissionForm, MissionRead, MissionState, Mistake,
    Recorded, RequestAct, Weeks, check_day, monday, spread,
};
use crate::mails::{News, Told, experts as experts_of};
use crate::store::missions::{self as store, Mission};
use crate::store::{experts, plan};
use crate::{Brigade, BrigadeError, Overbooked};

/// What is taken of somebody for a mission.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Booking<'b> {
    pub(crate) expert: Uuid,
    pub(crate) mission: Uuid,
    pub(crate) half_days: u32,
    pub(crate) period: (Date, Date),
    /// The field that asks for it.
    pub(crate) field: &'b str,
    /// The expertise that it must know.
    pub(crate) expertise: Option<&'b str>,
}

fn told(one: &Mission) -> serde_json::Value {
    json!({
        "product": one.product, "request": one.request, "state": one.state,
        "from": one.period.0, "to": one.period.1,
    })
}

impl Brigade {
    /// Books half days of somebody, under its row: of two at once the second sees what the first took
    /// and is refused where nothing is left.
    pub(crate) async fn book(&self, tx: &mut Tx, asked: Booking<'_>) -> Result<(), BrigadeError> {
        let part = self.room(&mut *tx, asked).await?;
        Ok(plan::add(tx, asked.expert, asked.mission, &part).await?)
    }

    /// How half days of somebody, whose row it holds, spread over the weeks that are free.
    pub(crate) async fn room(
        &self,
        tx: &mut Tx,
        asked: Booking<'_>,
    ) -> Result<Weeks, BrigadeError> {
        let found = experts::hold(&mut *tx, asked.expert).await?;
        let wrong = || BrigadeError::mistake(asked.field, "brigade-mistake-expert", "");
        let one = found.ok_or_else(wrong)?;
        if let Some(code) = asked.expertise
            && (!one.in_use || !one.skills.contains_key(code))
        {
            return Err(wrong());
        }
        let (from, to) = asked.period;
        let weeks = (monday(from), monday(to));
        let booked = plan::of_expert(&mut *tx, one.id, weeks).await?;
        let free = one.availability.free(&booked, from, to);
        match spread(asked.half_days, &free) {
            Some(part) => Ok(part),
            None => Err(BrigadeError::Overbooked(Box::new(Overbooked {
                field: asked.field.to_owned(),
                name: one.name,
                wanted: asked.half_days,
                free: free.values().sum(),
                taken: plan::taken(tx, one.id, weeks).await?,
            }))),
        }
    }

    /// Answers a request of that version with a mission, which the ministry then agrees to.
    pub async fn propose_mission(
        &self,
        actor: &Actor,
        request: Uuid,
        version: i64,
        form: &MissionForm,
    ) -> Result<Uuid, BrigadeError> {
        let known = self.request_of(actor, request).await?;
        actor.demand(&CONDUCT, known.ministry)?;
        let today = self.source.today();
        let read = form.read(today)?;
        let told_to = self.tell_ministry(known.ministry, known.asked_by).await?;
        let mut tx = self.db.begin().await?;
        let mut asked = self.request_in(&mut tx, request, version).await?;
        actor.demand(&CONDUCT, asked.ministry)?;
        let before = asked.state;
        let accepted = before.after(RequestAct::Accept);
        asked.state = accepted.ok_or(BrigadeError::Impossible)?;
        asked.put_off_until = None;
        asked.answered_on = asked.answered_on.or(Some(today));
        let MissionRead {
            title,
            objective,
            criterion,
            period,
            assignments,
        } = read;
        let one = Mission {
            id: self.source.new_id(),
            request,
            product: asked.product,
            product_title: asked.product_title.clone(),
            ministry: asked.ministry,
            title,
            objective,
            criterion,
            period,
            state: MissionState::Proposed,
            proposed_on: today,
            agreed_on: None,
            agreed_by: String::new(),
            ended_on: None,
            end_reason: String::new(),
            findings: String::new(),
            changes: String::new(),
            link: String::new(),
            file_key: String::new(),
            file_name: String::new(),
            version: 1,
            updated_at: self.source.now(),
        };
        store::insert(&mut tx, &one).await?;
        // In the order of experts' ids: two proposals never wait for each other in a circle.
        for assigned in &assignments {
            let booking = Booking {
                expert: assigned.expert,
                mission: one.id,
                half_days: assigned.half_days,
                period: (one.period.0.max(today), one.period.1),
                field: &assigned.field,
                expertise: Some(&assigned.expertise),
            };
            self.book(&mut tx, booking).await?;
            let who = (
                assigned.expert,
                assigned.expertise.as_str(),
                assigned.half_days,
            );
            store::assign(&mut tx, one.id, who).await?;
        }
        let change = (before, &asked);
        self.request_acted(&mut tx, actor, change, (RequestAct::Accept, &one.title))
            .await?;
        self.mission_happened(&mut tx, actor, &one, ("propose", &one.objective))
            .await?;
        let goes: Vec<_> = assignments
            .iter()
            .map(|one| json!({ "expert": one.expert, "expertise": one.expertise, "half_days": one.half_days }))
            .collect();
        let change = Change::new("brigade.mission.propose", "mission", one.id)
            .of(one.ministry)
            .after(json!({ "mission": told(&one), "experts": goes }));
        self.journal.append(&mut tx, actor, change).await?;
        let people = experts_of(&store::assignments(&mut tx, one.id).await?);
        self.mail_of_mission(&mut tx, &told_to, &one, ("brigade-told-propose", ""))
            .await?;
        self.mail_of_mission(&mut tx, &people, &one, ("brigade-told-chosen", ""))
            .await?;
        tx.commit().await?;
        Ok(one.id)
    }

    pub(crate) async fn mission_happened(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        one: &Mission,
        (act, reason): (&str, &str),
    ) -> Result<(), BrigadeError> {
        let what = Happening {
            product: Some(one.product),
            subject: ("mission", one.id),
            on: self.source.today(),
            act,
            reason,
        };
        self.happened(tx, actor, what).await
    }

    pub(crate) async fn mail_of_mission(
        &self,
        tx: &mut Tx,
        told_to: &Told,
        one: &Mission,
        (key, reason): (&'static str, &str),
    ) -> Result<(), BrigadeError> {
        let path = format!("/brigade/missions/{}", one.id);
        let news = News {
            key,
            product: &one.product_title,
            about: &one.title,
            reason,
            path: &path,
            due: None,
        };
        self.mail(tx, told_to, news).await
    }

    /// A mission that the actor may read.
    pub(crate) async fn mission_of(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<Mission, BrigadeError> {
        let found = store::find(&self.db, id).await?;
        let one = found.ok_or(BrigadeError::NotFound)?;
        actor.demand(&READ, one.ministry)?;
        Ok(one)
    }

    /// A mission in a transaction that holds its product and its row.
    pub(crate) async fn mission_in(&self, tx: &mut Tx, id: Uuid) -> Result<Mission, BrigadeError> {
        let found = store::find(&mut *tx, id).await?;
        let product = found.ok_or(BrigadeError::NotFound)?.product;
        self.product_in(tx, product).await?;
        let found = store::hold(tx, id).await?;
        found.ok_or(BrigadeError::NotFound)
    }

    /// Saves a mission that an act changed, with the event and the journal's entry.
    pub(crate) async fn mission_acted(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        (before, one): (&Mission, &Mission),
        (act, reason): (&str, &str),
    ) -> Result<(), BrigadeError> {
        if !store::save(tx, one, self.source.now()).await? {
            return Err(BrigadeError::Stale);
        }
        self.mission_happened(tx, actor, one, (act, reason)).await?;
        let change = Change::new("brigade.mission.act", "mission", one.id)
            .of(one.ministry)
            .before(told(before))
            .after(json!({ "mission": told(one), "act": act }));
        self.journal.append(tx, actor, change).await?;
        Ok(())
    }

    /// Agrees to a mission of that version, starts, closes or cancels it. A ministry refuses by
    /// cancelling what was proposed to it.
    pub async fn act_on_mission(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        act: MissionAct,
        form: &AnswerForm,
    ) -> Result<(), BrigadeError> {
        let known = self.mission_of(actor, id).await?;
        if !may_act(actor, &known, act) {
            actor.demand(permission(&known, act), known.ministry)?;
        }
        let reason = form.reason(act == MissionAct::Cancel)?;
        let directorate = self.tell_directorate(known.ministry).await?;
        let ministry = self.tell_ministry(known.ministry, None).await?;
        let today = self.source.today();
        let mut tx = self.db.begin().await?;
        let before = self.mission_in(&mut tx, id).await?;
        if !may_act(actor, &before, act) {
            actor.demand(permission(&before, act), before.ministry)?;
        }
        if before.version != version {
            return Err(BrigadeError::Stale);
        }
        let mut one = before.clone();
        one.state = before.state.after(act).ok_or(BrigadeError::Impossible)?;
        let key = match act {
            MissionAct::Agree => {
                one.agreed_on = Some(today);
                one.agreed_by = actor.name().to_owned();
                "brigade-told-agree"
            }
            MissionAct::Start if today < one.period.0 => {
                let key = "brigade-mistake-early";
                return Err(BrigadeError::mistake("reason", key, one.period.0));
            }
            MissionAct::Start => "brigade-told-start",
            // A report is given with what it says.
            MissionAct::Report => return Err(BrigadeError::Impossible),
            MissionAct::Close => {
                one.ended_on = Some(today);
                one.end_reason.clone_from(&reason);
                "brigade-told-close"
            }
            MissionAct::Cancel => {
                one.ended_on = Some(today);
                one.end_reason.clone_from(&reason);
                plan::free(&mut tx, id, monday(today)).await?;
                "brigade-told-cancel"
            }
        };
        self.mission_acted(&mut tx, actor, (&before, &one), (act.code(), &reason))
            .await?;
        let people = experts_of(&store::assignments(&mut tx, id).await?);
        let told_to = match act {
            MissionAct::Agree => people.and(directorate),
            MissionAct::Cancel => people.and(directorate).and(ministry),
            _ => people.and(ministry),
        };
        self.mail_of_mission(&mut tx, &told_to, &one, (key, &reason))
            .await?;
        Ok(tx.commit().await?)
    }

    /// Whether the actor may record an expert's days at a mission: an officer, or the expert itself.
    pub(crate) async fn own_expert(&self, actor: &Actor) -> Result<Option<Uuid>, BrigadeError> {
        let Some(person) = actor.person_id() else {
            return Ok(None);
        };
        let found = experts::of_person(&self.db, person).await?;
        Ok(found.map(|one| one.id))
    }

    /// Records what an expert spent on a day, in place of what was recorded for it.
    pub async fn record_day(
        &self,
        actor: &Actor,
        id: Uuid,
        form: &DayForm,
    ) -> Result<(), BrigadeError> {
        let (expert, on, half_days) = form.read()?;
        let own = self.own_expert(actor).await?;
        let mut tx = self.db.begin().await?;
        let one = self.mission_in(&mut tx, id).await?;
        if own != Some(expert) {
            actor.demand(&CONDUCT, one.ministry)?;
        }
        if !matches!(one.state, MissionState::Running | MissionState::Reported) {
            return Err(BrigadeError::Impossible);
        }
        // Its row is held: two recordings of one day never add up to more than a day.
        experts::hold(&mut tx, expert).await?;
        let assigned = store::assignments(&mut tx, id).await?;
        let Some(goes) = assigned.iter().find(|goes| goes.expert == expert) else {
            let key = "brigade-mistake-not-assigned";
            return Err(BrigadeError::mistake("expert", key, ""));
        };
        let (spent, elsewhere) = store::spent(&mut tx, (id, expert), on).await?;
        let known = Recorded {
            from: one.period.0,
            to: one.period.1,
            agreed: goes.half_days,
            spent,
            elsewhere,
        };
        check_day(&known, on, half_days, self.source.today()).map_err(refusal)?;
        let (by, now) = (actor.name().to_owned(), self.source.now());
        store::record(&mut tx, (id, expert), (on, half_days), &by, now).await?;
        let change = Change::new("brigade.day.record", "mission", id)
            .of(one.ministry)
            .after(json!({ "expert": expert, "on": on, "half_days": half_days }));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }
}

/// Why a day isn't recorded, as a mistake of the form.
fn refusal(refusal: DayRefusal) -> BrigadeError {
    let half = |half_days: u32| {
        let days = half_days / 2;
        let decimal = if half_days % 2 == 1 { ",5" } else { "" };
        format!("{days}{decimal}")
    };
    let mistake = match refusal {
        DayRefusal::Future(today) => Mistake::about("on", "brigade-mistake-future", today),
        DayRefusal::Before(from) => Mistake::about("on", "brigade-mistake-before", from),
        DayRefusal::After(to) => Mistake::about("on", "brigade-mistake-after", to),
        DayRefusal::NotWorked => Mistake::about("on", "brigade-mistake-not-worked", ""),
        DayRefusal::TooMuch(left) => {
            Mistake::about("half_days", "brigade-mistake-too-much", half(left))
        }
        DayRefusal::DayFull(left) => {
            Mistake::about("half_days", "brigade-mistake-day-full", half(left))
        }
    };
    BrigadeError::Mistakes(vec![mistake])
}

/// Who may do something with a mission as it stands.
fn permission(one: &Mission, act: MissionAct) -> &'static Permission {
    match act {
        MissionAct::Agree => &AGREE,
        MissionAct::Cancel if one.state == MissionState::Proposed => &AGREE,
        _ => &CONDUCT,
    }
}

/// Whether the actor may: what was proposed is cancelled by either side.
pub(crate) fn may_act(actor: &Actor, one: &Mission, act: MissionAct) -> bool {
    actor.may(permission(one, act), one.ministry)
        || (act == MissionAct::Cancel && actor.may(&CONDUCT, one.ministry))
}
