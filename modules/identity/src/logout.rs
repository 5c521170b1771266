//! Signing out: asked for by a service, told to every service of the session.

use jose::claims::Claims;
use kit_db::Tx;
use kit_jobs::NewJob;
use kit_journal::{Entry, Handled, Subscriber};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::citizens::CITIZEN_SESSION_END;
use crate::domain::{Audience, Client, Params, with_query};
use crate::people::Brought;
use crate::store::{arrivals, authorizations, clients};
use crate::{Identity, IdentityError};

/// The kind of the job that tells one service that a session has ended.
pub const LOGOUT_JOB: &str = "identity.logout.tell";
/// Seconds that a logout token is good for.
const LOGOUT_SECONDS: i64 = 120;

/// What the job carries: the token is signed when it is sent, so that a later try is as fresh.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LogoutNotice {
    /// The service, by its id.
    pub client: Uuid,
    /// Whose session.
    pub person: Uuid,
    /// Which session.
    pub session: Uuid,
}

/// What a request to sign out leads to.
#[derive(Debug)]
pub(crate) enum SignOut {
    /// The person is asked first: nobody proved that the request is meant for this session.
    Ask {
        /// Where it goes on afterwards.
        then: Option<Then>,
    },
    /// The session has ended.
    Done {
        /// Where it goes on.
        then: Option<Then>,
        /// Whose session it was.
        audience: Audience,
        /// Where it signs out too before that: a path of ours.
        elsewhere: Option<String>,
    },
}

/// Where a browser goes on after signing out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Then {
    /// The whole address, with the service's state.
    pub(crate) address: String,
    /// The service's name.
    pub(crate) service: String,
}

impl Identity {
    /// Signing out as a service asks for it (OpenID Connect RP-Initiated Logout). `agreed` is
    /// whether the person said yes on a page of ours.
    pub(crate) async fn sign_out(
        &self,
        params: &Params,
        brought: Brought<'_>,
        agreed: bool,
    ) -> Result<SignOut, IdentityError> {
        let hint = match params.get("id_token_hint") {
            Some(token) => self.read_hint(token).await?,
            None => None,
        };
        let named = params.get("client_id").map(str::to_owned);
        let named = match (&hint, named) {
            // Two names: nobody knows who asks.
            (Some(hint), Some(named)) if hint.client_id != named => None,
            (Some(hint), _) => Some(hint.client_id.clone()),
            (None, named) => named,
        };
        let client = match named {
            Some(named) => clients::named(&self.db, &named).await?,
            None => None,
        };
        let then = client.as_ref().and_then(|client| then_of(client, params));
        // A service signs out whom it signs in. Nobody's service: whoever is signed in.
        let citizen = match client.as_ref().map(|client| client.draft.audience) {
            Some(Audience::Agents) => None,
            _ => self.citizen_session(brought.citizen).await?,
        };
        let agent = match (
            client.as_ref().map(|client| client.draft.audience),
            brought.agent,
        ) {
            (None | Some(Audience::Agents), Some(cookie)) => self.accounts.session(cookie).await?,
            _ => None,
        };
        let (session, audience) = match (&agent, &citizen) {
            (Some(agent), _) => (Some(agent.id), Audience::Agents),
            (None, Some(citizen)) => (Some(citizen.id), Audience::Citizens),
            (None, None) => {
                let audience = client.as_ref().map(|client| client.draft.audience);
                (None, audience.unwrap_or_default())
            }
        };
        let Some(session) = session else {
            // Nobody is signed in in this browser; the session of the hint may live elsewhere, and
            // goes on: only its own browser, or its person, ends it.
            return Ok(SignOut::Done {
                then,
                audience,
                elsewhere: None,
            });
        };
        let is_proved = hint.is_some_and(|hint| hint.session == Some(session));
        if !is_proved && !agreed {
            return Ok(SignOut::Ask { then });
        }
        let mut elsewhere = None;
        match (agent, citizen) {
            (Some(agent), _) => {
                if agent.brokered.is_some() {
                    elsewhere = self.sign_out_elsewhere(session, then.as_ref()).await?;
                }
                self.accounts.end_session(session).await?;
            }
            (None, Some(citizen)) => {
                self.end_citizen_session(citizen.citizen, session).await?;
            }
            (None, None) => {}
        }
        Ok(SignOut::Done {
            then,
            audience,
            elsewhere,
        })
    }

    /// The logout token of a notice, and where to send it; `None` when the service listens no more.
    pub async fn logout_token(
        &self,
        notice: &LogoutNotice,
    ) -> Result<Option<(String, String)>, IdentityError> {
        let Some(client) = clients::find(&self.db, notice.client).await? else {
            return Ok(None);
        };
        let Some(address) = client.draft.backchannel_logout_uri.clone() else {
            return Ok(None);
        };
        // The person goes by the name under which this service knows it.
        let subject = self.subject(&client, notice.person).await?;
        let claims = Claims::new()
            .issuer(&self.issuer)
            .subject(&subject)
            .audience(&client.client_id)
            .lifetime(self.now_seconds(), LOGOUT_SECONDS)
            .id(&self.source.new_id().to_string())
            .with("sid", notice.session.to_string())
            .with(
                "events",
                json!({ "http://schemas.openid.net/event/backchannel-logout": {} }),
            );
        let algorithm = client.draft.id_token_algorithm;
        let token = self.sign(algorithm, Some("logout+jwt"), &claims).await?;
        Ok(Some((address, token)))
    }
}

/// The registered address that a service asks to go on to, with its state; else nowhere.
fn then_of(client: &Client, params: &Params) -> Option<Then> {
    let address = params.get("post_logout_redirect_uri")?;
    let known = &client.draft.post_logout_redirect_uris;
    if !known.iter().any(|known| known == address) {
        return None;
    }
    let address = match params.get("state") {
        Some(state) => with_query(address, &[("state", state)]),
        None => address.to_owned(),
    };
    Some(Then {
        address,
        service: client.draft.name.clone(),
    })
}

/// Follows the journal: when a session ends, wherever and why, what services hold of it ends, and
/// those that asked for it are told.
#[derive(Debug, Clone)]
pub struct SessionEnds(pub Identity);

impl Subscriber for SessionEnds {
    fn name(&self) -> &'static str {
        "identity.session_ends"
    }

    fn handle<'f>(&'f self, tx: &'f mut Tx, entry: &'f Entry) -> Handled<'f> {
        Box::pin(async move {
            if entry.action != "directory.session.end" && entry.action != CITIZEN_SESSION_END {
                return Ok(());
            }
            let session: Uuid = entry.subject.id.parse()?;
            let identity = &self.0;
            let told = authorizations::of_session(tx, session).await?;
            authorizations::revoke_session(tx, session, identity.source.now()).await?;
            arrivals::close(tx, session).await?;
            for (client, person) in told {
                let notice = LogoutNotice {
                    client,
                    person,
                    session,
                };
                let listens = clients::find(&mut *tx, client)
                    .await?
                    .is_some_and(|client| client.draft.backchannel_logout_uri.is_some());
                if listens {
                    let job = NewJob::new(LOGOUT_JOB, notice);
                    identity.jobs.enqueue(&mut *tx, job).await?;
                }
            }
            Ok(())
        })
    }
}
