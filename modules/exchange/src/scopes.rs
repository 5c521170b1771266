//! The scopes of an API: adding one, changing what it opens, removing one of a draft.

use kit_access::Actor;
use kit_journal::Change;
use uuid::Uuid;

use crate::catalogue::WholeApi;
use crate::domain::{ApiStatus, Mistake, SCOPES_MAX, Scope, check_scope_code, check_scope_fields};
use crate::store::apis;
use crate::{Exchange, ExchangeError};

/// A scope, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopeForm {
    /// Its code; not asked again once it exists.
    pub code: String,
    /// Its name.
    pub label: String,
    /// What it opens: operation and field path.
    pub fields: Vec<(String, String)>,
    /// Whether its producer is told who the citizen is on whose behalf it is asked.
    pub tells_identity: bool,
}

impl Exchange {
    /// Adds a scope to an API.
    pub async fn add_scope(
        &self,
        actor: &Actor,
        api: Uuid,
        form: &ScopeForm,
    ) -> Result<Uuid, ExchangeError> {
        let whole = self.kept_api(actor, api).await?;
        let mut mistakes = label_mistakes(form);
        if whole.scopes.len() >= SCOPES_MAX {
            mistakes.push(Mistake::about("code", "exchange-mistake-count", SCOPES_MAX));
        }
        let code = check_scope_code(&form.code).map_err(|one| mistakes.push(one));
        let fields = check_scope_fields(&whole.operations, &form.fields)
            .map_err(|more| mistakes.extend(more));
        let (Ok(code), Ok(fields), true) = (code, fields, mistakes.is_empty()) else {
            return Err(ExchangeError::Mistakes(mistakes));
        };
        let scope = Scope {
            id: self.source.new_id(),
            api,
            code,
            label: form.label.trim().to_owned(),
            fields,
            tells_identity: form.tells_identity,
        };
        let mut tx = self.db.begin().await?;
        if !apis::add_scope(&mut tx, &scope).await? {
            let key = "exchange-mistake-scope-taken";
            return Err(ExchangeError::mistake("code", key, scope.code));
        }
        let change = Change::new("exchange.scope.add", "scope", scope.id)
            .of(Some(whole.api.producer))
            .after(&scope);
        self.finish(tx, actor, change).await?;
        Ok(scope.id)
    }

    /// A scope and its API, which the actor keeps.
    pub(crate) async fn kept_scope(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<(Scope, WholeApi), ExchangeError> {
        let found = apis::find_scope(&self.db, id).await?;
        let scope = found.ok_or(ExchangeError::NotFound)?;
        let whole = self.kept_api(actor, scope.api).await?;
        Ok((scope, whole))
    }

    /// Changes what a scope is called and what it opens. Gives the API.
    pub async fn change_scope(
        &self,
        actor: &Actor,
        id: Uuid,
        form: &ScopeForm,
    ) -> Result<Uuid, ExchangeError> {
        let (before, whole) = self.kept_scope(actor, id).await?;
        let mut mistakes = label_mistakes(form);
        let fields = check_scope_fields(&whole.operations, &form.fields)
            .map_err(|more| mistakes.extend(more));
        let (Ok(fields), true) = (fields, mistakes.is_empty()) else {
            return Err(ExchangeError::Mistakes(mistakes));
        };
        // What was approved never opens more than it did: more is a scope of its own, asked for anew.
        if whole.api.status != ApiStatus::Draft
            && let Some((_, path)) = fields.iter().find(|field| !is_within(&before, field))
        {
            let key = "exchange-mistake-scope-wider";
            return Err(ExchangeError::mistake("fields", key, path));
        }
        if whole.api.status != ApiStatus::Draft && form.tells_identity && !before.tells_identity {
            let key = "exchange-mistake-scope-identity";
            return Err(ExchangeError::mistake("tells_identity", key, ""));
        }
        let scope = Scope {
            label: form.label.trim().to_owned(),
            fields,
            tells_identity: form.tells_identity,
            ..before.clone()
        };
        let mut tx = self.db.begin().await?;
        apis::set_scope(&mut tx, &scope).await?;
        let change = Change::new("exchange.scope.change", "scope", id)
            .of(Some(whole.api.producer))
            .before(&before)
            .after(&scope);
        self.finish(tx, actor, change).await?;
        Ok(scope.api)
    }

    /// Removes a scope of an API that nobody could ask for yet. Gives the API.
    pub async fn remove_scope(&self, actor: &Actor, id: Uuid) -> Result<Uuid, ExchangeError> {
        let (scope, whole) = self.kept_scope(actor, id).await?;
        if whole.api.status != ApiStatus::Draft {
            let key = "exchange-mistake-scope-used";
            return Err(ExchangeError::mistake("code", key, scope.code));
        }
        let mut tx = self.db.begin().await?;
        apis::remove_scope(&mut tx, id).await?;
        let change = Change::new("exchange.scope.remove", "scope", id)
            .of(Some(whole.api.producer))
            .before(&scope);
        self.finish(tx, actor, change).await?;
        Ok(scope.api)
    }
}

/// Whether a scope opens a field already, itself or by one above.
fn is_within(scope: &Scope, (operation, path): &(Uuid, String)) -> bool {
    scope.fields.iter().any(|(of, above)| {
        of == operation
            && path
                .strip_prefix(above.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

fn label_mistakes(form: &ScopeForm) -> Vec<Mistake> {
    match form.label.trim().chars().count() {
        0 => vec![Mistake::new("label", "exchange-mistake-missing")],
        1..=200 => Vec::new(),
        _ => vec![Mistake::about("label", "exchange-mistake-long", 200)],
    }
}
