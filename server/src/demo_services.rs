//! The services to which people of the demo State sign in, and a provider through which they might.

use identity::ProviderSecret;
use identity::domain::{ClientForm, ProviderForm};
use kit_access::Actor;
use uuid::Uuid;

use crate::app::Platform;
use crate::error::CommandError;

/// Name, purpose, host, scopes, whether people are asked.
const SERVICES: [(&str, &str, &str, &[&str], bool); 3] = [
    (
        "Guichet des aides",
        "Demander une aide et suivre sa demande.",
        "aides.example",
        &["openid", "profile", "email"],
        true,
    ),
    (
        "Messagerie des agents",
        "Échanger entre agents de l’État, dans des salons et des appels.",
        "messagerie.example",
        &["openid", "profile", "email", "offline_access"],
        true,
    ),
    (
        "Registre des dossiers",
        "Instruire les dossiers déposés en ligne.",
        "dossiers.example",
        &["openid", "profile", "email", "siret", "organizational_unit"],
        false,
    ),
];

/// Registers them; gives the id of the first.
pub(crate) async fn register(
    platform: &Platform,
    actor: &Actor,
) -> Result<Option<Uuid>, CommandError> {
    let mut first = None;
    for (name, purpose, host, scopes, asks_consent) in SERVICES {
        let form = ClientForm {
            name: name.to_owned(),
            purpose: purpose.to_owned(),
            profile: "standard".to_owned(),
            auth_method: "client_secret_basic".to_owned(),
            redirect_uris: format!("https://{host}/retour"),
            post_logout_redirect_uris: format!("https://{host}/"),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            subject_type: "pairwise".to_owned(),
            id_token_algorithm: "ES256".to_owned(),
            needs_pkce: true,
            asks_consent,
            refreshes: scopes.contains(&"offline_access"),
            ..ClientForm::default()
        };
        let new = platform.identity.register(actor, &form).await?;
        first.get_or_insert(new.id);
    }
    provider(platform, actor).await?;
    Ok(first)
}

/// A provider that isn't connected: suspended, so that people sign in by password.
async fn provider(platform: &Platform, actor: &Actor) -> Result<(), CommandError> {
    let form = ProviderForm {
        code: "interministeriel".to_owned(),
        name: "Annuaire interministériel".to_owned(),
        issuer: "https://identite.example".to_owned(),
        client_id: "gouvernail".to_owned(),
        auth_method: "private_key_jwt".to_owned(),
        domains: "ministere.example".to_owned(),
        acr_values: "eidas1".to_owned(),
        levels: "acr eidas1 = eidas1\nacr eidas2 = eidas2\namr mfa = eidas0-mfa".to_owned(),
        level_max: "eidas2".to_owned(),
        ..ProviderForm::fresh()
    };
    let none = ProviderSecret::default();
    let identity = &platform.identity;
    let id = identity.register_provider(actor, &form, &none).await?;
    let why = "Raccordement en préparation.";
    identity.suspend_provider(actor, id, true, why).await?;
    Ok(())
}
