//! The program `gouvernail`: the State's digital services, steered by what they change.

mod app;
mod cli;
mod commands;
mod demo;
mod demo_exchange;
mod demo_services;
mod error;
mod logout;
mod mail;
mod pages;
mod relay;
#[cfg(test)]
mod relay_tests;
mod settings;
mod spreadsheets;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("the runtime can't start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(commands::run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                eprintln!("  because: {cause}");
                source = cause.source();
            }
            ExitCode::FAILURE
        }
    }
}
