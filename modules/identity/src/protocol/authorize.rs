//! The address to which a service sends a browser.

use kit_http::{
    Cx, Failure, Fields, HeaderMap, IntoResponse, Page, Query, Response, SESSION_COOKIE, State,
    cookies,
};
use kit_ui::Composed;

use super::AUTHORIZE;
use super::answers::{error_page, go_on, local, send_form};
use crate::authorize::Outcome;
use crate::citizens::CITIZEN_COOKIE;
use crate::domain::{Audience, OAuthError, Params};
use crate::pages::{consent_page, step_up_page};
use crate::people::Brought;
use crate::{Identity, IdentityError};

/// Longest address that a person's mailbox has; a longer hint is no address.
const HINT_BYTES_MAX: usize = 254;

pub(super) async fn begin(
    State(identity): State<Identity>,
    cx: Cx,
    headers: HeaderMap,
    query: Result<Query<Vec<(String, String)>>, Failure>,
) -> Result<Response, Failure> {
    let Ok(Query(pairs)) = query else {
        let error = OAuthError::request("the parameters can't be read");
        return Ok(error_page(&cx, &error));
    };
    let cookie = brought(&headers);
    let outcome = identity.begin(Params(pairs), cookie).await;
    Ok(shown(&cx, outcome?, false))
}

/// The same by a form of another site. Its browser doesn't send our cookie with it: asked again by
/// address, it does.
pub(super) async fn again_by_get(cx: Cx, fields: Result<Fields, Failure>) -> Response {
    match fields {
        Ok(fields) => local(&format!("{AUTHORIZE}?{}", Params(fields.0))),
        Err(_) => error_page(&cx, &OAuthError::request("the form can't be read")),
    }
}

/// The cookies that say who a browser's person is.
pub(crate) fn brought(headers: &HeaderMap) -> Brought<'_> {
    Brought {
        agent: cookies::read(headers, SESSION_COOKIE),
        citizen: cookies::read(headers, CITIZEN_COOKIE),
    }
}

/// What the browser is answered.
pub(crate) fn shown(cx: &Cx, outcome: Outcome, after_form: bool) -> Response {
    match outcome {
        Outcome::Return {
            address,
            form: Some(fields),
            service,
        } => send_form(cx, &address, fields, &service),
        Outcome::Return {
            address, service, ..
        } => go_on(cx, &address, &service, after_form),
        Outcome::SignIn {
            audience: Audience::Citizens,
            ticket,
            provider: None,
            ..
        } => local(&format!("/citizen/sign-in?return_to=%2Fconnect%2F{ticket}")),
        Outcome::SignIn {
            ticket,
            again,
            hint,
            provider,
            ..
        } => {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("return_to", &format!("/connect/{ticket}"));
            if again {
                query.append_pair("again", "true");
            }
            if let Some(hint) = hint.filter(|hint| hint.len() <= HINT_BYTES_MAX) {
                query.append_pair("email", &hint);
            }
            let path = match provider {
                Some(code) => format!("/sign-in/with/{code}"),
                None => "/sign-in".to_owned(),
            };
            local(&format!("{path}?{}", query.finish()))
        }
        Outcome::StepUp(lack) if lack.has_second_factor => {
            let back = format!("/connect/{}", lack.ticket);
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("return_to", &back);
            local(&format!("/sign-in?again=true&level=mfa&{}", query.finish()))
        }
        Outcome::StepUp(lack) => Page(step_up_page(cx, &lack)).into_response(),
        Outcome::Consent(asked) => {
            let page: Composed = consent_page(cx, &asked);
            Page(page).into_response()
        }
        Outcome::Page(error) => error_page(cx, &error),
    }
}

impl From<IdentityError> for Failure {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::NotFound => Self::NotFound,
            IdentityError::Denied(denied) => denied.into(),
            IdentityError::Stale => Self::Conflict(String::new()),
            IdentityError::Mistakes(mistakes) => Self::Invalid(
                mistakes
                    .into_iter()
                    .map(|one| kit_http::FieldError::new(one.field, "invalid", one.key))
                    .collect(),
            ),
            IdentityError::Db(error) if error.is_transient() => Self::Unavailable(Box::new(error)),
            error => Self::internal(error),
        }
    }
}
