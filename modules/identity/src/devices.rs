//! Signing in on a device without a browser (RFC 8628): the device shows a code, the person types it
//! elsewhere and says yes or no, the device asks until it knows.

use jiff::{SignedDuration, Timestamp};
use kit_access::Actor;
use kit_journal::Change;
use serde::Serialize;

use crate::domain::{
    Audience, ClaimsRequest, Client, ErrorCode, GrantType, OAuthError, Params, Person, Resources,
    Scopes, SignedInPerson, UserCode,
};
use crate::proof::Sender;
use crate::store::authorizations::{self, Authorization, Code};
use crate::store::devices::{self, Device, State};
use crate::store::figures;
use crate::tokens::{TokenAnswer, Wanted};
use crate::{Identity, IdentityError};

/// Seconds that a code waits for its person.
const DEVICE_SECONDS: i64 = 600;
/// Seconds between two questions of a device.
const PAUSE_SECONDS: i64 = 5;
/// Seconds that are added each time that a device asks too soon (section 3.5).
const SLOWER_SECONDS: i64 = 5;
/// Most devices of one service that wait at once.
const DEVICES_MAX: i64 = 5_000;

/// What a device is told (section 3.2).
#[derive(Debug, Serialize)]
pub(crate) struct DeviceAnswer {
    device_code: String,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: String,
    expires_in: i64,
    interval: i64,
}

/// What a person is asked about a device.
pub(crate) struct DeviceAsked {
    pub(crate) client: Client,
    pub(crate) scopes: Scopes,
    pub(crate) begun_at: Timestamp,
    pub(crate) person: Person,
}

fn error(code: ErrorCode, description: &str) -> IdentityError {
    OAuthError::new(code, description).into()
}

impl Identity {
    /// Begins: codes for a device of a service that has proved who it is.
    pub(crate) async fn begin_device(
        &self,
        client: &Client,
        params: &Params,
    ) -> Result<DeviceAnswer, IdentityError> {
        // The page on which a code is typed knows agents.
        let is_agents = client.draft.audience == Audience::Agents;
        if !is_agents || !client.draft.grant_types.contains(&GrantType::DeviceCode) {
            let told = "this client isn't registered for devices";
            return Err(error(ErrorCode::UnauthorizedClient, told));
        }
        let asked = Scopes::parse(params.get("scope").unwrap_or_default());
        if !asked.is_openid() {
            return Err(error(ErrorCode::InvalidScope, "scope must hold openid"));
        }
        let resources = Resources::asked(params, "resource")?;
        let now = self.source.now();
        if devices::count(&self.db, client.id, now).await? >= DEVICES_MAX {
            let told = "too many devices of this client wait at this moment";
            return Err(error(ErrorCode::TemporarilyUnavailable, told));
        }
        let device = Device {
            client: client.id,
            scopes: asked.within(&client.draft.scopes),
            resources: resources.within(&client.targets(&self.issuer))?,
            state: State::Waiting,
            pause_seconds: PAUSE_SECONDS,
            polled_at: None,
            created_at: now,
            expires_at: now + SignedDuration::from_secs(DEVICE_SECONDS),
        };
        let secret = self.new_secret();
        // A code that another device has is drawn again.
        for _ in 0..8 {
            let Some(code) = UserCode::new(self.source.random()) else {
                continue;
            };
            if devices::insert(&self.db, &secret, &code, &device).await? {
                return Ok(DeviceAnswer {
                    device_code: secret,
                    user_code: code.to_string(),
                    verification_uri: self.url("/device"),
                    verification_uri_complete: self.url(&format!("/device?code={code}")),
                    expires_in: DEVICE_SECONDS,
                    interval: PAUSE_SECONDS,
                });
            }
        }
        let told = "no code is free at this moment";
        Err(error(ErrorCode::TemporarilyUnavailable, told))
    }

    /// What the person of a cookie is asked under a code; `None` when no device waits under it.
    pub(crate) async fn device_asked(
        &self,
        code: &UserCode,
        person: &SignedInPerson,
    ) -> Result<Option<DeviceAsked>, IdentityError> {
        let now = self.source.now();
        let Some(device) = devices::of_user_code(&self.db, code, now).await? else {
            return Ok(None);
        };
        let client = self.of_id(device.client).await?;
        let client = client.filter(|client| !client.client.suspended);
        let account = self.person_asked(Audience::Agents, person).await?;
        let (Some(client), Some(account)) = (client, account) else {
            return Ok(None);
        };
        Ok(Some(DeviceAsked {
            client: client.client.clone(),
            scopes: device.scopes,
            begun_at: device.created_at,
            person: account,
        }))
    }

    /// The person's answer; `None` when no device waits under the code any more, else the service.
    pub(crate) async fn answer_device(
        &self,
        actor: &Actor,
        code: &UserCode,
        person: SignedInPerson,
        agreed: bool,
    ) -> Result<Option<Client>, IdentityError> {
        let now = self.source.now();
        let mut tx = self.db.begin().await?;
        let Some(device) = devices::of_user_code(&mut tx, code, now).await? else {
            return Ok(None);
        };
        let found = crate::store::clients::find(&mut tx, device.client).await?;
        let Some(client) = found.filter(|client| !client.suspended) else {
            return Ok(None);
        };
        let authorization = agreed.then(|| Authorization {
            id: self.source.new_id(),
            client: client.id,
            person: person.person,
            session: person.session,
            offline: device.scopes.is_offline(),
            scopes: device.scopes,
            resources: device.resources,
            claims: ClaimsRequest::default(),
            nonce: None,
            acr: person.level.name().to_owned(),
            amr: person.methods,
            auth_time: person.auth_time,
            created_at: now,
            revoked_at: None,
        });
        let id = authorization.as_ref().map(|one| one.id);
        if !devices::answer(&mut tx, code, now, id).await? {
            return Ok(None);
        }
        if let Some(authorization) = &authorization {
            // Nobody is told its code, and it is over: the device's own code stands for it.
            let over = Code {
                redirect_uri: String::new(),
                challenge: None,
                dpop_jkt: None,
                expires_at: now,
                used_at: None,
            };
            let secret = self.new_secret();
            authorizations::insert(&mut tx, authorization, (&secret, &over)).await?;
            let before = authorizations::agreed(&mut tx, person.person, client.id).await?;
            let both = Scopes::parse(&format!("{before} {}", authorization.scopes));
            authorizations::agree(&mut tx, person.person, client.id, &both, now).await?;
        } else {
            figures::count(&mut tx, now, client.id, "denied").await?;
        }
        let action = if agreed {
            "identity.device.allow"
        } else {
            "identity.device.deny"
        };
        let change = Change::new(action, "service", client.id).of(client.draft.organisation_id);
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(Some(client))
    }

    /// Tokens for a device whose person said yes.
    pub(crate) async fn for_device(
        &self,
        client: &Client,
        params: &Params,
        sender: &Sender,
    ) -> Result<TokenAnswer, IdentityError> {
        let invalid = || {
            let told = "the device_code is unknown, used, or another client's";
            error(ErrorCode::InvalidGrant, told)
        };
        let secret = params
            .get("device_code")
            .ok_or_else(|| OAuthError::request("device_code is missing"))?;
        let bound = self.binding(client, sender).await?;
        let now = self.source.now();
        let device = devices::find(&self.db, secret).await?;
        let device = device
            .filter(|device| device.client == client.id)
            .ok_or_else(invalid)?;
        if device.expires_at <= now {
            let told = "the codes are over: begin anew";
            return Err(error(ErrorCode::ExpiredToken, told));
        }
        let authorization = match device.state {
            State::Waiting => {
                let pause = SignedDuration::from_secs(device.pause_seconds);
                let is_soon = device
                    .polled_at
                    .is_some_and(|at| now.duration_since(at) < pause);
                let slower = if is_soon { SLOWER_SECONDS } else { 0 };
                let pause = device.pause_seconds + slower;
                devices::poll(&self.db, secret, now, pause).await?;
                return Err(if is_soon {
                    error(
                        ErrorCode::SlowDown,
                        "wait five seconds more between two calls",
                    )
                } else {
                    error(
                        ErrorCode::AuthorizationPending,
                        "the person hasn't answered yet",
                    )
                });
            }
            State::Denied => {
                devices::take(&self.db, secret).await?;
                return Err(error(ErrorCode::AccessDenied, "the person said no"));
            }
            State::Allowed(id) => authorizations::find(&self.db, id).await?,
        };
        let authorization = authorization.ok_or_else(invalid)?;
        let resources = Resources::asked(params, "resource")?;
        let wanted = Wanted {
            scopes: authorization.scopes.clone(),
            resources: resources.narrowed(&authorization.resources)?,
            bound,
        };
        let prepared = self.prepare(client, authorization, wanted).await?;
        if !devices::take(&self.db, secret).await? {
            return Err(invalid());
        }
        self.keep(prepared.ok_or_else(invalid)?).await
    }
}
