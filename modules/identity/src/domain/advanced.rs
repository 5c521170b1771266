//! What few services need of their registration, beside what each one has.

use jose::{Algorithm, KeyManagement};

use super::certificate::CertificateName;
use super::client::{AuthMethod, Client, ClientForm, GrantType, Mistake, SubjectType, addresses};
use super::resource::Resources;

/// What a service demands of its own requests and tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// The FAPI 2.0 Security Profile, whole.
    Fapi2,
    /// Requests are pushed beforehand (RFC 9126).
    Pushed,
    /// Tokens are bound to a key by DPoP (RFC 9449).
    Dpop,
    /// Its proofs hold a nonce of ours (RFC 9449, section 8).
    DpopNonce,
    /// Tokens are bound to its certificate (RFC 8705, section 3).
    Certificate,
}

impl Demand {
    /// Every demand.
    pub const ALL: [Self; 5] = [
        Self::Fapi2,
        Self::Pushed,
        Self::Dpop,
        Self::DpopNonce,
        Self::Certificate,
    ];

    /// Its name in columns and forms.
    pub fn code(self) -> &'static str {
        match self {
            Self::Fapi2 => "fapi2",
            Self::Pushed => "pushed",
            Self::Dpop => "dpop",
            Self::DpopNonce => "dpop_nonce",
            Self::Certificate => "certificate",
        }
    }

    /// The demand of a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// What few services need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Advanced {
    /// Its own address as a resource: no two services have the same.
    pub resource: Option<String>,
    /// The resources for which it may ask tokens.
    pub reaches: Resources,
    /// Where its public keys are, instead of `jwks`.
    pub jwks_uri: Option<String>,
    /// The list of addresses that are one sector (OpenID Connect Core, section 8.1).
    pub sector_identifier_uri: Option<String>,
    /// By what its certificate is recognised.
    pub certificate_name: Option<CertificateName>,
    /// How its identity tokens are encrypted; not at all when none.
    pub id_token_encryption: Option<KeyManagement>,
    /// How its userinfo is encrypted; when none, by the encryption key that it registered, if any.
    pub userinfo_encryption: Option<KeyManagement>,
    /// What it demands.
    pub demands: Vec<Demand>,
}

/// The same, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdvancedForm {
    /// An address.
    pub resource: String,
    /// Addresses, one a line.
    pub reaches: String,
    /// An address.
    pub jwks_uri: String,
    /// An address.
    pub sector_identifier_uri: String,
    /// See [`CertificateName::parse`].
    pub certificate_name: String,
    /// An algorithm's name; nothing for none.
    pub id_token_encryption: String,
    /// An algorithm's name; nothing for none.
    pub userinfo_encryption: String,
    /// Token exchange (RFC 8693).
    pub exchanges: bool,
    /// Devices without a browser (RFC 8628).
    pub has_devices: bool,
    /// Codes of demands that are ticked.
    pub demands: Vec<String>,
}

impl Client {
    /// Whether it demands something; FAPI 2.0 demands that requests are pushed.
    pub fn demands(&self, demand: Demand) -> bool {
        let demands = &self.draft.advanced.demands;
        demands.contains(&demand) || (demand == Demand::Pushed && demands.contains(&Demand::Fapi2))
    }

    /// The signatures that are taken from it: not PKCS#1 v1.5 under FAPI 2.0 (section 5.4.1).
    pub fn algorithms(&self) -> &'static [Algorithm] {
        if self.demands(Demand::Fapi2) {
            &[Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ps256]
        } else {
            &Algorithm::ALL
        }
    }

    /// The resources that it may name in a request: those that it is registered for, and us, which
    /// is userinfo.
    pub fn targets<'a>(&'a self, issuer: &'a str) -> Vec<&'a str> {
        let reaches = self.draft.advanced.reaches.iter();
        reaches.chain([issuer]).collect()
    }
}

/// The one address of a field, checked.
fn address(text: &str, field: &'static str, mistakes: &mut Vec<Mistake>) -> Option<String> {
    let all = addresses(text, field, mistakes);
    if all.len() > 1 {
        let key = "identity-mistake-one-address";
        mistakes.push(Mistake { field, key });
    }
    all.into_iter().next()
}

impl ClientForm {
    /// Reads the advanced part; adds what is wrong to `mistakes`.
    pub(super) fn check_advanced(&self, mistakes: &mut Vec<Mistake>) -> Advanced {
        let typed = &self.advanced;
        let resource = address(&typed.resource, "resource", mistakes);
        let reaches = addresses(&typed.reaches, "reaches", mistakes);
        let jwks_uri = address(&typed.jwks_uri, "jwks_uri", mistakes);
        let sector = address(
            &typed.sector_identifier_uri,
            "sector_identifier_uri",
            mistakes,
        );
        let mut wrong = |field, key| mistakes.push(Mistake { field, key });
        let encryption = |text: &str| KeyManagement::from_name(text);
        let certificate_name = CertificateName::parse(&typed.certificate_name);
        for (field, is_wrong) in [
            (
                "certificate_name",
                certificate_name.is_none() && !typed.certificate_name.trim().is_empty(),
            ),
            (
                "id_token_encryption",
                encryption(&typed.id_token_encryption).is_none()
                    && !typed.id_token_encryption.is_empty(),
            ),
            (
                "userinfo_encryption",
                encryption(&typed.userinfo_encryption).is_none()
                    && !typed.userinfo_encryption.is_empty(),
            ),
            (
                "demands",
                typed.demands.iter().any(|one| Demand::parse(one).is_none()),
            ),
        ] {
            if is_wrong && field == "certificate_name" {
                wrong(field, "identity-mistake-certificate-name");
            } else if is_wrong {
                wrong(field, "identity-mistake-choice");
            }
        }
        let advanced = Advanced {
            resource,
            reaches: Resources::of(reaches.iter().map(String::as_str)),
            jwks_uri,
            sector_identifier_uri: sector,
            certificate_name,
            id_token_encryption: encryption(&typed.id_token_encryption),
            userinfo_encryption: encryption(&typed.userinfo_encryption),
            demands: typed
                .demands
                .iter()
                .filter_map(|one| Demand::parse(one))
                .collect(),
        };
        self.check_together(&advanced, mistakes);
        advanced
    }

    /// What the parts of a registration demand of each other.
    fn check_together(&self, advanced: &Advanced, mistakes: &mut Vec<Mistake>) {
        let method = AuthMethod::parse(&self.auth_method).unwrap_or_default();
        let has_keys = !self.jwks.trim().is_empty() || advanced.jwks_uri.is_some();
        let is_fapi = advanced.demands.contains(&Demand::Fapi2);
        let is_public = method == AuthMethod::None;
        let is_pairwise = SubjectType::parse(&self.subject_type) == Some(SubjectType::Pairwise);
        let encrypts =
            advanced.id_token_encryption.is_some() || advanced.userinfo_encryption.is_some();
        let rules = [
            (
                advanced.jwks_uri.is_some() && !self.jwks.trim().is_empty(),
                ("jwks_uri", "identity-mistake-jwks-twice"),
            ),
            (
                method.needs_keys() && !has_keys,
                ("jwks", "identity-mistake-jwks-missing"),
            ),
            (
                method == AuthMethod::TlsClientAuth && advanced.certificate_name.is_none(),
                ("certificate_name", "identity-mistake-certificate-name"),
            ),
            (
                advanced.resource.is_some() && !self.introspects,
                ("resource", "identity-mistake-resource"),
            ),
            (
                advanced.sector_identifier_uri.is_some() && !is_pairwise,
                ("sector_identifier_uri", "identity-mistake-sector-public"),
            ),
            (
                encrypts && !has_keys,
                ("id_token_encryption", "identity-mistake-encryption-key"),
            ),
            (
                self.advanced.exchanges && is_public,
                ("exchanges", "identity-mistake-public-itself"),
            ),
            (
                self.advanced.exchanges && advanced.reaches.is_empty(),
                ("reaches", "identity-mistake-exchange-where"),
            ),
            (
                is_fapi && !method.is_asymmetric(),
                ("demands", "identity-mistake-fapi-method"),
            ),
            (
                is_fapi && self.id_token_algorithm == Algorithm::Rs256.name(),
                ("demands", "identity-mistake-fapi-algorithm"),
            ),
        ];
        for (is_broken, (field, key)) in rules {
            if is_broken {
                mistakes.push(Mistake { field, key });
            }
        }
    }

    /// The grants of the advanced part.
    pub(super) fn advanced_grants(&self) -> impl Iterator<Item = GrantType> {
        [
            (self.advanced.exchanges, GrantType::TokenExchange),
            (self.advanced.has_devices, GrantType::DeviceCode),
        ]
        .into_iter()
        .filter_map(|(is_on, grant)| is_on.then_some(grant))
    }
}

impl Client {
    /// The advanced part as its form shows it.
    pub fn advanced_form(&self) -> AdvancedForm {
        let advanced = &self.draft.advanced;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let name = |value: Option<KeyManagement>| {
            value.map(|one| one.name().to_owned()).unwrap_or_default()
        };
        AdvancedForm {
            resource: text(&advanced.resource),
            reaches: advanced.reaches.to_string(),
            jwks_uri: text(&advanced.jwks_uri),
            sector_identifier_uri: text(&advanced.sector_identifier_uri),
            certificate_name: advanced
                .certificate_name
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            id_token_encryption: name(advanced.id_token_encryption),
            userinfo_encryption: name(advanced.userinfo_encryption),
            exchanges: self.draft.grant_types.contains(&GrantType::TokenExchange),
            has_devices: self.draft.grant_types.contains(&GrantType::DeviceCode),
            demands: advanced
                .demands
                .iter()
                .map(|one| one.code().to_owned())
                .collect(),
        }
    }
}
