//! `perennial plugin replay`.

use super::{read, read_text};
use crate::cli::ReplayArgs;
use crate::config::Settings;
use crate::{output, platform};
use anyhow::{Context, Result, bail};
use perennial_core::plugins::{Component, Ended, Recording, Replayed, Runtime, replay as again};
use perennial_core::{Loyalty, RunId, sha256_hex};
use perennial_plugin_host::Host;
use serde_json::json;
use std::fs::OpenOptions;
use std::io::Write;
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
    if component.manifest.id != recording.plugin {
        let (its, plugin) = (&component.manifest.id, &recording.plugin);
        bail!("the component is the plugin `{its}`, and the recording one of `{plugin}`");
    }
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
    let text = read_text(Path::new(&args.run))?;
    let recording: Recording = serde_json::from_str(&text)
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
    let inspected = host.inspect(&wasm).with_context(|| file.display().to_string())?;
    let manifest = Arc::new(inspected.manifest);
    Ok(Component { digest: sha256_hex(&wasm), manifest, wasm: wasm.into() })
}

fn save(recording: &Recording, file: &Path) -> Result<()> {
    let text = serde_json::to_string_pretty(recording).context("cannot write a recording")?;
    // It holds what the plugin was told of a member.
    let cannot = || format!("cannot write {}", file.display());
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut saved = options.open(file).with_context(cannot)?;
    saved.write_all(text.as_bytes()).and_then(|()| saved.write_all(b"\n")).with_context(cannot)
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
    // A file may say anything, and a terminal does what it is told.
    let (version, about) = (version.escape_debug(), call.about().escape_debug());
    let mut lines = vec![format!("{plugin} {version}, {} {about}{by}", call.hook())];
    lines.push(match ended {
        Ended::Answered { answer, fuel, .. } => {
            format!("    answers with {}, {fuel} fuel", answer.counted())
        }
        Ended::Failed { kind, message, .. } => format!("    fails, {}: {message}", kind.name()),
    });
    lines.extend(ended.log().iter().map(|line| format!("    {line}")));
    if let Some(why) = &recording.refused {
        lines.push(format!("the answer was refused then: {}", why.escape_debug()));
    }
    match differences {
        [] => lines.push("the same as it was, to the bit".to_owned()),
        differences => {
            lines.push("not as it was:".to_owned());
            lines.extend(differences.iter().map(|one| format!("    {one}")));
        }
    }
    lines.join("\n")
}
