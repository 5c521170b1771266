//! The way of a sign-in: the request is read, the person signs in and agrees, the service gets its
//! code.

use jiff::{SignedDuration, Timestamp};
use jose::claims::Rules;
use jose::jwk::JwkSet;
use jose::jws::{Typ, Unverified};
use jose::{Algorithm, Limits};
use ports::{AccountSummary, PersonId, SessionSummary};

use crate::domain::{
    AuthorizationRequest, CLOCKS_DIFFER_SECONDS, Client, ErrorCode, Interaction, Level, OAuthError,
    Params, PersonClaims, Profile, Refusal, Scopes, SignedInPerson, Step, decide, read_request,
    with_query,
};
use crate::store::arrivals;
use crate::store::authorizations::{self, Authorization, Code};
use crate::store::requests::{self, Waiting, Waits};
use crate::store::{clients, figures};
use crate::{Identity, IdentityError};

/// How long a person may take to sign in and agree.
const PERSON_TAKES: SignedDuration = SignedDuration::from_mins(15);
/// How long a pushed request waits for its browser (RFC 9126 proposes 5 to 600 seconds).
pub(crate) const PUSHED_SECONDS: i64 = 60;
/// What the address of a pushed request begins with.
const PUSHED: &str = "urn:ietf:params:oauth:request_uri:";
/// How long a code waits for the service.
const CODE_LIVES: SignedDuration = SignedDuration::from_secs(60);
/// The same in the French profile.
const CODE_LIVES_FRANCE: SignedDuration = SignedDuration::from_secs(30);
/// Oldest request object, in seconds.
const REQUEST_OBJECT_SECONDS_MAX: i64 = 300;

/// Where a sign-in stands.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The browser goes back to the service, with its code or its error.
    Return {
        /// The whole address.
        address: String,
        /// The service's name.
        service: String,
    },
    /// The person signs in.
    SignIn {
        /// What finds the request again.
        ticket: String,
        /// Even if somebody is signed in.
        again: bool,
        /// The address that the service expects.
        hint: Option<String>,
    },
    /// The person is asked.
    Consent(Box<Asked>),
    /// Nothing can be told to the service: the person reads it here.
    Page(OAuthError),
}

/// What a person is asked.
#[derive(Debug)]
pub(crate) struct Asked {
    /// What finds the request again.
    pub(crate) ticket: String,
    /// Who asks.
    pub(crate) client: Client,
    /// What would be told.
    pub(crate) scopes: Scopes,
    /// Of whom.
    pub(crate) person: AccountSummary,
}

/// A request on its way.
struct Course {
    client: Client,
    request: AuthorizationRequest,
    parameters: Params,
}

/// Where on its way a request is.
enum At<'t> {
    /// It has just come.
    Begun,
    /// A person was asked something.
    Resumed {
        ticket: &'t str,
        asked_at: Timestamp,
        agreed: bool,
    },
}

impl Identity {
    /// A request that a browser brings. `cookie` is the platform's session cookie.
    pub(crate) async fn begin(
        &self,
        parameters: Params,
        cookie: Option<&str>,
    ) -> Result<Outcome, IdentityError> {
        match self.read(parameters).await? {
            Ok(course) => self.go_on(course, cookie, At::Begun).await,
            Err(outcome) => Ok(outcome),
        }
    }

    /// The same request, after the person has signed in or answered. `agreed` is the answer.
    pub(crate) async fn resume(
        &self,
        ticket: &str,
        cookie: Option<&str>,
        agreed: Option<bool>,
    ) -> Result<Outcome, IdentityError> {
        let now = self.source.now();
        let key = (Waits::ForPerson, ticket);
        let found = requests::find(&self.db, key, now).await?;
        let expired = || Outcome::Page(OAuthError::request("this sign-in is over: begin anew"));
        let Some(waiting) = found else {
            return Ok(expired());
        };
        let client = clients::find(&self.db, waiting.client).await?;
        let Some(client) = client.filter(|client| !client.suspended) else {
            return Ok(Outcome::Page(suspended()));
        };
        let request = match read_request(&client, &waiting.parameters) {
            Ok(request) => request,
            // Its registration was changed in the meantime.
            Err(Refusal::Page(error) | Refusal::Client { error, .. }) => {
                return Ok(Outcome::Page(error));
            }
        };
        let course = Course {
            client,
            request,
            parameters: waiting.parameters,
        };
        if agreed == Some(false) {
            let mut tx = self.db.begin().await?;
            if !requests::take(&mut tx, key).await? {
                return Ok(expired());
            }
            figures::count(&mut tx, now, course.client.id, "denied").await?;
            tx.commit().await?;
            let error = OAuthError::new(ErrorCode::AccessDenied, "the person said no");
            return Ok(self.return_error(&course, &error));
        }
        let at = At::Resumed {
            ticket,
            asked_at: waiting.created_at,
            agreed: agreed == Some(true),
        };
        self.go_on(course, cookie, at).await
    }

    /// Keeps a request that a service pushes (RFC 9126); gives the address under which its browser
    /// brings it.
    pub(crate) async fn push(
        &self,
        client: &Client,
        parameters: Params,
    ) -> Result<String, IdentityError> {
        if parameters.get("request_uri").is_some() {
            let told = "request_uri has no place in a pushed request";
            return Err(OAuthError::request(told).into());
        }
        let kept = ["client_secret", "client_assertion", "client_assertion_type"];
        let mut parameters = parameters;
        // What proves the service isn't a part of the request, and must not be stored.
        parameters
            .0
            .retain(|(name, _)| !kept.contains(&name.as_str()));
        if parameters.get("client_id").is_none() {
            let named = ("client_id".to_owned(), client.client_id.clone());
            parameters.0.push(named);
        }
        let opened = self.open_object(client, parameters)?;
        match read_request(client, &opened) {
            Ok(_) => {}
            Err(Refusal::Page(error) | Refusal::Client { error, .. }) => return Err(error.into()),
        }
        let now = self.source.now();
        let ticket = self.new_secret();
        let waiting = Waiting {
            client: client.id,
            parameters: opened,
            created_at: now,
        };
        let until = now + SignedDuration::from_secs(PUSHED_SECONDS);
        requests::keep(&self.db, (Waits::ForBrowser, &ticket), &waiting, until).await?;
        Ok(format!("{PUSHED}{ticket}"))
    }

    async fn read(&self, parameters: Params) -> Result<Result<Course, Outcome>, IdentityError> {
        let page = |error| Ok(Err(Outcome::Page(error)));
        let twice = parameters.0.iter().filter(|(name, _)| name == "client_id");
        let Some(named) = parameters.get("client_id").filter(|_| twice.count() == 1) else {
            return page(OAuthError::request("client_id is missing, or there twice"));
        };
        let Some(client) = self.known(named).await? else {
            return page(OAuthError::request("no service has this client_id"));
        };
        if client.client.suspended {
            return page(suspended());
        }
        let client = client.client.clone();
        let opened = match parameters.get("request_uri") {
            Some(address) => match self.take_pushed(&client, address).await? {
                Some(pushed) => Ok(pushed),
                None => Err(OAuthError::new(
                    ErrorCode::RequestUriNotSupported,
                    "request_uri is one that the pushed authorization request endpoint gave, once, \
                     for a minute",
                )),
            },
            None => match self.open_object(&client, parameters.clone()) {
                Ok(opened) => Ok(opened),
                Err(IdentityError::Refused(error)) => Err(error),
                Err(error) => return Err(error),
            },
        };
        // A mistake in an object is told to the service only where the plain address beside it is
        // known to be its own.
        let read = match opened {
            Ok(opened) => read_request(&client, &opened).map(|request| (request, opened)),
            Err(error) => Err(beside(&client, &parameters, error)),
        };
        match read {
            Ok((request, parameters)) => Ok(Ok(Course {
                client,
                request,
                parameters,
            })),
            Err(Refusal::Page(error)) => page(error),
            Err(Refusal::Client {
                redirect_uri,
                state,
                error,
            }) => {
                let now = self.source.now();
                figures::count(&self.db, now, client.id, "refused").await?;
                Ok(Err(Outcome::Return {
                    address: self.error_address(&redirect_uri, state.as_deref(), &error),
                    service: client.draft.name,
                }))
            }
        }
    }

    async fn take_pushed(
        &self,
        client: &Client,
        address: &str,
    ) -> Result<Option<Params>, IdentityError> {
        let Some(ticket) = address.strip_prefix(PUSHED) else {
            return Ok(None);
        };
        let key = (Waits::ForBrowser, ticket);
        let found = requests::find(&self.db, key, self.source.now()).await?;
        let Some(waiting) = found.filter(|waiting| waiting.client == client.id) else {
            return Ok(None);
        };
        // Of two browsers one is answered.
        Ok(requests::take(&self.db, key)
            .await?
            .then_some(waiting.parameters))
    }

    /// The parameters inside a signed request object (RFC 9101), which replace those beside it; the
    /// parameters as they are when there is none.
    fn open_object(&self, client: &Client, parameters: Params) -> Result<Params, IdentityError> {
        let refused =
            |told: &str| OAuthError::new(ErrorCode::InvalidRequestObject, told.to_owned());
        let Some(object) = parameters.get("request") else {
            return Ok(parameters);
        };
        let token = Unverified::parse(object, &Limits::SIGNED)
            .map_err(|error| refused(&error.to_string()))?;
        let set = client
            .draft
            .jwks
            .as_deref()
            .and_then(|jwks| JwkSet::parse(jwks.as_bytes()).ok())
            .ok_or_else(|| refused("the client has no registered key to sign requests with"))?;
        let algorithm = Algorithm::from_name(token.header().algorithm())
            .ok_or_else(|| refused("the request object isn't signed by a known algorithm"))?;
        let keys = set.verification_keys(algorithm);
        let typ = Typ::AbsentOr(&["JWT", "oauth-authz-req+jwt"]);
        let claims = token
            .verify_any(&keys, typ)
            .map_err(|error| refused(&error.to_string()))?
            .claims()
            .map_err(|error| refused(&error.to_string()))?;
        Rules::new()
            .issuer(&client.client_id)
            .audience(&self.issuer)
            .leeway_seconds(10)
            .lifetime_seconds_max(REQUEST_OBJECT_SECONDS_MAX)
            .check(&claims, self.now_seconds())
            .map_err(|error| refused(&error.to_string()))?;
        if claims.get("request").is_some() || claims.get("request_uri").is_some() {
            return Err(refused("a request object holds no other one").into());
        }
        if claims.text("client_id") != Some(client.client_id.as_str()) {
            return Err(refused("client_id inside the request object is another one").into());
        }
        let pairs = claims
            .members()
            .iter()
            .filter(|(name, _)| {
                !["iss", "aud", "exp", "nbf", "iat", "jti"].contains(&name.as_str())
            })
            .map(|(name, value)| {
                let text = match value {
                    serde_json::Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                (name.clone(), text)
            });
        Ok(Params(pairs.collect()))
    }

    async fn go_on(
        &self,
        course: Course,
        cookie: Option<&str>,
        at: At<'_>,
    ) -> Result<Outcome, IdentityError> {
        let person = self.signed_in(cookie).await?;
        let expected = match &person {
            Some(person) => self.is_expected(&course, person).await?,
            None => None,
        };
        let agreed = match &person {
            Some(person) if course.client.draft.asks_consent => {
                authorizations::agreed(&self.db, person.person, course.client.id).await?
            }
            _ => Scopes::default(),
        };
        let interaction = match &at {
            At::Begun => Interaction::default(),
            At::Resumed {
                asked_at, agreed, ..
            } => Interaction {
                asked_at_micros: Some(asked_at.as_microsecond()),
                has_agreed: *agreed,
            },
        };
        let now = self.source.now();
        let step = decide(
            &course.client,
            &course.request,
            person.as_ref(),
            expected,
            &agreed,
            &interaction,
            now.as_second(),
        );
        match (step, person) {
            (Step::Answer, Some(person)) => {
                self.answer(course, person, &at, agreed, interaction.has_agreed)
                    .await
            }
            (Step::Refuse(error), _) => {
                if let At::Resumed { ticket, .. } = at {
                    requests::take(&self.db, (Waits::ForPerson, ticket)).await?;
                }
                figures::count(&self.db, now, course.client.id, "refused").await?;
                Ok(self.return_error(&course, &error))
            }
            (Step::Consent(scopes), Some(person)) => {
                let account = self.accounts.account(PersonId(person.person)).await?;
                let Some(account) = account else {
                    return Ok(Outcome::Page(OAuthError::request("the account is closed")));
                };
                Ok(Outcome::Consent(Box::new(Asked {
                    ticket: self.ticket(&course, &at).await?,
                    client: course.client,
                    scopes,
                    person: account,
                })))
            }
            (Step::SignIn { again }, _) => Ok(Outcome::SignIn {
                ticket: self.ticket(&course, &at).await?,
                again,
                hint: course.request.login_hint.clone(),
            }),
            // Only a person who is signed in is asked or answered for.
            (Step::Answer | Step::Consent(_), None) => Ok(Outcome::SignIn {
                ticket: self.ticket(&course, &at).await?,
                again: false,
                hint: course.request.login_hint.clone(),
            }),
        }
    }

    /// What finds the request again: the ticket that there is, or a new one.
    async fn ticket(&self, course: &Course, at: &At<'_>) -> Result<String, IdentityError> {
        if let At::Resumed { ticket, .. } = at {
            return Ok((*ticket).to_owned());
        }
        let now = self.source.now();
        let ticket = self.new_secret();
        let waiting = Waiting {
            client: course.client.id,
            parameters: course.parameters.clone(),
            created_at: now,
        };
        let key = (Waits::ForPerson, ticket.as_str());
        requests::keep(&self.db, key, &waiting, now + PERSON_TAKES).await?;
        Ok(ticket)
    }

    /// Whose session a cookie is.
    async fn signed_in(
        &self,
        cookie: Option<&str>,
    ) -> Result<Option<SignedInPerson>, IdentityError> {
        let Some(cookie) = cookie else {
            return Ok(None);
        };
        let session = self.accounts.session(cookie).await?;
        Ok(session.map(|session| {
            let begun_at = session.begun_at.as_microsecond();
            let proved = Proved::of(&session);
            SignedInPerson {
                person: session.person.0,
                session: session.id,
                auth_time: proved.auth_time,
                proved_at_micros: proved.at_latest_micros.min(begun_at),
                level: proved.level,
                methods: session.methods,
            }
        }))
    }

    /// Whether the person is the one that the service named, when it named one.
    async fn is_expected(
        &self,
        course: &Course,
        person: &SignedInPerson,
    ) -> Result<Option<bool>, IdentityError> {
        let subject = self.subject(&course.client, person.person).await?;
        let mut expected = None;
        if let Some(hint) = &course.request.id_token_hint {
            let hint = self.read_hint(hint).await?;
            let fits = hint.is_some_and(|hint| {
                hint.client_id == course.client.client_id && hint.subject == subject
            });
            expected = Some(fits);
        }
        let claims = course.request.claims.id_token.iter();
        for claim in claims.filter(|claim| claim.name == "sub") {
            if let Some(value) = &claim.value {
                expected = Some(expected.unwrap_or(true) && *value == subject);
            }
        }
        Ok(expected)
    }

    async fn answer(
        &self,
        course: Course,
        person: SignedInPerson,
        at: &At<'_>,
        agreed: Scopes,
        has_agreed: bool,
    ) -> Result<Outcome, IdentityError> {
        let now = self.source.now();
        let Course {
            client, request, ..
        } = course;
        let authorization = Authorization {
            id: self.source.new_id(),
            client: client.id,
            person: person.person,
            session: person.session,
            scopes: request.scopes.clone(),
            claims: request.claims,
            nonce: request.nonce,
            acr: person.level.name().to_owned(),
            amr: person.methods,
            auth_time: person.auth_time,
            offline: request.scopes.is_offline(),
            created_at: now,
            revoked_at: None,
        };
        let lives = match client.draft.profile {
            Profile::Standard => CODE_LIVES,
            Profile::France => CODE_LIVES_FRANCE,
        };
        let code = Code {
            redirect_uri: request.redirect_uri.clone(),
            challenge: request
                .challenge
                .map(|challenge| challenge.as_str().to_owned()),
            dpop_jkt: request.dpop_jkt,
            expires_at: now + lives,
            used_at: None,
        };
        let secret = self.new_secret();
        let coded = (secret.as_str(), &code);
        match at {
            // Nothing else is written: one statement, no transaction around it.
            At::Begun if !has_agreed => {
                authorizations::insert(&self.db, &authorization, coded).await?;
            }
            _ => {
                let mut tx = self.db.begin().await?;
                if let At::Resumed { ticket, .. } = at
                    && !requests::take(&mut tx, (Waits::ForPerson, ticket)).await?
                {
                    let told = "this sign-in is over: begin anew";
                    return Ok(Outcome::Page(OAuthError::request(told)));
                }
                if has_agreed {
                    let both = Scopes::parse(&format!("{agreed} {}", request.scopes));
                    authorizations::agree(&mut tx, person.person, client.id, &both, now).await?;
                }
                authorizations::insert(&mut tx, &authorization, coded).await?;
                tx.commit().await?;
            }
        }
        let mut parameters = vec![("code", secret.as_str())];
        if let Some(state) = &request.state {
            parameters.push(("state", state));
        }
        // RFC 9207: whoever answers says who it is.
        parameters.push(("iss", &self.issuer));
        Ok(Outcome::Return {
            address: with_query(&request.redirect_uri, &parameters),
            service: client.draft.name,
        })
    }

    fn return_error(&self, course: &Course, error: &OAuthError) -> Outcome {
        let request = &course.request;
        Outcome::Return {
            address: self.error_address(&request.redirect_uri, request.state.as_deref(), error),
            service: course.client.draft.name.clone(),
        }
    }

    fn error_address(&self, redirect: &str, state: Option<&str>, error: &OAuthError) -> String {
        let mut parameters = vec![
            ("error", error.code.as_str()),
            ("error_description", error.description.as_str()),
        ];
        if let Some(state) = state {
            parameters.push(("state", state));
        }
        parameters.push(("iss", &self.issuer));
        with_query(redirect, &parameters)
    }

    /// What is known of the person of an authorization that still holds, as scopes tell it: not
    /// revoked, the account open, and the session going on unless the person agreed that it needn't.
    pub(crate) async fn person_of(
        &self,
        authorization: &Authorization,
    ) -> Result<Option<PersonClaims>, IdentityError> {
        if authorization.revoked_at.is_some() {
            return Ok(None);
        }
        let session = (!authorization.offline).then_some(authorization.session);
        let person = PersonId(authorization.person);
        let Some(account) = self.accounts.account_in(person, session).await? else {
            return Ok(None);
        };
        let asks_provider = ["idp_id", "idp_acr"].into_iter().any(|claim| {
            let claims = &authorization.claims;
            let asked = claims.id_token.iter().chain(&claims.userinfo);
            authorization.scopes.has(claim) || asked.clone().any(|one| one.name == claim)
        });
        let opened = if asks_provider {
            arrivals::session(&self.db, authorization.session).await?
        } else {
            None
        };
        let idp_id = opened.as_ref().map(|opened| opened.provider.to_string());
        let idp_acr = opened.and_then(|opened| opened.idp_acr);
        Ok(Some({
            let (siret, unit) = match account.organisation {
                Some(organisation) => (organisation.siret, Some(organisation.name)),
                None => (None, None),
            };
            PersonClaims {
                uid: account.id.to_string(),
                name: account.name,
                email: account.email,
                siret,
                organizational_unit: unit,
                idp_id,
                idp_acr,
            }
        }))
    }
}

/// What a session proves.
struct Proved {
    level: Level,
    auth_time: i64,
    at_latest_micros: i64,
}

impl Proved {
    /// A session that a provider opened proves what was stored then, nothing more: neither its
    /// methods nor its beginning here make it stronger or fresher than the provider said.
    fn of(session: &SessionSummary) -> Self {
        let begun_at = session.begun_at.as_second();
        let Some(brokered) = &session.brokered else {
            return Self {
                level: Level::of_local_account(&session.methods),
                auth_time: begun_at,
                at_latest_micros: i64::MAX,
            };
        };
        let proved_at = brokered.proved_at.map(Timestamp::as_second);
        let auth_time = proved_at.unwrap_or(begun_at).min(begun_at);
        // The provider's clock may be behind ours, and tells whole seconds.
        let at_latest = proved_at.map(|at| at.saturating_add(CLOCKS_DIFFER_SECONDS + 1));
        Self {
            level: Level::parse(&brokered.level).unwrap_or(Level::LOWEST),
            auth_time,
            at_latest_micros: at_latest.map_or(i64::MAX, |at| at.saturating_mul(1_000_000)),
        }
    }
}

fn suspended() -> OAuthError {
    OAuthError::new(
        ErrorCode::UnauthorizedClient,
        "this service is suspended by the operator",
    )
}

/// Where to tell a mistake of an object or of its address.
fn beside(client: &Client, parameters: &Params, error: OAuthError) -> Refusal {
    let redirect = parameters.get("redirect_uri").filter(|address| {
        let known = client.draft.redirect_uris.iter();
        known.clone().any(|known| known == address)
    });
    match redirect {
        None => Refusal::Page(error),
        Some(redirect_uri) => Refusal::Client {
            redirect_uri: redirect_uri.to_owned(),
            state: parameters.get("state").map(str::to_owned),
            error,
        },
    }
}
