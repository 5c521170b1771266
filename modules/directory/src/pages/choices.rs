//! The address first, then the provider, the choice of one, or the password.

use kit_http::{Cx, Failure, Fields, FormAgain, IntoResponse, Page, Response, State, local_path};
use kit_ui::{Actions, Composed, Field, Form, WordArg};
use ports::SignInWay;

use super::passkeys::passkey_form;
use super::sign_in::form_page;
use crate::{Directory, domain};

/// The question for the address.
pub(super) fn email_page(
    directory: &Directory,
    cx: &Cx,
    (return_to, again, level): (&str, bool, &str),
    email: &str,
    problem: Option<String>,
) -> Composed {
    let words = cx.words();
    let return_to = local_path(return_to);
    let mut shell = cx
        .shell(words.text("directory-sign-in-title"))
        .lead(words.text("directory-sign-in-email-lead"));
    shell.mistaken = problem.is_some();
    let mut form = Form::post(
        &shell,
        "/sign-in/email",
        words.text("directory-sign-in-email-submit"),
    )
    .hidden("return_to", return_to);
    if again {
        form = form.hidden("again", "true");
    }
    if !level.is_empty() {
        form = form.hidden("level", level);
    }
    let form = form
        .field(
            Field::line("email", "email", words.text("directory-email"))
                .value(email)
                .autocomplete("username")
                .error(problem),
        )
        .summary(&words);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("return_to", return_to);
    query.append_pair("password", "true");
    if again {
        query.append_pair("again", "true");
    }
    if !level.is_empty() {
        query.append_pair("level", level);
    }
    let by_password = (
        words.text("directory-sign-in-by-password"),
        format!("/sign-in?{}", query.finish()),
    );
    let passkey = passkey_form(directory, &shell, return_to);
    Composed::new(shell)
        .with(form)
        .maybe(passkey)
        .with(Actions(vec![by_password]))
}

/// Leads the person to where its address belongs. No secret is tried and no account is looked for, so
/// the limit of other pages does: a whole ministry may come from one address in the morning.
pub(super) async fn lead(
    State(directory): State<Directory>,
    cx: Cx,
    fields: Fields,
) -> Result<Response, Failure> {
    let words = cx.words();
    let typed = fields.text("email");
    let return_to = local_path(fields.text("return_to"));
    let again = fields.text("again") == "true";
    let level = fields.text("level");
    let Some(email) = domain::email(typed) else {
        let problem = Some(words.text("directory-mistake-email"));
        let page = email_page(&directory, &cx, (return_to, again, level), typed, problem);
        return Ok(FormAgain(page).into_response());
    };
    Ok(match directory.way_of(&email, return_to, again).await? {
        SignInWay::Password => {
            let wish = [return_to, email.as_str(), level];
            Page(form_page(&directory, &cx, wish, None)).into_response()
        }
        SignInWay::Elsewhere { name, path } => elsewhere_page(&cx, &name, &path),
        SignInWay::Pick(ways) => {
            let shell = cx
                .shell(words.text("directory-sign-in-pick"))
                .lead(words.text("directory-sign-in-pick-lead"))
                .crumb(words.text("directory-sign-in-title"), "/sign-in");
            Page(Composed::new(shell).with(Actions(ways))).into_response()
        }
    })
}

/// Goes on to a provider. A redirection after a form would be held back by the page's own policy
/// (`form-action`), which lets forms lead to this site only: a header sends the browser on, and a
/// link is there for whoever has that turned off.
fn elsewhere_page(cx: &Cx, name: &str, path: &str) -> Response {
    let words = cx.words();
    let named = [("provider", WordArg::from(name))];
    let shell = cx
        .shell(words.text("directory-sign-in-title"))
        .lead(words.text_with("directory-sign-in-elsewhere", &named));
    let on = (
        words.text_with("directory-sign-in-elsewhere-go", &named),
        path.to_owned(),
    );
    let mut response = Page(Composed::new(shell).with(Actions(vec![on]))).into_response();
    let headers = response.headers_mut();
    for (header, value) in [
        ("refresh", format!("0; url={path}")),
        ("cache-control", "no-store".to_owned()),
    ] {
        if let Ok(value) = value.parse() {
            headers.insert(header, value);
        }
    }
    response
}
