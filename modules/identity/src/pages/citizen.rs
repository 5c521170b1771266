//! What a citizen sees: the choice of a provider, what would be told, and its own space.

use jiff::Timestamp;
use jiff::civil::Date;
use jose::claims::Claims;
use kit_http::{
    Cx, Failure, Fields, HeaderMap, IntoResponse, Page, Query, Response, SeeOther, State, cookies,
};
use kit_ui::{
    Cell, Choices, Column, Composed, Facts, Field, Form, Notice, Pages, Shell, Table, Tone, Words,
    format,
};
use serde::Deserialize;
use uuid::Uuid;

use super::connect::bare;
use super::own::scope_words;
use crate::Identity;
use crate::citizens::{CITIZEN_COOKIE, CitizenCookie};
use crate::domain::{Audience, CITIZEN_SESSION_LIVES, FRANCE, department_of};
use crate::protocol::local;
use crate::store::citizens::CitizenSession;

/// Sign-ins on one page.
const PAGE_ROWS: u32 = 25;
/// A citizen's own space.
pub(crate) const SPACE: &str = ports::CITIZEN_SPACE;
/// Where a citizen chooses a provider.
pub(crate) const SIGN_IN: &str = ports::CITIZEN_SIGN_IN;

/// The names of a citizen's claims that a person reads, in the order in which they are shown.
pub(crate) const SHOWN: [(&str, &str); 8] = [
    ("given_name", "identity-claim-given-names"),
    ("family_name", "identity-claim-birth-name"),
    ("preferred_username", "identity-claim-name-of-use"),
    ("gender", "identity-claim-gender"),
    ("birthdate", "identity-claim-birthdate"),
    ("birthplace", "identity-claim-birthplace"),
    ("birthcountry", "identity-claim-birthcountry"),
    ("email", "identity-claim-email"),
];

/// What would be told of a citizen, value by value.
pub(super) fn told_rows(cx: &Cx, told: &Claims) -> Vec<Vec<Cell>> {
    let words = cx.words();
    let row = |(claim, key): &(&str, &str)| {
        let value = told.text(claim)?;
        let shown = in_words(cx, &words, claim, value);
        Some(vec![Cell::text(words.text(key)), Cell::text(shown)])
    };
    SHOWN.iter().filter_map(row).collect()
}

/// A value as a person reads it.
fn in_words(cx: &Cx, words: &Words, claim: &str, value: &str) -> String {
    let code = |key: &str| words.text_with(key, &[("code", value.into())]);
    match (claim, value) {
        ("gender", "female") => words.text("identity-gender-female"),
        ("gender", "male") => words.text("identity-gender-male"),
        ("birthdate", _) => match value.parse::<Date>() {
            Ok(date) => format::date(cx.locale, date),
            // The register doesn't know the day, or the month either.
            Err(_) => code("identity-birthdate-partial"),
        },
        ("birthplace", "") => words.text("identity-birthplace-abroad"),
        ("birthplace", _) => match department_of(value) {
            Some(name) => words.text_with(
                "identity-birthplace-department",
                &[("code", value.into()), ("department", name.into())],
            ),
            None => code("identity-birthplace-code"),
        },
        ("birthcountry", FRANCE) => words.text("identity-birthcountry-france"),
        ("birthcountry", _) => code("identity-birthcountry-code"),
        _ => value.to_owned(),
    }
}

/// The frame of a citizen's page: nothing of agents in it.
fn shell(cx: &Cx, title: String) -> Shell {
    let mut shell = bare(cx, title);
    shell.person = None;
    shell.without_account = true;
    shell
}

/// Where a citizen may go on after signing in: to a service's request, or to its own space and the
/// pages below it.
fn on_from(path: &str) -> &str {
    let ticket = path.strip_prefix("/connect/").unwrap_or_default();
    let is_ticket = !ticket.is_empty()
        && ticket.len() < 100
        && ticket
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    // A page below the space, by its plain name: never another host, never a query.
    let below = path.strip_prefix("/citizen/").unwrap_or_default();
    let is_below = !below.is_empty()
        && below.len() < 50
        && below.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
        && path != SIGN_IN;
    if is_ticket || is_below { path } else { SPACE }
}

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    return_to: String,
}

/// The choice of a provider.
pub(super) async fn choose(
    State(identity): State<Identity>,
    cx: Cx,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let words = cx.words();
    let return_to = on_from(&asked.return_to);
    let request = match return_to.strip_prefix("/connect/") {
        Some(ticket) => identity.waiting_request(ticket).await?,
        None => None,
    };
    let (title, lead, levels) = match &request {
        Some((client, levels)) => {
            let name = [("service", client.draft.name.as_str().into())];
            (
                words.text_with("identity-citizen-choose-title", &name),
                words.text_with("identity-citizen-choose-lead", &name),
                levels.clone(),
            )
        }
        None => (
            words.text("identity-citizen-choose-own-title"),
            words.text("identity-citizen-choose-own-lead"),
            Vec::new(),
        ),
    };
    let mut page = Composed::new(shell(&cx, title).lead(lead));
    let brought = cookies::read(&headers, CITIZEN_COOKIE);
    let was_signed_in = brought.is_some();
    if was_signed_in && identity.citizen_session(brought).await?.is_none() {
        page = page.with(Notice::new(
            Tone::Info,
            words.text("identity-citizen-over"),
            words.text("identity-citizen-over-text"),
        ));
    }
    let lowest = lowest_of(&levels);
    if let Some(level) = lowest {
        let level = words.text(&format!("identity-level-{level}"));
        let told = words.text_with("identity-citizen-choose-level", &[("level", level.into())]);
        page = page.text(told);
    }
    let providers = identity.citizens_providers(&levels).await?;
    if providers.is_empty() {
        let none = Notice::new(
            Tone::Warning,
            words.text("identity-citizen-choose-none"),
            words.text("identity-citizen-choose-none-text"),
        );
        return Ok(Page(page.with(none)).into_response());
    }
    let choices = providers.into_iter().map(|provider| {
        let label = words.text_with(
            "identity-citizen-choose-with",
            &[("provider", provider.name.as_str().into())],
        );
        let level = words.text(&format!("identity-level-{}", provider.level_max));
        let note = words.text_with("identity-citizen-choose-up-to", &[("level", level.into())]);
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("return_to", return_to);
        let href = format!("/sign-in/with/{}?{}", provider.code, query.finish());
        (label, href, note)
    });
    page = page
        .with(Choices(choices.collect()))
        .text(words.text("identity-citizen-choose-why"));
    Ok(Page(page).into_response())
}

/// The lowest of the levels that will do: what the person needs.
fn lowest_of(levels: &[String]) -> Option<&'static str> {
    crate::domain::Level::CITIZENS
        .into_iter()
        .find(|level| levels.iter().any(|asked| asked == level))
}

/// The browser comes back from a provider with its session, and goes on.
pub(super) fn arrived(cookie: &CitizenCookie, return_to: &str) -> Response {
    let mut response = local(on_from(return_to));
    let lives = CITIZEN_SESSION_LIVES.as_secs().cast_unsigned();
    cookies::set(
        response.headers_mut(),
        CITIZEN_COOKIE,
        &cookie.0,
        Some(lives),
    );
    response
}

#[derive(Debug, Deserialize)]
pub(super) struct Before {
    /// Microseconds since 1970.
    before: Option<i64>,
    #[serde(default)]
    id: Uuid,
}

fn to_sign_in() -> Response {
    SeeOther(format!("{SIGN_IN}?return_to={SPACE}")).into_response()
}

/// The citizen's own space.
pub(super) async fn space(
    State(identity): State<Identity>,
    cx: Cx,
    headers: HeaderMap,
    Query(before): Query<Before>,
) -> Result<Response, Failure> {
    let cookie = cookies::read(&headers, CITIZEN_COOKIE);
    let Some(session) = identity.citizen_session(cookie).await? else {
        return Ok(to_sign_in());
    };
    let words = cx.words();
    let shell = shell(&cx, words.text("identity-citizen-own"))
        .lead(words.text("identity-citizen-own-lead"));
    let level = words.text(&format!("identity-level-{}", session.level.name()));
    let identity_of = &session.identity;
    let facts = Facts::default()
        .text(
            words.text("identity-citizen-you"),
            format!("{} {}", identity_of.given_name, identity_of.family_name),
        )
        .text(
            words.text("identity-column-provider"),
            &session.provider_name,
        )
        .text(words.text("identity-column-level"), level)
        .text(
            words.text("identity-citizen-until"),
            format::instant(cx.locale, session.expires_at),
        );
    let sign_out = Form::post(
        &shell,
        "/citizen/sign-out",
        words.text("identity-sign-out-yes"),
    )
    .inline();
    let page = Composed::new(shell.clone()).with(facts).with(sign_out);
    let pages = identity.citizens_pages.iter();
    let page = pages.fold(page, |page, (key, href)| page.link(words.text(key), *href));
    let page = history(&identity, &cx, &session, &before, page).await?;
    let page = consents(&identity, &cx, &session, &shell, page).await?;
    let page = sessions(&identity, &cx, &session, &shell, page).await?;
    Ok(Page(page.text(words.text("identity-citizen-kept"))).into_response())
}

async fn history(
    identity: &Identity,
    cx: &Cx,
    session: &CitizenSession,
    before: &Before,
    page: Composed,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let from = before
        .before
        .and_then(|micros| Timestamp::from_microsecond(micros).ok());
    let from = from.map_or((Timestamp::MAX, Uuid::max()), |at| (at, before.id));
    let mut sign_ins = identity
        .citizen_sign_ins(session.citizen, from, PAGE_ROWS + 1)
        .await?;
    let more = sign_ins.len() > PAGE_ROWS as usize;
    sign_ins.truncate(PAGE_ROWS as usize);
    let next = sign_ins.last().filter(|_| more).map(|last| {
        let at = last.authorization.created_at.as_microsecond();
        format!("{SPACE}?before={at}&id={}#sign-ins", last.authorization.id)
    });
    let columns = ["when", "service", "data", "level", "provider"]
        .map(|column| Column::text(words.text(&format!("identity-column-{column}"))));
    let caption = words.text("identity-own-sign-ins");
    let table = Table::new(&words, "sign-ins", caption, columns.into())
        .rows(sign_ins.iter().map(|one| {
            let provider = one.provider.as_ref();
            vec![
                Cell::text(format::instant(cx.locale, one.authorization.created_at)),
                Cell::text(&one.service),
                Cell::text(scope_words(&words, &one.authorization.scopes)),
                Cell::text(words.text(&format!("identity-level-{}", one.authorization.acr))),
                provider.map_or_else(Cell::unknown, Cell::text),
            ]
        }))
        .pages(Pages {
            previous: None,
            next,
        })
        .empty(words.text("identity-own-sign-ins-empty"));
    Ok(page.with(table))
}

async fn consents(
    identity: &Identity,
    cx: &Cx,
    session: &CitizenSession,
    shell: &Shell,
    page: Composed,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let consents = identity.citizen_consents(session.citizen).await?;
    let columns = ["service", "data", "agreed-at"]
        .map(|column| Column::text(words.text(&format!("identity-column-{column}"))));
    let caption = words.text("identity-own-consents");
    let table = Table::new(&words, "consents", caption, columns.into())
        .rows(consents.iter().map(|consent| {
            vec![
                Cell::text(&consent.name).note(&consent.purpose),
                Cell::text(scope_words(&words, &consent.scopes)),
                Cell::text(format::instant(cx.locale, consent.given_at)),
            ]
        }))
        .empty(words.text("identity-own-consents-empty"));
    let page = page.with(table);
    if consents.is_empty() {
        return Ok(page);
    }
    let options = consents
        .iter()
        .map(|consent| (consent.client.to_string(), consent.name.clone()))
        .collect();
    let submit = words.text("identity-own-withdraw-submit");
    let field = Field::select("service", words.text("identity-column-service"), options)
        .hint(words.text("identity-own-withdraw-hint"));
    Ok(page.heading(words.text("identity-own-withdraw")).with(
        Form::post(shell, "/citizen/withdraw", submit)
            .field(field)
            .danger(),
    ))
}

async fn sessions(
    identity: &Identity,
    cx: &Cx,
    session: &CitizenSession,
    shell: &Shell,
    page: Composed,
) -> Result<Composed, Failure> {
    let words = cx.words();
    let others = identity.citizen_sessions(session.citizen).await?;
    let others: Vec<_> = others
        .into_iter()
        .filter(|one| one.id != session.id)
        .collect();
    let page = page.heading(words.text("identity-citizen-sessions"));
    if others.is_empty() {
        return Ok(page.text(words.text("identity-citizen-sessions-empty")));
    }
    let options = others.iter().map(|one| {
        let when = format::instant(cx.locale, one.begun_at);
        let told = [
            ("provider", one.provider_name.as_str().into()),
            ("when", when.into()),
        ];
        let label = words.text_with("identity-citizen-session", &told);
        (one.id.to_string(), label)
    });
    let submit = words.text("identity-citizen-sessions-end");
    let field = Field::select(
        "session",
        words.text("identity-citizen-sessions-field"),
        options.collect(),
    );
    Ok(page.with(
        Form::post(shell, "/citizen/sessions", submit)
            .field(field)
            .danger(),
    ))
}

async fn own(identity: &Identity, headers: &HeaderMap) -> Result<Option<CitizenSession>, Failure> {
    let cookie = cookies::read(headers, CITIZEN_COOKIE);
    Ok(identity.citizen_session(cookie).await?)
}

pub(super) async fn withdraw(
    State(identity): State<Identity>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Failure> {
    let Some(session) = own(&identity, &headers).await? else {
        return Ok(to_sign_in());
    };
    let service = fields.text("service").parse();
    let service = service.map_err(|_| Failure::NotFound)?;
    identity
        .withdraw_citizens_consent(session.citizen, service)
        .await?;
    Ok(SeeOther(SPACE.into()).into_response())
}

pub(super) async fn end_session(
    State(identity): State<Identity>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Failure> {
    let Some(session) = own(&identity, &headers).await? else {
        return Ok(to_sign_in());
    };
    let other = fields.text("session").parse();
    let other = other.map_err(|_| Failure::NotFound)?;
    if !identity.end_citizen_session(session.citizen, other).await? {
        return Err(Failure::NotFound);
    }
    Ok(SeeOther(SPACE.into()).into_response())
}

pub(super) async fn sign_out(
    State(identity): State<Identity>,
    cx: Cx,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    if let Some(session) = own(&identity, &headers).await? {
        identity
            .end_citizen_session(session.citizen, session.id)
            .await?;
    }
    Ok(crate::protocol::signed_out(
        &cx,
        None,
        (Audience::Citizens, None),
        true,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_citizen_goes_on_to_a_request_or_to_its_own_space() {
        assert_eq!(on_from("/connect/aB-_9"), "/connect/aB-_9");
        assert_eq!(on_from("/citizen/accesses"), "/citizen/accesses");
        for elsewhere in [
            "",
            "/",
            "/citizen",
            "/citizen/",
            "/citizen/sign-in",
            "/citizen/a/b",
            "/citizen/a?b",
            "/citizen/..",
            "/citizen//evil.example",
            "/connect/",
            "/connect/a/b",
            "/connect/a?b",
            "/services",
            "//evil.example",
            "https://evil.example",
            "/connect/..",
            "/connect/é",
        ] {
            assert_eq!(on_from(elsewhere), SPACE, "{elsewhere}");
        }
    }
}
