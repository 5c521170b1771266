//! What a fresh machine lacks: installed where that can be done without asking, named otherwise.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::root;
use crate::run::{answer, command, exists, find, is_root, is_stale, run};

/// The oldest Node.js that builds the assets.
const NODE_MAJOR_MIN: u32 = 20;

/// All that the program and every test need.
pub(crate) fn everything() -> Result<(), String> {
    for_tests(true)?;
    println!("xtask: everything is there");
    Ok(())
}

/// What the tests need. All that is missing is told at once.
pub(crate) fn for_tests(browser: bool) -> Result<(), String> {
    let mut missing = Vec::new();
    missing.extend(assets(false).err());
    missing.extend(postgres_binaries().err());
    missing.extend(go().err());
    missing.extend(api_python().err());
    if browser {
        missing.extend(chromium().err());
        missing.extend(python().err());
        missing.extend(provider_python().err());
        missing.extend(dovecot().err());
        if root().join("e2e/package-lock.json").exists() {
            missing.extend(npm_install(&root().join("e2e")).err());
        }
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(missing.join("\n"))
    }
}

/// The stylesheet, scripts and fonts: built by npm into `kit/ui/dist`.
pub(crate) fn assets(dsfr: bool) -> Result<(), String> {
    node()?;
    let folder = root().join("kit/ui/assets");
    npm_install(&folder)?;
    let built = root().join("kit/ui/dist/app.css");
    if is_stale(&built, std::slice::from_ref(&folder)) {
        run(npm(&folder).args(["run", "--silent", "build"]))?;
        // Cargo looks at the folder's files; the first build made the folder itself.
        touch(&root().join("kit/ui/build.rs"))?;
    }
    if dsfr {
        official_design_system()
    } else {
        Ok(())
    }
}

fn touch(path: &Path) -> Result<(), String> {
    let now = std::time::SystemTime::now();
    std::fs::File::options()
        .append(true)
        .open(path)
        .and_then(|file| file.set_modified(now))
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// The official package may only be used by sites of the French State.
fn official_design_system() -> Result<(), String> {
    println!("The package @gouvfr/dsfr may only be used by sites of the French State.");
    let folder = root().join("target/xtask/dsfr");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    run(npm(&folder).args([
        "install",
        "--no-save",
        "--ignore-scripts",
        "@gouvfr/dsfr@1.15.3",
    ]))?;
    let from = folder.join("node_modules/@gouvfr/dsfr");
    let to = root().join("kit/ui/dist/dsfr");
    let fail = |error: std::io::Error| format!("{}: {error}", to.display());
    if to.exists() {
        std::fs::remove_dir_all(&to).map_err(fail)?;
    }
    std::fs::create_dir_all(&to).map_err(fail)?;
    // Only what a page loads: the program embeds all that stands in this folder.
    run(command("cp")
        .arg("-r")
        .args(
            [
                "dist/dsfr.min.css",
                "dist/fonts",
                "dist/icons",
                "LICENSE.md",
            ]
            .map(|part| from.join(part)),
        )
        .arg(&to))?;
    touch(&root().join("kit/ui/build.rs"))?;
    println!("Installed in kit/ui/dist/dsfr; switch it on with --set ui.theme=dsfr.");
    Ok(())
}

fn npm(folder: &Path) -> Command {
    let mut npm = Command::new("npm");
    npm.current_dir(folder)
        .env("npm_config_update_notifier", "false");
    npm
}

/// Installs exactly what the lock file names, when it has changed.
pub(crate) fn npm_install(folder: &Path) -> Result<(), String> {
    let lock = folder.join("package-lock.json");
    let stamp = folder.join("node_modules/.package-lock.json");
    if is_stale(&stamp, &[lock]) {
        run(npm(folder)
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))?;
        if stamp.exists() {
            touch(&stamp)?;
        }
    }
    Ok(())
}

fn node() -> Result<(), String> {
    let version = answer(Command::new("node").arg("--version")).unwrap_or_default();
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|m| m.parse().ok());
    if major.is_some_and(|major: u32| major >= NODE_MAJOR_MIN) && exists("npm") {
        return Ok(());
    }
    Err(format!(
        "Node.js {NODE_MAJOR_MIN} or newer with npm is needed to build the stylesheet and scripts \
         (found: {version:?}); install it from https://nodejs.org or with your system's packages"
    ))
}

/// A Python with the identity provider that the browser suite runs.
pub(crate) fn provider_python() -> Result<PathBuf, String> {
    // Some of it comes as source only.
    environment("python-provider", "e2e/clients/provider.txt", &[])
}

/// A Python with the clients that the browser suite runs.
pub(crate) fn python() -> Result<PathBuf, String> {
    let wheels = ["--only-binary=:all:"];
    environment("python", "e2e/clients/requirements.txt", &wheels)
}

/// A Python with what tries the whole API.
pub(crate) fn api_python() -> Result<PathBuf, String> {
    let wheels = ["--only-binary=:all:"];
    environment("python-api", "e2e/api/requirements.txt", &wheels)
}

/// A Python in an environment of its own, with what a lock names.
fn environment(name: &str, lock: &str, how: &[&str]) -> Result<PathBuf, String> {
    let named = root().join(lock);
    let folder = root().join("target/xtask").join(name);
    let stamp = folder.join("installed");
    if is_stale(&stamp, std::slice::from_ref(&named)) {
        let make = || run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
        if make().is_err() {
            install("python3-venv", "tests run programs in Python")?;
            make()?;
        }
        // The lock names every file by its hash.
        run(Command::new(folder.join("bin/pip"))
            .args(["install", "--quiet", "--disable-pip-version-check"])
            .arg("--require-hashes")
            .args(how)
            .arg("--requirement")
            .arg(&named))?;
        std::fs::write(&stamp, "").map_err(|error| error.to_string())?;
    }
    Ok(folder.join("bin/python"))
}

/// A browser for the browser suite.
pub(crate) fn chromium() -> Result<PathBuf, String> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Ok(named.into());
    }
    let look = || {
        ["chromium", "chromium-browser", "google-chrome"]
            .into_iter()
            .find_map(find)
    };
    if let Some(found) = look() {
        return Ok(found);
    }
    install("chromium", "the browser suite needs a Chromium")?;
    look().ok_or_else(|| "chromium was installed and can't be found".to_owned())
}

/// The folder of `PostgreSQL`'s programs.
pub(crate) fn postgres_binaries() -> Result<PathBuf, String> {
    let look = || {
        let versions = std::fs::read_dir("/usr/lib/postgresql")
            .ok()
            .into_iter()
            .flatten();
        let mut folders: Vec<PathBuf> = versions
            .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
            .collect();
        folders.sort();
        folders.extend(find("initdb").and_then(|path| path.parent().map(Path::to_path_buf)));
        folders
            .into_iter()
            .rev()
            .find(|folder| folder.join("initdb").is_file())
    };
    if let Some(found) = look() {
        return Ok(found);
    }
    install("postgresql", "every store test also runs on PostgreSQL")?;
    look().ok_or_else(|| "postgresql was installed and initdb can't be found".to_owned())
}

/// A mail server for the browser suite, which starts one of its own.
fn dovecot() -> Result<(), String> {
    let program = Path::new("/usr/sbin/dovecot");
    if !(program.is_file() && Path::new("/usr/lib/dovecot/imap-login").is_file()) {
        install("dovecot-imapd", "the browser suite opens a mailbox")?;
    }
    let version = answer(Command::new(program).arg("--version")).unwrap_or_default();
    if version.starts_with("2.3.") {
        Ok(())
    } else {
        let wanted = "the browser suite writes settings for Dovecot 2.3";
        Err(format!("{wanted} (found: {version:?})"))
    }
}

/// Go and its package of logs, by which the tests check ours.
fn go() -> Result<(), String> {
    let why = "somebody else's code checks our logs";
    let package = Path::new("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog");
    if !exists("go") {
        install("golang-go", why)?;
    }
    if !package.is_dir() {
        install("golang-golang-x-mod-dev", why)?;
    }
    if exists("go") && package.is_dir() {
        Ok(())
    } else {
        Err("golang-golang-x-mod-dev was installed and Go can't find it".to_owned())
    }
}

/// A folder of commands that do nothing, by the names by which packages start and enable services.
fn no_services() -> Result<PathBuf, String> {
    let folder = root().join("target/xtask/no-services");
    let fail = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(&folder).map_err(fail)?;
    let starters = [
        "deb-systemd-helper",
        "deb-systemd-invoke",
        "invoke-rc.d",
        "update-rc.d",
    ];
    for name in starters.map(|name| folder.join(name)) {
        if !name.exists() {
            std::os::unix::fs::symlink("/bin/true", name).map_err(fail)?;
        }
    }
    Ok(folder)
}

/// Installs a Debian package, or says how to. What the package would start is left alone: tests
/// start what they need, on ports of their own.
fn install(package: &str, why: &str) -> Result<(), String> {
    if !(exists("apt-get") && is_root()) {
        return Err(format!(
            "{why}; install it with: sudo apt-get install {package}"
        ));
    }
    println!("xtask: installing {package}: {why}");
    run(command("apt-get").args(["update", "-qq"]))?;
    let path = format!(
        "DPkg::Path={}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        no_services()?.display()
    );
    run(command("apt-get")
        .args(["install", "-y", "-qq", "--no-install-recommends", package])
        .args(["-o", &path])
        .env("DEBIAN_FRONTEND", "noninteractive"))
}
