//! The recovery codes of one's own account.

use askama::Template;
use askama::filters::HtmlSafe;
use kit_http::{Cx, Failure, HeaderMap, IntoResponse, Page, Response, SeeOther, State};
use kit_ui::{Actions, Composed, Form, Notice, Tone};

use super::Own;
use super::totp::secret;
use crate::Directory;

const PATH: &str = "/account/recovery-codes";

/// Codes, to be written down.
#[derive(Debug, Template)]
#[template(
    source = r#"<ul class="gv-codes">{% for code in codes %}<li>{{ code }}</li>{% endfor %}</ul>"#,
    ext = "html"
)]
struct Codes {
    codes: Vec<String>,
}

impl HtmlSafe for Codes {}

/// The one page that shows codes: they are kept as hashes only.
pub(super) fn codes_page(cx: &Cx, codes: &[String]) -> Response {
    let words = cx.words();
    let shell = cx
        .shell(words.text("directory-recovery-codes"))
        .lead(words.text("directory-recovery-shown"))
        .crumb(words.text("directory-account"), "/account");
    let page = Composed::new(shell)
        .with(Notice::new(
            Tone::Warning,
            "",
            words.text("directory-recovery-once"),
        ))
        .with(Codes {
            codes: codes.to_vec(),
        })
        .with(Actions(vec![(
            words.text("directory-recovery-kept"),
            "/account".into(),
        )]));
    secret(Page(page).into_response())
}

pub(crate) async fn show(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
) -> Result<Page<Composed>, Failure> {
    let own = Own::of(&directory, &cx, &headers).await?;
    let words = cx.words();
    let shell = cx
        .shell(words.text("directory-recovery-codes"))
        .lead(words.text("directory-recovery-lead"))
        .crumb(words.text("directory-account"), "/account");
    let page = Composed::new(shell.clone());
    if !own.factors.is_any() {
        let text = words.text("directory-recovery-none");
        return Ok(Page(page.with(Notice::new(Tone::Info, "", text)).with(
            Actions(vec![(
                words.text("directory-totp-add"),
                "/account/totp".into(),
            )]),
        )));
    }
    let page = page
        .text(words.count("directory-recovery-left", own.factors.recovery_codes))
        .heading(words.text("directory-recovery-renew"))
        .text(words.text("directory-recovery-renew-lead"));
    Ok(Page(if own.is_fresh {
        page.with(Form::post(
            &shell,
            PATH,
            words.text("directory-recovery-renew"),
        ))
    } else {
        own.prove_again(&cx, page, PATH)
    }))
}

pub(crate) async fn renew(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let own = Own::of(&directory, &cx, &headers).await?;
    let codes = if own.is_fresh {
        directory
            .renew_recovery_codes(own.person, &cx.words())
            .await?
    } else {
        None
    };
    Ok(match codes {
        Some(codes) => codes_page(&cx, &codes),
        None => SeeOther(PATH.into()).into_response(),
    })
}
