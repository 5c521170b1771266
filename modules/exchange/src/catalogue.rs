//! What producers offer: importing a document, changing an API, its scopes, its status.

use kit_access::Actor;
use kit_db::Tx;
use kit_journal::Change;
use serde_json::json;
use uuid::Uuid;

use crate::access::EDIT_API;
use crate::domain::openapi::{self, Description};
use crate::domain::{
    Api, ApiForm, ApiStatus, CitizenCalls, Difference, LegalNature, Mistake, Offer, Operation,
    Proof, Scope, Sensitivity, check_prefix, differences, lacks_for_publication,
    openapi::DocumentMistake,
};
use crate::store::apis::{ApiChange, Founding};
use crate::store::list::{self, ApiFilter};
use crate::store::{apis, head, operations, to_json};
use crate::{Exchange, ExchangeError};

/// Longest note of a changelog, in characters.
const NOTE_CHARS_MAX: usize = 2_000;

/// An API about to be added, from its document.
#[derive(Debug, Clone, Copy)]
pub struct NewApi<'a> {
    /// Whose data it gives.
    pub producer: Uuid,
    /// The first two segments of its paths.
    pub prefix: &'a str,
    /// Its document, JSON or YAML.
    pub document: &'a [u8],
}

/// An API with all that is known of it.
pub(crate) struct WholeApi {
    pub(crate) api: Api,
    pub(crate) producer_name: String,
    pub(crate) operations: Vec<Operation>,
    pub(crate) scopes: Vec<Scope>,
}

impl Exchange {
    /// APIs that are no draft, after `(name, id)`, by name, at most `limit`, each with its producer.
    pub async fn apis(
        &self,
        filter: &ApiFilter,
        after: (&str, Uuid),
        limit: u32,
    ) -> Result<Vec<(Api, String)>, ExchangeError> {
        let found = list::page(&self.db, filter, after, limit).await?;
        let parties = head::parties(&self.db).await?;
        let name = |id: Uuid| {
            let found = parties.iter().find(|party| party.id == id);
            found.map(|party| party.name.clone()).unwrap_or_default()
        };
        Ok(found
            .into_iter()
            .map(|api| {
                let producer = name(api.producer);
                (api, producer)
            })
            .collect())
    }

    /// An API that the actor may see: a draft is its producer's.
    pub(crate) async fn whole_api(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<WholeApi, ExchangeError> {
        let api = apis::find(&self.db, id)
            .await?
            .ok_or(ExchangeError::NotFound)?;
        if api.status == ApiStatus::Draft && !actor.may(&EDIT_API, Some(api.producer)) {
            return Err(ExchangeError::NotFound);
        }
        let party = head::party(&self.db, api.producer).await?;
        Ok(WholeApi {
            producer_name: party.map(|party| party.name).unwrap_or_default(),
            operations: operations::of_api(&self.db, id).await?,
            scopes: apis::scopes(&self.db, id).await?,
            api,
        })
    }

    /// The operations of an API that the actor may see, by name.
    pub async fn operations(&self, actor: &Actor, api: Uuid) -> Result<Vec<Uuid>, ExchangeError> {
        let whole = self.whole_api(actor, api).await?;
        let kept = whole
            .operations
            .iter()
            .filter(|operation| !operation.is_removed);
        Ok(kept.map(|operation| operation.id).collect())
    }

    /// The scopes of an API that the actor may see, by code.
    pub async fn scopes(&self, actor: &Actor, api: Uuid) -> Result<Vec<Scope>, ExchangeError> {
        Ok(self.whole_api(actor, api).await?.scopes)
    }

    /// The APIs of the producers that the actor keeps.
    pub(crate) async fn kept_apis(&self, actor: &Actor) -> Result<Vec<Api>, ExchangeError> {
        actor.demand_somewhere(&EDIT_API)?;
        let all = apis::every(&self.db).await?;
        let is_kept = |api: &Api| actor.may(&EDIT_API, Some(api.producer));
        Ok(all.into_iter().filter(is_kept).collect())
    }

    /// Every API with its operations and scopes, for those who choose among them.
    pub(crate) async fn offers(&self) -> Result<Vec<Offer>, ExchangeError> {
        let mut tx = self.db.begin_snapshot().await?;
        let all = apis::every(&mut tx).await?;
        let mut all_operations = operations::every(&mut tx).await?;
        all_operations.retain(|operation| !operation.is_removed);
        let all_scopes = apis::every_scope(&mut tx).await?;
        let parties = head::parties(&mut tx).await?;
        Ok(all
            .into_iter()
            .map(|api| {
                let of_api = |operation: &&Operation| operation.api == api.id;
                let producer = parties.iter().find(|party| party.id == api.producer);
                Offer {
                    producer_name: producer.map(|party| party.name.clone()).unwrap_or_default(),
                    operations: all_operations.iter().filter(of_api).cloned().collect(),
                    scopes: all_scopes
                        .iter()
                        .filter(|scope| scope.api == api.id)
                        .cloned()
                        .collect(),
                    api,
                }
            })
            .collect())
    }

    /// Adds an API from its document, as a draft.
    pub async fn add_api(&self, actor: &Actor, new: NewApi<'_>) -> Result<Uuid, ExchangeError> {
        actor.demand(&EDIT_API, Some(new.producer))?;
        let prefix = check_prefix(new.prefix).map_err(|one| ExchangeError::Mistakes(vec![one]))?;
        let described = openapi::describe(new.document)?;
        let no_number = || ExchangeError::mistake("producer", "exchange-mistake-no-siret", "");
        let producer = self
            .known_party(new.producer)
            .await?
            .ok_or_else(no_number)?;
        let now = self.source.now();
        let api = Api {
            id: self.source.new_id(),
            producer: producer.id,
            prefix,
            version: described.version.clone(),
            status: ApiStatus::Draft,
            profile: profile_of(&described),
            row_version: 1,
        };
        let mut tx = self.db.begin().await?;
        if apis::by_prefix(&mut tx, &api.prefix).await?.is_some() {
            let prefix = api.prefix;
            return Err(ExchangeError::mistake(
                "prefix",
                "exchange-mistake-prefix-taken",
                prefix,
            ));
        }
        head::keep_party(&mut tx, &producer).await?;
        let founding = Founding {
            producer_name: &producer.name,
            document: described.document.to_string(),
            pseudonym_key: self.source.random(),
            at: now,
        };
        apis::insert(&mut tx, &api, founding).await?;
        self.put_operations(&mut tx, api.id, &[], &described)
            .await?;
        self.note_change(&mut tx, &api, "", Vec::new()).await?;
        let change = Change::new("exchange.api.add", "api", api.id)
            .of(Some(api.producer))
            .after(told(&api));
        self.finish(tx, actor, change).await?;
        Ok(api.id)
    }

    async fn put_operations(
        &self,
        tx: &mut Tx,
        api: Uuid,
        known: &[Operation],
        newer: &Description,
    ) -> Result<(), ExchangeError> {
        for described in &newer.operations {
            let before = known
                .iter()
                .find(|one| one.described.name == described.name);
            let parameters: Vec<_> = described
                .parameters
                .iter()
                .map(crate::domain::parameter)
                .collect();
            let operation = Operation {
                id: before.map_or_else(|| self.source.new_id(), |one| one.id),
                api,
                described: described.clone(),
                subject: before.map_or_else(Vec::new, |one| {
                    let goes_on = one.subject.iter().filter(|name| parameters.contains(name));
                    goes_on.cloned().collect()
                }),
                pieces_saved: before.map_or(1, |one| one.pieces_saved),
                hidden_days: before.map_or(0, |one| one.hidden_days),
                hidden_reason: before.map_or_else(String::new, |one| one.hidden_reason.clone()),
                citizen_calls: before.map_or(CitizenCalls::Closed, |one| one.citizen_calls),
                level_min: before.map_or(0, |one| one.level_min),
                is_removed: false,
            };
            operations::put(tx, &operation).await?;
            self.carry_facts(tx, &operation).await?;
        }
        for before in known {
            let goes_on = newer
                .operations
                .iter()
                .any(|one| one.name == before.described.name);
            if !goes_on && !before.is_removed {
                let removed = Operation {
                    is_removed: true,
                    ..before.clone()
                };
                operations::put(tx, &removed).await?;
            }
        }
        Ok(())
    }

    async fn note_change(
        &self,
        tx: &mut Tx,
        api: &Api,
        note: &str,
        differences: Vec<Difference>,
    ) -> Result<(), ExchangeError> {
        let change = ApiChange {
            id: self.source.new_id(),
            at: self.source.now(),
            version: api.version.clone(),
            note: note.trim().to_owned(),
            differences,
        };
        Ok(apis::add_change(tx, api.id, &change).await?)
    }

    /// An API that the actor keeps.
    pub(crate) async fn kept_api(
        &self,
        actor: &Actor,
        id: Uuid,
    ) -> Result<WholeApi, ExchangeError> {
        let whole = self.whole_api(actor, id).await?;
        actor.demand(&EDIT_API, Some(whole.api.producer))?;
        Ok(whole)
    }

    /// Keeps a newer document until somebody takes it: gives its id.
    pub async fn send_document(
        &self,
        actor: &Actor,
        api: Uuid,
        document: &[u8],
    ) -> Result<Uuid, ExchangeError> {
        let whole = self.kept_api(actor, api).await?;
        let described = openapi::describe(document)?;
        let id = self.source.new_id();
        let mut tx = self.db.begin().await?;
        let text = described.document.to_string();
        apis::add_import(&mut tx, id, api, &text, self.source.now()).await?;
        let change = Change::new("exchange.document.send", "api", api)
            .of(Some(whole.api.producer))
            .after(json!({ "version": described.version }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// What a document that waits would change.
    pub(crate) async fn waiting_document(
        &self,
        actor: &Actor,
        import: Uuid,
    ) -> Result<(WholeApi, Description, Vec<Difference>), ExchangeError> {
        let found = apis::import(&self.db, import).await?;
        let (api, document) = found.ok_or(ExchangeError::NotFound)?;
        let whole = self.kept_api(actor, api).await?;
        let described = openapi::describe(document.as_bytes())?;
        let found = differences(&whole.operations, &whole.scopes, &described);
        Ok((whole, described, found))
    }

    /// Takes a document that waits. Gives the API.
    pub async fn take_document(
        &self,
        actor: &Actor,
        import: Uuid,
        note: &str,
    ) -> Result<Uuid, ExchangeError> {
        if note.chars().count() > NOTE_CHARS_MAX {
            return Err(ExchangeError::mistake(
                "note",
                "exchange-mistake-long",
                NOTE_CHARS_MAX,
            ));
        }
        let (whole, described, _) = self.waiting_document(actor, import).await?;
        let before = told(&whole.api);
        let mut tx = self.db.begin().await?;
        if !apis::remove_import(&mut tx, import).await? {
            return Err(ExchangeError::NotFound);
        }
        // Read again where nobody else can change it.
        let mut api = apis::find(&mut tx, whole.api.id)
            .await?
            .ok_or(ExchangeError::NotFound)?;
        let known = operations::of_api(&mut tx, api.id).await?;
        let scopes = apis::scopes(&mut tx, api.id).await?;
        let found = differences(&known, &scopes, &described);
        api.version.clone_from(&described.version);
        let is_same = apis::update(&mut tx, &api, &whole.producer_name, self.source.now()).await?;
        if !is_same {
            return Err(ExchangeError::Stale);
        }
        apis::set_document(&mut tx, api.id, &described.document.to_string()).await?;
        self.put_operations(&mut tx, api.id, &known, &described)
            .await?;
        narrow_scopes(&mut tx, &known, scopes, &described).await?;
        self.note_change(&mut tx, &api, note, found).await?;
        let change = Change::new("exchange.document.take", "api", api.id)
            .of(Some(api.producer))
            .public()
            .before(before)
            .after(told(&api));
        self.finish(tx, actor, change).await?;
        Ok(api.id)
    }

    /// Changes what a producer says of an API. `row_version` is the one that the form was made from.
    pub async fn change_api(
        &self,
        actor: &Actor,
        id: Uuid,
        row_version: i64,
        form: &ApiForm,
    ) -> Result<(), ExchangeError> {
        let whole = self.kept_api(actor, id).await?;
        let profile = form.check().map_err(ExchangeError::Mistakes)?;
        let before = told(&whole.api);
        let api = Api {
            profile,
            row_version,
            ..whole.api
        };
        self.update_api(
            actor,
            "exchange.api.change",
            &api,
            &whole.producer_name,
            before,
        )
        .await
    }

    /// Publishes, deprecates or withdraws an API.
    pub async fn set_status(
        &self,
        actor: &Actor,
        id: Uuid,
        status: ApiStatus,
    ) -> Result<(), ExchangeError> {
        let whole = self.kept_api(actor, id).await?;
        if !whole.api.status.may_become(status) {
            let key = "exchange-mistake-status";
            return Err(ExchangeError::mistake("status", key, ""));
        }
        if status == ApiStatus::Published {
            let mut lacks: Vec<Mistake> =
                lacks_for_publication(&whole.operations, &whole.scopes, &whole.api.profile);
            if ApiForm::of(&whole.api.profile).check().is_err() {
                lacks.push(Mistake::new("status", "exchange-mistake-profile"));
            }
            if !lacks.is_empty() {
                return Err(ExchangeError::Mistakes(lacks));
            }
        }
        let before = told(&whole.api);
        let api = Api {
            status,
            ..whole.api
        };
        self.update_api(
            actor,
            "exchange.api.set_status",
            &api,
            &whole.producer_name,
            before,
        )
        .await
    }

    async fn update_api(
        &self,
        actor: &Actor,
        action: &'static str,
        api: &Api,
        producer_name: &str,
        before: serde_json::Value,
    ) -> Result<(), ExchangeError> {
        let mut tx = self.db.begin().await?;
        if !apis::update(&mut tx, api, producer_name, self.source.now()).await? {
            return Err(ExchangeError::Stale);
        }
        let mut change = Change::new(action, "api", api.id)
            .of(Some(api.producer))
            .before(before)
            .after(told(api));
        change.public = api.status != ApiStatus::Draft;
        self.finish(tx, actor, change).await
    }
}

/// Fields that are no longer there leave their scopes.
async fn narrow_scopes(
    tx: &mut Tx,
    known: &[Operation],
    scopes: Vec<Scope>,
    newer: &Description,
) -> Result<(), ExchangeError> {
    for scope in scopes {
        let goes_on = |(operation, path): &&(Uuid, String)| {
            let name = known.iter().find(|one| one.id == *operation);
            let after = newer
                .operations
                .iter()
                .find(|one| name.is_some_and(|name| name.described.name == one.name));
            after.is_some_and(|one| one.fields.iter().any(|field| field.path == *path))
        };
        let fields: Vec<_> = scope.fields.iter().filter(goes_on).cloned().collect();
        if fields.len() < scope.fields.len() {
            apis::set_scope(tx, &Scope { fields, ..scope }).await?;
        }
    }
    Ok(())
}

/// What a new API says of itself until its producer says more.
fn profile_of(described: &Description) -> crate::domain::ApiProfile {
    crate::domain::ApiProfile {
        name: described.title.chars().take(120).collect(),
        description: described.text.clone(),
        sensitivity: Sensitivity::Personal,
        legal_nature: LegalNature::Exchange,
        legal_text: String::new(),
        legal_url: String::new(),
        per_minute: 60,
        per_day: 10_000,
        service_level: String::new(),
        test_url: String::new(),
        contact: String::new(),
        upstreams: Vec::new(),
        health_path: String::new(),
        timeout_ms: 5_000,
        proof: Proof::MutualTls,
    }
}

/// What the journal keeps of an API.
fn told(api: &Api) -> serde_json::Value {
    json!({
        "prefix": api.prefix,
        "version": api.version,
        "status": api.status.code(),
        "profile": serde_json::from_str::<serde_json::Value>(&to_json(&api.profile)).ok(),
    })
}

/// A document's mistake as a field's, for a form.
pub(crate) fn place_of(mistake: &DocumentMistake) -> String {
    format!("exchange-document-{}", mistake.problem.code())
}
