//! The program `gouvernail`: the State's digital services, steered by what they change.

mod app;
mod cli;
mod commands;
mod data_plane;
mod demo;
mod demo_behalf;
mod demo_brigade;
mod demo_citizens;
mod demo_conferences;
mod demo_contracts;
mod demo_costs;
mod demo_exchange;
mod demo_impact;
mod demo_observatory;
mod demo_producers;
mod demo_services;
mod demo_startups;
mod demo_steering;
mod error;
mod gateway;
mod gateway_log;
mod logout;
mod mail;
mod memory;
mod pages;
mod relay;
#[cfg(test)]
mod relay_tests;
mod settings;
mod spreadsheets;
#[cfg(test)]
mod tests;
mod verify_log;
mod verify_proof;

use std::process::ExitCode;

use error::CommandError;

fn main() -> ExitCode {
    memory::give_back();
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
            match error {
                CommandError::Unsound(_) | CommandError::Unproved(_) => {
                    ExitCode::from(verify_log::UNSOUND)
                }
                _ => ExitCode::FAILURE,
            }
        }
    }
}
