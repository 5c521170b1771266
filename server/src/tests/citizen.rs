//! A citizen's browser: it chooses the mock provider, says who to be there, and agrees.

use std::collections::BTreeMap;

use kit_http::{Body, Method, Router};

use super::market::ISSUER;
use super::{Answer, request, send};

/// A browser, whose person is Élodie of the mock provider.
pub(super) struct Browser {
    app: Router,
    cookies: BTreeMap<String, String>,
    /// How surely she says that she is who she is.
    level: &'static str,
}

pub(super) fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let rest = text.split_once(before).map(|(_, rest)| rest);
    let found = rest.and_then(|rest| rest.split_once(after));
    found.map_or("", |(found, _)| found)
}

fn unescaped(text: &str) -> String {
    text.replace("&#38;", "&").replace("&amp;", "&")
}

impl Browser {
    pub(super) fn new(app: &Router, level: &'static str) -> Self {
        Self {
            app: app.clone(),
            cookies: BTreeMap::new(),
            level,
        }
    }

    pub(super) fn cookie(&self, name: &str) -> &str {
        self.cookies.get(name).map_or("", String::as_str)
    }

    async fn ask(&mut self, method: Method, path: &str, body: Option<String>) -> Answer {
        let pairs = self.cookies.iter();
        let cookies: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut asking = request(method, path, &cookies.join("; ")).header("accept", "text/html");
        if body.is_some() {
            asking = asking
                .header("content-type", "application/x-www-form-urlencoded")
                .header("sec-fetch-site", "same-origin");
        }
        let body = body.map_or_else(Body::empty, Body::from);
        let answer = send(&self.app, asking.body(body).unwrap()).await;
        for cookie in &answer.cookies {
            let (name, value) = cookie.split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    pub(super) async fn get(&mut self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    /// Sends a form of the page that was got before.
    pub(super) async fn submit(
        &mut self,
        page: &Answer,
        path: &str,
        form: &[(&str, &str)],
    ) -> Answer {
        let token = between(&page.body, "name=\"csrf_token\" value=\"", "\"");
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf_token", token).extend_pairs(form);
        self.ask(Method::POST, path, Some(body.finish())).await
    }

    /// Goes on until a service's address; gives the code with which it comes back there.
    pub(super) async fn sign_in(&mut self, address: &str) -> String {
        let mut answer = self.get(address).await;
        for _ in 0..20 {
            let to = answer.location.clone();
            let page = &answer.body;
            if let Some(path) = to.strip_prefix(ISSUER) {
                answer = self.get(path).await;
            } else if to.starts_with("https://") {
                let query = to.split_once('?').map_or("", |(_, query)| query);
                let mut pairs = form_urlencoded::parse(query.as_bytes());
                let code = pairs.find(|(name, _)| name == "code");
                return code.unwrap_or_else(|| panic!("{to}")).1.into_owned();
            } else if !to.is_empty() {
                answer = self.get(&to).await;
            } else if page.contains("name=\"person\"") {
                let action = unescaped(between(page, "action=\"/mock/", "\""));
                let who = [
                    ("person", "elodie"),
                    ("level", self.level),
                    ("case", "usual"),
                ];
                answer = self.submit(&answer, &format!("/mock/{action}"), &who).await;
            } else if page.contains("gv-choices") {
                let href = between(page, "href=\"/sign-in/with/", "\"");
                let path = unescaped(&format!("/sign-in/with/{href}"));
                answer = self.get(&path).await;
            } else if page.contains("name=\"decision\"") {
                let ticket = between(page, "action=\"/connect/", "\"");
                let path = format!("/connect/{ticket}");
                let yes = [("decision", "allow")];
                answer = self.submit(&answer, &path, &yes).await;
            } else {
                panic!("{} {page}", answer.status);
            }
        }
        panic!("the browser goes round and round");
    }
}
