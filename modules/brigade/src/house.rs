//! What happens as time passes.

use kit_access::Actor;

use crate::domain::{RequestAct, RequestState};
use crate::mails::experts as experts_of;
use crate::store::{missions, requests};
use crate::{Brigade, BrigadeError};

/// Who acts when a day comes.
const CLOCK: &str = "brigade.clock";
/// Most subjects of each kind in one round: the next round takes the others.
const ROUND_MAX: u32 = 200;

impl Brigade {
    /// Brings back requests whose day has come, and tells by mail of calls and of reports that are
    /// late. Call it every few minutes; two processes may do so at once.
    pub async fn keep_house(&self) -> Result<(), BrigadeError> {
        self.come_back().await?;
        self.tell_calls().await?;
        self.tell_late().await
    }

    async fn come_back(&self) -> Result<(), BrigadeError> {
        let (actor, today) = (Actor::system(CLOCK), self.source.today());
        for id in requests::come_back(&self.db, today, ROUND_MAX).await? {
            let Some(known) = requests::find(&self.db, id).await? else {
                continue;
            };
            let told_to = self.tell_directorate(known.ministry).await?;
            let mut tx = self.db.begin().await?;
            let mut one = match self.request_in(&mut tx, id, known.version).await {
                // Somebody answered meanwhile.
                Err(BrigadeError::Stale) => continue,
                other => other?,
            };
            let is_due = one.put_off_until.is_some_and(|until| until <= today);
            let before = one.state;
            let Some(RequestState::Open) = before.after(RequestAct::ComeBack).filter(|_| is_due)
            else {
                continue;
            };
            one.state = RequestState::Open;
            one.put_off_until = None;
            self.request_acted(&mut tx, &actor, (before, &one), (RequestAct::ComeBack, ""))
                .await?;
            self.mail_of_request(&mut tx, &told_to, &one, ("brigade-told-come-back", ""))
                .await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Calls are made in others' transactions, where nobody can be looked up.
    async fn tell_calls(&self) -> Result<(), BrigadeError> {
        for id in requests::untold(&self.db, ROUND_MAX).await? {
            let Some(one) = requests::find(&self.db, id).await? else {
                continue;
            };
            let told_to = self
                .tell_directorate(one.ministry)
                .await?
                .and(self.tell_ministry(one.ministry, None).await?);
            let mut tx = self.db.begin().await?;
            if requests::tell(&mut tx, id).await? {
                let news = ("brigade-told-call", one.need.as_str());
                self.mail_of_request(&mut tx, &told_to, &one, news).await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }

    async fn tell_late(&self) -> Result<(), BrigadeError> {
        let today = self.source.today();
        for id in missions::late_untold(&self.db, today, ROUND_MAX).await? {
            let Some(one) = missions::find(&self.db, id).await? else {
                continue;
            };
            let people = experts_of(&missions::assignments(&self.db, id).await?);
            let told_to = people.and(self.tell_directorate(one.ministry).await?);
            let mut tx = self.db.begin().await?;
            if missions::tell_late(&mut tx, id, today).await? {
                self.mail_of_mission(&mut tx, &told_to, &one, ("brigade-told-late", ""))
                    .await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }
}
