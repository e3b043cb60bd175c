//! `perennial program`.

use crate::cli::ProgramCommand;
use crate::config::Settings;
use crate::{output, platform};
use anyhow::Context;
use perennial_core::Code;
use perennial_core::programs::{Applying, Listed, Revision};
use serde_json::json;
use similar::TextDiff;
use std::path::Path;
use std::process::ExitCode;

/// Who applies files by this command.
const ACTOR: &str = "command line";
/// Unchanged lines shown around a change.
const CONTEXT_LINES: usize = 3;

pub(super) async fn run(
    settings: &Settings,
    command: ProgramCommand,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    match command {
        ProgramCommand::Apply { file, rollback, expect } => {
            apply(settings, &file, (&rollback, expect), as_json).await?;
        }
        ProgramCommand::Diff { file } => return diff(settings, &file, as_json).await,
        ProgramCommand::List => list(settings, as_json).await?,
        ProgramCommand::History { program } => history(settings, &program, as_json).await?,
        ProgramCommand::Show { program, revision } => {
            show(settings, &program, revision, as_json).await?;
        }
        ProgramCommand::Rollback { program, revision, rollback, expect } => {
            roll_back(settings, (&program, revision), (&rollback, expect), as_json).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn apply(
    settings: &Settings,
    file: &Path,
    (back, expected): (&[String], Option<u32>),
    as_json: bool,
) -> anyhow::Result<()> {
    let source = read(file)?;
    let loyalty = platform::open(settings).await?;
    let applying = Applying { source: &source, actor: ACTOR, back, expected };
    let applied = loyalty.programs().apply_so(applying).await;
    let applied = applied.map_err(|error| of_file(file, error))?;
    let answer = json!({ "revision": applied.revision, "changed": applied.is_new });
    output::result(as_json, &answer, || match applied.is_new {
        true => format!("{} is in force as revision {}", file.display(), applied.revision),
        false => {
            format!("{} was already in force, as revision {}", file.display(), applied.revision)
        }
    });
    Ok(())
}

/// Exits with 1 when applying the file would be refused.
async fn diff(settings: &Settings, file: &Path, as_json: bool) -> anyhow::Result<ExitCode> {
    let source = read(file)?;
    let loyalty = platform::open(settings).await?;
    let preview = loyalty.programs().preview(&source).await;
    let preview = preview.map_err(|error| of_file(file, error))?;
    let in_force = preview.before.unwrap_or_default();
    let diff = TextDiff::from_lines(in_force.as_str(), source.as_str());
    let mut unified = diff.unified_diff();
    let text = unified
        .context_radius(CONTEXT_LINES)
        .header("in force", &file.display().to_string())
        .to_string();
    let refused = preview.refused;
    let exit = if refused.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    let answer = json!({
        "changed": in_force != source,
        "diff": text,
        "notes": preview.notes,
        "refused": refused.as_ref().map(|error| {
            json!({ "code": error.code().as_str(), "message": error.to_string() })
        }),
    });
    output::result(as_json, &answer, || {
        let diff = if text.is_empty() { "no difference" } else { text.trim_end() };
        let mut lines = vec![diff.to_owned()];
        lines.extend(preview.notes);
        lines.extend(
            refused.map(|error| {
                format!("applying this is refused: {error} [{}]", error.code().as_str())
            }),
        );
        lines.join("\n")
    });
    Ok(exit)
}

async fn list(settings: &Settings, as_json: bool) -> anyhow::Result<()> {
    let loyalty = platform::open(settings).await?;
    let mut rows = Vec::new();
    for Listed { slug, program } in loyalty.programs().list().await? {
        rows.push(match program {
            Ok(program) => json!({
                "program": slug,
                "revision": program.revision,
                "sandbox": program.definition.is_sandbox,
                "now": program.now,
            }),
            Err(error) => json!({
                "program": slug,
                "unusable": error.detail().unwrap_or_else(|| error.to_string()),
            }),
        });
    }
    output::result(as_json, &rows, || {
        let line = |row: &serde_json::Value| {
            if let Some(why) = row["unusable"].as_str() {
                let slug = row["program"].as_str().unwrap_or_default();
                return format!("{slug:<20} cannot be used: {why}");
            }
            let kind = if row["sandbox"] == true { "sandbox" } else { "live" };
            let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            format!(
                "{:<20} revision {:<4} {kind:<8} {}",
                text("program"),
                row["revision"],
                text("now")
            )
        };
        rows.iter().map(line).collect::<Vec<_>>().join("\n")
    });
    Ok(())
}

async fn history(settings: &Settings, program: &str, as_json: bool) -> anyhow::Result<()> {
    let loyalty = platform::open(settings).await?;
    let revisions = loyalty.programs().revisions(program).await?;
    let row = |revision: &Revision| {
        json!({
            "revision": revision.number,
            "appliedAt": revision.applied_at,
            "appliedBy": revision.actor,
            "inForce": revision.is_in_force,
        })
    };
    let rows: Vec<_> = revisions.iter().map(row).collect();
    output::result(as_json, &rows, || {
        let line = |revision: &Revision| {
            let Revision { number, applied_at, actor, .. } = revision;
            let in_force = if revision.is_in_force { " (in force)" } else { "" };
            format!("{number:>4}  {applied_at}  {actor}{in_force}")
        };
        revisions.iter().map(line).collect::<Vec<_>>().join("\n")
    });
    Ok(())
}

async fn show(
    settings: &Settings,
    program: &str,
    revision: Option<u32>,
    as_json: bool,
) -> anyhow::Result<()> {
    let loyalty = platform::open(settings).await?;
    let source = loyalty.programs().source(program, revision).await?;
    output::result(as_json, &json!({ "source": source }), || source.trim_end().to_owned());
    Ok(())
}

async fn roll_back(
    settings: &Settings,
    (program, revision): (&str, u32),
    (back, expected): (&[String], Option<u32>),
    as_json: bool,
) -> anyhow::Result<()> {
    let loyalty = platform::open(settings).await?;
    let applying = Applying { actor: ACTOR, back, expected, ..Applying::default() };
    let applied = loyalty.programs().roll_back(program, revision, applying).await?;
    let answer = json!({ "revision": applied.revision, "changed": applied.is_new });
    output::result(as_json, &answer, || match applied.is_new {
        true => {
            format!("{program}: revision {revision} is in force again, as {}", applied.revision)
        }
        false => format!("{program}: what revision {revision} says is in force already"),
    });
    Ok(())
}

/// An error about a file; of one that is wrong each mistake is a line that names the file.
fn of_file(file: &Path, error: perennial_core::Error) -> anyhow::Error {
    let file = file.display();
    if error.code() != Code::ProgramFileInvalid || error.field().is_some() {
        return anyhow::Error::new(error).context(file.to_string());
    }
    let lines: Vec<_> = error.message().lines().map(|line| format!("{file}: {line}")).collect();
    perennial_core::Error::new(error.code(), lines.join("\n")).into()
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}
