//! The way of a sign-in: the request is read, the person signs in and agrees, the service gets its
//! code.

use jiff::{SignedDuration, Timestamp};
use ports::{AccountSummary, PersonId};

use crate::domain::{
    AuthorizationRequest, Client, Demand, ErrorCode, Interaction, Level, OAuthError, Params,
    PersonClaims, Profile, Refusal, Scopes, SignedInPerson, Step, decide, read_request,
};
use crate::pushed::{PUSHED_ONCE, beside, forget_mark, pushed_mark, used_request_uri};
use crate::store::authorizations::{self, Authorization, Code};
use crate::store::requests::{self, Waiting, Waits};
use crate::store::{clients, figures};
use crate::{Identity, IdentityError};

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
                if !self.answers_first(&course).await? {
                    return Ok(Outcome::Page(used_request_uri()));
                }
                self.return_error(&course.client, &course.request, &error)
                    .await
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
    pub(crate) async fn signed_in(
        &self,
        cookie: Option<&str>,
    ) -> Result<Option<SignedInPerson>, IdentityError> {
        let Some(cookie) = cookie else {
            return Ok(None);
        };
        let session = self.accounts.session(cookie).await?;
        Ok(session.map(|session| SignedInPerson {
            person: session.person.0,
            session: session.id,
            auth_time: session.begun_at.as_second(),
            proved_at_micros: session.begun_at.as_microsecond(),
            level: Level::of_local_account(&session.methods),
            methods: session.methods,
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
        let account = self.accounts.account_in(person, session).await?;
        Ok(account.map(|account| {
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
            }
        }))
    }
}

fn suspended() -> OAuthError {
    OAuthError::new(
        ErrorCode::UnauthorizedClient,
        "this service is suspended by the operator",
    )
}
