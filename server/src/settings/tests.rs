//! What settings are read as, and which mistakes are told.

use super::*;

fn told(flags: &[&str]) -> Result<Settings, Mistakes> {
    let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
    let data = Path::new("/nowhere");
    read(data, None, Vec::new(), flags).and_then(|config| Settings::of(data, &config))
}

#[test]
fn nothing_told_is_a_program_on_its_own_folder() {
    let settings = told(&[]).unwrap();
    assert_eq!(settings.database_url, "sqlite:/nowhere/gouvernail.sqlite");
    assert_eq!(
        settings.files,
        FilesPlace::Folder(PathBuf::from("/nowhere/files"))
    );
    assert_eq!(settings.mail, None);
    assert_eq!(settings.upload_bytes_max, 200 << 20);
}

#[test]
fn the_exchange_serves_what_is_told() {
    let usual = told(&[]).unwrap().exchange.on("https://g.example");
    assert_eq!(usual.audience, "https://g.example/exchange");
    assert_eq!(
        (usual.environment.as_str(), usual.per_address_per_minute),
        ("production", 6_000)
    );
    let flags = [
        "exchange.environment=test",
        "exchange.audience=https://echanges.example/",
        "exchange.calls_per_minute_per_address=60",
    ];
    let test = told(&flags).unwrap().exchange.on("https://g.example");
    assert_eq!(test.audience, "https://echanges.example");
    assert_eq!(
        (test.environment.as_str(), test.per_address_per_minute),
        ("test", 60)
    );
    for wrong in [
        "exchange.environment=staging",
        "exchange.calls_per_minute_per_address=0",
        "exchange.audience=echanges",
    ] {
        assert!(told(&[wrong]).is_err(), "{wrong}");
    }
}

#[test]
fn settings_that_need_others_say_which() {
    for (flags, wrong) in [
        (&["server.listen=here"][..], "takes an address and a port"),
        (
            &["telemetry.filter=a=b=c"],
            "telemetry.filter can't be read",
        ),
        (&["mail.user=me"], "mail.user needs mail.host"),
        (&["mail.host=h"], "mail.host needs mail.from"),
        (
            &["mail.host=h", "mail.from=a@b.example", "mail.user=me"],
            "mail.user needs mail.password",
        ),
        (
            &["mail.host=h", "mail.from=a@b.example", "mail.password=p"],
            "mail.password needs mail.user",
        ),
        (
            &[
                "identity.mock_providers=on",
                "server.public_url=https://g.gouv.example",
            ],
            "others reach https://g.gouv.example",
        ),
        (
            &["identity.mock_providers=on", "server.listen=0.0.0.0:8460"],
            "others reach http://0.0.0.0:8460",
        ),
        (
            &[
                "identity.mock_providers=on",
                "server.public_url=https://localhost.evil.example",
            ],
            "others reach",
        ),
        (&["files.store=s3"], "needs files.s3_bucket"),
        (&["files.store=s3"], "needs files.s3_secret_access_key"),
    ] {
        let mistakes = told(flags).unwrap_err().to_string();
        assert!(mistakes.contains(wrong), "{flags:?}: {mistakes}");
    }
}

#[test]
fn the_operators_guide_names_every_setting() {
    let guide = include_str!("../../../docs/operators.md");
    for one in SETTINGS {
        assert!(guide.contains(&format!("`{}`", one.key)), "{}", one.key);
    }
}

#[test]
fn every_setting_is_listed_once_and_its_default_is_allowed() {
    let mut keys: Vec<&str> = SETTINGS.iter().map(|one| one.key).collect();
    let listed = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), listed);
    for one in SETTINGS.iter().filter(|one| one.default.is_some()) {
        let flag = format!("{}={}", one.key, one.default.unwrap());
        let data = Path::new("/nowhere");
        assert!(read(data, None, Vec::new(), vec![flag]).is_ok(), "{one:?}");
    }
}
