//! What a person who signed in sees: who asked for which of its data, when, why. Who it is stands in
//! its session alone: from it the pseudonyms are made by which its calls are found, and forgotten.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use ports::CitizenIdentity;
use ports::exchange::Trace;
use pseudonym::PseudonymKey;
use serde::Serialize;
use uuid::Uuid;

use crate::clients::hexadecimal;
use crate::domain::{Api, ApiStatus, Contested, Operation, Version};
use crate::store::persons::{self as store, Narrowed};
use crate::store::traces::{KeptTrace, Place};
use crate::store::{apis, contests, head, operations, subjects, versions};
use crate::{EXPORT_MAX, Exchange, ExchangeError};

/// How surely somebody must be who it says before it sees calls: eIDAS substantial.
const LEVEL_MIN: u8 = 2;
/// Forms of subjects read at once.
const FORMS_AT_ONCE: u32 = 1_000;
/// Traces read at once for a file.
const CHUNK: u32 = 1_000;

/// Somebody who is surely enough who it says: what each act of this file asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SureCitizen(CitizenIdentity);

impl SureCitizen {
    /// Of a session of level 2 (substantial) or more.
    pub fn of(who: CitizenIdentity) -> Option<Self> {
        (who.level >= LEVEL_MIN).then_some(Self(who))
    }

    /// Its id: what may be kept.
    pub fn id(&self) -> Uuid {
        self.0.citizen
    }
}

/// Who came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visitor {
    /// Nobody who is signed in.
    Nobody,
    /// Somebody who isn't surely enough who it says.
    Unsure,
    /// Somebody who is.
    Sure(SureCitizen),
}

/// What a person's search is narrowed to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AccessFilter {
    /// Only data of this producer.
    pub producer: Option<Uuid>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

/// What came of a call, for the person whom it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Data was given.
    Given,
    /// The producer doesn't know the person.
    Unknown,
    /// Nothing was given: the call was refused or failed.
    Nothing,
}

impl Outcome {
    fn of(trace: &Trace) -> Self {
        match (trace.status, trace.problem.as_deref()) {
            (200, _) => Self::Given,
            (_, Some("not-found")) => Self::Unknown,
            _ => Self::Nothing,
        }
    }

    /// Its name in files and words.
    pub fn code(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Unknown => "unknown",
            Self::Nothing => "nothing",
        }
    }
}

/// A call about a person, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The trace, with its place.
    pub kept: KeptTrace,
    /// Whose data it is.
    pub producer: String,
    /// The API.
    pub api: String,
    /// What the operation gives, or its name.
    pub operation: String,
    /// Who asked: a name, or its SIRET number.
    pub requester: String,
    /// The software editor that called for it.
    pub editor: Option<String>,
    /// For whom the data is.
    pub recipient: String,
    /// Why: the words of the purpose, or its code.
    pub purpose: String,
    /// The names of the scopes that were granted of this API: the fields that could be told.
    pub allowed: Vec<String>,
    /// The codes of these scopes.
    pub scopes: Vec<String>,
    /// What came of it.
    pub outcome: Outcome,
    /// What the person contested of it.
    pub contested: Option<Contested>,
}

/// An API of which the person's page can't show all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unseen {
    pub(crate) producer: String,
    pub(crate) api: String,
    /// Operations whose people can't be known again by facts: they are named by numbers.
    pub(crate) numbered: Vec<String>,
    /// Operations whose calls are shown later: name, days, why.
    pub(crate) later: Vec<(String, u32, String)>,
}

/// The names by which traces are told.
struct Names {
    parties: BTreeMap<String, String>,
    producers: BTreeMap<Uuid, String>,
    apis: BTreeMap<Uuid, Api>,
    operations: BTreeMap<Uuid, Operation>,
    versions: BTreeMap<(Uuid, u32), Version>,
    contested: BTreeMap<(String, i64), Contested>,
}

impl Exchange {
    /// Who came with this cookie of a citizen's session.
    pub async fn visitor(&self, cookie: Option<&str>) -> Result<Visitor, ExchangeError> {
        let (Some(citizens), Some(cookie)) = (&self.citizens, cookie) else {
            return Ok(Visitor::Nobody);
        };
        let who = citizens.of_cookie(cookie).await?;
        Ok(match who {
            None => Visitor::Nobody,
            Some(who) => SureCitizen::of(who).map_or(Visitor::Unsure, Visitor::Sure),
        })
    }

    /// Calls about a person before a place, the latest first, at most `limit`; nothing of what is
    /// hidden from it now.
    pub async fn accesses(
        &self,
        who: &SureCitizen,
        filter: &AccessFilter,
        before: Option<Place>,
        limit: u32,
    ) -> Result<Vec<Access>, ExchangeError> {
        let pseudonyms = self.pseudonyms(who, filter.producer).await?;
        let found = self.find_calls(&pseudonyms, filter, before, limit).await?;
        self.explain(who, found).await
    }

    /// The call of a place, if it is about this person and not hidden from it now.
    pub async fn access(
        &self,
        who: &SureCitizen,
        log: &str,
        index: i64,
    ) -> Result<Access, ExchangeError> {
        let (found, _) = self.own_call(who, log, index).await?;
        let explained = self.explain(who, vec![found]).await?;
        explained.into_iter().next().ok_or(ExchangeError::NotFound)
    }

    /// The trace of a place, if it is about this person and not hidden from it now; with the person's
    /// pseudonyms, in order.
    pub(crate) async fn own_call(
        &self,
        who: &SureCitizen,
        log: &str,
        index: i64,
    ) -> Result<(KeptTrace, Vec<String>), ExchangeError> {
        if log.contains('\0') {
            // PostgreSQL looks for no such text, and no log has it in its name.
            return Err(ExchangeError::NotFound);
        }
        let found = store::find(&self.db, (log, index), self.source.now()).await?;
        let found = found.ok_or(ExchangeError::NotFound)?;
        let pseudonyms = self.pseudonyms(who, None).await?;
        let is_about = |subject: &String| pseudonyms.binary_search(subject).is_ok();
        if !found.trace.subject.as_ref().is_some_and(is_about) {
            // Of whom it is isn't told: it isn't there.
            return Err(ExchangeError::NotFound);
        }
        Ok((found, pseudonyms))
    }

    /// Every call about a person, at most [`EXPORT_MAX`] of them, the latest first.
    pub async fn all_accesses(
        &self,
        who: &SureCitizen,
        filter: &AccessFilter,
    ) -> Result<Vec<Access>, ExchangeError> {
        let pseudonyms = self.pseudonyms(who, filter.producer).await?;
        let mut all: Vec<KeptTrace> = Vec::new();
        while all.len() < EXPORT_MAX {
            let place = |one: &KeptTrace| (one.trace.at, one.log.clone(), one.index);
            let before = all.last().map(place);
            let some = self.find_calls(&pseudonyms, filter, before, CHUNK).await?;
            let is_last = some.len() < CHUNK as usize;
            all.extend(some);
            if is_last {
                break;
            }
        }
        all.truncate(EXPORT_MAX);
        self.explain(who, all).await
    }

    async fn find_calls(
        &self,
        pseudonyms: &[String],
        filter: &AccessFilter,
        before: Option<Place>,
        limit: u32,
    ) -> Result<Vec<KeptTrace>, ExchangeError> {
        let narrowed = Narrowed {
            from: filter.from.unwrap_or(Timestamp::MIN),
            to: filter.to.unwrap_or(Timestamp::MAX),
            now: self.source.now(),
        };
        let before = before.unwrap_or_else(|| (Timestamp::MAX, String::new(), i64::MAX));
        Ok(store::page(&self.db, pseudonyms, narrowed, &before, limit).await?)
    }

    /// Every pseudonym that this person has, in order: of each operation, now and formerly, whose
    /// parameters are facts of the civil register; of one producer's, if it is named: each API has a key
    /// of its own, so that its pseudonyms are found in no other producer's traces.
    async fn pseudonyms(
        &self,
        who: &SureCitizen,
        producer: Option<Uuid>,
    ) -> Result<Vec<String>, ExchangeError> {
        let mut found: BTreeSet<[u8; 32]> = BTreeSet::new();
        let mut after = (Uuid::nil(), 0);
        loop {
            let some = subjects::after(&self.db, after, FORMS_AT_ONCE).await?;
            let is_last = some.len() < FORMS_AT_ONCE as usize;
            if let Some(last) = some.last() {
                after = (last.operation, last.number);
            }
            for one in some {
                if producer.is_some_and(|producer| producer != one.producer) {
                    continue;
                }
                if let Some(key) = PseudonymKey::parse(&hexadecimal(&one.key)) {
                    found.extend(one.form.pseudonyms(&key, &who.0));
                }
            }
            if is_last {
                break;
            }
        }
        self.citizen_pseudonyms(who, producer, &mut found).await?;
        // In the order of their bytes, and so of their texts.
        Ok(found.iter().map(|bytes| hexadecimal(bytes)).collect())
    }

    /// The pseudonyms of calls on behalf of this person, by services to which it signed in.
    async fn citizen_pseudonyms(
        &self,
        who: &SureCitizen,
        producer: Option<Uuid>,
        found: &mut BTreeSet<[u8; 32]>,
    ) -> Result<(), ExchangeError> {
        let mut after = Uuid::nil();
        loop {
            let some = apis::keys_after(&self.db, after, FORMS_AT_ONCE).await?;
            let is_last = some.len() < FORMS_AT_ONCE as usize;
            for one in some {
                after = one.api;
                if producer.is_none_or(|producer| producer == one.producer)
                    && let Some(key) = PseudonymKey::parse(&hexadecimal(&one.key))
                {
                    found.insert(key.citizen(who.id().as_bytes()));
                }
            }
            if is_last {
                return Ok(());
            }
        }
    }

    /// Traces in words.
    async fn explain(
        &self,
        who: &SureCitizen,
        found: Vec<KeptTrace>,
    ) -> Result<Vec<Access>, ExchangeError> {
        let mut names = self.names(who).await?;
        for kept in &found {
            let trace = &kept.trace;
            if let Some(of) = trace.accreditation
                && !names.versions.contains_key(&of)
                && let Some(version) = versions::find(&self.db, of.0, of.1).await?
            {
                names.versions.insert(of, version);
            }
            if !names.operations.contains_key(&trace.operation)
                && let Some(operation) = operations::find(&self.db, trace.operation).await?
            {
                names.operations.insert(trace.operation, operation);
            }
        }
        Ok(found.into_iter().map(|kept| names.tell(kept)).collect())
    }

    async fn names(&self, who: &SureCitizen) -> Result<Names, ExchangeError> {
        let parties = head::parties(&self.db).await?;
        let contested = contests::of_citizen(&self.db, who.id()).await?;
        let apis = apis::every(&self.db).await?;
        Ok(Names {
            producers: parties
                .iter()
                .map(|party| (party.id, party.name.clone()))
                .collect(),
            parties: parties
                .into_iter()
                .map(|party| (party.siret, party.name))
                .collect(),
            apis: apis.into_iter().map(|api| (api.id, api)).collect(),
            operations: BTreeMap::new(),
            versions: BTreeMap::new(),
            contested: contested
                .into_iter()
                .map(|one| {
                    let told = Contested {
                        state: one.state,
                        made_at: one.created_at,
                        answer: one.answer.map(|(answer, _, at)| (answer, at)),
                    };
                    ((one.log, one.index), told)
                })
                .collect(),
        })
    }

    /// The producers of APIs that others may see, by name.
    pub(crate) async fn shown_producers(&self) -> Result<Vec<(Uuid, String)>, ExchangeError> {
        let shown: BTreeSet<Uuid> = apis::every(&self.db)
            .await?
            .into_iter()
            .filter(|api| api.status != ApiStatus::Draft)
            .map(|api| api.producer)
            .collect();
        let parties = head::parties(&self.db).await?;
        let mut named: Vec<(Uuid, String)> = parties
            .into_iter()
            .filter(|party| shown.contains(&party.id))
            .map(|party| (party.id, party.name))
            .collect();
        named.sort_by(|a, b| a.1.cmp(&b.1));
        Ok(named)
    }

    /// The APIs about people of which a person's page can't show all, by producer and name.
    pub(crate) async fn unseen(&self) -> Result<Vec<Unseen>, ExchangeError> {
        let mut known: BTreeMap<Uuid, Vec<crate::domain::SubjectForm>> = BTreeMap::new();
        let mut after = (Uuid::nil(), 0);
        loop {
            let some = subjects::after(&self.db, after, FORMS_AT_ONCE).await?;
            let is_last = some.len() < FORMS_AT_ONCE as usize;
            if let Some(last) = some.last() {
                after = (last.operation, last.number);
            }
            for one in some {
                known.entry(one.operation).or_default().push(one.form);
            }
            if is_last {
                break;
            }
        }
        let is_known = |operation: &Operation| {
            let forms = known.get(&operation.id).into_iter().flatten();
            let mut now = forms.filter(|form| form.subject == operation.subject);
            now.any(crate::domain::SubjectForm::is_known_by_facts)
        };
        let mut unseen = Vec::new();
        for offer in self.offers().await? {
            if offer.api.status == ApiStatus::Draft {
                continue;
            }
            let mut numbered = Vec::new();
            let mut later = Vec::new();
            for operation in &offer.operations {
                let name = named(operation);
                if operation.subject.is_empty() {
                    continue;
                }
                if !is_known(operation) {
                    numbered.push(name);
                } else if operation.hidden_days > 0 {
                    later.push((name, operation.hidden_days, operation.hidden_reason.clone()));
                }
            }
            if !numbered.is_empty() || !later.is_empty() {
                unseen.push(Unseen {
                    producer: offer.producer_name,
                    api: offer.api.profile.name,
                    numbered,
                    later,
                });
            }
        }
        unseen.sort_by(|a, b| (&a.producer, &a.api).cmp(&(&b.producer, &b.api)));
        Ok(unseen)
    }

    /// The fields that scopes of an API open in an operation today, by the names of their paths.
    pub(crate) async fn allowed_fields(
        &self,
        api: Uuid,
        operation: Uuid,
        codes: &[String],
    ) -> Result<Vec<String>, ExchangeError> {
        let scopes = apis::scopes(&self.db, api).await?;
        let mut paths: BTreeSet<String> = BTreeSet::new();
        for scope in scopes.into_iter().filter(|one| codes.contains(&one.code)) {
            let of_this = scope.fields.into_iter().filter(|(of, _)| *of == operation);
            paths.extend(of_this.map(|(_, path)| path));
        }
        Ok(paths.into_iter().collect())
    }
}

/// What an operation is called by those who read of it.
fn named(operation: &Operation) -> String {
    let summary = operation.described.summary.trim();
    if summary.is_empty() {
        operation.described.name.clone()
    } else {
        summary.to_owned()
    }
}

impl Names {
    fn party(&self, siret: Option<&String>) -> Option<String> {
        let siret = siret?;
        Some(self.parties.get(siret).unwrap_or(siret).clone())
    }

    fn tell(&self, kept: KeptTrace) -> Access {
        let trace = &kept.trace;
        let version = trace.accreditation.and_then(|of| self.versions.get(&of));
        let code = trace.purpose.clone().unwrap_or_default();
        let purposes = version.map(|version| version.content.purposes.iter());
        let words = purposes
            .into_iter()
            .flatten()
            .find(|purpose| purpose.code == code)
            .map(|purpose| purpose.words.clone());
        let granted = version.and_then(|version| {
            let mut apis = version.apis.iter();
            apis.find(|one| one.api == trace.api)
        });
        let scopes = granted.map(|one| one.scopes.clone()).unwrap_or_default();
        let (scopes, allowed) = scopes.into_iter().unzip();
        let api = self.apis.get(&trace.api);
        let operation = self.operations.get(&trace.operation);
        Access {
            producer: self
                .producers
                .get(&trace.producer)
                .cloned()
                .unwrap_or_default(),
            api: api.map(|api| api.profile.name.clone()).unwrap_or_default(),
            operation: operation.map(named).unwrap_or_default(),
            requester: self.party(trace.requester.as_ref()).unwrap_or_default(),
            editor: self.party(trace.editor.as_ref()),
            recipient: self.party(trace.recipient.as_ref()).unwrap_or_default(),
            purpose: words.unwrap_or(code),
            allowed,
            scopes,
            outcome: Outcome::of(trace),
            contested: self.contested.get(&(kept.log.clone(), kept.index)).cloned(),
            kept,
        }
    }
}
