//! The application's one-time codes of one's own account.

use askama::Template;
use askama::filters::HtmlSafe;
use kit_http::{
    Cx, Failure, Fields, FormAgain, HeaderMap, IntoResponse, Page, Response, SeeOther, State,
};
use kit_ui::{Composed, Facts, Field, Form, Notice, Tone};
use qrcodegen::{QrCode, QrCodeEcc};

use super::Own;
use super::recovery_codes::codes_page;
use crate::Directory;
use crate::domain::{totp_address, totp_secret_text};

const PATH: &str = "/account/totp";
/// Light modules around the code (ISO/IEC 18004 asks for four).
const MARGIN: i32 = 4;

/// A QR code drawn into the page: no style, no script, no address of its own that would show the
/// secret.
#[derive(Debug, Template)]
#[template(
    source = r##"<svg class="gv-qr" role="img" aria-label="{{ label }}" viewBox="0 0 {{ size }} {{ size }}" width="240" height="240" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{{ size }}v{{ size }}H0z"/><path fill="#000" d="{{ path }}"/></svg>"##,
    ext = "html"
)]
struct Picture {
    label: String,
    size: i32,
    path: String,
}

impl HtmlSafe for Picture {}

impl Picture {
    /// `None` when the text is too long for a code, which an address of ours never is.
    fn new(text: &str, label: String) -> Option<Self> {
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
        let mut path = String::new();
        for y in 0..code.size() {
            for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
                path.push_str(&format!("M{} {}h1v1h-1z", x + MARGIN, y + MARGIN));
            }
        }
        Some(Self {
            label,
            size: code.size() + 2 * MARGIN,
            path,
        })
    }
}

async fn page(
    directory: &Directory,
    cx: &Cx,
    own: &Own,
    problem: Option<String>,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let mut shell = cx
        .shell(words.text("directory-totp"))
        .lead(words.text("directory-totp-lead"))
        .crumb(words.text("directory-account"), "/account");
    shell.mistaken = problem.is_some();
    let page = Composed::new(shell.clone());
    if own.factors.has_totp {
        let page = page
            .with(Notice::new(
                Tone::Success,
                "",
                words.text("directory-totp-on"),
            ))
            .heading(words.text("directory-totp-remove"))
            .text(words.text("directory-totp-remove-lead"));
        if !own.is_fresh {
            return Ok(own.prove_again(cx, page, PATH));
        }
        let action = format!("{PATH}/remove");
        return Ok(
            page.with(Form::post(&shell, action, words.text("directory-totp-remove")).danger())
        );
    }
    if !own.is_fresh {
        return Ok(own.prove_again(cx, page, PATH));
    }
    let Some(secret) = directory.waiting_totp(own.person).await? else {
        let action = format!("{PATH}/begin");
        return Ok(page.text(words.text("directory-totp-how")).with(Form::post(
            &shell,
            action,
            words.text("directory-totp-begin"),
        )));
    };
    let person = directory.person_of(own.person).await?;
    let address = totp_address(&secret, &cx.site.service_name, &person.email);
    let picture = Picture::new(&address, words.text("directory-totp-picture"));
    let facts = Facts::default()
        .text(
            words.text("directory-totp-secret"),
            totp_secret_text(&secret),
        )
        .link(
            words.text("directory-totp-address"),
            words.text("directory-totp-open"),
            address,
        );
    let form = Form::post(&shell, PATH, words.text("directory-totp-confirm"))
        .field(
            Field::text("code", words.text("directory-code"))
                .hint(words.text("directory-code-hint"))
                .autocomplete("one-time-code")
                .length_max(10)
                .error(problem),
        )
        .summary(&words);
    Ok(page
        .heading(words.text("directory-totp-scan"))
        .text(words.text("directory-totp-scan-lead"))
        .maybe(picture)
        .with(facts)
        .heading(words.text("directory-totp-try"))
        .with(form))
}

pub(crate) async fn show(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let own = Own::of(&directory, &cx, &headers).await?;
    let page = page(&directory, &cx, &own, None).await?;
    Ok(secret(Page(page).into_response()))
}

/// A page with a secret is kept nowhere.
pub(super) fn secret(mut response: Response) -> Response {
    let keep = kit_http::HeaderValue::from_static("no-store");
    response.headers_mut().insert("cache-control", keep);
    response
}

pub(crate) async fn begin(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
) -> Result<SeeOther, Failure> {
    let own = Own::of(&directory, &cx, &headers).await?;
    if own.is_fresh {
        directory.begin_totp(own.person).await?;
    }
    Ok(SeeOther(PATH.into()))
}

pub(crate) async fn confirm(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Failure> {
    cx.site.rate_limits.take_sensitive(cx.client)?;
    let own = Own::of(&directory, &cx, &headers).await?;
    if !own.is_fresh {
        return Ok(SeeOther(PATH.into()).into_response());
    }
    let words = cx.words();
    let code = fields.text("code");
    match directory.confirm_totp(own.person, code, &words).await? {
        Some(codes) if codes.is_empty() => Ok(SeeOther(PATH.into()).into_response()),
        Some(codes) => Ok(codes_page(&cx, &codes)),
        None => {
            let problem = Some(words.text("directory-totp-refused"));
            let page = page(&directory, &cx, &own, problem).await?;
            Ok(secret(FormAgain(page).into_response()))
        }
    }
}

pub(crate) async fn remove(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
) -> Result<SeeOther, Failure> {
    let own = Own::of(&directory, &cx, &headers).await?;
    if own.is_fresh {
        directory.remove_totp(own.person, &cx.words()).await?;
    }
    Ok(SeeOther(PATH.into()))
}
