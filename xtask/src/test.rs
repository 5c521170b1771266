//! Every check and every test, one after the other.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::postgres::Postgres;
use crate::run::{cargo, command};
use crate::{root, setup, tidy};

/// Tests that were counted.
#[derive(Debug, Default)]
struct Counts {
    passed: u64,
    failed: u64,
}

pub(crate) fn test(arguments: &[String]) -> Result<(), String> {
    let browser = !arguments.iter().any(|argument| argument == "--no-browser");
    setup::assets(false)?;
    cargo(&["fmt", "--all", "--check"])?;
    tidy::tidy()?;
    let postgres = Postgres::start()?;
    let mut counts = Counts::default();
    let mut problems = Vec::new();
    let clippy = cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ]);
    problems.extend(clippy.err());
    let mut tests = cargo_command();
    tests
        .args(["test", "--workspace", "--no-fail-fast"])
        .env("GOUVERNAIL_TEST_POSTGRES", postgres.url())
        .env("INSTA_UPDATE", "no");
    problems.extend(count(&mut tests, &mut counts, cargo_line).err());
    if browser && root().join("e2e/package.json").exists() {
        setup::everything()?;
        cargo(&["build", "--package", "server"])?;
        let mut suite = Command::new("npm");
        suite
            .current_dir(root().join("e2e"))
            .args(["test", "--silent"])
            .env("GOUVERNAIL_BIN", root().join("target/debug/gouvernail"))
            .env("CHROMIUM", setup::chromium()?);
        problems.extend(count(&mut suite, &mut counts, browser_line).err());
    }
    drop(postgres);
    println!("{} passed, {} failed", counts.passed, counts.failed);
    if problems.is_empty() && counts.failed == 0 && counts.passed > 0 {
        Ok(())
    } else {
        Err(format!("not green:\n{}", problems.join("\n")))
    }
}

fn cargo_command() -> Command {
    let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Incremental files are of no use to a run that starts from nothing.
    if std::env::var_os("CI").is_some() {
        cargo.env("CARGO_INCREMENTAL", "0");
    }
    cargo
}

/// Runs a command, shows what it prints, and counts the tests that it tells of.
fn count(
    command: &mut Command,
    counts: &mut Counts,
    read: fn(&str) -> Option<(u64, u64)>,
) -> Result<(), String> {
    let shown = format!("{command:?}");
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{shown}: {error}"))?;
    if let Some(out) = child.stdout.take() {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            println!("{line}");
            if let Some((passed, failed)) = read(&line) {
                counts.passed += passed;
                counts.failed += failed;
            }
        }
    }
    let status = child.wait().map_err(|error| format!("{shown}: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{shown} failed ({status})"))
    }
}

/// `test result: ok. 3 passed; 0 failed; …`
fn cargo_line(line: &str) -> Option<(u64, u64)> {
    let rest = line.strip_prefix("test result: ")?;
    let number = |word: &str| {
        let before = rest.split(word).next()?.trim_end();
        before.rsplit([' ', ';']).next()?.parse().ok()
    };
    Some((number("passed")?, number("failed")?))
}

/// `  12 passed (1.2m)` and `  1 failed`, the closing lines of Playwright.
fn browser_line(line: &str) -> Option<(u64, u64)> {
    let mut words = line.split_whitespace();
    let number = words.next()?.parse().ok()?;
    match words.next()? {
        "passed" => Some((number, 0)),
        "failed" => Some((0, number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_counted() {
        let line = "test result: ok. 29 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(cargo_line(line), Some((29, 1)));
        assert_eq!(cargo_line("running 3 tests"), None);
        assert_eq!(browser_line("  12 passed (1.2m)"), Some((12, 0)));
        assert_eq!(browser_line("  1 failed"), Some((0, 1)));
        assert_eq!(browser_line("  ✓  1 pages.spec"), None);
    }
}
