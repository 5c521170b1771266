//! `cargo xtask`: sets up, runs and tests the platform on a fresh machine.

#![allow(clippy::print_stdout, clippy::disallowed_methods)] // a build tool talks and reads its surroundings

mod bench;
mod postgres;
mod run;
mod setup;
mod test;
mod tidy;

use std::path::PathBuf;
use std::process::ExitCode;

const HELP: &str = "cargo xtask COMMAND

  demo [--listen ADDRESS] [--data DIR]   set up and run the platform with a demo State
  test [--no-browser]                    set up and run every check and test
  setup                                  install or name what is missing
  assets [--dsfr]                        build the stylesheet and scripts; --dsfr adds the official
                                         design system, for sites of the French State only
  bench [--products N] [--rounds N] …    measure the program at full size on both databases
  bench --sign-in                        measure sign-in side by side with npm oidc-provider
  tidy                                   check the floors, the rooms and the habits of the house
  deny                                   check licences and bans of the dependencies";

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent()
        .map_or(here.clone(), std::path::Path::to_path_buf)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = arguments
        .split_first()
        .map_or(("help", &[][..]), |(c, r)| (c, r));
    let outcome = match command {
        "demo" => demo(rest),
        "test" => test::test(rest),
        "setup" => setup::everything(),
        "assets" => setup::assets(rest.iter().any(|argument| argument == "--dsfr")),
        "bench" => bench::bench(rest),
        "tidy" => tidy::tidy(),
        "deny" => deny(),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        other => Err(format!("there is no command {other}\n\n{HELP}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            // Empty when the command has told it already.
            if !problem.is_empty() {
                eprintln!("xtask: {problem}");
            }
            ExitCode::FAILURE
        }
    }
}

fn demo(arguments: &[String]) -> Result<(), String> {
    setup::assets(false)?;
    run::cargo(&["build", "--package", "server"])?;
    let program = root().join("target/debug/gouvernail");
    run::run(run::command(&program).arg("demo").args(arguments))
}

fn deny() -> Result<(), String> {
    if !run::exists("cargo-deny") {
        return Err(
            "cargo-deny is missing; install it with: cargo install --locked cargo-deny".to_owned(),
        );
    }
    run::cargo(&["deny", "check", "licenses", "bans"])
}
