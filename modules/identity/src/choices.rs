//! Where a person signs in, for the page that asks for its address.

use ports::{Answered, PortError, SignInChoices, SignInWay};
use uuid::Uuid;

use crate::domain::{Audience, Provider, Route, route};
use crate::store::providers;
use crate::{Identity, IdentityError};

/// The providers for agents, as the sign-in page sees them.
#[derive(Debug, Clone)]
pub struct SignInPort(pub(crate) Identity);

fn port(error: impl Into<IdentityError>) -> PortError {
    PortError(Box::new(error.into()))
}

/// The path that leads a browser to a provider.
fn path_to(provider: &Provider, email: &str, return_to: &str, again: bool) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("return_to", return_to);
    query.append_pair("email", email);
    if again {
        query.append_pair("again", "true");
    }
    format!("/sign-in/with/{}?{}", provider.draft.code, query.finish())
}

impl SignInChoices for SignInPort {
    fn are_there(&self) -> Answered<'_, bool> {
        Box::pin(async move {
            if self.0.mocks.is_none() {
                let any = providers::any_open(&self.0.db, Audience::Agents).await;
                return any.map_err(port);
            }
            // A mock provider is for those who ask for it: everybody else signs in as without.
            let all = providers::all_of(&self.0.db, Audience::Agents).await;
            let all = all.map_err(port)?;
            let mock = self.0.mock_issuer(Audience::Agents);
            Ok(all
                .iter()
                .any(|one| !one.suspended && one.draft.issuer != mock))
        })
    }

    fn of_email<'f>(
        &'f self,
        email: &'f str,
        return_to: &'f str,
        again: bool,
    ) -> Answered<'f, SignInWay> {
        Box::pin(async move {
            let all = providers::all_of(&self.0.db, Audience::Agents).await;
            let all = all.map_err(port)?;
            Ok(match route(&all, email) {
                Route::Local => SignInWay::Password,
                Route::To(provider) => SignInWay::Elsewhere {
                    name: provider.draft.name.clone(),
                    path: path_to(provider, email, return_to, again),
                },
                Route::Pick(several) => {
                    let ways = several.into_iter().map(|provider| {
                        let path = path_to(provider, email, return_to, again);
                        (provider.draft.name.clone(), path)
                    });
                    SignInWay::Pick(ways.collect())
                }
            })
        })
    }

    fn after_sign_out(&self, session: Uuid) -> Answered<'_, Option<String>> {
        Box::pin(async move { self.0.sign_out_elsewhere(session, None).await.map_err(port) })
    }
}
