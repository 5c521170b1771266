//! Signatures: each names the hash of the text that it signs, and stands in the journal.

use jiff::ToSpan as _;
use jiff::civil::Date;
use kit_access::Actor;
use kit_db::Tx;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::access::{SIGN_DIRECTORATE, SIGN_MINISTRY};
use crate::domain::{Act, Publication, Refusal, Side, State, Terms, TrancheState};
use crate::drafting::{life, party};
use crate::mails::News;
use crate::store::contracts::StoredContract;
use crate::store::{applications, funds, tranches, versions};
use crate::{Contracts, ContractsError, Signature, Tranche};

/// Who may sign for a side.
pub(crate) fn permission(side: Side) -> &'static kit_access::Permission {
    match side {
        Side::Directorate => &SIGN_DIRECTORATE,
        Side::Ministry => &SIGN_MINISTRY,
    }
}

/// When a contract is reviewed after a day: at its rhythm, at its end at the latest.
pub(crate) fn next_review(terms: &Terms, after: Date) -> Date {
    let next = after.saturating_add(i64::from(terms.review_months).months());
    next.min(terms.ends_on).max(terms.starts_on)
}

impl Contracts {
    /// Signs the latest text for a side: by the person whom the text names, who holds the right, and who
    /// did not sign for the other side. `sha256` is the hash that the person saw.
    pub async fn sign(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        side: Side,
        sha256: &str,
    ) -> Result<(), ContractsError> {
        let known = self.known(id).await?;
        let told = self.tell_both(known.ministry).await?;
        let mut tx = self.db.begin().await?;
        let (mut one, signatures) = self.contract_in(&mut tx, (id, known.product)).await?;
        actor.demand(permission(side), one.ministry)?;
        // The platform signs nothing: a signature is somebody's.
        let kit_access::Identity::Person { id: person, name } = &actor.identity else {
            return Err(ContractsError::Impossible);
        };
        let text = self.text_in(&mut tx, id, one.latest).await?;
        if text.sha256 != sha256 || one.version != version {
            return Err(ContractsError::Stale);
        }
        let next = life(&one, &signatures).after(Act::Sign, Some((side, *person)));
        let next = next.map_err(|refusal| match refusal {
            Refusal::SamePerson => {
                ContractsError::mistake("side", "contracts-mistake-same-person", name)
            }
            Refusal::SideSigned => {
                ContractsError::mistake("side", "contracts-mistake-side-signed", "")
            }
            Refusal::State => ContractsError::Impossible,
        })?;
        let signatory = party(&text.terms, side);
        if names::normalise(&signatory.signatory) != names::normalise(name) {
            let key = "contracts-mistake-signatory";
            return Err(ContractsError::mistake("side", key, &signatory.signatory));
        }
        let signature = Signature {
            id: self.source.new_id(),
            contract: id,
            number: one.latest,
            side,
            person: *person,
            name: name.clone(),
            role: signatory.role.clone(),
            sha256: text.sha256.clone(),
            at: self.source.now(),
            voided: None,
        };
        versions::sign(&mut tx, &signature).await?;
        one.state = next.life.state;
        let was_in_force = one.in_force.is_some();
        if next.is_signed {
            self.take_effect(&mut tx, &mut one, &text.terms).await?;
        }
        self.save(&mut tx, &one, version).await?;
        let act = format!("sign-{}", side.code());
        self.contract_happened(&mut tx, actor, &one, (&act, &signatory.role))
            .await?;
        if next.is_signed {
            let act = match one.state {
                State::Signed => "signed",
                _ if was_in_force => "amended",
                _ => "in-force",
            };
            self.contract_happened(&mut tx, actor, &one, (act, ""))
                .await?;
        }
        let path = format!("/contracts/{id}");
        let news = News {
            key: if next.is_signed {
                "contracts-told-signed"
            } else {
                "contracts-told-sign"
            },
            product: &one.product_title,
            about: &one.title,
            reason: name,
            path: &path,
            due: None,
        };
        self.mail(&mut tx, &told, news).await?;
        let change = Change::new("contracts.signature.give", "contract", id)
            .of(one.ministry)
            .after(json!({
                "version": signature.number, "side": side, "sha256": signature.sha256,
                "signature": signature.id, "role": signature.role, "state": one.state,
            }));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// The text that both sides signed takes effect: its tranches, its dates, and what it commits.
    async fn take_effect(
        &self,
        tx: &mut Tx,
        one: &mut StoredContract,
        terms: &Terms,
    ) -> Result<(), ContractsError> {
        let today = self.source.today();
        let is_first = one.in_force.is_none();
        one.in_force = Some(one.latest);
        one.starts_on = Some(terms.starts_on);
        one.ends_on = Some(terms.ends_on);
        one.amount_cents = terms.amount_cents();
        if is_first {
            one.next_review_on = Some(next_review(terms, terms.starts_on.max(today)));
            one.publication = Some(Publication::usual(today));
            if terms.starts_on <= today {
                one.state = State::InForce;
            }
        } else {
            let next = one
                .next_review_on
                .map(|on| on.min(next_review(terms, today)));
            one.next_review_on = next;
        }
        for (at, agreed) in terms.tranches.iter().enumerate() {
            let tranche = Tranche {
                contract: one.id,
                number: at as i64 + 1,
                product: one.product,
                ministry: one.ministry,
                label: agreed.label.clone(),
                amount_cents: agreed.amount_cents,
                condition: agreed.condition,
                state: TrancheState::Planned,
                reason: String::new(),
                met_on: None,
                released: None,
                basis: None,
                paid_on: None,
                reference: String::new(),
                version: 1,
            };
            tranches::keep(&mut *tx, &tranche).await?;
        }
        let last = terms.tranches.len() as i64;
        let reason = self.words(kit_ui::Locale::Fr).text("contracts-left-out");
        tranches::cancel_after(&mut *tx, one.id, last, &reason).await?;
        let Some(id) = one.application else {
            return Ok(());
        };
        let found = applications::find(&mut *tx, id).await?;
        let mut application = found.ok_or(ContractsError::NotFound)?;
        let change = terms.amount_cents() - application.committed_cents;
        if change != 0 && !funds::commit(&mut *tx, application.fund, change).await? {
            let key = "contracts-mistake-fund";
            return Err(ContractsError::mistake("side", key, ""));
        }
        application.committed_cents = terms.amount_cents();
        if applications::save(tx, &application, application.version).await? {
            Ok(())
        } else {
            Err(ContractsError::Stale)
        }
    }
}
