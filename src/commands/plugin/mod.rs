//! `perennial plugin`.

mod approve;
mod backtest;
mod check;
mod install;
mod list;
mod moves;
mod new;
mod publisher;
mod queue;
mod recordings;
mod replay;
mod show;
mod test;

pub(crate) use install::{install_folder, waits};

use crate::cli::PluginCommand;
use crate::config::Settings;
use crate::{output, platform};
use anyhow::{Context, bail};
use perennial_contract::limits::COMPONENT_BYTES;
use perennial_plugin_host::{Built, build, pack};
use serde_json::{Value, json};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

/// Of a recording, and of a program file.
const TEXT_BYTES_MAX: usize = 16 << 20;

pub(super) async fn run(
    settings: &Settings,
    command: PluginCommand,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    match command {
        PluginCommand::New { id, path } => new::new(&id, path.as_deref(), as_json),
        PluginCommand::Build { path, out } => {
            let out = out.as_deref().unwrap_or(&settings.plugins);
            let built = build(&platform::host(settings)?, &path, out, None)?;
            made(&built, as_json);
            Ok(())
        }
        PluginCommand::Pack { file, folder, out } => {
            let out = out.as_deref().unwrap_or(&settings.plugins);
            let packed = pack(&platform::host(settings)?, &read(&file)?, &folder, out)
                .with_context(|| format!("cannot pack {}", file.display()))?;
            made(&[packed], as_json);
            Ok(())
        }
        PluginCommand::Test { path, component } => {
            return test::test(settings, &path, component.as_deref(), as_json).await;
        }
        PluginCommand::Key { file } => publisher::key(&file, as_json),
        PluginCommand::Sign { file, key } => publisher::sign(settings, &file, &key, as_json),
        PluginCommand::Check { file } => check::check(settings, &file, as_json).await,
        PluginCommand::Install { files, approve, upgrade } => {
            let also = install::Also { approve, upgrade };
            return install::install(settings, &files, also, as_json).await;
        }
        PluginCommand::Approve { plugin, version } => {
            approve::approve(settings, &plugin, &version, as_json).await
        }
        PluginCommand::Upgrade(args) => return moves::upgrade(settings, &args, as_json).await,
        PluginCommand::Rollback { of, to } => {
            return moves::rollback(settings, &of, to.as_deref(), as_json).await;
        }
        PluginCommand::List { program: Some(program) } => {
            list::of_program(settings, &program, as_json).await
        }
        PluginCommand::List { program: None } => list::of_platform(settings, as_json).await,
        PluginCommand::Show(of) => show::show(settings, &of, as_json).await,
        PluginCommand::Runs { of, first } => show::runs(settings, &of, first, as_json).await,
        PluginCommand::Recordings { of, first } => {
            recordings::recordings(settings, &of, first, as_json).await
        }
        PluginCommand::Backtest(args) => backtest::backtest(settings, &args, as_json).await,
        PluginCommand::Replay(args) => return replay::replay(settings, &args, as_json).await,
        PluginCommand::Pause(of) => queue::pause(settings, &of, as_json).await,
        PluginCommand::Resume(of) => queue::resume(settings, &of, as_json).await,
        PluginCommand::Retry(event) => queue::retry(settings, &event, as_json).await,
        PluginCommand::Skip { of, reason } => queue::skip(settings, &of, &reason, as_json).await,
        PluginCommand::Redeliver(event) => queue::redeliver(settings, &event, as_json).await,
        PluginCommand::Reappraise { of, purchase } => {
            queue::reappraise(settings, &of, &purchase, as_json).await
        }
        PluginCommand::Purge { of, yes } => queue::purge(settings, &of, yes, as_json).await,
    }?;
    Ok(ExitCode::SUCCESS)
}

/// Says which files there are now.
fn made(built: &[Built], as_json: bool) {
    let rows: Vec<Value> = built
        .iter()
        .map(|built| {
            json!({
                "id": built.id, "version": built.version, "path": built.path,
                "bytes": built.size, "digest": built.digest,
            })
        })
        .collect();
    output::result(as_json, &rows, || {
        let line = |built: &Built| {
            format!(
                "{} {} → {} ({} KB)",
                built.id,
                built.version,
                built.path.display(),
                built.size / 1024
            )
        };
        built.iter().map(line).collect::<Vec<_>>().join("\n")
    });
}

/// A component.
fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    read_up_to(COMPONENT_BYTES, file)
}

/// The text of a file of moderate size.
fn read_text(file: &Path) -> anyhow::Result<String> {
    let bytes = read_up_to(TEXT_BYTES_MAX, file)?;
    String::from_utf8(bytes).with_context(|| format!("{} is not text", file.display()))
}

fn read_up_to(most: usize, file: &Path) -> anyhow::Result<Vec<u8>> {
    let cannot = || format!("cannot read {}", file.display());
    let about = std::fs::metadata(file).with_context(cannot)?;
    if !about.is_file() {
        bail!("{} is not a file", file.display());
    }
    let most = most as u64;
    if about.len() > most {
        bail!("{} has {} bytes; at most {most} are read", file.display(), about.len());
    }
    // Whatever the file goes on to be, no more of it is read.
    let mut bytes = Vec::new();
    let opened = File::open(file).with_context(cannot)?;
    opened.take(most.saturating_add(1)).read_to_end(&mut bytes).with_context(cannot)?;
    Ok(bytes)
}
