//! What each command does.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::Parser as _;
use kit_access::Actor;
use portfolio::{ImportFile, ImportOutcome};
use tokio::net::TcpListener;

use crate::app::{Platform, default_data};
use crate::cli::{
    Admin, Cli, Command, Config, Data, ExportFormat, Import, ImportOptions, Log, Output, Report,
    Told,
};
use crate::error::CommandError;
use crate::settings::Settings;
use crate::{
    data_plane, demo, demo_producers, gateway, gateway_log, pages, relay, settings, verify_log,
    verify_proof,
};

/// Largest file that a command reads, in bytes.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Reads the command line and does what it says.
pub(crate) async fn run() -> Result<(), CommandError> {
    let cli = Cli::parse();
    let told = &cli.told;
    match cli.command {
        Command::Serve { data, listen } => {
            let mut settings = settings(&data, told)?;
            let listener = bind(&mut settings, listen).await?;
            if settings.mock_providers && !settings.is_for_this_machine() {
                return Err(CommandError::Usage(
                    "identity.mock_providers is for an address of this machine: others reach the \
                     one of --listen"
                        .to_owned(),
                ));
            }
            Box::pin(serve(Platform::open(settings).await?, listener)).await
        }
        Command::Demo {
            data,
            listen,
            days_ahead,
        } => {
            let folder = data.data.unwrap_or_else(|| PathBuf::from("data/demo"));
            let data = Data { data: Some(folder) };
            let mut settings = settings(&data, told)?;
            settings.demo = true;
            // Beside a port that was told, the next ones; beside a free one, free ones.
            let port = listen.unwrap_or(settings.listen).port();
            let beside = |places: u16| match port {
                0 => 0,
                port => port.checked_add(places).unwrap_or(0),
            };
            let here = SocketAddr::from((Ipv4Addr::LOCALHOST, beside(1)));
            settings.data_plane.listen.get_or_insert(here);
            settings.data_plane.log_name = Some("http://demo.example".to_owned());
            let listener = bind(&mut settings, listen).await?;
            // A demo that others reach lets nobody in as an invented person.
            settings.mock_providers = settings.is_for_this_machine();
            let source = kit_time::Source::days_ahead(days_ahead);
            let platform = Platform::open_at(settings, source).await?;
            demo::fill(&platform).await?;
            let producers = demo_producers::open(&platform, beside(2)).await?;
            print(&format!("invented producers answer at {producers}\n"))?;
            print(&format!(
                "sign in as {} with \"{}\"\n",
                demo::OFFICER_EMAIL,
                demo::OFFICER_PASSWORD
            ))?;
            Box::pin(serve(platform, listener)).await
        }
        Command::Import(import) => run_import(import, told).await,
        Command::Report(report) => run_report(report, told).await,
        Command::Export { data, format, .. } => {
            let platform = Platform::open(settings(&data, told)?).await?;
            let bytes = match format {
                ExportFormat::Csv => platform.portfolio.export_csv().await?,
                ExportFormat::Xlsx => platform.portfolio.export_xlsx().await?,
                ExportFormat::Json => platform.portfolio.export_json().await?,
            };
            std::io::stdout().write_all(&bytes)?;
            Ok(())
        }
        Command::Admin(admin) => run_admin(admin, told).await,
        Command::Migrate { data } => {
            Platform::open(settings(&data, told)?).await?;
            print("the tables are up to date\n")
        }
        Command::Openapi => print(&pages::openapi_json()?),
        Command::Backup { file, data } => {
            let platform = Platform::open(settings(&data, told)?).await?;
            let url = &platform.settings.database_url;
            platform.db.copy_to(url, &file).await?;
            print(&format!("copied to {}\n", file.display()))
        }
        Command::Restore { file, data } => {
            let url = settings(&data, told)?.database_url;
            kit_db::Db::restore_copy(&file, &url, &crate::app::migrations()).await?;
            print(&match url.strip_prefix("sqlite:") {
                Some(path) => format!("restored to {path}\n"),
                None => "restored\n".to_owned(),
            })
        }
        Command::VerifyLog(asked) => print(&verify_log::run(&asked)?),
        Command::VerifyProof(asked) => print(&verify_proof::run(&asked)?),
        Command::Log(asked) => run_log(asked, told).await,
        Command::Relay(asked) => {
            settings(&Data { data: None }, told)?;
            relay::run(&asked).await
        }
        Command::Gateway(asked) => {
            settings(&Data { data: None }, told)?;
            gateway::run(&asked).await
        }
        Command::Config(Config::Check { data }) => check_config(&data, told).await,
        Command::Config(Config::Show { data }) => show_config(&data, told),
        Command::Config(Config::Example) => print(&kit_config::Config::example(settings::SETTINGS)),
    }
}

fn config(data: &Data, told: &Told) -> Result<kit_config::Config, CommandError> {
    let folder = data.data.clone().unwrap_or_else(default_data);
    let file = told.config.as_deref();
    let variables = settings::environment();
    Ok(settings::read(&folder, file, variables, told.set.clone())?)
}

/// The settings in force; log lines are written from here on.
fn settings(data: &Data, told: &Told) -> Result<Settings, CommandError> {
    let folder = data.data.clone().unwrap_or_else(default_data);
    let settings = Settings::of(&folder, &config(data, told)?)?;
    kit_telemetry::start(settings.log_format, &settings.log_filter)?;
    Ok(settings)
}

pub(crate) fn print(text: &str) -> Result<(), CommandError> {
    let mut out = std::io::stdout();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Takes the address before anything else, so that the free port that was found is the one that
/// links and tokens name.
async fn bind(
    settings: &mut Settings,
    told: Option<SocketAddr>,
) -> Result<TcpListener, CommandError> {
    let listen = told.unwrap_or(settings.listen);
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| CommandError::File {
            path: format!("listening on {listen}"),
            error,
        })?;
    settings.listen = listener.local_addr()?;
    Ok(listener)
}

async fn serve(platform: Platform, listener: TcpListener) -> Result<(), CommandError> {
    let router = platform.router()?;
    let actor = Actor::system("mocks");
    platform.identity.prepare_mocks(&actor).await?;
    platform.start_background()?;
    let gateway = data_plane::open(&platform).await?;
    if let Some(url) = gateway.filter(|_| platform.settings.demo) {
        print(&format!("calls of the exchange are answered at {url}\n"))?;
    }
    print(&format!("listening on http://{}\n", listener.local_addr()?))?;
    kit_http::serve(listener, router, kit_http::asked_to_stop()).await?;
    platform.db.close().await;
    Ok(())
}

fn read_file(path: &Path) -> Result<Vec<u8>, CommandError> {
    let fail = |error| CommandError::File {
        path: path.display().to_string(),
        error,
    };
    let size = std::fs::metadata(path).map_err(fail)?.len();
    if size > FILE_BYTES_MAX {
        let message = format!(
            "{} has {size} bytes; the limit is {FILE_BYTES_MAX}",
            path.display()
        );
        return Err(CommandError::Usage(message));
    }
    std::fs::read(path).map_err(fail)
}

async fn run_import(import: Import, told: &Told) -> Result<(), CommandError> {
    let actor = Actor::system("command line");
    match import {
        Import::Panorama {
            files,
            published,
            options,
        } => {
            let platform = Platform::open(settings(&options.data, told)?).await?;
            let mut all = ImportOutcome::default();
            for path in &files {
                let bytes = read_file(path)?;
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let file = ImportFile {
                    name: &name,
                    bytes: &bytes,
                };
                let outcome = platform
                    .portfolio
                    .import_panorama(&actor, file, published, options.dry_run)
                    .await?;
                all.add(outcome);
            }
            print_outcome(&all, &options)
        }
        Import::BetaGouv { folder, options } => {
            let platform = Platform::open(settings(&options.data, told)?).await?;
            let files = beta_gouv_files(&folder)?;
            let outcome = platform
                .portfolio
                .import_beta_gouv(&actor, &files, options.dry_run)
                .await?;
            print_outcome(&outcome, &options)
        }
    }
}

/// The files of the three folders, sorted, so that every machine imports in the same order.
fn beta_gouv_files(folder: &Path) -> Result<Vec<(String, String, Vec<u8>)>, CommandError> {
    let mut files = Vec::new();
    for part in ["organisations", "incubators", "startups"] {
        let path = folder.join(part);
        let fail = |error| CommandError::File {
            path: path.display().to_string(),
            error,
        };
        let mut paths: Vec<PathBuf> = std::fs::read_dir(&path)
            .map_err(fail)?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.is_file())
            .collect();
        paths.sort();
        for path in paths {
            let slug = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            files.push((part.to_owned(), slug, read_file(&path)?));
        }
    }
    Ok(files)
}

fn print_outcome(outcome: &ImportOutcome, options: &ImportOptions) -> Result<(), CommandError> {
    if options.format == Output::Json {
        return print(&format!("{}\n", serde_json::to_string_pretty(outcome)?));
    }
    let mut text = format!(
        "read {}\ncreated {}\nupdated {}\nunchanged {}\nto review {}\nrejected {}\n",
        outcome.read,
        outcome.created,
        outcome.updated,
        outcome.unchanged,
        outcome.to_review,
        outcome.rejected.len()
    );
    for rejected in &outcome.rejected {
        text.push_str(&format!(
            "  line {}, {}: {:?}: {}\n",
            rejected.line, rejected.column, rejected.value, rejected.reason
        ));
    }
    if options.dry_run {
        text.push_str("nothing was kept: this was a dry run\n");
    }
    print(&text)
}

async fn run_report(report: Report, told: &Told) -> Result<(), CommandError> {
    match report {
        Report::Slips {
            from,
            to,
            format,
            data,
        } => {
            if to < from {
                return Err(CommandError::Usage(
                    "--to must not be before --from".to_owned(),
                ));
            }
            let platform = Platform::open(settings(&data, told)?).await?;
            let report = platform.portfolio.report(from, to).await?;
            match format {
                Output::Json => print(&format!("{}\n", serde_json::to_string_pretty(&report)?)),
                Output::Table => print(&slips_table(&report)),
            }
        }
        Report::Funnel { on, data } => {
            let platform = Platform::open(settings(&data, told)?).await?;
            let funnel = platform.portfolio.funnel(on).await?;
            print(&format!("{}\n", serde_json::to_string_pretty(&funnel)?))
        }
    }
}

fn slips_table(report: &portfolio::domain::Report) -> String {
    let percent = |rate: Option<f64>| {
        rate.map_or_else(|| "-".to_owned(), |rate| format!("{:+.1} %", rate * 100.0))
    };
    let mut text = format!(
        "Slips from {} to {} (formula {})\n\nfixed cohort: {} products\n{:<12}{:>10}{:>10}{:>12}{:>10}{:>10}\n",
        report.from,
        report.to,
        report.formula_version,
        report.cohort.products,
        "",
        "compared",
        "mean",
        "aggregate",
        "median",
        "P80"
    );
    for (name, figures) in [
        ("cost", &report.cohort.cost),
        ("duration", &report.cohort.duration),
    ] {
        text.push_str(&format!(
            "{name:<12}{:>10}{:>10}{:>12}{:>10}{:>10}\n",
            figures.compared,
            percent(figures.mean_slip_rate),
            percent(figures.aggregate_slip_rate),
            percent(figures.median_slip_rate),
            percent(figures.p80_slip_rate)
        ));
    }
    let parts = &report.decomposition;
    text.push_str(&format!(
        "\nchange of the published mean of costs: {}\n  within the cohort {}\n  entries ({}) {}\n  exits ({}) {}\n",
        percent(parts.published_change),
        percent(parts.within_cohort),
        report.entries.len(),
        percent(parts.entries),
        report.exits.len(),
        percent(parts.exits)
    ));
    text
}

fn password_from_input() -> Result<String, CommandError> {
    let mut typed = String::new();
    std::io::stdin().take(1_000).read_to_string(&mut typed)?;
    Ok(typed.trim_end_matches(['\r', '\n']).to_owned())
}

async fn run_admin(admin: Admin, told: &Told) -> Result<(), CommandError> {
    let actor = Actor::system("command line");
    let (person, platform) = match &admin {
        Admin::Create { email, name, data } => {
            let platform = Platform::open(settings(data, told)?).await?;
            let person = platform
                .directory
                .add_person(&actor, name, email, None)
                .await?;
            let role = ports::roles::ADMINISTRATOR.0;
            platform.directory.grant(&actor, person, role, None).await?;
            (person, platform)
        }
        Admin::Password { email, data } => {
            let platform = Platform::open(settings(data, told)?).await?;
            let person = platform
                .directory
                .person_by_email(email)
                .await?
                .ok_or_else(|| CommandError::Usage(format!("nobody has the address {email}")))?;
            (person, platform)
        }
    };
    match platform
        .directory
        .set_password(person, &password_from_input()?)
        .await?
    {
        Ok(()) => print("done\n"),
        Err(_) => Err(CommandError::Usage(
            "the password must have 12 to 200 characters and not repeat the address; set it with \
             `gouvernail admin password`"
                .to_owned(),
        )),
    }
}

/// Keys and witnesses of the journal's log, or of a gateway's. Processes that serve see what changed within seconds.
async fn run_log(asked: Log, told: &Told) -> Result<(), CommandError> {
    let actor = Actor::system("command line");
    let (Log::Keys { of }
    | Log::AddKey { of }
    | Log::RetireKeys { of }
    | Log::AddWitness { of, .. }
    | Log::RemoveWitness { of, .. }
    | Log::Cosign { of, .. }) = &asked;
    if let Some(folder) = &of.gateway {
        let source = kit_time::Source::system();
        return print(&gateway_log::run(&asked, folder, &source).await?);
    }
    let platform = Platform::open(settings(&of.data, told)?).await?;
    let (db, source, seal) = (&platform.db, &platform.source, &platform.journal_seal);
    let log = kit_ledger::JOURNAL_LOG;
    let told = match &asked {
        Log::Keys { .. } => {
            let tree = seal.tree().await?;
            let signing: Vec<_> = tree.signing().collect();
            let line = |key: &tracelog::Verifier| {
                let signs = signing.contains(&key);
                format!("{} {key}\n", if signs { "signs  " } else { "retired" })
            };
            let mut text: String = tree.verifiers().iter().map(line).collect();
            for witness in kit_ledger::witnesses(db, log).await? {
                text += &format!("witness {witness}\n");
            }
            text
        }
        Log::AddKey { .. } => {
            // The log has a first key before it gets a further one.
            seal.tree().await?;
            let keys = kit_ledger::add_key(db, source, &actor, log).await?;
            let lines = keys
                .signers
                .iter()
                .map(|one| format!("signs   {}\n", one.verifier()));
            lines.collect()
        }
        Log::RetireKeys { .. } => {
            match kit_ledger::retire_former_keys(db, source, &actor, log).await? {
                Some(key) => format!("signs   {key}\n"),
                None => "one key signs: there is no former one\n".to_owned(),
            }
        }
        Log::AddWitness { key, .. } => {
            if kit_ledger::add_witness(db, source, &actor, log, key).await? {
                format!("witness {key}\n")
            } else {
                "it is believed already\n".to_owned()
            }
        }
        Log::RemoveWitness { key, .. } => {
            if !kit_ledger::remove_witness(db, source, &actor, log, key).await? {
                let told = format!("{key} isn't a witness of the log");
                return Err(CommandError::Usage(told));
            }
            "done\n".to_owned()
        }
        Log::Cosign { file, .. } => {
            let believed = kit_ledger::witnesses(db, log).await?;
            let tree = seal.tree().await?;
            let kept = kit_ledger::keep_cosignatures(&tree, &believed, &read_file(file)?).await?;
            let lines = kept.iter().map(|one| format!("witness {}\n", one.name));
            lines.collect()
        }
    };
    print(&told)
}

/// Explains each mistake of the settings, then tries the database, the storage of files and the
/// mail server's settings; nothing is changed.
async fn check_config(data: &Data, told: &Told) -> Result<(), CommandError> {
    let settings = settings(data, told)?;
    if let Some(mail) = &settings.mail {
        kit_mail::Mailer::new(mail, kit_time::Source::system())?;
    }
    // An embedded database that isn't there yet is made by the first start.
    if settings.database_url.starts_with("postgres") {
        let options = kit_db::DbOptions::new(&settings.database_url);
        kit_db::Db::open(&options).await?.close().await;
    }
    print("the configuration is right\n")?;
    if settings.mail.is_none() {
        print("no mail server is named: mails wait, and are given up after some tries\n")?;
    }
    Ok(())
}

fn show_config(data: &Data, told: &Told) -> Result<(), CommandError> {
    let mut text = String::new();
    for (key, value, place) in config(data, told)?.shown() {
        text.push_str(&format!("{key:<28} {value:<40} # {place}\n"));
    }
    print(&text)
}
