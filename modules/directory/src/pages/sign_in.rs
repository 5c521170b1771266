//! Signing in and out, and choosing a password.

use kit_http::{
    Cx, Failure, Fields, FormAgain, HeaderMap, IntoResponse, Page, Path, Query, Response,
    SESSION_COOKIE, SeeOther, State, cookies, local_path,
};
use kit_ui::{Composed, Field, Form, Notice, Tone, format};
use serde::Deserialize;

use crate::domain::{PASSWORD_CHARS_MIN, PasswordMistake};
use crate::{Directory, SignIn};

#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    return_to: String,
    #[serde(default)]
    changed: bool,
    /// A service asks the person to prove anew who it is.
    #[serde(default)]
    again: bool,
    /// The address that a service expects: filled in, never believed.
    #[serde(default)]
    email: String,
    /// The person wants to write its password, whatever other ways there are.
    #[serde(default)]
    password: bool,
}

pub(super) fn form_page(
    cx: &Cx,
    return_to: &str,
    email: &str,
    problem: Option<String>,
) -> Composed {
    let words = cx.words();
    let mut shell = cx.shell(words.text("directory-sign-in-title"));
    if !cx.actor.is_anonymous() {
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
    Composed::new(shell).with(form).with(kit_ui::Actions(vec![(
        words.text("directory-forgotten"),
        "/password".into(),
    )]))
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
        let wish = (query.return_to.as_str(), query.again);
        let page = super::choices::email_page(&cx, wish, &query.email, None);
        return Ok(Page(page).into_response());
    }
    let words = cx.words();
    let mut page = form_page(&cx, &query.return_to, &query.email, None);
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
    let current = cookies::read(&headers, SESSION_COOKIE);
    let (email, return_to) = (fields.text("email"), fields.text("return_to"));
    let password = fields.all("password").next().unwrap_or_default();
    let signed = directory.sign_in_again(email, password, current).await?;
    let problem = match signed {
        SignIn::Done(session) => {
            let mut response = SeeOther(return_to.to_owned()).into_response();
            let headers = response.headers_mut();
            cookies::set(
                headers,
                SESSION_COOKIE,
                &session.token,
                Some(session.max_age_seconds),
            );
            return Ok(response);
        }
        SignIn::Refused => words.text("directory-sign-in-refused"),
        SignIn::Locked(until) => words.text_with(
            "directory-sign-in-locked",
            &[("until", format::instant(cx.locale, until).into())],
        ),
    };
    Ok(FormAgain(form_page(&cx, return_to, email, Some(problem))).into_response())
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
    let subject = words.text("directory-mail-reset-subject");
    let text = |link: &str| words.text_with("directory-mail-reset-text", &[("link", link.into())]);
    directory
        .ask_reset(fields.text("email"), &subject, text)
        .await?;
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
    Path(token): Path<String>,
    fields: Fields,
) -> Result<Response, Failure> {
    cx.site.rate_limits.take_sensitive(cx.client)?;
    let password = fields.all("password").next().unwrap_or_default();
    let key = match directory.use_reset(&token, password).await? {
        None => return Ok(FormAgain(expired_page(&cx)).into_response()),
        Some(Ok(())) => return Ok(SeeOther("/sign-in?changed=true".into()).into_response()),
        Some(Err(PasswordMistake::TooShort)) => "directory-mistake-password-short",
        Some(Err(PasswordMistake::TooLong)) => "directory-mistake-password-long",
        Some(Err(PasswordMistake::TooEasy)) => "directory-mistake-password-easy",
    };
    Ok(FormAgain(choose_page(&cx, &token, Some(cx.words().text(key)))).into_response())
}
