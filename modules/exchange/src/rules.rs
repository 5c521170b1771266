//! Rules by which a producer's flows are watched: written, changed, switched, tried on the past.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use kit_access::Actor;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::access::EDIT_RULES;
use crate::domain::{RULES_MAX, RuleForm, RuleKind, WouldFire, would_fire};
use crate::store::rules::{self as store, KeptRule, RuleFilter};
use crate::store::{apis, operations};
use crate::{Exchange, ExchangeError};

/// How far a rule is tried on the past, in days.
pub const TRIED_DAYS: i64 = 30;
/// Most hours, or calls, of the past that a rule is tried on.
const TRIED_ROWS_MAX: u32 = 100_000;
/// Calls that were refused because the flow was stopped or suspended: what a rule did isn't counted
/// by a rule.
const UNCOUNTED: [&str; 2] = ["flow-stopped", "suspended"];

/// Whether rules count a call, by its problem.
pub(crate) fn is_counted(problem: Option<&str>) -> bool {
    problem.is_none_or(|problem| !UNCOUNTED.contains(&problem))
}

/// What a rule would have done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// From when on calls were looked at: later than asked when there were too many.
    pub since: Timestamp,
    /// When it would have fired, the latest first.
    pub fired: Vec<WouldFire>,
}

impl Exchange {
    /// Where days begin and end.
    pub(crate) fn zone() -> TimeZone {
        TimeZone::get(kit_time::PARIS).unwrap_or(TimeZone::UTC)
    }

    /// Adds a rule, which is off: gives its id.
    pub async fn add_rule(&self, actor: &Actor, form: &RuleForm) -> Result<Uuid, ExchangeError> {
        let (api, operation, rule) = form.check().map_err(ExchangeError::Mistakes)?;
        let found = apis::find(&self.db, api).await?;
        let wrong = || ExchangeError::mistake("api", "exchange-mistake-choice", "");
        let of = found.ok_or_else(wrong)?;
        actor.demand(&EDIT_RULES, Some(of.producer))?;
        self.check_operation(api, operation).await?;
        let now = self.source.now();
        let kept = KeptRule {
            id: self.source.new_id(),
            producer: of.producer,
            api,
            operation,
            rule,
            on_since: None,
            changed_by: actor.name().to_owned(),
            row_version: 1,
            created_at: now,
            updated_at: now,
        };
        let mut tx = self.db.begin().await?;
        if store::count_of_api(&mut tx, api).await? >= RULES_MAX as i64 {
            return Err(ExchangeError::mistake(
                "api",
                "exchange-mistake-rules",
                RULES_MAX,
            ));
        }
        store::insert(&mut tx, &kept).await?;
        let change = Change::new("exchange.rule.add", "rule", kept.id)
            .of(Some(kept.producer))
            .after(told_rule(&kept));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(kept.id)
    }

    async fn check_operation(
        &self,
        api: Uuid,
        operation: Option<Uuid>,
    ) -> Result<(), ExchangeError> {
        if let Some(operation) = operation {
            let found = operations::find(&self.db, operation).await?;
            if found.is_none_or(|found| found.api != api || found.is_removed) {
                let key = "exchange-mistake-choice";
                return Err(ExchangeError::mistake("operation", key, ""));
            }
        }
        Ok(())
    }

    /// A rule of a producer for which the actor keeps rules.
    pub async fn rule(&self, actor: &Actor, id: Uuid) -> Result<KeptRule, ExchangeError> {
        let found = store::find(&self.db, id).await?;
        let rule = found.ok_or(ExchangeError::NotFound)?;
        actor.demand(&EDIT_RULES, Some(rule.producer))?;
        Ok(rule)
    }

    /// Changes a rule that is at `version` still, otherwise [`ExchangeError::Stale`]. It stays with its
    /// API.
    pub async fn change_rule(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &RuleForm,
    ) -> Result<(), ExchangeError> {
        let before = self.rule(actor, id).await?;
        let form = RuleForm {
            api: before.api.to_string(),
            ..form.clone()
        };
        let (api, operation, rule) = form.check().map_err(ExchangeError::Mistakes)?;
        self.check_operation(api, operation).await?;
        let after = KeptRule {
            operation,
            rule,
            changed_by: actor.name().to_owned(),
            row_version: version,
            updated_at: self.source.now(),
            ..before.clone()
        };
        let mut tx = self.db.begin().await?;
        if !store::change(&mut tx, &after).await? {
            return Err(ExchangeError::Stale);
        }
        let counts = |of: &KeptRule| (of.operation, of.rule.kind, of.rule.window);
        if counts(&before) != counts(&after) {
            store::forget_subjects(&mut tx, id).await?;
        }
        let change = Change::new("exchange.rule.change", "rule", id)
            .of(Some(after.producer))
            .before(told_rule(&before))
            .after(told_rule(&after));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Switches a rule that is at `version` still on or off.
    pub async fn switch_rule(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        is_on: bool,
    ) -> Result<(), ExchangeError> {
        let before = self.rule(actor, id).await?;
        let now = self.source.now();
        let after = KeptRule {
            on_since: is_on.then_some(before.on_since.unwrap_or(now)),
            changed_by: actor.name().to_owned(),
            row_version: version,
            updated_at: now,
            ..before.clone()
        };
        let mut tx = self.db.begin().await?;
        if !store::switch(&mut tx, &after).await? {
            return Err(ExchangeError::Stale);
        }
        store::forget_subjects(&mut tx, id).await?;
        let change = Change::new("exchange.rule.switch", "rule", id)
            .of(Some(after.producer))
            .before(json!({ "on": before.on_since.is_some() }))
            .after(json!({ "on": is_on }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Rules before a place, the latest first: of a producer, or of all for who keeps those of all.
    pub async fn rules(
        &self,
        actor: &Actor,
        filter: &RuleFilter,
        before: (Timestamp, Uuid),
        limit: u32,
    ) -> Result<Vec<KeptRule>, ExchangeError> {
        actor.demand(&EDIT_RULES, filter.producer)?;
        Ok(store::latest(&self.db, filter, before, limit).await?)
    }

    /// What a rule would have done over the last [`TRIED_DAYS`], as it stands now: over fewer of them
    /// when there were many calls.
    pub async fn try_rule(&self, actor: &Actor, id: Uuid) -> Result<Tried, ExchangeError> {
        let KeptRule {
            producer,
            api,
            operation,
            rule,
            ..
        } = self.rule(actor, id).await?;
        let zone = Self::zone();
        let asked = self.source.now() - SignedDuration::from_hours(24 * TRIED_DAYS);
        // Whole windows only.
        let (_, asked) = rule.window.bounds(asked, &zone);
        let (mut hours, mut people) = (Vec::new(), Vec::new());
        let mut since = asked;
        let is_theirs = |of: Uuid| operation.is_none_or(|operation| operation == of);
        if rule.kind == RuleKind::Enumeration {
            let found = store::past_people(&self.db, producer, asked, TRIED_ROWS_MAX).await?;
            if found.len() == TRIED_ROWS_MAX as usize
                && let Some(last) = found.last()
            {
                since = rule.window.bounds(last.at, &zone).1;
            }
            for call in found {
                let is_seen = call.api == api
                    && is_theirs(call.operation)
                    && call.at >= since
                    && is_counted(call.problem.as_deref());
                if let (true, Some(of), Some(subject)) = (is_seen, call.accreditation, call.subject)
                {
                    people.push((of, call.at, subject));
                }
            }
        } else {
            let found = store::past(&self.db, api, asked, TRIED_ROWS_MAX).await?;
            if found.len() == TRIED_ROWS_MAX as usize
                && let Some((_, _, last)) = found.last()
            {
                since = rule.window.bounds(last.hour, &zone).1;
            }
            for (of, called, hour) in found {
                if is_theirs(called) && hour.hour >= since {
                    hours.push((of, hour));
                }
            }
        }
        let trying = tokio::task::spawn_blocking(move || would_fire(&rule, &hours, &people, &zone));
        let fired = trying.await.map_err(std::io::Error::other)?;
        Ok(Tried { since, fired })
    }

    /// The producers whose rules the actor keeps: those that have an API.
    pub(crate) async fn ruled(&self, actor: &Actor) -> Result<BTreeSet<Uuid>, ExchangeError> {
        let all = apis::every(&self.db).await?;
        let mine = all.into_iter().map(|api| api.producer);
        Ok(mine
            .filter(|producer| actor.may(&EDIT_RULES, Some(*producer)))
            .collect())
    }
}

fn told_rule(rule: &KeptRule) -> serde_json::Value {
    json!({ "api": rule.api, "operation": rule.operation, "rule": rule.rule })
}
