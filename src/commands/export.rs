//! `perennial export`: all that is kept about somebody.

use crate::cli::{ExportCommand, ExportMemberArgs};
use crate::config::Settings;
use crate::{output, platform};
use anyhow::Context;
use perennial_core::exports::Export;
use perennial_core::members::MemberRef;
use std::fs::{File, OpenOptions};
use std::io::{Write, stdout};
use std::path::Path;
use std::process::ExitCode;

pub(super) async fn run(settings: &Settings, command: ExportCommand) -> anyhow::Result<ExitCode> {
    let ExportCommand::Member(ExportMemberArgs { external_id, id, program, out }) = command;
    let member = match (id, external_id) {
        (Some(id), _) => MemberRef::Id(id),
        (None, external_id) => MemberRef::ExternalId(external_id.unwrap_or_default()),
    };
    let loyalty = platform::open(settings).await?;
    let (_, actor) = platform::program(&loyalty, &program).await?;
    let export = loyalty.exports().member(&actor, &member).await?;
    let Some(path) = out else {
        write(export, &mut stdout()).await?;
        return Ok(ExitCode::SUCCESS);
    };
    let shown = path.display().to_string();
    let mut file = create(&path).with_context(|| format!("cannot create {shown}"))?;
    let written = async {
        write(export, &mut file).await?;
        anyhow::Ok(file.sync_all()?)
    };
    if let Err(error) = written.await {
        // Half of it is nothing to be handed out.
        drop(std::fs::remove_file(&path));
        return Err(error.context(format!("cannot write {shown}")));
    }
    output::note(format!("wrote {shown}"));
    Ok(ExitCode::SUCCESS)
}

fn create(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

async fn write(mut export: Export, to: &mut impl Write) -> anyhow::Result<()> {
    while let Some(lines) = export.next().await {
        to.write_all(lines?.as_bytes())?;
    }
    Ok(to.flush()?)
}
