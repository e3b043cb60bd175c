//! The executable: reads settings, connects the parts, serves or does one command.

mod cli;
mod commands;
mod config;
mod demo;
mod import;
mod keys;
mod mask;
mod metrics;
mod output;
mod platform;
mod private_key;
#[cfg(test)]
mod reference;
mod seal_keys;
mod serve;
mod signals;
mod telemetry;
mod token_key;

use clap::Parser;
use std::process::ExitCode;
use tokio::runtime::{Builder, Runtime};

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    telemetry::init(cli.log_json);
    let done = runtime(&cli).map_err(Into::into).and_then(|runtime| {
        // On the runtime's own threads: from the outside, each answer of the database would wake
        // this thread first.
        runtime.block_on(runtime.spawn(commands::run(cli)))?
    });
    match done {
        Ok(code) => code,
        Err(error) => {
            output::error(&error);
            ExitCode::FAILURE
        }
    }
}

/// Serving and verifying use all cores. Another command does one thing after the other, which is
/// faster without a change of thread at each answer of the database.
fn runtime(cli: &cli::Cli) -> std::io::Result<Runtime> {
    let mut builder = match cli.command {
        cli::Command::Serve(_) | cli::Command::Verify(_) => Builder::new_multi_thread(),
        _ => Builder::new_current_thread(),
    };
    builder.enable_all().build()
}
