//! What the program is told: the list of its settings, and their values in the types of the house.

mod parts;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kit_config::{Config, Inputs, Kind, Mistake, Mistakes, Setting};
use kit_files::S3;
use kit_mail::{MailSettings, Tls};
use kit_telemetry::LogFormat;
use kit_ui::Stylesheet;
use parts::{ExchangeChoices, certificates, data_plane, exchange, files, is_this_machine, relay};

use crate::data_plane::DataPlaneSettings;

const LISTEN: Setting = Setting {
    key: "server.listen",
    kind: Kind::Text { chars_max: 100 },
    default: Some("127.0.0.1:8460"),
    help: "Address and port that are listened on; port 0 takes a free one.",
};
const PUBLIC_URL: Setting = Setting {
    key: "server.public_url",
    kind: Kind::Address(&["https://", "http://"]),
    default: None,
    help: "Address at which people and services reach it: put before links, and what tokens say they \
           come from. Without it, the address that is listened on.",
};
const TRUSTED_PROXIES: Setting = Setting {
    key: "server.trusted_proxies",
    kind: Kind::Number { from: 0, to: 10 },
    default: Some("0"),
    help: "How many proxies of yours in front add X-Forwarded-For.",
};
const CERTIFICATE_HEADER: Setting = Setting {
    key: "server.client_certificate_header",
    kind: Kind::Text { chars_max: 100 },
    default: None,
    help: "Header in which your proxy puts the certificate of a service that connects with one: \
           Client-Cert of RFC 9440, or PEM with percent-encoding (nginx: $ssl_client_escaped_cert). \
           The proxy must take away what a caller wrote there. Needs server.trusted_proxies.",
};
const VERDICT_HEADER: Setting = Setting {
    key: "server.client_certificate_verdict_header",
    kind: Kind::Text { chars_max: 100 },
    default: None,
    help: "Header in which your proxy says SUCCESS when an authority that it trusts vouches for the \
           certificate (nginx: $ssl_client_verify). Without it tls_client_auth lets nobody in.",
};
const CERTIFICATE_PROXIES: Setting = Setting {
    key: "server.client_certificate_proxies",
    kind: Kind::Text { chars_max: 1_000 },
    default: Some("127.0.0.0/8, ::1/128"),
    help: "Networks from which your proxies connect, with commas: the two headers are believed from \
           there only.",
};
const DATABASE_URL: Setting = Setting {
    key: "database.url",
    kind: Kind::Address(&["sqlite:", "postgres://", "postgresql://"]),
    default: None,
    help: "The database; without it, an embedded one in the data folder.",
};
const CONNECTIONS_MAX: Setting = Setting {
    key: "database.connections_max",
    kind: Kind::Number { from: 1, to: 1_000 },
    default: Some("8"),
    help: "Most connections to the database.",
};
const FILES_STORE: Setting = Setting {
    key: "files.store",
    kind: Kind::Choice(&["folder", "s3"]),
    default: Some("folder"),
    help: "Where the files that people send are kept.",
};
const FILES_FOLDER: Setting = Setting {
    key: "files.folder",
    kind: Kind::Path,
    default: None,
    help: "The folder of the files; without it, `files` in the data folder.",
};
const S3_BUCKET: Setting = Setting {
    key: "files.s3_bucket",
    kind: Kind::Text { chars_max: 63 },
    default: None,
    help: "The bucket, which must exist.",
};
const S3_REGION: Setting = Setting {
    key: "files.s3_region",
    kind: Kind::Text { chars_max: 63 },
    default: Some("eu-west-3"),
    help: "The bucket's region; storages without regions take any.",
};
const S3_ENDPOINT: Setting = Setting {
    key: "files.s3_endpoint",
    kind: Kind::Address(&["https://", "http://"]),
    default: None,
    help: "The storage's address, unless it is Amazon's.",
};
const S3_KEY_ID: Setting = Setting {
    key: "files.s3_access_key_id",
    kind: Kind::Text { chars_max: 200 },
    default: None,
    help: "The public half of the storage's key.",
};
const S3_SECRET: Setting = Setting {
    key: "files.s3_secret_access_key",
    kind: Kind::Secret,
    default: None,
    help: "The secret half of the storage's key.",
};
const UPLOAD_MIB_MAX: Setting = Setting {
    key: "limits.upload_mib_max",
    kind: Kind::Number { from: 1, to: 1_024 },
    default: Some("200"),
    help: "Largest file that a person can send, in MiB.",
};
const REQUESTS_PER_MINUTE: Setting = Setting {
    key: "limits.requests_per_minute",
    kind: Kind::Number {
        from: 1,
        to: 1_000_000,
    },
    default: Some("1200"),
    help: "Requests per address and minute; more are asked to come back later.",
};
const MAIL_HOST: Setting = Setting {
    key: "mail.host",
    kind: Kind::Text { chars_max: 253 },
    default: None,
    help: "The mail server; without it no mail is sent.",
};
const MAIL_PORT: Setting = Setting {
    key: "mail.port",
    kind: Kind::Number {
        from: 1,
        to: 65_535,
    },
    default: Some("587"),
    help: "Its port: 465 speaks TLS from the first byte.",
};
const MAIL_TLS: Setting = Setting {
    key: "mail.tls",
    kind: Kind::Choice(&["required", "opportunistic", "none"]),
    default: Some("required"),
    help: "How the way to it is protected.",
};
const MAIL_USER: Setting = Setting {
    key: "mail.user",
    kind: Kind::Text { chars_max: 200 },
    default: None,
    help: "The account by which it knows us, when it asks for one.",
};
const MAIL_PASSWORD: Setting = Setting {
    key: "mail.password",
    kind: Kind::Secret,
    default: None,
    help: "That account's password.",
};
const MAIL_FROM: Setting = Setting {
    key: "mail.from",
    kind: Kind::Text { chars_max: 320 },
    default: None,
    help: "Whom mails come from: name@domain or Name <name@domain>.",
};
const MAIL_TIMEOUT: Setting = Setting {
    key: "mail.timeout_seconds",
    kind: Kind::Number { from: 1, to: 300 },
    default: Some("30"),
    help: "Longest time that sending one mail may take.",
};
const EGRESS_ALLOWED: Setting = Setting {
    key: "egress.allowed",
    kind: Kind::Text { chars_max: 4_000 },
    default: None,
    help: "Hosts and networks off the public Internet that may be called, by commas: \
           idp.intra.example, 10.2.0.0/16. Everything else inside stays out of reach.",
};
const RELAY_SERVICE: Setting = Setting {
    key: "relay.service",
    kind: Kind::Text { chars_max: 100 },
    default: None,
    help: "The client_id of the service that a relay in another network signs in as.",
};
const RELAY_HOSTS: Setting = Setting {
    key: "relay.hosts",
    kind: Kind::Text { chars_max: 4_000 },
    default: None,
    help: "Hosts that are asked through that relay, by commas: idp.intra.example.",
};
const MOCK_PROVIDERS: Setting = Setting {
    key: "identity.mock_providers",
    kind: Kind::Choice(&["on", "off"]),
    default: Some("off"),
    help: "Mock identity providers of invented people and the test service /try, with which anybody \
           signs in: for this machine alone; refused at an address that others reach. The demo has \
           them.",
};
const THEME: Setting = Setting {
    key: "ui.theme",
    kind: Kind::Choice(&["own", "dsfr"]),
    default: Some("own"),
    help: "The stylesheet; dsfr is for sites of the French State only.",
};
const LOG_FORMAT: Setting = Setting {
    key: "telemetry.format",
    kind: Kind::Choice(&["text", "json"]),
    default: Some("text"),
    help: "How log lines are written.",
};
const LOG_FILTER: Setting = Setting {
    key: "telemetry.filter",
    kind: Kind::Text { chars_max: 500 },
    default: Some("warn"),
    help: "Which log lines are written, such as info or info,portfolio=debug.",
};

const GATEWAY_LISTEN: Setting = Setting {
    key: "exchange.gateway_listen",
    kind: Kind::Text { chars_max: 64 },
    default: None,
    help: "Address and port at which this process answers calls of the exchange: 127.0.0.1:8090.",
};
const GATEWAY_URL: Setting = Setting {
    key: "exchange.gateway_url",
    kind: Kind::Address(&["https://", "http://"]),
    default: None,
    help: "Address at which requesters reach that gateway, unless it is the one it listens on.",
};
const GATEWAY_KEYS: Setting = Setting {
    key: "exchange.gateway_keys",
    kind: Kind::Path,
    default: None,
    help: "File of the public keys (a JSON Web Key Set) of gateways on other machines.",
};
const CONTROL_KEY: Setting = Setting {
    key: "exchange.control_key",
    kind: Kind::Path,
    default: None,
    help: "File of the key that signs what gateways are told, which processes on one database share; \
           without it, `exchange-key.pem` in the data folder, made when it is absent.",
};
const ENVIRONMENT: Setting = Setting {
    key: "exchange.environment",
    kind: Kind::Choice(&["production", "test"]),
    default: Some("production"),
    help: "What the exchange serves: tokens say it, and gateways of one refuse those of the other. A \
           test platform has a database of its own.",
};
const AUDIENCE: Setting = Setting {
    key: "exchange.audience",
    kind: Kind::Address(&["https://", "http://"]),
    default: None,
    help: "Whom tokens of the exchange are for, which requesters name as `resource`; without it, \
           server.public_url with /exchange behind.",
};
const PER_ADDRESS: Setting = Setting {
    key: "exchange.calls_per_minute_per_address",
    kind: Kind::Number {
        from: 1,
        to: 1_000_000,
    },
    default: Some("6000"),
    help: "Calls to a gateway per address and minute, whoever calls; quotas of accreditations come on \
           top.",
};
/// Every setting, in the order in which they are shown.
pub(crate) const SETTINGS: &[Setting] = &[
    LISTEN,
    PUBLIC_URL,
    TRUSTED_PROXIES,
    CERTIFICATE_HEADER,
    VERDICT_HEADER,
    CERTIFICATE_PROXIES,
    DATABASE_URL,
    CONNECTIONS_MAX,
    FILES_STORE,
    FILES_FOLDER,
    S3_BUCKET,
    S3_REGION,
    S3_ENDPOINT,
    S3_KEY_ID,
    S3_SECRET,
    UPLOAD_MIB_MAX,
    REQUESTS_PER_MINUTE,
    MAIL_HOST,
    MAIL_PORT,
    MAIL_TLS,
    MAIL_USER,
    MAIL_PASSWORD,
    MAIL_FROM,
    MAIL_TIMEOUT,
    EGRESS_ALLOWED,
    RELAY_SERVICE,
    RELAY_HOSTS,
    GATEWAY_LISTEN,
    GATEWAY_URL,
    GATEWAY_KEYS,
    CONTROL_KEY,
    ENVIRONMENT,
    AUDIENCE,
    PER_ADDRESS,
    MOCK_PROVIDERS,
    THEME,
    LOG_FORMAT,
    LOG_FILTER,
];

/// What variables begin with.
const PREFIX: &str = "GOUVERNAIL";
/// The variable that names the file of settings.
const FILE_VARIABLE: &str = "GOUVERNAIL_CONFIG";
/// The file of settings in the data folder, read when no other is named.
const FILE_NAME: &str = "gouvernail.toml";

/// Where files are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FilesPlace {
    Folder(PathBuf),
    S3(S3),
}

/// What the program was told.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The address and port that are listened on.
    pub(crate) listen: SocketAddr,
    /// `sqlite:PATH` or `postgres://…`.
    pub(crate) database_url: String,
    /// Where the files that people send are kept.
    pub(crate) files: FilesPlace,
    /// The address at which people reach it, without a `/` at its end, when one is told.
    pub(crate) public_url: Option<String>,
    /// What may be called though it isn't on the public Internet.
    pub(crate) egress_allowed: Vec<kit_egress::Allowed>,
    /// What the exchange serves, whom its tokens are for, and the limit of an address.
    pub(crate) exchange: ExchangeChoices,
    /// How the exchange's gateways are set up.
    pub(crate) data_plane: DataPlaneSettings,
    /// The service that a relay signs in as, and the hosts that are asked through it.
    pub(crate) relay: Option<(String, Vec<String>)>,
    /// Whether the mock identity providers and the test service run.
    pub(crate) mock_providers: bool,
    /// Whether it runs the demo State: mails are then shown, not sent.
    pub(crate) demo: bool,
    /// Requests per address and minute.
    pub(crate) requests_per_minute: u32,
    /// Largest upload, in bytes.
    pub(crate) upload_bytes_max: u64,
    /// Proxies of ours in front.
    pub(crate) trusted_proxies: usize,
    /// How proxies hand over certificates of services, if they do.
    pub(crate) certificates: Option<identity::ClientCertificates>,
    /// Most connections to the database.
    pub(crate) connections_max: u32,
    /// The server that sends mails, if there is one.
    pub(crate) mail: Option<MailSettings>,
    /// The stylesheet.
    pub(crate) stylesheet: Stylesheet,
    /// How log lines are written.
    pub(crate) log_format: LogFormat,
    /// Which log lines are written.
    pub(crate) log_filter: String,
}

/// The variables of the process.
#[allow(clippy::disallowed_methods)] // the one reading of the environment
pub(crate) fn environment() -> Vec<(String, String)> {
    // A variable that isn't Unicode is none of ours: theirs are all ASCII.
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect()
}

/// Reads the values: those of `file`, or of the file that a variable names, or of
/// `gouvernail.toml` in the data folder; then the variables; then the flags.
pub(crate) fn read(
    data: &Path,
    file: Option<&Path>,
    variables: Vec<(String, String)>,
    flags: Vec<String>,
) -> Result<Config, Mistakes> {
    let named = variables
        .iter()
        .find(|(name, _)| name == FILE_VARIABLE)
        .map(|(_, value)| PathBuf::from(value));
    let file = file
        .map(Path::to_owned)
        .or(named)
        .or_else(|| Some(data.join(FILE_NAME)).filter(|path| path.exists()));
    let inputs = Inputs {
        file,
        prefix: PREFIX.to_owned(),
        variables,
        flags,
    };
    Config::read(SETTINGS, &inputs)
}

impl Settings {
    /// The address at which people reach it: what is told, else the one that is listened on.
    pub(crate) fn public_url(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| {
            let mut listen = self.listen;
            if listen.ip().is_unspecified() {
                listen.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
            }
            format!("http://{listen}")
        })
    }

    /// Whether nobody else reaches it: what is listened on, and what people are told.
    pub(crate) fn is_for_this_machine(&self) -> bool {
        self.listen.ip().is_loopback() && is_this_machine(&self.public_url())
    }

    /// The settings of a data folder; every mistake between two settings is named.
    pub(crate) fn of(data: &Path, config: &Config) -> Result<Self, Mistakes> {
        let mut mistakes = Vec::new();
        let text = |setting| config.text(setting).unwrap_or_default().to_owned();
        let listen = text(&LISTEN).parse().unwrap_or_else(|_| {
            let wrong = format!(
                "{} takes an address and a port, as 127.0.0.1:8460",
                LISTEN.key
            );
            mistakes.push(config.mistake(&LISTEN, wrong));
            SocketAddr::from(([127, 0, 0, 1], 0))
        });
        let files = files(data, config, &mut mistakes);
        let mail = mail(config, &mut mistakes);
        let mut egress_allowed = Vec::new();
        let allowed = text(&EGRESS_ALLOWED);
        for one in allowed
            .split(',')
            .map(str::trim)
            .filter(|one| !one.is_empty())
        {
            match one.parse() {
                Ok(one) => egress_allowed.push(one),
                Err(error) => {
                    let wrong = format!("{}: {error}", EGRESS_ALLOWED.key);
                    mistakes.push(config.mistake(&EGRESS_ALLOWED, wrong));
                }
            }
        }
        let certificates = certificates(config, &mut mistakes);
        let relay = relay(config, &mut mistakes);
        let data_plane = data_plane(data, config, &mut mistakes);
        if kit_telemetry::check_filter(&text(&LOG_FILTER)).is_err() {
            let wrong = format!("{} can't be read; write for example info", LOG_FILTER.key);
            mistakes.push(config.mistake(&LOG_FILTER, wrong));
        }
        let mock_providers = config.text(&MOCK_PROVIDERS) == Some("on");
        let public = config.text(&PUBLIC_URL).map(str::to_owned);
        let reached_at = public.unwrap_or_else(|| format!("http://{listen}"));
        if mock_providers && !is_this_machine(&reached_at) {
            let wrong = format!(
                "{} lets anybody sign in as an invented person, and others reach {reached_at}: it \
                 is for 127.0.0.1, [::1] and localhost alone",
                MOCK_PROVIDERS.key
            );
            mistakes.push(config.mistake(&MOCK_PROVIDERS, wrong));
        }
        if !mistakes.is_empty() {
            return Err(Mistakes(mistakes));
        }
        let embedded = || format!("sqlite:{}", data.join("gouvernail.sqlite").display());
        Ok(Self {
            listen,
            database_url: config
                .text(&DATABASE_URL)
                .map_or_else(embedded, str::to_owned),
            files,
            public_url: config
                .text(&PUBLIC_URL)
                .map(|url| url.trim_end_matches('/').to_owned()),
            egress_allowed,
            relay,
            exchange: exchange(config),
            data_plane,
            mock_providers,
            demo: false,
            requests_per_minute: config.number(&REQUESTS_PER_MINUTE) as u32,
            upload_bytes_max: config.number(&UPLOAD_MIB_MAX) << 20,
            trusted_proxies: config.number(&TRUSTED_PROXIES) as usize,
            certificates,
            connections_max: config.number(&CONNECTIONS_MAX) as u32,
            mail,
            stylesheet: match config.text(&THEME) {
                Some("dsfr") => Stylesheet::Dsfr,
                _ => Stylesheet::Own,
            },
            log_format: match config.text(&LOG_FORMAT) {
                Some("json") => LogFormat::Json,
                _ => LogFormat::Text,
            },
            log_filter: text(&LOG_FILTER),
        })
    }
}

fn mail(config: &Config, mistakes: &mut Vec<Mistake>) -> Option<MailSettings> {
    let user = config.text(&MAIL_USER);
    let password = config.text(&MAIL_PASSWORD);
    let Some(host) = config.text(&MAIL_HOST) else {
        for setting in [MAIL_USER, MAIL_PASSWORD, MAIL_FROM] {
            if config.text(&setting).is_some() {
                let wrong = format!("{} needs {}", setting.key, MAIL_HOST.key);
                mistakes.push(config.mistake(&setting, wrong));
            }
        }
        return None;
    };
    let from = config.text(&MAIL_FROM).unwrap_or_default();
    if !kit_mail::check_sender(from) {
        let wrong = format!(
            "{} needs {}: write name@domain or Name <name@domain>",
            MAIL_HOST.key, MAIL_FROM.key
        );
        let written = config.text(&MAIL_FROM).map_or(&MAIL_HOST, |_| &MAIL_FROM);
        mistakes.push(config.mistake(written, wrong));
    }
    let account = match (user, password) {
        (Some(user), Some(password)) => Some((user.to_owned(), password.to_owned())),
        (None, None) => None,
        (user, _) => {
            let (has, lacks) = if user.is_some() {
                (MAIL_USER, MAIL_PASSWORD)
            } else {
                (MAIL_PASSWORD, MAIL_USER)
            };
            let wrong = format!("{} needs {}", has.key, lacks.key);
            mistakes.push(config.mistake(&has, wrong));
            None
        }
    };
    Some(MailSettings {
        host: host.to_owned(),
        port: config.number(&MAIL_PORT) as u16,
        tls: match config.text(&MAIL_TLS) {
            Some("none") => Tls::None,
            Some("opportunistic") => Tls::Opportunistic,
            _ => Tls::Required,
        },
        account,
        from: from.to_owned(),
        timeout: Duration::from_secs(config.number(&MAIL_TIMEOUT)),
    })
}

#[cfg(test)]
mod tests;
