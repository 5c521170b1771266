//! Settings that hold together: certificates of services, the relay, the place of files.

use std::path::{Path, PathBuf};

use exchange::ExchangeSettings;
use kit_config::{Config, Mistake, Setting};
use kit_files::S3;

use crate::data_plane::DataPlaneSettings;

use super::{
    AUDIENCE, CERTIFICATE_HEADER, CERTIFICATE_PROXIES, CONTROL_KEY, ENVIRONMENT, FILES_FOLDER,
    FILES_STORE, FilesPlace, GATEWAY_KEYS, GATEWAY_LISTEN, GATEWAY_URL, PER_ADDRESS, RELAY_HOSTS,
    RELAY_SERVICE, S3_BUCKET, S3_ENDPOINT, S3_KEY_ID, S3_REGION, S3_SECRET, TRUSTED_PROXIES,
    VERDICT_HEADER,
};

/// How certificates of services are handed over: nothing without a header's name.
pub(super) fn certificates(
    config: &Config,
    mistakes: &mut Vec<Mistake>,
) -> Option<identity::ClientCertificates> {
    let header = config.text(&CERTIFICATE_HEADER)?.to_ascii_lowercase();
    for setting in [&CERTIFICATE_HEADER, &VERDICT_HEADER] {
        let name = config.text(setting).unwrap_or("x");
        if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            let wrong = format!("{} is a header's name, such as Client-Cert", setting.key);
            mistakes.push(config.mistake(setting, wrong));
        }
    }
    if config.number(&TRUSTED_PROXIES) == 0 {
        let wrong = format!(
            "{} needs {}: a header that anybody can write proves nothing",
            CERTIFICATE_HEADER.key, TRUSTED_PROXIES.key
        );
        mistakes.push(config.mistake(&CERTIFICATE_HEADER, wrong));
    }
    let mut proxies = Vec::new();
    let networks = config.text(&CERTIFICATE_PROXIES).unwrap_or_default();
    for one in networks
        .split(',')
        .map(str::trim)
        .filter(|one| !one.is_empty())
    {
        match one.parse() {
            Ok(network) => proxies.push(network),
            Err(_) => {
                let wrong = format!(
                    "{}: {one} isn't a network such as 10.0.0.0/8",
                    CERTIFICATE_PROXIES.key
                );
                mistakes.push(config.mistake(&CERTIFICATE_PROXIES, wrong));
            }
        }
    }
    Some(identity::ClientCertificates {
        header,
        verdict_header: config.text(&VERDICT_HEADER).map(str::to_ascii_lowercase),
        proxies,
    })
}

pub(super) fn relay(config: &Config, mistakes: &mut Vec<Mistake>) -> Option<(String, Vec<String>)> {
    let (service, hosts) = match (config.text(&RELAY_SERVICE), config.text(&RELAY_HOSTS)) {
        (None, None) => return None,
        (Some(service), Some(hosts)) => (service, hosts),
        (service, _) => {
            let (has, lacks) = if service.is_some() {
                (RELAY_SERVICE, RELAY_HOSTS)
            } else {
                (RELAY_HOSTS, RELAY_SERVICE)
            };
            let wrong = format!("{} needs {}", has.key, lacks.key);
            mistakes.push(config.mistake(&has, wrong));
            return None;
        }
    };
    let mut named = Vec::new();
    for one in hosts
        .split(',')
        .map(str::trim)
        .filter(|one| !one.is_empty())
    {
        match one.parse() {
            Ok(kit_egress::Allowed::Host(host)) => named.push(host),
            _ => {
                let wrong = format!("{}: {one:?} is no host name", RELAY_HOSTS.key);
                mistakes.push(config.mistake(&RELAY_HOSTS, wrong));
            }
        }
    }
    Some((service.to_owned(), named))
}

/// How the exchange's gateways are set up; the one of this process keeps its files in `gateway` of the
/// data folder.
pub(super) fn data_plane(
    data: &Path,
    config: &Config,
    mistakes: &mut Vec<Mistake>,
) -> DataPlaneSettings {
    let listen = config.text(&GATEWAY_LISTEN).map(str::parse);
    if let Some(Err(_)) = listen {
        let wrong = format!(
            "{} is an address and a port, such as 127.0.0.1:8090",
            GATEWAY_LISTEN.key
        );
        mistakes.push(config.mistake(&GATEWAY_LISTEN, wrong));
    }
    let key = config.text(&CONTROL_KEY).map(PathBuf::from);
    DataPlaneSettings {
        folder: data.join("gateway"),
        listen: listen.and_then(Result::ok),
        url: config
            .text(&GATEWAY_URL)
            .map(|url| url.trim_end_matches('/').to_owned()),
        log_name: None,
        gateway_keys: config.text(&GATEWAY_KEYS).map(PathBuf::from),
        control_key: key.unwrap_or_else(|| data.join("exchange-key.pem")),
    }
}

/// What is told of the exchange beside its gateways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExchangeChoices {
    /// `production` or `test`.
    pub(crate) environment: String,
    /// Whom tokens are for, when it isn't the platform's address.
    pub(crate) audience: Option<String>,
    /// Calls per address and minute.
    pub(crate) per_address_per_minute: u32,
}

impl ExchangeChoices {
    /// The settings of the module, on a platform that people reach at `public_url`.
    pub(crate) fn on(&self, public_url: &str) -> ExchangeSettings {
        let mut settings = ExchangeSettings::of(public_url);
        settings.environment.clone_from(&self.environment);
        settings.per_address_per_minute = self.per_address_per_minute;
        if let Some(audience) = &self.audience {
            settings.audience.clone_from(audience);
        }
        settings
    }
}

/// What is told of the exchange.
pub(super) fn exchange(config: &Config) -> ExchangeChoices {
    let audience = config.text(&AUDIENCE);
    ExchangeChoices {
        environment: config.text(&ENVIRONMENT).unwrap_or("production").to_owned(),
        audience: audience.map(|url| url.trim_end_matches('/').to_owned()),
        per_address_per_minute: config.number(&PER_ADDRESS) as u32,
    }
}

/// Whether an address is one that nobody else reaches.
pub(super) fn is_this_machine(address: &str) -> bool {
    let host = identity::domain::host_of(address).unwrap_or_default();
    matches!(host, "localhost" | "127.0.0.1" | "::1") || host.ends_with(".localhost")
}

pub(super) fn files(data: &Path, config: &Config, mistakes: &mut Vec<Mistake>) -> FilesPlace {
    if config.text(&FILES_STORE) != Some("s3") {
        let folder = config.text(&FILES_FOLDER).map(PathBuf::from);
        return FilesPlace::Folder(folder.unwrap_or_else(|| data.join("files")));
    }
    let mut need = |setting: &Setting| {
        let value = config.text(setting).map(str::to_owned);
        if value.is_none() {
            let wrong = format!("{} = \"s3\" needs {}", FILES_STORE.key, setting.key);
            mistakes.push(config.mistake(&FILES_STORE, wrong));
        }
        value.unwrap_or_default()
    };
    FilesPlace::S3(S3 {
        bucket: need(&S3_BUCKET),
        region: need(&S3_REGION),
        access_key_id: need(&S3_KEY_ID),
        secret_access_key: need(&S3_SECRET),
        endpoint: config.text(&S3_ENDPOINT).map(str::to_owned),
        timeout_seconds: 30,
    })
}
