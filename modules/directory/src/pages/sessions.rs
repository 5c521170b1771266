//! The sessions of one's own account, and the alarm of a mail about a new device.

use kit_http::{
    Cx, Failure, FormAgain, HeaderMap, IntoResponse, Page, Path, Response, SESSION_COOKIE,
    SeeOther, State, cookies,
};
use kit_ui::{Actions, Cell, Column, Composed, Facts, Form, Notice, Table, Tone, Words, format};
use uuid::Uuid;

use super::Own;
use crate::sessions::browser_text;
use crate::store::sessions::OwnSession;
use crate::{Directory, DirectoryError};

/// How a session was proved, in words.
fn proof_text(words: &Words, methods: &str) -> String {
    let has = |name: &str| methods.split_whitespace().any(|method| method == name);
    words.text(if has("hwk") || has("swk") {
        "directory-proof-passkey"
    } else if has("otp") {
        "directory-proof-code"
    } else if has("mfa") {
        "directory-proof-recovery"
    } else {
        "directory-proof-password"
    })
}

/// The live sessions of whoever sees its account, this one marked.
pub(super) async fn table(directory: &Directory, cx: &Cx, own: &Own) -> Result<Table, Failure> {
    let words = cx.words();
    let sessions = directory.own_sessions(own.person).await;
    let sessions = sessions.map_err(DirectoryError::from)?;
    let columns = ["device", "network", "since", "seen", "proof"]
        .map(|column| Column::text(words.text(&format!("directory-session-{column}"))));
    let rows = sessions.iter().map(|one| {
        let session = &one.session;
        let href = format!("/account/sessions/{}", session.id);
        let device = Cell::link(browser_text(&words, &one.browser), href);
        let device = if session.id == own.session.id {
            device.note(words.text("directory-session-this"))
        } else {
            device
        };
        vec![
            device,
            Cell::text(&one.network),
            Cell::text(format::instant(cx.locale, session.created_at)),
            Cell::text(format::instant(cx.locale, session.seen_at)),
            Cell::text(proof_text(&words, &session.methods)),
        ]
    });
    let caption = words.text("directory-sessions");
    Ok(Table::new(&words, "sessions", caption, columns.into()).rows(rows))
}

async fn find(directory: &Directory, own: &Own, id: Uuid) -> Result<OwnSession, Failure> {
    let sessions = directory.own_sessions(own.person).await;
    let sessions = sessions.map_err(DirectoryError::from)?;
    let found = sessions.into_iter().find(|one| one.session.id == id);
    found.ok_or(Failure::NotFound)
}

pub(crate) async fn show(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let own = Own::of(&directory, &cx, &headers).await?;
    let one = find(&directory, &own, id).await?;
    let when = |at| format::instant(cx.locale, at);
    let facts = Facts::default()
        .text(
            words.text("directory-session-device"),
            browser_text(&words, &one.browser),
        )
        .text(words.text("directory-session-network"), &one.network)
        .text(
            words.text("directory-session-since"),
            when(one.session.created_at),
        )
        .text(
            words.text("directory-session-seen"),
            when(one.session.seen_at),
        )
        .text(
            words.text("directory-session-proof"),
            proof_text(&words, &one.session.methods),
        );
    let shell = cx
        .shell(words.text("directory-session"))
        .crumb(words.text("directory-account"), "/account");
    let lead = if one.session.id == own.session.id {
        "directory-session-end-this"
    } else {
        "directory-session-end-lead"
    };
    let action = format!("/account/sessions/{id}");
    let form = Form::post(&shell, action, words.text("directory-session-end")).danger();
    Ok(Page(
        Composed::new(shell)
            .with(facts)
            .text(words.text(lead))
            .with(form),
    ))
}

pub(crate) async fn end(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
    Path(id): Path<Uuid>,
) -> Result<Response, Failure> {
    let own = Own::of(&directory, &cx, &headers).await?;
    directory.end_own_session(own.person, id).await?;
    if id == own.session.id {
        let mut response = SeeOther("/".into()).into_response();
        cookies::set(response.headers_mut(), SESSION_COOKIE, "", Some(0));
        return Ok(response);
    }
    Ok(SeeOther("/account".into()).into_response())
}

pub(crate) async fn end_others(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
) -> Result<SeeOther, Failure> {
    let own = Own::of(&directory, &cx, &headers).await?;
    directory
        .end_other_sessions(own.person, own.session.id)
        .await?;
    Ok(SeeOther("/account".into()))
}

fn alarm_page(cx: &Cx, tone: Tone, key: &str) -> Composed {
    let words = cx.words();
    Composed::new(cx.shell(words.text("directory-alarm")))
        .with(Notice::new(tone, "", words.text(key)))
        .with(Actions(vec![(
            words.text("directory-forgotten"),
            "/password".into(),
        )]))
}

/// The link itself ends nothing: programs that read mails open it too.
pub(crate) async fn show_alarm(
    State(directory): State<Directory>,
    cx: Cx,
    Path(token): Path<String>,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let is_live = directory.alarm_works(&token).await;
    if !is_live.map_err(DirectoryError::from)? {
        return Ok(Page(alarm_page(&cx, Tone::Warning, "directory-alarm-over")));
    }
    let shell = cx
        .shell(words.text("directory-alarm"))
        .lead(words.text("directory-alarm-lead"));
    let action = format!("/not-me/{token}");
    let form = Form::post(&shell, action, words.text("directory-alarm-submit")).danger();
    Ok(Page(Composed::new(shell).with(form)))
}

pub(crate) async fn raise_alarm(
    State(directory): State<Directory>,
    cx: Cx,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    cx.site.rate_limits.take_sensitive(cx.client)?;
    if directory.raise_alarm(&token, &cx.words()).await? {
        let page = alarm_page(&cx, Tone::Success, "directory-alarm-done");
        return Ok(Page(page).into_response());
    }
    let page = alarm_page(&cx, Tone::Warning, "directory-alarm-over");
    Ok(FormAgain(page).into_response())
}
