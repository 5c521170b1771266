//! What the demo's town asks for on behalf of citizens who signed in to its service: an accreditation,
//! the service, and calls about the invented person whom the mock provider knows.

use exchange::Details;
use exchange::domain::{Act, RequestForm, Terms};
use identity::domain::{AdvancedForm, ClientForm};
use jiff::SignedDuration;
use kit_access::Actor;
use uuid::Uuid;

use crate::app::Platform;
use crate::demo_citizens;
use crate::demo_exchange::{self, Cast};
use crate::error::CommandError;

/// The scope that the service asks citizens to agree to. With it the fund is told who the citizen is,
/// where the citizen agrees to that as well: it knows its beneficiaries by their civil status.
pub(crate) const SCOPE: &str = "cnp_quotient_familial";

/// Fills it.
pub(crate) async fn fill(
    platform: &Platform,
    cast: &Cast,
    quotient: Uuid,
) -> Result<(), CommandError> {
    let exchange = &platform.exchange;
    let form = RequestForm {
        description: "L’usager connecté voit ses droits sans rien recopier.".to_owned(),
        modalities: vec!["citizen-session".to_owned()],
        ..demo_exchange::form(
            "Mes aides à Valclair",
            "aides : Vérifier le droit aux aides de la commune",
            &[quotient],
            &[SCOPE],
        )
    };
    let id = demo_exchange::sent(platform, cast, form, true).await?;
    let yes = Details {
        reason: "L’usager est connecté et donne son accord.".to_owned(),
        terms: Some(Terms {
            months: 12,
            per_minute: 30,
            per_day: 2_000,
            keys_allowed: false,
            hidden_days: 0,
        }),
        to: String::new(),
    };
    let tomorrow = platform.source.now() + SignedDuration::from_hours(24);
    exchange
        .act(&cast.instructor, id, 3, Act::Approve(tomorrow), &yes)
        .await?;
    let audience = platform
        .settings
        .exchange
        .on(&platform.settings.public_url());
    let form = ClientForm {
        name: "Mes aides à Valclair".to_owned(),
        purpose: "Vérifier vos droits aux aides de la commune.".to_owned(),
        organisation: cast.town.to_string(),
        audience: "citizens".to_owned(),
        profile: "standard".to_owned(),
        auth_method: "client_secret_basic".to_owned(),
        redirect_uris: "https://aides.valclair.example/retour".to_owned(),
        scopes: vec!["openid".to_owned(), "identite_pivot".to_owned()],
        exchange_scopes: SCOPE.to_owned(),
        subject_type: "pairwise".to_owned(),
        id_token_algorithm: "ES256".to_owned(),
        needs_pkce: true,
        advanced: AdvancedForm {
            exchanges: true,
            reaches: audience.audience,
            ..AdvancedForm::default()
        },
        ..ClientForm::default()
    };
    let service = platform
        .identity
        .register(&Actor::system("demo"), &form)
        .await?;
    exchange
        .name_client(&cast.requester, id, &service.client_id)
        .await?;
    demo_citizens::called_for(platform, cast.fund, id, quotient).await
}
