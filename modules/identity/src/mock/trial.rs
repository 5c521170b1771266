//! The test service: a client like any other, which shows all that it is told.
//!
//! ```text
//!   /try ──▶ /api/v2/authorize ──▶ … ──▶ /try/return ──code──▶ /api/v2/token, jwks, userinfo
//! ```
//! It keeps nothing: what ties the answer to the question is in the browser's cookie.

use jose::claims::{Claims, Rules};
use jose::jwk::JwkSet;
use jose::jws::{Typ, Unverified};
use jose::pkce::{Challenge, verifier};
use jose::{Algorithm, Limits};
use kit_access::Actor;
use kit_egress::{Authorization, Request};
use kit_http::{
    Cx, Failure, Fields, HeaderMap, IntoResponse, Page, Query, Response, SeeOther, State, cookies,
};
use kit_journal::Change;
use kit_ui::{Actions, Cell, Column, Composed, Field, Form, Notice, Table, Tone, Words};
use serde_json::Value;

use crate::domain::{Audience, Client, ClientForm, Level, Params};
use crate::pages::bare;
use crate::protocol::AUTHORIZE;
use crate::store::clients;
use crate::{Identity, IdentityError};

/// Ties an answer to its question: audience, state, nonce and verifier, between points.
const COOKIE: &str = "__Host-try";
/// How long a person may take, in seconds.
const COOKIE_SECONDS: u64 = 900;

fn client_id(audience: Audience) -> &'static str {
    match audience {
        Audience::Agents => "essai-agents",
        Audience::Citizens => "essai-usagers",
    }
}

fn scopes(audience: Audience) -> &'static str {
    match audience {
        Audience::Agents => "openid profile email uid siret organizational_unit",
        Audience::Citizens => "openid identite_pivot preferred_username email",
    }
}

impl Identity {
    fn trial_form(&self, audience: Audience) -> ClientForm {
        let (name, profile) = match audience {
            Audience::Agents => ("Service d’essai (agents)", "standard"),
            Audience::Citizens => ("Service d’essai (usagers)", "france"),
        };
        ClientForm {
            name: name.into(),
            purpose: "Essayer une connexion de bout en bout et voir ce qu’un service reçoit."
                .into(),
            audience: audience.code().into(),
            profile: profile.into(),
            auth_method: "none".into(),
            redirect_uris: self.url("/try/return"),
            post_logout_redirect_uris: self.url("/try"),
            scopes: scopes(audience).split(' ').map(str::to_owned).collect(),
            subject_type: "pairwise".into(),
            id_token_algorithm: "ES256".into(),
            needs_pkce: true,
            asks_consent: true,
            ..ClientForm::default()
        }
    }

    /// Registers the test service of an audience, or brings its addresses up to date.
    pub(super) async fn prepare_trial(
        &self,
        actor: &Actor,
        audience: Audience,
    ) -> Result<(), IdentityError> {
        let form = self.trial_form(audience);
        let draft = form.check().map_err(IdentityError::Mistakes)?;
        let known = clients::named(&self.db, client_id(audience)).await?;
        if let Some(known) = known {
            if known.draft.redirect_uris != draft.redirect_uris {
                self.change_service(actor, known.id, known.version, &form)
                    .await?;
            }
            return Ok(());
        }
        self.keys_for(draft.id_token_algorithm).await?;
        let client = Client {
            id: self.source.new_id(),
            client_id: client_id(audience).to_owned(),
            suspended: false,
            version: 1,
            draft,
        };
        let mut tx = self.db.begin().await?;
        clients::insert(&mut tx, &client, self.source.now()).await?;
        let change = Change::new("identity.service.register", "service", client.id)
            .after(serde_json::json!({ "name": client.draft.name, "trial": true }));
        self.journal.append(&mut tx, actor, change).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// The page with one button for each audience.
pub(super) async fn show(
    State(identity): State<Identity>,
    cx: Cx,
    query: Result<Query<Vec<(String, String)>>, Failure>,
) -> Result<Response, Failure> {
    identity.mock_back()?;
    let words = cx.words();
    let params = Params(query.map(|Query(pairs)| pairs).unwrap_or_default());
    let shell = shell(&cx, "identity-try-title").lead(words.text("identity-try-lead"));
    let mut page = Composed::new(shell.clone());
    if params.get("state").is_some() {
        let text = words.text("identity-try-signed-out");
        page = page.with(Notice::new(Tone::Success, "", text));
    }
    let levels = Level::CITIZENS.map(|level| {
        let told = words.text(&format!("identity-level-{level}"));
        (level.to_owned(), format!("{told} ({level})"))
    });
    let level = Field::radios("level", words.text("identity-try-level"), levels.to_vec())
        .value("eidas1")
        .hint(words.text("identity-try-level-hint"));
    let citizens = Form::post(&shell, "/try", words.text("identity-try-citizens-submit"))
        .hidden("audience", Audience::Citizens.code())
        .field(level);
    let agents = Form::post(&shell, "/try", words.text("identity-try-agents-submit"))
        .hidden("audience", Audience::Agents.code())
        .hidden("provider", super::code_of(Audience::Agents));
    let own = Form::post(&shell, "/try", words.text("identity-try-own-submit"))
        .hidden("audience", Audience::Agents.code());
    let page = page
        .heading(words.text("identity-try-citizens"))
        .text(words.text("identity-try-citizens-text"))
        .with(citizens)
        .heading(words.text("identity-try-agents"))
        .text(words.text("identity-try-agents-text"))
        .with(agents)
        .text(words.text("identity-try-own-text"))
        .with(own);
    Ok(Page(page).into_response())
}

fn shell(cx: &Cx, title: &str) -> kit_ui::Shell {
    let mut shell = bare(cx, cx.words().text(title));
    shell.person = None;
    shell.without_account = true;
    shell
}

/// Asks the platform, as any service does.
pub(super) async fn begin(
    State(identity): State<Identity>,
    fields: Fields,
) -> Result<Response, Failure> {
    identity.mock_back()?;
    let audience = Audience::parse(fields.text("audience")).ok_or(Failure::NotFound)?;
    let level = fields.text("level");
    let level = Level::CITIZENS.into_iter().find(|one| *one == level);
    let (state, nonce) = (identity.new_secret(), identity.new_secret());
    let verifier = verifier(&identity.source.random());
    let challenge = Challenge::of(&verifier).map_err(Failure::internal)?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", client_id(audience)),
        ("redirect_uri", &identity.url("/try/return")),
        ("scope", scopes(audience)),
        ("state", &state),
        ("nonce", &nonce),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("acr_values", level.unwrap_or("eidas1")),
    ] {
        query.append_pair(name, value);
    }
    if fields.text("provider") == super::code_of(Audience::Agents) {
        query.append_pair("idp_hint", super::code_of(Audience::Agents));
    }
    let mut response = SeeOther(format!("{AUTHORIZE}?{}", query.finish())).into_response();
    let kept = format!("{}.{state}.{nonce}.{verifier}", audience.code());
    cookies::set(response.headers_mut(), COOKIE, &kept, Some(COOKIE_SECONDS));
    Ok(response)
}

/// What a sign-in gave.
struct Received {
    id_token: String,
    header: Value,
    claims: Claims,
    told: Value,
}

/// The platform's answer: exchanged, checked, shown.
pub(super) async fn come_back(
    State(identity): State<Identity>,
    cx: Cx,
    headers: HeaderMap,
    query: Result<Query<Vec<(String, String)>>, Failure>,
) -> Result<Response, Failure> {
    identity.mock_back()?;
    let words = cx.words();
    let params = Params(query.map(|Query(pairs)| pairs).unwrap_or_default());
    let kept = cookies::read(&headers, COOKIE).unwrap_or_default();
    let mut parts = kept.splitn(4, '.');
    let mut part = || parts.next().unwrap_or_default();
    let (audience, state, nonce, verifier) = (part(), part(), part(), part());
    let audience = Audience::parse(audience);
    let again = Actions(vec![(words.text("identity-try-again"), "/try".into())]);
    let is_own = !state.is_empty() && params.get("state") == Some(state);
    let page = match (audience.filter(|_| is_own), params.get("error")) {
        (None, _) => {
            let text = words.text("identity-try-state");
            let page = Composed::new(shell(&cx, "identity-try-failed"));
            page.with(Notice::new(Tone::Error, "", text)).with(again)
        }
        (Some(_), Some(error)) => {
            let detail = params.get("error_description").unwrap_or_default();
            let told = [("code", error.into()), ("detail", detail.into())];
            let text = words.text_with("identity-try-error", &told);
            let page = Composed::new(shell(&cx, "identity-try-failed"));
            page.with(Notice::new(Tone::Error, "", text)).with(again)
        }
        (Some(audience), None) => {
            let code = params.get("code").unwrap_or_default();
            match identity.receive(audience, code, nonce, verifier).await {
                Ok(received) => result(&identity, &cx, audience, &received),
                Err(detail) => {
                    let told = [("code", "token".into()), ("detail", (&*detail).into())];
                    let text = words.text_with("identity-try-error", &told);
                    let page = Composed::new(shell(&cx, "identity-try-failed"));
                    page.with(Notice::new(Tone::Error, "", text)).with(again)
                }
            }
        }
    };
    let mut response = Page(page).into_response();
    let out = response.headers_mut();
    cookies::set(out, COOKIE, "", Some(0));
    if let Ok(never) = "no-store".parse() {
        out.insert("cache-control", never);
    }
    Ok(response)
}

impl Identity {
    /// Exchanges a code and checks all that comes back, over HTTP as any service does. The text of
    /// an error is for developers.
    async fn receive(
        &self,
        audience: Audience,
        code: &str,
        nonce: &str,
        verifier: &str,
    ) -> Result<Received, String> {
        let back = self.mock_back().map_err(|error| error.to_string())?;
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", client_id(audience)),
            ("code", code),
            ("redirect_uri", &self.url("/try/return")),
            ("code_verifier", verifier),
        ];
        let address = format!("{back}{}", crate::protocol::TOKEN);
        let answer = self.asked(Request::post_form(&address, &form)).await?;
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        if !text("error").is_empty() {
            return Err(text("error_description"));
        }
        let (id_token, access_token) = (text("id_token"), text("access_token"));
        let address = format!("{back}{}", crate::protocol::JWKS);
        let keys = self.asked(Request::get(&address)).await?;
        let keys = JwkSet::parse(keys.to_string().as_bytes()).map_err(|error| error.to_string())?;
        let keys = keys.verification_keys(Algorithm::Es256);
        let typ = Typ::AbsentOr(&["JWT"]);
        let claims = jose::jws::verify_any(&id_token, &keys, typ, &Limits::SIGNED)
            .map_err(|error| error.to_string())?
            .claims()
            .map_err(|error| error.to_string())?;
        Rules::new()
            .issuer(&self.issuer)
            .audience(client_id(audience))
            .sole_audience()
            .nonce(nonce)
            .check(&claims, self.now_seconds())
            .map_err(|error| error.to_string())?;
        let address = format!("{back}{}", crate::protocol::USERINFO);
        let bearer = Authorization::Bearer(access_token);
        let told = self
            .asked(Request::get(&address).authorization(bearer))
            .await?;
        if told["sub"].as_str() != claims.text("sub") {
            return Err("userinfo is of another person".to_owned());
        }
        Ok(Received {
            header: header_of(&id_token),
            id_token,
            claims,
            told,
        })
    }

    async fn asked(&self, request: Request) -> Result<Value, String> {
        let request = request.accept("application/json");
        let answer = self.egress.send(request).await;
        let answer = answer.map_err(|error| error.to_string())?;
        serde_json::from_slice(&answer.body).map_err(|error| error.to_string())
    }
}

/// The head of a token, which tells how to check it.
fn header_of(token: &str) -> Value {
    let Ok(read) = Unverified::parse(token, &Limits::SIGNED) else {
        return Value::Null;
    };
    serde_json::json!({
        "alg": read.header().algorithm(),
        "kid": read.header().kid(),
    })
}

/// Claims that the page explains.
const EXPLAINED: [&str; 13] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nonce",
    "acr",
    "amr",
    "auth_time",
    "sid",
    "at_hash",
    "alg",
    "kid",
];

fn table<'v>(
    words: &Words,
    id: &str,
    members: impl IntoIterator<Item = (&'v String, &'v Value)>,
) -> Table {
    let columns = ["claim", "value", "meaning"]
        .map(|column| Column::text(words.text(&format!("identity-try-column-{column}"))));
    let rows = members.into_iter().map(|(name, value)| {
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let shown = crate::pages::citizen::SHOWN.iter();
        let shown = shown.clone().find(|(claim, _)| claim == name);
        let meaning = match shown {
            Some((_, key)) => Some(words.text(key)),
            None => EXPLAINED
                .contains(&name.as_str())
                .then(|| words.text(&format!("identity-try-claim-{}", name.replace('_', "-")))),
        };
        vec![
            Cell::text(name),
            Cell::text(value),
            Cell::text(meaning.unwrap_or_default()),
        ]
    });
    let caption = words.text(&format!("identity-try-{id}"));
    Table::new(words, id, caption, columns.into())
        .rows(rows)
        .plain()
}

fn result(identity: &Identity, cx: &Cx, audience: Audience, received: &Received) -> Composed {
    let words = cx.words();
    let level = received.claims.text("acr").unwrap_or_default();
    let level = words.text(&format!("identity-level-{level}"));
    let lead = words.text_with("identity-try-done-lead", &[("level", level.into())]);
    let shell = shell(cx, "identity-try-done").lead(lead);
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [
        ("id_token_hint", received.id_token.as_str()),
        ("client_id", client_id(audience)),
        ("post_logout_redirect_uri", &identity.url("/try")),
        ("state", "au-revoir"),
    ] {
        query.append_pair(name, value);
    }
    let out = format!("{}?{}", crate::protocol::END_SESSION, query.finish());
    let told = received.told.as_object().cloned().unwrap_or_default();
    let header = received.header.as_object().cloned().unwrap_or_default();
    Composed::new(shell)
        .with(table(&words, "userinfo", &told))
        .with(table(&words, "header", &header))
        .with(table(&words, "id-token", received.claims.members()))
        .text(words.text("identity-try-access"))
        .with(Actions(vec![
            (words.text("identity-try-sign-out"), out),
            (words.text("identity-try-again"), "/try".into()),
        ]))
}
