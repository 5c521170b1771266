//! Requests for accreditation: beginning one, filling it in, reading it, talking about it.

use jiff::Timestamp;
use kit_access::{Actor, Reach};
use kit_journal::{Change, Entry, Journal};
use ports::exchange::Party;
use serde_json::json;
use uuid::Uuid;

use crate::access::{ASK, EDIT_API, INSTRUCT, READ_ACCREDITATIONS};
use crate::domain::{
    ApiStatus, FORM_BYTES_MAX, Life, Mistake, Offer, RequestForm, RequestState, Step, Version,
};
use crate::mails::{News, Told};
use crate::store::accreditations::{self as store, Accreditation, Message};
use crate::store::{head, to_json, versions};
use crate::{Exchange, ExchangeError};

/// Longest message of a thread, in characters.
const MESSAGE_CHARS_MAX: usize = 5_000;

/// A request about to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewRequest {
    /// For which organisation.
    pub requester: Uuid,
    /// The API from whose page it begins.
    pub api: Option<Uuid>,
}

/// From where somebody looks at an accreditation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools)] // somebody may sit on several sides
pub(crate) struct Seat {
    /// It is its organisation's.
    pub(crate) is_requester: bool,
    /// Its organisation is the editor that acts for the requester.
    pub(crate) is_editor: bool,
    /// It decides.
    pub(crate) is_instructor: bool,
    /// It keeps an API that is named.
    pub(crate) is_producer: bool,
}

impl Seat {
    fn is_any(self) -> bool {
        self.is_requester || self.is_editor || self.is_instructor || self.is_producer
    }

    /// Whether it may name clients and make keys.
    pub(crate) fn uses(self) -> bool {
        self.is_requester || self.is_editor
    }
}

/// An accreditation with where the reader sits.
pub(crate) struct Seen {
    pub(crate) one: Accreditation,
    pub(crate) seat: Seat,
    pub(crate) requester: Party,
}

impl Exchange {
    async fn seat(&self, actor: &Actor, one: &Accreditation) -> Result<Seat, ExchangeError> {
        let was_sent = one.life.request != RequestState::Draft || one.life.granted.is_some();
        let mut seat = Seat {
            is_requester: actor.may(&ASK, Some(one.requester)),
            is_editor: one
                .editor
                .is_some_and(|editor| actor.may(&ASK, Some(editor))),
            is_instructor: was_sent && actor.may(&INSTRUCT, Some(one.requester)),
            is_producer: false,
        };
        if was_sent && actor.may_somewhere(&EDIT_API) {
            let producers = store::producers(&self.db, one.id).await?;
            seat.is_producer = producers.iter().any(|id| actor.may(&EDIT_API, Some(*id)));
        }
        Ok(seat)
    }

    /// An accreditation that the actor may read; as if there were none otherwise.
    pub(crate) async fn seen(&self, actor: &Actor, id: Uuid) -> Result<Seen, ExchangeError> {
        actor.demand_somewhere(&READ_ACCREDITATIONS)?;
        let found = store::find(&self.db, id).await?;
        let one = found.ok_or(ExchangeError::NotFound)?;
        let seat = self.seat(actor, &one).await?;
        if !seat.is_any() {
            return Err(ExchangeError::NotFound);
        }
        let requester = head::party(&self.db, one.requester).await?;
        Ok(Seen {
            requester: requester.ok_or(ExchangeError::NotFound)?,
            one,
            seat,
        })
    }

    /// An accreditation that the actor may read.
    pub async fn accreditation(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<Accreditation, ExchangeError> {
        Ok(self.seen(actor, id).await?.one)
    }

    /// The same, of the actor's own organisation.
    pub(crate) async fn own(&self, actor: &Actor, id: Uuid) -> Result<Seen, ExchangeError> {
        let seen = self.seen(actor, id).await?;
        actor.demand(&ASK, Some(seen.one.requester))?;
        Ok(seen)
    }

    /// Begins a request, as a draft of the actor's.
    pub async fn begin_request(
        &self,
        actor: &Actor,
        new: NewRequest,
    ) -> Result<Uuid, ExchangeError> {
        let offers = self.askable(None).await?;
        let offer = offers.iter().find(|offer| Some(offer.api.id) == new.api);
        self.add_draft(actor, new.requester, RequestForm::begun(offer))
            .await
    }

    /// Begins a request that says what another one of the same organisation says.
    pub async fn copy_request(&self, actor: &Actor, id: Uuid) -> Result<Uuid, ExchangeError> {
        let seen = self.own(actor, id).await?;
        self.add_draft(actor, seen.one.requester, seen.one.form)
            .await
    }

    async fn add_draft(
        &self,
        actor: &Actor,
        requester: Uuid,
        form: RequestForm,
    ) -> Result<Uuid, ExchangeError> {
        actor.demand(&ASK, Some(requester))?;
        let no_number = || ExchangeError::mistake("requester", "exchange-mistake-no-siret", "");
        let party = self.known_party(requester).await?.ok_or_else(no_number)?;
        let mut tx = self.db.begin().await?;
        head::keep_party(&mut tx, &party).await?;
        let one = Accreditation {
            id: self.source.new_id(),
            number: store::take_number(&mut tx).await?,
            requester,
            author: actor.person_id(),
            author_name: actor.name().to_owned(),
            title: form.title.clone(),
            form,
            life: Life::begun(),
            submitted_at: None,
            due_on: None,
            decided_at: None,
            instructor: None,
            instructor_name: String::new(),
            noticed_days: None,
            editor: None,
            row_version: 1,
            updated_at: self.source.now(),
        };
        store::insert(&mut tx, &one).await?;
        let change = Change::new("exchange.accreditation.begin", "accreditation", one.id)
            .of(Some(requester))
            .after(json!({ "number": one.number }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(one.id)
    }

    /// The APIs that may be asked for: published ones, and those that a version grants already.
    pub(crate) async fn askable(
        &self,
        granted: Option<&Version>,
    ) -> Result<Vec<Offer>, ExchangeError> {
        let mut offers = self.offers().await?;
        offers.retain(|offer| match offer.api.status {
            ApiStatus::Published => true,
            ApiStatus::Deprecated => granted
                .is_some_and(|version| version.apis.iter().any(|one| one.api == offer.api.id)),
            ApiStatus::Draft | ApiStatus::Withdrawn => false,
        });
        Ok(offers)
    }

    /// The version in force of an accreditation, whatever its standing.
    pub(crate) async fn version_of(
        &self,
        one: &Accreditation,
    ) -> Result<Option<Version>, ExchangeError> {
        match one.life.granted {
            None => Ok(None),
            Some(granted) => Ok(versions::find(&self.db, one.id, granted.version).await?),
        }
    }

    /// Every version, for whoever may read the accreditation.
    pub(crate) async fn versions_of(&self, seen: &Seen) -> Result<Vec<Version>, ExchangeError> {
        Ok(versions::all(&self.db, seen.one.id).await?)
    }

    /// Keeps what was typed on a page of the form, mistakes included. Gives the mistakes of the page.
    pub async fn save_step(
        &self,
        actor: &Actor,
        id: Uuid,
        row_version: i64,
        step: Step,
        form: RequestForm,
    ) -> Result<Vec<Mistake>, ExchangeError> {
        let seen = self.own(actor, id).await?;
        let mut one = seen.one;
        if !one.life.request.is_open() {
            return Err(ExchangeError::Stale);
        }
        let bytes = to_json(&form).len();
        if bytes > FORM_BYTES_MAX {
            let key = "exchange-mistake-form-bytes";
            return Err(ExchangeError::mistake("description", key, FORM_BYTES_MAX));
        }
        let version = self.version_of(&one).await?;
        let offers = self.askable(version.as_ref()).await?;
        let mut form = form;
        if step == Step::Data {
            form.propose(&offers);
        }
        one.title = form.title.trim().chars().take(150).collect();
        one.form = form;
        one.row_version = row_version;
        one.updated_at = self.source.now();
        let mut tx = self.db.begin().await?;
        if !store::update(&mut tx, &one).await? {
            return Err(ExchangeError::Stale);
        }
        // What was typed is nobody's but its author's until it is sent: the journal says that only.
        let change = Change::new("exchange.accreditation.fill_in", "accreditation", id)
            .of(Some(one.requester))
            .after(json!({ "page": step.code() }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        let mut mistakes = one.form.check(&offers).err().unwrap_or_default();
        mistakes.extend(self.editor_mistake(&one.form).await?);
        mistakes.retain(|mistake| Step::of_field(mistake.field) == step);
        Ok(mistakes)
    }

    /// An editor must be known to the directory: its people sign in there.
    pub(crate) async fn editor_mistake(
        &self,
        form: &RequestForm,
    ) -> Result<Option<Mistake>, ExchangeError> {
        let Some(siret) = siret::digits(&form.editor) else {
            return Ok(None);
        };
        let known = self.parties.party_of_siret(&siret).await?;
        Ok(match known {
            Some(_) => None,
            None => Some(Mistake::about("editor", "exchange-mistake-editor", siret)),
        })
    }

    /// Accreditations of the organisations for which the actor asks, or that it edits, before a
    /// place, the latest first, at most `limit`; and whether there are more.
    pub async fn own_accreditations(
        &self,
        actor: &Actor,
        before: (Timestamp, Uuid),
        limit: usize,
    ) -> Result<(Vec<Accreditation>, bool), ExchangeError> {
        actor.demand_somewhere(&ASK)?;
        let wanted = u32::try_from(limit + 1).unwrap_or(u32::MAX);
        let mut found = match actor.reach(&ASK) {
            Reach::State => store::latest(&self.db, before, wanted).await?,
            Reach::Organisations(ids) => {
                let mut found = Vec::new();
                // Of all that a region reaches, those that take part in the exchange.
                for party in head::parties(&self.db).await? {
                    if ids.contains(&party.id) {
                        let more = store::of_body(&self.db, party.id, before, wanted).await?;
                        found.extend(more);
                    }
                }
                found.sort_by_key(|one| std::cmp::Reverse((one.updated_at, one.id)));
                // Requester and editor may both be the actor's.
                found.dedup_by_key(|one| one.id);
                found
            }
        };
        let has_more = found.len() > limit;
        found.truncate(limit);
        Ok((found, has_more))
    }

    /// Accreditations that name an API of a producer.
    pub(crate) async fn accreditations_for(
        &self,
        actor: &Actor,
        producer: Uuid,
    ) -> Result<Vec<Accreditation>, ExchangeError> {
        actor.demand(&EDIT_API, Some(producer))?;
        Ok(store::of_producer(&self.db, producer).await?)
    }

    /// Requests that the actor decides, the most urgent first.
    pub(crate) async fn queue(&self, actor: &Actor) -> Result<Vec<Accreditation>, ExchangeError> {
        actor.demand_somewhere(&INSTRUCT)?;
        let mut waiting = store::waiting(&self.db).await?;
        if actor.reach(&INSTRUCT) != Reach::State {
            waiting.retain(|one| actor.may(&INSTRUCT, Some(one.requester)));
        }
        Ok(waiting)
    }

    /// Takes a request, or gives it to another instructor, by its id.
    pub async fn assign(
        &self,
        actor: &Actor,
        id: Uuid,
        to: Option<Uuid>,
    ) -> Result<(), ExchangeError> {
        let seen = self.seen(actor, id).await?;
        actor.demand(&INSTRUCT, Some(seen.one.requester))?;
        let mut one = seen.one;
        let before = one.instructor;
        (one.instructor, one.instructor_name) = match to {
            None => (actor.person_id(), actor.name().to_owned()),
            Some(person) => {
                let all = self.instructors(one.requester).await?;
                let found = all.into_iter().find(|one| one.id.0 == person);
                let unknown =
                    || ExchangeError::mistake("instructor", "exchange-mistake-choice", "");
                let found = found.ok_or_else(unknown)?;
                (Some(person), found.name)
            }
        };
        let mut told = Told::default();
        if one.instructor != actor.person_id() {
            self.tell_directorate(&mut told, &one).await?;
        }
        let mut tx = self.db.begin().await?;
        if !store::update(&mut tx, &one).await? {
            return Err(ExchangeError::Stale);
        }
        let news = News {
            key: "exchange-told-assign",
            reason: "",
        };
        self.mail(&mut tx, told, &one, news).await?;
        let change = Change::new("exchange.accreditation.assign", "accreditation", id)
            .of(Some(one.requester))
            .before(json!({ "instructor": before }))
            .after(json!({ "instructor": one.instructor }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Those who decide for an organisation.
    pub(crate) async fn instructors(
        &self,
        requester: Uuid,
    ) -> Result<Vec<ports::Addressee>, ExchangeError> {
        let of = Some(ports::OrganisationId(requester));
        Ok(self.parties.holders(ports::roles::INSTRUCTOR, of).await?)
    }

    /// Adds a message to the thread, and tells the others of it.
    pub async fn say(&self, actor: &Actor, id: Uuid, body: &str) -> Result<(), ExchangeError> {
        let seen = self.seen(actor, id).await?;
        let body = body.trim();
        if body.is_empty() {
            return Err(ExchangeError::mistake(
                "body",
                "exchange-mistake-missing",
                "",
            ));
        }
        if body.chars().count() > MESSAGE_CHARS_MAX {
            let key = "exchange-mistake-long";
            return Err(ExchangeError::mistake("body", key, MESSAGE_CHARS_MAX));
        }
        let side = if seen.seat.uses() {
            "requester"
        } else if seen.seat.is_instructor {
            "directorate"
        } else {
            "producer"
        };
        let mut told = Told::default();
        if side != "requester" {
            self.tell_requester(&mut told, &seen.one).await?;
        }
        if side != "directorate" && seen.one.life.request != RequestState::Draft {
            self.tell_directorate(&mut told, &seen.one).await?;
        }
        let message = Message {
            id: self.source.new_id(),
            at: self.source.now(),
            author_name: actor.name().to_owned(),
            side: side.to_owned(),
            body: body.to_owned(),
        };
        let mut tx = self.db.begin().await?;
        store::add_message(&mut tx, id, &message).await?;
        let news = News {
            key: "exchange-told-message",
            reason: body,
        };
        self.mail(&mut tx, told, &seen.one, news).await?;
        let change = Change::new("exchange.message.add", "accreditation", id)
            .of(Some(seen.one.requester))
            .after(json!({ "message": message.id, "side": side }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The thread, the latest first.
    pub(crate) async fn thread(&self, seen: &Seen) -> Result<Vec<Message>, ExchangeError> {
        Ok(store::messages(&self.db, seen.one.id).await?)
    }

    /// What was done to it, the latest first.
    pub(crate) async fn history(&self, seen: &Seen) -> Result<Vec<Entry>, ExchangeError> {
        let id = seen.one.id;
        Ok(Journal::of_subject(&self.db, "accreditation", id, None, 100).await?)
    }

    /// The versions in force, by number: open data. No person is named in it.
    pub(crate) async fn active(&self) -> Result<Vec<(Accreditation, Version)>, ExchangeError> {
        let now = self.source.now();
        let mut tx = self.db.begin_snapshot().await?;
        let all = store::usable(&mut tx, now).await?;
        let mut versions: std::collections::HashMap<Uuid, Version> =
            versions::in_force(&mut tx, now)
                .await?
                .into_iter()
                .collect();
        let paired = all.into_iter().filter_map(|one| {
            let version = versions.remove(&one.id)?;
            Some((one, version))
        });
        Ok(paired.collect())
    }
}
