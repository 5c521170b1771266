//! The address of one's own account, and the links that verify it.

use kit_http::{
    Cx, Failure, Fields, FormAgain, HeaderMap, IntoResponse, Page, Path, Response, State,
};
use kit_ui::{Actions, Composed, Field, Form, Notice, Tone};

use super::{Own, mark};
use crate::domain::Mistake;
use crate::{Directory, DirectoryError, Followed};

const PATH: &str = "/account/email";

fn change_page(cx: &Cx, own: &Own, typed: &str, mistakes: &[Mistake]) -> Composed {
    let words = cx.words();
    let mut shell = cx
        .shell(words.text("directory-email-change"))
        .lead(words.text("directory-email-change-lead"))
        .crumb(words.text("directory-account"), "/account");
    shell.mistaken = !mistakes.is_empty();
    if !own.is_fresh {
        return own.prove_again(cx, Composed::new(shell), PATH);
    }
    let mut fields = vec![
        Field::line("email", "email", words.text("directory-email-new"))
            .hint(words.text("directory-email-hint"))
            .autocomplete("email")
            .value(typed),
    ];
    mark(&words, &mut fields, mistakes);
    let form = Form::post(&shell, PATH, words.text("directory-email-change-submit"))
        .fields(fields)
        .summary(&words);
    Composed::new(shell).with(form)
}

pub(crate) async fn show(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
) -> Result<Page<Composed>, Failure> {
    let own = Own::of(&directory, &cx, &headers).await?;
    Ok(Page(change_page(&cx, &own, "", &[])))
}

/// What is read after something was mailed.
fn told(cx: &Cx, title: &str, tone: Tone, key: &str) -> Composed {
    let words = cx.words();
    let shell = cx
        .shell(words.text(title))
        .crumb(words.text("directory-account"), "/account");
    Composed::new(shell)
        .with(Notice::new(tone, "", words.text(key)))
        .with(Actions(vec![(
            words.text("directory-account"),
            "/account".into(),
        )]))
}

pub(crate) async fn change(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Failure> {
    cx.site.rate_limits.take_sensitive(cx.client)?;
    let own = Own::of(&directory, &cx, &headers).await?;
    let typed = fields.text("email");
    if !own.is_fresh {
        return Ok(Page(change_page(&cx, &own, typed, &[])).into_response());
    }
    match directory.change_email(own.person, typed, &cx.words()).await {
        Ok(()) => {
            let key = "directory-email-change-sent";
            let page = told(&cx, "directory-email-change", Tone::Info, key);
            Ok(Page(page).into_response())
        }
        Err(DirectoryError::Mistakes(mistakes)) => {
            Ok(FormAgain(change_page(&cx, &own, typed, &mistakes)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn send_again(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
) -> Result<Page<Composed>, Failure> {
    cx.site.rate_limits.take_sensitive(cx.client)?;
    let own = Own::of(&directory, &cx, &headers).await?;
    let is_sent = directory.send_verification(own.person, &cx.words()).await?;
    let (tone, key) = if is_sent {
        (Tone::Success, "directory-email-verify-sent")
    } else {
        (Tone::Info, "directory-email-verify-enough")
    };
    Ok(Page(told(&cx, "directory-email-verify", tone, key)))
}

fn over_page(cx: &Cx, key: &str) -> Composed {
    let words = cx.words();
    Composed::new(cx.shell(words.text("directory-email-verify")))
        .with(Notice::new(Tone::Warning, "", words.text(key)))
        .with(Actions(vec![(
            words.text("directory-account"),
            "/account".into(),
        )]))
}

/// The link itself changes nothing: programs that read mails open it too.
pub(crate) async fn show_link(
    State(directory): State<Directory>,
    cx: Cx,
    Path(token): Path<String>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let email = directory.email_of_link(&token).await;
    let Some(email) = email.map_err(DirectoryError::from)? else {
        return Ok(Page(over_page(&cx, "directory-email-verify-over")));
    };
    let shell = cx
        .shell(words.text("directory-email-verify"))
        .lead(words.text_with(
            "directory-email-verify-lead",
            &[("email", email.as_str().into())],
        ));
    let action = format!("/email/{token}");
    let form = Form::post(&shell, action, words.text("directory-email-verify-submit"));
    Ok(Page(Composed::new(shell).with(form)))
}

pub(crate) async fn follow_link(
    State(directory): State<Directory>,
    cx: Cx,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    cx.site.rate_limits.take_sensitive(cx.client)?;
    let key = match directory.follow_email_link(&token).await? {
        Followed::Done => {
            let key = "directory-email-verified-now";
            let page = told(&cx, "directory-email-verify", Tone::Success, key);
            return Ok(Page(page).into_response());
        }
        Followed::Taken => "directory-mistake-email-taken",
        Followed::Over => "directory-email-verify-over",
    };
    Ok(FormAgain(over_page(&cx, key)).into_response())
}
