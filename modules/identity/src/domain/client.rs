//! Services that sign people in through the platform, and what their registration must satisfy.

use jose::Algorithm;
use uuid::Uuid;

use super::advanced::{Advanced, AdvancedForm, Demand};
use super::audience::Audience;
use super::redirect::{RedirectMistake, check_redirect, host_of};
use super::scope::{Scopes, exchange_scopes};

/// Which rules a service follows: those of OpenID Connect, or the stricter French ones, which
/// collide with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// OpenID Connect Core.
    #[default]
    Standard,
    /// `FranceConnect` and `ProConnect`: state and nonce of 32 characters, `acr_values` required, no
    /// `prompt=none`.
    France,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 2] = [Self::Standard, Self::France];

    /// Its name in columns and forms.
    pub fn code(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::France => "france",
        }
    }

    /// The profile of a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// How a service proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AuthMethod {
    /// A secret in the `Authorization` header.
    #[default]
    SecretBasic,
    /// A secret in the body.
    SecretPost,
    /// An assertion signed with its key (RFC 7523): nothing secret is shared.
    PrivateKeyJwt,
    /// A certificate that an authority vouches for (RFC 8705, section 2.1).
    TlsClientAuth,
    /// A certificate whose key is one of its registered keys (RFC 8705, section 2.2).
    SelfSignedTlsClientAuth,
    /// Not at all: an application on a person's machine, which must use PKCE.
    None,
}

impl AuthMethod {
    /// Every method.
    pub const ALL: [Self; 6] = [
        Self::SecretBasic,
        Self::SecretPost,
        Self::PrivateKeyJwt,
        Self::TlsClientAuth,
        Self::SelfSignedTlsClientAuth,
        Self::None,
    ];

    /// Its registered name.
    pub fn code(self) -> &'static str {
        match self {
            Self::SecretBasic => "client_secret_basic",
            Self::SecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
            Self::None => "none",
        }
    }

    /// The method of a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// Whether it needs a secret that we give.
    pub fn has_secret(self) -> bool {
        matches!(self, Self::SecretBasic | Self::SecretPost)
    }

    /// Whether it needs public keys that the service registers.
    pub fn needs_keys(self) -> bool {
        matches!(self, Self::PrivateKeyJwt | Self::SelfSignedTlsClientAuth)
    }

    /// Whether it is a certificate.
    pub fn is_certificate(self) -> bool {
        matches!(self, Self::TlsClientAuth | Self::SelfSignedTlsClientAuth)
    }

    /// Whether nothing secret is shared: what the service proves, nobody else can.
    pub fn is_asymmetric(self) -> bool {
        self == Self::PrivateKeyJwt || self.is_certificate()
    }
}

/// How a service may ask for tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantType {
    /// For a person who signs in.
    AuthorizationCode,
    /// Again, without the person.
    RefreshToken,
    /// For itself.
    ClientCredentials,
    /// For a token that it has or was shown (RFC 8693).
    TokenExchange,
    /// For a device without a browser (RFC 8628).
    DeviceCode,
}

impl GrantType {
    /// Every type.
    pub const ALL: [Self; 5] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
        Self::TokenExchange,
        Self::DeviceCode,
    ];

    /// Its registered name.
    pub fn code(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
        }
    }

    /// The type of a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// How a person is named to a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SubjectType {
    /// By a name of its own for each sector: two services can't compare.
    #[default]
    Pairwise,
    /// By the platform's own id.
    Public,
}

impl SubjectType {
    /// Every type.
    pub const ALL: [Self; 2] = [Self::Pairwise, Self::Public];

    /// Its registered name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Pairwise => "pairwise",
            Self::Public => "public",
        }
    }

    /// The type of a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// What an operator decides of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientDraft {
    /// Its name, as people read it before they consent.
    pub name: String,
    /// What it is for, in one or two sentences.
    pub purpose: String,
    /// Who answers for it.
    pub organisation_id: Option<Uuid>,
    /// Whom it signs in.
    pub audience: Audience,
    /// Its rules.
    pub profile: Profile,
    /// How it proves who it is.
    pub auth_method: AuthMethod,
    /// How it may ask for tokens.
    pub grant_types: Vec<GrantType>,
    /// Where a browser may be sent back to, compared exactly.
    pub redirect_uris: Vec<String>,
    /// Where a browser may be sent after signing out.
    pub post_logout_redirect_uris: Vec<String>,
    /// Where we say that a session ended.
    pub backchannel_logout_uri: Option<String>,
    /// What it may ask to know.
    pub scopes: Scopes,
    /// How people are named to it.
    pub subject_type: SubjectType,
    /// How its identity tokens are signed.
    pub id_token_algorithm: Algorithm,
    /// How its userinfo is signed; plain JSON when none.
    pub userinfo_algorithm: Option<Algorithm>,
    /// Its public keys, as JSON.
    pub jwks: Option<String>,
    /// Whether a code needs PKCE.
    pub needs_pkce: bool,
    /// Whether people are asked before their data is told.
    pub asks_consent: bool,
    /// Whether it serves data for tokens of others: it may ask what a token is worth.
    pub introspects: bool,
    /// What few services need.
    pub advanced: Advanced,
}

/// A service, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its id in pages.
    pub id: Uuid,
    /// The name by which it calls us.
    pub client_id: String,
    /// What was decided of it.
    pub draft: ClientDraft,
    /// Whether nobody can sign in to it for now.
    pub suspended: bool,
    /// For two operators at once.
    pub version: i64,
}

impl Client {
    /// The sector in which its pairwise names hold: the host of its addresses (OpenID Connect Core,
    /// section 8.1), so that several clients of one service know a person by one name. A
    /// registration holds addresses of one host when names are pairwise, or a list of them at an
    /// address whose host then is the sector.
    pub fn sector(&self) -> &str {
        let first = self.draft.redirect_uris.first();
        let listed = self.draft.advanced.sector_identifier_uri.as_ref();
        listed
            .or(first)
            .and_then(|address| host_of(address))
            .unwrap_or(&self.client_id)
    }
}

/// One mistake of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The field.
    pub field: &'static str,
    /// The key of its words.
    pub key: &'static str,
}

/// What was typed about a service: texts, one address a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // boxes of a form
pub struct ClientForm {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// Its organisation's id.
    pub organisation: String,
    /// An audience's code; nothing for agents.
    pub audience: String,
    /// A profile's code.
    pub profile: String,
    /// A method's code.
    pub auth_method: String,
    /// Addresses, one a line.
    pub redirect_uris: String,
    /// Addresses, one a line.
    pub post_logout_redirect_uris: String,
    /// An address.
    pub backchannel_logout_uri: String,
    /// Scopes that are ticked.
    pub scopes: Vec<String>,
    /// Scopes of the data exchange that citizens are asked for, between blanks or one a line.
    pub exchange_scopes: String,
    /// A type's code.
    pub subject_type: String,
    /// An algorithm's name.
    pub id_token_algorithm: String,
    /// An algorithm's name; nothing for plain JSON.
    pub userinfo_algorithm: String,
    /// JSON.
    pub jwks: String,
    /// Refresh tokens.
    pub refreshes: bool,
    /// Tokens for itself.
    pub acts_for_itself: bool,
    /// PKCE.
    pub needs_pkce: bool,
    /// Consent.
    pub asks_consent: bool,
    /// Introspection of other services' tokens.
    pub introspects: bool,
    /// What few services need.
    pub advanced: AdvancedForm,
}

/// Most addresses of one kind.
const ADDRESSES_MAX: usize = 20;
/// Longest name, in characters.
const NAME_CHARS_MAX: usize = 120;
/// Longest purpose, in characters.
const PURPOSE_CHARS_MAX: usize = 1_000;

pub(super) fn addresses(
    text: &str,
    field: &'static str,
    mistakes: &mut Vec<Mistake>,
) -> Vec<String> {
    let all: Vec<String> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect();
    if all.len() > ADDRESSES_MAX {
        mistakes.push(Mistake {
            field,
            key: "identity-mistake-addresses-many",
        });
    }
    if let Some(mistake) = all.iter().find_map(|address| check_redirect(address).err()) {
        mistakes.push(Mistake {
            field,
            key: match mistake {
                RedirectMistake::NotAbsolute => "identity-mistake-address-not-absolute",
                RedirectMistake::TooLong => "identity-mistake-address-long",
                RedirectMistake::NotHttps => "identity-mistake-address-not-https",
                RedirectMistake::Fragment => "identity-mistake-address-fragment",
                RedirectMistake::UserInfo => "identity-mistake-address-user",
                RedirectMistake::Wildcard => "identity-mistake-address-star",
            },
        });
    }
    all
}

impl ClientForm {
    /// The draft, or every mistake.
    pub fn check(&self) -> Result<ClientDraft, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut wrong = |field, key| mistakes.push(Mistake { field, key });
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
            wrong("name", "identity-mistake-name");
        }
        let purpose = self.purpose.trim();
        if purpose.is_empty() || purpose.chars().count() > PURPOSE_CHARS_MAX {
            wrong("purpose", "identity-mistake-purpose");
        }
        let organisation_id = match self.organisation.trim() {
            "" => None,
            text => {
                let id = text.parse().ok();
                if id.is_none() {
                    wrong("organisation", "identity-mistake-choice");
                }
                id
            }
        };
        let audience = match self.audience.as_str() {
            "" => Some(Audience::default()),
            code => Audience::parse(code),
        };
        let profile = Profile::parse(&self.profile);
        let auth_method = AuthMethod::parse(&self.auth_method);
        let subject_type = SubjectType::parse(&self.subject_type);
        let id_token = Algorithm::from_name(&self.id_token_algorithm);
        for (field, is_known) in [
            ("audience", audience.is_some()),
            ("profile", profile.is_some()),
            ("auth_method", auth_method.is_some()),
            ("subject_type", subject_type.is_some()),
            ("id_token_algorithm", id_token.is_some()),
        ] {
            if !is_known {
                wrong(field, "identity-mistake-choice");
            }
        }
        let userinfo_algorithm = Algorithm::from_name(&self.userinfo_algorithm);
        if userinfo_algorithm.is_none() && !self.userinfo_algorithm.is_empty() {
            wrong("userinfo_algorithm", "identity-mistake-choice");
        }
        let auth_method = auth_method.unwrap_or_default();
        let jwks = Some(self.jwks.trim()).filter(|jwks| !jwks.is_empty());
        match jwks.map(|jwks| jose::jwk::JwkSet::parse(jwks.as_bytes())) {
            Some(Ok(set)) if !set.keys.is_empty() => {}
            Some(_) => wrong("jwks", "identity-mistake-jwks"),
            None => {}
        }
        if self.acts_for_itself && auth_method == AuthMethod::None {
            wrong("acts_for_itself", "identity-mistake-public-itself");
        }
        if self.introspects && auth_method == AuthMethod::None {
            wrong("introspects", "identity-mistake-public-itself");
        }
        let redirect_uris = addresses(&self.redirect_uris, "redirect_uris", &mut mistakes);
        let post_logout = addresses(
            &self.post_logout_redirect_uris,
            "post_logout_redirect_uris",
            &mut mistakes,
        );
        let backchannel = addresses(
            &self.backchannel_logout_uri,
            "backchannel_logout_uri",
            &mut mistakes,
        );
        let advanced = self.check_advanced(&mut mistakes);
        let mut wrong = |field, key| mistakes.push(Mistake { field, key });
        if backchannel.len() > 1 {
            wrong("backchannel_logout_uri", "identity-mistake-one-address");
        }
        let needs_no_browser =
            self.acts_for_itself || self.introspects || self.advanced.has_devices;
        if redirect_uris.is_empty() && !needs_no_browser {
            wrong("redirect_uris", "identity-mistake-addresses-none");
        }
        let subject_type = subject_type.unwrap_or_default();
        let mut hosts: Vec<_> = redirect_uris
            .iter()
            .filter_map(|uri| host_of(uri))
            .collect();
        hosts.dedup();
        let is_listed = advanced.sector_identifier_uri.is_some();
        if subject_type == SubjectType::Pairwise && hosts.len() > 1 && !is_listed {
            wrong("redirect_uris", "identity-mistake-sector");
        }
        let ticked = Scopes::parse(&self.scopes.join(" "));
        let audience = audience.unwrap_or_default();
        let is_citizens = audience == Audience::Citizens;
        let known = |scope: &str| {
            (scope == "offline_access" && !is_citizens)
                || audience.scopes().iter().any(|(name, _)| *name == scope)
        };
        if !ticked.iter().all(known) {
            wrong("scopes", "identity-mistake-scopes");
        }
        let of_exchange = exchange_scopes(&self.exchange_scopes, is_citizens);
        let of_exchange = of_exchange.unwrap_or_else(|key| {
            wrong("exchange_scopes", key);
            Scopes::default()
        });
        let scopes = Scopes::parse(&format!("{ticked} {of_exchange}"));
        // What is known of a citizen is forgotten with the session: nothing outlives it.
        if is_citizens && self.refreshes {
            wrong("refreshes", "identity-mistake-citizens-offline");
        }
        // A device's code is typed on a page of agents.
        if is_citizens && self.advanced.has_devices {
            wrong("has_devices", "identity-mistake-citizens-devices");
        }
        // One name for all services would let them put a citizen's steps together.
        if is_citizens && subject_type == SubjectType::Public {
            wrong("subject_type", "identity-mistake-citizens-public");
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let mut grant_types = Vec::new();
        if !redirect_uris.is_empty() {
            grant_types.push(GrantType::AuthorizationCode);
        }
        if self.refreshes {
            grant_types.push(GrantType::RefreshToken);
        }
        if self.acts_for_itself {
            grant_types.push(GrantType::ClientCredentials);
        }
        grant_types.extend(self.advanced_grants());
        Ok(ClientDraft {
            name: name.to_owned(),
            purpose: purpose.to_owned(),
            organisation_id,
            audience,
            profile: profile.unwrap_or_default(),
            auth_method,
            grant_types,
            redirect_uris,
            post_logout_redirect_uris: post_logout,
            backchannel_logout_uri: backchannel.into_iter().next(),
            scopes,
            subject_type,
            id_token_algorithm: id_token.unwrap_or(Algorithm::Es256),
            userinfo_algorithm,
            jwks: jwks.map(str::to_owned),
            // Who can't keep a secret proves by PKCE that the code is its own (RFC 9700, 2.1.1).
            needs_pkce: self.needs_pkce
                || auth_method == AuthMethod::None
                || advanced.demands.contains(&Demand::Fapi2),
            asks_consent: self.asks_consent,
            introspects: self.introspects,
            advanced,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> ClientForm {
        ClientForm {
            name: "Guichet".into(),
            purpose: "Suivre ses demandes".into(),
            profile: "standard".into(),
            auth_method: "client_secret_basic".into(),
            redirect_uris: "https://a.example/cb\n".into(),
            scopes: vec!["openid".into(), "email".into()],
            subject_type: "pairwise".into(),
            id_token_algorithm: "ES256".into(),
            ..ClientForm::default()
        }
    }

    #[test]
    fn each_mistake_names_its_field() {
        assert!(good().check().is_ok());
        let wrong = |change: fn(&mut ClientForm)| {
            let mut form = good();
            change(&mut form);
            form.check().unwrap_err().remove(0).field
        };
        assert_eq!(wrong(|form| form.name.clear()), "name");
        assert_eq!(wrong(|form| form.purpose = "x".repeat(1_001)), "purpose");
        assert_eq!(wrong(|form| form.organisation = "x".into()), "organisation");
        assert_eq!(wrong(|form| form.profile = "x".into()), "profile");
        assert_eq!(
            wrong(|form| form.auth_method = "private_key_jwt".into()),
            "jwks"
        );
        assert_eq!(wrong(|form| form.jwks = "{}".into()), "jwks");
        assert_eq!(
            wrong(|form| form.id_token_algorithm = "none".into()),
            "id_token_algorithm"
        );
        assert_eq!(
            wrong(|form| form.userinfo_algorithm = "HS256".into()),
            "userinfo_algorithm"
        );
        assert_eq!(wrong(|form| form.redirect_uris.clear()), "redirect_uris");
        assert_eq!(
            wrong(|form| form.redirect_uris = "https://a.example/\nhttps://b.example/".into()),
            "redirect_uris"
        );
        assert_eq!(wrong(|form| form.scopes.push("admin".into())), "scopes");
        assert_eq!(
            wrong(|form| form.backchannel_logout_uri = "http://a.example/".into()),
            "backchannel_logout_uri"
        );
    }

    #[test]
    fn a_citizens_service_has_citizens_rules() {
        let mut form = good();
        form.audience = "citizens".into();
        form.scopes = vec!["openid".into(), "identite_pivot".into()];
        assert_eq!(form.check().unwrap().audience, Audience::Citizens);
        let wrong = |change: fn(&mut ClientForm)| {
            let mut form = form.clone();
            change(&mut form);
            form.check().unwrap_err().remove(0).field
        };
        assert_eq!(wrong(|form| form.audience = "x".into()), "audience");
        assert_eq!(wrong(|form| form.scopes.push("siret".into())), "scopes");
        assert_eq!(
            wrong(|form| form.scopes.push("offline_access".into())),
            "scopes"
        );
        assert_eq!(wrong(|form| form.refreshes = true), "refreshes");
        assert_eq!(
            wrong(|form| form.advanced.has_devices = true),
            "has_devices"
        );
        assert_eq!(
            wrong(|form| form.subject_type = "public".into()),
            "subject_type"
        );
        form.audience.clear();
        assert_eq!(form.check().unwrap_err()[0].field, "scopes");
    }

    #[test]
    fn who_keeps_no_secret_needs_pkce() {
        let mut form = good();
        form.auth_method = "none".into();
        assert!(form.check().unwrap().needs_pkce);
        form.acts_for_itself = true;
        assert_eq!(form.check().unwrap_err()[0].field, "acts_for_itself");
    }
}
