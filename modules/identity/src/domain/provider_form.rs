//! What is typed about a provider, and what it must satisfy.

use jose::{Algorithm, KeyManagement};

use super::audience::Audience;
use super::client::Mistake;
use super::level::Level;
use super::provider::{
    Endpoints, ForeignDomain, LevelClaim, LevelRule, Provider, ProviderAuth, ProviderDraft,
    ProviderProfile,
};

/// Longest name, in characters.
const NAME_CHARS_MAX: usize = 120;
/// Longest address, in bytes.
const ADDRESS_BYTES_MAX: usize = 2_000;
/// Longest identifier, secret, list of scopes or of levels, in bytes.
const TEXT_BYTES_MAX: usize = 1_000;
/// Most domains of a provider.
const DOMAINS_MAX: usize = 500;
/// Most rules of levels.
const RULES_MAX: usize = 50;
/// Longest code, in characters.
const CODE_CHARS_MAX: usize = 40;

/// What was typed about a provider: texts, one domain or rule a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProviderForm {
    /// Its name in addresses.
    pub code: String,
    /// Its name.
    pub name: String,
    /// An audience's code.
    pub audience: String,
    /// A profile's code.
    pub profile: String,
    /// An address.
    pub issuer: String,
    /// The name that it gave us.
    pub client_id: String,
    /// A method's code.
    pub auth_method: String,
    /// An algorithm's name.
    pub auth_algorithm: String,
    /// Scopes, separated by blanks.
    pub scopes: String,
    /// Its levels, separated by blanks.
    pub acr_values: String,
    /// Domains, one a line.
    pub domains: String,
    /// A policy's code.
    pub foreign_domain: String,
    /// Whether it serves every other domain.
    pub is_default: bool,
    /// Rules such as `acr eidas1 = eidas1` or `amr mfa = eidas0-mfa`, one a line.
    pub levels: String,
    /// A level's name.
    pub level_max: String,
    /// Whether it may make accounts.
    pub creates_accounts: bool,
    /// Algorithms' names.
    pub id_token_algorithms: Vec<String>,
    /// Algorithms' names; none for plain JSON.
    pub userinfo_algorithms: Vec<String>,
    /// A key management's name; nothing when nothing is encrypted.
    pub encryption: String,
    /// An address.
    pub authorization_endpoint: String,
    /// An address.
    pub token_endpoint: String,
    /// An address.
    pub userinfo_endpoint: String,
    /// An address.
    pub jwks_uri: String,
    /// An address.
    pub end_session_endpoint: String,
}

/// Whether a text may be the code of a provider.
fn is_code(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (2..=CODE_CHARS_MAX).contains(&text.len())
        && text.bytes().all(plain)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// Whether a text has the shape of a host name of at least two labels, in lower case.
fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(label)
}

/// Whether a text is one token without blanks, of characters that are seen.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.len() <= TEXT_BYTES_MAX && text.bytes().all(|b| b.is_ascii_graphic())
}

fn is_address(text: &str) -> bool {
    let scheme = ["https://", "http://"];
    text.len() <= ADDRESS_BYTES_MAX
        && text.bytes().all(|b| b.is_ascii_graphic())
        && scheme.iter().any(|scheme| {
            text.strip_prefix(scheme)
                .is_some_and(|rest| !rest.is_empty())
        })
        && !text.contains('#')
}

/// A rule such as `acr urn:x = eidas1`.
fn level_rule(line: &str) -> Option<LevelRule> {
    let (what, level) = line.rsplit_once('=')?;
    let (claim, value) = what.trim().split_once(char::is_whitespace)?;
    let claim = match claim {
        "acr" => LevelClaim::Acr,
        "amr" => LevelClaim::Amr,
        _ => return None,
    };
    let value = value.trim();
    let level = Level::parse(level.trim())?;
    is_token(value).then(|| LevelRule {
        claim,
        value: value.to_owned(),
        level,
    })
}

/// Rules, one a line; `None` when one of them can't be read.
pub(crate) fn level_rules(text: &str) -> Option<Vec<LevelRule>> {
    lines(text).into_iter().map(level_rule).collect()
}

/// The lines of rules.
pub(crate) fn told_rules(rules: &[LevelRule]) -> String {
    let line = |rule: &LevelRule| {
        let claim = match rule.claim {
            LevelClaim::Acr => "acr",
            LevelClaim::Amr => "amr",
        };
        format!("{claim} {} = {}", rule.value, rule.level.name())
    };
    rules.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn lines(text: &str) -> Vec<&str> {
    let lines = text.lines().map(str::trim);
    lines.filter(|line| !line.is_empty()).collect()
}

fn blanks_tidied(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Collects mistakes, one a field.
struct Marks(Vec<Mistake>);

impl Marks {
    fn wrong(&mut self, field: &'static str, key: &'static str) {
        self.0.push(Mistake { field, key });
    }

    fn demand(&mut self, holds: bool, field: &'static str, key: &'static str) {
        if !holds {
            self.wrong(field, key);
        }
    }

    fn choice<T: Default>(&mut self, found: Option<T>, field: &'static str) -> T {
        self.demand(found.is_some(), field, "identity-mistake-choice");
        found.unwrap_or_default()
    }

    fn address(&mut self, text: &str, field: &'static str) -> Option<String> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        self.demand(is_address(text), field, "identity-mistake-provider-address");
        Some(text.to_owned())
    }

    fn algorithms(&mut self, names: &[String], field: &'static str) -> Vec<Algorithm> {
        let read = names
            .iter()
            .map(|name| Algorithm::from_name(name))
            .collect();
        self.choice::<Vec<Algorithm>>(read, field)
    }
}

impl ProviderForm {
    /// The draft, or every mistake. `has_secret` is whether a secret is kept or sent with the form.
    pub fn check(&self, has_secret: bool) -> Result<ProviderDraft, Vec<Mistake>> {
        let mut marks = Marks(Vec::new());
        let code = self.code.trim();
        marks.demand(is_code(code), "code", "identity-mistake-provider-code");
        let name = self.name.trim();
        let fits = (1..=NAME_CHARS_MAX).contains(&name.chars().count());
        marks.demand(fits, "name", "identity-mistake-name");
        let audience = marks.choice(Audience::parse(&self.audience), "audience");
        let profile = marks.choice(ProviderProfile::parse(&self.profile), "profile");
        let fits = match profile {
            ProviderProfile::Standard => true,
            ProviderProfile::ProConnect => audience == Audience::Agents,
            ProviderProfile::FranceConnect => audience == Audience::Citizens,
        };
        marks.demand(fits, "profile", "identity-mistake-provider-profile");
        let issuer = self.issuer.trim();
        let fits = is_address(issuer) && !issuer.contains('?');
        marks.demand(fits, "issuer", "identity-mistake-provider-issuer");
        let client_id = self.client_id.trim();
        let fits = is_token(client_id);
        marks.demand(fits, "client_id", "identity-mistake-provider-client-id");
        let auth_method = marks.choice(ProviderAuth::parse(&self.auth_method), "auth_method");
        let found = Algorithm::from_name(&self.auth_algorithm).map(Some);
        let auth_algorithm = marks.choice(found, "auth_algorithm");
        let fits = has_secret || !auth_method.has_secret();
        marks.demand(fits, "secret", "identity-mistake-provider-secret");
        let scopes = blanks_tidied(&self.scopes);
        let fits = scopes.len() <= TEXT_BYTES_MAX
            && scopes.is_ascii()
            && scopes.split(' ').any(|scope| scope == "openid");
        marks.demand(fits, "scopes", "identity-mistake-provider-scopes");
        let acr_values = blanks_tidied(&self.acr_values);
        let fits = acr_values.len() <= TEXT_BYTES_MAX && acr_values.is_ascii();
        marks.demand(fits, "acr_values", "identity-mistake-provider-text");
        let domains: Vec<String> = lines(&self.domains)
            .into_iter()
            .map(|domain| domain.trim_start_matches('@').to_lowercase())
            .collect();
        let fits = domains.len() <= DOMAINS_MAX && domains.iter().all(|one| is_domain(one));
        marks.demand(fits, "domains", "identity-mistake-provider-domains");
        let found = ForeignDomain::parse(&self.foreign_domain);
        let foreign_domain = marks.choice(found, "foreign_domain");
        let rules = level_rules(&self.levels).filter(|rules| rules.len() <= RULES_MAX);
        marks.demand(
            rules.is_some(),
            "levels",
            "identity-mistake-provider-levels",
        );
        let level_max = Level::parse(&self.level_max);
        marks.demand(level_max.is_some(), "level_max", "identity-mistake-choice");
        let id_token = marks.algorithms(&self.id_token_algorithms, "id_token_algorithms");
        let fits = !id_token.is_empty();
        marks.demand(
            fits,
            "id_token_algorithms",
            "identity-mistake-provider-algorithms",
        );
        let userinfo = marks.algorithms(&self.userinfo_algorithms, "userinfo_algorithms");
        let encryption = Some(self.encryption.as_str()).filter(|name| !name.is_empty());
        let encryption = encryption.map(KeyManagement::from_name);
        marks.demand(
            encryption != Some(None),
            "encryption",
            "identity-mistake-choice",
        );
        let endpoints = Endpoints {
            authorization: marks.address(&self.authorization_endpoint, "authorization_endpoint"),
            token: marks.address(&self.token_endpoint, "token_endpoint"),
            userinfo: marks.address(&self.userinfo_endpoint, "userinfo_endpoint"),
            jwks: marks.address(&self.jwks_uri, "jwks_uri"),
            end_session: marks.address(&self.end_session_endpoint, "end_session_endpoint"),
        };
        if !marks.0.is_empty() {
            return Err(marks.0);
        }
        Ok(ProviderDraft {
            code: code.to_owned(),
            name: name.to_owned(),
            audience,
            profile,
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            auth_method,
            auth_algorithm: auth_algorithm.unwrap_or(Algorithm::Es256),
            scopes,
            acr_values,
            domains,
            foreign_domain,
            is_default: self.is_default,
            level_rules: rules.unwrap_or_default(),
            level_max: level_max.unwrap_or(Level::LOWEST),
            creates_accounts: self.creates_accounts,
            id_token_algorithms: id_token,
            userinfo_algorithms: userinfo,
            encryption: encryption.flatten(),
            endpoints,
        })
    }

    /// What a new form proposes: the safest choices.
    pub fn fresh() -> Self {
        Self {
            audience: Audience::default().code().into(),
            profile: ProviderProfile::default().code().into(),
            auth_method: ProviderAuth::default().code().into(),
            auth_algorithm: Algorithm::Es256.name().into(),
            scopes: "openid email profile".into(),
            foreign_domain: ForeignDomain::default().code().into(),
            level_max: "eidas1".into(),
            id_token_algorithms: vec![Algorithm::Es256.name().into()],
            ..Self::default()
        }
    }

    /// A provider as its form shows it.
    pub fn of(provider: &Provider) -> Self {
        let draft = &provider.draft;
        let names = |list: &[Algorithm]| list.iter().map(|one| one.name().to_owned()).collect();
        let address = |one: &Option<String>| one.clone().unwrap_or_default();
        Self {
            code: draft.code.clone(),
            name: draft.name.clone(),
            audience: draft.audience.code().into(),
            profile: draft.profile.code().into(),
            issuer: draft.issuer.clone(),
            client_id: draft.client_id.clone(),
            auth_method: draft.auth_method.code().into(),
            auth_algorithm: draft.auth_algorithm.name().into(),
            scopes: draft.scopes.clone(),
            acr_values: draft.acr_values.clone(),
            domains: draft.domains.join("\n"),
            foreign_domain: draft.foreign_domain.code().into(),
            is_default: draft.is_default,
            levels: told_rules(&draft.level_rules),
            level_max: draft.level_max.name().into(),
            creates_accounts: draft.creates_accounts,
            id_token_algorithms: names(&draft.id_token_algorithms),
            userinfo_algorithms: names(&draft.userinfo_algorithms),
            encryption: draft.encryption.map_or("", KeyManagement::name).into(),
            authorization_endpoint: address(&draft.endpoints.authorization),
            token_endpoint: address(&draft.endpoints.token),
            userinfo_endpoint: address(&draft.endpoints.userinfo),
            jwks_uri: address(&draft.endpoints.jwks),
            end_session_endpoint: address(&draft.endpoints.end_session),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field, and what makes it wrong.
    type Wrong = (&'static str, fn(&mut ProviderForm));

    fn good() -> ProviderForm {
        ProviderForm {
            code: "ministry".into(),
            name: "Ministère".into(),
            issuer: "https://idp.example".into(),
            client_id: "gouvernail".into(),
            domains: "a.example\n@B.example\n".into(),
            levels: "acr urn:x=y = eidas1\namr mfa = eidas0-mfa".into(),
            ..ProviderForm::fresh()
        }
    }

    #[test]
    fn a_form_and_its_provider_are_one() {
        let draft = good().check(true).unwrap();
        assert_eq!(draft.domains, ["a.example", "b.example"]);
        assert_eq!(draft.level_rules[0].value, "urn:x=y");
        let mut provider = crate::domain::provider::tests::provider(1, &[]);
        provider.draft = draft.clone();
        assert_eq!(ProviderForm::of(&provider).check(true), Ok(draft));
    }

    #[test]
    fn each_mistake_names_its_field() {
        let wrong: [Wrong; 16] = [
            ("code", |form| form.code = "-x".into()),
            ("code", |form| form.code = "Été".into()),
            ("name", |form| form.name = "x".repeat(121)),
            ("profile", |form| form.profile = "franceconnect".into()),
            ("issuer", |form| form.issuer = "idp.example".into()),
            ("issuer", |form| {
                form.issuer = "https://idp.example?x".into();
            }),
            ("client_id", |form| form.client_id.clear()),
            ("auth_method", |form| form.auth_method = "none".into()),
            ("auth_algorithm", |form| {
                form.auth_algorithm = "HS256".into();
            }),
            ("scopes", |form| form.scopes = "email".into()),
            ("domains", |form| form.domains = "a b.example".into()),
            ("levels", |form| form.levels = "acr x = eidas9".into()),
            ("level_max", |form| form.level_max.clear()),
            ("id_token_algorithms", |form| {
                form.id_token_algorithms.clear();
            }),
            ("encryption", |form| form.encryption = "RSA1_5".into()),
            ("jwks_uri", |form| form.jwks_uri = "ftp://x.example".into()),
        ];
        for (field, change) in wrong {
            let mut form = good();
            change(&mut form);
            let mistakes = form.check(true).unwrap_err();
            assert_eq!(mistakes[0].field, field);
        }
        assert_eq!(good().check(false).unwrap_err()[0].field, "secret");
        let mut form = good();
        form.auth_method = "private_key_jwt".into();
        assert!(form.check(false).is_ok());
    }
}
