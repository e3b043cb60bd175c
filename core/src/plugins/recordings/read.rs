//! Reading what is recorded.

use crate::context::Context;
use crate::db::select::Select;
use crate::db::{id, limit};
use crate::hash::hex;
use crate::page::{Page, PageRequest};
use crate::plugins::plugins_with;
use crate::{Code, Error, EventId, MemberId, ProgramId, PurchaseId, Result, RunId, Timestamp};
use perennial_contract::recording::Recording;
use sea_orm::FromQueryResult;

/// A recorded call, without what was recorded.
#[derive(Clone, Debug, FromQueryResult)]
pub struct RecordedRun {
    pub id: RunId,
    pub plugin_id: String,
    pub member_id: MemberId,
    /// The event that was delivered, or the purchase that was appraised.
    pub event_id: Option<EventId>,
    pub purchase_id: Option<PurchaseId>,
    /// The event's name, or the purchase's reference.
    pub about: String,
    /// As the contract names it.
    pub hook: String,
    /// `OK`, or the kind of fault with which it ended or for which its answer was refused.
    pub outcome: String,
    digest: Vec<u8>,
    /// Actions or proposals of the answer.
    pub items: i64,
    /// None of a call that failed.
    pub fuel: Option<i64>,
    /// Whether it can be made again: it was not too long to be kept.
    pub is_whole: bool,
    pub recorded_at: Timestamp,
}

impl RecordedRun {
    /// SHA-256 of the component, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        hex(&self.digest)
    }
}

#[derive(FromQueryResult)]
struct DataRow {
    data: Option<String>,
}

const RUNS: &str = "
    SELECT run.id, run.plugin_id, run.member_id, run.event_id, run.purchase_id, run.about, run.hook,
        run.outcome, run.digest, run.items, run.fuel, run.data IS NOT NULL AS is_whole, run.recorded_at
    FROM plugin_recordings AS run
    WHERE run.program_id = $1 AND run.plugin_id = $2";
const DATA: &str = concat!(
    "SELECT run.data
    FROM (",
    plugins_with!("plugin_recordings"),
    ") AS q
    JOIN plugin_recordings AS run ON run.program_id = $1 AND run.plugin_id = q.plugin_id
        AND run.id = $2"
);

/// The recorded calls of a plugin, the newest first.
pub(in crate::plugins) async fn recorded_runs(
    context: &Context,
    program: ProgramId,
    plugin: &str,
    page: PageRequest<RunId>,
) -> Result<Page<RecordedRun>> {
    let db = &context.db;
    let values = [id(program), plugin.into(), limit(page.first.saturating_add(1))];
    let statement = Select::new(RUNS, values)
        .and("run.id < {}", page.after.map(id))
        .ending(db.read(), " ORDER BY run.id DESC LIMIT $3");
    let rows = RecordedRun::find_by_statement(statement).all(db.read()).await?;
    Ok(Page::of(rows, page.first))
}

/// A recorded call, whole. Fails with `RUN_NOT_FOUND`.
pub(in crate::plugins) async fn recording(
    context: &Context,
    program: ProgramId,
    run: RunId,
) -> Result<Recording> {
    let db = &context.db;
    let statement = db.sql(DATA, [id(program), id(run)]);
    let found = DataRow::find_by_statement(statement).one(db.read()).await?;
    let found = found.ok_or_else(|| gone("there is no recording of this run, or none any more"))?;
    let data = found.data.ok_or_else(|| gone("what this run was told is too long to be kept"))?;
    serde_json::from_str(&data).map_err(|error| Error::internal("a recording").caused_by(error))
}

fn gone(why: &str) -> Error {
    Error::new(Code::RunNotFound, why)
}
