//! What becomes of a purchase about which a plugin was not heard: it ends, or is tried again.

use super::effect::Gave;
use crate::context::Context;
use crate::db::{Writes, id, row};
use crate::operation::Operation;
use crate::plugins::Missed;
use crate::purchases::{Outcome, cuts_of, due_at, fault_of};
use crate::{Code, Error, Points, ProgramId, PurchaseId, Result, Timestamp, TransactionId};
use sea_orm::FromQueryResult;
use serde_json::Value;

row! {
    struct EndedRow {
        purchase_id: PurchaseId,
        plugin_id: String,
        ended_at: Timestamp,
        outcome: &'static str,
        points: Points,
        transaction_id: Option<TransactionId>,
        cuts: Option<Value>,
    }
}

row! {
    struct AgainRow {
        purchase_id: PurchaseId,
        plugin_id: String,
        because: &'static str,
        fault: Option<Value>,
        due_at: Option<Timestamp>,
        attempts: i32,
    }
}

row! {
    struct MissedKey {
        purchase_id: PurchaseId,
        plugin_id: String,
    }
}

const REAPPRAISE: &str = "
    UPDATE missed_appraisals
    SET due_at = 0, attempts = 0
    FROM {rows} AS r
    WHERE missed_appraisals.program_id = $1
        AND missed_appraisals.purchase_id = r.purchase_id
        AND missed_appraisals.plugin_id = r.plugin_id AND missed_appraisals.ended_at IS NULL";
const END: &str = "
    UPDATE missed_appraisals
    SET ended_at = r.ended_at, outcome = r.outcome, points = r.points,
        transaction_id = r.transaction_id, cuts = r.cuts, due_at = NULL, fault = NULL
    FROM {rows} AS r
    WHERE missed_appraisals.program_id = $1
        AND missed_appraisals.purchase_id = r.purchase_id
        AND missed_appraisals.plugin_id = r.plugin_id AND missed_appraisals.ended_at IS NULL";
const AGAIN: &str = "
    UPDATE missed_appraisals
    SET because = r.because, fault = r.fault, due_at = r.due_at, attempts = r.attempts
    FROM {rows} AS r
    WHERE missed_appraisals.program_id = $1
        AND missed_appraisals.purchase_id = r.purchase_id
        AND missed_appraisals.plugin_id = r.plugin_id AND missed_appraisals.ended_at IS NULL";

/// That a plugin was not heard again.
pub(super) fn again(
    operation: &mut Operation<'_>,
    purchase: PurchaseId,
    (missed, attempts): (&Missed, i32),
) -> Result<()> {
    let now = operation.recorded_at();
    let row = AgainRow {
        purchase_id: purchase,
        plugin_id: missed.plugin.id.clone(),
        because: missed.because.as_str(),
        fault: fault_of(missed)?,
        due_at: due_at(missed.because, attempts, now),
        attempts,
    };
    operation.run(AGAIN, &row);
    Ok(())
}

/// What came of it, and what it gave.
pub(super) fn end(
    operation: &mut Operation<'_>,
    (purchase, plugin): (PurchaseId, &str),
    outcome: Outcome,
    gave: &Gave,
) -> Result<()> {
    let row = EndedRow {
        purchase_id: purchase,
        plugin_id: plugin.to_owned(),
        ended_at: operation.recorded_at(),
        outcome: outcome.as_str(),
        points: gave.points,
        transaction_id: gave.transaction,
        cuts: cuts_of(&gave.cuts)?,
    };
    operation.run(END, &row);
    Ok(())
}

pub(super) async fn retry(
    context: &Context,
    program: ProgramId,
    plugin: &str,
    purchase: PurchaseId,
) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Found {
        is_open: i32,
    }
    const OPEN: &str = "
        SELECT CASE WHEN ended_at IS NULL THEN 1 ELSE 0 END AS is_open
        FROM missed_appraisals
        WHERE program_id = $1 AND purchase_id = $2 AND plugin_id = $3";
    let db = &context.db;
    let statement = db.sql(OPEN, [id(program), id(purchase), plugin.into()]);
    let found = Found::find_by_statement(statement).one(db.read()).await?;
    if found.is_none_or(|found| found.is_open != 1) {
        let why = format!("no word of the plugin `{plugin}` is missing about this purchase");
        return Err(Error::new(Code::AppraisalNotMissed, why).at("purchaseId"));
    }
    let mut writes = Writes::to(program);
    writes.run(REAPPRAISE, &MissedKey { purchase_id: purchase, plugin_id: plugin.to_owned() });
    db.commit(writes).await.map_err(Error::from)
}
