//! `perennial import`: purchases, members, opening balances and service centers from files.

mod balances;
mod centers;
mod members;
mod patience;
mod purchases;
mod summary;
mod tally;

pub(crate) use centers::import as import_centers;
pub(crate) use purchases::Import;
pub(crate) use summary::Summary;

use crate::cli::ImportCommand;
use crate::config::Settings;
use crate::{output, platform};
use serde_json::json;
use std::process::ExitCode;

pub(super) async fn run(
    settings: &Settings,
    command: ImportCommand,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    match command {
        ImportCommand::Purchases(args) => purchases::run(settings, args, as_json).await,
        ImportCommand::Members(args) => members::run(settings, args, as_json).await,
        ImportCommand::Balances(args) => balances::run(settings, args, as_json).await,
        ImportCommand::Centers { file, program } => {
            let loyalty = platform::open(settings).await?;
            let (_, actor) = platform::program(&loyalty, &program).await?;
            let count = import_centers(&loyalty, &actor, &file).await?;
            output::result(as_json, &json!({ "centers": count }), || {
                format!("{count} service centers")
            });
            Ok(ExitCode::SUCCESS)
        }
    }
}
