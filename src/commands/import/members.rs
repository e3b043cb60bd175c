//! `perennial import members`: people, organizations and their contacts, in batches. The external id
//! is the idempotency key, so an interrupted import is completed by running it again.

use super::summary::Summary;
use super::tally::{Tally, is_not_the_rows};
use crate::cli::ImportFile;
use crate::commands::bar;
use crate::config::Settings;
use crate::import::members::{Joining, MemberLayout, MemberMapping};
use crate::import::{Groups, Mapping, Opened};
use crate::platform;
use perennial_core::members::NewMember;
use perennial_core::{Actor, Loyalty};
use std::path::Path;
use std::process::ExitCode;

/// Members per transaction.
const BATCH: usize = 256;

pub(super) async fn run(
    settings: &Settings,
    args: ImportFile,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let mapping = MemberMapping::load_or_default(args.mapping.as_deref())?;
    let loyalty = platform::open(settings).await?;
    let (_, actor) = platform::program(&loyalty, &args.program).await?;
    let summary = import(&loyalty, &actor, &args.file, &mapping).await?;
    Ok(summary.report(as_json, ""))
}

async fn import(
    loyalty: &Loyalty,
    actor: &Actor,
    file: &Path,
    mapping: &MemberMapping,
) -> anyhow::Result<Summary> {
    let opened = Opened::open(file, mapping)?;
    let reading = bar::of_bytes(opened.size());
    let layout = |shape, header: Option<&[String]>| MemberLayout::new(mapping, shape, header);
    let mut groups = opened.groups(layout, &|bytes| reading.set_position(bytes))?;
    reading.finish_and_clear();
    let bar = bar::of_rows("importing", groups.row_count());
    let mut tally = Tally::new(groups.error_file());
    let mut batch = Vec::with_capacity(BATCH);
    while let Some(group) = groups.next()? {
        bar.inc(group.row_count());
        let is_rest = group.is_rest;
        match Joining::of(group, groups.layout()) {
            Ok(joining) => batch.push((joining.member(), joining)),
            Err(errors) => tally.refuse(&mut groups, &errors, is_rest)?,
        }
        if batch.len() >= BATCH {
            flush(loyalty, actor, &mut batch, &mut groups, &mut tally).await?;
        }
    }
    flush(loyalty, actor, &mut batch, &mut groups, &mut tally).await?;
    bar.finish_and_clear();
    let (summary, members) = tally.finish()?;
    Ok(Summary { members: Some(members), ..summary })
}

async fn flush(
    loyalty: &Loyalty,
    actor: &Actor,
    batch: &mut Vec<(NewMember, Joining)>,
    groups: &mut Groups<MemberLayout>,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let (members, joining): (Vec<_>, Vec<_>) = batch.drain(..).unzip();
    let results = loyalty.members().create_many(actor, members).await?;
    for (joining, result) in joining.iter().zip(results) {
        match result {
            Ok(enrolled) => {
                tally.take(joining.row_count(), joining.repeated_count(), enrolled.is_new);
            }
            // Not the row's fault: the import stops, and running it again completes it.
            Err(error) if is_not_the_rows(&error) => {
                return Err(error.into());
            }
            Err(error) => {
                let errors = joining.refused(&error, groups.layout());
                tally.refuse(groups, &errors, false)?;
            }
        }
    }
    tally.log();
    Ok(())
}
