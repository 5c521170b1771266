//! `gouvernail relay`: asks hosts of an inner network for a platform outside it.
//!
//! It takes requests from the platform, asks what its own list allows and nothing else, and sends the
//! answers back. It keeps nothing and listens on nothing.

use std::sync::Arc;
use std::time::Duration;

use identity::{RelayAnswer, RelayCall};
use kit_egress::{Allowed, Answer, Authorization, Egress, EgressError, EgressSettings, Request};
use kit_time::Source;
use tokio::sync::Mutex;

use crate::cli::Relay;
use crate::error::CommandError;

/// Longest that the platform lets us wait for a request, and some more.
const PLATFORM_TIMEOUT: Duration = Duration::from_secs(20);
/// Longest that a host may take: the platform waits no longer.
const HOST_TIMEOUT: Duration = Duration::from_secs(8);
/// Largest answer of a host, in bytes: it is sent on in base64 within a body of one MiB.
const ANSWER_BYTES_MAX: usize = 600 * 1024;
/// Headers that are sent on.
const HEADERS: [&str; 4] = ["accept", "authorization", "content-type", "dpop"];
/// The pause after a failure, which doubles up to the longest.
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Works until the process is told to end.
pub(crate) async fn run(told: &Relay) -> Result<(), CommandError> {
    let worker = Arc::new(Worker::new(told)?);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..told.at_once {
        tasks.spawn(worker.clone().work());
    }
    tracing::info!(platform = told.platform, "relay.start");
    kit_http::asked_to_stop().await;
    tasks.shutdown().await;
    Ok(())
}

pub(crate) struct Worker {
    platform: String,
    client_id: String,
    secret: String,
    allow: Vec<kit_egress::Prefix>,
    outside: Egress,
    inside: Egress,
    token: Mutex<Option<String>>,
}

/// Why the platform gave no request.
enum Trouble {
    /// The token isn't good any more.
    Token,
    /// Anything else, for the log.
    Other(String),
}

impl From<EgressError> for Trouble {
    fn from(error: EgressError) -> Self {
        Self::Other(error.to_string())
    }
}

impl Worker {
    pub(crate) fn new(told: &Relay) -> Result<Self, CommandError> {
        let read = |path: &std::path::Path| {
            std::fs::read_to_string(path).map_err(|error| CommandError::File {
                path: path.display().to_string(),
                error,
            })
        };
        let secret = read(&told.client_secret_file)?.trim().to_owned();
        let authorities = told.authorities.as_deref().map(read).transpose()?;
        let source = Source::system();
        let outside = EgressSettings {
            allowed: told.platform_network.clone(),
            timeout: PLATFORM_TIMEOUT,
            requests_per_host_max: 64,
            extra_roots_pem: authorities.clone(),
            ..EgressSettings::default()
        };
        // The list names whole addresses, so their hosts may be in a private network.
        let hosts = told.allow.iter().map(kit_egress::Prefix::host);
        let inside = EgressSettings {
            allowed: hosts
                .filter_map(|host| host.parse::<Allowed>().ok())
                .collect(),
            timeout: HOST_TIMEOUT,
            answer_bytes_max: ANSWER_BYTES_MAX,
            extra_roots_pem: authorities,
            ..EgressSettings::default()
        };
        Ok(Self {
            platform: told.platform.trim_end_matches('/').to_owned(),
            client_id: told.client_id.clone(),
            secret,
            allow: told.allow.clone(),
            outside: Egress::new(outside, source.clone())?,
            inside: Egress::new(inside, source)?,
            token: Mutex::new(None),
        })
    }

    pub(crate) async fn work(self: Arc<Self>) {
        let mut pause = PAUSE_MIN;
        loop {
            let trouble = match self.one().await {
                Ok(()) => {
                    pause = PAUSE_MIN;
                    continue;
                }
                Err(Trouble::Token) => {
                    *self.token.lock().await = None;
                    "the platform refuses our token".to_owned()
                }
                Err(Trouble::Other(trouble)) => trouble,
            };
            tracing::warn!(trouble, "relay.take");
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// Takes one request, if one comes, and answers it.
    async fn one(&self) -> Result<(), Trouble> {
        let calls = format!("{}/api/v2/relay/calls", self.platform);
        let answer = self
            .call(Request::post(&calls, "application/json", "{}"))
            .await?;
        if answer.status == 204 {
            return Ok(());
        }
        let call: RelayCall = serde_json::from_slice(&answer.body)
            .map_err(|_| Trouble::Other("the platform's request can't be read".to_owned()))?;
        let told = self.ask(&call).await;
        let body = serde_json::to_vec(&told).map_err(|error| Trouble::Other(error.to_string()))?;
        let address = format!("{calls}/{}", call.id);
        match self
            .call(Request::post(&address, "application/json", body))
            .await
        {
            // Whoever asked has gone: that is no trouble of ours.
            Err(Trouble::Other(problem)) if problem == not_awaited() => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    /// Asks a host, if the list allows it.
    async fn ask(&self, call: &RelayCall) -> RelayAnswer {
        if !self.allow.iter().any(|prefix| prefix.holds(&call.url)) {
            tracing::warn!(call = %call.id, "relay.refuse");
            return RelayAnswer::failed("its list doesn't allow this address");
        }
        let header = |wanted: &str| {
            let found = call.headers.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.as_str())
        };
        let mut request = match call.posted() {
            Ok(None) => Request::get(&call.url),
            Ok(Some(body)) => {
                let kind = header("content-type").unwrap_or("application/octet-stream");
                Request::post(&call.url, kind, body)
            }
            Err(_) => return RelayAnswer::failed("the request can't be read"),
        };
        for (name, value) in &call.headers {
            if HEADERS.contains(&name.as_str()) && name != "content-type" {
                request = request.header(name, value);
            }
        }
        match self.inside.send(request).await {
            Ok(answer) => answered(&answer),
            Err(error) => RelayAnswer::failed(error.to_string()),
        }
    }

    /// A call of the platform, with a token.
    async fn call(&self, request: Request) -> Result<Answer, Trouble> {
        let token = self.token().await?;
        let request = request.authorization(Authorization::Bearer(token));
        let answer = self.outside.send(request).await?;
        match answer.status {
            200..300 => Ok(answer),
            401 => Err(Trouble::Token),
            404 => Err(Trouble::Other(not_awaited().to_owned())),
            status => Err(Trouble::Other(format!("the platform answers {status}"))),
        }
    }

    /// The token that we have, or a new one.
    async fn token(&self) -> Result<String, Trouble> {
        let mut kept = self.token.lock().await;
        if let Some(token) = &*kept {
            return Ok(token.clone());
        }
        let form = [("grant_type", "client_credentials")];
        let who = Authorization::client(&self.client_id, &self.secret);
        let address = format!("{}/api/v2/token", self.platform);
        let answer = self.outside.post_form(&address, &form, Some(who)).await?;
        let told: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        match told["access_token"].as_str() {
            Some(token) => {
                *kept = Some(token.to_owned());
                Ok(token.to_owned())
            }
            None => Err(Trouble::Other(format!(
                "the platform gives no token: {} ({})",
                told["error"].as_str().unwrap_or("no reason told"),
                answer.status
            ))),
        }
    }
}

fn not_awaited() -> &'static str {
    "nobody awaits the answer"
}

/// What a host answered, with how long it may be kept.
fn answered(answer: &Answer) -> RelayAnswer {
    let mut headers = Vec::new();
    if let Some(kind) = &answer.content_type {
        headers.push(("content-type".to_owned(), kind.clone()));
    }
    if let Some(lifetime) = answer.lifetime {
        let kept = format!("max-age={}", lifetime.as_secs());
        headers.push(("cache-control".to_owned(), kept));
    }
    RelayAnswer::answered(answer.status, headers, &answer.body)
}
