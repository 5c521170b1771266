//! Agents whom a provider vouches for: their accounts are found or made, and a session begins.

use jiff::{SignedDuration, Timestamp};
use kit_access::Actor;
use kit_journal::Change;
use ports::{
    AccountSummary, NewAccount, NewSession, OrganisationId, OrganisationSummary, PersonId,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::arrival::{Arrival, Browser};
use crate::domain::{
    Audience, Candidate, EmailVerdict, Provider, Settled, ToldAgent, UpstreamCause,
    UpstreamFailure, UpstreamIdentity, settle, told_agent,
};
use crate::store::arrivals::{self, Opened};
use crate::store::{figures, providers};
use crate::{Identity, IdentityError};

/// How long a person may take to choose.
const PERSON_TAKES: SignedDuration = SignedDuration::from_mins(10);

/// An agent who came back, as far as its session needs it. It is kept for minutes when the person
/// must choose.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Agent {
    subject: String,
    email: String,
    name: String,
    /// The address when it surprises.
    surprise: Option<String>,
    level: String,
    methods: Vec<String>,
    acr: Option<String>,
    auth_time: Option<i64>,
    sid: Option<String>,
    id_token: String,
    return_to: String,
    options: Vec<Choice>,
}

/// One of what a person may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Choice {
    /// An account.
    Account(Uuid),
    /// An account to be made, in this organisation.
    Organisation(Uuid),
}

/// A choice as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offered {
    /// Its place in the list.
    pub(crate) at: usize,
    /// The account's name; none for an account to be made.
    pub(crate) person: Option<String>,
    /// The organisation's name.
    pub(crate) organisation: Option<String>,
}

impl Agent {
    fn new(identity: &UpstreamIdentity, told: &ToldAgent, return_to: &str) -> Self {
        let surprises = told.verdict == EmailVerdict::Warned;
        Self {
            subject: identity.subject.clone(),
            email: told.email.clone(),
            name: told.name.clone(),
            surprise: surprises.then(|| told.email.clone()),
            level: identity.level.name().to_owned(),
            methods: identity.methods.clone(),
            acr: identity.acr.clone(),
            auth_time: identity.auth_time,
            sid: identity.sid.clone(),
            id_token: identity.id_token.clone(),
            return_to: return_to.to_owned(),
            options: Vec::new(),
        }
    }
}

impl Identity {
    pub(crate) async fn agent_arrives(
        &self,
        identity: UpstreamIdentity,
        return_to: &str,
        browser: Browser<'_>,
    ) -> Result<Arrival, IdentityError> {
        let all = providers::all_of(&self.db, Audience::Agents).await?;
        let provider = &identity.provider;
        let told = match told_agent(provider, &all, &identity.claims) {
            Ok(told) => told,
            Err(failure) => return self.stopped(provider, return_to, failure).await,
        };
        let mut agent = Agent::new(&identity, &told, return_to);
        let (accounts, has_closed) = self.accounts_of(&identity, &told).await?;
        let candidates: Vec<Candidate> = accounts.iter().map(candidate).collect();
        let refuse = |cause, detail: &str| {
            let failure = UpstreamFailure::new(cause, detail);
            self.stopped(provider, return_to, failure)
        };
        match settle(&candidates, &told.sirets) {
            Settled::Account(person) => self.open(provider, &agent, person, browser).await,
            Settled::Choose(people) => {
                agent.options = people.into_iter().map(Choice::Account).collect();
                self.ask_choice(provider, &agent, browser).await
            }
            Settled::Elsewhere => {
                let detail = "the account is of another legal entity than the SIRET told";
                refuse(UpstreamCause::Organisation, detail).await
            }
            Settled::Nobody if has_closed => {
                refuse(UpstreamCause::AccountClosed, "the account is closed").await
            }
            Settled::Nobody if !provider.draft.creates_accounts => {
                let detail = "nobody has the address, and the provider makes no accounts";
                refuse(UpstreamCause::Unknown, detail).await
            }
            Settled::Nobody => {
                let places = self.organisations_of(&told.sirets).await?;
                match places.as_slice() {
                    [] if told.sirets.is_empty() => {
                        self.join(provider, &agent, None, browser).await
                    }
                    [] => refuse(UpstreamCause::Siret, "no organisation has the SIRET told").await,
                    [one] => self.join(provider, &agent, Some(one.id), browser).await,
                    several => {
                        let ids = several.iter().map(|one| Choice::Organisation(one.id.0));
                        agent.options = ids.collect();
                        self.ask_choice(provider, &agent, browser).await
                    }
                }
            }
        }
    }

    async fn stopped(
        &self,
        provider: &Provider,
        return_to: &str,
        failure: UpstreamFailure,
    ) -> Result<Arrival, IdentityError> {
        let failed = self.failed(Some(provider), return_to, failure).await?;
        Ok(Arrival::Failed(failed))
    }

    /// The open accounts that may be the agent's, and whether there is a closed one: those that it
    /// used before, and the one of its address when the provider may say so.
    async fn accounts_of(
        &self,
        identity: &UpstreamIdentity,
        told: &ToldAgent,
    ) -> Result<(Vec<AccountSummary>, bool), IdentityError> {
        let linked = arrivals::links(&self.db, identity.provider.id, &identity.subject).await?;
        let mut people: Vec<PersonId> = linked.into_iter().map(PersonId).collect();
        let named = self.accounts.account_of_email(&told.email).await?;
        let named = named.filter(|_| told.finds_account);
        people.extend(named.filter(|person| !people.contains(person)));
        let mut open = Vec::new();
        let mut has_closed = false;
        for person in people {
            match self.accounts.account(person).await? {
                Some(account) => open.push(account),
                None => has_closed = true,
            }
        }
        Ok((open, has_closed))
    }

    async fn organisations_of(
        &self,
        sirets: &[String],
    ) -> Result<Vec<OrganisationSummary>, IdentityError> {
        let mut found = Vec::new();
        for siret in sirets {
            found.extend(self.organisations.of_siret(siret).await?);
        }
        Ok(found)
    }

    /// Makes the account, and opens its session.
    async fn join(
        &self,
        provider: &Provider,
        agent: &Agent,
        organisation: Option<OrganisationId>,
        browser: Browser<'_>,
    ) -> Result<Arrival, IdentityError> {
        let actor = Actor::system("identity");
        let new = NewAccount {
            name: &agent.name,
            email: &agent.email,
            organisation,
        };
        let mut tx = self.db.begin().await?;
        let added = self.accounts.add_account(&mut tx, &actor, new).await?;
        let Some(PersonId(person)) = added else {
            // Somebody has the address, whom the provider may not speak for.
            drop(tx);
            let detail = "the address is another account's, which the provider may not open";
            let failure = UpstreamFailure::new(UpstreamCause::EmailDomain, detail);
            return self.stopped(provider, &agent.return_to, failure).await;
        };
        tx.commit().await?;
        self.open(provider, agent, person, browser).await
    }

    /// Opens the session of an account.
    async fn open(
        &self,
        provider: &Provider,
        agent: &Agent,
        person: Uuid,
        browser: Browser<'_>,
    ) -> Result<Arrival, IdentityError> {
        let now = self.source.now();
        let proved_at = agent
            .auth_time
            .and_then(|at| Timestamp::from_second(at).ok());
        let mut tx = self.db.begin().await?;
        let new = NewSession {
            person: PersonId(person),
            methods: &agent.methods,
            level: &agent.level,
            provider: &provider.draft.code,
            proved_at,
            browser: browser.seen,
        };
        let Some(session) = self.accounts.begin_session(&mut tx, new).await? else {
            drop(tx);
            let failure = UpstreamFailure::new(UpstreamCause::AccountClosed, "closed meanwhile");
            return self.stopped(provider, &agent.return_to, failure).await;
        };
        let known = arrivals::links(&mut tx, provider.id, &agent.subject).await?;
        arrivals::link(&mut tx, provider.id, &agent.subject, person, now).await?;
        if !known.contains(&person) {
            let change = Change::new("identity.link.add", "person", person)
                .after(json!({ "provider": provider.draft.code }));
            self.journal
                .append(&mut tx, &Actor::system("identity"), change)
                .await?;
        }
        if agent.surprise.is_some() {
            let change = Change::new("identity.provider.surprise", "provider", provider.id)
                .after(json!({ "person": person }));
            self.journal
                .append(&mut tx, &Actor::system("identity"), change)
                .await?;
        }
        let opened = Opened {
            session: session.id,
            provider: provider.id,
            subject: &agent.subject,
            sid: agent.sid.as_deref(),
            id_token: &agent.id_token,
            idp_acr: agent.acr.clone(),
        };
        arrivals::opened(&mut tx, &opened, now).await?;
        figures::count_provider(&mut tx, now, provider.id, "sign-in", &agent.level).await?;
        tx.commit().await?;
        Ok(Arrival::SignedIn {
            session,
            return_to: agent.return_to.clone(),
            surprise: agent.surprise.clone(),
        })
    }

    async fn ask_choice(
        &self,
        provider: &Provider,
        agent: &Agent,
        browser: Browser<'_>,
    ) -> Result<Arrival, IdentityError> {
        let ticket = self.new_secret();
        let kept = serde_json::to_string(agent).map_err(IdentityError::key)?;
        let until = self.source.now() + PERSON_TAKES;
        let key = (ticket.as_str(), browser.departure);
        arrivals::keep(&self.db, key, provider.id, &kept, until).await?;
        Ok(Arrival::Choose { ticket })
    }

    async fn kept_agent(
        &self,
        ticket: &str,
        browser: &str,
    ) -> Result<Option<(Provider, Agent)>, IdentityError> {
        let now = self.source.now();
        let found = arrivals::find(&self.db, (ticket, browser), now).await?;
        let Some((provider, kept)) = found else {
            return Ok(None);
        };
        let provider = providers::find(&self.db, provider).await?;
        let agent = serde_json::from_str(&kept).ok();
        Ok(provider.filter(|provider| !provider.suspended).zip(agent))
    }

    /// What a person may choose from; `None` when its time is over or the browser is another one.
    pub(crate) async fn choices(
        &self,
        ticket: &str,
        browser: &str,
    ) -> Result<Option<Vec<Offered>>, IdentityError> {
        let Some((_, agent)) = self.kept_agent(ticket, browser).await? else {
            return Ok(None);
        };
        let places = self.organisations.all(None).await?;
        let mut shown = Vec::new();
        for (at, choice) in agent.options.iter().enumerate() {
            let option = match choice {
                Choice::Account(person) => {
                    let account = self.accounts.account(PersonId(*person)).await?;
                    account.map(|account| Offered {
                        at,
                        person: Some(account.name),
                        organisation: account.organisation.map(|place| place.name),
                    })
                }
                Choice::Organisation(id) => {
                    let place = places.iter().find(|place| place.id.0 == *id);
                    place.map(|place| Offered {
                        at,
                        person: None,
                        organisation: Some(place.name.clone()),
                    })
                }
            };
            shown.extend(option);
        }
        Ok(Some(shown))
    }

    /// Goes on with what the person chose; `None` when its time is over.
    pub(crate) async fn choose(
        &self,
        ticket: &str,
        at: usize,
        browser: Browser<'_>,
    ) -> Result<Option<Arrival>, IdentityError> {
        let key = (ticket, browser.departure);
        let Some((provider, agent)) = self.kept_agent(ticket, browser.departure).await? else {
            return Ok(None);
        };
        let Some(choice) = agent.options.get(at).copied() else {
            return Ok(None);
        };
        if !arrivals::take(&self.db, key).await? {
            return Ok(None);
        }
        let arrival = match choice {
            Choice::Account(person) => self.open(&provider, &agent, person, browser).await?,
            Choice::Organisation(id) => {
                let place = Some(OrganisationId(id));
                self.join(&provider, &agent, place, browser).await?
            }
        };
        Ok(Some(arrival))
    }
}

fn candidate(account: &AccountSummary) -> Candidate {
    let place = account.organisation.as_ref();
    Candidate {
        person: account.id.0,
        siret: place.and_then(|place| place.siret.clone()),
    }
}
