//! What gateways know: all of it, as of one instant.

use std::collections::{HashMap, HashSet};

use kit_db::Tx;
use ports::exchange::{
    AccreditationGrant, ApiGrant, ApiRoute, OperationRoute, Party, SNAPSHOT_FORM, ScopeFields,
    Snapshot, Stop,
};
use uuid::Uuid;

use crate::clients::hexadecimal;
use crate::domain::{Api, Modality, Operation, Scope, Version};
use crate::store::clients::NamedClient;
use crate::store::{apis, clients, head, operations, stops, versions};
use crate::{Exchange, ExchangeError};

impl Exchange {
    /// The number of what gateways know: cheap to ask every second. It grows with each change that
    /// they must hear of, in the transaction of the change.
    pub async fn snapshot_number(&self) -> Result<u64, ExchangeError> {
        let number = head::number(&self.db).await?;
        Ok(u64::try_from(number).unwrap_or(0))
    }

    /// Notes the issuer's keys; the number grows when they changed. Call it every few seconds: a
    /// token signed by a key of which gateways haven't heard is refused.
    pub async fn refresh_keys(&self) -> Result<(), ExchangeError> {
        let keys = self.issuer.keys().await?.to_string();
        if head::keys(&self.db).await? != keys {
            head::set_keys(&self.db, &keys).await?;
        }
        Ok(())
    }

    /// All that gateways know, in one consistent reading. It holds secrets: it is handed to gateways
    /// and shown nowhere.
    pub async fn snapshot(&self) -> Result<Snapshot, ExchangeError> {
        self.refresh_keys().await?;
        self.ensure_behalf_key().await?;
        let now = self.source.now();
        let mut tx = self.db.begin_snapshot().await?;
        let number = head::number(&mut tx).await?;
        let keys = head::keys(&mut tx).await?;
        let parties: HashMap<Uuid, Party> = head::parties(&mut tx)
            .await?
            .into_iter()
            .map(|party| (party.id, party))
            .collect();
        let routes = routes(&mut tx, &parties).await?;
        let grants = grants(&mut tx, now, &routes).await?;
        let stops = stops::live(&mut tx).await?;
        let behalf = self.behalf_book(&mut tx).await?;
        Ok(Snapshot {
            number: u64::try_from(number).unwrap_or(0),
            made_at: now,
            environment: self.settings.environment.clone(),
            issuer: self.issuer.issuer().to_owned(),
            audience: self.settings.audience.clone(),
            keys: serde_json::from_str(&keys).unwrap_or_default(),
            apis: routes,
            accreditations: grants,
            stops: stops
                .into_iter()
                .map(|stop| Stop {
                    id: stop.id,
                    producer: stop.producer,
                    target: stop.target,
                    api: stop.api,
                    since: stop.since,
                    reason: stop.reason,
                })
                .collect(),
            per_address_per_minute: self.settings.per_address_per_minute,
            form: SNAPSHOT_FORM,
            behalf,
        })
    }
}

async fn routes(
    tx: &mut Tx,
    parties: &HashMap<Uuid, Party>,
) -> Result<Vec<ApiRoute>, ExchangeError> {
    let mut of_api: HashMap<Uuid, Vec<Operation>> = HashMap::new();
    for operation in operations::every(&mut *tx).await? {
        if !operation.is_removed {
            of_api.entry(operation.api).or_default().push(operation);
        }
    }
    let mut scopes_of: HashMap<Uuid, Vec<Scope>> = HashMap::new();
    for scope in apis::every_scope(&mut *tx).await? {
        scopes_of.entry(scope.api).or_default().push(scope);
    }
    let mut routes = Vec::new();
    for (api, key) in apis::keyed(tx).await? {
        let Some(producer) = parties.get(&api.producer) else {
            continue;
        };
        let operations = of_api.remove(&api.id).unwrap_or_default();
        let scopes = scopes_of.remove(&api.id).unwrap_or_default();
        routes.push(route(api, producer, &operations, &scopes, &key));
    }
    Ok(routes)
}

fn route(
    api: Api,
    producer: &Party,
    operations: &[Operation],
    scopes: &[Scope],
    key: &[u8],
) -> ApiRoute {
    let opened = |operation: &Operation| {
        scopes
            .iter()
            .filter_map(|scope| {
                let of_this = scope.fields.iter().filter(|(of, _)| *of == operation.id);
                let fields: Vec<String> = of_this.map(|(_, path)| path.clone()).collect();
                (!fields.is_empty()).then(|| ScopeFields {
                    scope: scope.code.clone(),
                    fields,
                    tells_identity: scope.tells_identity,
                })
            })
            .collect()
    };
    let profile = api.profile;
    ApiRoute {
        id: api.id,
        name: profile.name,
        producer: producer.clone(),
        prefix: api.prefix,
        upstreams: profile.upstreams,
        health_path: Some(profile.health_path).filter(|path| !path.is_empty()),
        timeout_ms: profile.timeout_ms,
        proof: profile.proof.into(),
        operations: operations
            .iter()
            .map(|operation| OperationRoute {
                id: operation.id,
                name: operation.described.name.clone(),
                method: operation.described.method.clone(),
                path: operation.described.path.clone(),
                scopes: opened(operation),
                subject: operation.subject.clone(),
                pieces_saved: operation.pieces_saved,
                hidden_days: operation.hidden_days,
                on_behalf: operation.citizen_calls.into(),
                level_min: operation.level_min,
            })
            .collect(),
        pseudonym_key: hexadecimal(key),
    }
}

async fn grants(
    tx: &mut Tx,
    now: jiff::Timestamp,
    routes: &[ApiRoute],
) -> Result<Vec<AccreditationGrant>, ExchangeError> {
    let mut named: HashMap<Uuid, Vec<NamedClient>> = HashMap::new();
    for client in clients::every(&mut *tx).await? {
        named.entry(client.accreditation).or_default().push(client);
    }
    let mut hashes: HashMap<Uuid, Vec<String>> = HashMap::new();
    for (accreditation, hash) in clients::live_keys(&mut *tx).await? {
        hashes
            .entry(accreditation)
            .or_default()
            .push(hexadecimal(&hash));
    }
    // An editor that was taken back is in the version still, but acts no more.
    let editors: HashMap<Uuid, Option<Uuid>> = crate::store::accreditations::usable(&mut *tx, now)
        .await?
        .into_iter()
        .map(|one| (one.id, one.editor))
        .collect();
    let called: HashSet<Uuid> = routes.iter().map(|route| route.id).collect();
    let in_force = versions::in_force(tx, now).await?;
    Ok(in_force
        .into_iter()
        .map(|(id, version)| {
            let acts = editors.get(&id).copied().flatten();
            let clients = named.remove(&id).unwrap_or_default();
            let keys = hashes.remove(&id).unwrap_or_default();
            grant(id, version, acts, clients, keys, &called)
        })
        .collect())
}

fn grant(
    id: Uuid,
    version: Version,
    acts: Option<Uuid>,
    clients: Vec<NamedClient>,
    keys: Vec<String>,
    called: &HashSet<Uuid>,
) -> AccreditationGrant {
    let codes = |scopes: Vec<(String, String)>| scopes.into_iter().map(|(code, _)| code).collect();
    let modalities = &version.content.modalities;
    let is_on_behalf = modalities.contains(&Modality::CitizenSession);
    AccreditationGrant {
        id,
        version: version.number,
        editor: version.editor.filter(|editor| acts == Some(editor.id)),
        clients: clients.into_iter().map(|client| client.client_id).collect(),
        apis: version
            .apis
            .into_iter()
            .filter(|one| called.contains(&one.api))
            .map(|one| ApiGrant {
                api: one.api,
                scopes: codes(one.scopes),
            })
            .collect(),
        purposes: version
            .content
            .purposes
            .into_iter()
            .map(|purpose| purpose.code)
            .collect(),
        legal_basis: version.content.legal_text,
        addresses: version.content.addresses,
        recipients: version.content.recipients,
        per_minute: version.per_minute,
        per_day: version.per_day,
        valid_until: version.valid_until,
        key_hashes: if version.keys_allowed {
            keys
        } else {
            Vec::new()
        },
        hidden_days: version.hidden_days,
        on_behalf: is_on_behalf,
        requester: version.requester,
    }
}
