//! Reading statistics pages: set up by people, read by the platform through the one door for requests
//! to addresses that others supplied.
//!
//! ```text
//!   due ──claim (lease)──▶ asked ──▶ figure kept, or the same already ──▶ due again by the rhythm
//!                            └─────▶ failure in plain words ──▶ due again sooner; the fifth is mailed
//! ```
//! No transaction is open while a page is asked.

use std::sync::Arc;

use jiff::SignedDuration;
use kit_access::Actor;
use kit_db::Tx;
use kit_egress::{Egress, EgressError, Forbidden, UrlMistake};
use kit_jobs::{Jobs, NewJob};
use kit_journal::Change;
use kit_ui::{Catalogue, Locale, Words};
use ports::roles::{DIGITAL_DIRECTOR, PRODUCT_TEAM};
use ports::{OrganisationId, Parties, PersonId};
use serde_json::json;
use uuid::Uuid;

use crate::access::EDIT;
use crate::domain::observation::NewObservation;
use crate::domain::poll::{
    FAILURES_TOLD, PollFailure, PollForm, PollReading, PollSettings, read_answer,
};
use crate::domain::{Description, Figure, Indicator, Mistake, Observation, Quality};
use crate::store::polls::{self as store, Poll, PollSuccess, SetBy};
use crate::store::{indicators, observations};
use crate::{Impact, ImpactError};

/// The source under which a page's figures stand.
pub(crate) const SOURCE: &str = "poll";
/// Who records them.
const AUTHOR: &str = "impact.poll";
/// Why a figure of a day is corrected: the page says another one by now.
pub(crate) const REASON: &str = "page-changed";
/// The kind of the job that sends a mail; its payload is `{to, subject, text}`.
const MAIL_JOB: &str = "mail.send";
/// How long a process has a page for itself: longer than the door lets a request take.
const LEASE_MINUTES: i64 = 5;
/// Pages that are asked at once, and in one round.
const AT_ONCE: usize = 4;
const ROUND: usize = 200;

/// What polls need beside the database.
#[derive(Debug, Clone, Default)]
pub(crate) struct Polls {
    egress: Option<Egress>,
    mails: Option<Mails>,
}

#[derive(Clone)]
struct Mails {
    jobs: Jobs,
    parties: Arc<dyn Parties>,
    public_url: Arc<str>,
    words: Words,
}

impl std::fmt::Debug for Mails {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mails")
    }
}

/// What the door says of an address, as a mistake in the form.
fn address_mistake(error: &EgressError) -> Mistake {
    let key = match error {
        EgressError::Url { reason } => match reason {
            UrlMistake::Scheme => "impact-mistake-poll-https",
            UrlMistake::Userinfo => "impact-mistake-poll-userinfo",
            UrlMistake::Port => "impact-mistake-poll-port",
            _ => "impact-mistake-poll-url",
        },
        EgressError::Forbidden {
            why: Forbidden::Http,
            ..
        } => "impact-mistake-poll-https",
        EgressError::Forbidden { .. } => "impact-mistake-poll-forbidden",
        _ => "impact-mistake-poll-url",
    };
    Mistake::new("url", key)
}

/// What the door says when it brings nothing back, as a failure.
fn failure_of(error: &EgressError) -> PollFailure {
    let (code, told) = match error {
        EgressError::Slow { timeout, .. } => ("timeout", timeout.as_millis().to_string()),
        EgressError::TooLarge { limit, .. } => ("too-large", limit.to_string()),
        EgressError::Redirected { status, .. } => ("redirected", status.to_string()),
        EgressError::Status { status, .. } => ("status", status.to_string()),
        EgressError::Compressed { .. } => ("compressed", String::new()),
        EgressError::Forbidden { .. } | EgressError::Url { .. } => ("forbidden", String::new()),
        EgressError::Header { .. } => ("refused", String::new()),
        EgressError::Unresolved { host }
        | EgressError::Unreachable { host, .. }
        | EgressError::Resting { host, .. }
        | EgressError::Busy { host } => ("unreachable", host.clone()),
    };
    PollFailure::new(code, told)
}

/// What the journal keeps of a poll.
fn said(settings: &PollSettings) -> serde_json::Value {
    json!({
        "url": settings.url,
        "value_pointer": settings.value_pointer,
        "date_pointer": settings.date_pointer,
        "unit_pointer": settings.unit_pointer,
        "rhythm": settings.rhythm.code(),
        "factor": settings.factor.to_string(),
    })
}

impl Impact {
    /// The same, which reads statistics pages through the one door.
    #[must_use]
    pub fn with_polls(mut self, egress: Egress) -> Self {
        self.polls.egress = Some(egress);
        self
    }

    /// The same, which tells by mail that a page fails again and again.
    pub fn with_mails(
        mut self,
        jobs: Jobs,
        parties: Arc<dyn Parties>,
        public_url: &str,
    ) -> Result<Self, kit_ui::CatalogueError> {
        let catalogue = Arc::new(Catalogue::new(crate::WORDS)?);
        self.polls.mails = Some(Mails {
            jobs,
            parties,
            public_url: public_url.trim_end_matches('/').into(),
            words: Words::new(catalogue, Locale::Fr),
        });
        Ok(self)
    }

    /// The page that is read for an indicator, and how it went.
    pub async fn poll(&self, indicator: Uuid) -> Result<Option<Poll>, ImpactError> {
        Ok(store::find(&self.db, indicator).await?)
    }

    /// Has a page read for an indicator. `version` is the one that the person saw, 0 when there was
    /// none. Demands that the actor may say what is measured.
    pub async fn set_poll(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &PollForm,
    ) -> Result<(), ImpactError> {
        let mut tx = self.db.begin().await?;
        let indicator = self.to_poll(&mut tx, actor, id).await?;
        let settings = self.checked(&indicator, form)?;
        let before = store::find(&mut tx, id).await?;
        let seen = before.as_ref().map_or(0, |before| before.version);
        if seen != version {
            return Err(ImpactError::Stale);
        }
        if before.as_ref().is_some_and(|one| one.settings == settings) {
            return Ok(());
        }
        let name = actor.name().to_owned();
        let by = SetBy {
            id: actor.person_id(),
            name: &name,
            at: self.source.now(),
        };
        if !store::set(&mut tx, id, version, &settings, by).await? {
            return Err(ImpactError::Stale);
        }
        let mut change = Change::new("impact.poll.set", "indicator", id)
            .of(indicator.ministry_id)
            .after(said(&settings));
        if let Some(before) = &before {
            change = change.before(said(&before.settings));
        }
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Stops reading a page. Its figures stay.
    pub async fn remove_poll(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
    ) -> Result<(), ImpactError> {
        let mut tx = self.db.begin().await?;
        let indicator = indicators::lock(&mut tx, id)
            .await?
            .ok_or(ImpactError::NotFound)?;
        actor.demand(&EDIT, indicator.ministry_id)?;
        let before = store::find(&mut tx, id).await?;
        let before = before.ok_or(ImpactError::NotFound)?;
        if !store::remove(&mut tx, id, version).await? {
            return Err(ImpactError::Stale);
        }
        let change = Change::new("impact.poll.remove", "indicator", id)
            .of(indicator.ministry_id)
            .before(said(&before.settings));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What a page would give now: nothing of it is kept. Demands that the actor may set it up.
    pub async fn try_poll(
        &self,
        actor: &Actor,
        id: Uuid,
        form: &PollForm,
    ) -> Result<Result<PollReading, PollFailure>, ImpactError> {
        let indicator = self.indicator(id).await?;
        actor.demand(&EDIT, indicator.ministry_id)?;
        pollable(&indicator)?;
        let settings = self.checked(&indicator, form)?;
        Ok(self.ask(&settings, &indicator.description).await)
    }

    /// Reads the pages that are due, a few at once. Two processes may do so at the same time: each page
    /// is asked once. Call it every minute.
    pub async fn poll_due(&self) -> Result<(), ImpactError> {
        if self.polls.egress.is_none() {
            return Ok(());
        }
        let mut readers = tokio::task::JoinSet::new();
        for _ in 0..AT_ONCE {
            let impact = self.clone();
            readers.spawn(async move {
                let mut left = ROUND / AT_ONCE;
                while left > 0 && impact.poll_next().await? {
                    left -= 1;
                }
                Ok::<_, ImpactError>(())
            });
        }
        let mut outcome = Ok(());
        while let Some(ended) = readers.join_next().await {
            let ended = ended.map_err(|error| ImpactError::Task(error.to_string()));
            outcome = outcome.and(ended.and_then(|ended| ended));
        }
        outcome
    }

    /// Reads one page that is due; gives whether there was one.
    async fn poll_next(&self) -> Result<bool, ImpactError> {
        let now = self.source.now();
        let until = now
            .saturating_add(SignedDuration::from_mins(LEASE_MINUTES))
            .unwrap_or(jiff::Timestamp::MAX);
        let Some(poll) = store::claim(&self.db, now, until).await? else {
            return Ok(false);
        };
        let indicator = self.indicator(poll.indicator).await?;
        match self.ask(&poll.settings, &indicator.description).await {
            Ok(reading) => self.keep(&poll, reading).await?,
            Err(failure) => self.keep_failure(&poll, &indicator, &failure).await?,
        }
        Ok(true)
    }

    /// The indicator, for which the actor may set up a page; locked.
    async fn to_poll(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        id: Uuid,
    ) -> Result<Indicator, ImpactError> {
        let indicator = indicators::lock(tx, id)
            .await?
            .ok_or(ImpactError::NotFound)?;
        actor.demand(&EDIT, indicator.ministry_id)?;
        pollable(&indicator)?;
        Ok(indicator)
    }

    fn checked(&self, indicator: &Indicator, form: &PollForm) -> Result<PollSettings, ImpactError> {
        let settings = form.check(&indicator.description);
        let settings = settings.map_err(ImpactError::Mistakes)?;
        let Some(egress) = &self.polls.egress else {
            let off = Mistake::new("url", "impact-mistake-poll-off");
            return Err(ImpactError::Mistakes(vec![off]));
        };
        let leads = egress.check_url(&settings.url);
        leads.map_err(|error| ImpactError::Mistakes(vec![address_mistake(&error)]))?;
        Ok(settings)
    }

    /// Asks a page, and reads its answer. No transaction is open meanwhile.
    async fn ask(
        &self,
        settings: &PollSettings,
        described: &Description,
    ) -> Result<PollReading, PollFailure> {
        let Some(egress) = &self.polls.egress else {
            return Err(PollFailure::new("refused", ""));
        };
        let answer = egress
            .get(&settings.url, "application/json")
            .await
            .map_err(|error| failure_of(&error))?;
        if !answer.is_success() {
            return Err(PollFailure::new("status", answer.status.to_string()));
        }
        read_answer(&answer.body, settings, described, self.source.today())
    }

    /// Keeps what a page gave: a new figure, another one in its place, or that it is the same.
    async fn keep(&self, poll: &Poll, reading: PollReading) -> Result<(), ImpactError> {
        let mut tx = self.db.begin().await?;
        let Some(indicator) = indicators::lock(&mut tx, poll.indicator).await? else {
            return Ok(());
        };
        let now = self.source.now();
        let mut success = PollSuccess {
            at: now,
            code: "same".to_owned(),
            reading,
        };
        let is_ours = |one: &Poll| (one.version, one.runs) == (poll.version, poll.runs);
        let stands = store::find(&mut tx, poll.indicator).await?;
        if !stands.as_ref().is_some_and(is_ours) || pollable(&indicator).is_err() {
            return Ok(());
        }
        success.code = self
            .figure(&mut tx, poll, &indicator, reading)
            .await?
            .to_owned();
        let due = poll.settings.rhythm.next(now, 0);
        if !store::succeed(&mut tx, poll, &success, due).await? {
            return Ok(());
        }
        tx.commit().await?;
        Ok(())
    }

    async fn figure(
        &self,
        tx: &mut Tx,
        poll: &Poll,
        indicator: &Indicator,
        reading: PollReading,
    ) -> Result<&'static str, ImpactError> {
        let actor = Actor::system(AUTHOR);
        let period = poll.settings.rhythm.period(reading.as_of);
        let kept = store::kept(tx, indicator.id, SOURCE, period).await?;
        if kept.is_some_and(|(_, value)| value == Some(reading.value)) {
            return Ok("same");
        }
        let there = observations::current(&mut *tx, indicator.id, reading.as_of, SOURCE).await?;
        if let Some((before, _)) = there {
            // What a person corrected stays.
            if before.author != AUTHOR {
                return Ok("corrected");
            }
            if before.value == Some(reading.value) {
                return Ok("same");
            }
            let row = Observation {
                value: Some(reading.value),
                reason: REASON.to_owned(),
                ..before.clone()
            };
            self.revise(tx, &actor, indicator, &before, row).await?;
            return Ok("changed");
        }
        let told = NewObservation {
            figure: Figure {
                value: reading.value,
                as_of: reading.as_of,
                quality: Quality::Measured,
                standard_error: None,
            },
            source: SOURCE.to_owned(),
        };
        self.append(tx, &actor, indicator, &told).await?;
        self.refresh_latest(tx, indicator).await?;
        Ok("new")
    }

    async fn keep_failure(
        &self,
        poll: &Poll,
        indicator: &Indicator,
        failure: &PollFailure,
    ) -> Result<(), ImpactError> {
        let failures = poll.failures + 1;
        // Asked before the transaction begins: the directory has connections of its own.
        let told = if failures == FAILURES_TOLD {
            self.who_answers(poll, indicator).await?
        } else {
            Vec::new()
        };
        let now = self.source.now();
        let mut tx = self.db.begin().await?;
        let due = poll.settings.rhythm.next(now, failures);
        if !store::fail(&mut tx, poll, (now, failure), failures, due).await? {
            return Ok(());
        }
        self.mail_failure(&mut tx, told, indicator, failure).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The address of who set the poll up, or of those who answer for the product.
    async fn who_answers(
        &self,
        poll: &Poll,
        indicator: &Indicator,
    ) -> Result<Vec<String>, ImpactError> {
        let Some(mails) = &self.polls.mails else {
            return Ok(Vec::new());
        };
        if let Some(person) = poll.set_by_id
            && let Some(found) = mails.parties.addressee(PersonId(person)).await?
        {
            return Ok(vec![found.email]);
        }
        let ministry = indicator.ministry_id.map(OrganisationId);
        for role in [PRODUCT_TEAM, DIGITAL_DIRECTOR] {
            let found = mails.parties.holders(role, ministry).await?;
            if ministry.is_some() && !found.is_empty() {
                return Ok(found.into_iter().map(|one| one.email).collect());
            }
        }
        Ok(Vec::new())
    }

    async fn mail_failure(
        &self,
        tx: &mut Tx,
        told: Vec<String>,
        indicator: &Indicator,
        failure: &PollFailure,
    ) -> Result<(), ImpactError> {
        let Some(mails) = &self.polls.mails else {
            return Ok(());
        };
        let words = &mails.words;
        let plain = |text: &str| text.replace(|c: char| c.is_control(), " ");
        let name = plain(&indicator.description.name);
        let subject = words.text_with(
            "impact-poll-mail-subject",
            &[("indicator", name.as_str().into())],
        );
        let subject: String = subject.chars().take(200).collect();
        let args = [
            ("indicator", name.into()),
            ("product", plain(&indicator.product_title).into()),
            ("failures", FAILURES_TOLD.to_string().into()),
            ("failure", failure_sentence(words, failure).into()),
            (
                "link",
                format!("{}/indicators/{}/poll", mails.public_url, indicator.id).into(),
            ),
        ];
        let text = words.text_with("impact-poll-mail-text", &args);
        for to in told {
            let mail = json!({ "to": to, "subject": subject, "text": text });
            let job = NewJob::new(MAIL_JOB, mail);
            mails.jobs.enqueue(&mut *tx, job).await?;
        }
        Ok(())
    }
}

/// A failure in plain words.
pub(crate) fn failure_sentence(words: &Words, failure: &PollFailure) -> String {
    let key = format!("impact-poll-failure-{}", failure.code);
    words.text_with(&key, &[("value", failure.told.as_str().into())])
}

/// Only an indicator in use whose figures people record has its page read.
fn pollable(indicator: &Indicator) -> Result<(), ImpactError> {
    let key = if !indicator.in_use {
        "impact-mistake-retired"
    } else if indicator.description.origin.is_automatic() {
        "impact-mistake-poll-automatic"
    } else {
        return Ok(());
    };
    Err(ImpactError::Mistakes(vec![Mistake::new("url", key)]))
}
