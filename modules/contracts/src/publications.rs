//! What is published of contracts: planned by the directorate, read by anybody.

use jiff::civil::Date;
use kit_access::Actor;
use kit_journal::Change;
use uuid::Uuid;

use crate::access::CONDUCT;
use crate::domain::{Publication, PublicationForm, Redaction, Terms, redact};
use crate::store::contracts::{self, StoredContract};
use crate::store::{follow_up, tranches, versions};
use crate::{Check, Contracts, ContractsError, Signature, Tranche, WORDING};

/// A published contract, as anybody may read it: passages that are hidden are nowhere in it.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedContract {
    /// Where it stands; its title is that of the text in force.
    pub contract: StoredContract,
    /// The text in force.
    pub terms: Terms,
    /// The SHA-256 of the whole text, as both sides signed it.
    pub sha256: String,
    /// Who signed the text in force.
    pub signatures: Vec<Signature>,
    /// Its tranches.
    pub tranches: Vec<Tranche>,
    /// Where its clauses stand.
    pub checks: Vec<Check>,
}

impl Contracts {
    /// Plans when and how a signed contract is published.
    pub async fn plan(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &PublicationForm,
    ) -> Result<(), ContractsError> {
        let known = self.known(id).await?;
        let mut tx = self.db.begin().await?;
        let (mut one, signatures) = self.contract_in(&mut tx, (id, known.product)).await?;
        actor.demand(&CONDUCT, one.ministry)?;
        let Some(planned) = one.publication.clone() else {
            return Err(ContractsError::Impossible);
        };
        let first = signatures
            .iter()
            .filter(|one| one.voided.is_none())
            .map(|one| kit_time::day_in_paris(one.at))
            .max();
        let signed_on = first.unwrap_or(one.opened_on).min(planned.on);
        let next = form.read(&WORDING, signed_on, &planned, self.source.today())?;
        one.publication = Some(next.clone());
        self.save(&mut tx, &one, version).await?;
        self.contract_happened(&mut tx, actor, &one, ("plan", &next.reason))
            .await?;
        let change = Change::new("contracts.contract.publish", "contract", id)
            .of(one.ministry)
            .before(summary(&planned))
            .after(summary(&next));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// A published contract, as anybody may read it.
    pub async fn published(&self, id: Uuid) -> Result<PublishedContract, ContractsError> {
        let today = self.source.today();
        let found = contracts::find(&self.db, id).await?;
        let mut one = found
            .filter(|one| one.publication.as_ref().is_some_and(|p| p.is_open(today)))
            .ok_or(ContractsError::NotFound)?;
        let number = one.in_force.ok_or(ContractsError::NotFound)?;
        let found = versions::find(&self.db, id, number).await?;
        let text = found.ok_or(ContractsError::NotFound)?;
        let mut signatures = versions::signatures(&self.db, id).await?;
        signatures.retain(|one| one.number == number && one.voided.is_none());
        let mut all = tranches::of_contract(&self.db, id).await?;
        let mut checks = follow_up::checks(&self.db, id).await?;
        let redactions = match &one.publication {
            Some(planned) => planned.redactions.clone(),
            None => Vec::new(),
        };
        for tranche in &mut all {
            tranche.label = redact(&tranche.label, &redactions);
            // Why one is held, who released it and its payment stay with those who may read them.
            tranche.reason.clear();
            tranche.reference.clear();
            if let Some((_, by)) = &mut tranche.released {
                by.clear();
            }
        }
        for check in &mut checks {
            check.evidence.clear();
            check.by.clear();
        }
        for signature in &mut signatures {
            signature.name = redact(&signature.name, &redactions);
            signature.role = redact(&signature.role, &redactions);
        }
        let terms = hide(text.terms, &redactions);
        one.title.clone_from(&terms.title);
        forget(&mut one.publication);
        Ok(PublishedContract {
            contract: one,
            terms,
            sha256: text.sha256,
            signatures,
            tranches: all,
            checks,
        })
    }

    /// Published contracts before a place, the latest first, each with the title of its text in force.
    pub(crate) async fn published_list(
        &self,
        before: (Date, Uuid),
        limit: u32,
    ) -> Result<Vec<StoredContract>, ContractsError> {
        let today = self.source.today();
        let mut all = contracts::published(&self.db, today, before, limit).await?;
        for one in &mut all {
            let number = one.in_force.unwrap_or(one.latest);
            if let Some(text) = versions::find(&self.db, one.id, number).await? {
                one.title = text.terms.title;
            }
            if let Some(planned) = &one.publication {
                one.title = redact(&one.title, &planned.redactions);
            }
            forget(&mut one.publication);
        }
        Ok(all)
    }
}

/// What the journal holds of a plan: never the passages that are hidden.
fn summary(planned: &Publication) -> serde_json::Value {
    let reasons: Vec<&str> = planned
        .redactions
        .iter()
        .map(|one| one.reason.as_str())
        .collect();
    serde_json::json!({ "on": planned.on, "reason": planned.reason, "hidden_because": reasons })
}

/// Keeps why passages are hidden, not the passages.
fn forget(planned: &mut Option<Publication>) {
    for one in planned
        .iter_mut()
        .flat_map(|planned| &mut planned.redactions)
    {
        one.passage.clear();
    }
}

/// A text without what its authors hide.
fn hide(mut terms: Terms, redactions: &[Redaction]) -> Terms {
    let texts = [
        &mut terms.title,
        &mut terms.purpose,
        &mut terms.consequence_text,
    ];
    for text in texts {
        *text = redact(text, redactions);
    }
    for party in [&mut terms.directorate, &mut terms.ministry] {
        for text in [&mut party.body, &mut party.signatory, &mut party.role] {
            *text = redact(text, redactions);
        }
    }
    for one in &mut terms.tranches {
        one.label = redact(&one.label, redactions);
    }
    for one in &mut terms.clauses {
        one.demand = redact(&one.demand, redactions);
    }
    for one in &mut terms.indicators {
        one.name = redact(&one.name, redactions);
        one.source = redact(&one.source, redactions);
    }
    terms
}
