//! A browser for tests: requests that go through the whole stack, in process.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use kit_access::Actor;
use kit_time::{FixedClock, Source};
use kit_ui::{Catalogue, Locale, Stylesheet, Theme};
use tower::ServiceExt as _;

use crate::{
    Authenticator, Cx, ModuleRoutes, NoTableFiles, NobodySignsIn, RateLimits, Site, stack,
};

/// Where the platform of a test is reached.
pub const URL: &str = "https://g.example";

fn site<'w>(
    words: impl IntoIterator<Item = (Locale, &'w str)>,
    source: Source,
    authenticator: Arc<dyn Authenticator>,
) -> Site {
    #[allow(clippy::expect_used)] // a test's scaffolding
    let catalogue = Catalogue::new(words).expect("the words can be read");
    Site {
        protocol_paths: std::collections::HashSet::new(),
        catalogue: Arc::new(catalogue),
        navigation: Vec::new(),
        service_name: "Gouvernail".into(),
        public_url: URL.into(),
        stylesheet: Stylesheet::Own,
        locale: Locale::Fr,
        source,
        authenticator,
        rate_limits: RateLimits::per_minute(100_000, 100_000),
        trusted_proxies: 1,
        table_files: Arc::new(NoTableFiles),
    }
}

/// What a request of nobody knows, who reads French: for what is tried without a request.
///
/// # Panics
/// When the words can't be read.
pub fn cx<'w>(words: impl IntoIterator<Item = (Locale, &'w str)>) -> Cx {
    let clock = Arc::new(FixedClock::new(jiff::Timestamp::UNIX_EPOCH));
    let source = Source::with_clock(clock, 1);
    Cx {
        actor: Actor::anonymous(),
        request_id: "test".into(),
        locale: Locale::Fr,
        theme: Theme::Auto,
        csrf_token: "".into(),
        path: "/".into(),
        client: std::net::Ipv4Addr::LOCALHOST.into(),
        site: Arc::new(site(words, source, Arc::new(NobodySignsIn))),
    }
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The status.
    pub status: StatusCode,
    /// Where it sends the browser; empty when it stays.
    pub location: String,
    /// The cookies that it sets: name and value.
    pub cookies: Vec<String>,
    /// The body.
    pub body: String,
}

impl Answered {
    /// The proof of origin that a page's forms carry.
    ///
    /// # Panics
    /// When the page has no form.
    #[allow(clippy::expect_used)] // a test's scaffolding
    pub fn token(&self) -> String {
        let (_, rest) = self
            .body
            .split_once("name=\"csrf_token\" value=\"")
            .expect("a form");
        rest.split('"').next().unwrap_or_default().to_owned()
    }
}

/// A browser that reads French, before a site.
#[derive(Debug, Clone)]
pub struct Browser(pub Router);

impl Browser {
    /// Before a site of these routes and words, without limits on how often it asks.
    ///
    /// # Panics
    /// When the words can't be read.
    pub fn new<'w>(
        routes: ModuleRoutes,
        words: impl IntoIterator<Item = (Locale, &'w str)>,
        source: Source,
        authenticator: Arc<dyn Authenticator>,
    ) -> Self {
        let site = Site {
            protocol_paths: routes.protocol_paths(),
            ..site(words, source, authenticator)
        };
        Self(stack(Arc::new(site), routes.router))
    }

    /// Sends a request.
    ///
    /// # Panics
    /// When the body of the answer breaks off.
    #[allow(clippy::expect_used)] // a test's scaffolding
    pub async fn send(&self, request: Request<Body>) -> Answered {
        let response = self.0.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let cookies = parts
            .headers
            .get_all("set-cookie")
            .iter()
            .filter_map(|value| value.to_str().ok()?.split(';').next().map(str::to_owned))
            .collect();
        let location = parts.headers.get("location");
        let location = location.and_then(|value| value.to_str().ok());
        let body = body.collect().await.expect("a whole body").to_bytes();
        Answered {
            status: parts.status,
            location: location.unwrap_or_default().to_owned(),
            cookies,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// Asks for a page.
    pub async fn get(&self, path: &str, cookies: &str) -> Answered {
        self.ask(Method::GET, path, cookies, "", String::new())
            .await
    }

    /// Sends the form of a page: its proof of origin and these fields.
    pub async fn post(
        &self,
        page: &str,
        path: &str,
        cookies: &str,
        fields: &[(&str, &str)],
    ) -> Answered {
        let token = self.get(page, cookies).await.token();
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf_token", &token);
        for (name, value) in fields {
            body.append_pair(name, value);
        }
        self.post_raw(path, cookies, body.finish()).await
    }

    /// Sends a form as it stands.
    pub async fn post_raw(&self, path: &str, cookies: &str, body: String) -> Answered {
        let form = "application/x-www-form-urlencoded";
        self.ask(Method::POST, path, cookies, form, body).await
    }

    /// The cookies of somebody who signed in by the form at `/sign-in`.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn signed_in(&self, email: &str, password: &str) -> String {
        let page = self.get("/sign-in", "").await;
        let form = page.cookies[0].clone();
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf_token", &page.token());
        body.append_pair("email", email);
        body.append_pair("password", password);
        body.append_pair("return_to", "/");
        let answer = self.post_raw("/sign-in", &form, body.finish()).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        format!("{form}; {}", answer.cookies[0])
    }

    #[allow(clippy::expect_used)] // a test's scaffolding
    async fn ask(
        &self,
        method: Method,
        path: &str,
        cookies: &str,
        content_type: &str,
        body: String,
    ) -> Answered {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("cookie", cookies)
            .header("accept-language", "fr");
        if !content_type.is_empty() {
            request = request.header("content-type", content_type);
        }
        let request = request.body(Body::from(body)).expect("a request");
        self.send(request).await
    }
}
