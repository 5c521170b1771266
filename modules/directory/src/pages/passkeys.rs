//! Passkeys: signing in by one, and those of one's own account.

use kit_http::{
    Cx, Failure, Fields, FormAgain, HeaderMap, IntoResponse, JsonAnswer, Page, Path, Response,
    SeeOther, State, cookies,
};
use kit_ui::{
    Cell, Ceremony, Column, Composed, Facts, Field, Form, Notice, Passkey, Shell, Table, Tone,
    Words, format,
};
use uuid::Uuid;

use super::Own;
use super::recovery_codes::codes_page;
use super::sign_in::{form_page, signed_in};
use crate::domain::Mistake;
use crate::passkeys::{CHALLENGE_LIVES, PASSKEY_COOKIE, PASSKEY_NAME_CHARS_MAX};
use crate::store::passkeys::Passkey as Stored;
use crate::{Directory, DirectoryError, NewPasskey, PasskeySignIn, Visit};

const PATH: &str = "/account/passkeys";

/// The form that signs in by a passkey, where browsers offer them.
pub(super) fn passkey_form(
    directory: &Directory,
    shell: &Shell,
    return_to: &str,
) -> Option<Passkey> {
    let words = &shell.words;
    directory.offers_passkeys().then(|| {
        Passkey::new(
            shell,
            Ceremony::Get,
            ["/sign-in/passkey/options", "/sign-in/passkey"],
            [
                "directory-passkey-sign-in",
                "directory-passkey-without",
                "directory-passkey-failed",
            ]
            .map(|key| words.text(key)),
        )
        .hidden("return_to", kit_http::local_path(return_to))
    })
}

fn asked(ceremony: Option<crate::Ceremony>) -> Result<Response, Failure> {
    let ceremony = ceremony.ok_or(Failure::NotFound)?;
    let mut response = JsonAnswer(ceremony.options).into_response();
    let age = CHALLENGE_LIVES.as_secs().unsigned_abs();
    cookies::set(
        response.headers_mut(),
        PASSKEY_COOKIE,
        &ceremony.cookie,
        Some(age),
    );
    Ok(response)
}

pub(crate) async fn ask(State(directory): State<Directory>, cx: Cx) -> Result<Response, Failure> {
    cx.site.rate_limits.take_sensitive(cx.client)?;
    asked(directory.ask_passkey().await?)
}

pub(crate) async fn sign_in(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Failure> {
    cx.site.rate_limits.take_sensitive(cx.client)?;
    let cookie = cookies::read(&headers, PASSKEY_COOKIE).unwrap_or_default();
    let return_to = fields.text("return_to");
    let visit = Visit::of(&cx, &headers);
    let signed = directory.sign_in_by_passkey(fields.text("answer"), cookie, &visit);
    let key = match signed.await? {
        PasskeySignIn::Done(session) => {
            let mut response = signed_in(&session, return_to);
            cookies::set(response.headers_mut(), PASSKEY_COOKIE, "", Some(0));
            return Ok(response);
        }
        PasskeySignIn::Refused => "directory-passkey-unknown",
        PasskeySignIn::Suspect => "directory-passkey-copied",
    };
    let problem = Some(cx.words().text(key));
    let page = form_page(&directory, &cx, [return_to, "", ""], problem);
    Ok(FormAgain(page).into_response())
}

fn state_of(words: &Words, passkey: &Stored) -> Cell {
    if passkey.suspect_at.is_some() {
        Cell::status(Tone::Error, words.text("directory-passkey-suspect"))
    } else if passkey.is_synced {
        Cell::text(words.text("directory-passkey-synced"))
    } else {
        Cell::text(words.text("directory-passkey-bound"))
    }
}

async fn list_page(
    directory: &Directory,
    cx: &Cx,
    own: &Own,
    name: &str,
    mistakes: &[Mistake],
) -> Result<Composed, Failure> {
    let words = cx.words();
    let mut shell = cx
        .shell(words.text("directory-passkeys"))
        .lead(words.text("directory-passkeys-lead"))
        .crumb(words.text("directory-account"), "/account");
    shell.mistaken = !mistakes.is_empty();
    let columns = ["name", "kind", "added", "used"]
        .map(|column| Column::text(words.text(&format!("directory-passkey-{column}"))));
    let passkeys = directory.passkeys(own.person).await?;
    let when = |at| format::instant(cx.locale, at);
    let rows = passkeys.iter().map(|passkey| {
        vec![
            Cell::link(&passkey.name, format!("{PATH}/{}", passkey.id)),
            state_of(&words, passkey),
            Cell::text(when(passkey.created_at)),
            Cell::text(
                passkey
                    .used_at
                    .map_or_else(|| words.text("directory-never"), when),
            ),
        ]
    });
    let table = Table::new(
        &words,
        "passkeys",
        words.text("directory-passkeys-own"),
        columns.into(),
    )
    .rows(rows)
    .empty(words.text("directory-passkeys-empty"));
    let page = Composed::new(shell.clone()).with(table);
    if !directory.offers_passkeys() {
        let text = words.text("directory-passkeys-no-domain");
        return Ok(page.with(Notice::new(Tone::Info, "", text)));
    }
    let page = page.heading(words.text("directory-passkey-add"));
    if !own.is_fresh {
        return Ok(own.prove_again(cx, page, PATH));
    }
    let mistake = |field: &str| {
        let found = mistakes.iter().find(|mistake| mistake.field == field);
        found.map(|mistake| words.text(mistake.key))
    };
    let page = match mistake("answer") {
        Some(text) => page.with(Notice::new(Tone::Error, "", text)),
        None => page,
    };
    let field = Field::text("name", words.text("directory-passkey-name"))
        .hint(words.text("directory-passkey-name-hint"))
        .length_max(PASSKEY_NAME_CHARS_MAX as u32)
        .value(name)
        .error(mistake("name"));
    let options = format!("{PATH}/options");
    let form = Passkey::new(
        &shell,
        Ceremony::Create,
        [&options, PATH],
        [
            "directory-passkey-add",
            "directory-passkey-without-add",
            "directory-passkey-failed-add",
        ]
        .map(|key| words.text(key)),
    )
    .field(field);
    Ok(page.with(form))
}

pub(crate) async fn list(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
) -> Result<Page<Composed>, Failure> {
    let own = Own::of(&directory, &cx, &headers).await?;
    let name = Visit::of(&cx, &headers).browser;
    list_page(&directory, &cx, &own, &name, &[]).await.map(Page)
}

pub(crate) async fn ask_new(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let own = Own::of(&directory, &cx, &headers).await?;
    if !own.is_fresh {
        return Err(Failure::Conflict(cx.words().text("directory-prove-again")));
    }
    let service = &cx.site.service_name;
    asked(directory.ask_new_passkey(own.person, service).await?)
}

pub(crate) async fn add(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Failure> {
    let own = Own::of(&directory, &cx, &headers).await?;
    if !own.is_fresh {
        return Ok(SeeOther(PATH.into()).into_response());
    }
    let new = NewPasskey {
        name: fields.text("name"),
        answer: fields.text("answer"),
        cookie: cookies::read(&headers, PASSKEY_COOKIE).unwrap_or_default(),
    };
    match directory.add_passkey(own.person, new, &cx.words()).await {
        Ok(codes) if codes.is_empty() => Ok(SeeOther(PATH.into()).into_response()),
        Ok(codes) => Ok(codes_page(&cx, &codes)),
        Err(DirectoryError::Mistakes(mistakes)) => {
            let page = list_page(&directory, &cx, &own, new.name, &mistakes).await?;
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn one_page(cx: &Cx, own: &Own, passkey: &Stored, typed: &str, mistakes: &[Mistake]) -> Composed {
    let words = cx.words();
    let mut shell = cx
        .shell(&passkey.name)
        .crumb(words.text("directory-account"), "/account")
        .crumb(words.text("directory-passkeys"), PATH);
    shell.mistaken = !mistakes.is_empty();
    let when = |at| format::instant(cx.locale, at);
    let path = format!("{PATH}/{}", passkey.id);
    let used = passkey
        .used_at
        .map_or_else(|| words.text("directory-never"), when);
    let facts = Facts::default()
        .text(
            words.text("directory-passkey-kind"),
            state_of(&words, passkey).text,
        )
        .text(
            words.text("directory-passkey-added"),
            when(passkey.created_at),
        )
        .text(words.text("directory-passkey-used"), used);
    let mut fields = vec![
        Field::text("name", words.text("directory-passkey-name"))
            .length_max(PASSKEY_NAME_CHARS_MAX as u32)
            .value(typed),
    ];
    super::mark(&words, &mut fields, mistakes);
    let rename = Form::post(&shell, &path, words.text("directory-save"))
        .fields(fields)
        .summary(&words);
    let mut page = Composed::new(shell.clone());
    if let Some(at) = passkey.suspect_at {
        let text = words.text_with(
            "directory-passkey-suspect-text",
            &[("when", when(at).into())],
        );
        page = page.with(Notice::new(Tone::Error, "", text));
    }
    let page = page
        .with(facts)
        .with(rename)
        .heading(words.text("directory-passkey-remove"))
        .text(words.text("directory-passkey-remove-lead"));
    if !own.is_fresh {
        return own.prove_again(cx, page, &path);
    }
    let action = format!("{path}/remove");
    page.with(Form::post(&shell, action, words.text("directory-passkey-remove")).danger())
}

pub(crate) async fn show(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let own = Own::of(&directory, &cx, &headers).await?;
    let passkey = directory.passkey(own.person, id).await?;
    Ok(Page(one_page(&cx, &own, &passkey, &passkey.name, &[])))
}

pub(crate) async fn rename(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Result<Response, Failure> {
    let own = Own::of(&directory, &cx, &headers).await?;
    let name = fields.text("name");
    match directory.rename_passkey(own.person, id, name).await {
        Ok(()) => Ok(SeeOther(PATH.into()).into_response()),
        Err(DirectoryError::Mistakes(mistakes)) => {
            let passkey = directory.passkey(own.person, id).await?;
            let page = one_page(&cx, &own, &passkey, name, &mistakes);
            Ok(FormAgain(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn remove(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> Result<SeeOther, Failure> {
    let own = Own::of(&directory, &cx, &headers).await?;
    if !own.is_fresh {
        return Ok(SeeOther(format!("{PATH}/{id}")));
    }
    directory
        .remove_passkey(own.person, id, &cx.words())
        .await?;
    Ok(SeeOther(PATH.into()))
}
