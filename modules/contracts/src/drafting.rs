//! Drafting, negotiating, settling and ending a contract.

use kit_access::{Actor, Permission};
use kit_acts::Happening;
use kit_db::Tx;
use kit_journal::Change;
use kit_ui::Locale;
use ports::{IndicatorProgress, ProductId};
use serde_json::json;
use uuid::Uuid;

use crate::access::{COMMENT, CONDUCT, PROPOSE};
use crate::domain::{
    Act, ApplicationState, Consequence, Doctrine, Kind, Life, ReasonForm, Side, State, Terms,
    TermsContext, TermsForm, TrancheTerms, sha256,
};
use crate::mails::News;
use crate::store::contracts::StoredContract;
use crate::store::{applications, contracts, funds, tranches, versions};
use crate::{Comment, Contracts, ContractsError, Signature, Version};

/// Most comments of a contract.
const COMMENTS_MAX: i64 = 500;
/// Most texts of a contract.
const VERSIONS_MAX: i64 = 200;

/// Who may do an act that isn't a signature.
pub(crate) fn permission(act: Act) -> &'static Permission {
    match act {
        Act::Negotiate | Act::Propose | Act::Withdraw => &PROPOSE,
        _ => &CONDUCT,
    }
}

/// Where a contract stands, with the signatures of its latest text.
pub(crate) fn life(one: &StoredContract, signatures: &[Signature]) -> Life {
    let signed = signatures.iter().filter(|signature| {
        signature.number == one.latest
            && signature.voided.is_none()
            // What is in force is signed for good: only an open text counts signatures.
            && one.in_force != Some(one.latest)
    });
    Life {
        state: one.state,
        latest: one.latest,
        in_force: one.in_force,
        signed: signed.map(|one| (one.side, one.person)).collect(),
    }
}

impl Contracts {
    /// What a new contract of a kind usually says, in French: a beginning for whoever drafts it.
    pub fn template(&self, kind: Kind, product: &str) -> TermsForm {
        let words = self.words(Locale::Fr);
        let mut form = TermsForm::default();
        let args = [("product", product.into())];
        let text = |key: &str| words.text(&format!("contracts-usual-{key}"));
        form.set("title", words.text_with("contracts-usual-title", &args));
        form.set("directorate_body", text("directorate"));
        form.set("directorate_role", text("directorate-role"));
        form.set("ministry_role", text("ministry-role"));
        for doctrine in Doctrine::ALL {
            let usual = text(&format!("clause-{}", doctrine.code()));
            form.set(&format!("clause_{}", doctrine.code()), usual);
        }
        form.set("review_months", "6");
        let (consequence, key) = match kind {
            Kind::Human => (Consequence::Reorient, "consequence-human"),
            Kind::Money => (Consequence::Suspend, "consequence-money"),
        };
        form.set("consequence", consequence.code());
        form.set("consequence_text", text(key));
        if kind == Kind::Money {
            for (number, share) in [("1", "50"), ("2", "100")] {
                form.set(
                    &format!("tranche{number}_label"),
                    text(&format!("tranche-{number}")),
                );
                form.set(&format!("tranche{number}_when"), "indicator");
                form.set(&format!("tranche{number}_share"), share);
            }
        }
        form.set_day("starts", self.source.today());
        form
    }

    /// Drafts a contract of a product; one that a fund pays comes from a selected application.
    pub async fn draft(
        &self,
        actor: &Actor,
        product: Uuid,
        kind: Kind,
        application: Option<Uuid>,
        form: &TermsForm,
    ) -> Result<Uuid, ContractsError> {
        let today = self.source.today();
        let progress = &self.ports.progress;
        let indicators = progress.indicators(ProductId(product), today).await?;
        let found = self.ports.products.product(ProductId(product)).await?;
        let ministry = found.ok_or(ContractsError::NotFound)?.ministry;
        let told = self.tell_both(ministry.map(|one| one.0)).await?;
        let mut tx = self.db.begin().await?;
        let (_, kept) = self.product_in(&mut tx, product).await?;
        actor.demand(&PROPOSE, kept.ministry)?;
        let mut from = None;
        if let Some(id) = application {
            let found = applications::find(&mut tx, id).await?;
            let found = found.filter(|one| one.product == kept.id);
            let found = found.ok_or(ContractsError::NotFound)?;
            let is_free = found.state == ApplicationState::Selected && found.contract.is_none();
            if !is_free || kind != Kind::Money {
                return Err(ContractsError::Impossible);
            }
            from = Some(found);
        }
        let terms = form.read(&TermsContext {
            kind,
            product: (kept.id, &kept.title),
            indicators: &indicators,
            fixed: &[],
            granted_cents: from.as_ref().map(|one| one.granted_cents),
        })?;
        let one = StoredContract {
            id: self.source.new_id(),
            product: kept.id,
            product_title: kept.title.clone(),
            ministry: kept.ministry,
            application,
            kind,
            state: State::Draft,
            title: terms.title.clone(),
            latest: 1,
            in_force: None,
            amount_cents: terms.amount_cents(),
            opened_on: today,
            starts_on: None,
            ends_on: None,
            ended_on: None,
            next_review_on: None,
            review_told_on: None,
            publication: None,
            comments: 0,
            version: 1,
        };
        contracts::insert(&mut tx, &one).await?;
        let hash = self.keep_text(&mut tx, actor, &one, terms, "").await?;
        if let Some(mut from) = from {
            from.contract = Some(one.id);
            if !applications::save(&mut tx, &from, from.version).await? {
                return Err(ContractsError::Stale);
            }
        }
        self.contract_happened(&mut tx, actor, &one, ("draft", ""))
            .await?;
        let path = format!("/contracts/{}", one.id);
        let news = News {
            key: "contracts-told-draft",
            product: &one.product_title,
            about: &one.title,
            reason: "",
            path: &path,
            due: None,
        };
        self.mail(&mut tx, &told, news).await?;
        let change = Change::new("contracts.contract.draft", "contract", one.id)
            .of(one.ministry)
            .after(json!({
                "product": one.product, "kind": one.kind, "application": application,
                "version": 1, "sha256": hash,
            }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(one.id)
    }

    /// Keeps a text under the contract's latest number, and gives its hash.
    async fn keep_text(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        one: &StoredContract,
        terms: Terms,
        note: &str,
    ) -> Result<String, ContractsError> {
        let version = Version {
            contract: one.id,
            number: one.latest,
            sha256: sha256(&terms.canonical()),
            terms,
            note: note.to_owned(),
            by_id: actor.person_id(),
            by_name: actor.name().to_owned(),
            at: self.source.now(),
        };
        versions::insert(tx, &version).await?;
        Ok(version.sha256)
    }

    /// Appends what happened to a contract, today.
    pub(crate) async fn contract_happened(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        one: &StoredContract,
        (act, reason): (&str, &str),
    ) -> Result<(), ContractsError> {
        let what = Happening {
            product: Some(one.product),
            subject: ("contract", one.id),
            act,
            on: self.source.today(),
            reason,
        };
        self.happened(tx, actor, what).await
    }

    /// A contract in the transaction that acts on it, its product's row held, with its signatures.
    pub(crate) async fn contract_in(
        &self,
        tx: &mut Tx,
        (id, product): (Uuid, Uuid),
    ) -> Result<(StoredContract, Vec<Signature>), ContractsError> {
        self.product_in(tx, product).await?;
        let found = contracts::find(&mut *tx, id).await?;
        let one = found.ok_or(ContractsError::NotFound)?;
        let signatures = versions::signatures(tx, id).await?;
        Ok((one, signatures))
    }

    /// A contract as it is known before a transaction begins.
    pub(crate) async fn known(&self, id: Uuid) -> Result<StoredContract, ContractsError> {
        let found = contracts::find(&self.db, id).await?;
        found.ok_or(ContractsError::NotFound)
    }

    /// Saves a contract that nobody changed meanwhile.
    pub(crate) async fn save(
        &self,
        tx: &mut Tx,
        one: &StoredContract,
        version: i64,
    ) -> Result<(), ContractsError> {
        if contracts::save(tx, one, version).await? {
            Ok(())
        } else {
            Err(ContractsError::Stale)
        }
    }

    /// The text of a contract by its number.
    pub(crate) async fn text_in(
        &self,
        tx: &mut Tx,
        contract: Uuid,
        number: i64,
    ) -> Result<Version, ContractsError> {
        let found = versions::find(tx, contract, number).await?;
        found.ok_or(ContractsError::NotFound)
    }

    /// What a contract's next text is read with: the product's indicators are asked for before the
    /// transaction begins.
    pub(crate) async fn indicators_of(
        &self,
        product: Uuid,
    ) -> Result<Vec<IndicatorProgress>, ContractsError> {
        let today = self.source.today();
        let progress = &self.ports.progress;
        Ok(progress.indicators(ProductId(product), today).await?)
    }

    /// Proposes another text. Signatures of the text that it replaces become void, openly.
    pub async fn propose(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        form: &TermsForm,
        note: &ReasonForm,
    ) -> Result<(), ContractsError> {
        let known = self.known(id).await?;
        let indicators = self.indicators_of(known.product).await?;
        let told = self.tell_both(known.ministry).await?;
        let mut tx = self.db.begin().await?;
        let (mut one, signatures) = self.contract_in(&mut tx, (id, known.product)).await?;
        actor.demand(&PROPOSE, one.ministry)?;
        let before = life(&one, &signatures);
        let next = before.after(Act::Propose, None);
        let next = next.map_err(|_| ContractsError::Impossible)?;
        if next.life.latest > VERSIONS_MAX {
            let key = "contracts-mistake-versions";
            return Err(ContractsError::mistake("title", key, VERSIONS_MAX));
        }
        let granted_cents = match one.application {
            Some(id) => applications::find(&mut tx, id)
                .await?
                .map(|one| one.granted_cents),
            None => None,
        };
        let fixed: Vec<(usize, TrancheTerms)> = tranches::of_contract(&mut tx, id)
            .await?
            .into_iter()
            .filter(|one| one.released.is_some())
            .map(|one| {
                let terms = TrancheTerms {
                    label: one.label,
                    amount_cents: one.amount_cents,
                    condition: one.condition,
                };
                (one.number as usize, terms)
            })
            .collect();
        let terms = form.read(&TermsContext {
            kind: one.kind,
            product: (one.product, &one.product_title),
            indicators: &indicators,
            fixed: &fixed,
            granted_cents,
        })?;
        let note = note.read()?;
        let last = self.text_in(&mut tx, id, one.latest).await?;
        if last.terms == terms {
            return Err(ContractsError::mistake(
                "title",
                "contracts-mistake-same",
                "",
            ));
        }
        let replaced = one.latest;
        one.state = next.life.state;
        one.latest = next.life.latest;
        one.title.clone_from(&terms.title);
        if one.in_force.is_none() {
            one.amount_cents = terms.amount_cents();
        }
        self.save(&mut tx, &one, version).await?;
        let hash = self.keep_text(&mut tx, actor, &one, terms, &note).await?;
        self.contract_happened(&mut tx, actor, &one, ("propose", &note))
            .await?;
        if next.voids {
            self.void(&mut tx, actor, &one, replaced, "contracts-void-text")
                .await?;
        }
        let path = format!("/contracts/{id}");
        let news = News {
            key: if next.voids {
                "contracts-told-void"
            } else {
                "contracts-told-propose"
            },
            product: &one.product_title,
            about: &one.title,
            reason: &note,
            path: &path,
            due: None,
        };
        self.mail(&mut tx, &told, news).await?;
        let change = Change::new("contracts.contract.propose", "contract", id)
            .of(one.ministry)
            .before(json!({ "version": replaced, "sha256": last.sha256 }))
            .after(json!({ "version": one.latest, "sha256": hash, "voids": next.voids }));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// Makes the signatures of a text void, with why.
    async fn void(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        one: &StoredContract,
        number: i64,
        key: &str,
    ) -> Result<(), ContractsError> {
        let reason = self.words(Locale::Fr).text(key);
        let today = self.source.today();
        versions::void(&mut *tx, one.id, number, today, &reason).await?;
        self.contract_happened(&mut *tx, actor, one, ("void", &reason))
            .await?;
        let change = Change::new("contracts.signature.void", "contract", one.id)
            .of(one.ministry)
            .after(json!({ "version": number, "reason": reason }));
        Ok(self.journal.append(tx, actor, change).await.map(drop)?)
    }

    /// Comments on the latest text, while it is open.
    pub async fn comment(
        &self,
        actor: &Actor,
        id: Uuid,
        form: &ReasonForm,
    ) -> Result<(), ContractsError> {
        let known = self.known(id).await?;
        let told = self.tell_both(known.ministry).await?;
        let mut tx = self.db.begin().await?;
        let (one, _) = self.contract_in(&mut tx, (id, known.product)).await?;
        actor.demand(&COMMENT, one.ministry)?;
        if matches!(one.state, State::Signed | State::InForce) || one.state.is_over() {
            return Err(ContractsError::Impossible);
        }
        let text = form.needed()?;
        if !contracts::add_comment(&mut tx, id, COMMENTS_MAX).await? {
            let key = "contracts-mistake-comments";
            return Err(ContractsError::mistake("reason", key, COMMENTS_MAX));
        }
        let comment = Comment {
            id: self.source.new_id(),
            contract: id,
            number: one.latest,
            text: text.clone(),
            by_id: actor.person_id(),
            by_name: actor.name().to_owned(),
            at: self.source.now(),
        };
        versions::comment(&mut tx, &comment).await?;
        self.contract_happened(&mut tx, actor, &one, ("comment", &text))
            .await?;
        let path = format!("/contracts/{id}");
        let news = News {
            key: "contracts-told-comment",
            product: &one.product_title,
            about: &one.title,
            reason: &text,
            path: &path,
            due: None,
        };
        self.mail(&mut tx, &told, news).await?;
        let change = Change::new("contracts.contract.comment", "contract", id)
            .of(one.ministry)
            .after(json!({ "version": one.latest, "comment": comment.id }));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// Takes a step that is neither a text nor a signature.
    pub async fn step(
        &self,
        actor: &Actor,
        id: Uuid,
        version: i64,
        act: Act,
        form: &ReasonForm,
    ) -> Result<(), ContractsError> {
        if matches!(act, Act::Propose | Act::Sign | Act::Begin) {
            return Err(ContractsError::Impossible);
        }
        let known = self.known(id).await?;
        let told = self.tell_both(known.ministry).await?;
        let today = self.source.today();
        let mut tx = self.db.begin().await?;
        let (mut one, signatures) = self.contract_in(&mut tx, (id, known.product)).await?;
        actor.demand(permission(act), one.ministry)?;
        let before = life(&one, &signatures);
        let next = before
            .after(act, None)
            .map_err(|_| ContractsError::Impossible)?;
        let reason = match act {
            Act::Negotiate | Act::Settle => form.read()?,
            _ => form.needed()?,
        };
        if act == Act::End
            && let Some(ends_on) = one.ends_on.filter(|ends_on| today < *ends_on)
        {
            let key = "contracts-mistake-not-ended";
            return Err(ContractsError::mistake("reason", key, ends_on));
        }
        one.state = next.life.state;
        let is_over = one.state.is_over();
        if is_over {
            one.ended_on = Some(today);
            one.next_review_on = None;
        }
        self.save(&mut tx, &one, version).await?;
        self.contract_happened(&mut tx, actor, &one, (act.code(), &reason))
            .await?;
        if next.voids {
            self.void(&mut tx, actor, &one, one.latest, "contracts-void-given-up")
                .await?;
        }
        if is_over {
            self.give_back(&mut tx, &one, act, &reason).await?;
        }
        let path = format!("/contracts/{id}");
        let news = News {
            key: told_key(act),
            product: &one.product_title,
            about: &one.title,
            reason: &reason,
            path: &path,
            due: None,
        };
        self.mail(&mut tx, &told, news).await?;
        let change = Change::new("contracts.contract.step", "contract", id)
            .of(one.ministry)
            .before(json!({ "state": before.state }))
            .after(json!({ "state": one.state, "reason": reason }));
        self.journal.append(&mut tx, actor, change).await?;
        Ok(tx.commit().await?)
    }

    /// What will not be paid any more comes back to the fund. At its end what was released stays to be
    /// paid; when it is terminated or withdrawn, nothing more is.
    async fn give_back(
        &self,
        tx: &mut Tx,
        one: &StoredContract,
        act: Act,
        reason: &str,
    ) -> Result<(), ContractsError> {
        tranches::cancel_after(&mut *tx, one.id, 0, reason).await?;
        if act != Act::End {
            tranches::cancel_released(&mut *tx, one.id, reason).await?;
        }
        let Some(id) = one.application else {
            return Ok(());
        };
        let found = applications::find(&mut *tx, id).await?;
        let mut application = found.ok_or(ContractsError::NotFound)?;
        let all = tranches::of_contract(&mut *tx, one.id).await?;
        let owed = all.iter().filter(|one| {
            matches!(
                one.state,
                crate::domain::TrancheState::Released | crate::domain::TrancheState::Paid
            )
        });
        let owed: i64 = owed.map(|one| one.amount_cents).sum();
        let change = owed - application.committed_cents;
        if change != 0 && !funds::commit(&mut *tx, application.fund, change).await? {
            return Err(ContractsError::Impossible);
        }
        application.committed_cents = owed;
        if act != Act::End {
            application.state = ApplicationState::Lapsed;
        }
        if applications::save(tx, &application, application.version).await? {
            Ok(())
        } else {
            Err(ContractsError::Stale)
        }
    }
}

fn told_key(act: Act) -> &'static str {
    match act {
        Act::Negotiate => "contracts-told-negotiate",
        Act::Settle => "contracts-told-settle",
        Act::Amend => "contracts-told-amend",
        Act::DropAmendment => "contracts-told-drop-amendment",
        Act::End => "contracts-told-end",
        Act::Terminate => "contracts-told-terminate",
        _ => "contracts-told-withdraw",
    }
}

/// The party of a side, as a text tells it.
pub(crate) fn party(terms: &Terms, side: Side) -> &crate::domain::Party {
    match side {
        Side::Directorate => &terms.directorate,
        Side::Ministry => &terms.ministry,
    }
}
