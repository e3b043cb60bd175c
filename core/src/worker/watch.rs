//! What an operator watches and no request shows: gauges, from one statement now and then.

use crate::Result;
use crate::context::Context;
use sea_orm::{ConnectionTrait, DbBackend};
use std::sync::Arc;
use std::time::Duration;

/// Prometheus asks about as often.
const INTERVAL: Duration = Duration::from_secs(15);
/// More waiting deliveries of a program are not counted: that many are bad enough.
const PROGRAMS: &str = "
    SELECT p.slug,
        (SELECT COUNT(*) FROM (
            SELECT 1 FROM deliveries AS d WHERE d.program_id = p.id LIMIT 100000
        ) AS q) + (SELECT COUNT(*) FROM (
            SELECT 1 FROM parked_deliveries AS b WHERE b.program_id = p.id LIMIT 100000
        ) AS w) AS waiting,
        (SELECT COUNT(*) FROM program_plugins AS e
            WHERE e.program_id = p.id AND e.status IN ('QUARANTINED', 'PROBING')) AS quarantined,
        (SELECT COUNT(*) FROM (
            SELECT 1 FROM parked_queues AS k WHERE k.program_id = p.id LIMIT 100000
        ) AS still) AS parked,
        (SELECT COUNT(*) FROM timer_holds AS h
            WHERE h.program_id = p.id AND h.until_at > $1) AS imports
    FROM programs AS p";
const SIZE_POSTGRES: &str = "SELECT pg_database_size(current_database())";
const SIZE_SQLITE: &str = "
    SELECT page_count * page_size FROM pragma_page_count() CROSS JOIN pragma_page_size()";

/// Keeps the gauges current, for as long as the worker runs.
pub(super) async fn watch(context: Arc<Context>) {
    loop {
        if let Err(error) = look(&context).await {
            tracing::warn!(detail = error.detail(), "the gauges of the database are not current");
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

async fn look(context: &Context) -> Result<()> {
    let db = &context.db;
    for row in db.read().query_all_raw(db.sql(PROGRAMS, [context.now().into()])).await? {
        let program: String = row.try_get_by_index(0)?;
        let gauge = |index| row.try_get_by_index::<i64>(index).map(as_gauge);
        metrics::gauge!("perennial_deliveries_waiting", "program" => program.clone())
            .set(gauge(1)?);
        metrics::gauge!("perennial_plugins_quarantined", "program" => program.clone())
            .set(gauge(2)?);
        metrics::gauge!("perennial_plugin_queues_parked", "program" => program.clone())
            .set(gauge(3)?);
        metrics::gauge!("perennial_imports_running", "program" => program).set(gauge(4)?);
    }
    let size = match db.backend() {
        DbBackend::Postgres => SIZE_POSTGRES,
        _ => SIZE_SQLITE,
    };
    for row in db.read().query_all_raw(db.sql(size, [])).await? {
        metrics::gauge!("perennial_database_bytes").set(as_gauge(row.try_get_by_index(0)?));
    }
    metrics::gauge!("perennial_database_connections_in_use").set(as_gauge(db.in_use()));
    Ok(())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge is a float, and 2^53 of anything is enough"
)]
fn as_gauge(number: i64) -> f64 {
    number as f64
}
