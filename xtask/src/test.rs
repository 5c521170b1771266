//! Every check and every test, one after the other.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::postgres::Postgres;
use crate::run::{cargo, cargo_command, run};
use crate::{root, setup, tidy};

/// Tests that were counted.
#[derive(Debug, Default)]
struct Counts {
    passed: u64,
    failed: u64,
}

/// What has been run: how long each step took and what was wrong.
#[derive(Debug, Default)]
struct Course {
    counts: Counts,
    steps: Vec<(&'static str, Duration, bool)>,
    problems: Vec<String>,
}

impl Course {
    /// Runs a step; a failure is kept and the next step still runs, so that one run tells all.
    fn step(
        &mut self,
        name: &'static str,
        work: impl FnOnce(&mut Counts) -> Result<(), String>,
    ) -> bool {
        println!("== {name}");
        let begun = Instant::now();
        let outcome = work(&mut self.counts);
        let good = outcome.is_ok();
        if let Err(problem) = outcome {
            println!("xtask: {problem}");
            self.problems.push(format!("{name}: {problem}"));
        }
        self.steps.push((name, begun.elapsed(), good));
        good
    }
}

/// `--no-browser` leaves out the browser suite and what only it needs.
pub(crate) fn test(arguments: &[String]) -> Result<(), String> {
    if let Some(other) = arguments.iter().find(|one| *one != "--no-browser") {
        return Err(format!("test knows --no-browser, not {other}"));
    }
    let browser = arguments.is_empty() && root().join("e2e/package.json").exists();
    let mut course = Course::default();
    if course.step("setup", |_| setup::for_tests(browser)) {
        run_all(&mut course, browser);
    }
    println!();
    for (name, took, good) in &course.steps {
        let mark = if *good { "ok" } else { "FAILED" };
        println!("{name:<8} {:>7.1} s  {mark}", took.as_secs_f64());
    }
    let Course {
        counts, problems, ..
    } = course;
    if counts.passed == 0 && problems.is_empty() {
        return Err("no test ran".to_owned());
    }
    for problem in &problems {
        println!("xtask: {problem}");
    }
    // The last line of all: what reads it needs no other.
    println!("{} passed, {} failed", counts.passed, counts.failed);
    if problems.is_empty() && counts.failed == 0 {
        Ok(())
    } else {
        Err(String::new())
    }
}

fn run_all(course: &mut Course, browser: bool) {
    course.step("format", |_| cargo(&["fmt", "--all", "--check"]));
    course.step("tidy", |_| tidy::tidy());
    let built = course.step("build", |_| {
        let mut build = linting();
        run(build.args(["build", "--workspace", "--all-targets", "--keep-going"]))
    });
    course.step("tests", |counts| {
        let postgres = Postgres::start()?;
        let mut tests = linting();
        tests
            .args(["test", "--workspace", "--no-fail-fast"])
            .env("GOUVERNAIL_TEST_POSTGRES", postgres.url())
            .env("INSTA_UPDATE", "no");
        count(&mut tests, counts)
    });
    if built {
        course.step("api", |counts| count(&mut api(None)?, counts));
        course.step("api-pg", |counts| {
            let postgres = Postgres::start()?;
            count(&mut api(Some(&postgres.url()))?, counts)
        });
    }
    if browser && built {
        course.step("browser", |counts| count(&mut suite(&[], None)?, counts));
        // What a browser sees on the other database: the pages that read and write the most.
        course.step("smoke", |counts| {
            let postgres = Postgres::start()?;
            let mut smoke = suite(&["--", "--grep", "@smoke"], Some(&postgres.url()))?;
            count(&mut smoke, counts)
        });
    }
}

/// Cargo with Clippy as the compiler of our crates, a warning being an error. `cargo clippy` would say
/// the same, but checks every dependency once more for it in a run that starts from nothing.
fn linting() -> Command {
    let mut cargo = cargo_command();
    cargo
        .env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver")
        // How cargo-clippy hands `-D warnings` to the driver.
        .env(
            "CLIPPY_ARGS",
            "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__",
        );
    cargo
}

/// Every operation of the API by its description, on an embedded database unless one is named.
fn api(database: Option<&str>) -> Result<Command, String> {
    let mut api = Command::new(setup::api_python()?);
    api.arg(root().join("e2e/api/run.py"))
        .env("GOUVERNAIL_BIN", root().join("target/debug/gouvernail"))
        .env("PYTHONUNBUFFERED", "1")
        .env_remove("GOUVERNAIL_DATABASE__URL");
    if let Some(url) = database {
        // Values are read and refused by the same code as on the other database: fewer tell whether the
        // statements hold on this one.
        api.env("GOUVERNAIL_DATABASE__URL", url)
            .env("GOUVERNAIL_API_EXAMPLES", "8");
    }
    Ok(api)
}

/// The browser suite, on an embedded database of its own unless one is named.
fn suite(arguments: &[&str], database: Option<&str>) -> Result<Command, String> {
    let mut suite = Command::new("npm");
    suite
        .current_dir(root().join("e2e"))
        .args(["test", "--silent"])
        .args(arguments)
        .env("GOUVERNAIL_BIN", root().join("target/debug/gouvernail"))
        .env("CHROMIUM", setup::chromium()?)
        .env("PYTHON", setup::python()?)
        .env("PROVIDER_PYTHON", setup::provider_python()?)
        .env_remove("GOUVERNAIL_DATABASE__URL");
    if let Some(url) = database {
        suite.env("GOUVERNAIL_DATABASE__URL", url);
    }
    Ok(suite)
}

/// Runs a command, shows what it prints, and counts the tests that it tells of.
fn count(command: &mut Command, counts: &mut Counts) -> Result<(), String> {
    let shown = format!("{command:?}");
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{shown}: {error}"))?;
    if let Some(out) = child.stdout.take() {
        let mut out = BufReader::new(out);
        let mut bytes = Vec::new();
        while out.read_until(b'\n', &mut bytes).is_ok_and(|read| read > 0) {
            let line = String::from_utf8_lossy(&bytes);
            print!("{line}");
            if let Some((passed, failed)) = closing_line(&line) {
                counts.passed += passed;
                counts.failed += failed;
            }
            bytes.clear();
        }
    }
    let status = child.wait().map_err(|error| format!("{shown}: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{shown} failed ({status})"))
    }
}

/// Tests passed and failed, when the line is one by which a runner closes: cargo's
/// `test result: ok. 3 passed; 0 failed; …`, Playwright's `  12 passed (1.2m)` and `  1 failed`,
/// Node's `# pass 12` or `ℹ fail 1`.
fn closing_line(line: &str) -> Option<(u64, u64)> {
    let line = plain(line);
    if let Some(rest) = line.strip_prefix("test result: ") {
        let number = |word: &str| {
            let before = rest.split(word).next()?.trim_end();
            before.rsplit([' ', ';']).next()?.parse().ok()
        };
        return Some((number(" passed")?, number(" failed")?));
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let (word, number) = match words[..] {
        // Playwright adds at most how long it took, in brackets.
        ["#" | "ℹ", word, number] | [number, word] => (word, number),
        [number, word, took] if took.starts_with('(') && took.ends_with(')') => (word, number),
        _ => return None,
    };
    let number = number.parse().ok()?;
    match word {
        "pass" | "passed" => Some((number, 0)),
        "fail" | "failed" => Some((0, number)),
        _ => None,
    }
}

/// The line without a terminal's colours (`ESC [ … m`).
fn plain(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').map_or("", |(_, after)| after));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_counted() {
        let line = "test result: ok. 29 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(closing_line(line), Some((29, 1)));
        let failed = "test result: FAILED. 0 passed; 2 failed; 0 ignored; finished in 0.01s";
        assert_eq!(closing_line(failed), Some((0, 2)));
        assert_eq!(closing_line("  12 passed (1.2m)\n"), Some((12, 0)));
        assert_eq!(
            closing_line("\u{1b}[31m  1 failed\u{1b}[39m\n"),
            Some((0, 1))
        );
        assert_eq!(closing_line("# pass 7"), Some((7, 0)));
        assert_eq!(closing_line("\u{1b}[34mℹ fail 1\u{1b}[39m"), Some((0, 1)));
    }

    #[test]
    fn other_lines_are_not() {
        for line in [
            "running 3 tests",
            "  ✓  1 pages.spec",
            "  ✓  3 passed over in silence (3ms)",
            "# tests 12",
            "test passed ... ok",
            "",
        ] {
            assert_eq!(closing_line(line), None, "{line}");
        }
    }

    #[test]
    fn a_failing_step_is_kept_and_does_not_stop_the_next() {
        let mut course = Course::default();
        assert!(!course.step("one", |_| Err("broken".to_owned())));
        assert!(course.step("two", |counts| {
            counts.passed += 1;
            Ok(())
        }));
        assert_eq!(course.problems, ["one: broken"]);
        assert_eq!((course.counts.passed, course.steps.len()), (1, 2));
    }

    #[test]
    fn a_runner_is_counted_while_it_is_shown() {
        let mut counts = Counts::default();
        let mut runner = Command::new("sh");
        runner.args([
            "-c",
            "echo 'test result: ok. 2 passed; 0 failed;'; printf '  1 failed'; exit 3",
        ]);
        let outcome = count(&mut runner, &mut counts);
        assert!(outcome.is_err_and(|problem| problem.contains("failed (exit status: 3)")));
        assert_eq!((counts.passed, counts.failed), (2, 1));
    }
}
