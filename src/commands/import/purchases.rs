//! `perennial import purchases`: the orders of a file, in batches. Every order counts once: its
//! reference is its idempotency key, so an interrupted import is completed by running it again.
//!
//! A sandbox's test clock follows the orders: they are recorded in the order of time, and what falls
//! due between two of them happens between them, as it would have. A live program's timers wait
//! until the import is through, and then see all of it.

use super::patience::patiently;
use super::summary::Summary;
use super::tally::{Tally, is_not_the_rows};
use crate::cli::ImportFile;
use crate::commands::bar;
use crate::config::Settings;
use crate::import::purchases::{Order, PurchaseLayout, PurchaseMapping, Row, Terms};
use crate::import::{Group, Groups, Mapping, Opened};
use crate::platform;
use indicatif::ProgressBar;
use perennial_core::members::NewMember;
use perennial_core::programs::Program;
use perennial_core::purchases::NewPurchase;
use perennial_core::timers::Hold;
use perennial_core::{Actor, Loyalty, Timestamp};
use std::collections::HashSet;
use std::path::Path;
use std::process::ExitCode;

/// Purchases per transaction.
const BATCH: usize = 256;

/// How many members are remembered as existing, so that memory does not grow with the file.
const KNOWN_MEMBERS_MAX: usize = 100_000;

/// An import that is about to run.
#[derive(Debug)]
pub(crate) struct Import<'a> {
    pub(crate) loyalty: &'a Loyalty,
    pub(crate) program: Program,
    pub(crate) actor: Actor,
    pub(crate) file: &'a Path,
    pub(crate) mapping: PurchaseMapping,
}

pub(super) async fn run(
    settings: &Settings,
    args: ImportFile,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let mapping = PurchaseMapping::load_or_default(args.mapping.as_deref())?;
    let loyalty = platform::open(settings).await?;
    let (program, actor) = platform::program(&loyalty, &args.program).await?;
    let import = Import { loyalty: &loyalty, program, actor, file: &args.file, mapping };
    Ok(import.run().await?.report(as_json, ""))
}

impl Import<'_> {
    pub(crate) async fn run(self) -> anyhow::Result<Summary> {
        let groups = self.groups()?;
        let bar = bar::of_rows("importing", groups.row_count());
        let summary = Running::new(&self, groups, &bar).finish().await?;
        bar.finish_and_clear();
        Ok(summary)
    }

    fn groups(&self) -> anyhow::Result<Groups<PurchaseLayout>> {
        let definition = &self.program.definition;
        let terms = Terms {
            zone: definition.zone.clone(),
            currency: definition.currency,
            in_order_of_time: true,
        };
        let opened = Opened::open(self.file, &self.mapping)?;
        let bar = bar::of_bytes(opened.size());
        let layout = |shape, header: Option<&[String]>| {
            PurchaseLayout::new(&self.mapping, terms, shape, header)
        };
        let groups = opened.groups(layout, &|bytes| bar.set_position(bytes))?;
        bar.finish_and_clear();
        Ok(groups)
    }
}

/// An import in progress.
struct Running<'a> {
    import: &'a Import<'a>,
    groups: Groups<PurchaseLayout>,
    tally: Tally,
    bar: &'a ProgressBar,
    clock: Timestamp,
    batch: Vec<(Order, NewPurchase)>,
    known_members: HashSet<String>,
    members_created: u64,
    /// On the timers of a live program. An import that fails leaves it to end by itself, so that
    /// the import can be completed before anything fires.
    hold: Option<Hold>,
}

impl<'a> Running<'a> {
    fn new(import: &'a Import<'a>, groups: Groups<PurchaseLayout>, bar: &'a ProgressBar) -> Self {
        Self {
            import,
            tally: Tally::new(groups.error_file()),
            groups,
            bar,
            clock: import.program.now,
            batch: Vec::with_capacity(BATCH),
            known_members: HashSet::new(),
            members_created: 0,
            hold: None,
        }
    }

    async fn finish(mut self) -> anyhow::Result<Summary> {
        let timers = self.import.loyalty.timers();
        if !self.import.program.definition.is_sandbox {
            self.hold = Some(timers.hold(&self.import.actor).await?);
        }
        while let Some(group) = self.groups.next()? {
            self.bar.inc(group.row_count());
            self.group(group).await?;
        }
        self.flush().await?;
        if self.import.program.definition.is_sandbox {
            // What the last orders set off happens now, as that of the others did.
            let programs = self.import.loyalty.programs();
            programs.advance_test_clock(&self.import.actor, self.clock).await?;
        }
        if let Some(hold) = self.hold {
            timers.release(hold).await?;
        }
        let (summary, purchases) = self.tally.finish()?;
        let members_created = Some(self.members_created);
        Ok(Summary { purchases: Some(purchases), members_created, ..summary })
    }

    async fn group(&mut self, group: Group<Row>) -> anyhow::Result<()> {
        let is_rest = group.is_rest;
        let layout = self.groups.layout();
        let order = Order::of(group, layout)
            .and_then(|order| order.purchase(layout).map(|(purchase, at)| (order, purchase, at)));
        let (order, purchase, at) = match order {
            Ok(order) => order,
            Err(errors) => return Ok(self.tally.refuse(&mut self.groups, &errors, is_rest)?),
        };
        if self.import.program.definition.is_sandbox && at > self.clock {
            self.flush().await?;
            let programs = self.import.loyalty.programs();
            self.clock = programs.advance_test_clock(&self.import.actor, at).await?;
        }
        self.batch.push((order, purchase));
        if self.batch.len() >= BATCH { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> anyhow::Result<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        if self.import.mapping.create_members {
            self.create_members().await?;
        }
        let (orders, purchases): (Vec<_>, Vec<_>) = self.batch.drain(..).unzip();
        if let Some(hold) = &mut self.hold {
            self.import.loyalty.timers().extend(hold).await?;
        }
        let Import { loyalty, actor, .. } = self.import;
        let record = || loyalty.purchases().record_many(actor, purchases.clone());
        let receipts = patiently(record).await?;
        for (order, receipt) in orders.iter().zip(receipts) {
            match receipt {
                Ok(receipt) => {
                    self.tally.take(order.row_count(), order.repeated_count(), receipt.is_new);
                }
                // Not the row's fault: the import stops, and running it again completes it.
                Err(error) if is_not_the_rows(&error) => {
                    return Err(error.into());
                }
                Err(error) => {
                    let errors = order.refused(&error, self.groups.layout());
                    self.tally.refuse(&mut self.groups, &errors, false)?;
                }
            }
        }
        self.tally.log();
        Ok(())
    }

    async fn create_members(&mut self) -> anyhow::Result<()> {
        let members = self.batch.iter().map(|(order, _)| order.member());
        let unknown: HashSet<&str> =
            members.filter(|id| !self.known_members.contains(*id)).collect();
        let unknown: Vec<String> = unknown.into_iter().map(str::to_owned).collect();
        let members = self.import.loyalty.members();
        let existing = members.existing(&self.import.actor, &unknown).await?;
        let new: Vec<_> = unknown
            .iter()
            .filter(|id| !existing.contains(*id))
            .map(|id| NewMember::unnamed(id))
            .collect();
        // The purchases of a member who cannot be created are refused, and say so.
        let created = members.create_many(&self.import.actor, new).await?;
        self.members_created += created.iter().flatten().filter(|one| one.is_new).count() as u64;
        if self.known_members.len() + unknown.len() > KNOWN_MEMBERS_MAX {
            self.known_members.clear();
        }
        self.known_members.extend(unknown);
        Ok(())
    }
}
