//! `perennial plugin replay`.

use super::read;
use crate::cli::ReplayArgs;
use crate::config::Settings;
use crate::{output, platform};
use anyhow::{Context, Result, bail};
use perennial_core::plugins::{Component, Ended, Recording, Replayed, Runtime, replay as again};
use perennial_core::{Loyalty, RunId, sha256_hex};
use perennial_plugin_host::Host;
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// What is to be made again, and by whom.
struct Asked {
    recording: Recording,
    component: Component,
    host: Arc<Host>,
}

pub(super) async fn replay(
    settings: &Settings,
    args: &ReplayArgs,
    as_json: bool,
) -> Result<ExitCode> {
    let Asked { recording, component, host } = match &args.program {
        Some(program) => of_program(settings, program, args).await?,
        None => of_file(settings, args)?,
    };
    if let Some(file) = &args.save {
        save(&recording, file)?;
    }
    let Replayed { ended, differences } = again(&*host, &component, &recording).await;
    let answer = json!({
        "recording": recording, "digest": component.digest, "ended": ended,
        "differences": differences,
    });
    output::result(as_json, &answer, || shown(&recording, &component, &ended, &differences));
    let ours = env!("CARGO_PKG_VERSION");
    if !differences.is_empty() && recording.platform != ours {
        let theirs = &recording.platform;
        output::note(format!(
            "the call was made by version {theirs} of the platform; this is {ours}"
        ));
    }
    Ok(if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn of_program(settings: &Settings, program: &str, args: &ReplayArgs) -> Result<Asked> {
    let run: RunId = args.run.parse().context("a file is replayed without `--program`")?;
    let loyalty = platform::open(settings).await?;
    let (_, actor) = platform::program(&loyalty, program).await?;
    let recording = loyalty.plugins().recording(&actor, run).await?;
    let host = Arc::new(platform::host(settings)?);
    let component = match &args.component {
        Some(file) => component(&host, file)?,
        None => installed(&loyalty, &recording).await?,
    };
    Ok(Asked { recording, component, host })
}

fn of_file(settings: &Settings, args: &ReplayArgs) -> Result<Asked> {
    if args.run.parse::<RunId>().is_ok() {
        bail!("say whose run `{}` is: `--program`", args.run);
    }
    let Some(file) = &args.component else {
        bail!("say who makes the call: `--component`, with the .wasm file");
    };
    let cannot = || format!("cannot read {}", args.run);
    let text = std::fs::read_to_string(&args.run).with_context(cannot)?;
    let recording = serde_json::from_str(&text)
        .with_context(|| format!("{} is not a recording that `--save` has written", args.run))?;
    let host = Arc::new(platform::host(settings)?);
    let component = component(&host, file)?;
    Ok(Asked { recording, component, host })
}

async fn installed(loyalty: &Loyalty, recording: &Recording) -> Result<Component> {
    let Recording { plugin, version, digest, .. } = recording;
    let missing = || format!("{plugin} {version} is not installed any more: use `--component`");
    loyalty.plugins().component(digest).await.with_context(missing)
}

pub(super) fn component(host: &Host, file: &Path) -> Result<Component> {
    let wasm = read(file)?;
    let manifest = Arc::new(host.inspect(&wasm)?.manifest);
    Ok(Component { digest: sha256_hex(&wasm), manifest, wasm: wasm.into() })
}

fn save(recording: &Recording, file: &Path) -> Result<()> {
    let text = serde_json::to_string_pretty(recording).context("cannot write a recording")?;
    std::fs::write(file, text + "\n").with_context(|| format!("cannot write {}", file.display()))
}

fn shown(
    recording: &Recording,
    component: &Component,
    ended: &Ended,
    differences: &[String],
) -> String {
    let Recording { plugin, version, call, .. } = recording;
    let by = match component.digest == recording.digest {
        true => String::new(),
        false => format!(" by {} {}", component.manifest.id, component.manifest.version),
    };
    let mut lines = vec![format!("{plugin} {version}, {} {}{by}", call.hook(), call.about())];
    lines.push(match ended {
        Ended::Answered { answer, fuel, .. } => {
            format!("    answers with {}, {fuel} fuel", answer.counted())
        }
        Ended::Failed { kind, message, .. } => format!("    fails, {}: {message}", kind.name()),
    });
    lines.extend(ended.log().iter().map(|line| format!("    {line}")));
    match differences {
        [] => lines.push("the same as it was, to the bit".to_owned()),
        differences => {
            lines.push("not as it was:".to_owned());
            lines.extend(differences.iter().map(|one| format!("    {one}")));
        }
    }
    lines.join("\n")
}
