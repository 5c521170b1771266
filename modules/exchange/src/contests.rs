//! People contest calls about them; producers and the directorate answer.

use jiff::Timestamp;
use kit_access::Actor;
use kit_journal::Change;
use ports::roles::DATA_PRODUCER;
use serde_json::json;
use uuid::Uuid;

use crate::access::ANSWER_CONTESTS;
use crate::citizens::SureCitizen;
use crate::domain::{ContestForm, ContestState, OPEN_CONTESTS_MAX, check_answer};
use crate::mails::Told;
use crate::store::contests::{self as store, Contest};
use crate::store::{apis, head};
use crate::{Exchange, ExchangeError};

impl Exchange {
    /// Contests a call about the person that it is shown, once; gives the contest's id. Kept of the
    /// person: its id, what it says, the address that it gave.
    pub async fn contest(
        &self,
        who: &SureCitizen,
        (log, index): (&str, i64),
        form: &ContestForm,
    ) -> Result<Uuid, ExchangeError> {
        let access = self.access(who, log, index).await?;
        let (body, mail) = form.read().map_err(ExchangeError::Mistakes)?;
        let trace = access.kept.trace;
        let contest = Contest {
            id: self.source.new_id(),
            citizen: who.id(),
            log: access.kept.log,
            index,
            producer: trace.producer,
            api: trace.api,
            operation: trace.operation,
            requester: trace.requester.unwrap_or_default(),
            purpose: trace.purpose.unwrap_or_default(),
            called_at: trace.at,
            body,
            mail: mail.to_lowercase(),
            state: ContestState::Open,
            answer: None,
            created_at: self.source.now(),
        };
        let mut told = Told::default();
        self.tell_holders(&mut told, DATA_PRODUCER, contest.producer)
            .await?;
        self.tell_instructors(&mut told, Some(contest.producer))
            .await?;
        let mut tx = self.db.begin().await?;
        if store::waiting(&mut tx, who.id()).await? >= OPEN_CONTESTS_MAX {
            let key = "exchange-mistake-contests";
            return Err(ExchangeError::mistake("body", key, OPEN_CONTESTS_MAX));
        }
        if !store::insert(&mut tx, &contest).await? {
            let key = "exchange-mistake-contested";
            return Err(ExchangeError::mistake("body", key, ""));
        }
        // Neither who contests nor what it says: the call alone.
        let change = Change::new("exchange.contest.make", "contest", contest.id)
            .of(Some(contest.producer))
            .after(json!({ "api": contest.api, "log": contest.log, "log_index": index }));
        let actor = Actor::system("exchange");
        self.journal.append(&mut tx, &actor, change).await?;
        let words = &self.mail_words;
        let subject = words.text("exchange-mail-contest-subject");
        let link = format!(
            "{}/exchange/contests/{}",
            self.settings.public_url, contest.id
        );
        let what = words.text("exchange-told-contest");
        let text = self.mail_text(&what, &access.api, "", &link);
        self.enqueue(&mut tx, told, &subject, &text).await?;
        tx.commit().await?;
        Ok(contest.id)
    }

    /// Contests of calls to a producer's data before `(instant, id)`, the latest first.
    pub async fn contests(
        &self,
        actor: &Actor,
        producer: Uuid,
        before: (Timestamp, Uuid),
        limit: u32,
    ) -> Result<Vec<Contest>, ExchangeError> {
        actor.demand(&ANSWER_CONTESTS, Some(producer))?;
        Ok(store::of_producer(&self.db, producer, before, limit).await?)
    }

    /// A contest that the actor may answer.
    pub async fn contest_of(&self, actor: &Actor, id: Uuid) -> Result<Contest, ExchangeError> {
        let found = store::find(&self.db, id).await?;
        let found = found.ok_or(ExchangeError::NotFound)?;
        if !actor.may(&ANSWER_CONTESTS, Some(found.producer)) {
            // That there is one isn't told.
            return Err(ExchangeError::NotFound);
        }
        Ok(found)
    }

    /// The producers whose contests the actor answers, by name.
    pub(crate) async fn contested_producers(
        &self,
        actor: &Actor,
    ) -> Result<Vec<(Uuid, String)>, ExchangeError> {
        actor.demand_somewhere(&ANSWER_CONTESTS)?;
        let all = apis::every(&self.db).await?;
        let parties = head::parties(&self.db).await?;
        let is_answered = |id: Uuid| {
            actor.may(&ANSWER_CONTESTS, Some(id)) && all.iter().any(|api| api.producer == id)
        };
        let mut named: Vec<(Uuid, String)> = parties
            .into_iter()
            .filter(|party| is_answered(party.id))
            .map(|party| (party.id, party.name))
            .collect();
        named.sort_by(|a, b| a.1.cmp(&b.1));
        Ok(named)
    }

    /// Answers a contest that waits: `founded` or `unfounded`, and why. The person is told by mail if
    /// it gave an address, which is forgotten then.
    pub async fn answer_contest(
        &self,
        actor: &Actor,
        id: Uuid,
        state: &str,
        answer: &str,
    ) -> Result<(), ExchangeError> {
        let (state, answer) = check_answer(state, answer).map_err(ExchangeError::Mistakes)?;
        let contest = self.contest_of(actor, id).await?;
        let now = self.source.now();
        let mut tx = self.db.begin().await?;
        let by = actor.name().to_owned();
        if !store::answer(&mut tx, id, state, (&answer, &by, now)).await? {
            return Err(ExchangeError::Stale);
        }
        let change = Change::new("exchange.contest.answer", "contest", id)
            .of(Some(contest.producer))
            .before(json!({ "state": ContestState::Open }))
            .after(json!({ "state": state }));
        self.journal.append(&mut tx, actor, change).await?;
        if !contest.mail.is_empty() {
            let words = &self.mail_words;
            let subject = words.text("exchange-mail-contest-answer");
            let what = words.text(&format!("exchange-told-contest-{}", state.code()));
            // Which call it was is read after signing in: a mail goes through many hands.
            let about = words.text("exchange-mail-contest-about");
            let link = format!("{}/citizen/accesses", self.settings.public_url);
            let text = self.mail_text(&what, &about, &answer, &link);
            let mut told = Told::default();
            told.add([contest.mail]);
            self.enqueue(&mut tx, told, &subject, &text).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Forgets contests as old as traces are that are erased.
    pub(crate) async fn forget_contests(&self) -> Result<(), ExchangeError> {
        let before = crate::gateways::kept_since(self.source.now());
        store::forget(&self.db, before).await?;
        Ok(())
    }
}
