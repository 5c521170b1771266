//! One's own account: its address, how it is proved, its sessions, its rights.

use kit_access::Reach;
use kit_http::{Cx, Failure, HeaderMap, Page, State};
use kit_ui::{Cell, Column, Composed, Facts, Form, Shell, Table, Tone, format};

use super::{Own, sessions};
use crate::Directory;
use crate::store::people::Person;

/// The address, whether it is verified, and what to do then.
fn address(cx: &Cx, shell: &Shell, page: Composed, person: &Person) -> Composed {
    let words = cx.words();
    let state = match person.email_verified_at {
        Some(at) => words.text_with(
            "directory-email-verified-at",
            &[("when", format::instant(cx.locale, at).into())],
        ),
        None => words.text("directory-email-unverified"),
    };
    let facts = Facts::default()
        .text(words.text("directory-email"), &person.email)
        .text(words.text("directory-email-state"), state);
    let send = person.email_verified_at.is_none().then(|| {
        let action = "/account/email/verify";
        Form::post(shell, action, words.text("directory-email-verify-send")).inline()
    });
    page.with(facts)
        .maybe(send)
        .link(words.text("directory-email-change"), "/account/email")
}

/// Each way to prove who one is, its state, and the page that changes it.
fn proofs(cx: &Cx, own: &Own) -> Table {
    let words = cx.words();
    let on = |is_on| {
        if is_on {
            Cell::status(Tone::Success, words.text("directory-factor-on"))
        } else {
            Cell::text(words.text("directory-factor-off"))
        }
    };
    let factors = own.factors;
    let row = |key, href: &str, state| vec![Cell::link(words.text(key), href), state];
    let counted = |key, number: i64| {
        if number > 0 {
            Cell::status(Tone::Success, words.count(key, number))
        } else {
            Cell::text(words.text("directory-factor-off"))
        }
    };
    let recovery = if factors.is_any() && factors.recovery_codes == 0 {
        Cell::status(Tone::Warning, words.text("directory-recovery-used-up"))
    } else {
        counted("directory-recovery-count", factors.recovery_codes)
    };
    let rows = [
        row("directory-password", "/password", on(true)),
        row(
            "directory-passkeys",
            "/account/passkeys",
            counted("directory-passkey-count", factors.passkeys),
        ),
        row("directory-totp", "/account/totp", on(factors.has_totp)),
        row(
            "directory-recovery-codes",
            "/account/recovery-codes",
            recovery,
        ),
    ];
    let columns = vec![
        Column::text(words.text("directory-proof")),
        Column::text(words.text("directory-factor-state")),
    ];
    let caption = words.text("directory-proofs");
    Table::new(&words, "proofs", caption, columns).rows(rows)
}

async fn grants(directory: &Directory, cx: &Cx) -> Result<Table, Failure> {
    let words = cx.words();
    let names = directory.list_organisations(None).await?;
    let rows = cx.actor.grants.iter().map(|grant| {
        let place = match &grant.reach {
            Reach::State => words.text("directory-whole-state"),
            Reach::Organisations(ids) => names
                .iter()
                .filter(|organisation| ids.contains(&organisation.id))
                .map(|organisation| organisation.name.as_str())
                .take(10)
                .collect::<Vec<_>>()
                .join(", "),
        };
        vec![
            Cell::text(words.text(&format!("role-{}", grant.role))),
            Cell::text(place),
        ]
    });
    let columns = vec![
        Column::text(words.text("directory-role")),
        Column::text(words.text("directory-place")),
    ];
    let caption = words.text("directory-own-grants");
    Ok(Table::new(&words, "grants", caption, columns)
        .rows(rows)
        .empty(words.text("directory-no-grant")))
}

pub(crate) async fn show(
    State(directory): State<Directory>,
    cx: Cx,
    headers: HeaderMap,
) -> Result<Page<Composed>, Failure> {
    let words = cx.words();
    let own = Own::of(&directory, &cx, &headers).await?;
    let person = directory.person_of(own.person).await?;
    let shell = cx
        .shell(words.text("directory-account"))
        .lead(words.text("directory-account-lead"));
    let page = address(&cx, &shell, Composed::new(shell.clone()), &person);
    let sessions = sessions::table(&directory, &cx, &own).await?;
    let others = (sessions.rows.len() > 1).then(|| {
        let action = "/account/sessions/end-others";
        Form::post(&shell, action, words.text("directory-session-end-others")).inline()
    });
    Ok(Page(
        page.with(proofs(&cx, &own))
            .with(sessions)
            .maybe(others)
            .with(grants(&directory, &cx).await?),
    ))
}
