//! Signing in on a device: the code that it shows is typed here.

use kit_http::{
    Cx, Failure, Fields, FormAgain, HeaderMap, IntoResponse, Page, Path, Query, Response,
    SESSION_COOKIE, State, cookies,
};
use kit_ui::{Composed, Facts, Field, Form, Notice, Tone, WordArg, format};
use serde::Deserialize;

use super::connect::{bare, told_table};
use crate::Identity;
use crate::devices::DeviceAsked;
use crate::domain::UserCode;
use crate::protocol::local;

/// Longest text of the field, in characters: a code with blanks between its letters.
const TYPED_CHARS_MAX: u32 = 40;

#[derive(Debug, Deserialize)]
pub(super) struct Prefilled {
    #[serde(default)]
    code: String,
}

/// The page with the one field; `mistake` is the key of its words.
fn typing(cx: &Cx, typed: &str, mistake: Option<&str>) -> Composed {
    let words = cx.words();
    let mut shell =
        bare(cx, words.text("identity-device-title")).lead(words.text("identity-device-lead"));
    shell.mistaken = mistake.is_some();
    let field = Field::text("code", words.text("identity-device-code"))
        .value(typed)
        .hint(words.text("identity-device-code-hint"))
        .length_max(TYPED_CHARS_MAX)
        .autocomplete("off")
        .required()
        .error(mistake.map(|key| words.text(key)));
    let submit = words.text("identity-device-continue");
    let form = Form::post(&shell, "/device", submit).field(field);
    Composed::new(shell).with(form.summary(&words))
}

pub(super) async fn show(cx: Cx, Query(prefilled): Query<Prefilled>) -> Page<Composed> {
    let code = UserCode::parse(&prefilled.code);
    let typed = code.map(|code| code.to_string()).unwrap_or_default();
    Page(typing(&cx, &typed, None))
}

pub(super) async fn typed(cx: Cx, fields: Fields) -> Result<Response, Failure> {
    cx.site.rate_limits.take_sensitive(cx.client)?;
    let typed = fields.text("code");
    Ok(match UserCode::parse(typed) {
        Some(code) => local(&format!("/device/{code}")),
        None => {
            let shown: String = typed.chars().take(TYPED_CHARS_MAX as usize).collect();
            let page = typing(&cx, &shown, Some("identity-device-code-malformed"));
            FormAgain(page).into_response()
        }
    })
}

/// The form again, for a code under which no device waits.
fn unknown(cx: &Cx, code: &UserCode) -> Composed {
    typing(cx, &code.to_string(), Some("identity-device-code-unknown"))
}

/// What the service would be told, who asks, and how not to be taken in.
fn question(cx: &Cx, code: &UserCode, asked: &DeviceAsked) -> Composed {
    let words = cx.words();
    let draft = &asked.client.draft;
    let name = [("service", WordArg::from(draft.name.as_str()))];
    let shell = bare(cx, words.text_with("identity-device-ask-title", &name))
        .lead(words.text_with("identity-device-ask-lead", &name));
    let facts = Facts::default()
        .text(words.text("identity-device-code"), code.to_string())
        .text(words.text("identity-field-purpose"), &draft.purpose)
        .text(
            words.text("identity-device-begun"),
            format::instant(cx.locale, asked.begun_at),
        );
    let told = asked.person.claims(&asked.scopes, &[], &draft.scopes);
    let table = told_table(cx, &asked.person, &told);
    let options = [
        ("allow", words.text_with("identity-device-allow", &name)),
        ("deny", words.text("identity-device-deny")),
    ]
    .map(|(code, text)| (code.to_owned(), text))
    .to_vec();
    let decision = Field::radios("decision", words.text("identity-consent-decision"), options);
    let action = format!("/device/{code}");
    let form = Form::post(&shell, action, words.text("identity-consent-submit")).field(decision);
    let mut page = Composed::new(shell)
        .with(Notice::new(
            Tone::Warning,
            words.text("identity-device-warning"),
            words.text("identity-device-warning-text"),
        ))
        .with(facts)
        .with(table);
    if asked.scopes.is_offline() {
        page = page.text(words.text("identity-consent-offline"));
    }
    page.with(form)
}

pub(super) async fn ask(
    State(identity): State<Identity>,
    cx: Cx,
    headers: HeaderMap,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    cx.site.rate_limits.take_sensitive(cx.client)?;
    let Some(code) = UserCode::parse(&code) else {
        let page = typing(&cx, "", Some("identity-device-code-malformed"));
        return Ok(Page(page).into_response());
    };
    let cookie = cookies::read(&headers, SESSION_COOKIE);
    let Some(person) = identity.agent_signed_in(cookie).await? else {
        // The session ended between the guard and here.
        return Ok(local("/device"));
    };
    Ok(match identity.device_asked(&code, &person).await? {
        Some(asked) => Page(question(&cx, &code, &asked)).into_response(),
        None => Page(unknown(&cx, &code)).into_response(),
    })
}

pub(super) async fn answer(
    State(identity): State<Identity>,
    cx: Cx,
    headers: HeaderMap,
    Path(code): Path<String>,
    fields: Fields,
) -> Result<Response, Failure> {
    cx.site.rate_limits.take_sensitive(cx.client)?;
    let Some(code) = UserCode::parse(&code) else {
        return Ok(local("/device"));
    };
    let agreed = match fields.text("decision") {
        "allow" => true,
        "deny" => false,
        // Nothing was chosen: the question again.
        _ => return Ok(local(&format!("/device/{code}"))),
    };
    let cookie = cookies::read(&headers, SESSION_COOKIE);
    let Some(person) = identity.agent_signed_in(cookie).await? else {
        return Ok(local(&format!("/device/{code}")));
    };
    let answered = identity
        .answer_device(&cx.actor, &code, person, agreed)
        .await?;
    let Some(client) = answered else {
        return Ok(FormAgain(unknown(&cx, &code)).into_response());
    };
    let words = cx.words();
    let name = [("service", WordArg::from(client.draft.name.as_str()))];
    let (tone, title, text) = if agreed {
        (
            Tone::Success,
            "identity-device-allowed",
            "identity-device-allowed-text",
        )
    } else {
        (
            Tone::Info,
            "identity-device-denied",
            "identity-device-denied-text",
        )
    };
    let shell = bare(&cx, words.text(title));
    let notice = Notice::new(tone, "", words.text_with(text, &name));
    Ok(Page(Composed::new(shell).with(notice)).into_response())
}
