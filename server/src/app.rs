//! Wiring: every module with its ports, the stack around them, the work in the background.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use brigade::{Brigade, BrigadePorts};
use contracts::{Contracts, ContractsPorts};
use costs::{Costs, Following};
use directory::{Directory, SessionLimits};
use exchange::{AgreementEnds, Exchange, ExchangePorts};
use identity::{Identity, RelayDesk, SessionEnds};
use impact::{Counting, Impact};
use kit_db::{Db, DbOptions, Migration};
use kit_egress::{Egress, EgressSettings};
use kit_files::Files;
use kit_http::{ModuleRoutes, RateLimits, Router, Site, assets, stack};
use kit_jobs::{Jobs, Worker};
use kit_journal::Subscribers;
use kit_ledger::JournalSeal;
use kit_telemetry::Health;
use kit_time::Source;
use kit_ui::{Catalogue, Locale, NavigationItem, NavigationSection};
use observatory::Observatory;
use portfolio::Portfolio;
use startups::{Startups, StartupsPorts};
use steering::{Steering, SteeringPorts};

use crate::data_plane::{self, DataPlane};
use crate::error::CommandError;
use crate::logout::LogoutHandler;
use crate::mail::MailHandler;
use crate::pages;
use crate::settings::{FilesPlace, Settings};
use crate::spreadsheets::Spreadsheets;

/// Every module's tables, in the order in which they are made.
pub(crate) fn migrations() -> Vec<Migration> {
    [
        kit_journal::MIGRATIONS,
        kit_jobs::MIGRATIONS,
        kit_ledger::MIGRATIONS,
        directory::MIGRATIONS,
        portfolio::MIGRATIONS,
        impact::MIGRATIONS,
        identity::MIGRATIONS,
        exchange::MIGRATIONS,
        steering::MIGRATIONS,
        brigade::MIGRATIONS,
        startups::MIGRATIONS,
        costs::MIGRATIONS,
        observatory::MIGRATIONS,
        contracts::MIGRATIONS,
    ]
    .concat()
}

/// Tries at a secret, per address and minute.
const SECRETS_PER_MINUTE: u32 = 30;

/// The platform on its database.
#[derive(Debug, Clone)]
pub(crate) struct Platform {
    pub(crate) settings: Settings,
    pub(crate) db: Db,
    pub(crate) source: Source,
    pub(crate) jobs: Jobs,
    pub(crate) egress: Egress,
    pub(crate) directory: Directory,
    pub(crate) portfolio: Portfolio,
    pub(crate) impact: Impact,
    pub(crate) identity: Identity,
    pub(crate) journal_seal: Arc<JournalSeal>,
    pub(crate) exchange: Exchange,
    pub(crate) steering: Steering,
    pub(crate) brigade: Brigade,
    pub(crate) startups: Startups,
    pub(crate) costs: Costs,
    pub(crate) observatory: Observatory,
    pub(crate) contracts: Contracts,
    pub(crate) data_plane: DataPlane,
    rate_limits: RateLimits,
}

impl Platform {
    /// Opens the database and brings its tables up to date.
    pub(crate) async fn open(settings: Settings) -> Result<Self, CommandError> {
        Self::open_at(settings, Source::system()).await
    }

    /// The same, by another clock.
    pub(crate) async fn open_at(settings: Settings, source: Source) -> Result<Self, CommandError> {
        let options = DbOptions {
            connections_max: settings.connections_max,
            ..DbOptions::new(&settings.database_url)
        };
        let db = Db::open(&options).await?;
        for name in db.migrate(&migrations()).await? {
            tracing::info!(migration = name, "db.migrate");
        }
        let files = match &settings.files {
            FilesPlace::Folder(folder) => Files::folder(folder)?,
            FilesPlace::S3(s3) => Files::s3(s3)?,
        };
        Self::on(settings, db, source, files)
    }

    /// The platform on an open database.
    pub(crate) fn on(
        settings: Settings,
        db: Db,
        source: Source,
        files: Files,
    ) -> Result<Self, CommandError> {
        let mut allowed = settings.egress_allowed.clone();
        if settings.mock_providers {
            // The mock providers answer on this process's own port.
            allowed.extend(settings.listen.ip().to_string().parse().ok());
            // Their pages stand at the address that people reach, a name of this machine.
            let public = settings.public_url();
            allowed.extend(identity::domain::host_of(&public).and_then(|host| host.parse().ok()));
        }
        let opened = EgressSettings {
            allowed,
            ..EgressSettings::default()
        };
        let mut egress = Egress::new(opened, source.clone())?;
        let desk = RelayDesk::new(db.clone(), source.clone());
        if let Some((_, hosts)) = &settings.relay {
            egress = egress.carried_by(hosts.clone(), Arc::new(desk.clone()));
        }
        let jobs = Jobs::new(db.clone(), source.clone());
        let limits = SessionLimits::default();
        let directory = Directory::new(
            db.clone(),
            source.clone(),
            jobs.clone(),
            limits,
            &settings.public_url(),
        );
        let organisations = Arc::new(directory.organisations_port());
        let journal_seal = JournalSeal::new(
            db.clone(),
            files.clone(),
            source.clone(),
            &format!("{}/log/journal", host_and_port(&settings.public_url())),
        );
        let portfolio = Portfolio::new(
            db.clone(),
            source.clone(),
            organisations.clone(),
            jobs.clone(),
            files.clone(),
        );
        let impact = Impact::new(
            db.clone(),
            source.clone(),
            Arc::new(portfolio.products_port()),
        )
        .with_polls(egress.clone())
        .with_mails(
            jobs.clone(),
            Arc::new(directory.parties_port()),
            &settings.public_url(),
        )?;
        let portfolio = portfolio.with_gate(Arc::new(impact.port()));
        let mut identity = Identity::new(
            db.clone(),
            source.clone(),
            jobs.clone(),
            Arc::new(directory.accounts_port()),
            organisations.clone(),
            egress.clone(),
            &settings.public_url(),
        );
        identity = match settings.certificates.clone() {
            Some(certificates) => identity.with_client_certificates(certificates),
            None => identity,
        };
        if let Some((service, _)) = &settings.relay {
            identity = identity.with_relay(desk, service);
        }
        if settings.mock_providers {
            identity = identity.with_mock_providers(&format!("http://{}", settings.listen));
        }
        let data_plane = DataPlane::default();
        let exchange = Exchange::new(
            db.clone(),
            source.clone(),
            jobs.clone(),
            ExchangePorts {
                organisations: organisations.clone(),
                parties: Arc::new(directory.parties_port()),
                issuer: Arc::new(identity.issuer_port()),
            },
            settings.exchange.on(&settings.public_url()),
        )?
        .with_trials(egress.clone())
        .with_citizens(Arc::new(identity.citizens_port()))
        .with_proofs(Arc::new(data_plane.clone()));
        identity = identity
            .with_accreditations(Arc::new(exchange.accreditations_port()))
            .with_citizens_pages(&[("exchange-citizen-accesses", "/citizen/accesses")]);
        let costs = Costs::new(
            db.clone(),
            source.clone(),
            Arc::new(portfolio.products_port()),
            organisations.clone(),
        )?
        .with_progress(Arc::new(impact.port()));
        let observatory = Observatory::new(
            db.clone(),
            source.clone(),
            Arc::new(portfolio.products_port()),
            organisations.clone(),
            &settings.public_url(),
        )?;
        let steering = Steering::new(
            db.clone(),
            source.clone(),
            jobs.clone(),
            SteeringPorts {
                products: Arc::new(portfolio.products_port()),
                parties: Arc::new(directory.parties_port()),
                organisations: organisations.clone(),
            },
            &settings.public_url(),
        )?
        .with_progress(Arc::new(impact.port()));
        let brigade = Brigade::new(
            db.clone(),
            source.clone(),
            jobs.clone(),
            BrigadePorts {
                products: Arc::new(portfolio.products_port()),
                parties: Arc::new(directory.parties_port()),
                organisations: organisations.clone(),
                files,
            },
            &settings.public_url(),
        )?;
        let startups = Startups::new(
            db.clone(),
            source.clone(),
            jobs.clone(),
            StartupsPorts {
                products: Arc::new(portfolio.startups_port()),
                catalogue: Arc::new(portfolio.products_port()),
                progress: Arc::new(impact.port()),
                parties: Arc::new(directory.parties_port()),
                organisations: organisations.clone(),
            },
            &settings.public_url(),
        )?;
        let contracts = Contracts::new(
            db.clone(),
            source.clone(),
            jobs.clone(),
            ContractsPorts {
                products: Arc::new(portfolio.products_port()),
                parties: Arc::new(directory.parties_port()),
                organisations,
                progress: Arc::new(impact.port()),
            },
            &settings.public_url(),
        )?
        .with_holds(Some(Arc::new(steering.holds_port())));
        let brigade = brigade.with_recommending(Arc::new(steering.recommending_port()));
        let steering = steering
            .with_brigade(Arc::new(brigade.calls_port()))
            .with_acts(vec![
                Arc::new(portfolio.acts_port()?),
                Arc::new(contracts.acts_port()),
                Arc::new(brigade.acts_port()),
                Arc::new(startups.acts_port()),
                Arc::new(costs.acts_port()),
                Arc::new(observatory.acts_port()),
            ]);
        let choices = Arc::new(identity.sign_in_port());
        let directory = directory.with_sign_in_choices(choices);
        let rate_limits = RateLimits::per_minute(settings.requests_per_minute, SECRETS_PER_MINUTE);
        Ok(Self {
            settings,
            db,
            source,
            jobs,
            egress,
            directory,
            portfolio,
            impact,
            identity,
            journal_seal: Arc::new(journal_seal),
            exchange,
            data_plane,
            steering,
            brigade,
            startups,
            costs,
            observatory,
            contracts,
            rate_limits,
        })
    }

    /// Every module's routes.
    pub(crate) fn routes(&self) -> ModuleRoutes {
        pages::routes(self.clone())
            .merge(self.portfolio.routes(self.settings.upload_bytes_max))
            .merge(self.impact.routes())
            .merge(self.directory.routes())
            .merge(self.identity.routes())
            .merge(self.exchange.routes())
            .merge(self.steering.routes())
            .merge(self.brigade.routes())
            .merge(self.startups.routes())
            .merge(self.costs.routes())
            .merge(self.observatory.routes())
            .merge(self.contracts.routes())
            .merge(data_plane::routes(self.clone()))
    }

    /// What serves requests.
    pub(crate) fn router(&self) -> Result<Router, CommandError> {
        let words = directory::WORDS
            .into_iter()
            .chain(portfolio::WORDS)
            .chain(impact::WORDS)
            .chain(identity::WORDS)
            .chain(exchange::WORDS)
            .chain(steering::WORDS)
            .chain(brigade::WORDS)
            .chain(startups::WORDS)
            .chain(costs::WORDS)
            .chain(observatory::WORDS)
            .chain(contracts::WORDS)
            .chain(pages::WORDS);
        let routes = self.routes();
        let site = Site {
            protocol_paths: routes.protocol_paths(),
            catalogue: Arc::new(Catalogue::new(words)?),
            navigation: vec![
                Portfolio::navigation(),
                Impact::navigation(),
                Steering::navigation(),
                Brigade::navigation(),
                Startups::navigation(),
                Costs::navigation(),
                Observatory::navigation(),
                Contracts::navigation(),
                Directory::navigation(),
                Identity::navigation(),
                Exchange::navigation(),
                platform_navigation(self.settings.demo),
            ],
            service_name: "Gouvernail".to_owned(),
            public_url: self.settings.public_url(),
            stylesheet: self.settings.stylesheet,
            locale: Locale::Fr,
            source: self.source.clone(),
            authenticator: Arc::new(self.directory.clone()),
            rate_limits: self.rate_limits.clone(),
            trusted_proxies: self.settings.trusted_proxies,
            table_files: Arc::new(Spreadsheets),
        };
        Ok(stack(Arc::new(site), routes.router.merge(assets())))
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
    pub(crate) fn start_background(&self) -> Result<(), CommandError> {
        let handler = MailHandler::new(&self.settings, &self.source)?;
        let mut handlers = self.portfolio.handlers();
        handlers.push(Arc::new(handler));
        handlers.push(Arc::new(LogoutHandler {
            identity: self.identity.clone(),
            egress: self.egress.clone(),
        }));
        let worker = Worker::new(self.jobs.clone(), handlers);
        tokio::spawn(worker.work(Duration::from_secs(1)));
        let portfolio = self.portfolio.clone();
        tokio::spawn(async move {
            if let Err(error) = portfolio.warm().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "portfolio.warm");
            }
        });
        let ends: Arc<dyn kit_journal::Subscriber> = Arc::new(SessionEnds(self.identity.clone()));
        let counting: Arc<dyn kit_journal::Subscriber> = Arc::new(Counting(self.impact.clone()));
        let following: Arc<dyn kit_journal::Subscriber> = Arc::new(Following(self.costs.clone()));
        let known: Arc<dyn kit_journal::Subscriber> =
            Arc::new(observatory::Following(self.observatory.clone()));
        let agreements: Arc<dyn kit_journal::Subscriber> =
            Arc::new(AgreementEnds(self.exchange.clone()));
        let all = vec![ends, agreements, counting, following, known];
        let subscribers = Subscribers::new(self.db.clone(), all);
        tokio::spawn(subscribers.follow(Duration::from_secs(1)));
        let seal = self.journal_seal.clone();
        tokio::spawn(async move { seal.follow(Duration::from_secs(1)).await });
        let directory = self.directory.clone();
        let identity = self.identity.clone();
        let impact = self.impact.clone();
        let exchange = self.exchange.clone();
        let steering = self.steering.clone();
        let brigade = self.brigade.clone();
        let startups = self.startups.clone();
        let contracts = self.contracts.clone();
        let observatory = self.observatory.clone();
        let rate_limits = self.rate_limits.clone();
        tokio::spawn(async move {
            loop {
                rate_limits.forget_idle();
                if let Err(error) = directory.forget_expired_sessions().await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "sessions.forget");
                }
                if let Err(error) = identity.keep_house().await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "identity.keep_house"
                    );
                }
                if let Err(error) = impact.keep_house().await {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "impact.keep_house");
                }
                if let Err(error) = exchange.keep_house().await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "exchange.keep_house"
                    );
                }
                if let Err(error) = steering.keep_house().await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "steering.keep_house"
                    );
                }
                if let Err(error) = brigade.keep_house().await {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "brigade.keep_house");
                }
                if let Err(error) = startups.keep_house().await {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "startups.keep_house");
                }
                if let Err(error) = contracts.keep_house().await {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "contracts.keep_house");
                }
                if let Err(error) = observatory.keep_house().await {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "observatory.keep_house");
                }
                tokio::time::sleep(Duration::from_mins(10)).await;
            }
        });
        let impact = self.impact.clone();
        tokio::spawn(async move {
            // Beside the housekeeping of the others: a slow page holds nobody up.
            loop {
                if let Err(error) = impact.poll_due().await {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "impact.poll_due");
                }
                tokio::time::sleep(Duration::from_mins(1)).await;
            }
        });
        let exchange = self.exchange.clone();
        tokio::spawn(async move {
            // A token signed by a key of which gateways haven't heard is refused.
            loop {
                if let Err(error) = exchange.refresh_keys().await {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "exchange.refresh_keys");
                }
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
        });
        let exchange = self.exchange.clone();
        tokio::spawn(async move {
            // A stop by a rule reaches gateways as any other does, as soon as it stands.
            loop {
                if let Err(error) = exchange.watch_flows().await {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "exchange.watch_flows");
                }
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
        });
        Ok(())
    }
}

/// What stands between `://` and the next slash: a log is named after the platform's address.
fn host_and_port(address: &str) -> &str {
    let after = address
        .split_once("://")
        .map_or(address, |(_, after)| after);
    after.split('/').next().unwrap_or(after)
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
