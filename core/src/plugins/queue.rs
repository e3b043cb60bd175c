//! The queue of deliveries: what each plugin has yet to hear of each member, in order.
//!
//! A claim leases the oldest waiting delivery of each plugin and member. A lease that ran out, because its node died, is
//! claimed again.

use crate::db::rows::{self, Field};
use crate::{EventId, Loyalty, MemberId, ProgramId, Result};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, FromQueryResult};
use serde_json::json;

/// Deliveries per claim.
const CLAIM_MAX: u64 = 64;
/// How long a claim stands, µs. Longer than a batch takes; a crashed node's deliveries are free again after it.
const LEASE_MICROSECONDS: i64 = 10_000_000;

/// An event that a plugin has yet to hear of.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Delivery {
    pub(super) plugin_id: String,
    pub(super) member_id: MemberId,
    pub(super) member_seq: i64,
    pub(super) event_id: EventId,
    /// How often the plugin failed with it.
    pub(super) attempts: i32,
}

/// Whether no delivery of an active plugin waits or is being worked on.
pub(crate) async fn is_idle(loyalty: &Loyalty, program: ProgramId) -> Result<bool> {
    const SELECT: &str = "SELECT d.plugin_id, d.member_id, d.member_seq, d.event_id, d.attempts \
         FROM program_plugins p JOIN deliveries d ON d.program_id = p.program_id AND d.plugin_id = p.plugin_id \
         WHERE p.program_id = $1 AND p.status = 'ACTIVE' LIMIT 1";
    let db = loyalty.db().read();
    let statement = rows::sql(db, SELECT, [rows::id(program)]);
    Ok(Delivery::find_by_statement(statement).one(db).await?.is_none())
}

/// Leases what can be delivered now.
pub(super) async fn claim(loyalty: &Loyalty, program: ProgramId) -> Result<Vec<Delivery>> {
    const CLAIM: &str = "UPDATE deliveries SET not_before = $1 \
         WHERE (program_id, plugin_id, member_id, member_seq) IN ( \
           SELECT d.program_id, d.plugin_id, d.member_id, d.member_seq FROM program_plugins p \
           JOIN deliveries d ON d.program_id = p.program_id AND d.plugin_id = p.plugin_id \
           WHERE p.program_id = $2 AND p.status = 'ACTIVE' AND d.not_before <= $3 AND NOT EXISTS ( \
             SELECT 1 FROM deliveries e WHERE e.program_id = d.program_id AND e.plugin_id = d.plugin_id \
             AND e.member_id = d.member_id AND e.member_seq < d.member_seq) \
           LIMIT $4{LOCK}) \
         RETURNING plugin_id, member_id, member_seq, event_id, attempts";
    let db = loyalty.db().write();
    let lock = match db.get_database_backend() {
        DbBackend::Postgres => " FOR UPDATE OF d SKIP LOCKED",
        _ => "",
    };
    let now = loyalty.now().microseconds();
    let values =
        [(now + LEASE_MICROSECONDS).into(), rows::id(program), now.into(), rows::limit(CLAIM_MAX)];
    let statement = rows::sql(db, &CLAIM.replace("{LOCK}", lock), values);
    Ok(Delivery::find_by_statement(statement).all(db).await?)
}

/// Gives deliveries back, as if they had not been claimed.
pub(super) async fn release(
    loyalty: &Loyalty,
    program: ProgramId,
    deliveries: &[Delivery],
) -> Result<()> {
    for delivery in deliveries {
        retry(loyalty, program, delivery, delivery.attempts, 0).await?;
    }
    Ok(())
}

/// Gives a delivery back, to be claimed from `not_before` on (µs since the epoch).
pub(super) async fn retry(
    loyalty: &Loyalty,
    program: ProgramId,
    delivery: &Delivery,
    attempts: i32,
    not_before: i64,
) -> Result<()> {
    const UPDATE: &str = "UPDATE deliveries SET attempts = $1, not_before = $2 \
         WHERE program_id = $3 AND plugin_id = $4 AND member_id = $5 AND member_seq = $6";
    let db = loyalty.db().write();
    let values = [
        attempts.into(),
        not_before.into(),
        rows::id(program),
        delivery.plugin_id.as_str().into(),
        rows::id(delivery.member_id),
        delivery.member_seq.into(),
    ];
    db.execute_raw(rows::sql(db, UPDATE, values)).await?;
    Ok(())
}

/// Takes finished deliveries out of the queue.
pub(super) async fn remove(
    tx: &DatabaseTransaction,
    program: ProgramId,
    finished: &[&Delivery],
) -> Result<()> {
    const KEY: &rows::Fields = &[
        ("program_id", Field::Id),
        ("plugin_id", Field::Text),
        ("member_id", Field::Id),
        ("member_seq", Field::Int),
    ];
    const DELETE: &str = "DELETE FROM deliveries WHERE (program_id, plugin_id, member_id, member_seq) IN \
         (SELECT program_id, plugin_id, member_id, member_seq FROM {rows} AS r)";
    let key = |delivery: &Delivery| {
        json!({
            "program_id": rows::hex_text(program),
            "plugin_id": delivery.plugin_id,
            "member_id": rows::hex_text(delivery.member_id),
            "member_seq": delivery.member_seq,
        })
    };
    let keys: Vec<_> = finished.iter().copied().map(key).collect();
    rows::execute(tx, DELETE, KEY, &keys).await.map(drop)
}
