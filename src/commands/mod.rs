//! One file per command; each converts its arguments, calls the core and prints.

mod import_centers;
mod import_purchases;
mod plugin;
mod program;
mod token;

pub(crate) use import_centers::import as import_centers;
pub(crate) use import_purchases::{Import, Summary};
pub(crate) use plugin::install_folder;
pub(crate) use token::TokenRequest;

use crate::cli::{Cli, Command, ImportCommand, SchemaArgs};
use crate::config::Settings;
use crate::{demo, output, platform, serve};
use anyhow::Context;
use serde_json::json;

pub(crate) async fn run(cli: Cli) -> anyhow::Result<()> {
    let settings = Settings::read(cli.flags)?;
    match cli.command {
        Command::Serve(args) => serve::serve(&settings, args).await,
        Command::Migrate => {
            platform::migrated(&settings).await?;
            output::result(cli.json, &json!({ "migrated": true }), || {
                "the tables are up to date".into()
            });
            Ok(())
        }
        Command::Program(command) => program::run(&settings, command, cli.json).await,
        Command::Import(ImportCommand::Purchases(args)) => {
            import_purchases::run(&settings, args, cli.json).await
        }
        Command::Import(ImportCommand::Centers { file, program }) => {
            let loyalty = platform::open(&settings).await?;
            let (_, actor) = platform::program(&loyalty, &program).await?;
            let count = import_centers(&loyalty, &actor, &file).await?;
            output::result(cli.json, &json!({ "centers": count }), || {
                format!("{count} service centers")
            });
            Ok(())
        }
        Command::Plugin(command) => plugin::run(&settings, command, cli.json).await,
        Command::Token(command) => token::run(&settings, command, cli.json).await,
        Command::Schema(args) => schema(&args),
        Command::Demo(args) => demo::run(&settings, &args, cli.json).await,
    }
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
