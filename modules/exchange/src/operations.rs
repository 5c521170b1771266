//! What a producer says of an operation: who is named by which parameters, which facts these are, what
//! an answer saves, and whether the person sees a call at once.

use kit_access::Actor;
use kit_db::Tx;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::domain::{
    Fact, Operation, SubjectForm, check_citizen_calls, check_hidden, check_subject, parameter,
    parameter_code,
};
use crate::store::{operations, subjects};
use crate::{Exchange, ExchangeError};

/// Most pieces of information that one answer saves.
const PIECES_MAX: u32 = 100;

/// What a producer says of an operation, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OperationForm {
    /// The parameters that together name the person, such as `query:nom`.
    pub subject: Vec<String>,
    /// Which fact of the civil register each parameter is, such as `query:nom` and `family-name`; one
    /// that isn't named, or by an empty text, is none.
    pub facts: Vec<(String, String)>,
    /// Pieces of information that one answer saves: 0 to 100.
    pub pieces_saved: u32,
    /// For how many days the person isn't shown a call: 0 to 365; empty: it is shown at once.
    pub hidden_days: String,
    /// Why: at most 500 characters.
    pub hidden_reason: String,
    /// Whether it is called on behalf of citizens: `closed` (or empty), `open` or `only`.
    pub citizen_calls: String,
    /// How surely they must be who they say: 1 to 3; empty: 2.
    pub level_min: String,
}

impl Exchange {
    /// Says which parameters name the person, and how many pieces of information an answer saves; the
    /// rest stays as it is.
    pub async fn change_operation(
        &self,
        actor: &Actor,
        id: Uuid,
        subject: &[String],
        pieces_saved: u32,
    ) -> Result<Uuid, ExchangeError> {
        let (operation, forms) = self.operation_with_forms(id).await?;
        let known = |parameter: &_| {
            let of = |form: &SubjectForm| form.carried_to(std::slice::from_ref(parameter));
            let mut facts = forms.iter().rev().flat_map(|(_, form)| of(form));
            facts.find_map(|fact| fact)
        };
        let facts = operation.described.parameters.iter().filter_map(|one| {
            let fact: Fact = known(&parameter(one))?;
            Some((parameter_code(one), fact.code().to_owned()))
        });
        let form = OperationForm {
            subject: subject.to_vec(),
            facts: facts.collect(),
            pieces_saved,
            hidden_days: operation.hidden_days.to_string(),
            hidden_reason: operation.hidden_reason.clone(),
            citizen_calls: operation.citizen_calls.code().to_owned(),
            level_min: operation.level_min.to_string(),
        };
        self.describe_operation(actor, id, &form).await
    }

    /// Says all of an operation anew; gives its API.
    pub async fn describe_operation(
        &self,
        actor: &Actor,
        id: Uuid,
        form: &OperationForm,
    ) -> Result<Uuid, ExchangeError> {
        let (mut operation, forms) = self.operation_with_forms(id).await?;
        let whole = self.kept_api(actor, operation.api).await?;
        let former = forms
            .iter()
            .find(|(_, one)| one.subject == operation.subject);
        let before = told(&operation, former.map(|(_, one)| one.facts.as_slice()));
        let mut mistakes = Vec::new();
        let mut subject = SubjectForm {
            subject: Vec::new(),
            facts: Vec::new(),
        };
        match check_subject(&operation, &form.subject) {
            Ok(checked) => {
                subject.facts = facts_of(form)?;
                subject.subject = checked;
            }
            Err(more) => mistakes.extend(more),
        }
        if form.pieces_saved > PIECES_MAX {
            let limit = format!("0 – {PIECES_MAX}");
            let key = "exchange-mistake-number";
            mistakes.push(crate::domain::Mistake::about("pieces_saved", key, &limit));
        }
        match check_hidden(&form.hidden_days, &form.hidden_reason) {
            Ok((days, reason)) => {
                operation.hidden_days = days;
                operation.hidden_reason = reason;
            }
            Err(more) => mistakes.extend(more),
        }
        match check_citizen_calls(&form.citizen_calls, &form.level_min, &subject.subject) {
            Ok((calls, level)) => {
                operation.citizen_calls = calls;
                operation.level_min = level;
            }
            Err(more) => mistakes.extend(more),
        }
        if !mistakes.is_empty() {
            return Err(ExchangeError::Mistakes(mistakes));
        }
        operation.subject.clone_from(&subject.subject);
        operation.pieces_saved = form.pieces_saved;
        let mut tx = self.db.begin().await?;
        // Its row is locked from here on: two changes number their forms one after the other.
        operations::put(&mut tx, &operation).await?;
        keep_form(&mut tx, id, &subject).await?;
        let change = Change::new("exchange.operation.change", "operation", id)
            .of(Some(whole.api.producer))
            .before(before)
            .after(told(&operation, Some(&subject.facts)));
        self.finish(tx, actor, change).await?;
        Ok(operation.api)
    }

    /// An operation with every form of its subject, the oldest first.
    pub(crate) async fn operation_with_forms(
        &self,
        id: Uuid,
    ) -> Result<(Operation, Vec<(i64, SubjectForm)>), ExchangeError> {
        let found = operations::find(&self.db, id).await?;
        let operation = found.ok_or(ExchangeError::NotFound)?;
        let forms = subjects::of_operation(&self.db, id).await?;
        Ok((operation, forms))
    }

    /// Keeps the form of an operation whose parameters changed with its document.
    pub(crate) async fn carry_facts(
        &self,
        tx: &mut Tx,
        operation: &Operation,
    ) -> Result<(), ExchangeError> {
        let forms = subjects::of_operation(&mut *tx, operation.id).await?;
        let is_kept = |(_, form): &(i64, SubjectForm)| form.subject == operation.subject;
        let Some((_, newest)) = forms.last().filter(|_| !forms.iter().any(is_kept)) else {
            return Ok(());
        };
        let form = SubjectForm {
            facts: newest.carried_to(&operation.subject),
            subject: operation.subject.clone(),
        };
        keep_form(tx, operation.id, &form).await
    }
}

/// The facts of the chosen parameters, in their order.
fn facts_of(form: &OperationForm) -> Result<Vec<Option<Fact>>, ExchangeError> {
    let fact = |code: &String| {
        let named = form.facts.iter().find(|(of, _)| of == code);
        match named.map(|(_, fact)| fact.as_str()) {
            None | Some("") => Ok(None),
            Some(fact) => {
                let known = Fact::parse(fact).map(Some);
                let key = "exchange-mistake-fact";
                known.ok_or_else(|| ExchangeError::mistake("subject", key, fact))
            }
        }
    };
    form.subject.iter().map(fact).collect()
}

/// Keeps a form: over the one of the same parameters, or after all others. Former ones stay, by which
/// the people of former calls are known again.
async fn keep_form(tx: &mut Tx, operation: Uuid, form: &SubjectForm) -> Result<(), ExchangeError> {
    if form.subject.is_empty() {
        return Ok(());
    }
    let forms = subjects::of_operation(&mut *tx, operation).await?;
    let same = forms.iter().find(|(_, one)| one.subject == form.subject);
    let last = forms.last().map_or(0, |(number, _)| *number);
    let number = same.map_or(last + 1, |(number, _)| *number);
    subjects::put(tx, operation, number, form).await?;
    Ok(())
}

fn told(operation: &Operation, facts: Option<&[Option<Fact>]>) -> serde_json::Value {
    json!({
        "subject": operation.subject,
        "facts": facts,
        "pieces_saved": operation.pieces_saved,
        "hidden_days": operation.hidden_days,
        "hidden_reason": operation.hidden_reason,
        "citizen_calls": operation.citizen_calls,
        "level_min": operation.level_min,
    })
}
