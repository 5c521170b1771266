//! Signing out, as a service asks for it.

use kit_http::{
    Cx, Failure, Fields, HeaderMap, IntoResponse, Page, Query, Response, SESSION_COOKIE, State,
    cookies,
};
use kit_ui::{Composed, Form, Notice, Tone, WordArg};

use super::END_SESSION;
use super::answers::{error_page, go_on, local};
use super::authorize::brought;
use crate::Identity;
use crate::citizens::CITIZEN_COOKIE;
use crate::domain::{Audience, OAuthError, Params};
use crate::logout::{SignOut, Then};
use crate::pages::bare;

/// The parameters that go through the question.
const CARRIED: [&str; 4] = [
    "id_token_hint",
    "client_id",
    "post_logout_redirect_uri",
    "state",
];

pub(super) async fn end(
    State(identity): State<Identity>,
    cx: Cx,
    headers: HeaderMap,
    query: Result<Query<Vec<(String, String)>>, Failure>,
) -> Result<Response, Failure> {
    let Ok(Query(pairs)) = query else {
        let error = OAuthError::request("the parameters can't be read");
        return Ok(error_page(&cx, &error));
    };
    let params = Params(pairs);
    if let Err(error) = params.check() {
        return Ok(error_page(&cx, &error));
    }
    let cookie = brought(&headers);
    Ok(match identity.sign_out(&params, cookie, false).await? {
        SignOut::Done {
            then,
            audience,
            elsewhere,
        } => signed_out(&cx, then, (audience, elsewhere), false),
        SignOut::Ask { then } => Page(question(&cx, &params, then.as_ref())).into_response(),
    })
}

/// The same by a form of another site: see [`super::authorize::again_by_get`].
pub(super) async fn again_by_get(cx: Cx, fields: Result<Fields, Failure>) -> Response {
    match fields {
        Ok(fields) => local(&format!("{END_SESSION}?{}", Params(fields.0))),
        Err(_) => error_page(&cx, &OAuthError::request("the form can't be read")),
    }
}

fn question(cx: &Cx, params: &Params, then: Option<&Then>) -> Composed {
    let words = cx.words();
    let lead = match then {
        Some(then) => {
            let name = [("service", WordArg::from(then.service.as_str()))];
            words.text_with("identity-sign-out-lead-service", &name)
        }
        None => words.text("identity-sign-out-lead"),
    };
    let shell = cx.shell(words.text("identity-sign-out-title")).lead(lead);
    let submit = words.text("identity-sign-out-yes");
    let mut form = Form::post(&shell, "/connect/sign-out", submit);
    for name in CARRIED {
        if let Some(value) = params.get(name) {
            form = form.hidden(name, value);
        }
    }
    let stay = (words.text("identity-sign-out-no"), "/".to_owned());
    Composed::new(shell)
        .with(form)
        .with(kit_ui::Actions(vec![stay]))
}

/// After the end of a session: on to the service, or told here.
pub(crate) fn signed_out(
    cx: &Cx,
    then: Option<Then>,
    (audience, elsewhere): (Audience, Option<String>),
    after_form: bool,
) -> Response {
    if let Some(path) = elsewhere {
        let mut response = local(&path);
        cookies::set(response.headers_mut(), SESSION_COOKIE, "", Some(0));
        return response;
    }
    let mut response = match then {
        Some(then) => go_on(cx, &then.address, &then.service, after_form),
        None => {
            let words = cx.words();
            let mut shell = bare(cx, words.text("identity-signed-out-title"));
            shell.person = None;
            let text = words.text("identity-signed-out");
            Page(Composed::new(shell).with(Notice::new(Tone::Success, "", text))).into_response()
        }
    };
    let cookie = match audience {
        Audience::Agents => SESSION_COOKIE,
        Audience::Citizens => CITIZEN_COOKIE,
    };
    cookies::set(response.headers_mut(), cookie, "", Some(0));
    response
}
