//! Wiring: every module with its ports, the stack around them, the work in the background.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use directory::{Directory, SessionLimits};
use kit_db::{Db, DbOptions, Migration};
use kit_files::Files;
use kit_http::{ModuleRoutes, RateLimits, Router, Site, assets, stack};
use kit_jobs::{Jobs, Worker};
use kit_telemetry::Health;
use kit_time::Source;
use kit_ui::{Catalogue, Locale, NavigationItem, NavigationSection, Stylesheet};
use portfolio::Portfolio;

use crate::error::CommandError;
use crate::mail::MailHandler;
use crate::pages;

/// Every module's tables, in the order in which they are made.
pub(crate) fn migrations() -> Vec<Migration> {
    [
        kit_journal::MIGRATIONS,
        kit_jobs::MIGRATIONS,
        directory::MIGRATIONS,
        portfolio::MIGRATIONS,
    ]
    .concat()
}

/// What the program was told.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// `sqlite:PATH` or `postgres://…`.
    pub(crate) database_url: String,
    /// The folder of the files that people send.
    pub(crate) files_folder: PathBuf,
    /// The address at which people reach it.
    pub(crate) public_url: String,
    /// Whether it runs the demo State: mails are then shown, not sent.
    pub(crate) demo: bool,
    /// Requests per address and minute.
    pub(crate) requests_per_minute: u32,
    /// Proxies of ours in front.
    pub(crate) trusted_proxies: usize,
    /// Most connections to the database.
    pub(crate) connections_max: u32,
    /// The stylesheet.
    pub(crate) stylesheet: Stylesheet,
}

/// Largest upload, in bytes: 200 MiB.
const UPLOAD_BYTES_MAX: u64 = 200 << 20;
/// Tries at a secret, per address and minute.
const SECRETS_PER_MINUTE: u32 = 30;

impl Settings {
    /// The settings of a data folder, with what the environment says.
    pub(crate) fn of(data: &Path, environment: &Environment) -> Self {
        let file = data.join("gouvernail.sqlite");
        let number = |name: &str, default| {
            environment
                .get(name)
                .and_then(|text| text.parse().ok())
                .unwrap_or(default)
        };
        Self {
            database_url: environment
                .get("GOUVERNAIL_DATABASE__URL")
                .map_or_else(|| format!("sqlite:{}", file.display()), str::to_owned),
            files_folder: data.join("files"),
            public_url: environment
                .get("GOUVERNAIL_SERVER__PUBLIC_URL")
                .unwrap_or("http://127.0.0.1:8460")
                .trim_end_matches('/')
                .to_owned(),
            demo: false,
            requests_per_minute: number("GOUVERNAIL_LIMITS__REQUESTS_PER_MINUTE", 1_200),
            trusted_proxies: number("GOUVERNAIL_SERVER__TRUSTED_PROXIES", 0) as usize,
            connections_max: number("GOUVERNAIL_DATABASE__CONNECTIONS_MAX", 8).clamp(1, 1_000),
            stylesheet: match environment.get("GOUVERNAIL_UI__THEME") {
                Some("dsfr") => Stylesheet::Dsfr,
                _ => Stylesheet::Own,
            },
        }
    }
}

/// The variables of the process that are ours.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment(Vec<(String, String)>);

impl Environment {
    /// Reads them, once.
    #[allow(clippy::disallowed_methods)] // the one reading of the environment
    pub(crate) fn read() -> Self {
        let ours = std::env::vars().filter(|(name, _)| name.starts_with("GOUVERNAIL_"));
        Self(ours.collect())
    }

    /// Variables of a test.
    #[cfg(test)]
    pub(crate) fn of(variables: &[(&str, &str)]) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self(variables.iter().map(own).collect())
    }

    /// What is wrong with them: the variable, its value and what is allowed.
    pub(crate) fn mistakes(&self) -> Vec<String> {
        const KNOWN: [(&str, &str); 8] = [
            ("GOUVERNAIL_UI__THEME", "own or dsfr"),
            ("GOUVERNAIL_DATABASE__URL", "sqlite:PATH or postgres://…"),
            (
                "GOUVERNAIL_DATABASE__CONNECTIONS_MAX",
                "a number from 1 to 1000",
            ),
            ("GOUVERNAIL_SERVER__PUBLIC_URL", "http://… or https://…"),
            (
                "GOUVERNAIL_SERVER__TRUSTED_PROXIES",
                "a number from 0 to 10",
            ),
            (
                "GOUVERNAIL_LIMITS__REQUESTS_PER_MINUTE",
                "a number from 1 to 1000000",
            ),
            ("GOUVERNAIL_TELEMETRY__FORMAT", "text or json"),
            (
                "GOUVERNAIL_TELEMETRY__FILTER",
                "such as info or info,portfolio=debug",
            ),
        ];
        let within = |value: &str, from: u32, to: u32| {
            value
                .parse::<u32>()
                .is_ok_and(|number| (from..=to).contains(&number))
        };
        let mut mistakes = Vec::new();
        for (name, value) in self.0.iter().filter(|(name, _)| name.contains("__")) {
            let Some((_, allowed)) = KNOWN.iter().find(|(known, _)| known == name) else {
                let known = KNOWN.map(|(known, _)| known).join(", ");
                mistakes.push(format!("{name}: no such setting; there are {known}"));
                continue;
            };
            let right = match name.as_str() {
                "GOUVERNAIL_DATABASE__URL" => ["sqlite:", "postgres://", "postgresql://"]
                    .iter()
                    .any(|start| value.starts_with(start)),
                "GOUVERNAIL_DATABASE__CONNECTIONS_MAX" => within(value, 1, 1_000),
                "GOUVERNAIL_SERVER__PUBLIC_URL" => {
                    value.starts_with("http://") || value.starts_with("https://")
                }
                "GOUVERNAIL_SERVER__TRUSTED_PROXIES" => within(value, 0, 10),
                "GOUVERNAIL_LIMITS__REQUESTS_PER_MINUTE" => within(value, 1, 1_000_000),
                "GOUVERNAIL_UI__THEME" => matches!(value.as_str(), "own" | "dsfr"),
                "GOUVERNAIL_TELEMETRY__FORMAT" => matches!(value.as_str(), "text" | "json"),
                _ => true,
            };
            if !right {
                // A database's address may hold a password: it is not shown.
                let shown = if name.ends_with("__URL") && value.contains('@') {
                    "(hidden)"
                } else {
                    value
                };
                mistakes.push(format!("{name} is {shown:?}: write {allowed}"));
            }
        }
        mistakes
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// The platform on its database.
#[derive(Debug, Clone)]
pub(crate) struct Platform {
    pub(crate) settings: Settings,
    pub(crate) db: Db,
    pub(crate) source: Source,
    pub(crate) jobs: Jobs,
    pub(crate) directory: Directory,
    pub(crate) portfolio: Portfolio,
}

impl Platform {
    /// Opens the database and brings its tables up to date.
    pub(crate) async fn open(settings: Settings) -> Result<Self, CommandError> {
        let options = DbOptions {
            connections_max: settings.connections_max,
            ..DbOptions::new(&settings.database_url)
        };
        let db = Db::open(&options).await?;
        for name in db.migrate(&migrations()).await? {
            tracing::info!(migration = name, "db.migrate");
        }
        let files = Files::folder(&settings.files_folder)?;
        Ok(Self::on(settings, db, Source::system(), files))
    }

    /// The platform on an open database.
    pub(crate) fn on(settings: Settings, db: Db, source: Source, files: Files) -> Self {
        let jobs = Jobs::new(db.clone(), source.clone());
        let limits = SessionLimits::default();
        let directory = Directory::new(
            db.clone(),
            source.clone(),
            jobs.clone(),
            limits,
            &settings.public_url,
        );
        let organisations = Arc::new(directory.organisations_port());
        let portfolio = Portfolio::new(
            db.clone(),
            source.clone(),
            organisations,
            jobs.clone(),
            files,
        );
        Self {
            settings,
            db,
            source,
            jobs,
            directory,
            portfolio,
        }
    }

    /// Every module's routes.
    pub(crate) fn routes(&self) -> ModuleRoutes {
        pages::routes(self.clone())
            .merge(self.portfolio.routes(UPLOAD_BYTES_MAX))
            .merge(self.directory.routes())
    }

    /// What serves requests.
    pub(crate) fn router(&self) -> Result<Router, CommandError> {
        let words = directory::WORDS
            .into_iter()
            .chain(portfolio::WORDS)
            .chain(pages::WORDS);
        let site = Site {
            catalogue: Arc::new(Catalogue::new(words)?),
            navigation: vec![
                Portfolio::navigation(),
                Directory::navigation(),
                platform_navigation(self.settings.demo),
            ],
            service_name: "Gouvernail".to_owned(),
            public_url: self.settings.public_url.clone(),
            stylesheet: self.settings.stylesheet,
            locale: Locale::Fr,
            source: self.source.clone(),
            authenticator: Arc::new(self.directory.clone()),
            rate_limits: RateLimits::per_minute(
                self.settings.requests_per_minute,
                SECRETS_PER_MINUTE,
            ),
            trusted_proxies: self.settings.trusted_proxies,
        };
        let routes = self.routes().router.merge(assets());
        Ok(stack(Arc::new(site), routes))
    }

    /// The checks that tell whether the process can answer.
    pub(crate) fn health(&self) -> Health {
        let db = self.db.clone();
        Health::default().with("database", move || {
            let db = db.clone();
            Box::pin(async move {
                let head = kit_journal::Journal::head(&db).await;
                head.map(drop).map_err(|error| error.to_string())
            })
        })
    }

    /// Starts what goes on beside the requests; it ends with the process.
    pub(crate) fn start_background(&self) {
        let handler = MailHandler {
            demo: self.settings.demo,
        };
        let mut handlers = self.portfolio.handlers();
        handlers.push(Arc::new(handler));
        let worker = Worker::new(self.jobs.clone(), handlers);
        tokio::spawn(worker.work(Duration::from_secs(1)));
        let directory = self.directory.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_mins(10)).await;
                if let Err(error) = directory.forget_expired_sessions().await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "sessions.forget");
                }
            }
        });
    }
}

fn platform_navigation(demo: bool) -> NavigationSection {
    let item = |key, href, signed_in| NavigationItem {
        key,
        href,
        signed_in,
    };
    let mut items = vec![
        item("platform-nav-journal", "/journal", false),
        item("platform-nav-open-data", "/open-data", false),
        item("platform-nav-operations", "/operations", true),
    ];
    if demo {
        items.push(item("platform-nav-outbox", "/outbox", true));
    }
    NavigationSection {
        key: "platform-nav",
        items,
    }
}

/// The data folder when none is named.
pub(crate) fn default_data() -> PathBuf {
    PathBuf::from("data")
}
