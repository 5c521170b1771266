//! Signing in and out, and choosing a password.

use kit_http::{
    Cx, Failure, Fields, FormAgain, HeaderMap, IntoResponse, Page, Path, Query, Response,
    SESSION_COOKIE, SeeOther, State, cookies, local_path,
};
use kit_ui::{Composed, Field, Form, Notice, Tone, format};
use serde::Deserialize;

use super::passkeys::passkey_form;
use super::percent_encode;
use super::second_factor::ATTEMPT_COOKIE;
use crate::domain::{PASSWORD_CHARS_MIN, PasswordMistake};
use crate::sign_in::DEVICE_LIVES;
use crate::{Directory, SignIn, SignedIn, Visit};
use ports::DEVICE_COOKIE;

/// Seconds that the cookie of an attempt lives: no less than its ticket.
const ATTEMPT_SECONDS: u64 = 300;

#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    return_to: String,
    #[serde(default)]
    changed: bool,
    /// A service asks the person to prove anew who it is.
    #[serde(default)]
    again: bool,
    /// `mfa` when it asks for two factors.
    #[serde(default)]
    level: String,
    /// The address that a service expects: filled in, never believed.
    #[serde(default)]
    email: String,
    /// The person wants to write its password, whatever other ways there are.
    #[serde(default)]
    password: bool,
}

/// The page of the form. Also where a passkey that failed leads back to.
pub(super) fn form_page(
    directory: &Directory,
    cx: &Cx,
    [return_to, email, level]: [&str; 3],
    problem: Option<String>,
) -> Composed {
    let words = cx.words();
    let mut shell = cx.shell(words.text("directory-sign-in-title"));
    if level == "mfa" {
        shell = shell.lead(words.text("directory-sign-in-mfa"));
    } else if !cx.actor.is_anonymous() {
        shell = shell.lead(words.text("directory-sign-in-again"));
    }
    shell.mistaken = problem.is_some();
    let form = Form::post(&shell, "/sign-in", words.text("directory-sign-in-submit"))
        .hidden("return_to", local_path(return_to))
        .field(
            Field::line("email", "email", words.text("directory-email"))
                .value(email)
                .autocomplete("username")
                .error(problem),
        )
        .field(
            Field::line("password", "password", words.text("directory-password"))
                .autocomplete("current-password"),
        )
        .summary(&words);
    let passkey = passkey_form(directory, &shell, return_to);
    Composed::new(shell)
        .with(form)
        .maybe(passkey)
        .link(words.text("directory-forgotten"), "/password")
}

/// Answers a session that began: its cookies, and the way on.
pub(super) fn signed_in(session: &SignedIn, return_to: &str) -> Response {
    let mut response = SeeOther(return_to.to_owned()).into_response();
    let headers = response.headers_mut();
    let age = Some(session.max_age_seconds);
    cookies::set(headers, SESSION_COOKIE, &session.token, age);
    if let Some(device) = &session.device {
        set_device(headers, device);
    }
    response
}

fn set_device(headers: &mut HeaderMap, device: &str) {
    let age = DEVICE_LIVES.as_secs().unsigned_abs();
    cookies::set(headers, DEVICE_COOKIE, device, Some(age));
}

pub(crate) async fn show(
    State(directory): State<Directory>,
    cx: Cx,
    Query(query): Query<Asked>,
) -> Result<Response, Failure> {
    if !cx.actor.is_anonymous() && !query.again {
        return Ok(SeeOther(query.return_to).into_response());
    }
    if !query.password && !query.changed && directory.has_choices().await? {
        let wish = (query.return_to.as_str(), query.again, query.level.as_str());
        let page = super::choices::email_page(&directory, &cx, wish, &query.email, None);
        return Ok(Page(page).into_response());
    }
    let words = cx.words();
    let mut page = form_page(
        &directory,
        &cx,
        [&query.return_to, &query.email, &query.level],
        None,
    );
    if query.changed {
        let text = words.text("directory-password-changed");
        page = Composed::new(cx.shell(words.text("directory-sign-in-title")))
            .with(Notice::new(Tone::Success, "", text))
            .with(kit_ui::Actions(vec![(
                words.text("directory-sign-in-submit"),
                "/sign-in".into(),
            )]));
    }
    Ok(Page(page).into_response())
}

pub(crate) async fn sign_in(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Failure> {
    cx.site.rate_limits.take_sensitive(cx.client)?;
    let words = cx.words();
    let visit = Visit::of(&cx, &headers);
    let (email, return_to) = (fields.text("email"), fields.text("return_to"));
    let password = fields.all("password").next().unwrap_or_default();
    let problem = match directory.sign_in_at(email, password, &visit).await? {
        SignIn::Done(session) => return Ok(signed_in(&session, return_to)),
        SignIn::SecondFactor(ticket) => {
            let to = percent_encode(local_path(return_to));
            let to = format!("/sign-in/second?return_to={to}");
            let mut response = SeeOther(to).into_response();
            let headers = response.headers_mut();
            cookies::set(headers, ATTEMPT_COOKIE, &ticket, Some(ATTEMPT_SECONDS));
            return Ok(response);
        }
        SignIn::Refused => words.text("directory-sign-in-refused"),
        SignIn::Wait(until) => words.text_with(
            "directory-sign-in-wait",
            &[("until", format::instant(cx.locale, until).into())],
        ),
        SignIn::OtherWay => words.text("directory-sign-in-other-way"),
    };
    let page = form_page(&directory, &cx, [return_to, email, ""], Some(problem));
    Ok(FormAgain(page).into_response())
}

pub(crate) async fn sign_out(
    State(directory): State<Directory>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let mut next = None;
    if let Some(token) = cookies::read(&headers, SESSION_COOKIE) {
        let session = directory
            .session_of(token)
            .await
            .map_err(Failure::internal)?;
        // A provider opened it: the person signs out there too.
        if let Some(session) = session.filter(|session| session.provider.is_some()) {
            next = directory.after_sign_out(session.id).await?;
        }
        directory.sign_out(token).await?;
    }
    let mut response = SeeOther(next.unwrap_or_else(|| "/".into())).into_response();
    cookies::set(response.headers_mut(), SESSION_COOKIE, "", Some(0));
    Ok(response)
}

pub(crate) async fn show_ask(cx: Cx) -> Page<Composed> {
    let words = cx.words();
    let shell = cx
        .shell(words.text("directory-forgotten"))
        .lead(words.text("directory-forgotten-lead"))
        .crumb(words.text("directory-sign-in-title"), "/sign-in");
    let form = Form::post(
        &shell,
        "/password",
        words.text("directory-forgotten-submit"),
    )
    .field(Field::line("email", "email", words.text("directory-email")).autocomplete("username"));
    Page(Composed::new(shell).with(form))
}

pub(crate) async fn ask(
    State(directory): State<Directory>,
    cx: Cx,
    fields: Fields,
) -> Result<Page<Composed>, Failure> {
    cx.site.rate_limits.take_sensitive(cx.client)?;
    let words = cx.words();
    directory.ask_reset(fields.text("email"), &words).await?;
    let shell = cx.shell(words.text("directory-forgotten"));
    let sent = Notice::new(Tone::Info, "", words.text("directory-forgotten-sent"));
    Ok(Page(Composed::new(shell).with(sent)))
}

fn choose_page(cx: &Cx, token: &str, problem: Option<String>) -> Composed {
    let words = cx.words();
    let mut shell = cx.shell(words.text("directory-choose-title"));
    shell.mistaken = problem.is_some();
    let field = Field::line("password", "password", words.text("directory-password-new"))
        .hint(words.count("directory-password-hint", PASSWORD_CHARS_MIN as i64))
        .autocomplete("new-password")
        .error(problem);
    let action = format!("/password/{token}");
    let form = Form::post(&shell, action, words.text("directory-choose-submit"))
        .field(field)
        .summary(&words);
    Composed::new(shell).with(form)
}

fn expired_page(cx: &Cx) -> Composed {
    let words = cx.words();
    Composed::new(cx.shell(words.text("directory-choose-title")))
        .with(Notice::new(
            Tone::Warning,
            "",
            words.text("directory-choose-expired"),
        ))
        .with(kit_ui::Actions(vec![(
            words.text("directory-forgotten"),
            "/password".into(),
        )]))
}

pub(crate) async fn show_choose(
    State(directory): State<Directory>,
    cx: Cx,
    Path(token): Path<String>,
) -> Result<Page<Composed>, Failure> {
    let works = directory
        .reset_works(&token)
        .await
        .map_err(Failure::internal)?;
    Ok(Page(if works {
        choose_page(&cx, &token, None)
    } else {
        expired_page(&cx)
    }))
}

pub(crate) async fn choose(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
    Path(token): Path<String>,
    fields: Fields,
) -> Result<Response, Failure> {
    cx.site.rate_limits.take_sensitive(cx.client)?;
    let password = fields.all("password").next().unwrap_or_default();
    let visit = Visit::of(&cx, &headers);
    let key = match directory.use_reset(&token, password, &visit).await? {
        None => return Ok(FormAgain(expired_page(&cx)).into_response()),
        Some(Ok(chosen)) => {
            let mut response = SeeOther("/sign-in?changed=true".into()).into_response();
            if let Some(device) = &chosen.device {
                set_device(response.headers_mut(), device);
            }
            return Ok(response);
        }
        Some(Err(PasswordMistake::TooShort)) => "directory-mistake-password-short",
        Some(Err(PasswordMistake::TooLong)) => "directory-mistake-password-long",
        Some(Err(PasswordMistake::TooEasy)) => "directory-mistake-password-easy",
    };
    Ok(FormAgain(choose_page(&cx, &token, Some(cx.words().text(key)))).into_response())
}
