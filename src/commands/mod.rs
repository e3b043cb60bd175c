//! One file per command; each converts its arguments, calls the core and prints.

mod bar;
mod clock;
mod copy;
mod export;
mod import;
mod plugin;
mod program;
mod report;
mod token;
mod verify;

pub(crate) use import::{Import, Summary, import_centers};
pub(crate) use plugin::{install_folder, waits};
pub(crate) use token::TokenRequest;
pub(crate) use verify::seal_name;

use crate::cli::{Cli, Command, SchemaArgs};
use crate::config::Settings;
use crate::{demo, output, platform, serve};
use anyhow::Context;
use serde_json::json;
use std::process::ExitCode;

/// Returns the exit code of a command that did what it could.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let settings = Settings::read(cli.flags)?;
    match cli.command {
        Command::Import(command) => return import::run(&settings, command, cli.json).await,
        Command::Program(command) => return program::run(&settings, command, cli.json).await,
        Command::Plugin(command) => return plugin::run(&settings, command, cli.json).await,
        Command::Verify(args) => return verify::run(&settings, args, cli.json).await,
        Command::Report(command) => return report::run(&settings, command, cli.json).await,
        Command::Ledger(command) => return verify::ledger(&settings, command, cli.json).await,
        Command::Export(command) => return export::run(&settings, command).await,
        Command::Demo(args) => return demo::run(&settings, &args, cli.json).await,
        Command::Serve(args) => serve::serve(&settings, args).await,
        Command::Migrate => {
            platform::migrated(&settings.database).await?;
            output::result(cli.json, &json!({ "migrated": true }), || {
                "the tables are up to date".into()
            });
            Ok(())
        }
        Command::Copy(args) => copy::run(&args, cli.json).await,
        Command::Token(command) => token::run(&settings, command, cli.json).await,
        Command::Clock(command) => clock::run(&settings, command, cli.json).await,
        Command::Schema(args) => schema(&args),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn schema(args: &SchemaArgs) -> anyhow::Result<()> {
    let (storefront, admin) = (perennial_graphql::storefront_sdl(), perennial_graphql::admin_sdl());
    if !args.write {
        output::line(if args.admin { admin } else { storefront }.trim_end());
        return Ok(());
    }
    for (path, sdl) in
        [("graphql/storefront.graphql", storefront), ("graphql/admin.graphql", admin)]
    {
        std::fs::write(path, sdl).with_context(|| format!("cannot write {path}"))?;
        output::note(format!("wrote {path}"));
    }
    Ok(())
}
