//! What a command can fail with, in words for whoever typed it.

/// A command's failure.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] kit_db::DbError),
    /// The portfolio refused or failed.
    #[error(transparent)]
    Portfolio(#[from] portfolio::PortfolioError),
    /// Impact refused or failed.
    #[error("impact refused: {0}")]
    Impact(#[from] impact::ImpactError),
    /// The directory refused or failed.
    #[error("the directory refused: {0}")]
    Directory(#[from] directory::DirectoryError),
    /// Sign-in refused or failed.
    #[error("sign-in refused: {0}")]
    Identity(#[from] identity::IdentityError),
    /// The data exchange refused or failed.
    #[error("the data exchange refused: {0}")]
    Exchange(#[from] exchange::ExchangeError),
    /// Steering refused or failed.
    #[error("steering refused: {0}")]
    Steering(#[from] steering::SteeringError),
    /// The brigade refused.
    #[error("the brigade refused: {0}")]
    Brigade(#[from] brigade::BrigadeError),
    /// The reviews of start-ups refused or failed.
    #[error("the reviews of start-ups refused: {0}")]
    Startups(#[from] startups::StartupsError),
    /// The observatory refused or failed.
    #[error("observatory refused: {0}")]
    Observatory(#[from] observatory::ObservatoryError),
    /// Costs refused or failed.
    #[error("costs refused: {0}")]
    Costs(#[from] costs::CostsError),
    /// Contracts refused or failed.
    #[error("contracts refused: {0}")]
    Contracts(#[from] contracts::ContractsError),
    /// A copy can't be made or put back.
    #[error(transparent)]
    Copy(#[from] kit_db::CopyError),
    /// A locale file is broken.
    #[error(transparent)]
    Words(#[from] kit_ui::CatalogueError),
    /// Logging can't start.
    #[error(transparent)]
    Telemetry(#[from] kit_telemetry::TelemetryError),
    /// The storage of files can't be used.
    #[error(transparent)]
    Files(#[from] kit_files::FilesError),
    /// The settings are wrong.
    #[error(transparent)]
    Config(#[from] kit_config::Mistakes),
    /// Mails can't be sent with these settings.
    #[error(transparent)]
    Mail(#[from] kit_mail::MailSettingsError),
    /// Requests to other servers can't be made with these settings.
    #[error(transparent)]
    Egress(#[from] kit_egress::EgressSettingsError),
    /// The gateway can't be set up.
    #[error(transparent)]
    Gateway(#[from] gateway::GatewayError),
    /// What is in force can't be read.
    #[error(transparent)]
    Snapshot(#[from] gateway::SnapshotError),
    /// The log of traces can't be used.
    #[error(transparent)]
    Ledger(#[from] kit_ledger::LedgerError),
    /// A file can't be read or written.
    #[error("{path}: {error}")]
    File {
        /// Which one.
        path: String,
        /// Why.
        #[source]
        error: std::io::Error,
    },
    /// The address can't be listened on, or the terminal can't be written to.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// An answer can't be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A log isn't what was signed.
    #[error("the log isn't sound: {0}")]
    Unsound(String),
    /// A proof proves nothing.
    #[error("the proof doesn't hold: {0}")]
    Unproved(String),
    /// What was typed is wrong.
    #[error("{0}")]
    Usage(String),
}
