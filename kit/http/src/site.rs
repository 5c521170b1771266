//! What all requests of a process share, and what one request knows.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use jiff::Timestamp;
use kit_access::Actor;
use kit_time::Source;
use kit_ui::{Catalogue, Locale, Navigation, Shell, Stylesheet, Theme, Words};

use crate::authenticate::Authenticator;
use crate::failure::Failure;
use crate::limits::RateLimits;

/// What all requests share.
pub struct Site {
    /// Every word that a person reads.
    pub catalogue: Arc<Catalogue>,
    /// The side navigation.
    pub navigation: Navigation,
    /// The service's name, in the header.
    pub service_name: String,
    /// The address at which people reach it, without a final slash.
    pub public_url: String,
    /// The stylesheet.
    pub stylesheet: Stylesheet,
    /// The language when a reader asks for none.
    pub locale: Locale,
    /// Clock and randomness.
    pub source: Source,
    /// Who sends a request.
    pub authenticator: Arc<dyn Authenticator>,
    /// How many requests an address may send.
    pub rate_limits: RateLimits,
    /// How many proxies of ours stand in front, each adding one `X-Forwarded-For` entry.
    pub trusted_proxies: usize,
    /// Paths that other sites and programs call by design ([`crate::Routes::protocol`]).
    pub protocol_paths: std::collections::HashSet<String>,
    /// What writes the tables of pages as files.
    pub table_files: Arc<dyn crate::tables::TableFiles>,
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site")
            .field("service_name", &self.service_name)
            .finish_non_exhaustive()
    }
}

/// What one request knows: the argument that every handler takes.
#[derive(Debug, Clone)]
pub struct Cx {
    /// Who acts.
    pub actor: Actor,
    /// The request's id: in the log, in the journal, in error pages.
    pub request_id: Arc<str>,
    /// The reader's language.
    pub locale: Locale,
    /// The reader's theme.
    pub theme: Theme,
    /// The token that forms of this answer carry.
    pub csrf_token: Arc<str>,
    /// Path and query, as asked.
    pub path: Arc<str>,
    /// The client's address, as told by the proxies that are trusted.
    pub client: std::net::IpAddr,
    /// What all requests share.
    pub site: Arc<Site>,
}

impl Cx {
    /// The words of the reader's language.
    pub fn words(&self) -> Words {
        Words::new(self.site.catalogue.clone(), self.locale)
    }

    /// The instant.
    pub fn now(&self) -> Timestamp {
        self.site.source.now()
    }

    /// The frame of a page: its title is already in the reader's language.
    pub fn shell(&self, title: impl Into<String>) -> Shell {
        let mut shell = Shell::new(self.words(), title);
        shell.navigation = self.site.navigation.clone();
        shell.service_name.clone_from(&self.site.service_name);
        shell.stylesheet = self.site.stylesheet;
        shell.theme = self.theme;
        shell.csrf_token = self.csrf_token.to_string();
        shell.path = self.path.to_string();
        if let kit_access::Identity::Person { name, .. } = &self.actor.identity {
            shell.person = Some(name.clone());
        }
        shell
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Cx {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Self::of(&parts.extensions).ok_or_else(|| Failure::internal("the stack is not mounted"))
    }
}

impl Cx {
    pub(crate) fn of(extensions: &axum::http::Extensions) -> Option<Self> {
        extensions.get::<Self>().cloned()
    }

    pub(crate) fn attach(self, request: &mut Request) {
        request.extensions_mut().insert(self.actor.clone());
        request.extensions_mut().insert(self);
    }
}
