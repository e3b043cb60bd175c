//! Verifying: what a program recorded, recomputed from its rows, in one snapshot of a database that
//! may be served meanwhile.
//!
//! One walk along the journal reads every row that it names, a few parts at a time: it recomputes the
//! seals' digests, sees that there is a row for each item and a place for each row, and follows what
//! each wallet held. Beside it tables are read as wholes, and entries, lots and wallets added up as
//! hashes; where a sum is not what it has to be, a statement names the row. Memory is bounded by a
//! few parts, and by a million wallets and a million accounts at a time.
//! `docs/decisions/0033-verifying-reads-ranges-and-adds-up.md` has the reasons.
//!
//! It finds what is wrong, and changes nothing. Of what it cannot find, such as a last seal that was
//! cut off, `docs/decisions/0020-what-is-sealed.md` tells.

mod asked;
mod balances;
mod belonging;
mod cards;
mod chain;
mod earned;
mod erased;
mod listed;
mod looked;
mod pending;
mod program;
mod reading;
mod recorded;
mod referrals;
mod report;
mod spent;
mod statistics;
mod sums;
mod told;
mod totals;
mod voided;
mod walk;

pub use report::{Chain, Check, Fault, Progress, SealName, Verified, VerifiedProgram};

use crate::context::Context;
use crate::db::{Database, Snapshot};
use crate::signing::KnownKeys;
use crate::{Code, Error, Id, Loyalty, ProgramId, Result};
use reading::Readers;
use sea_orm::Value;
use std::num::NonZero;
use std::thread::available_parallelism;
use sums::Comparing;

/// Is told how far a verification is.
pub type Watch<'w> = &'w (dyn Fn(Progress) + Send + Sync);

/// What is to be verified.
#[derive(Clone, Copy)]
pub struct Request<'r> {
    /// The slug of one program; all of them without it.
    pub program: Option<&'r str>,
    /// A seal that somebody kept outside, of that program.
    pub kept: Option<&'r SealName>,
    pub keys: &'r dyn KnownKeys,
    pub watch: Watch<'r>,
}

/// A program as it is verified.
struct Subject {
    id: ProgramId,
    slug: String,
    source: Option<String>,
    is_settling: bool,
    has_erased: bool,
    /// How many items there are in the programs before it, and in all of them.
    before: u64,
    of: u64,
}

/// The most faults of a check that a comparison with what can be rebuilt names.
const DIFFERENCES_MAX: u64 = 1_000;

/// How many connections read what the journal names: one more than there are cores, so that each has
/// something to do while another waits for the database.
const READERS_MIN: usize = 2;
const READERS_MAX: usize = 8;

const PROGRAMS: &str = "
    SELECT p.id, p.slug, r.source, p.settling_since,
        COALESCE((
            SELECT j.position + j.count - 1
            FROM journal AS j
            WHERE j.program_id = p.id AND j.position > 0
            ORDER BY j.position DESC
            LIMIT 1
        ), 0),
        CAST(EXISTS (SELECT 1 FROM erasures AS z WHERE z.program_id = p.id) AS INTEGER)
    FROM programs AS p
    LEFT JOIN program_revisions AS r ON r.program_id = p.id AND r.revision = p.revision
    ORDER BY p.slug";

/// Verifies programs: seals, journal, ledger, wallets, lots, statistics, tiers. Fails with
/// `PROGRAM_NOT_FOUND`, or when rows cannot be read; what is wrong with them is in the report.
pub async fn verify(loyalty: &Loyalty, request: &Request<'_>) -> Result<Verified> {
    let context = loyalty.context();
    let mut connections = Connections::open(&context.db).await?;
    let mut verified = Verified::default();
    for subject in subjects(&mut connections.main, request.program).await? {
        let (program, entries) =
            program::verify(context, &mut connections, &subject, request).await?;
        verified.entries += entries;
        verified.programs.push(program);
    }
    connections.close().await?;
    Ok(verified)
}

/// Connections that see one moment of the database.
struct Connections {
    /// Along the journal, and then what is asked of all of it.
    main: Snapshot,
    /// For tables, while the journal is read.
    beside: Snapshot,
    /// For what the journal names.
    readers: Readers,
}

impl Connections {
    async fn open(db: &Database) -> Result<Self> {
        let cores = available_parallelism().map_or(READERS_MIN, NonZero::get);
        let readers = (cores + 1).clamp(READERS_MIN, READERS_MAX);
        let mut all = Snapshot::open_many(db, 2 + readers).await?;
        let few = || Error::internal("fewer connections than were asked for");
        let (main, beside) = (all.pop().ok_or_else(few)?, all.pop().ok_or_else(few)?);
        for reader in &mut all {
            reader.by_key().await?;
        }
        Ok(Self { main, beside, readers: Readers::of(all) })
    }

    async fn close(self) -> Result<()> {
        self.main.close().await?;
        self.beside.close().await?;
        self.readers.close().await
    }
}

/// Compares wallets and lots with what entries, lot uses and lot returns make, and names up to a
/// thousand differences of each kind. Writes nothing. Fails with `PROGRAM_NOT_FOUND`.
pub async fn compare_derived(loyalty: &Loyalty, program: Option<&str>) -> Result<Verified> {
    let context: &Context = loyalty.context();
    let mut snapshot = Snapshot::open(&context.db).await?;
    snapshot.whole().await?;
    let mut verified = Verified::default();
    for subject in subjects(&mut snapshot, program).await? {
        verified.entries += sums::entries(&mut snapshot, &subject).await?;
        let comparing = Comparing { totals: None, faults_max: DIFFERENCES_MAX };
        verified.programs.push(VerifiedProgram {
            checks: sums::derived(&mut snapshot, &subject, comparing).await?,
            program: subject.slug,
            chain: Chain::default(),
            notes: Vec::new(),
        });
    }
    snapshot.close().await?;
    Ok(verified)
}

async fn subjects(snapshot: &mut Snapshot, slug: Option<&str>) -> Result<Vec<Subject>> {
    let mut subjects = Vec::new();
    let mut of: u64 = 0;
    for row in snapshot.rows(PROGRAMS, Vec::<Value>::new()).await? {
        let subject = Subject {
            id: ProgramId::from_uuid(row.try_get_by_index(0)?),
            slug: row.try_get_by_index(1)?,
            source: row.try_get_by_index(2)?,
            is_settling: row.try_get_by_index::<Option<i64>>(3)?.is_some(),
            has_erased: row.try_get_by_index::<i32>(5)? != 0,
            before: of,
            of: 0,
        };
        if slug.is_none_or(|slug| slug == subject.slug) {
            let items: i64 = row.try_get_by_index(4)?;
            of += items.unsigned_abs();
            subjects.push(subject);
        }
    }
    if let Some(slug) = slug.filter(|_| subjects.is_empty()) {
        let why = format!("there is no program `{slug}`");
        return Err(Error::new(Code::ProgramNotFound, why).at("program"));
    }
    for subject in &mut subjects {
        subject.of = of;
    }
    Ok(subjects)
}

impl std::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").field("program", &self.program).finish_non_exhaustive()
    }
}
