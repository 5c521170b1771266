//! What we ask of a provider: its description, its keys, tokens for a code, what it knows.

use jose::claims::Claims;
use jose::jwk::JwkSet;
use jose::jws::Typ;
use jose::{Algorithm, ContentEncryption, Limits};
use kit_egress::{Answer, Authorization, EgressError, Request};

use crate::domain::{
    ExpectedToken, Metadata, Provider, ProviderAuth, TokenRefusal, UpstreamCause, UpstreamFailure,
    UpstreamIdentity, description_address, judge_id_token, judge_userinfo, signed_claims,
    subject_of,
};
use crate::store::departures::Departed;
use crate::store::providers;
use crate::{Identity, IdentityError};

/// Seconds that an assertion of ours is good for.
const ASSERTION_SECONDS: i64 = 60;
/// What an assertion is (RFC 7523).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Longest access token that we carry, in bytes: headers have limits.
const ACCESS_TOKEN_BYTES_MAX: usize = 8_192;
/// What identity tokens and userinfo say of their type.
const JWT: Typ<'static> = Typ::AbsentOr(&["JWT"]);
/// Dots between the parts of an encrypted token.
const ENCRYPTED_DOTS: usize = 4;

/// Either the provider's fault, which people are told, or ours.
#[derive(Debug)]
pub(crate) enum CallError {
    Upstream(UpstreamFailure),
    Own(IdentityError),
}

impl From<UpstreamFailure> for CallError {
    fn from(failure: UpstreamFailure) -> Self {
        Self::Upstream(failure)
    }
}

impl<E: Into<IdentityError>> From<E> for CallError {
    fn from(error: E) -> Self {
        Self::Own(error.into())
    }
}

/// What became of a request.
fn of_egress(error: &EgressError) -> UpstreamFailure {
    let cause = match error {
        EgressError::Slow { .. } => UpstreamCause::Slow,
        EgressError::TooLarge { .. } => UpstreamCause::TooLarge,
        EgressError::Url { .. } | EgressError::Forbidden { .. } => UpstreamCause::Description,
        EgressError::Status { status, .. } if *status < 500 => UpstreamCause::Description,
        _ => UpstreamCause::Down,
    };
    UpstreamFailure::new(cause, error.to_string())
}

/// An error's code, if it looks like one: the rest of what a provider says may hold anything.
pub(crate) fn error_code(text: &str) -> &str {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    let is_code = (1..=60).contains(&text.len()) && text.bytes().all(plain);
    if is_code {
        text
    } else {
        "an error without a readable code"
    }
}

fn is_encrypted(token: &str) -> bool {
    token.bytes().filter(|byte| *byte == b'.').count() == ENCRYPTED_DOTS
}

impl Identity {
    /// What a provider says of itself, from memory while it is good.
    pub(crate) async fn metadata(&self, provider: &Provider) -> Result<Metadata, UpstreamFailure> {
        self.described(provider, false).await
    }

    /// The same, asked for now if it wasn't a moment ago.
    pub(crate) async fn metadata_anew(
        &self,
        provider: &Provider,
    ) -> Result<Metadata, UpstreamFailure> {
        self.described(provider, true).await
    }

    async fn described(
        &self,
        provider: &Provider,
        anew: bool,
    ) -> Result<Metadata, UpstreamFailure> {
        if let Some(known) = Metadata::of_draft(&provider.draft) {
            return Ok(known);
        }
        let address = description_address(&provider.draft.issuer);
        let accept = "application/json";
        let cached = if anew {
            self.egress.cached_get_anew(&address, accept).await
        } else {
            self.egress.cached_get(&address, accept).await
        };
        let cached = cached.map_err(|error| of_egress(&error))?;
        let metadata = Metadata::read(&cached.answer.body, &provider.draft)?;
        // A browser is sent there: to nowhere that we wouldn't ask ourselves.
        for address in [Some(&metadata.authorization), metadata.end_session.as_ref()] {
            let checked = address.map_or(Ok(()), |address| self.egress.check_url(address));
            checked.map_err(|error| of_egress(&error))?;
        }
        Ok(metadata)
    }

    /// A provider's keys; anew when a key is missing among those in memory.
    pub(crate) async fn provider_keys(
        &self,
        metadata: &Metadata,
        anew: bool,
    ) -> Result<JwkSet, UpstreamFailure> {
        let accept = "application/jwk-set+json, application/json";
        let cached = if anew {
            self.egress.cached_get_anew(&metadata.jwks, accept).await
        } else {
            self.egress.cached_get(&metadata.jwks, accept).await
        };
        let cached = cached.map_err(|error| of_egress(&error))?;
        JwkSet::parse(&cached.answer.body)
            .map_err(|error| UpstreamFailure::new(UpstreamCause::Description, error.to_string()))
    }

    /// The claims of a token that the provider signed, and perhaps encrypted to us; its keys are
    /// asked for anew once when none of those in memory made it.
    pub(crate) async fn provider_claims(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        token: &str,
        algorithms: &[Algorithm],
        typ: Typ<'_>,
        cause: UpstreamCause,
    ) -> Result<(Claims, Algorithm), CallError> {
        let opened;
        let token = if is_encrypted(token) {
            opened = self.decrypted(provider, token, cause).await?;
            opened.as_str()
        } else {
            token
        };
        let keys = self.provider_keys(metadata, false).await?;
        match signed_claims(token, &keys, algorithms, typ, cause) {
            Ok(claims) => Ok(claims),
            Err(TokenRefusal::Final(failure)) => Err(failure.into()),
            Err(TokenRefusal::Keys(_)) => {
                let keys = self.provider_keys(metadata, true).await?;
                let read = signed_claims(token, &keys, algorithms, typ, cause);
                Ok(read.map_err(UpstreamFailure::from)?)
            }
        }
    }

    /// What is inside a token that was encrypted to us: a signed one, or it is refused later.
    async fn decrypted(
        &self,
        provider: &Provider,
        token: &str,
        cause: UpstreamCause,
    ) -> Result<String, CallError> {
        let fail = |detail: &str| UpstreamFailure::new(cause, detail);
        let Some(management) = provider.draft.encryption else {
            return Err(fail("the token is encrypted, which isn't agreed").into());
        };
        let keys = self.keys().await?;
        let key = keys.decryption(management);
        let key = key.ok_or_else(|| fail("no key of ours decrypts in this way"))?;
        let accepted = ContentEncryption::ALL;
        let opened = jose::jwe::decrypt(token, &[key], &accepted, &Limits::ENCRYPTED)
            .map_err(|error| fail(&error.to_string()))?;
        let inside = String::from_utf8(opened.content.to_vec());
        Ok(inside.map_err(|_| fail("what is encrypted isn't a signed token"))?)
    }

    /// Exchanges a code for what it says of the person.
    pub(crate) async fn exchange(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        departed: &Departed,
        code: &str,
    ) -> Result<UpstreamIdentity, CallError> {
        let answer = self
            .token_answer(provider, metadata, departed, code)
            .await?;
        let fail = |detail: &str| UpstreamFailure::new(UpstreamCause::Exchange, detail);
        let kind = answer.text("token_type").unwrap_or_default();
        if !kind.eq_ignore_ascii_case("bearer") {
            return Err(fail("the access token isn't of the type Bearer").into());
        }
        let access_token = answer
            .text("access_token")
            .filter(|token| (1..=ACCESS_TOKEN_BYTES_MAX).contains(&token.len()))
            .ok_or_else(|| fail("there is no access token, or it is too long"))?;
        let id_token = answer.text("id_token");
        let id_token = id_token.ok_or_else(|| fail("there is no identity token"))?;
        let draft = &provider.draft;
        let algorithms = &draft.id_token_algorithms;
        let cause = UpstreamCause::Token;
        let (claims, algorithm) = self
            .provider_claims(provider, metadata, id_token, algorithms, JWT, cause)
            .await?;
        let now = self.now_seconds();
        judge_id_token(
            &claims,
            algorithm,
            &ExpectedToken {
                draft,
                nonce: &departed.nonce,
                auth_after: departed.auth_after,
                access_token,
                now,
            },
        )?;
        let subject = subject_of(&claims)?;
        let told = self
            .told(provider, metadata, access_token, &subject)
            .await?;
        Ok(UpstreamIdentity::new(
            provider.clone(),
            subject,
            claims,
            told,
            id_token.to_owned(),
            now,
        ))
    }

    /// What the token endpoint answers.
    async fn token_answer(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        departed: &Departed,
        code: &str,
    ) -> Result<Claims, CallError> {
        let draft = &provider.draft;
        let redirect = self.return_address(&draft.code);
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &redirect),
            ("code_verifier", &departed.verifier),
        ];
        let (secret, assertion);
        let mut authorization = None;
        match draft.auth_method {
            ProviderAuth::PrivateKeyJwt => {
                assertion = self.assertion(provider).await?;
                form.push(("client_id", &draft.client_id));
                form.push(("client_assertion_type", ASSERTION_TYPE));
                form.push(("client_assertion", &assertion));
            }
            method => {
                secret = providers::secret(&self.db, provider.id)
                    .await?
                    .unwrap_or_default();
                if method == ProviderAuth::SecretBasic {
                    authorization = Some(Authorization::client(&draft.client_id, &secret));
                } else {
                    form.push(("client_id", &draft.client_id));
                    form.push(("client_secret", &secret));
                }
            }
        }
        let mut request = Request::post_form(&metadata.token, &form).accept("application/json");
        if let Some(authorization) = authorization {
            request = request.authorization(authorization);
        }
        let answer = self.egress.send(request).await;
        let answer = answer.map_err(|error| of_egress(&error))?;
        let read = Claims::parse(&answer.body);
        if !answer.is_success() {
            let code = read
                .ok()
                .and_then(|told| told.text("error").map(str::to_owned));
            let cause = if answer.status >= 500 {
                UpstreamCause::Down
            } else {
                UpstreamCause::Exchange
            };
            let detail = format!(
                "the token endpoint answers {}: {}",
                answer.status,
                error_code(code.as_deref().unwrap_or_default()),
            );
            return Err(UpstreamFailure::new(cause, detail).into());
        }
        let read = read.map_err(|error| {
            let detail = format!("the token endpoint's answer: {error}");
            UpstreamFailure::new(UpstreamCause::Exchange, detail)
        });
        Ok(read?)
    }

    /// Our proof for a provider that knows our keys (RFC 7523). It is for the issuer alone: an
    /// endpoint that somebody else supplied can't use it anywhere else.
    async fn assertion(&self, provider: &Provider) -> Result<String, IdentityError> {
        let draft = &provider.draft;
        let claims = Claims::new()
            .issuer(&draft.client_id)
            .subject(&draft.client_id)
            .audience(&draft.issuer)
            .lifetime(self.now_seconds(), ASSERTION_SECONDS)
            .id(&self.source.new_id().to_string());
        self.sign(draft.auth_algorithm, None, &claims).await
    }

    /// What userinfo tells, if the provider has it.
    async fn told(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        access_token: &str,
        subject: &str,
    ) -> Result<Option<Claims>, CallError> {
        let Some(address) = &metadata.userinfo else {
            return Ok(None);
        };
        let draft = &provider.draft;
        let is_signed = !draft.userinfo_algorithms.is_empty();
        let accept = if is_signed {
            "application/jwt"
        } else {
            "application/json"
        };
        let request = Request::get(address)
            .accept(accept)
            .authorization(Authorization::Bearer(access_token.to_owned()));
        let answer = self.egress.send(request).await;
        let answer = answer.map_err(|error| of_egress(&error))?;
        let claims = if is_signed {
            let token = token_of(&answer)?;
            let algorithms = &draft.userinfo_algorithms;
            let cause = UpstreamCause::Userinfo;
            let read = self.provider_claims(provider, metadata, token, algorithms, JWT, cause);
            read.await?.0
        } else {
            json_of(&answer)?
        };
        judge_userinfo(&claims, subject, draft, self.now_seconds())?;
        Ok(Some(claims))
    }
}

fn expect(answer: &Answer, media_type: &str) -> Result<(), UpstreamFailure> {
    let fail = |detail: String| UpstreamFailure::new(UpstreamCause::Userinfo, detail);
    if !answer.is_success() {
        return Err(fail(format!("userinfo answers {}", answer.status)));
    }
    if answer.media_type().as_deref() != Some(media_type) {
        return Err(fail(format!("userinfo isn't {media_type}")));
    }
    Ok(())
}

fn token_of(answer: &Answer) -> Result<&str, UpstreamFailure> {
    expect(answer, "application/jwt")?;
    std::str::from_utf8(&answer.body)
        .map(str::trim)
        .map_err(|_| UpstreamFailure::new(UpstreamCause::Userinfo, "userinfo isn't a token"))
}

fn json_of(answer: &Answer) -> Result<Claims, UpstreamFailure> {
    expect(answer, "application/json")?;
    Claims::parse(&answer.body)
        .map_err(|error| UpstreamFailure::new(UpstreamCause::Userinfo, error.to_string()))
}
