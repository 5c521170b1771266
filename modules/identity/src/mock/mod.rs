//! Mock identity providers, built in: a developer sees a whole sign-in without asking anybody.
//!
//! They follow the rules of a real provider strictly, and vouch for invented people whom anybody may
//! choose: whoever runs them lets anybody in. So they are off unless a setting says so, and the
//! program refuses that setting at an address that others reach.

mod pages;
mod people;
mod provider;
mod ticket;
mod trial;

use std::sync::Arc;

use jose::Algorithm;
use jose::jwk::{KeyKind, SigningKey};
use jose::pairwise::PairwiseKey;
use kit_access::Actor;
use kit_http::{Failure, Method, ModuleRoutes, Routes};

use crate::access::{CONNECT, PROTOCOL};
use crate::domain::{Audience, ProviderForm};
use crate::providers::ProviderSecret;
use crate::store::keys::secret_or;
use crate::{Identity, IdentityError};

/// The mock providers and the test service, when they run.
#[derive(Debug, Clone)]
pub(crate) struct Mocks {
    /// Where this process listens, without a final slash: where its own calls to them go.
    back: Arc<str>,
}

/// The name by which the platform is registered with them.
const CLIENT_ID: &str = "gouvernail";

/// Why a mock provider is suspended that doesn't run.
const PUT_AWAY: &str = "identity.mock_providers is off";

/// The code of the provider of an audience.
fn code_of(audience: Audience) -> &'static str {
    match audience {
        Audience::Agents => "essai-agents",
        Audience::Citizens => "essai-usagers",
    }
}

pub(crate) fn routes(identity: Identity) -> ModuleRoutes {
    let at = |path: &str| format!("/mock/{{audience}}{path}");
    Routes::new("identity")
        .protocol(
            Method::GET,
            &at("/.well-known/openid-configuration"),
            &PROTOCOL,
            provider::description,
        )
        .protocol(Method::GET, &at("/jwks"), &PROTOCOL, provider::jwks)
        .protocol(Method::POST, &at("/token"), &PROTOCOL, provider::token)
        .protocol(Method::GET, &at("/userinfo"), &PROTOCOL, provider::userinfo)
        .protocol(Method::GET, &at("/session/end"), &PROTOCOL, provider::end)
        .get(&at("/authorize"), &CONNECT, pages::show)
        .post(&at("/authorize"), &CONNECT, pages::choose)
        .get("/try", &CONNECT, trial::show)
        .post("/try", &CONNECT, trial::begin)
        .get("/try/return", &CONNECT, trial::come_back)
        .with_state(identity)
}

/// What is kept for them: what seals their tickets, and what signs their tokens.
pub(super) struct MockKeys {
    pub(super) seal: PairwiseKey,
    pub(super) signing: SigningKey,
}

impl Identity {
    /// The same platform with the mock providers and the test service. `back` is the address at
    /// which this process listens, such as `http://127.0.0.1:8460`.
    #[must_use]
    pub fn with_mock_providers(mut self, back: &str) -> Self {
        self.mocks = Some(Mocks {
            back: back.trim_end_matches('/').into(),
        });
        self
    }

    /// Where this process listens, if the mock providers run; else they aren't there.
    pub(super) fn mock_back(&self) -> Result<&str, Failure> {
        let mocks = self.mocks.as_ref().ok_or(Failure::NotFound)?;
        Ok(&mocks.back)
    }

    /// The address of the provider of an audience, as tokens say it.
    pub(crate) fn mock_issuer(&self, audience: Audience) -> String {
        self.url(&format!("/mock/{}", audience.code()))
    }

    /// The keys, made when there are none yet: every process has the same.
    pub(super) async fn mock_keys(&self) -> Result<MockKeys, IdentityError> {
        let secret: [u8; 32] = self.source.random();
        let secret = secret_or(&self.db, "mock-seal", secret.to_vec()).await?;
        let made = tokio::task::spawn_blocking(|| {
            let key = SigningKey::generate(KeyKind::Es256)?;
            Ok::<_, jose::jwk::SigningKeyError>(key.to_pkcs8()?.to_vec())
        });
        let made = made
            .await
            .map_err(IdentityError::key)?
            .map_err(IdentityError::key)?;
        let pkcs8 = secret_or(&self.db, "mock-key", made).await?;
        let signing = SigningKey::from_pkcs8(Algorithm::Es256, &pkcs8);
        Ok(MockKeys {
            seal: PairwiseKey::new(&secret).map_err(IdentityError::key)?,
            signing: signing.map_err(IdentityError::key)?,
        })
    }

    /// Registers the mock providers and the test service, each once; again when the platform's
    /// address has changed.
    pub async fn prepare_mocks(&self, actor: &Actor) -> Result<(), IdentityError> {
        let Some(mocks) = &self.mocks else {
            return self.put_mocks_away(actor).await;
        };
        let keys = self.mock_keys().await?;
        for &audience in Audience::ALL {
            let form = self.mock_form(audience, &mocks.back);
            let secret = ProviderSecret(provider::secret(&keys.seal, audience));
            match self.provider_named(code_of(audience)).await? {
                None => {
                    self.register_provider(actor, &form, &secret).await?;
                }
                Some(known) => {
                    if known.suspended_for == PUT_AWAY {
                        self.suspend_provider(actor, known.id, false, "").await?;
                    }
                    let known = self.provider(actor, known.id).await?;
                    if ProviderForm::of(&known) != form {
                        self.change_provider(actor, known.id, known.version, &form, &secret)
                            .await?;
                    }
                }
            }
            self.prepare_trial(actor, audience).await?;
        }
        Ok(())
    }

    /// Nobody signs in with mock providers that ran before and don't run now.
    async fn put_mocks_away(&self, actor: &Actor) -> Result<(), IdentityError> {
        for &audience in Audience::ALL {
            let known = self.provider_named(code_of(audience)).await?;
            let known = known
                .filter(|one| !one.suspended && one.draft.issuer == self.mock_issuer(audience));
            if let Some(known) = known {
                self.suspend_provider(actor, known.id, true, PUT_AWAY)
                    .await?;
            }
        }
        Ok(())
    }

    /// The registration of the provider of an audience. Calls go to where this process listens,
    /// which may be elsewhere than where browsers find it.
    fn mock_form(&self, audience: Audience, back: &str) -> ProviderForm {
        let called = |path: &str| format!("{back}/mock/{}{path}", audience.code());
        let levels = people::levels(audience);
        let rules = levels.iter().map(|level| format!("acr {level} = {level}"));
        let is_agents = audience == Audience::Agents;
        let (name, profile, scopes) = if is_agents {
            // No siret: the directory of whoever tries it doesn't hold the invented organisations.
            let scopes = "openid profile given_name usual_name email uid \
                          organizational_unit belonging_population";
            ("Fournisseur d’essai des agents", "standard", scopes)
        } else {
            let scopes = "openid identite_pivot preferred_username email";
            ("Fournisseur d’essai des usagers", "standard", scopes)
        };
        ProviderForm {
            code: code_of(audience).into(),
            name: name.into(),
            audience: audience.code().into(),
            profile: profile.into(),
            issuer: self.mock_issuer(audience),
            client_id: CLIENT_ID.into(),
            scopes: scopes.into(),
            acr_values: "eidas1".into(),
            domains: if is_agents { "essai.example" } else { "" }.into(),
            levels: rules.collect::<Vec<_>>().join("\n"),
            level_max: "eidas3".into(),
            creates_accounts: is_agents,
            userinfo_algorithms: vec!["ES256".into()],
            authorization_endpoint: format!("{}/authorize", self.mock_issuer(audience)),
            token_endpoint: called("/token"),
            userinfo_endpoint: called("/userinfo"),
            jwks_uri: called("/jwks"),
            end_session_endpoint: format!("{}/session/end", self.mock_issuer(audience)),
            ..ProviderForm::fresh()
        }
    }
}
