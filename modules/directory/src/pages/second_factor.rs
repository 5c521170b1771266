//! The second step of a sign-in: a code of the application, a recovery code, or a passkey.

use kit_http::{
    Cx, Failure, Fields, FormAgain, HeaderMap, IntoResponse, Page, Query, Response, State, cookies,
    local_path,
};
use kit_ui::{Actions, Composed, Field, Form, Notice, Tone, format};
use serde::Deserialize;

use super::passkeys::passkey_form;
use super::sign_in::signed_in;
use crate::second_factor::Factors;
use crate::{Directory, SecondFactor, Visit};

/// The cookie of an attempt between a right password and a second factor.
pub(super) const ATTEMPT_COOKIE: &str = "__Host-attempt";
/// Longest code, in characters, with the blanks and hyphens that people type.
const CODE_CHARS_MAX: u32 = 40;

#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    return_to: String,
}

fn form_page(
    directory: &Directory,
    cx: &Cx,
    factors: Factors,
    return_to: &str,
    problem: Option<String>,
) -> Composed {
    let words = cx.words();
    let mut shell = cx
        .shell(words.text("directory-second-title"))
        .lead(words.text("directory-second-lead"))
        .crumb(words.text("directory-sign-in-title"), "/sign-in");
    shell.mistaken = problem.is_some();
    let (label, hint) = if factors.has_totp {
        ("directory-code", "directory-second-hint")
    } else {
        ("directory-recovery-code", "directory-recovery-hint")
    };
    let form = Form::post(
        &shell,
        "/sign-in/second",
        words.text("directory-second-submit"),
    )
    .hidden("return_to", local_path(return_to))
    .field(
        Field::text("code", words.text(label))
            .hint(words.text(hint))
            .autocomplete("one-time-code")
            .length_max(CODE_CHARS_MAX)
            .error(problem),
    )
    .summary(&words);
    let passkey = (factors.passkeys > 0)
        .then(|| passkey_form(directory, &shell, return_to))
        .flatten();
    let page = Composed::new(shell);
    // Who has passkeys only uses one; a code is for whoever has none at hand.
    if factors.has_totp {
        page.with(form).maybe(passkey)
    } else {
        page.maybe(passkey).with(form)
    }
}

fn over_page(cx: &Cx) -> Composed {
    let words = cx.words();
    Composed::new(cx.shell(words.text("directory-second-title")))
        .with(Notice::new(
            Tone::Warning,
            "",
            words.text("directory-second-over"),
        ))
        .with(Actions(vec![(
            words.text("directory-sign-in-submit"),
            "/sign-in".into(),
        )]))
}

pub(crate) async fn show(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Page<Composed>, Failure> {
    let ticket = cookies::read(&headers, ATTEMPT_COOKIE).unwrap_or_default();
    let Some(person) = directory.ticket(ticket).await? else {
        return Ok(Page(over_page(&cx)));
    };
    let factors = directory.factors(person).await?;
    let page = form_page(&directory, &cx, factors, &asked.return_to, None);
    Ok(Page(page))
}

pub(crate) async fn answer(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Failure> {
    cx.site.rate_limits.take_sensitive(cx.client)?;
    let words = cx.words();
    let ticket = cookies::read(&headers, ATTEMPT_COOKIE).unwrap_or_default();
    let person = directory.ticket(ticket).await?;
    let return_to = fields.text("return_to");
    let typed: String = fields
        .text("code")
        .chars()
        .take(CODE_CHARS_MAX as usize)
        .collect();
    let visit = Visit::of(&cx, &headers);
    let problem = match directory.second_factor(ticket, &typed, &visit).await? {
        SecondFactor::Done(session) => {
            let mut response = signed_in(&session, return_to);
            cookies::set(response.headers_mut(), ATTEMPT_COOKIE, "", Some(0));
            return Ok(response);
        }
        SecondFactor::Over => return Ok(FormAgain(over_page(&cx)).into_response()),
        SecondFactor::Refused => words.text("directory-second-refused"),
        SecondFactor::Wait(until) => words.text_with(
            "directory-second-wait",
            &[("until", format::instant(cx.locale, until).into())],
        ),
        SecondFactor::OtherWay => words.text("directory-second-other-way"),
    };
    let Some(person) = person else {
        return Ok(FormAgain(over_page(&cx)).into_response());
    };
    let factors = directory.factors(person).await?;
    let page = form_page(&directory, &cx, factors, return_to, Some(problem));
    Ok(FormAgain(page).into_response())
}
