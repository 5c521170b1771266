//! Reading contracts, funds and applications, as pages and the API show them.

use jiff::civil::Date;
use kit_access::{Actor, Reach};
use kit_db::Value;
use kit_db::list::{Scope, page};
use uuid::Uuid;

use crate::access::READ;
use crate::domain::{ApplicationState, Kind, State};
use crate::store::applications::{self, Application};
use crate::store::contracts::{self, StoredContract};
use crate::store::funds::{self, Call, Fund};
use crate::store::list;
use crate::store::{events, follow_up, products, versions};
use crate::{
    Check, Comment, Contracts, ContractsError, Event, Review, Signature, TrancheStanding, Version,
};

/// What a list of contracts is narrowed to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ContractFilter {
    pub(crate) state: Option<State>,
    pub(crate) kind: Option<Kind>,
    pub(crate) ministry: Option<Uuid>,
    pub(crate) product: Option<Uuid>,
}

/// What a list of applications is narrowed to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ApplicationFilter {
    pub(crate) state: Option<ApplicationState>,
    pub(crate) ministry: Option<Uuid>,
    pub(crate) fund: Option<Uuid>,
    pub(crate) call: Option<Uuid>,
    pub(crate) product: Option<Uuid>,
}

/// A contract with all that a page says of it.
#[derive(Debug, Clone)]
pub struct ContractFile {
    /// It.
    pub contract: StoredContract,
    /// Its texts, the first first; never empty.
    pub versions: Vec<Version>,
    /// Comments, the first first.
    pub comments: Vec<Comment>,
    /// Signatures, those that are void too.
    pub signatures: Vec<Signature>,
    /// Its tranches, each with how its condition stands.
    pub tranches: Vec<TrancheStanding>,
    /// What was found of its clauses.
    pub checks: Vec<Check>,
    /// Its reviews, the latest first.
    pub reviews: Vec<Review>,
    /// What happened to it, the first first.
    pub events: Vec<Event>,
}

impl ContractFile {
    /// A text by its number.
    pub fn version(&self, number: i64) -> Option<&Version> {
        self.versions.iter().find(|one| one.number == number)
    }

    /// The text in force, else the latest.
    pub fn current(&self) -> Option<&Version> {
        let number = self.contract.in_force.unwrap_or(self.contract.latest);
        self.version(number)
    }

    /// The latest text.
    pub fn latest(&self) -> Option<&Version> {
        self.version(self.contract.latest)
    }
}

fn code(value: Option<&'static str>) -> Option<Value> {
    value.map(Into::into)
}

fn id(value: Option<Uuid>) -> Option<Value> {
    value.map(Into::into)
}

/// The place before everything, of a list that runs from the latest day.
pub(crate) fn latest_first() -> (Date, Uuid) {
    (Date::MAX, Uuid::max())
}

impl Contracts {
    /// Over which ministries the actor's lists run; narrowed to one when it is asked for.
    async fn scope(&self, actor: &Actor, ministry: Option<Uuid>) -> Result<Scope, ContractsError> {
        match actor.reach(&READ) {
            Reach::State => Ok(Scope::All),
            Reach::Organisations(ids) => {
                if let Some(one) = ministry {
                    actor.demand(&READ, Some(one))?;
                    return Ok(Scope::Of(vec![vec![one]]));
                }
                let mut all = products::ministries(&self.db).await?;
                all.retain(|one| ids.contains(one));
                Ok(Scope::Of(vec![all]))
            }
        }
    }

    /// The ministries that the actor can narrow a list to.
    pub(crate) async fn known_ministries(
        &self,
        actor: &Actor,
    ) -> Result<Vec<Uuid>, ContractsError> {
        let mut all = products::ministries(&self.db).await?;
        all.retain(|one| actor.may(&READ, Some(*one)));
        Ok(all)
    }

    pub(crate) async fn contracts(
        &self,
        actor: &Actor,
        filter: ContractFilter,
        after: (Date, Uuid),
        limit: u32,
    ) -> Result<Vec<StoredContract>, ContractsError> {
        let scope = self.scope(actor, filter.ministry).await?;
        let values = vec![
            code(filter.state.map(State::code)),
            code(filter.kind.map(Kind::code)),
            id(filter.ministry),
            id(filter.product),
        ];
        let asked = (after, values, limit);
        let key = |one: &StoredContract| (one.opened_on, one.id);
        let shape = &list::CONTRACTS;
        Ok(page(&self.db, shape, &scope, asked, contracts::read, key).await?)
    }

    pub(crate) async fn applications(
        &self,
        actor: &Actor,
        filter: ApplicationFilter,
        after: (Date, Uuid),
        limit: u32,
    ) -> Result<Vec<Application>, ContractsError> {
        let scope = self.scope(actor, filter.ministry).await?;
        let values = vec![
            code(filter.state.map(ApplicationState::code)),
            id(filter.ministry),
            id(filter.fund),
            id(filter.call),
            id(filter.product),
        ];
        let asked = (after, values, limit);
        let key = |one: &Application| (one.applied_on, one.id);
        let shape = &list::APPLICATIONS;
        Ok(page(&self.db, shape, &scope, asked, applications::read, key).await?)
    }

    /// A contract with its texts, signatures, tranches, checks and reviews, which the actor may read.
    pub async fn contract(&self, actor: &Actor, id: Uuid) -> Result<ContractFile, ContractsError> {
        let one = self.known(id).await?;
        actor.demand(&READ, one.ministry)?;
        Ok(ContractFile {
            versions: versions::all(&self.db, id).await?,
            comments: versions::comments(&self.db, id).await?,
            signatures: versions::signatures(&self.db, id).await?,
            tranches: self.standings_of(&one).await?,
            checks: follow_up::checks(&self.db, id).await?,
            reviews: follow_up::reviews(&self.db, id).await?,
            events: events::EVENTS.of_subject(&self.db, id).await?,
            contract: one,
        })
    }

    /// An application and what happened to it, which the actor may read.
    pub async fn application(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<(Application, Vec<Event>), ContractsError> {
        let found = applications::find(&self.db, id).await?;
        let one = found.ok_or(ContractsError::NotFound)?;
        actor.demand(&READ, one.ministry)?;
        let all = events::EVENTS.of_subject(&self.db, id).await?;
        Ok((one, all))
    }

    /// Funds before a place, the latest first: whoever may read a contract somewhere may read them.
    pub async fn funds(
        &self,
        actor: &Actor,
        before: (Date, Uuid),
        limit: u32,
    ) -> Result<Vec<Fund>, ContractsError> {
        actor.demand_somewhere(&READ)?;
        Ok(funds::list(&self.db, before, limit).await?)
    }

    /// A fund and its calls, the latest first.
    pub async fn fund(&self, actor: &Actor, id: Uuid) -> Result<(Fund, Vec<Call>), ContractsError> {
        actor.demand_somewhere(&READ)?;
        let read = funds::find(&self.db, id).await?;
        let fund = read.ok_or(ContractsError::NotFound)?;
        let calls = funds::calls(&self.db, id).await?;
        Ok((fund, calls))
    }

    /// A call and its fund.
    pub async fn call(&self, actor: &Actor, id: Uuid) -> Result<(Call, Fund), ContractsError> {
        actor.demand_somewhere(&READ)?;
        let read = funds::find_call(&self.db, id).await?;
        let call = read.ok_or(ContractsError::NotFound)?;
        let read = funds::find(&self.db, call.fund).await?;
        let fund = read.ok_or(ContractsError::NotFound)?;
        Ok((call, fund))
    }
}
