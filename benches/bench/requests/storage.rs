//! What a purchase of one line takes on disk permanently: its rows and indexes, its events, and what
//! plugins leave of them. The baseline is what is wanted, 2000 bytes; a note says which tables the
//! bytes are in.
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
use std::collections::BTreeMap;

const WANTED: f64 = 2000.0;
/// How many of the tables are named.
const NAMED: usize = 8;
const ON_POSTGRES: (&[&str], &str) = (
    &["VACUUM", "CHECKPOINT"],
    "SELECT relname::text AS name, pg_total_relation_size(relid) AS bytes FROM pg_stat_user_tables",
);
const ON_SQLITE: (&[&str], &str) = (
    &["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"],
    "SELECT s.tbl_name AS name, SUM(d.pgsize) AS bytes \
     FROM dbstat AS d JOIN sqlite_schema AS s ON s.name = d.name WHERE d.aggregate = TRUE GROUP BY s.tbl_name",
);

/// Bytes by table, with its indexes.
type Sizes = BTreeMap<String, i64>;

pub(crate) async fn measure(report: &mut Report, stage: &Stage) {
    settle(report, &stage.platform, PATIENCE).await;
    let before = sizes(&stage.platform.db.url).await;
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
    let after = sizes(&stage.platform.db.url).await;
    let grown = |(table, bytes): (&String, &i64)| {
        let grown = (bytes - before.get(table).unwrap_or(&0)).max(0);
        (
            number(usize::try_from(grown).expect("not negative")) / number(orders.len()),
            table.clone(),
        )
    };
    let mut tables: Vec<(f64, String)> = after.iter().map(grown).collect();
    tables.sort_by(|one, other| other.0.total_cmp(&one.0));
    let name = format!("storage.{}.purchase", stage.name);
    report.cost(name, "bytes", tables.iter().map(|(bytes, _)| bytes).sum(), WANTED);
    let shown = tables.iter().take(NAMED).map(|(bytes, table)| format!("{table} {bytes:.0}"));
    report.note(&format!("of these: {}", shown.collect::<Vec<_>>().join(", ")));
}

async fn sizes(url: &str) -> Sizes {
    let db = connect(url).await;
    let (cleaning, sizes) = match db.get_database_backend() {
        DbBackend::Postgres => ON_POSTGRES,
        _ => ON_SQLITE,
    };
    for step in cleaning {
        db.execute_unprepared(step).await.expect("a clean database");
    }
    let sizes = Statement::from_string(db.get_database_backend(), sizes);
    let rows = db.query_all_raw(sizes).await.expect("its sizes");
    let size = |row: &sea_orm::QueryResult| {
        let (name, bytes) = (row.try_get("", "name"), row.try_get("", "bytes"));
        (name.expect("a name"), bytes.expect("a number"))
    };
    let sizes = rows.iter().map(size).collect();
    db.close().await.expect("a closed connection");
    sizes
}
