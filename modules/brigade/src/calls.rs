//! The brigade, as the watch, a conference and a decision send it.

use kit_access::Actor;
use kit_db::Tx;
use ports::{Answered, BrigadeCall, BrigadeCalls};
use uuid::Uuid;

use crate::access::ASK;
use crate::domain::{RequestOrigin, RequestState};
use crate::store::requests::{self as store, Request};
use crate::{Brigade, BrigadeError, port};

/// Longest reason that is kept, in characters.
const REASON_CHARS_MAX: usize = 4_000;

/// The port by which others send the brigade.
#[derive(Debug, Clone)]
pub struct CallsPort(pub(crate) Brigade);

impl Brigade {
    /// Everything in the caller's transaction: who must be told by mail is asked later, since that
    /// takes a connection of its own.
    async fn call(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        call: BrigadeCall,
    ) -> Result<Uuid, BrigadeError> {
        let (kind, id) = call.origin;
        let origin = RequestOrigin::parse(kind)
            .filter(|origin| *origin != RequestOrigin::Ministry)
            .ok_or_else(|| BrigadeError::mistake("origin", "brigade-mistake-choice", kind))?;
        let product = self.product_in(tx, call.product.0).await?;
        let ministry = product.ministry.map(|id| id.0);
        actor.demand(&ASK, ministry)?;
        let need: String = call.reason.trim().chars().take(REASON_CHARS_MAX).collect();
        if need.is_empty() {
            return Err(BrigadeError::mistake(
                "reason",
                "brigade-mistake-missing",
                "",
            ));
        }
        let one = Request {
            id: self.source.new_id(),
            product: product.id.0,
            product_title: product.title,
            ministry,
            origin,
            origin_id: Some(id),
            need,
            period: None,
            contribution: String::new(),
            impact: String::new(),
            state: RequestState::Open,
            asked_on: self.source.today(),
            asked_by: actor.person_id(),
            asked_by_name: actor.name().to_owned(),
            answered_on: None,
            answer: String::new(),
            put_off_until: None,
            version: 1,
        };
        if !store::insert(tx, &one, false, self.source.now()).await? {
            let first = store::of_origin(tx, (kind, id)).await?;
            return first.ok_or(BrigadeError::NotFound);
        }
        self.request_asked(tx, actor, &one).await?;
        Ok(one.id)
    }
}

impl BrigadeCalls for CallsPort {
    fn call_in<'f>(
        &'f self,
        tx: &'f mut Tx,
        actor: &'f Actor,
        call: BrigadeCall,
    ) -> Answered<'f, Uuid> {
        Box::pin(async move { self.0.call(tx, actor, call).await.map_err(port) })
    }
}
