//! Identity providers: who they are, what they may say, and which of them a person goes to.

use jose::{Algorithm, KeyManagement};
use uuid::Uuid;

use super::audience::Audience;
use super::level::Level;

macro_rules! codes {
    ($($(#[$meta:meta])* $name:ident { $($(#[$one:meta])* $variant:ident = $code:literal,)+ })+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub enum $name {
            $($(#[$one])* $variant,)+
        }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name in columns and forms.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// The one of a name.
            pub fn parse(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }
    )+};
}

codes! {
    /// Which rules a provider follows.
    ProviderProfile {
        /// OpenID Connect Core.
        #[default]
        Standard = "standard",
        /// `ProConnect`: agents, hints of SIRET and provider.
        ProConnect = "proconnect",
        /// `FranceConnect`: citizens, the civil identity.
        FranceConnect = "franceconnect",
    }

    /// How we prove to a provider who we are.
    ProviderAuth {
        /// A secret in the `Authorization` header.
        #[default]
        SecretBasic = "client_secret_basic",
        /// A secret in the body.
        SecretPost = "client_secret_post",
        /// An assertion signed with a key of ours (RFC 7523).
        PrivateKeyJwt = "private_key_jwt",
    }

    /// What comes of an address that is of none of the provider's domains.
    ForeignDomain {
        /// Nobody signs in with it.
        #[default]
        Refuse = "refuse",
        /// The person signs in, and is told; the journal tells operators.
        Warn = "warn",
        /// The person signs in.
        Accept = "accept",
    }
}

impl ProviderAuth {
    /// Whether it needs the secret that the provider gave us.
    pub fn has_secret(self) -> bool {
        self != Self::PrivateKeyJwt
    }
}

/// Which claim of a provider says something about the level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LevelClaim {
    /// `acr`.
    Acr,
    /// One value of `amr`.
    Amr,
}

/// What a value of a provider is worth here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelRule {
    /// Where the value stands.
    pub claim: LevelClaim,
    /// The provider's value, compared exactly.
    pub value: String,
    /// What it proves.
    pub level: Level,
}

/// Addresses that replace those of the provider's own description.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// Where a browser goes.
    pub authorization: Option<String>,
    /// Where codes are exchanged.
    pub token: Option<String>,
    /// What tells of the person.
    pub userinfo: Option<String>,
    /// Its keys.
    pub jwks: Option<String>,
    /// Where a browser signs out.
    pub end_session: Option<String>,
}

/// What an operator decides of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderDraft {
    /// Its name in addresses: `a-z`, digits and `-`, 2 to 40 characters, never changed.
    pub code: String,
    /// Its name, as people read it.
    pub name: String,
    /// Whom it knows.
    pub audience: Audience,
    /// Its rules.
    pub profile: ProviderProfile,
    /// Who it says that it is, compared exactly.
    pub issuer: String,
    /// The name that it gave us.
    pub client_id: String,
    /// How we prove who we are.
    pub auth_method: ProviderAuth,
    /// What our assertions are signed with.
    pub auth_algorithm: Algorithm,
    /// What we ask to know, with `openid`.
    pub scopes: String,
    /// Levels that are asked for when a service asks for none, separated by blanks.
    pub acr_values: String,
    /// The domains of its people's addresses, in lower case.
    pub domains: Vec<String>,
    /// What comes of other domains.
    pub foreign_domain: ForeignDomain,
    /// Whether it serves whoever no other provider knows by its domain.
    pub is_default: bool,
    /// What its levels are worth.
    pub level_rules: Vec<LevelRule>,
    /// The highest level that it may give.
    pub level_max: Level,
    /// Whether an account is made for whom it sends and nobody knows here.
    pub creates_accounts: bool,
    /// What its identity tokens may be signed with.
    pub id_token_algorithms: Vec<Algorithm>,
    /// What its userinfo must be signed with; plain JSON when none.
    pub userinfo_algorithms: Vec<Algorithm>,
    /// How it encrypts to us, if it does.
    pub encryption: Option<KeyManagement>,
    /// Addresses that its description lacks, or tells wrong.
    pub endpoints: Endpoints,
}

/// A provider, as stored. Its secret stays in the store until it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its id.
    pub id: Uuid,
    /// What was decided of it.
    pub draft: ProviderDraft,
    /// Whether nobody signs in through it for now.
    pub suspended: bool,
    /// Why, as the operator wrote it.
    pub suspended_for: String,
    /// For two operators at once.
    pub version: i64,
    /// When somebody last came back from it with a proof that held.
    pub good_at: Option<jiff::Timestamp>,
}

impl ProviderDraft {
    /// What a sign-in is worth: nothing is believed that no rule names, and nothing beyond
    /// [`ProviderDraft::level_max`].
    pub fn level_of(&self, acr: Option<&str>, amr: &[String]) -> Level {
        let holds = |rule: &&LevelRule| match rule.claim {
            LevelClaim::Acr => acr == Some(rule.value.as_str()),
            LevelClaim::Amr => amr.contains(&rule.value),
        };
        self.level_rules
            .iter()
            .filter(holds)
            .fold(Level::LOWEST, |level, rule| level.with(rule.level))
            .at_most(self.level_max)
    }

    /// The provider's own values to ask for where `asked`, levels of ours, are asked of us: each
    /// value that is enough for one of them. [`ProviderDraft::acr_values`] when none is.
    pub fn acr_values_for(&self, asked: &[String]) -> String {
        let enough = |rule: &&LevelRule| {
            rule.claim == LevelClaim::Acr
                && !asked.is_empty()
                && rule.level.at_most(self.level_max).satisfies_any(asked)
        };
        let values = self.level_rules.iter().filter(enough);
        let values: Vec<&str> = values.map(|rule| rule.value.as_str()).collect();
        if values.is_empty() {
            self.acr_values.clone()
        } else {
            values.join(" ")
        }
    }

    /// Whether an address is of one of its domains.
    pub fn owns(&self, email: &str) -> bool {
        domain_of(email).is_some_and(|domain| self.domains.contains(&domain))
    }
}

/// The domain of an address, in lower case.
pub fn domain_of(email: &str) -> Option<String> {
    let (local, domain) = email.trim().rsplit_once('@')?;
    (!local.is_empty() && !domain.is_empty()).then(|| domain.to_lowercase())
}

/// Where a person who wrote its address goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route<'p> {
    /// To the password of an account of ours.
    Local,
    /// To this provider.
    To(&'p Provider),
    /// To one of these: the person says which.
    Pick(Vec<&'p Provider>),
}

/// Where a person goes: its domain chooses; several providers know the domain: a choice; none: the
/// default one; none at all: the local account. Suspended providers lead nowhere.
pub fn route<'p>(providers: &'p [Provider], email: &str) -> Route<'p> {
    let open = providers
        .iter()
        .filter(|one| !one.suspended && one.draft.audience == Audience::Agents);
    let owners: Vec<&Provider> = open.clone().filter(|one| one.draft.owns(email)).collect();
    match owners.as_slice() {
        [one] => Route::To(one),
        [] => {
            let mut defaults = open.filter(|one| one.draft.is_default);
            defaults.next().map_or(Route::Local, Route::To)
        }
        _ => Route::Pick(owners),
    }
}

/// What an address that a provider tells is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailVerdict {
    /// It is the provider's to tell: an account may be found by it.
    Own,
    /// Nobody's in particular: the person signs in by it, and no account is found by it.
    Foreign,
    /// The same, and the person is told that its address surprises.
    Warned,
    /// The provider may not tell it.
    Refused,
}

/// Judges the address that `provider` told. `all` are the providers there are, suspended ones too:
/// what one of them owns, no other one may tell, whatever its policy. The default provider may tell
/// every address that nobody owns, and an account is found by it; so may no other one.
pub fn judge_email(provider: &Provider, all: &[Provider], email: &str) -> EmailVerdict {
    let draft = &provider.draft;
    if draft.owns(email) {
        return EmailVerdict::Own;
    }
    let elsewhere = all.iter().any(|one| {
        one.id != provider.id && one.draft.audience == draft.audience && one.draft.owns(email)
    });
    if elsewhere || domain_of(email).is_none() {
        return EmailVerdict::Refused;
    }
    if draft.is_default {
        return EmailVerdict::Own;
    }
    match draft.foreign_domain {
        ForeignDomain::Refuse => EmailVerdict::Refused,
        ForeignDomain::Warn => EmailVerdict::Warned,
        ForeignDomain::Accept => EmailVerdict::Foreign,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::LEVELS;

    /// A provider that owns `domains`.
    pub(crate) fn provider(id: u128, domains: &[&str]) -> Provider {
        Provider {
            id: Uuid::from_u128(id),
            draft: ProviderDraft {
                code: format!("p{id}"),
                name: format!("Provider {id}"),
                audience: Audience::Agents,
                profile: ProviderProfile::Standard,
                issuer: format!("https://p{id}.example"),
                client_id: "gouvernail".into(),
                auth_method: ProviderAuth::SecretBasic,
                auth_algorithm: Algorithm::Es256,
                scopes: "openid email".into(),
                acr_values: "low".into(),
                domains: domains.iter().map(|one| (*one).to_owned()).collect(),
                foreign_domain: ForeignDomain::Refuse,
                is_default: false,
                level_rules: vec![
                    rule(LevelClaim::Acr, "low", "eidas1"),
                    rule(LevelClaim::Acr, "high", "eidas3"),
                    rule(LevelClaim::Amr, "mfa", "eidas0-mfa"),
                ],
                level_max: Level::parse("eidas2").unwrap(),
                creates_accounts: false,
                id_token_algorithms: vec![Algorithm::Es256],
                userinfo_algorithms: Vec::new(),
                encryption: None,
                endpoints: Endpoints::default(),
            },
            suspended: false,
            suspended_for: String::new(),
            version: 1,
            good_at: None,
        }
    }

    fn rule(claim: LevelClaim, value: &str, level: &str) -> LevelRule {
        LevelRule {
            claim,
            value: value.into(),
            level: Level::parse(level).unwrap(),
        }
    }

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|one| (*one).to_owned()).collect()
    }

    #[test]
    fn a_level_is_what_rules_say_and_never_more() {
        let draft = provider(1, &[]).draft;
        let of = |acr, amr: &[&str]| draft.level_of(acr, &texts(amr)).name();
        assert_eq!(of(None, &[]), "eidas0");
        assert_eq!(of(Some("eidas3"), &["hwk", "fancy"]), "eidas0", "unknown");
        assert_eq!(of(Some("low"), &["pwd"]), "eidas1");
        assert_eq!(of(Some("low"), &["pwd", "mfa"]), "eidas1-mfa");
        assert_eq!(of(Some("high"), &[]), "eidas2", "the highest allowed");
        assert_eq!(of(Some("LOW"), &[]), "eidas0", "compared exactly");
    }

    #[test]
    fn levels_are_asked_for_in_the_providers_words() {
        let draft = provider(1, &[]).draft;
        let asked = |list: &[&str]| draft.acr_values_for(&texts(list));
        assert_eq!(asked(&[]), "low");
        assert_eq!(asked(&["eidas1"]), "low high");
        assert_eq!(asked(&["eidas2"]), "high");
        assert_eq!(asked(&["eidas3"]), "low", "out of reach: as usual");
    }

    #[test]
    fn the_domain_chooses() {
        let mut fallback = provider(4, &[]);
        fallback.draft.is_default = true;
        let mut off = provider(5, &["off.example"]);
        off.suspended = true;
        let all = [
            provider(1, &["a.example"]),
            provider(2, &["a.example", "b.example"]),
            provider(3, &["c.example"]),
            fallback,
            off,
        ];
        assert_eq!(route(&all, "x@B.example"), Route::To(&all[1]));
        assert_eq!(
            route(&all, "x@a.example"),
            Route::Pick(vec![&all[0], &all[1]])
        );
        for other in ["x@sub.b.example", "x@d.example", "nothing", "x@off.example"] {
            assert_eq!(route(&all, other), Route::To(&all[3]), "{other}");
        }
        assert_eq!(route(&all[..3], "x@d.example"), Route::Local);
        assert_eq!(route(&[], "x@a.example"), Route::Local);
    }

    #[test]
    fn a_provider_tells_addresses_of_its_own_domains_only() {
        let mut fallback = provider(3, &[]);
        fallback.draft.is_default = true;
        let mut off = provider(4, &["off.example"]);
        off.suspended = true;
        let mut all = [
            provider(1, &["a.example"]),
            provider(2, &["b.example"]),
            fallback,
            off,
        ];
        let judge = |all: &[Provider], at: usize, email| judge_email(&all[at], all, email);
        assert_eq!(judge(&all, 0, "x@a.example"), EmailVerdict::Own);
        assert_eq!(judge(&all, 0, "x@c.example"), EmailVerdict::Refused);
        assert_eq!(judge(&all, 2, "x@c.example"), EmailVerdict::Own);
        assert_eq!(judge(&all, 2, "x@off.example"), EmailVerdict::Refused);
        for (policy, verdict) in [
            (ForeignDomain::Accept, EmailVerdict::Foreign),
            (ForeignDomain::Warn, EmailVerdict::Warned),
        ] {
            all[0].draft.foreign_domain = policy;
            assert_eq!(judge(&all, 0, "x@c.example"), verdict);
            assert_eq!(judge(&all, 0, "x@b.example"), EmailVerdict::Refused);
        }
    }

    proptest! {
        /// Whatever a provider says, its level is within its limit, and the lowest one without a
        /// rule that holds.
        #[test]
        fn no_claim_raises_a_level(
            acr in proptest::option::of("(low|high|eidas[0-3]|[a-z]{0,6})"),
            amr in proptest::collection::vec("(mfa|pwd|[a-z]{0,4})", 0..4),
            at in 0..LEVELS.len(),
        ) {
            let mut draft = provider(1, &[]).draft;
            draft.level_max = LEVELS[at].1;
            let level = draft.level_of(acr.as_deref(), &amr);
            prop_assert!(draft.level_max.satisfies(level));
            draft.level_rules.clear();
            prop_assert_eq!(draft.level_of(acr.as_deref(), &amr), Level::LOWEST);
        }
    }
}
