//! `perennial import purchases`: streams rows into the platform, in batches. Every row counts once:
//! its reference is its idempotency key, so an interrupted import is completed by running it again.
//!
//! A sandbox's test clock follows the rows: they are recorded in the order of time, and what falls
//! due between two of them happens between them, as it would have.

use crate::cli::ImportPurchases;
use crate::config::Settings;
use crate::import::{ErrorFile, InOrder, Mapping, Outcome, Reader, Row};
use crate::{output, platform};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use perennial_core::members::{MemberRef, NewMember};
use perennial_core::programs::Program;
use perennial_core::purchases::{Cart, Line, NewPurchase};
use perennial_core::{Actor, Code, Error, Loyalty, Timestamp};
use serde::Serialize;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Purchases per transaction.
const BATCH: usize = 256;

/// What an import did.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    /// Rows read.
    pub(crate) rows: u64,
    /// Rows that an earlier import recorded.
    pub(crate) repeated: u64,
    pub(crate) recorded: u64,
    pub(crate) refused: u64,
    pub(crate) members_created: u64,
    /// Where the refused rows are, with line, column, code and reason.
    pub(crate) error_file: Option<PathBuf>,
}

/// An import that is about to run.
#[derive(Debug)]
pub(crate) struct Import<'a> {
    pub(crate) loyalty: &'a Loyalty,
    pub(crate) program: Program,
    pub(crate) actor: Actor,
    pub(crate) file: &'a Path,
    pub(crate) mapping: Mapping,
}

pub(super) async fn run(
    settings: &Settings,
    args: ImportPurchases,
    as_json: bool,
) -> anyhow::Result<()> {
    let mapping = args.mapping.as_deref().map(Mapping::load).transpose()?.unwrap_or_default();
    let loyalty = platform::open(settings).await?;
    let (program, actor) = platform::program(&loyalty, &args.program).await?;
    let import = Import { loyalty: &loyalty, program, actor, file: &args.file, mapping };
    let summary = import.run().await?;
    output::result(as_json, &summary, || summary.to_string());
    Ok(())
}

impl Import<'_> {
    pub(crate) async fn run(self) -> anyhow::Result<Summary> {
        let errors = ErrorFile::beside(self.file);
        if self.program.definition.is_sandbox {
            let rows = InOrder::open(self.file, &self.mapping, &self.program.definition.zone)?;
            let bar = bar(
                "{wide_bar} {human_pos}/{human_len} purchases, {eta} left",
                rows.row_count() as u64,
            );
            let counted = rows.inspect(|_| bar.inc(1));
            return Running::new(&self, errors, &bar).take(counted, true).await;
        }
        let mut rows = Reader::open(self.file, &self.mapping)?;
        // How many rows there are is not known without reading them; how many bytes is.
        let bar = bar("{wide_bar} {bytes}/{total_bytes}, {eta} left", rows.size());
        let counted = std::iter::from_fn(|| {
            let row = rows.next();
            bar.set_position(rows.position());
            row
        });
        Running::new(&self, errors, &bar).take(counted, false).await
    }
}

/// An import in progress.
struct Running<'a> {
    import: &'a Import<'a>,
    errors: ErrorFile,
    summary: Summary,
    bar: &'a ProgressBar,
    clock: Timestamp,
    batch: Vec<(Row, NewPurchase)>,
    known_members: HashSet<String>,
}

impl<'a> Running<'a> {
    fn new(import: &'a Import<'a>, errors: ErrorFile, bar: &'a ProgressBar) -> Self {
        Self {
            import,
            errors,
            summary: Summary::default(),
            bar,
            clock: import.program.now,
            batch: Vec::with_capacity(BATCH),
            known_members: HashSet::new(),
        }
    }

    async fn take(
        mut self,
        rows: impl Iterator<Item = perennial_core::Result<Outcome>>,
        clock_follows: bool,
    ) -> anyhow::Result<Summary> {
        for outcome in rows {
            self.summary.rows += 1;
            match outcome? {
                Ok(row) => self.row(row, clock_follows).await?,
                Err(wrong) => self.errors.write(&wrong)?,
            }
        }
        self.flush().await?;
        if clock_follows {
            self.import
                .loyalty
                .programs()
                .advance_test_clock(&self.import.actor, self.clock)
                .await?;
        }
        self.bar.finish_and_clear();
        self.summary.refused = self.errors.count();
        self.summary.error_file = self.errors.finish()?;
        Ok(self.summary)
    }

    async fn row(&mut self, row: Row, clock_follows: bool) -> anyhow::Result<()> {
        let (purchase, at) = match self.purchase(&row) {
            Ok(purchase) => purchase,
            Err(error) => return self.refuse(&row, &error),
        };
        if clock_follows && at > self.clock {
            self.flush().await?;
            let programs = self.import.loyalty.programs();
            self.clock = programs.advance_test_clock(&self.import.actor, at).await?;
        }
        self.batch.push((row, purchase));
        if self.batch.len() >= BATCH { self.flush().await } else { Ok(()) }
    }

    fn purchase(&self, row: &Row) -> perennial_core::Result<(NewPurchase, Timestamp)> {
        let definition = &self.import.program.definition;
        let at = row.when.instant(&definition.zone)?;
        let currency = row.currency.unwrap_or(definition.currency);
        let amount_minor = currency.minor_units(&row.amount).map_err(|error| error.at("amount"))?;
        let line = |sku: &String| Line {
            sku: sku.clone(),
            category: row.category.clone(),
            quantity: row.quantity,
            amount_minor,
        };
        let purchase = NewPurchase {
            member: MemberRef::ExternalId(row.member.clone()),
            reference: row.reference.clone(),
            purchased_at: Some(at),
            cart: Cart {
                currency: Some(currency),
                total_minor: Some(amount_minor),
                lines: row.sku.iter().map(line).collect(),
            },
        };
        Ok((purchase, at))
    }

    async fn flush(&mut self) -> anyhow::Result<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        if self.import.mapping.creates_members() {
            self.create_members().await?;
        }
        let (rows, purchases): (Vec<_>, Vec<_>) = self.batch.drain(..).unzip();
        let answers =
            self.import.loyalty.purchases().record_many(&self.import.actor, purchases).await?;
        for (row, answer) in rows.iter().zip(answers) {
            match answer {
                Ok(receipt) if receipt.is_new => self.summary.recorded += 1,
                Ok(_) => self.summary.repeated += 1,
                // Not the row's fault: the import stops, and running it again completes it.
                Err(error)
                    if matches!(
                        error.code(),
                        Code::Unavailable | Code::DatabaseUnusable | Code::Internal
                    ) =>
                {
                    return Err(error.into());
                }
                Err(error) => self.refuse(row, &error)?,
            }
        }
        Ok(())
    }

    async fn create_members(&mut self) -> anyhow::Result<()> {
        let unknown: HashSet<&String> = self
            .batch
            .iter()
            .map(|(row, _)| &row.member)
            .filter(|id| !self.known_members.contains(*id))
            .collect();
        let unknown: Vec<String> = unknown.into_iter().cloned().collect();
        let members = self.import.loyalty.members();
        let existing = members.existing(&self.import.actor, &unknown).await?;
        let new: Vec<_> = unknown
            .iter()
            .filter(|id| !existing.contains(*id))
            .map(|id| NewMember::unnamed(id))
            .collect();
        // The purchases of a member who cannot be created are refused, and say so.
        let created = members.create_many(&self.import.actor, new).await?;
        let count = created.iter().flatten().filter(|created| created.is_new).count();
        self.summary.members_created += count as u64;
        self.known_members.extend(unknown);
        Ok(())
    }

    fn refuse(&mut self, row: &Row, error: &Error) -> anyhow::Result<()> {
        Ok(self.errors.write(&row.refused(error))?)
    }
}

/// On a terminal only; elsewhere the summary is enough.
fn bar(template: &str, total: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} rows: {} recorded, {} already recorded, {} refused; {} members created",
            self.rows, self.recorded, self.repeated, self.refused, self.members_created
        )?;
        match &self.error_file {
            Some(path) => write!(f, "\nthe refused rows are in {}", path.display()),
            None => Ok(()),
        }
    }
}
