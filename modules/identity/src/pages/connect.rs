//! On the way to a service: what would be told, yes or no.

use jose::claims::Claims;
use kit_http::{Cx, Failure, Fields, HeaderMap, Path, Response, State};
use kit_ui::{Cell, Column, Composed, Field, Form, Shell, Table, WordArg};
use ports::exchange::ScopeTold;

use super::citizen;
use crate::Identity;
use crate::authorize::Asked;
use crate::domain::{Params, Person};
use crate::logout::SignOut;
use crate::protocol::{brought, local, shown, signed_out};

pub(super) async fn show(
    State(identity): State<Identity>,
    cx: Cx,
    headers: HeaderMap,
    Path(ticket): Path<String>,
) -> Result<Response, Failure> {
    let cookie = brought(&headers);
    let outcome = identity.resume(&ticket, cookie, None).await?;
    // The browser comes here from our sign-in form: see `go_on`.
    Ok(shown(&cx, outcome, true))
}

pub(super) async fn answer(
    State(identity): State<Identity>,
    cx: Cx,
    headers: HeaderMap,
    Path(ticket): Path<String>,
    fields: Fields,
) -> Result<Response, Failure> {
    let agreed = match fields.text("decision") {
        "allow" => Some(true),
        "deny" => Some(false),
        _ => None,
    };
    let cookie = brought(&headers);
    let outcome = identity.resume(&ticket, cookie, agreed).await?;
    Ok(shown(&cx, outcome, true))
}

/// The names of claims that a person reads, in the order in which they are shown.
const SHOWN: [(&str, &str); 6] = [
    ("name", "identity-claim-name"),
    ("email", "identity-claim-email"),
    ("preferred_username", "identity-claim-username"),
    ("organizational_unit", "identity-claim-unit"),
    ("siret", "identity-claim-siret"),
    ("uid", "identity-claim-uid"),
];

/// The frame of a page between two services: nothing in it leads aside.
pub(crate) fn bare(cx: &Cx, title: String) -> Shell {
    let mut shell = cx.shell(title);
    shell.navigation.clear();
    shell
}

/// Each piece of data of a person that would be told, with its value.
pub(super) fn told_table(cx: &Cx, person: &Person, told: &Claims) -> Table {
    let words = cx.words();
    let rows: Vec<_> = if matches!(person, Person::Citizen(_)) {
        citizen::told_rows(cx, told)
    } else {
        let shown = SHOWN.iter().filter_map(|(claim, key)| {
            let value = told.text(claim)?;
            Some(vec![Cell::text(words.text(key)), Cell::text(value)])
        });
        shown.collect()
    };
    let columns = vec![
        Column::text(words.text("identity-claim")),
        Column::text(words.text("identity-value")),
    ];
    Table::new(&words, "told", words.text("identity-told"), columns)
        .rows(rows)
        .plain()
        .empty(words.text("identity-told-nothing"))
}

/// What a service could look up on the person's behalf.
fn looked_up_table(cx: &Cx, looked_up: &[ScopeTold]) -> Table {
    let words = cx.words();
    let rows = looked_up.iter().map(|one| {
        let label = Cell::text(&one.label);
        vec![label, Cell::text(&one.producer)]
    });
    let columns = vec![
        Column::text(words.text("identity-claim")),
        Column::text(words.text("identity-held-by")),
    ];
    let caption = words.text("identity-looked-up");
    Table::new(&words, "looked-up", caption, columns)
        .rows(rows)
        .plain()
}

/// The question before a service is told: each piece of data with its value.
pub(crate) fn consent_page(cx: &Cx, asked: &Asked) -> Composed {
    let words = cx.words();
    let by_name = [&asked.claims.id_token[..], &asked.claims.userinfo[..]].concat();
    let allowed = &asked.client.draft.scopes;
    let told = asked.person.claims(&asked.scopes, &by_name, allowed);
    let is_citizen = matches!(asked.person, Person::Citizen(_));
    let table = told_table(cx, &asked.person, &told);
    let name = [("service", WordArg::from(asked.client.draft.name.as_str()))];
    let (title, lead) = if is_citizen {
        (
            "identity-citizen-consent-title",
            "identity-citizen-consent-lead",
        )
    } else {
        ("identity-consent-title", "identity-consent-lead")
    };
    let mut shell = bare(cx, words.text_with(title, &name)).lead(words.text_with(lead, &name));
    if is_citizen {
        shell.person = None;
        shell.without_account = true;
    }
    let action = format!("/connect/{}", asked.ticket);
    let mut page = Composed::new(shell.clone())
        .text(words.text_with(
            "identity-consent-purpose",
            &[("purpose", asked.client.draft.purpose.as_str().into())],
        ))
        .with(table);
    if !asked.looked_up.is_empty() {
        page = page
            .text(words.text_with("identity-consent-looks-up", &name))
            .with(looked_up_table(cx, &asked.looked_up));
    }
    if asked.scopes.is_offline() {
        page = page.text(words.text("identity-consent-offline"));
    }
    let options = [
        ("allow", "identity-consent-allow"),
        ("deny", "identity-consent-deny"),
    ]
    .map(|(code, key)| (code.to_owned(), words.text_with(key, &name)))
    .to_vec();
    let decision =
        Field::radios("decision", words.text("identity-consent-decision"), options).value("allow");
    page.with(Form::post(&shell, action, words.text("identity-consent-submit")).field(decision))
        .text(words.text(if is_citizen {
            "identity-citizen-consent-withdraw"
        } else {
            "identity-consent-withdraw"
        }))
}

pub(super) async fn sign_out(
    State(identity): State<Identity>,
    cx: Cx,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Failure> {
    let cookie = brought(&headers);
    match identity.sign_out(&Params(fields.0), cookie, true).await? {
        SignOut::Done {
            then,
            audience,
            elsewhere,
        } => Ok(signed_out(&cx, then, (audience, elsewhere), true)),
        SignOut::Ask { .. } => Ok(local("/")),
    }
}
