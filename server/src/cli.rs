//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

/// The State's digital services, steered by what they change.
#[derive(Debug, Parser)]
#[command(name = "gouvernail", version, about)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) told: Told,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What the program is told beside its command.
#[derive(Debug, Clone, Args)]
pub(crate) struct Told {
    /// File of settings (or `GOUVERNAIL_CONFIG`; else `gouvernail.toml` in the data folder).
    #[arg(long, global = true)]
    pub(crate) config: Option<PathBuf>,
    /// One setting, before those of the environment and of the file; may be repeated.
    #[arg(long, global = true, value_name = "SECTION.KEY=VALUE")]
    pub(crate) set: Vec<String>,
}

/// Where the data is.
#[derive(Debug, Clone, Args)]
pub(crate) struct Data {
    /// Folder of the embedded database and of files (the setting `database.url` names another).
    #[arg(long)]
    pub(crate) data: Option<PathBuf>,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Table,
    /// For programs.
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the platform.
    Serve {
        #[command(flatten)]
        data: Data,
        /// Address and port, before the setting `server.listen`; port 0 takes a free one.
        #[arg(long)]
        listen: Option<SocketAddr>,
    },
    /// Serve a demo State on an embedded database of its own.
    Demo {
        #[command(flatten)]
        data: Data,
        /// Address and port, before the setting `server.listen`; port 0 takes a free one.
        #[arg(long)]
        listen: Option<SocketAddr>,
        /// Put the clock forward: what was left undone becomes overdue. Give a folder that
        /// went forward as many days again, or more.
        #[arg(long, value_name = "DAYS", default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=3_650))]
        days_ahead: u16,
    },
    /// Import sources.
    #[command(subcommand)]
    Import(Import),
    /// Print reports.
    #[command(subcommand)]
    Report(Report),
    /// Export open data to the standard output.
    Export {
        /// What to export.
        what: Exported,
        #[command(flatten)]
        data: Data,
        /// The format.
        #[arg(long, value_enum, default_value = "csv")]
        format: ExportFormat,
    },
    /// Manage accounts from the command line.
    #[command(subcommand)]
    Admin(Admin),
    /// Bring the database's tables up to date.
    Migrate {
        #[command(flatten)]
        data: Data,
    },
    /// Print the API's description (`OpenAPI` 3.1).
    Openapi,
    /// Make a consistent copy of the database, also while it serves.
    Backup {
        /// The file to write; it must not exist.
        file: PathBuf,
        #[command(flatten)]
        data: Data,
    },
    /// Put a copy back in place of an absent or empty database; a damaged copy is refused.
    Restore {
        /// The copy.
        file: PathBuf,
        #[command(flatten)]
        data: Data,
    },
    /// Ask hosts of this network on behalf of a platform outside it, and no other.
    Relay(Relay),
    /// Answer calls of the data exchange on this machine, by what a control plane says is in force.
    Gateway(Box<Gateway>),
    /// Check a sealed log with nothing but its public key and its files.
    ///
    /// Exit status: 0, it is what was signed; 3, it isn't, and the first wrong place is named; 1, it
    /// can't be checked; 2, the command is written wrong.
    VerifyLog(VerifyLog),
    /// Check the file that proves one call: that its row stands in the log, by the log's public key.
    VerifyProof(VerifyProof),
    /// The keys and the witnesses of the journal's sealed log, or of a gateway's.
    #[command(subcommand)]
    Log(Log),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(Config),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Log {
    /// Print the keys whose signatures count, and the witnesses.
    Keys {
        #[command(flatten)]
        of: LogOf,
    },
    /// Make a further key, which signs beside the former one until that is retired.
    AddKey {
        #[command(flatten)]
        of: LogOf,
    },
    /// Let former keys sign no more; what they have signed still counts.
    RetireKeys {
        #[command(flatten)]
        of: LogOf,
    },
    /// Believe a witness.
    AddWitness {
        /// Its public key, as name+id+key.
        key: tracelog::Verifier,
        #[command(flatten)]
        of: LogOf,
    },
    /// Take no further word of a witness.
    RemoveWitness {
        /// Its public key, as name+id+key.
        key: tracelog::Verifier,
        #[command(flatten)]
        of: LogOf,
    },
    /// Keep what witnesses say: a checkpoint of the log with their signatures below.
    Cosign {
        /// The file that they sent.
        file: PathBuf,
        #[command(flatten)]
        of: LogOf,
    },
}

/// Which log is meant: the journal's, or that of a gateway.
#[derive(Debug, Clone, Args)]
pub(crate) struct LogOf {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The folder of a gateway, for its log of traces instead of the journal's. What changes is in
    /// force from the gateway's next start on.
    #[arg(long, value_name = "FOLDER", conflicts_with = "data")]
    pub(crate) gateway: Option<PathBuf>,
}

/// What a log is checked with.
#[derive(Debug, Args)]
pub(crate) struct VerifyLog {
    /// Public key of the log, as name+id+key; repeated while a log changes its key.
    #[arg(long, required = true)]
    pub(crate) key: Vec<tracelog::Verifier>,
    /// Public key of a witness that must have cosigned the checkpoint; may be repeated.
    #[arg(long)]
    pub(crate) witness: Vec<tracelog::Verifier>,
    /// File of a checkpoint of this log that was kept: the log must go on from it.
    #[arg(long)]
    pub(crate) since: Option<PathBuf>,
    /// Read every entry too, not only the hashes.
    #[arg(long)]
    pub(crate) entries: bool,
    /// Folder that holds `checkpoint` and `tile`.
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyProof {
    /// Public key of the log, as name+id+key; repeated while a log changes its key.
    #[arg(long, required = true)]
    pub(crate) key: Vec<tracelog::Verifier>,
    /// The file, as the page of the call gives it.
    pub(crate) file: PathBuf,
}

/// A relay: it calls the platform, so nothing here needs to be open to the outside.
#[derive(Debug, Args)]
pub(crate) struct Relay {
    /// Address of the platform.
    #[arg(long)]
    pub(crate) platform: String,
    /// The `client_id` of the service that it signs in as (the platform's setting `relay.service`).
    #[arg(long)]
    pub(crate) client_id: String,
    /// File that holds the secret of that service.
    #[arg(long)]
    pub(crate) client_secret_file: PathBuf,
    /// What may be asked: `https://idp.intra.example/oidc` and all below it; may be repeated.
    #[arg(long, required = true)]
    pub(crate) allow: Vec<kit_egress::Prefix>,
    /// Network in which the platform is, when it isn't on the public Internet; may be repeated.
    #[arg(long)]
    pub(crate) platform_network: Vec<kit_egress::Allowed>,
    /// File of certificates (PEM) of authorities of this network, trusted besides the machine's.
    #[arg(long)]
    pub(crate) authorities: Option<PathBuf>,
    /// Requests at once.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=32))]
    pub(crate) at_once: u8,
}

/// A gateway: it opens no database; what is in force comes from the control plane.
#[derive(Debug, Args)]
pub(crate) struct Gateway {
    /// Address and port; port 0 takes a free one.
    #[arg(long)]
    pub(crate) listen: SocketAddr,
    /// Address at which requesters reach it, such as `https://echanges.example`.
    #[arg(long)]
    pub(crate) public_url: String,
    /// Address of the platform, whose exchange says what is in force.
    #[arg(long)]
    pub(crate) control: String,
    /// The platform's own address (its `server.public_url`), when that of `--control` is another way
    /// to it.
    #[arg(long)]
    pub(crate) control_name: Option<String>,
    /// File of the public keys that sign what is in force (a JSON Web Key Set).
    #[arg(long)]
    pub(crate) control_keys: PathBuf,
    /// Folder of its keys, its log, and its copy of what is in force. On a disk that survives.
    #[arg(long, default_value = "data/gateway")]
    pub(crate) data: PathBuf,
    /// Its certificate (with those that lead to its authority) and its key, as PEM.
    #[arg(long, num_args = 2, value_names = ["CERTIFICATES", "KEY"])]
    pub(crate) tls: Option<Vec<PathBuf>>,
    /// The certificate and the key that it shows to producers that want one, as PEM.
    #[arg(long, num_args = 2, value_names = ["CERTIFICATES", "KEY"])]
    pub(crate) upstream_tls: Option<Vec<PathBuf>>,
    /// File of certificates (PEM) of authorities of producers, trusted besides the machine's.
    #[arg(long)]
    pub(crate) authorities: Option<PathBuf>,
    /// A network of proxies of yours, whose `X-Forwarded-For` is believed; may be repeated.
    #[arg(long)]
    pub(crate) proxy: Vec<ipnet::IpNet>,
    /// Refuse tokens that aren't bound to a key or a certificate.
    #[arg(long)]
    pub(crate) bound_only: bool,
    /// Minutes that it goes on without hearing from the control plane.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=1_440))]
    pub(crate) cut_off_minutes: u64,
    /// The same in seconds, where an hour or a minute is too long.
    #[arg(long, conflicts_with = "cut_off_minutes",
        value_parser = clap::value_parser!(u64).range(2..=86_400))]
    pub(crate) cut_off_seconds: Option<u64>,
    /// Threads that answer (else one for each processor).
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=128))]
    pub(crate) threads: Option<u8>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Explain each mistake of the settings, and try what they name.
    Check {
        #[command(flatten)]
        data: Data,
    },
    /// Print each setting with its value and where it was written; secrets are not shown.
    Show {
        #[command(flatten)]
        data: Data,
    },
    /// Print a file of settings that sets nothing and explains everything.
    Example,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Exported {
    /// The public portfolio.
    Products,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    Csv,
    Xlsx,
    Json,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ImportOptions {
    #[command(flatten)]
    pub(crate) data: Data,
    /// How to write what was done.
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: Output,
    /// Say what would change; keep nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// Editions of the panorama of large projects (CSV or XLSX).
    Panorama {
        /// The files, imported one after the other.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// When the edition was published, if its rows don't say.
        #[arg(long)]
        published: Option<Date>,
        #[command(flatten)]
        options: ImportOptions,
    },
    /// State start-ups, incubators and organisations (a folder with these three folders).
    BetaGouv {
        /// The folder.
        folder: PathBuf,
        #[command(flatten)]
        options: ImportOptions,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Report {
    /// Slips between two dates.
    Slips {
        /// The first date.
        #[arg(long)]
        from: Date,
        /// The second date.
        #[arg(long)]
        to: Date,
        /// How to write it.
        #[arg(long, value_enum, default_value = "table")]
        format: Output,
        #[command(flatten)]
        data: Data,
    },
    /// The start-ups' funnel at a date.
    Funnel {
        /// The date.
        #[arg(long)]
        on: Date,
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Admin {
    /// Create an administrator of the whole State; the password is read from the standard input.
    Create {
        /// Its address.
        #[arg(long)]
        email: String,
        /// Its name.
        #[arg(long)]
        name: String,
        #[command(flatten)]
        data: Data,
    },
    /// Set a person's password, read from the standard input.
    Password {
        /// Its address.
        #[arg(long)]
        email: String,
        #[command(flatten)]
        data: Data,
    },
}
