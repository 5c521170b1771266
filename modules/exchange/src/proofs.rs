//! Proofs of traces whose log is on another machine: a person asks, the gateway brings it with its next
//! report, it is checked, kept for a day, and given to the person.
//!
//! ```text
//!   person ──asks──▶ exchange_proof ──told──▶ gateway ──report──▶ checked ──▶ file
//! ```
//! Nobody is asked who asked: whose the call is, is found by its pseudonym each time. Asking isn't in the
//! journal, which is kept for good: it would tell for ever that somebody looked.

use jiff::{SignedDuration, Timestamp};
use kit_access::Actor;
use kit_db::Tx;
use kit_journal::Change;
use ports::exchange::{GatewayReport, Trace};
use ports::{ProofAnswer, REPORT_PROOFS_MAX, TraceProof};
use serde_json::json;
use uuid::Uuid;

use crate::citizens::SureCitizen;
use crate::domain::{CheckedProof, ProofMistake, ProofState, check_log_proof};
use crate::store::proofs::{self as store, AskedProof};
use crate::store::{gateways, traces};
use crate::{Exchange, ExchangeError};

/// How long a proof is waited for, and how long it is kept once it is there: salts are kept as long as
/// they are needed.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// Most proofs of one log that are waited for.
const OF_LOG_MAX: i64 = 1_000;
/// Most proofs that one person waits for.
const OF_PERSON_MAX: usize = 20;
/// Most pseudonyms that are compared to count those of one person.
const SUBJECTS_MAX: u32 = 100_000;

/// How a person comes to the proof of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProofOffer {
    /// Here: its log is kept beside the platform.
    Here,
    /// By asking for it.
    Askable,
    /// It was asked for, at this instant.
    Waiting(Timestamp),
    /// It came, and is there until this instant.
    There(Timestamp),
    /// The gateway has erased the row, or its log was put back to before it.
    Gone,
    /// What the gateway said proves nothing.
    Wrong,
    /// Not at all: no gateway is known that has this log.
    None,
}

impl Exchange {
    /// How a person comes to the proof of a call that it is shown.
    pub(crate) async fn proof_offer(
        &self,
        log: &str,
        index: i64,
    ) -> Result<ProofOffer, ExchangeError> {
        if self.proofs.as_ref().is_some_and(|here| here.holds(log)) {
            return Ok(ProofOffer::Here);
        }
        let asked = store::find(&self.db, (log, index), self.source.now()).await?;
        Ok(match asked {
            Some(AskedProof {
                state,
                asked_at,
                until,
                ..
            }) => match state {
                ProofState::Waiting => ProofOffer::Waiting(asked_at),
                ProofState::Proved => ProofOffer::There(until),
                ProofState::Gone => ProofOffer::Gone,
                ProofState::Wrong => ProofOffer::Wrong,
            },
            None if gateways::is_known(&self.db, log).await? => ProofOffer::Askable,
            None => ProofOffer::None,
        })
    }

    /// Asks the gateway of another machine for the proof of a call about this person, if the call isn't
    /// hidden now. Asking twice is asking once. Refused with a mistake of `proof` when the person or the
    /// log has too many that wait.
    pub async fn ask_proof(
        &self,
        who: &SureCitizen,
        log: &str,
        index: i64,
    ) -> Result<(), ExchangeError> {
        let (kept, own) = self.own_call(who, log, index).await?;
        let now = self.source.now();
        if kept.trace.at < crate::gateways::kept_since(now) {
            // It is about to be erased.
            return Err(ExchangeError::NotFound);
        }
        let offer = self.proof_offer(log, index).await?;
        match offer {
            ProofOffer::Askable => {}
            ProofOffer::None => return Err(ExchangeError::NotFound),
            _ => return Ok(()),
        }
        let mut tx = self.db.begin().await?;
        if !store::lock(&mut tx, log).await? {
            return Err(ExchangeError::NotFound);
        }
        if store::count(&mut tx, log, now).await? >= OF_LOG_MAX {
            let key = "exchange-mistake-proofs-of-log";
            return Err(ExchangeError::mistake("proof", key, OF_LOG_MAX));
        }
        let waited = store::waiting_subjects(&mut tx, now, SUBJECTS_MAX).await?;
        let of_person = waited.iter().filter(|one| own.binary_search(one).is_ok());
        if of_person.count() >= OF_PERSON_MAX {
            let key = "exchange-mistake-proofs-of-person";
            return Err(ExchangeError::mistake("proof", key, OF_PERSON_MAX));
        }
        store::ask(&mut tx, (log, index), now, now + KEPT).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The proof that a call about this person stands in its log, if the call isn't hidden now: from the
    /// log that is kept here, or as a gateway brought it.
    pub async fn access_proof(
        &self,
        who: &SureCitizen,
        log: &str,
        index: i64,
    ) -> Result<TraceProof, ExchangeError> {
        let (kept, _) = self.own_call(who, log, index).await?;
        let place = u64::try_from(kept.index).map_err(|_| ExchangeError::NotFound)?;
        if let Some(proofs) = &self.proofs
            && let Some(proof) = proofs.proof(&kept.log, place).await?
        {
            return Ok(proof);
        }
        let asked = store::find(&self.db, (log, index), self.source.now()).await?;
        let proof = asked.and_then(|asked| asked.proof);
        proof.ok_or(ExchangeError::NotFound)
    }

    /// Takes the proofs of a report in its transaction, those that are waited for; gives the places that
    /// are wanted next. `gateway` is the id of the log's row.
    pub(crate) async fn take_proofs(
        &self,
        tx: &mut Tx,
        gateway: Uuid,
        report: &GatewayReport,
        now: Timestamp,
    ) -> Result<Vec<u64>, ExchangeError> {
        for answer in &report.proofs {
            self.take_proof(tx, (gateway, &report.log), answer, now)
                .await?;
        }
        let wanted = store::waiting(tx, &report.log, now, REPORT_PROOFS_MAX).await?;
        Ok(wanted.into_iter().map(i64::unsigned_abs).collect())
    }

    async fn take_proof(
        &self,
        tx: &mut Tx,
        (gateway, log): (Uuid, &str),
        answer: &ProofAnswer,
        now: Timestamp,
    ) -> Result<(), ExchangeError> {
        let Ok(index) = i64::try_from(answer.index) else {
            return Ok(());
        };
        let kept = store::waiting_trace(tx, (log, index), now).await?;
        let Some(kept) = kept else {
            // Nobody waits for it: it was brought already, ran out, or was never asked for.
            return Ok(());
        };
        let checked = match &answer.proof {
            None => Ok(None),
            Some(told) => {
                let checked = check_log_proof(log, answer.index, told);
                checked.and_then(|proof| is_of(proof, &kept.trace).map(Some))
            }
        };
        let said = match checked {
            Ok(Some(proof)) => (ProofState::Proved, Some(proof)),
            Ok(None) => (ProofState::Gone, None),
            Err(mistake) => {
                let told = mistake.to_string();
                tracing::error!(error = told, log, index, "exchange.proof.refuse");
                // It stays: the gateway's word about a trace isn't what it told before.
                let change = Change::new("exchange.proof.refuse", "gateway", gateway)
                    .after(json!({ "log": log, "log_index": index, "reason": told }));
                let actor = Actor::system("gateway");
                self.journal.append(tx, &actor, change).await?;
                (ProofState::Wrong, None)
            }
        };
        store::answer(tx, (log, index), said, (now, now + KEPT)).await?;
        Ok(())
    }

    /// Forgets proofs a day after they came, and those that didn't come within a day.
    pub(crate) async fn forget_proofs(&self) -> Result<(), ExchangeError> {
        store::forget(&self.db, self.source.now()).await?;
        Ok(())
    }
}

/// The proof, if what its row says is the trace that is kept.
fn is_of(proof: CheckedProof, kept: &Trace) -> Result<CheckedProof, ProofMistake> {
    if traces::as_kept(&proof.trace) == *kept {
        Ok(proof)
    } else {
        Err(ProofMistake::Trace)
    }
}
