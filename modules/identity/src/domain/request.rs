//! Reading an authorization request: OpenID Connect Core 3.1.2, RFC 6749, RFC 7636, RFC 9126.
//!
//! Whatever is wrong before the client and the address to return to are known is told on a page of
//! ours: nobody is sent to an address that a stranger wrote.

use jose::pkce::Challenge;
use serde::{Deserialize, Serialize};

use super::client::{Client, GrantType, Profile};
use super::error::{ErrorCode, OAuthError};
use super::resource::Resources;
use super::response::{ResponseMode, ReturnTo};
use super::scope::Scopes;

/// The parameters of a request, in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Params(pub Vec<(String, String)>);

/// Longest value of one parameter, in bytes.
pub const VALUE_BYTES_MAX: usize = 8_192;
/// Most parameters.
const PARAMETERS_MAX: usize = 60;

impl Params {
    /// Reads `a=b&c=d`.
    pub fn parse(encoded: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(encoded);
        Self(
            pairs
                .map(|(k, v)| (k.into_owned(), v.into_owned()))
                .collect(),
        )
    }

    /// The value of a parameter; an empty one counts as absent (RFC 6749, section 3.1).
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Every value of a parameter that may be repeated, the empty ones left out.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let found = self.0.iter().filter(move |(key, _)| key == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Whether it can be read at all: no parameter twice (RFC 6749, section 3.1), none too long.
    pub fn check(&self) -> Result<(), OAuthError> {
        if self.0.len() > PARAMETERS_MAX {
            let told = format!("at most {PARAMETERS_MAX} parameters");
            return Err(OAuthError::request(told));
        }
        for (at, (name, value)) in self.0.iter().enumerate() {
            // These may be repeated (RFC 8707, section 2; RFC 8693, section 2.1).
            let twice = self.0[..at].iter().any(|(earlier, _)| earlier == name);
            if twice && !["resource", "audience"].contains(&name.as_str()) {
                let shown: String = name.chars().take(40).collect();
                return Err(OAuthError::request(format!("{shown} is there twice")));
            }
            if value.len() > VALUE_BYTES_MAX {
                let shown: String = name.chars().take(40).collect();
                let told = format!("{shown} has more than {VALUE_BYTES_MAX} bytes");
                return Err(OAuthError::request(told));
            }
        }
        Ok(())
    }
}

impl std::fmt::Display for Params {
    /// As `a=b&c=d`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut query = form_urlencoded::Serializer::new(String::new());
        f.write_str(&query.extend_pairs(&self.0).finish())
    }
}

/// What the request says of asking the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools)] // four words that may stand together
pub struct Prompts {
    /// Ask nothing.
    pub none: bool,
    /// Prove anew who you are.
    pub login: bool,
    /// Be asked again.
    pub consent: bool,
    /// Choose an account.
    pub select_account: bool,
}

/// A claim asked for by name (OpenID Connect Core 5.5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedClaim {
    /// Its name.
    pub name: String,
    /// The only value that will do, if one was named.
    pub value: Option<String>,
    /// Values that will do.
    pub values: Vec<String>,
    /// Whether the service says that it can't do without.
    pub essential: bool,
}

impl RequestedClaim {
    /// A claim without further wishes.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: None,
            values: Vec::new(),
            essential: false,
        }
    }
}

/// The claims asked for by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// In userinfo.
    pub userinfo: Vec<RequestedClaim>,
    /// In the identity token.
    pub id_token: Vec<RequestedClaim>,
}

impl ClaimsRequest {
    fn parse(text: &str) -> Result<Self, OAuthError> {
        let wrong = || OAuthError::request("claims must be an object of userinfo and id_token");
        let value: serde_json::Value = serde_json::from_str(text).map_err(|_| wrong())?;
        let members = value.as_object().ok_or_else(wrong)?;
        let read = |part: &str| -> Result<Vec<RequestedClaim>, OAuthError> {
            let Some(asked) = members.get(part) else {
                return Ok(Vec::new());
            };
            let asked = asked.as_object().ok_or_else(wrong)?;
            if asked.len() > PARAMETERS_MAX {
                return Err(wrong());
            }
            let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
            Ok(asked
                .iter()
                .map(|(name, wish)| RequestedClaim {
                    name: name.clone(),
                    value: wish.get("value").and_then(text),
                    values: wish
                        .get("values")
                        .and_then(serde_json::Value::as_array)
                        .map(|values| values.iter().filter_map(text).collect())
                        .unwrap_or_default(),
                    essential: wish.get("essential").and_then(serde_json::Value::as_bool)
                        == Some(true),
                })
                .collect())
        };
        Ok(Self {
            userinfo: read("userinfo")?,
            id_token: read("id_token")?,
        })
    }
}

/// A request that can be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// Where and how to answer.
    pub to: ReturnTo,
    /// What the client recognises its identity token by.
    pub nonce: Option<String>,
    /// What is asked for, within the registration.
    pub scopes: Scopes,
    /// The resources that tokens are for (RFC 8707).
    pub resources: Resources,
    /// The claims asked for by name.
    pub claims: ClaimsRequest,
    /// PKCE.
    pub challenge: Option<Challenge>,
    /// What it says of asking the person.
    pub prompts: Prompts,
    /// Most seconds since the person proved who it is.
    pub max_age: Option<i64>,
    /// Levels asked for, the best liked first.
    pub acr_values: Vec<String>,
    /// A level without which the sign-in must fail.
    pub acr_essential: Vec<String>,
    /// Who is expected, by an identity token of ours.
    pub id_token_hint: Option<String>,
    /// Who is expected, by what the person may type.
    pub login_hint: Option<String>,
    /// The key that the code is to be bound to (RFC 9449, section 10).
    pub dpop_jkt: Option<String>,
}

/// Why a request isn't answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Told on a page of ours: the address to return to isn't known to be the client's.
    Page(OAuthError),
    /// Told to the client.
    Client {
        /// Where and how to answer.
        to: ReturnTo,
        /// What is wrong.
        error: OAuthError,
    },
}

/// Longest `state` and `nonce`, in bytes.
pub(super) const STATE_BYTES_MAX: usize = 2_048;
/// Shortest `state` and `nonce` of the French profile, in characters.
const FRANCE_CHARS_MIN: usize = 32;

/// Reads the request of a known client. `issuer` is our own address, which may be named as a
/// resource.
pub fn read_request(
    client: &Client,
    issuer: &str,
    params: &Params,
) -> Result<AuthorizationRequest, Refusal> {
    let repeated = |name: &str| params.0.iter().filter(|(key, _)| key == name).count() > 1;
    if repeated("redirect_uri") || repeated("client_id") {
        return Err(Refusal::Page(OAuthError::request(
            "client_id or redirect_uri is there twice",
        )));
    }
    let redirect_uri = params
        .get("redirect_uri")
        .ok_or_else(|| Refusal::Page(OAuthError::request("redirect_uri is missing")))?;
    if !client
        .draft
        .redirect_uris
        .iter()
        .any(|known| known == redirect_uri)
    {
        return Err(Refusal::Page(OAuthError::request(
            "redirect_uri isn't registered for this client; it is compared exactly",
        )));
    }
    let to = ReturnTo::read(redirect_uri, params);
    read_checked(client, issuer, params, &to).map_err(|error| Refusal::Client { to, error })
}

fn read_checked(
    client: &Client,
    issuer: &str,
    params: &Params,
    to: &ReturnTo,
) -> Result<AuthorizationRequest, OAuthError> {
    params.check()?;
    if params.get("registration").is_some() {
        return Err(OAuthError::new(
            ErrorCode::RegistrationNotSupported,
            "services are registered beforehand",
        ));
    }
    match params.get("response_type") {
        None => return Err(OAuthError::request("response_type is missing")),
        Some("code") => {}
        Some(_) => {
            return Err(OAuthError::new(
                ErrorCode::UnsupportedResponseType,
                "response_type must be code",
            ));
        }
    }
    if !client
        .draft
        .grant_types
        .contains(&GrantType::AuthorizationCode)
    {
        return Err(OAuthError::new(
            ErrorCode::UnauthorizedClient,
            "this client doesn't sign people in",
        ));
    }
    if let Some(mode) = params.get("response_mode")
        && ResponseMode::parse(mode).is_none()
    {
        let told = "response_mode is query, form_post, jwt, query.jwt or form_post.jwt";
        return Err(OAuthError::request(told));
    }
    let asked = Scopes::parse(params.get("scope").unwrap_or_default());
    if !asked.is_openid() {
        return Err(OAuthError::new(
            ErrorCode::InvalidScope,
            "scope must hold openid",
        ));
    }
    let state = limited(params, "state")?;
    let nonce = limited(params, "nonce")?;
    let prompts = prompts(params)?;
    let acr_values: Vec<String> = params
        .get("acr_values")
        .map(|text| text.split_whitespace().map(str::to_owned).collect())
        .unwrap_or_default();
    if client.draft.profile == Profile::France {
        let short = |value: &Option<String>| {
            value
                .as_ref()
                .is_none_or(|value| value.chars().count() < FRANCE_CHARS_MIN)
        };
        if short(&state) || short(&nonce) {
            return Err(OAuthError::request(
                "state and nonce need at least 32 characters each",
            ));
        }
        if acr_values.is_empty() {
            return Err(OAuthError::request("acr_values is missing"));
        }
        if prompts.none {
            return Err(OAuthError::request("prompt=none isn't taken"));
        }
    }
    let claims = params.get("claims").map(ClaimsRequest::parse).transpose()?;
    let claims = claims.unwrap_or_default();
    let acr_essential = claims
        .id_token
        .iter()
        .find(|claim| claim.name == "acr" && claim.essential)
        .map(|claim| claim.value.iter().chain(&claim.values).cloned().collect())
        .unwrap_or_default();
    Ok(AuthorizationRequest {
        to: to.clone(),
        nonce,
        // Scopes that aren't known are left out (OpenID Connect Core 3.1.2.1).
        scopes: asked.within(&client.draft.scopes),
        resources: Resources::asked(params, "resource")?.within(&client.targets(issuer))?,
        challenge: challenge(client, params)?,
        prompts,
        max_age: max_age(params)?,
        acr_values,
        acr_essential,
        claims,
        id_token_hint: params.get("id_token_hint").map(str::to_owned),
        login_hint: params.get("login_hint").map(str::to_owned),
        dpop_jkt: params.get("dpop_jkt").map(str::to_owned),
    })
}

fn limited(params: &Params, name: &str) -> Result<Option<String>, OAuthError> {
    match params.get(name) {
        Some(value) if value.len() > STATE_BYTES_MAX => {
            let told = format!("{name} has more than {STATE_BYTES_MAX} bytes");
            Err(OAuthError::request(told))
        }
        value => Ok(value.map(str::to_owned)),
    }
}

fn prompts(params: &Params) -> Result<Prompts, OAuthError> {
    let mut prompts = Prompts::default();
    let words = params.get("prompt").unwrap_or_default();
    for word in words.split_whitespace() {
        match word {
            "none" => prompts.none = true,
            "login" => prompts.login = true,
            "consent" => prompts.consent = true,
            "select_account" => prompts.select_account = true,
            _ => {
                return Err(OAuthError::request(
                    "prompt holds none, login, consent or select_account",
                ));
            }
        }
    }
    if prompts.none && (prompts.login || prompts.consent || prompts.select_account) {
        return Err(OAuthError::request("prompt=none stands alone"));
    }
    Ok(prompts)
}

fn max_age(params: &Params) -> Result<Option<i64>, OAuthError> {
    params
        .get("max_age")
        .map(|text| {
            text.parse::<u32>()
                .map(i64::from)
                .map_err(|_| OAuthError::request("max_age is a whole number of seconds"))
        })
        .transpose()
}

fn challenge(client: &Client, params: &Params) -> Result<Option<Challenge>, OAuthError> {
    let Some(challenge) = params.get("code_challenge") else {
        if client.draft.needs_pkce {
            return Err(OAuthError::request(
                "code_challenge is missing: this client uses PKCE",
            ));
        }
        if params.get("code_challenge_method").is_some() {
            return Err(OAuthError::request("code_challenge is missing"));
        }
        return Ok(None);
    };
    Challenge::parse(params.get("code_challenge_method"), challenge)
        .map(Some)
        .map_err(|error| OAuthError::request(error.to_string()))
}
