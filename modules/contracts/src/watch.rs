//! What time brings: contracts begin, reviews fall due, conditions become met.

use kit_access::Actor;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::domain::{Act, State};
use crate::drafting::life;
use crate::mails::News;
use crate::store::{contracts, products, tranches};
use crate::{Contracts, ContractsError};

/// Rows read at once.
const ROWS: u32 = 200;
/// Most tranches whose condition is read in one round.
const TRANCHES_MAX: usize = 20_000;

impl Contracts {
    /// Lets signed contracts begin, tells of reviews that are due, and once an hour reads the conditions
    /// of tranches that wait. Call it every few minutes; two processes may do so at once.
    pub async fn keep_house(&self) -> Result<(), ContractsError> {
        self.begin_signed().await?;
        self.tell_reviews().await?;
        let now = self.source.now();
        let hour = jiff::SignedDuration::from_mins(55);
        if products::take_round(&self.db, "watch", now, now - hour).await? {
            self.read_conditions().await?;
        }
        Ok(())
    }

    async fn begin_signed(&self) -> Result<(), ContractsError> {
        let actor = Actor::system("contracts");
        let today = self.source.today();
        for known in contracts::to_begin(&self.db, today).await? {
            let mut tx = self.db.begin().await?;
            let (mut one, signatures) =
                self.contract_in(&mut tx, (known.id, known.product)).await?;
            let Ok(next) = life(&one, &signatures).after(Act::Begin, None) else {
                continue;
            };
            one.state = next.life.state;
            let version = one.version;
            self.save(&mut tx, &one, version).await?;
            self.contract_happened(&mut tx, &actor, &one, ("in-force", ""))
                .await?;
            let change = Change::new("contracts.contract.begin", "contract", one.id)
                .of(one.ministry)
                .after(json!({ "state": one.state }));
            self.journal.append(&mut tx, &actor, change).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn tell_reviews(&self) -> Result<(), ContractsError> {
        let today = self.source.today();
        for known in contracts::to_tell(&self.db, today, ROWS).await? {
            let told = self.tell_both(known.ministry).await?;
            let mut tx = self.db.begin().await?;
            let (mut one, _) = self.contract_in(&mut tx, (known.id, known.product)).await?;
            if one.review_told_on == one.next_review_on || one.next_review_on.is_none() {
                continue;
            }
            one.review_told_on = one.next_review_on;
            let version = one.version;
            self.save(&mut tx, &one, version).await?;
            let path = format!("/contracts/{}", one.id);
            let news = News {
                key: "contracts-told-review-due",
                product: &one.product_title,
                about: &one.title,
                reason: "",
                path: &path,
                due: None,
            };
            self.mail(&mut tx, &told, news).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Reads the condition of every tranche that waits, and tells the directorate of those that are met
    /// since.
    async fn read_conditions(&self) -> Result<(), ContractsError> {
        let today = self.source.today();
        let mut after = (Uuid::nil(), 0);
        let mut read = 0;
        loop {
            let rows = tranches::waiting(&self.db, after, ROWS).await?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = (last.contract, last.number);
            read += rows.len();
            for tranche in rows {
                let mut tx = self.db.begin_snapshot().await?;
                let Some((one, terms)) = self.of_tranche(&mut tx, &tranche).await? else {
                    continue;
                };
                let conditions = [tranche.condition];
                let readings = self
                    .readings_in(&mut tx, &terms, one.id, &conditions)
                    .await?;
                drop(tx);
                let is_met = readings.iter().all(crate::domain::Reading::is_met);
                if is_met == tranche.met_on.is_some() {
                    continue;
                }
                let told = self.tell_directorate(one.ministry).await?;
                let mut tx = self.db.begin().await?;
                let met_on = is_met.then_some(today);
                if tranches::set_met(&mut tx, &tranche, met_on).await? && is_met {
                    let path = format!("/contracts/{}", one.id);
                    let news = News {
                        key: "contracts-told-met",
                        product: &one.product_title,
                        about: &tranche.label,
                        reason: "",
                        path: &path,
                        due: None,
                    };
                    self.mail(&mut tx, &told, news).await?;
                }
                tx.commit().await?;
            }
            if read >= TRANCHES_MAX {
                return Ok(());
            }
        }
    }

    /// Contracts that wait for a signature, the oldest first; of one ministry when it is given.
    pub(crate) async fn to_sign(
        &self,
        ministry: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<crate::StoredContract>, ContractsError> {
        let mut all = Vec::new();
        for state in [State::ToSign, State::AmendmentToSign] {
            all.extend(contracts::in_state(&self.db, state, ministry, limit).await?);
        }
        all.sort_by_key(|one| (one.opened_on, one.id));
        all.truncate(limit as usize);
        Ok(all)
    }
}
