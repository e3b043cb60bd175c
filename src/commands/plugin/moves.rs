//! `perennial plugin use`: moving programs to another version of a plugin.

use crate::cli::UseArgs;
use crate::config::Settings;
use crate::{output, platform};
use perennial_core::plugins::Moved;
use perennial_core::{Actor, Error, Loyalty, ProgramId};
use serde_json::{Value, json};
use std::process::ExitCode;

/// What became of one program.
pub(super) struct Outcome {
    program: String,
    plugin: String,
    moved: Result<Moved, Error>,
}

pub(super) async fn run(
    settings: &Settings,
    args: &UseArgs,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let UseArgs { plugin, version, program, .. } = args;
    let loyalty = platform::open(settings).await?;
    let outcomes = match program {
        Some(slug) => {
            let id = loyalty.programs().id(slug).await?;
            vec![move_one(&loyalty, id, slug, plugin, version).await]
        }
        None => move_all(&loyalty, plugin, version).await?,
    };
    let rows: Vec<_> = outcomes.iter().map(Outcome::row).collect();
    output::result(as_json, &rows, || match outcomes.is_empty() {
        true => format!("no program enables {plugin}"),
        false => outcomes.iter().map(Outcome::line).collect::<Vec<_>>().join("\n"),
    });
    Ok(Outcome::exit_code(&outcomes))
}

/// Moves every program that enables the plugin. One that cannot be moved keeps no other from it.
pub(super) async fn move_all(
    loyalty: &Loyalty,
    plugin: &str,
    version: &str,
) -> anyhow::Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for run in loyalty.plugins().run_by().await?.iter().filter(|run| run.plugin == plugin) {
        outcomes.push(move_one(loyalty, run.program, &run.slug, plugin, version).await);
    }
    Ok(outcomes)
}

async fn move_one(
    loyalty: &Loyalty,
    program: ProgramId,
    slug: &str,
    plugin: &str,
    version: &str,
) -> Outcome {
    let moved = loyalty.plugins().use_version(&Actor::system(program), plugin, version).await;
    Outcome { program: slug.to_owned(), plugin: plugin.to_owned(), moved }
}

impl Outcome {
    /// Failed when one of them was not moved.
    pub(super) fn exit_code(outcomes: &[Self]) -> ExitCode {
        match outcomes.iter().all(|outcome| outcome.moved.is_ok()) {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        }
    }

    pub(super) fn line(&self) -> String {
        let Self { program, plugin, .. } = self;
        match &self.moved {
            Ok(Moved { from, to, is_new: true }) => format!("{program}: {plugin} {from} → {to}"),
            Ok(Moved { to, .. }) => format!("{program}: {plugin} {to} already"),
            Err(error) => {
                let (code, hint) = (error.code().as_str(), error.code().help());
                format!("{program}: not moved: {error} [{code}]\n  {hint}")
            }
        }
    }

    fn row(&self) -> Value {
        match &self.moved {
            Ok(Moved { from, to, is_new }) => {
                json!({ "program": self.program, "from": from, "to": to, "changed": is_new })
            }
            Err(error) => json!({
                "program": self.program,
                "error": {
                    "code": error.code().as_str(),
                    "field": error.field(),
                    "message": error.message(),
                },
            }),
        }
    }
}
