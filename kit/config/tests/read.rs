//! Values from their three places, and what is said of mistakes.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::path::PathBuf;

use kit_config::{Config, Inputs, Kind, Place, Setting};
use proptest::prelude::*;

const URL: Setting = Setting {
    key: "database.url",
    kind: Kind::Address(&["sqlite:", "postgres://"]),
    default: None,
    help: "The database.",
};
const CONNECTIONS: Setting = Setting {
    key: "database.connections_max",
    kind: Kind::Number { from: 1, to: 100 },
    default: Some("8"),
    help: "Most connections.",
};
const PASSWORD: Setting = Setting {
    key: "mail.password",
    kind: Kind::Secret,
    default: None,
    help: "The account's password.",
};
const THEME: Setting = Setting {
    key: "ui.theme",
    kind: Kind::Choice(&["own", "dsfr"]),
    default: Some("own"),
    help: "The stylesheet.",
};
const SETTINGS: &[Setting] = &[URL, CONNECTIONS, PASSWORD, THEME];

/// A folder of one test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("kit-config-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn inputs(file: Option<PathBuf>, variables: &[(&str, &str)], flags: &[&str]) -> Inputs {
    Inputs {
        file,
        prefix: "APP".to_owned(),
        variables: variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
    }
}

#[test]
fn flags_come_before_variables_before_the_file_before_defaults() {
    let folder = Folder::new("order");
    let file = folder.file(
        "a.toml",
        "[database]\nurl = \"sqlite:file\"\nconnections_max = 2\n\n[ui]\ntheme = \"dsfr\"\n",
    );
    let variables = [
        ("APP_DATABASE__URL", "sqlite:variable"),
        ("APP_DATABASE__CONNECTIONS_MAX", "3"),
        ("APP_CONFIG", "none of ours"),
        ("OTHER_UI__THEME", "neither"),
    ];
    let read = Config::read(
        SETTINGS,
        &inputs(
            Some(file.clone()),
            &variables,
            &["database.url=sqlite:flag"],
        ),
    )
    .unwrap();
    assert_eq!(read.text(&URL), Some("sqlite:flag"));
    assert_eq!(read.place(&URL), Place::Flag("database.url".to_owned()));
    assert_eq!(read.number(&CONNECTIONS), 3);
    assert_eq!(read.text(&THEME), Some("dsfr"));
    assert_eq!(
        read.place(&THEME),
        Place::File {
            path: file,
            line: 6
        }
    );
    assert_eq!(read.text(&PASSWORD), None);
    let bare = Config::read(SETTINGS, &inputs(None, &[], &[])).unwrap();
    assert_eq!(bare.number(&CONNECTIONS), 8);
    assert_eq!(bare.place(&CONNECTIONS), Place::Default);
}

#[test]
fn every_mistake_is_told_with_its_place_and_no_secret() {
    let folder = Folder::new("mistakes");
    let file = folder.file(
        "a.toml",
        "loose = 1\n[database]\nurl = \"mysql://me:hidden@h/d\"\nconections_max = 2\n\
         connections_max = 2.5\n[ui]\ntheme = [\"own\"]\n[zebra]\nx = true\n",
    );
    let variables = [
        ("APP_MAIL__PASSWORD", "hid\nden"),
        ("APP_MAIL__PASSWORD_FILE", "/nowhere/at/all"),
        ("APP_UI__THEME", "pink"),
    ];
    let mistakes = Config::read(SETTINGS, &inputs(Some(file), &variables, &["loud"])).unwrap_err();
    let text = mistakes
        .to_string()
        .replace(&folder.0.display().to_string(), "");
    assert!(!text.contains("hidden") && !text.contains("hid\\nden"));
    insta::assert_snapshot!(text);
}

#[test]
fn a_file_that_is_not_toml_or_not_there_is_named() {
    let folder = Folder::new("broken");
    let file = folder.file("a.toml", "[ui]\ntheme = own\n");
    let broken = Config::read(SETTINGS, &inputs(Some(file), &[], &[])).unwrap_err();
    assert!(
        broken.to_string().contains("a.toml:2: not TOML"),
        "{broken}"
    );
    let absent = folder.0.join("absent.toml");
    let absent = Config::read(SETTINGS, &inputs(Some(absent), &[], &[])).unwrap_err();
    assert!(absent.to_string().contains("can't be read"), "{absent}");
    let large = folder.file("large.toml", &"#".repeat((64 << 10) + 1));
    let large = Config::read(SETTINGS, &inputs(Some(large), &[], &[])).unwrap_err();
    assert!(large.to_string().contains("more than 65536"), "{large}");
}

#[test]
fn a_secret_may_stand_in_a_file_of_its_own() {
    let folder = Folder::new("secret");
    let secret = folder.file("secret", "tr0ub4dor é\n");
    let flag = format!("mail.password_file={}", secret.display());
    let read = Config::read(SETTINGS, &inputs(None, &[], &[&flag])).unwrap();
    assert_eq!(read.text(&PASSWORD), Some("tr0ub4dor é"));
    assert!(!format!("{read:?}").contains("tr0ub4dor"));
    assert!(
        read.shown()
            .all(|(_, value, _)| !value.contains("tr0ub4dor"))
    );
    // Only secrets have such a twin.
    let other = Config::read(SETTINGS, &inputs(None, &[], &["ui.theme_file=x"])).unwrap_err();
    assert!(other.to_string().contains("ui.theme_file is no setting"));
}

#[test]
fn the_example_sets_nothing_and_reads_when_its_lines_are_taken() {
    let example = Config::example(SETTINGS);
    insta::assert_snapshot!(example);
    let folder = Folder::new("example");
    let file = folder.file("a.toml", &example);
    let read = Config::read(SETTINGS, &inputs(Some(file), &[], &[])).unwrap();
    assert_eq!(
        read,
        Config::read(SETTINGS, &inputs(None, &[], &[])).unwrap()
    );
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}", flag in "\\PC{0,40}") {
        let folder = Folder::new("any");
        let file = folder.file("a.toml", &text);
        let _ = Config::read(SETTINGS, &inputs(Some(file), &[("APP_X__Y", &text)], &[&flag]));
    }
}
