//! Arrows between crates: they go down only.

use serde_json::Value;

use super::{Breach, Source, relative};
use crate::run::{answer, command};

/// A crate of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Crate {
    pub(crate) name: String,
    /// Its folder from the root, such as `kit/db`.
    pub(crate) folder: String,
    pub(crate) description: String,
    /// Names of what it depends on, tests' needs left out.
    pub(crate) needs: Vec<String>,
}

impl Crate {
    fn floor(&self) -> &str {
        self.folder.split('/').next().unwrap_or_default()
    }
}

/// Reads cargo's metadata.
pub(crate) fn read() -> Result<Vec<Crate>, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let json = answer(command(cargo).args(["metadata", "--no-deps", "--format-version", "1"]))
        .ok_or("cargo can't tell the workspace's crates")?;
    let metadata: Value = serde_json::from_str(&json).map_err(|error| error.to_string())?;
    let packages = metadata["packages"]
        .as_array()
        .ok_or("cargo's metadata names no crate")?;
    Ok(packages.iter().map(read_one).collect())
}

fn read_one(package: &Value) -> Crate {
    let text = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
    let manifest = relative(&text("manifest_path"));
    let folder = manifest.parent().map(|folder| folder.display().to_string());
    let needs = package["dependencies"].as_array().into_iter().flatten();
    Crate {
        name: text("name"),
        folder: folder.unwrap_or_default(),
        description: text("description"),
        needs: needs
            .filter(|need| need["kind"].as_str() != Some("dev"))
            .filter_map(|need| need["name"].as_str().map(str::to_owned))
            .collect(),
    }
}

/// Which floors each floor may name.
fn allowed(floor: &str) -> &'static [&'static str] {
    match floor {
        // Engines name nothing below but each other: kit may keep what they compute.
        "kit" => &["kit", "engines"],
        "ports" => &["kit"],
        "engines" => &["engines"],
        "modules" => &["kit", "engines", "ports"],
        _ => &["kit", "engines", "ports", "modules"],
    }
}

/// The only folders that may name a library; none: any may.
fn homes(library: &str) -> &'static [&'static str] {
    match library {
        "sqlx" | "rusqlite" => &["kit/db"],
        "axum" => &["kit/http"],
        // The gateway serves and asks by itself; the measures ask as a client would.
        "hyper" | "hyper-util" | "tokio-rustls" => &["modules/gateway", "bench"],
        _ => &[],
    }
}

/// Arrows that go up or sideways, names that differ from folders, libraries out of their floor.
pub(crate) fn breaches(crates: &[Crate]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for one in crates {
        let last = one.folder.rsplit('/').next().unwrap_or_default();
        let expected = if one.floor() == "kit" {
            format!("kit-{last}")
        } else {
            last.to_owned()
        };
        if one.name != expected {
            breaches.push(format!(
                "{}: the crate must be named {expected}",
                one.folder
            ));
        }
        if one.description.len() < 20 {
            breaches.push(format!(
                "{}: say in `description` what the crate is",
                one.folder
            ));
        }
        for need in &one.needs {
            if let Some(other) = crates.iter().find(|other| other.name == *need)
                && !allowed(one.floor()).contains(&other.floor())
            {
                breaches.push(format!(
                    "{}: {} must not name {}: arrows go down only (ports carry what modules say \
                     to each other)",
                    one.folder,
                    one.floor(),
                    other.folder
                ));
            }
            let homes = homes(need);
            if !homes.is_empty() && !homes.contains(&one.folder.as_str()) {
                let homes = homes.join(" and ");
                breaches.push(format!("{}: {need} is confined to {homes}", one.folder));
            }
        }
    }
    breaches
}

/// Crates that the map doesn't show.
pub(crate) fn missing_from_map(crates: &[Crate], sources: &[Source]) -> Vec<Breach> {
    let Some(map) = sources
        .iter()
        .find(|source| source.path == "ARCHITECTURE.md")
    else {
        return vec!["ARCHITECTURE.md is missing".to_owned()];
    };
    let missing = crates
        .iter()
        .filter(|one| !map.text.contains(&format!("`{}`", one.name)));
    missing
        .map(|one| format!("ARCHITECTURE.md: show the crate `{}` in the map", one.name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(folder: &str, name: &str, needs: &[&str]) -> Crate {
        Crate {
            name: name.to_owned(),
            folder: folder.to_owned(),
            description: "a description that says what it is".to_owned(),
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
        }
    }

    #[test]
    fn arrows_go_down_only() {
        let crates = [
            one("kit/db", "kit-db", &["sqlx"]),
            one("kit/http", "kit-http", &["axum", "portfolio"]),
            one("kit/ledger", "kit-ledger", &["slips", "kit-db"]),
            one("engines/slips", "slips", &["kit-db"]),
            one(
                "modules/portfolio",
                "portfolio",
                &["kit-db", "slips", "directory", "sqlx", "hyper"],
            ),
            one("modules/directory", "directory", &["kit-db"]),
            one("server", "server", &["portfolio", "directory"]),
        ];
        let found = breaches(&crates);
        assert_eq!(found.len(), 5, "{found:?}");
        assert!(found[0].starts_with("kit/http: kit must not name modules/portfolio"));
        assert!(found[1].starts_with("engines/slips: engines must not name kit/db"));
        assert!(found[2].starts_with("modules/portfolio: modules must not name modules/directory"));
        assert!(found[3].starts_with("modules/portfolio: sqlx is confined to kit/db"));
        assert!(found[4].ends_with("hyper is confined to modules/gateway and bench"));
    }

    #[test]
    fn a_crate_has_its_folders_name_and_says_what_it_is() {
        let mut wrong = one("kit/db", "db", &[]);
        wrong.description = "x".to_owned();
        assert_eq!(breaches(&[wrong]).len(), 2);
    }

    #[test]
    fn the_map_shows_every_crate() {
        let map = Source {
            path: "ARCHITECTURE.md".into(),
            text: "`slips`".into(),
        };
        let crates = [
            one("engines/slips", "slips", &[]),
            one("server", "server", &[]),
        ];
        assert_eq!(missing_from_map(&crates, &[map]).len(), 1);
    }
}
