//! Overdue recommendations reach those above their owner, step by step.

use jiff::civil::Date;
use kit_access::Actor;
use kit_db::Tx;

use crate::agenda::NewPoint;
use crate::domain::{EscalationRule, EscalationStep};
use crate::mails::Told;
use crate::store::products;
use crate::store::recommendations::{self as store, Recommendation};
use crate::{Steering, SteeringError};

/// Recommendations read at once.
const PAGE: u32 = 200;
/// Steps taken in one round, so that a round ends.
const STEPS_MAX: usize = 10_000;

impl Steering {
    /// Takes every step whose day has passed, each once whoever else does so.
    pub(crate) async fn escalate(&self) -> Result<(), SteeringError> {
        let today = self.source.today();
        let mut taken = 0;
        loop {
            let waited = store::waited(&self.db, today, PAGE).await?;
            if waited.is_empty() || taken >= STEPS_MAX {
                return Ok(());
            }
            for one in waited {
                self.take_next_step(&one, today).await?;
                taken += 1;
            }
        }
    }

    async fn take_next_step(
        &self,
        seen: &Recommendation,
        today: Date,
    ) -> Result<(), SteeringError> {
        let actor = Actor::system("steering");
        let mut tx = self.db.begin().await?;
        let mut one = self.recommendation_in(&mut tx, seen.id).await?;
        let due = one.waits_until.is_some_and(|last| last < today);
        let Some(step) = EscalationRule::next(one.step).filter(|_| due) else {
            // Somebody else was first.
            return Ok(());
        };
        let before = one.clone();
        let is_first = store::take_step(
            &mut tx,
            (one.id, one.due_on),
            step,
            today,
            self.source.now(),
        )
        .await?;
        one.step = Some(step);
        match self.save_recommendation(&mut tx, &before, &mut one).await {
            Err(SteeringError::Stale) => return Ok(()),
            other => other?,
        }
        if is_first {
            self.tell_step(&mut tx, &actor, &one, step).await?;
        }
        let action = "steering.recommendation.escalate";
        self.recommendation_changed(&mut tx, &actor, action, &before, &one)
            .await?;
        Ok(tx.commit().await?)
    }

    async fn tell_step(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        one: &Recommendation,
        step: EscalationStep,
    ) -> Result<(), SteeringError> {
        let today = self.source.today();
        let late = i64::from((today - one.due_on).get_days());
        let reason = self
            .mail_words
            .text_with("steering-overdue-reason", &[("days", late.into())]);
        let (told_to, key, act): (Told, _, _) = match step {
            EscalationStep::Owner => (
                self.tell_owner(tx, one).await?,
                "steering-told-overdue-owner",
                "overdue-owner",
            ),
            EscalationStep::Ministry => (
                self.tell_ministry(tx, one.ministry).await?,
                "steering-told-overdue-ministry",
                "overdue-ministry",
            ),
            EscalationStep::Conference => {
                let point = NewPoint {
                    product: one.product,
                    ministry: one.ministry,
                    subject: ("recommendation", one.id),
                    reason: &one.text,
                };
                self.put_on_agenda(tx, actor, point).await?;
                let told_to = self.tell_ministry(tx, one.ministry).await?;
                (
                    told_to,
                    "steering-told-overdue-conference",
                    "overdue-conference",
                )
            }
            EscalationStep::Funding => {
                if let Some(mut kept) = products::find(&mut *tx, one.product).await?
                    && kept.held.is_none()
                {
                    kept.held = Some((today, reason.clone()));
                    products::save(tx, kept).await?;
                }
                let told_to = self.tell_ministry(tx, one.ministry).await?;
                (told_to, "steering-told-overdue-funding", "overdue-funding")
            }
        };
        self.recommendation_happened(tx, actor, one, act, (today, &reason))
            .await?;
        self.mail_of_recommendation(tx, told_to, one, key, &reason)
            .await
    }
}
