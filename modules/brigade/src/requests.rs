//! Acts on requests.

use jiff::ToSpan as _;
use jiff::civil::Date;
use kit_access::{Actor, Permission};
use kit_acts::Happening;
use kit_db::Tx;
use kit_journal::Change;
use ports::ProductId;
use serde_json::json;
use uuid::Uuid;

use crate::access::{ASK, CONDUCT, READ};
use crate::domain::{
    AnswerForm, Candidate, Proposal, RequestAct, RequestForm, RequestOrigin, RequestState, monday,
    propose,
};
use crate::experts::codes;
use crate::mails::{News, Told};
use crate::store::requests::{self as store, Request};
use crate::store::{experts, plan};
use crate::{Brigade, BrigadeError};

impl RequestAct {
    /// Who may.
    pub(crate) fn permission(self) -> &'static Permission {
        match self {
            Self::Withdraw => &ASK,
            _ => &CONDUCT,
        }
    }
}

impl Brigade {
    /// Asks for the brigade.
    pub async fn ask(&self, actor: &Actor, form: &RequestForm) -> Result<Uuid, BrigadeError> {
        actor.demand_somewhere(&ASK)?;
        let today = self.source.today();
        let read = form.read(&codes(&self.db).await?, today)?;
        let wrong = || BrigadeError::mistake("product", "brigade-mistake-product", "");
        let known = self.products.product(ProductId(read.product)).await?;
        let ministry = known.ok_or_else(wrong)?.ministry.map(|id| id.0);
        actor.demand(&ASK, ministry)?;
        let told_to = self.tell_directorate(ministry).await?;
        let mut tx = self.db.begin().await?;
        let product = self.product_in(&mut tx, read.product).await?;
        let ministry = product.ministry.map(|id| id.0);
        actor.demand(&ASK, ministry)?;
        let one = Request {
            id: self.source.new_id(),
            product: product.id.0,
            product_title: product.title,
            ministry,
            origin: RequestOrigin::Ministry,
            origin_id: None,
            need: read.need,
            period: Some(read.period),
            contribution: read.contribution,
            impact: read.impact,
            state: RequestState::Open,
            asked_on: today,
            asked_by: actor.person_id(),
            asked_by_name: actor.name().to_owned(),
            answered_on: None,
            answer: String::new(),
            put_off_until: None,
            version: 1,
        };
        store::insert(&mut tx, &one, true, self.source.now()).await?;
        store::want(&mut tx, one.id, &read.wanted).await?;
        self.request_asked(&mut tx, actor, &one).await?;
        self.mail_of_request(&mut tx, &told_to, &one, ("brigade-told-ask", &one.need))
            .await?;
        tx.commit().await?;
        Ok(one.id)
    }

    /// The event and the journal's entry of a new request.
    pub(crate) async fn request_asked(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        one: &Request,
    ) -> Result<(), BrigadeError> {
        let what = Happening {
            product: Some(one.product),
            subject: ("request", one.id),
            on: self.source.today(),
            act: "ask",
            reason: &one.need,
        };
        self.happened(tx, actor, what).await?;
        let change = Change::new("brigade.request.ask", "request", one.id)
            .of(one.ministry)
            .after(json!({
                "product": one.product, "origin": one.origin, "origin_id": one.origin_id,
                "state": one.state,
            }));
        self.journal.append(tx, actor, change).await?;
        Ok(())
    }

    pub(crate) async fn mail_of_request(
        &self,
        tx: &mut Tx,
        told_to: &Told,
        one: &Request,
        (key, reason): (&'static str, &str),
    ) -> Result<(), BrigadeError> {
        let path = format!("/brigade/requests/{}", one.id);
        let news = News {
            key,
            product: &one.product_title,
            about: if reason == one.need { "" } else { &one.need },
            reason,
            path: &path,
            due: None,
        };
        self.mail(tx, told_to, news).await
    }

    /// A request that the actor may read.
    pub(crate) async fn request_of(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<Request, BrigadeError> {
        let found = store::find(&self.db, id).await?;
        let one = found.ok_or(BrigadeError::NotFound)?;
        actor.demand(&READ, one.ministry)?;
        Ok(one)
    }

    /// A request of that version in a transaction that holds its product and its row.
    pub(crate) async fn request_in(
        &self,
        tx: &mut Tx,
        id: Uuid,
        version: i64,
    ) -> Result<Request, BrigadeError> {
        let found = store::find(&mut *tx, id).await?;
        let product = found.ok_or(BrigadeError::NotFound)?.product;
        self.product_in(tx, product).await?;
        let found = store::hold(tx, id).await?;
        let one = found.ok_or(BrigadeError::NotFound)?;
        if one.version != version {
            return Err(BrigadeError::Stale);
        }
        Ok(one)
    }

    /// Saves a request that an act changed, with the event and the journal's entry.
    pub(crate) async fn request_acted(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        (before, one): (RequestState, &Request),
        (act, reason): (RequestAct, &str),
    ) -> Result<(), BrigadeError> {
        if !store::save(tx, one).await? {
            return Err(BrigadeError::Stale);
        }
        let what = Happening {
            product: Some(one.product),
            subject: ("request", one.id),
            on: self.source.today(),
            act: act.code(),
            reason,
        };
        self.happened(tx, actor, what).await?;
        let change = Change::new("brigade.request.answer", "request", one.id)
            .of(one.ministry)
            .before(json!({ "state": before }))
            .after(json!({ "state": one.state, "put_off_until": one.put_off_until }));
        self.journal.append(tx, actor, change).await?;
        Ok(())
    }

    /// Declines, puts off, closes or withdraws a request of that version. To accept it, a mission is
    /// proposed.
    pub async fn act_on_request(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        act: RequestAct,
        form: &AnswerForm,
    ) -> Result<(), BrigadeError> {
        let known = self.request_of(actor, id).await?;
        actor.demand(act.permission(), known.ministry)?;
        let today = self.source.today();
        let (reason, until) = match act {
            RequestAct::PutOff => {
                let (reason, until) = form.put_off(today)?;
                (reason, Some(until))
            }
            RequestAct::Decline => (form.reason(true)?, None),
            RequestAct::Close | RequestAct::Withdraw => (form.reason(false)?, None),
            RequestAct::Accept | RequestAct::ComeBack => return Err(BrigadeError::Impossible),
        };
        let (key, told_to) = match act {
            RequestAct::Withdraw => (
                "brigade-told-withdraw",
                self.tell_directorate(known.ministry).await?,
            ),
            act => (
                match act {
                    RequestAct::PutOff => "brigade-told-put-off",
                    RequestAct::Close => "brigade-told-close-request",
                    _ => "brigade-told-decline",
                },
                self.tell_ministry(known.ministry, known.asked_by).await?,
            ),
        };
        let mut tx = self.db.begin().await?;
        let mut one = self.request_in(&mut tx, id, version).await?;
        actor.demand(act.permission(), one.ministry)?;
        let before = one.state;
        one.state = before.after(act).ok_or(BrigadeError::Impossible)?;
        one.put_off_until = until;
        if matches!(act, RequestAct::Decline | RequestAct::PutOff) {
            one.answered_on = one.answered_on.or(Some(today));
            one.answer.clone_from(&reason);
        }
        self.request_acted(&mut tx, actor, (before, &one), (act, &reason))
            .await?;
        self.mail_of_request(&mut tx, &told_to, &one, (key, &reason))
            .await?;
        Ok(tx.commit().await?)
    }

    /// The period that a request wishes, from today on; the next three months when it wishes none.
    pub(crate) fn wished(&self, one: &Request) -> (Date, Date) {
        let today = self.source.today();
        match one.period {
            Some((from, to)) if to >= today => (from.max(today), to),
            _ => (today, today.saturating_add(3.months())),
        }
    }

    /// Everybody who can be proposed, with what missions take between two days.
    pub(crate) async fn candidates(
        &self,
        (from, to): (Date, Date),
    ) -> Result<Vec<Candidate>, BrigadeError> {
        let all = experts::in_use(&self.db, monday(from)).await?;
        let mut booked = plan::between(&self.db, (monday(from), monday(to))).await?;
        let candidates = all.into_iter().map(|one| Candidate {
            booked: booked.remove(&one.id).unwrap_or_default(),
            id: one.id,
            name: one.name,
            skills: one.skills,
            availability: one.availability,
        });
        Ok(candidates.collect())
    }

    /// Who could go, for each expertise that a request wants. An officer chooses.
    pub async fn proposals(
        &self,
        actor: &Actor,
        request: Uuid,
    ) -> Result<Vec<(String, Vec<Proposal>)>, BrigadeError> {
        let one = self.request_of(actor, request).await?;
        actor.demand(&CONDUCT, one.ministry)?;
        let period = self.wished(&one);
        let wanted = store::wanted(&self.db, request).await?;
        let candidates = self.candidates(period).await?;
        let of = |(code, half_days): (String, u32)| {
            let found = propose((&code, half_days), period, &candidates);
            (code, found)
        };
        Ok(wanted.into_iter().map(of).collect())
    }
}
