//! Citizens' browsers, which choose a provider, say who to be there, and agree.

use std::collections::BTreeMap;

use identity::domain::ClientForm;
use kit_journal::{Filter, Journal};

use crate::world::{Browser, ISSUER, Reply, Service, Tokens, World, between, form};

/// A service of citizens that asks for the whole identity.
pub(crate) fn citizens_form() -> ClientForm {
    let scopes = "openid identite_pivot preferred_username email profile birth";
    ClientForm {
        audience: "citizens".into(),
        scopes: scopes.split(' ').map(str::to_owned).collect(),
        refreshes: false,
        ..form()
    }
}

/// Who somebody is at the mock provider.
#[derive(Clone, Copy)]
pub(crate) struct As<'a> {
    pub(crate) person: &'a str,
    pub(crate) level: &'a str,
    pub(crate) case: &'a str,
}

pub(crate) const ELODIE: As<'static> = As {
    person: "elodie",
    level: "eidas1",
    case: "usual",
};

fn unescaped(text: &str) -> String {
    text.replace("&#38;", "&").replace("&amp;", "&")
}

/// Where an answer leads.
fn on_to(reply: &Reply) -> Option<String> {
    let refresh = reply.header("refresh");
    let to = refresh
        .strip_prefix("0; url=")
        .unwrap_or(reply.header("location"));
    (!to.is_empty()).then(|| to.to_owned())
}

/// Goes on until a service's address or a page that isn't on the way; gives the page, or the
/// parameters with which it comes back.
pub(crate) async fn travel(
    browser: &mut Browser,
    world: &World,
    address: &str,
    being: As<'_>,
) -> Result<BTreeMap<String, String>, Reply> {
    let mut reply = browser.get(world, address).await;
    for _ in 0..20 {
        if let Some(to) = on_to(&reply) {
            if let Some(path) = to.strip_prefix(ISSUER) {
                reply = browser.get(world, path).await;
            } else if to.starts_with("https://") {
                let query = to.split_once('?').map_or("", |(_, query)| query);
                let pairs = form_urlencoded::parse(query.as_bytes());
                return Ok(pairs
                    .map(|(k, v)| (k.into_owned(), v.into_owned()))
                    .collect());
            } else {
                reply = browser.get(world, &to).await;
            }
        } else if reply.body.contains("name=\"person\"") {
            let action = unescaped(between(&reply.body, "action=\"/mock/", "\""));
            let chosen = [
                ("person", being.person),
                ("level", being.level),
                ("case", being.case),
            ];
            let path = format!("/mock/{action}");
            reply = browser.submit(world, &reply, &path, &chosen).await;
        } else if reply.body.contains("gv-choices") {
            let href = between(&reply.body, "href=\"/sign-in/with/", "\"");
            let path = unescaped(&format!("/sign-in/with/{href}"));
            reply = browser.get(world, &path).await;
        } else if reply.body.contains("name=\"decision\"") {
            let ticket = between(&reply.body, "action=\"/connect/", "\"").to_owned();
            let decision = if browser.refuses { "deny" } else { "allow" };
            let path = format!("/connect/{ticket}");
            reply = browser
                .submit(world, &reply, &path, &[("decision", decision)])
                .await;
        } else {
            return Err(reply);
        }
    }
    panic!("the browser goes round and round: {:?}", browser.went);
}

/// The tokens of a citizen's whole sign-in.
pub(crate) async fn tokens(
    browser: &mut Browser,
    world: &World,
    service: &Service,
    more: &[(&str, &str)],
    being: As<'_>,
) -> Tokens {
    let back = travel(browser, world, &service.address(more), being).await;
    let back = back.unwrap_or_else(|page| panic!("{}", page.body));
    let code = back.get("code").unwrap_or_else(|| panic!("{back:?}"));
    Tokens::of(&service.exchange(world, code, &[]).await)
}

pub(crate) async fn subject(world: &World, tokens: &Tokens) -> String {
    let claims = world.claims(&tokens.id).await;
    claims.text("sub").unwrap().to_owned()
}

/// Every entry of the journal, as text.
pub(crate) async fn journal(world: &World) -> String {
    let entries = Journal::browse(&world.db, &Filter::default(), None, 1_000).await;
    let entries = entries.unwrap();
    let texts: Vec<String> = entries.iter().map(|entry| format!("{entry:?}")).collect();
    texts.join("\n")
}
