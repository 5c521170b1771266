//! What is done to a request and to what was granted.

use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use kit_access::Actor;
use kit_db::Tx;
use kit_journal::Change;
use kit_time::{Territory, add_working_days, day_in_paris};
use ports::exchange::Party;
use serde_json::json;
use uuid::Uuid;

use crate::access::{ASK, INSTRUCT};
use crate::accreditations::Seen;
use crate::domain::{
    Act, Content, GrantedApi, HIDDEN_DAYS_MAX, Life, Mistake, Offer, RequestForm, Terms, Version,
};
use crate::mails::{News, Told};
use crate::store::accreditations::{self as store, Accreditation, Message};
use crate::store::{clients, decisions, head, versions};
use crate::{Exchange, ExchangeError};

/// Working days within which a request is decided.
pub(crate) const DECISION_WORKING_DAYS: u32 = 15;
/// Longest reason, in characters.
const REASON_CHARS_MAX: usize = 2_000;
/// Longest time for which an accreditation is given, in months.
pub(crate) const MONTHS_MAX: i64 = 60;

/// What is told with an act.
#[derive(Debug, Clone, Default)]
pub struct Details {
    /// Why, which the requester reads.
    pub reason: String,
    /// On what terms it is approved.
    pub terms: Option<Terms>,
    /// The SIRET number of the organisation to which it is transferred.
    pub to: String,
}

/// What an act changes beside the accreditation itself.
#[derive(Default)]
struct Effects {
    version: Option<Version>,
    /// The APIs that it names, each with its producer, when they change.
    apis: Option<Vec<(Uuid, Uuid)>>,
    /// The body whose clients go on; those of others go.
    transferred: bool,
}

impl Exchange {
    /// Does something to an accreditation that is still of its `row_version`.
    pub async fn act(
        &self,
        actor: &Actor,
        id: Uuid,
        row_version: i64,
        act: Act,
        details: &Details,
    ) -> Result<(), ExchangeError> {
        let seen = self.seen(actor, id).await?;
        let permission = if act.is_authors() { &ASK } else { &INSTRUCT };
        actor.demand(permission, Some(seen.one.requester))?;
        let decides = matches!(act, Act::Approve(_) | Act::Refuse | Act::Transfer);
        if decides && actor.person_id().is_some() && actor.person_id() == seen.one.author {
            // Nobody accredits itself.
            return Err(ExchangeError::mistake(
                "act",
                "exchange-mistake-own-request",
                "",
            ));
        }
        let reason = details.reason.trim();
        if act.needs_reason() && reason.is_empty() {
            return Err(ExchangeError::mistake(
                "reason",
                "exchange-mistake-missing",
                "",
            ));
        }
        if reason.chars().count() > REASON_CHARS_MAX {
            let key = "exchange-mistake-long";
            return Err(ExchangeError::mistake("reason", key, REASON_CHARS_MAX));
        }
        self.carry_out(actor, seen, row_version, act, details).await
    }

    async fn carry_out(
        &self,
        actor: &Actor,
        seen: Seen,
        row_version: i64,
        act: Act,
        details: &Details,
    ) -> Result<(), ExchangeError> {
        let now = self.source.now();
        let before = seen.one.life;
        let mut one = seen.one;
        // Life decides first: what isn't possible is not explained by mistakes of the form.
        let act = match (act, details.terms) {
            (Act::Approve(_), Some(terms)) => Act::Approve(self.end_of(terms)?),
            (act, _) => act,
        };
        one.life = before.after(act, now)?;
        one.row_version = row_version;
        one.updated_at = now;
        let mut effects = Effects::default();
        match act {
            Act::Submit | Act::Renew => self.send(&mut one, act, before, &mut effects).await?,
            Act::Approve(_) => {
                let terms = details.terms.ok_or_else(|| missing("months"))?;
                let requester = seen.requester.clone();
                let terms = (terms, details.reason.trim());
                self.grant(actor, &mut one, before, requester, terms, &mut effects)
                    .await?;
            }
            Act::Transfer => {
                self.hand_over(actor, &mut one, before, details, &mut effects)
                    .await?;
            }
            Act::Withdraw | Act::Archive | Act::Reopen => one.due_on = None,
            _ => {}
        }
        if matches!(act, Act::Approve(_) | Act::Refuse) {
            one.decided_at = Some(now);
            one.due_on = None;
        }
        let mut told = self.told_of(&one, act).await?;
        if let Some(version) = &effects.version {
            told.add_contacts(version);
        }
        let mut tx = self.db.begin().await?;
        if let Some(version) = &effects.version {
            head::keep_party(&mut tx, &version.requester).await?;
        }
        if !store::update(&mut tx, &one).await? {
            return Err(ExchangeError::Stale);
        }
        self.keep_effects(&mut tx, &one, &effects, act).await?;
        if matches!(act, Act::Approve(_) | Act::Refuse)
            && let Some(submitted) = one.submitted_at
        {
            let id = self.source.new_id();
            decisions::insert(&mut tx, id, one.id, (submitted, now), act.code()).await?;
            self.count_decision(&mut tx, actor, &one, (submitted, now))
                .await?;
        }
        let reason = details.reason.trim();
        if !reason.is_empty() {
            let message = Message {
                id: self.source.new_id(),
                at: now,
                author_name: actor.name().to_owned(),
                side: if act.is_authors() {
                    "requester"
                } else {
                    "directorate"
                }
                .to_owned(),
                body: reason.to_owned(),
            };
            store::add_message(&mut tx, one.id, &message).await?;
        }
        let news = News {
            key: told_key(act),
            reason,
        };
        self.mail(&mut tx, told, &one, news).await?;
        let change = Change::new(action(act), "accreditation", one.id)
            .of(Some(one.requester))
            .before(journaled(&before))
            .after(journaled(&one.life));
        self.finish(tx, actor, change).await
    }

    /// Until when terms reach.
    fn end_of(&self, terms: Terms) -> Result<jiff::Timestamp, ExchangeError> {
        if !(1..=MONTHS_MAX).contains(&terms.months) {
            let limit = format!("1 – {MONTHS_MAX}");
            return Err(ExchangeError::mistake(
                "months",
                "exchange-mistake-number",
                limit,
            ));
        }
        let zone = TimeZone::get(kit_time::PARIS).unwrap_or(TimeZone::UTC);
        let now = self.source.now().to_zoned_datetime(zone);
        Ok(now.saturating_add(terms.months.months()).timestamp())
    }

    /// What the form says, checked against what can be asked for now.
    async fn checked(
        &self,
        one: &Accreditation,
    ) -> Result<(Content, Vec<Offer>, Option<Version>), ExchangeError> {
        let version = self.version_of(one).await?;
        let offers = self.askable(version.as_ref()).await?;
        let editor = self.editor_mistake(&one.form).await?;
        match one.form.check(&offers) {
            Ok(content) if editor.is_none() => Ok((content, offers, version)),
            Ok(_) => Err(ExchangeError::Mistakes(editor.into_iter().collect())),
            Err(mut mistakes) => {
                mistakes.extend(editor);
                Err(ExchangeError::Mistakes(mistakes))
            }
        }
    }

    async fn send(
        &self,
        one: &mut Accreditation,
        act: Act,
        before: Life,
        effects: &mut Effects,
    ) -> Result<(), ExchangeError> {
        if act == Act::Renew {
            // All that was granted, whatever was typed since.
            let version = Accreditation {
                life: before,
                ..one.clone()
            };
            let version = self
                .version_of(&version)
                .await?
                .ok_or(ExchangeError::NotFound)?;
            one.form = RequestForm::of(&version.content);
        }
        let current = Accreditation {
            life: before,
            ..one.clone()
        };
        let (content, offers, version) = self.checked(&current).await?;
        one.title.clone_from(&content.title);
        let now = self.source.now();
        // After changes that were asked for, the time goes on from the first sending.
        if before.request != crate::domain::RequestState::ToChange || one.submitted_at.is_none() {
            one.submitted_at = Some(now);
        }
        let today = self.source.today();
        one.due_on = add_working_days(today, DECISION_WORKING_DAYS, Territory::National).ok();
        effects.apis = Some(named(&content, &offers, version.as_ref()));
        Ok(())
    }

    async fn grant(
        &self,
        actor: &Actor,
        one: &mut Accreditation,
        before: Life,
        requester: Party,
        (terms, reason): (Terms, &str),
        effects: &mut Effects,
    ) -> Result<(), ExchangeError> {
        let Some(granted) = one.life.granted else {
            return Err(ExchangeError::NotFound);
        };
        let current = Accreditation {
            life: before,
            ..one.clone()
        };
        let (content, offers, _) = self.checked(&current).await?;
        let mut mistakes = Vec::new();
        if terms.per_minute == 0 || terms.per_minute > 100_000 {
            mistakes.push(Mistake::about(
                "per_minute",
                "exchange-mistake-number",
                "1 – 100000",
            ));
        }
        if terms.per_day == 0 || terms.per_day > 100_000_000 {
            mistakes.push(Mistake::about(
                "per_day",
                "exchange-mistake-number",
                "1 – 100000000",
            ));
        }
        if terms.hidden_days > HIDDEN_DAYS_MAX {
            let limit = format!("0 – {HIDDEN_DAYS_MAX}");
            let key = "exchange-mistake-number";
            mistakes.push(Mistake::about("hidden_days", key, limit));
        }
        if terms.hidden_days > 0 && reason.is_empty() {
            // Nobody's calls are hidden without the text by which they may be.
            mistakes.push(Mistake::new("reason", "exchange-mistake-missing"));
        }
        if !mistakes.is_empty() {
            return Err(ExchangeError::Mistakes(mistakes));
        }
        let editor = match &content.editor {
            None => None,
            Some(siret) => self.parties.party_of_siret(siret).await?,
        };
        let version = Version {
            number: granted.version,
            requester: self.known_party(requester.id).await?.unwrap_or(requester),
            apis: granted_apis(&content, &offers),
            approved_at: self.source.now(),
            approved_by: actor.name().to_owned(),
            valid_until: granted.valid_until,
            keys_allowed: terms.keys_allowed && content.keys_reason.is_some(),
            per_minute: terms.per_minute,
            per_day: terms.per_day,
            hidden_days: terms.hidden_days,
            hidden_reason: if terms.hidden_days > 0 {
                reason.to_owned()
            } else {
                String::new()
            },
            editor,
            content,
        };
        one.editor = version.editor.as_ref().map(|editor| editor.id);
        one.noticed_days = None;
        effects.apis = Some(
            version
                .apis
                .iter()
                .map(|one| (one.api, one.producer))
                .collect(),
        );
        effects.version = Some(version);
        Ok(())
    }

    async fn hand_over(
        &self,
        actor: &Actor,
        one: &mut Accreditation,
        before: Life,
        details: &Details,
        effects: &mut Effects,
    ) -> Result<(), ExchangeError> {
        let number = siret::digits(&details.to);
        let wrong = || ExchangeError::mistake("to", "exchange-mistake-siret", &details.to);
        let number = number.ok_or_else(wrong)?;
        let unknown = || ExchangeError::mistake("to", "exchange-mistake-body", &number);
        let party = self
            .parties
            .party_of_siret(&number)
            .await?
            .ok_or_else(unknown)?;
        let current = Accreditation {
            life: before,
            ..one.clone()
        };
        let version = self
            .version_of(&current)
            .await?
            .ok_or(ExchangeError::NotFound)?;
        let granted = one.life.granted.ok_or(ExchangeError::NotFound)?;
        let content = Content {
            editor: None,
            ..version.content
        };
        one.requester = party.id;
        one.author = None;
        one.author_name = String::new();
        one.editor = None;
        one.form = RequestForm::of(&content);
        effects.version = Some(Version {
            number: granted.version,
            content,
            requester: party,
            editor: None,
            approved_at: self.source.now(),
            approved_by: actor.name().to_owned(),
            ..version
        });
        effects.transferred = true;
        Ok(())
    }

    async fn keep_effects(
        &self,
        tx: &mut Tx,
        one: &Accreditation,
        effects: &Effects,
        act: Act,
    ) -> Result<(), ExchangeError> {
        let now = self.source.now();
        if let Some(version) = &effects.version {
            if let Some(editor) = &version.editor {
                head::keep_party(tx, editor).await?;
            }
            versions::insert(tx, one.id, version).await?;
            if !version.keys_allowed {
                clients::revoke_all(tx, one.id, now).await?;
            }
            let stays = |id: Uuid| id == one.requester || Some(id) == one.editor;
            for client in clients::of_accreditation(&mut *tx, one.id).await? {
                if !stays(client.organisation) {
                    clients::remove(tx, one.id, &client.client_id).await?;
                }
            }
        }
        if effects.transferred || act == Act::Revoke {
            // They were the former requester's, or open nothing any more.
            clients::remove_all(tx, one.id, now).await?;
        }
        if let Some(apis) = &effects.apis {
            store::set_apis(tx, one.id, apis).await?;
        }
        Ok(())
    }

    /// Whom an act is told to.
    async fn told_of(&self, one: &Accreditation, act: Act) -> Result<Told, ExchangeError> {
        let mut told = Told::default();
        match act {
            Act::Submit | Act::Renew | Act::Withdraw => {
                self.tell_directorate(&mut told, one).await?;
            }
            Act::AskChanges | Act::Refuse => self.tell_requester(&mut told, one).await?,
            Act::Approve(_) | Act::Transfer | Act::Suspend | Act::Resume | Act::Revoke => {
                self.tell_contacts(&mut told, one).await?;
                self.tell_producers(&mut told, one).await?;
            }
            Act::Expire => {
                self.tell_contacts(&mut told, one).await?;
            }
            Act::Archive | Act::Reopen => {}
        }
        Ok(told)
    }

    /// Ends what an accreditation's time is over, as the platform.
    pub(crate) async fn end(&self, one: Accreditation) -> Result<(), ExchangeError> {
        let requester = head::party(&self.db, one.requester).await?;
        let seen = Seen {
            requester: requester.ok_or(ExchangeError::NotFound)?,
            seat: crate::accreditations::Seat::default(),
            one,
        };
        let row_version = seen.one.row_version;
        let actor = Actor::system("exchange");
        let details = Details::default();
        self.carry_out(&actor, seen, row_version, Act::Expire, &details)
            .await
    }

    /// Takes back, at once, what an editor may do for the requester.
    pub async fn take_back_delegation(
        &self,
        actor: &Actor,
        id: Uuid,
        row_version: i64,
    ) -> Result<(), ExchangeError> {
        let seen = self.own(actor, id).await?;
        let mut one = seen.one;
        let editor = one.editor.take().ok_or(ExchangeError::NotFound)?;
        one.row_version = row_version;
        one.updated_at = self.source.now();
        let mut tx = self.db.begin().await?;
        if !store::update(&mut tx, &one).await? {
            return Err(ExchangeError::Stale);
        }
        clients::remove_of(&mut tx, id, editor).await?;
        // Nobody knows which keys the editor holds.
        clients::revoke_all(&mut tx, id, self.source.now()).await?;
        let change = Change::new("exchange.delegation.take_back", "accreditation", id)
            .of(Some(one.requester))
            .before(json!({ "editor": editor }));
        self.finish(tx, actor, change).await
    }
}

fn missing(field: &'static str) -> ExchangeError {
    ExchangeError::mistake(field, "exchange-mistake-missing", "")
}

/// The APIs that a request names or a version grants, each with its producer.
fn named(content: &Content, offers: &[Offer], version: Option<&Version>) -> Vec<(Uuid, Uuid)> {
    let asked = content.asked.iter().filter_map(|asked| {
        let offer = offers.iter().find(|offer| offer.api.id == asked.api)?;
        Some((offer.api.id, offer.api.producer))
    });
    let granted = version.into_iter().flat_map(|version| &version.apis);
    asked
        .chain(granted.map(|one| (one.api, one.producer)))
        .collect()
}

fn granted_apis(content: &Content, offers: &[Offer]) -> Vec<GrantedApi> {
    let of_one = |asked: &crate::domain::Asked| {
        let offer = offers.iter().find(|offer| offer.api.id == asked.api)?;
        let scopes = offer
            .scopes
            .iter()
            .filter(|scope| asked.scopes.contains(&scope.code));
        Some(GrantedApi {
            api: asked.api,
            name: offer.api.profile.name.clone(),
            producer: offer.api.producer,
            producer_name: offer.producer_name.clone(),
            scopes: scopes
                .map(|scope| (scope.code.clone(), scope.label.clone()))
                .collect(),
        })
    };
    content.asked.iter().filter_map(of_one).collect()
}

impl Exchange {
    /// Tells the journal, of each API that was asked for, that a request was decided and in how many days
    /// (in Paris): what impact is measured from.
    async fn count_decision(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        one: &Accreditation,
        (submitted, decided): (jiff::Timestamp, jiff::Timestamp),
    ) -> Result<(), ExchangeError> {
        let day = day_in_paris(decided);
        let days = (day - day_in_paris(submitted)).get_days();
        for api in store::apis(&mut *tx, one.id).await? {
            let told = json!({"day": day.to_string(), "decided": 1, "days": days});
            let change = Change::new("exchange.decision.count", "api", api).after(told);
            self.journal.append(&mut *tx, actor, change).await?;
        }
        Ok(())
    }
}

/// What the journal keeps of where an accreditation stands.
fn journaled(life: &Life) -> serde_json::Value {
    json!({
        "request": life.request.code(),
        "kind": life.kind.code(),
        "version": life.granted.map(|granted| granted.version),
        "standing": life.granted.map(|granted| granted.standing.code()),
        "valid_until": life.granted.map(|granted| granted.valid_until.to_string()),
    })
}

fn action(act: Act) -> &'static str {
    match act {
        Act::Submit => "exchange.accreditation.submit",
        Act::Withdraw => "exchange.accreditation.withdraw",
        Act::Archive => "exchange.accreditation.archive",
        Act::Reopen => "exchange.accreditation.reopen",
        Act::Renew => "exchange.accreditation.renew",
        Act::AskChanges => "exchange.accreditation.ask_changes",
        Act::Refuse => "exchange.accreditation.refuse",
        Act::Approve(_) => "exchange.accreditation.approve",
        Act::Transfer => "exchange.accreditation.transfer",
        Act::Suspend => "exchange.accreditation.suspend",
        Act::Resume => "exchange.accreditation.resume",
        Act::Revoke => "exchange.accreditation.revoke",
        Act::Expire => "exchange.accreditation.expire",
    }
}

fn told_key(act: Act) -> &'static str {
    match act {
        Act::Submit => "exchange-told-submit",
        Act::Withdraw => "exchange-told-withdraw",
        Act::Archive => "exchange-told-archive",
        Act::Reopen => "exchange-told-reopen",
        Act::Renew => "exchange-told-renew",
        Act::AskChanges => "exchange-told-ask-changes",
        Act::Refuse => "exchange-told-refuse",
        Act::Approve(_) => "exchange-told-approve",
        Act::Transfer => "exchange-told-transfer",
        Act::Suspend => "exchange-told-suspend",
        Act::Resume => "exchange-told-resume",
        Act::Revoke => "exchange-told-revoke",
        Act::Expire => "exchange-told-expire",
    }
}
