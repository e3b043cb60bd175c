//! What a purchase of one line takes on disk for ever: its rows and indexes, its events, and what
//! plugins leave of them. The baseline is what is wanted, 2000 bytes.
//!
//! Purchases are of members drawn at random, of whom most buy for the first time and so get a tier,
//! a state and a timer with it: later purchases take less. The database is cleaned before each
//! look, so that neither dead rows nor its log count.

use super::{PATIENCE, Stage, settle};
use crate::baseline::connect;
use crate::platform::Order;
use crate::random::Draw;
use crate::report::{Report, number};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

const WANTED: f64 = 2000.0;
const ON_POSTGRES: (&[&str], &str) = (
    &["VACUUM", "CHECKPOINT"],
    "SELECT SUM(pg_total_relation_size(relid))::bigint AS bytes FROM pg_stat_user_tables",
);
const ON_SQLITE: (&[&str], &str) = (
    &["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"],
    "SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()",
);

pub(crate) async fn measure(report: &mut Report, stage: &Stage) {
    settle(report, &stage.platform, PATIENCE).await;
    let before = size(&stage.platform.db.url).await;
    let mut draw = Draw::seeded(2);
    let order = |n| Order {
        member: draw.below(stage.sizes.members),
        reference: format!("stored-{n}"),
        has_line: true,
        days_ago: 0,
        amount_minor: 2599,
    };
    let orders: Vec<_> = (0..stage.sizes.stored).map(order).collect();
    stage.platform.record(&orders).await;
    settle(report, &stage.platform, PATIENCE).await;
    let grown = size(&stage.platform.db.url).await.saturating_sub(before);
    let grown = number(usize::try_from(grown).expect("purchases take room"));
    let name = format!("storage.{}.purchase", stage.name);
    report.cost(name, "bytes", grown / number(orders.len()), WANTED);
}

/// Of everything in the database, in bytes.
async fn size(url: &str) -> i64 {
    let db = connect(url).await;
    let (cleaning, size) = match db.get_database_backend() {
        DbBackend::Postgres => ON_POSTGRES,
        _ => ON_SQLITE,
    };
    for step in cleaning {
        db.execute_unprepared(step).await.expect("a clean database");
    }
    let size = Statement::from_string(db.get_database_backend(), size);
    let row = db.query_one_raw(size).await.expect("its size").expect("one row");
    let bytes = row.try_get("", "bytes").expect("a number");
    db.close().await.expect("a closed connection");
    bytes
}
