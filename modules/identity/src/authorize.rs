//! The way of a sign-in: the request is read, the person signs in and agrees, the service gets its
//! code.

mod step_up;

use jiff::{SignedDuration, Timestamp};
use ports::exchange::ScopeTold;

use crate::domain::{
    Audience, AuthorizationRequest, ClaimsRequest, Client, Demand, ErrorCode, Interaction,
    OAuthError, Params, Person, Profile, Refusal, Scopes, SignedInPerson, Step, decide,
    read_request,
};
use crate::people::Brought;
use crate::pushed::{PUSHED_ONCE, beside, forget_mark, pushed_mark, used_request_uri};
use crate::store::authorizations::{self, Authorization, Code};
use crate::store::requests::{self, Waiting, Waits};
use crate::store::{clients, figures, providers};
use crate::{Identity, IdentityError};
pub(crate) use step_up::StepUp;

/// How long a person may take to sign in and agree.
const PERSON_TAKES: SignedDuration = SignedDuration::from_mins(15);
/// How long a code waits for the service.
const CODE_LIVES: SignedDuration = SignedDuration::from_secs(60);
/// The same in the French profile.
const CODE_LIVES_FRANCE: SignedDuration = SignedDuration::from_secs(30);

/// Where a sign-in stands.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The browser goes back to the service, with its code or its error.
    Return {
        /// The whole address.
        address: String,
        /// What is sent there in a form (OAuth 2.0 Form Post Response Mode); by address when none.
        form: Option<Vec<(String, String)>>,
        /// The service's name.
        service: String,
    },
    /// The person signs in.
    SignIn {
        /// As whom.
        audience: Audience,
        /// What finds the request again.
        ticket: String,
        /// Even if somebody is signed in.
        again: bool,
        /// The address that the service expects.
        hint: Option<String>,
        /// The provider to which it goes at once, by its code.
        provider: Option<String>,
    },
    /// The person is asked.
    Consent(Box<Asked>),
    /// The person lacks a second factor.
    StepUp(StepUp),
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
    /// What would be told by name.
    pub(crate) claims: ClaimsRequest,
    /// Of whom.
    pub(crate) person: Person,
    /// What the service could look up on the person's behalf.
    pub(crate) looked_up: Vec<ScopeTold>,
}

/// A request on its way.
struct Course {
    client: Client,
    request: AuthorizationRequest,
    parameters: Params,
    /// The mark of a pushed request: it is answered once.
    pushed: Option<String>,
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
    /// A request that a browser brings.
    pub(crate) async fn begin(
        &self,
        parameters: Params,
        cookie: Brought<'_>,
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
        cookie: Brought<'_>,
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
        let request = match read_request(&client, &self.issuer, &waiting.parameters) {
            Ok(request) => request,
            // Its registration was changed in the meantime.
            Err(Refusal::Page(error) | Refusal::Client { error, .. }) => {
                return Ok(Outcome::Page(error));
            }
        };
        let course = Course {
            client,
            request,
            pushed: pushed_mark(&waiting.parameters),
            parameters: waiting.parameters,
        };
        if agreed == Some(false) {
            let mut tx = self.db.begin().await?;
            if !requests::take(&mut tx, key).await? {
                return Ok(expired());
            }
            figures::count(&mut tx, now, course.client.id, "denied").await?;
            tx.commit().await?;
            if !self.answers_first(&course).await? {
                return Ok(Outcome::Page(used_request_uri()));
            }
            let error = OAuthError::new(ErrorCode::AccessDenied, "the person said no");
            return self
                .return_error(&course.client, &course.request, &error)
                .await;
        }
        let at = At::Resumed {
            ticket,
            asked_at: waiting.created_at,
            agreed: agreed == Some(true),
        };
        self.go_on(course, cookie, at).await
    }

    /// The service of a request that waits for its person, and the levels of which one will do.
    pub(crate) async fn waiting_request(
        &self,
        ticket: &str,
    ) -> Result<Option<(Client, Vec<String>)>, IdentityError> {
        let key = (Waits::ForPerson, ticket);
        let found = requests::find(&self.db, key, self.source.now()).await?;
        let Some(waiting) = found else {
            return Ok(None);
        };
        let client = clients::find(&self.db, waiting.client).await?;
        Ok(client.and_then(|client| {
            let request = read_request(&client, &self.issuer, &waiting.parameters).ok()?;
            Some((client, request.acr_values))
        }))
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
        let mut parameters = parameters;
        forget_mark(&mut parameters);
        let opened = match parameters.get("request_uri") {
            Some(address) => self.find_pushed(&client, address).await,
            None if client.demands(Demand::Pushed) => {
                // Nobody is sent anywhere: what came in an address may be anybody's.
                let told = "this client pushes its requests beforehand (RFC 9126)";
                return page(OAuthError::request(told));
            }
            None => self.open_object(&client, parameters.clone()).await,
        };
        let opened = match opened {
            Ok(opened) => Ok(opened),
            Err(IdentityError::Refused(error)) => Err(error),
            Err(error) => return Err(error),
        };
        // A mistake in an object is told to the service only where the plain address beside it is
        // known to be its own.
        let read = match opened {
            Ok(opened) => read_request(&client, &self.issuer, &opened).map(|one| (one, opened)),
            Err(error) => Err(beside(&client, &parameters, error)),
        };
        match read {
            Ok((request, parameters)) => Ok(Ok(Course {
                client,
                request,
                pushed: pushed_mark(&parameters),
                parameters,
            })),
            Err(Refusal::Page(error)) => page(error),
            Err(Refusal::Client { to, error }) => {
                let now = self.source.now();
                figures::count(&self.db, now, client.id, "refused").await?;
                Ok(Err(self.respond_error(&client, &to, &error).await?))
            }
        }
    }

    /// Whether a request that was pushed is answered for the first time. Loading its page several
    /// times is no harm; being answered twice is.
    async fn answers_first(&self, course: &Course) -> Result<bool, IdentityError> {
        let Some(mark) = &course.pushed else {
            return Ok(true);
        };
        let until = self.source.now() + PERSON_TAKES * 2;
        Ok(requests::use_once(&self.db, PUSHED_ONCE, mark, until).await?)
    }

    async fn go_on(
        &self,
        course: Course,
        cookie: Brought<'_>,
        at: At<'_>,
    ) -> Result<Outcome, IdentityError> {
        let audience = course.client.draft.audience;
        let person = self.signed_in(audience, cookie).await?;
        let expected = match &person {
            Some(person) => {
                self.is_expected(&course.client, &course.request, person)
                    .await?
            }
            None => None,
        };
        let agreed = match &person {
            Some(person) if course.client.draft.asks_consent || audience == Audience::Citizens => {
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
        let (of, asked) = (&course.client, &course.request);
        let step = self
            .or_at_the_provider(step, of, asked, person.as_ref(), &interaction)
            .await?;
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
                if !self.answers_first(&course).await? {
                    return Ok(Outcome::Page(used_request_uri()));
                }
                self.return_error(&course.client, &course.request, &error)
                    .await
            }
            (Step::Consent(scopes), Some(person)) => {
                let known = self.person_asked(audience, &person).await?;
                let Some(known) = known else {
                    return Ok(Outcome::Page(OAuthError::request("the account is closed")));
                };
                Ok(Outcome::Consent(Box::new(Asked {
                    ticket: self.ticket(&course, &at).await?,
                    looked_up: self.looked_up(&scopes).await?,
                    client: course.client,
                    scopes,
                    claims: course.request.claims,
                    person: known,
                })))
            }
            (Step::SignIn { again }, _) => self.to_sign_in(&course, &at, again).await,
            (Step::SecondFactor, Some(person)) => self.step_up(course, person, &at).await,
            // Only a person who is signed in is asked or answered for.
            (Step::Answer | Step::Consent(_) | Step::SecondFactor, None) => {
                self.to_sign_in(&course, &at, false).await
            }
        }
    }

    /// Where the person signs in: by the provider that the service names (`idp_hint`), the first
    /// time; else the person chooses.
    async fn to_sign_in(
        &self,
        course: &Course,
        at: &At<'_>,
        again: bool,
    ) -> Result<Outcome, IdentityError> {
        let audience = course.client.draft.audience;
        let named = course.parameters.get("idp_hint");
        let provider = match named.filter(|_| matches!(at, At::Begun)) {
            Some(named) => providers::named(&self.db, named).await?,
            None => None,
        };
        let provider = provider.filter(|one| !one.suspended && one.draft.audience == audience);
        Ok(Outcome::SignIn {
            audience,
            ticket: self.ticket(course, at).await?,
            again,
            hint: course.request.login_hint.clone(),
            provider: provider.map(|one| one.draft.code),
        })
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

    async fn answer(
        &self,
        course: Course,
        person: SignedInPerson,
        at: &At<'_>,
        agreed: Scopes,
        has_agreed: bool,
    ) -> Result<Outcome, IdentityError> {
        let now = self.source.now();
        if !self.answers_first(&course).await? {
            return Ok(Outcome::Page(used_request_uri()));
        }
        let Course {
            client, request, ..
        } = course;
        let authorization = Authorization {
            id: self.source.new_id(),
            client: client.id,
            person: person.person,
            session: person.session,
            scopes: request.scopes.clone(),
            resources: request.resources,
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
            redirect_uri: request.to.redirect_uri.clone(),
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
        self.respond(&client, &request.to, &[("code", secret.as_str())])
            .await
    }
}

fn suspended() -> OAuthError {
    OAuthError::new(
        ErrorCode::UnauthorizedClient,
        "this service is suspended by the operator",
    )
}
