//! Lists and pages that the actor may read.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kit_access::{Actor, Reach};
use kit_db::Value;
use kit_db::list::{Scope, page};
use ports::RecommendationSummary;
use uuid::Uuid;

use crate::access::{CONDUCT, READ, RECORD};
use crate::domain::{MissionState, RequestOrigin, RequestState};
use crate::store::list;
use crate::store::missions::{self, Assignment, Mission, SpentDay, StoredExtension};
use crate::store::requests::{self, Request};
use crate::store::{events, products};
use crate::{Brigade, BrigadeError, Event};

/// What a list of requests is narrowed to.
#[derive(Debug, Clone, Copy, Default)]
pub struct RequestFilter {
    /// Where they stand.
    pub state: Option<RequestState>,
    /// Of which ministry.
    pub ministry: Option<Uuid>,
    /// For which product.
    pub product: Option<Uuid>,
    /// What asked.
    pub origin: Option<RequestOrigin>,
}

/// What a list of missions is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct MissionFilter {
    /// Where they stand.
    pub state: Option<MissionState>,
    /// Of which ministry.
    pub ministry: Option<Uuid>,
    /// For which product.
    pub product: Option<Uuid>,
    /// The code of an expertise of somebody who goes.
    pub expertise: Option<String>,
}

/// A request with what belongs to it.
#[derive(Debug, Clone)]
pub struct RequestView {
    /// It.
    pub request: Request,
    /// Half days of each expertise that it wants.
    pub wanted: BTreeMap<String, u32>,
    /// The missions that answer it.
    pub missions: Vec<Mission>,
    /// What happened, the first first.
    pub events: Vec<Event>,
}

/// A mission with what belongs to it.
#[derive(Debug, Clone)]
pub struct MissionView {
    /// It.
    pub mission: Mission,
    /// Who goes.
    pub assignments: Vec<Assignment>,
    /// Days that were spent.
    pub days: Vec<SpentDay>,
    /// Extensions, the first proposed first.
    pub extensions: Vec<StoredExtension>,
    /// Recommendations that rest on it.
    pub recommendations: Vec<RecommendationSummary>,
    /// What happened, the first first.
    pub events: Vec<Event>,
}

impl Brigade {
    /// Over which ministries the actor's lists run; narrowed to one when it is asked for.
    async fn scope(&self, actor: &Actor, ministry: Option<Uuid>) -> Result<Scope, BrigadeError> {
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
    pub(crate) async fn known_ministries(&self, actor: &Actor) -> Result<Vec<Uuid>, BrigadeError> {
        let mut all = products::ministries(&self.db).await?;
        all.retain(|one| actor.may(&READ, Some(*one)));
        Ok(all)
    }

    /// Requests that the actor may read after a place, the latest asked first.
    pub async fn requests(
        &self,
        actor: &Actor,
        filter: RequestFilter,
        after: (Date, Uuid),
        limit: u32,
    ) -> Result<Vec<Request>, BrigadeError> {
        let scope = self.scope(actor, filter.ministry).await?;
        let values: Vec<Option<Value>> = vec![
            filter.state.map(|state| state.code().into()),
            filter.ministry.map(Into::into),
            filter.product.map(Into::into),
            filter.origin.map(|origin| origin.code().into()),
        ];
        let key = |one: &Request| (one.asked_on, one.id);
        let asked = (after, values, limit);
        let shape = &list::REQUESTS;
        Ok(page(&self.db, shape, &scope, asked, requests::read, key).await?)
    }

    /// Missions that the actor may read after a place, the latest begun first.
    pub async fn missions(
        &self,
        actor: &Actor,
        filter: &MissionFilter,
        after: (Date, Uuid),
        limit: u32,
    ) -> Result<Vec<Mission>, BrigadeError> {
        let scope = self.scope(actor, filter.ministry).await?;
        let values: Vec<Option<Value>> = vec![
            filter.state.map(|state| state.code().into()),
            filter.ministry.map(Into::into),
            filter.product.map(Into::into),
            filter.expertise.as_ref().map(Into::into),
        ];
        let key = |one: &Mission| (one.period.0, one.id);
        let asked = (after, values, limit);
        let shape = &list::MISSIONS;
        Ok(page(&self.db, shape, &scope, asked, missions::read, key).await?)
    }

    /// A request with what belongs to it.
    pub async fn request(&self, actor: &Actor, id: Uuid) -> Result<RequestView, BrigadeError> {
        let request = self.request_of(actor, id).await?;
        Ok(RequestView {
            wanted: requests::wanted(&self.db, id).await?,
            missions: missions::of_request(&self.db, id).await?,
            events: events::EVENTS.of_subject(&self.db, id).await?,
            request,
        })
    }

    /// A mission with what belongs to it.
    pub async fn mission(&self, actor: &Actor, id: Uuid) -> Result<MissionView, BrigadeError> {
        let mission = self.mission_of(actor, id).await?;
        Ok(MissionView {
            assignments: missions::assignments(&self.db, id).await?,
            days: missions::days(&self.db, id).await?,
            extensions: missions::extensions(&self.db, id).await?,
            recommendations: self.recommendations(id).await?,
            events: events::EVENTS.of_subject(&self.db, id).await?,
            mission,
        })
    }

    /// A mission at which the actor may record days, and whose: everybody's for an officer, its own
    /// for an expert.
    pub(crate) async fn to_record(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<(Mission, Vec<Assignment>, Vec<SpentDay>), BrigadeError> {
        let found = missions::find(&self.db, id).await?;
        let one = found.ok_or(BrigadeError::NotFound)?;
        let mut goes = missions::assignments(&self.db, id).await?;
        let mut days = missions::days(&self.db, id).await?;
        if !actor.may(&CONDUCT, one.ministry) {
            let own = self.own_expert(actor).await?;
            goes.retain(|goes| Some(goes.expert) == own);
            days.retain(|day| Some(day.expert) == own);
            if goes.is_empty() {
                actor.demand(&CONDUCT, one.ministry)?;
            }
        }
        Ok((one, goes, days))
    }

    /// The missions of the expert whose account acts; `None` when it is nobody of the brigade.
    pub(crate) async fn own_missions(
        &self,
        actor: &Actor,
    ) -> Result<Option<(Uuid, Vec<Mission>)>, BrigadeError> {
        actor.demand(&RECORD, None)?;
        let Some(own) = self.own_expert(actor).await? else {
            return Ok(None);
        };
        let since = self
            .source
            .today()
            .saturating_sub(jiff::Span::new().years(1));
        Ok(Some((
            own,
            missions::of_expert(&self.db, own, since).await?,
        )))
    }
}
