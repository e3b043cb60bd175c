//! `perennial plugin upgrade` and `rollback`: moving programs to another version of a plugin.

use crate::cli::{PluginOf, UpgradeArgs};
use crate::config::Settings;
use crate::{output, platform};
use perennial_core::plugins::{Moved, RunBy, Status};
use perennial_core::{Actor, Code, Error, Loyalty, ProgramId};
use serde_json::{Value, json};
use std::process::ExitCode;

/// What became of one program.
pub(super) struct Outcome {
    program: String,
    plugin: String,
    moved: Result<Moved, Error>,
}

/// Who is moved.
enum Whose {
    All,
    Sandboxes,
}

/// Which way.
#[derive(Clone, Copy)]
enum Way {
    Up,
    Down,
}

pub(super) async fn upgrade(
    settings: &Settings,
    args: &UpgradeArgs,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let UpgradeArgs { plugin, version, program, sandboxes, .. } = args;
    let (loyalty, version) = (platform::open(settings).await?, version.as_deref());
    let outcomes = match program {
        Some(slug) => vec![named(&loyalty, slug, plugin, version, Way::Up).await?],
        None => {
            let whose = if *sandboxes { Whose::Sandboxes } else { Whose::All };
            upgrade_every(&loyalty, whose, plugin, version).await?
        }
    };
    let none = match sandboxes {
        true => format!("no program with a test clock enables {plugin}"),
        false => format!("no program enables {plugin}"),
    };
    Ok(Outcome::print(&outcomes, &none, as_json))
}

pub(super) async fn rollback(
    settings: &Settings,
    of: &PluginOf,
    to: Option<&str>,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let loyalty = platform::open(settings).await?;
    let outcome = named(&loyalty, &of.program, &of.plugin, to, Way::Down).await?;
    Ok(Outcome::print(&[outcome], "", as_json))
}

async fn named(
    loyalty: &Loyalty,
    slug: &str,
    plugin: &str,
    version: Option<&str>,
    way: Way,
) -> anyhow::Result<Outcome> {
    let program = loyalty.programs().id(slug).await?;
    Ok(move_one(loyalty, program, slug, plugin, version, way).await)
}

/// Moves every program that enables the plugin. One that cannot be moved keeps no other from it.
pub(super) async fn upgrade_all(
    loyalty: &Loyalty,
    plugin: &str,
    version: Option<&str>,
) -> anyhow::Result<Vec<Outcome>> {
    upgrade_every(loyalty, Whose::All, plugin, version).await
}

async fn upgrade_every(
    loyalty: &Loyalty,
    whose: Whose,
    plugin: &str,
    version: Option<&str>,
) -> anyhow::Result<Vec<Outcome>> {
    let is_meant = |run: &&RunBy| {
        let is_enabled = run.plugin == plugin && run.status != Status::Disabled;
        is_enabled && (matches!(whose, Whose::All) || run.is_sandbox)
    };
    let mut outcomes = Vec::new();
    for run in loyalty.plugins().run_by().await?.iter().filter(is_meant) {
        outcomes.push(move_one(loyalty, run.program, &run.slug, plugin, version, Way::Up).await);
    }
    Ok(outcomes)
}

async fn move_one(
    loyalty: &Loyalty,
    program: ProgramId,
    slug: &str,
    plugin: &str,
    version: Option<&str>,
    way: Way,
) -> Outcome {
    let (plugins, actor) = (loyalty.plugins(), Actor::system(program));
    let moved = match way {
        Way::Up => plugins.upgrade(&actor, plugin, version).await,
        Way::Down => plugins.rollback(&actor, plugin, version).await,
    };
    Outcome { program: slug.to_owned(), plugin: plugin.to_owned(), moved }
}

impl Outcome {
    /// Prints what became of each, or that there is none.
    fn print(outcomes: &[Self], none: &str, as_json: bool) -> ExitCode {
        let rows: Vec<_> = outcomes.iter().map(Self::row).collect();
        output::result(as_json, &rows, || match outcomes.is_empty() {
            true => none.to_owned(),
            false => outcomes.iter().map(Self::line).collect::<Vec<_>>().join("\n"),
        });
        Self::exit_code(outcomes)
    }

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
            Ok(Moved { from, to, is_new: true, file_names: None }) => {
                format!("{program}: {plugin} {from} → {to}")
            }
            Ok(Moved { from, to, is_new: true, file_names: Some(named) }) => format!(
                "{program}: {plugin} {from} → {to}\n  the program file names {named}: name {to} there, \
                 or the next revision of it moves it again"
            ),
            Ok(Moved { to, .. }) => format!("{program}: {plugin} {to} already"),
            Err(error) => {
                let code = error.code();
                let said = format!("{program}: not moved: {error} [{}]", code.as_str());
                match code {
                    // The message says what to do about the program file.
                    Code::InvalidInput | Code::ConfigInvalid => said,
                    _ => format!("{said}\n  {}", code.help()),
                }
            }
        }
    }

    fn row(&self) -> Value {
        match &self.moved {
            Ok(Moved { from, to, is_new, .. }) => {
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
