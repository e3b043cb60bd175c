//! `perennial import balances`: what members had in another system, in batches. The reference is the
//! idempotency key, so an interrupted import is completed by running it again.
//!
//! The rows come in the order of time, so that a tier is reached when it was. Timers wait until the
//! import is through, and then see all of it; a sandbox's test clock stays where it is.

use super::patience::patiently;
use super::summary::Summary;
use super::tally::{Tally, is_not_the_rows};
use crate::cli::ImportFile;
use crate::commands::bar;
use crate::config::Settings;
use crate::import::balances::{Balance, BalanceLayout, BalanceMapping};
use crate::import::{Groups, Mapping, Opened};
use crate::platform;
use perennial_core::ledger::OPENINGS_MAX;
use perennial_core::timers::Hold;
use perennial_core::{Actor, Loyalty};
use std::process::ExitCode;

/// An import in progress.
struct Running<'a> {
    loyalty: &'a Loyalty,
    actor: Actor,
    groups: Groups<BalanceLayout>,
    tally: Tally,
    batch: Vec<Balance>,
    /// On the program's timers. An import that fails leaves it to end by itself, so that the import
    /// can be completed before anything fires.
    hold: Hold,
}

pub(super) async fn run(
    settings: &Settings,
    args: ImportFile,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let mapping = BalanceMapping::load_or_default(args.mapping.as_deref())?;
    let loyalty = platform::open(settings).await?;
    let (program, actor) = platform::program(&loyalty, &args.program).await?;
    let opened = Opened::open(&args.file, &mapping)?;
    let reading = bar::of_bytes(opened.size());
    let zone = program.definition.zone.clone();
    let layout =
        |shape, header: Option<&[String]>| BalanceLayout::new(&mapping, zone, shape, header);
    let groups = opened.groups(layout, &|bytes| reading.set_position(bytes))?;
    reading.finish_and_clear();
    let running = Running {
        hold: loyalty.timers().hold(&actor).await?,
        loyalty: &loyalty,
        actor,
        tally: Tally::new(groups.error_file()),
        groups,
        batch: Vec::with_capacity(OPENINGS_MAX),
    };
    Ok(running.finish().await?.report(as_json, ""))
}

impl Running<'_> {
    async fn finish(mut self) -> anyhow::Result<Summary> {
        let bar = bar::of_rows("importing", self.groups.row_count());
        while let Some(group) = self.groups.next()? {
            bar.inc(group.row_count());
            let is_rest = group.is_rest;
            match Balance::of(group, self.groups.layout()) {
                Ok(balance) => self.batch.push(balance),
                Err(errors) => self.tally.refuse(&mut self.groups, &errors, is_rest)?,
            }
            if self.batch.len() >= OPENINGS_MAX {
                self.flush().await?;
            }
        }
        self.flush().await?;
        self.loyalty.timers().release(self.hold).await?;
        bar.finish_and_clear();
        let (summary, balances) = self.tally.finish()?;
        Ok(Summary { balances: Some(balances), ..summary })
    }

    async fn flush(&mut self) -> anyhow::Result<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        self.loyalty.timers().extend(&mut self.hold).await?;
        let openings: Vec<_> = self.batch.iter().map(|balance| balance.opening().clone()).collect();
        let (ledger, actor) = (self.loyalty.ledger(), &self.actor);
        let opened = patiently(|| ledger.open_many(actor, &openings)).await?;
        for (balance, opened) in self.batch.drain(..).zip(opened) {
            match opened {
                Ok(opened) => {
                    self.tally.take(balance.row_count(), balance.repeated_count(), opened.is_new);
                }
                // Not the row's fault: the import stops, and running it again completes it.
                Err(error) if is_not_the_rows(&error) => return Err(error.into()),
                Err(error) => {
                    let errors = balance.refused(&error, self.groups.layout());
                    self.tally.refuse(&mut self.groups, &errors, false)?;
                }
            }
        }
        self.tally.log();
        Ok(())
    }
}
