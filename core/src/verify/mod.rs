//! Verifying: what a program recorded, recomputed from its rows, in one snapshot of a database that
//! may be served meanwhile.
//!
//! One walk along the journal reads every row that it names: it recomputes the seals' digests, sees
//! that there is a row for each item and a place for each row, and follows what each wallet held.
//! Then the database itself adds up entries, lots, wallets and statistics, a statement each. Memory
//! is bounded by a few pages and by a million wallets at a time.
//!
//! It finds what is wrong, and changes nothing. Of what it cannot find, such as a last seal that was
//! cut off, `docs/decisions/0020-what-is-sealed.md` tells.

mod balances;
mod chain;
mod erased;
mod listed;
mod program;
mod reading;
mod recorded;
mod report;
mod statistics;
mod sums;
mod walk;

pub use report::{Chain, Check, Fault, Progress, SealName, Verified, VerifiedProgram};

use crate::context::Context;
use crate::db::Snapshot;
use crate::signing::KnownKeys;
use crate::{Code, Error, Id, Loyalty, ProgramId, Result};
use sea_orm::Value;

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
    /// How many items there are in the programs before it, and in all of them.
    before: u64,
    of: u64,
}

/// The most faults of a check that a comparison with what can be rebuilt names.
const DIFFERENCES_MAX: u64 = 1_000;

const PROGRAMS: &str = "
    SELECT p.id, p.slug, r.source, p.settling_since,
        COALESCE((
            SELECT j.position + j.count - 1
            FROM journal AS j
            WHERE j.program_id = p.id AND j.position > 0
            ORDER BY j.position DESC
            LIMIT 1
        ), 0)
    FROM programs AS p
    LEFT JOIN program_revisions AS r ON r.program_id = p.id AND r.revision = p.revision
    ORDER BY p.slug";

/// Verifies programs: seals, journal, ledger, wallets, lots, statistics, tiers. Fails with
/// `PROGRAM_NOT_FOUND`, or when rows cannot be read; what is wrong with them is in the report.
pub async fn verify(loyalty: &Loyalty, request: &Request<'_>) -> Result<Verified> {
    let context = loyalty.context();
    let mut snapshot = Snapshot::open(&context.db).await?;
    let mut verified = Verified::default();
    for subject in subjects(&mut snapshot, request.program).await? {
        let (program, entries) = program::verify(context, &mut snapshot, &subject, request).await?;
        verified.entries += entries;
        verified.programs.push(program);
    }
    snapshot.close().await?;
    Ok(verified)
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
        verified.programs.push(VerifiedProgram {
            checks: sums::derived(&mut snapshot, &subject, DIFFERENCES_MAX).await?,
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
