//! The page on which somebody says who to be.

use jose::pkce::Challenge;
use kit_http::{Cx, Failure, Fields, IntoResponse, Page, Path, Query, Response, State, StatusCode};
use kit_ui::{Composed, Field, Form, Notice, Tone};

use super::CLIENT_ID;
use super::people::{Case, Invented, all, levels};
use super::provider::{CODE_SECONDS, audience, return_address};
use super::ticket::{Kind, Ticket};
use crate::Identity;
use crate::domain::{Audience, OAuthError, Params, with_query};
use crate::pages::bare;
use crate::protocol::error_page;

/// Longest value that a ticket carries, in bytes.
const VALUE_BYTES_MAX: usize = 1_000;

/// A request that can be answered.
struct Asked {
    redirect_uri: String,
    state: String,
    nonce: String,
    challenge: String,
    scope: String,
    acr_values: Vec<String>,
}

/// Why it can't: told on a page, or to whoever asked.
enum Wrong {
    Page(&'static str),
    Back(String),
}

fn read(identity: &Identity, audience: Audience, params: &Params) -> Result<Asked, Wrong> {
    let redirect_uri = return_address(identity, audience);
    if params.get("client_id") != Some(CLIENT_ID) {
        return Err(Wrong::Page("client_id isn't registered"));
    }
    if params.get("redirect_uri") != Some(redirect_uri.as_str()) {
        return Err(Wrong::Page(
            "redirect_uri isn't registered; it is compared exactly",
        ));
    }
    let state = params.get("state").unwrap_or_default().to_owned();
    let back = |error: &str, description: &str| {
        Wrong::Back(refusal(
            identity,
            audience,
            (&redirect_uri, &state),
            error,
            description,
        ))
    };
    if params.check().is_err() || state.is_empty() || state.len() > VALUE_BYTES_MAX {
        return Err(Wrong::Page(
            "a parameter is there twice, state is missing, or it is too long",
        ));
    }
    if params.get("response_type") != Some("code") {
        return Err(back(
            "unsupported_response_type",
            "response_type must be code",
        ));
    }
    let scope = params.get("scope").unwrap_or_default();
    if !scope.split(' ').any(|one| one == "openid") {
        return Err(back("invalid_scope", "scope must hold openid"));
    }
    let nonce = params.get("nonce").unwrap_or_default();
    if nonce.is_empty() || nonce.len() > VALUE_BYTES_MAX || scope.len() > VALUE_BYTES_MAX {
        return Err(back(
            "invalid_request",
            "nonce is missing, or it or scope is too long",
        ));
    }
    if params.get("prompt") == Some("none") {
        return Err(back("login_required", "nobody stays signed in here"));
    }
    let challenge = params.get("code_challenge").unwrap_or_default();
    let Ok(challenge) = Challenge::parse(params.get("code_challenge_method"), challenge) else {
        return Err(back("invalid_request", "PKCE with S256 is needed"));
    };
    let acr_values = params.get("acr_values").unwrap_or_default();
    Ok(Asked {
        nonce: nonce.to_owned(),
        challenge: challenge.as_str().to_owned(),
        scope: scope.to_owned(),
        acr_values: acr_values.split_whitespace().map(str::to_owned).collect(),
        redirect_uri,
        state,
    })
}

fn refusal(
    identity: &Identity,
    audience: Audience,
    (redirect_uri, state): (&str, &str),
    error: &str,
    description: &str,
) -> String {
    let issuer = identity.mock_issuer(audience);
    with_query(
        redirect_uri,
        &[
            ("error", error),
            ("error_description", description),
            ("state", state),
            ("iss", &issuer),
        ],
    )
}

/// Back to whoever asked. It is this very site: forms may lead there.
fn back(address: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(address) = address.parse() {
        response.headers_mut().insert("location", address);
    }
    response
}

fn wrong(cx: &Cx, wrong: Wrong) -> Response {
    match wrong {
        Wrong::Page(told) => error_page(cx, &OAuthError::request(told)),
        Wrong::Back(address) => back(&address),
    }
}

type Pairs = Result<Query<Vec<(String, String)>>, Failure>;

fn params_of(query: Pairs) -> Params {
    Params(query.map(|Query(pairs)| pairs).unwrap_or_default())
}

pub(super) async fn show(
    State(identity): State<Identity>,
    cx: Cx,
    Path(code): Path<String>,
    query: Pairs,
) -> Result<Response, Failure> {
    let audience = audience(&identity, &code)?;
    let params = params_of(query);
    Ok(match read(&identity, audience, &params) {
        Ok(asked) => Page(page(&cx, audience, &params, &asked)).into_response(),
        Err(one) => wrong(&cx, one),
    })
}

fn page(cx: &Cx, audience: Audience, params: &Params, asked: &Asked) -> Composed {
    let words = cx.words();
    let title = words.text(&format!("identity-mock-title-{}", audience.code()));
    let mut shell = bare(cx, title).lead(words.text("identity-mock-lead"));
    shell.person = None;
    shell.without_account = true;
    let people = all(audience)
        .iter()
        .map(|one| {
            let label = format!("{} ({})", one.name, words.text(one.note));
            (one.code.to_owned(), label)
        })
        .collect();
    let first = all(audience).first().map_or("", |one| one.code);
    let known = levels(audience);
    let level = asked
        .acr_values
        .iter()
        .find(|level| known.contains(&level.as_str()))
        .map_or("eidas1", String::as_str);
    let levels = known
        .iter()
        .map(|level| {
            let told = words.text(&format!("identity-level-{level}"));
            ((*level).to_owned(), format!("{told} ({level})"))
        })
        .collect();
    let cases = Case::of(audience)
        .into_iter()
        .map(|case| {
            let told = words.text(&format!("identity-mock-case-{}", case.code()));
            (case.code().to_owned(), told)
        })
        .collect();
    let action = format!("/mock/{}/authorize?{params}", audience.code());
    let form = Form::post(&shell, action, words.text("identity-mock-submit"))
        .field(Field::radios("person", words.text("identity-mock-person"), people).value(first))
        .field(
            Field::radios("level", words.text("identity-mock-level"), levels)
                .value(level)
                .hint(words.text("identity-mock-level-hint")),
        )
        .field(Field::radios("case", words.text("identity-mock-case"), cases).value("usual"));
    let notice = Notice::new(
        Tone::Warning,
        words.text("identity-mock-warning"),
        words.text("identity-mock-warning-text"),
    );
    Composed::new(shell).with(notice).with(form)
}

pub(super) async fn choose(
    State(identity): State<Identity>,
    cx: Cx,
    Path(code): Path<String>,
    query: Pairs,
    fields: Fields,
) -> Result<Response, Failure> {
    let audience = audience(&identity, &code)?;
    let asked = match read(&identity, audience, &params_of(query)) {
        Ok(asked) => asked,
        Err(one) => return Ok(wrong(&cx, one)),
    };
    let person = Invented::named(audience, fields.text("person")).ok_or(Failure::NotFound)?;
    let case = Case::parse(audience, fields.text("case")).ok_or(Failure::NotFound)?;
    let level = levels(audience)
        .into_iter()
        .find(|level| *level == fields.text("level"))
        .ok_or(Failure::NotFound)?;
    let to = (asked.redirect_uri.as_str(), asked.state.as_str());
    if let Some(error) = case.error() {
        let address = refusal(&identity, audience, to, error, "as was chosen");
        return Ok(back(&address));
    }
    if person.is_suspended() {
        let told = "the account is suspended";
        let address = refusal(&identity, audience, to, "access_denied", told);
        return Ok(back(&address));
    }
    let keys = identity.mock_keys().await?;
    let now = identity.now_seconds();
    let ticket = Ticket {
        audience: audience.code().to_owned(),
        person: person.code.to_owned(),
        case: case.code().to_owned(),
        level: level.to_owned(),
        redirect_uri: asked.redirect_uri.clone(),
        scope: asked.scope,
        nonce: asked.nonce,
        challenge: asked.challenge,
        auth_time: now,
        expires_at: now + CODE_SECONDS,
        id: identity.source.new_id().to_string(),
    };
    let code = ticket.seal(Kind::Code, &keys.seal);
    let issuer = identity.mock_issuer(audience);
    let parameters = [
        ("code", code.as_str()),
        ("state", &asked.state),
        ("iss", &issuer),
    ];
    Ok(back(&with_query(&asked.redirect_uri, &parameters)))
}
