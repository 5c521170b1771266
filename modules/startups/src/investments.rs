//! Acts on investments.

use kit_access::Actor;
use kit_acts::Happening;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::access::{DECIDE, demand};
use crate::domain::{DecisionKind, InvestmentForm, read_reason};
use crate::store::investments::{self as store, StoredInvestment};
use crate::store::{decisions, products};
use crate::{Startups, StartupsError};

impl Startups {
    /// Invests in a start-up by a decision that lets it go on.
    pub async fn invest(
        &self,
        actor: &Actor,
        decision: Uuid,
        form: &InvestmentForm,
    ) -> Result<Uuid, StartupsError> {
        let mut tx = self.db.begin().await?;
        let found = decisions::find(&mut tx, decision).await?;
        let decided = found.ok_or(StartupsError::NotFound)?;
        let mut kept = self.product_in(&mut tx, decided.product).await?;
        demand(actor, &DECIDE, (kept.ministry, kept.incubator))?;
        if decided.decision.kind == DecisionKind::Stop {
            return Err(StartupsError::Impossible);
        }
        let investment = form.read(decided.decision.on)?;
        let one = StoredInvestment {
            id: self.source.new_id(),
            product: kept.id,
            decision,
            investment,
            by: actor.name().to_owned(),
            at: self.source.now(),
            withdrawn: None,
        };
        store::insert(&mut tx, &one).await?;
        kept.invested_cents = store::invested(&mut tx, kept.id).await?;
        products::save(&mut tx, &kept).await?;
        let what = Happening {
            product: Some(kept.id),
            subject: ("investment", one.id),
            act: "invest",
            on: self.source.today(),
            reason: &one.investment.fund,
        };
        self.happened(&mut tx, actor, what).await?;
        let change = Change::new("startups.investment.record", "startup-investment", one.id)
            .of(kept.ministry)
            .after(json!({
                "product": kept.id, "decision": decision, "investment": one.investment,
            }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(one.id)
    }

    /// Withdraws an investment that was recorded by mistake or isn't paid.
    pub async fn withdraw(
        &self,
        actor: &Actor,
        id: Uuid,
        reason: &str,
    ) -> Result<Uuid, StartupsError> {
        let mut tx = self.db.begin().await?;
        let found = store::find(&mut tx, id).await?;
        let one = found.ok_or(StartupsError::NotFound)?;
        let mut kept = self.product_in(&mut tx, one.product).await?;
        demand(actor, &DECIDE, (kept.ministry, kept.incubator))?;
        let reason = read_reason(reason)?;
        let today = self.source.today();
        if !store::withdraw(&mut tx, id, today, &reason).await? {
            return Err(StartupsError::Impossible);
        }
        kept.invested_cents = store::invested(&mut tx, kept.id).await?;
        products::save(&mut tx, &kept).await?;
        let what = Happening {
            product: Some(kept.id),
            subject: ("investment", id),
            act: "withdraw",
            on: today,
            reason: &reason,
        };
        self.happened(&mut tx, actor, what).await?;
        let change = Change::new("startups.investment.withdraw", "startup-investment", id)
            .of(kept.ministry)
            .before(json!({ "investment": one.investment }))
            .after(json!({ "reason": reason }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(kept.id)
    }
}
