//! What the benchmarks of plugins ask of the platform: its worker's rounds, one at a time, and
//! timers that nobody had to set one by one.

use super::{Platform, SHOP};
use crate::db::TestDb;
use perennial_core::{Clock, worker};
use perennial_plugin_host::Host;
use sea_orm::ConnectionTrait;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A plugin that a program enables.
pub(crate) struct PluginOf {
    pub(crate) wasm: Vec<u8>,
    /// Its table in the program file.
    pub(crate) table: String,
}

/// A timer of `{plugin}` for each number below `{count}`, of the members in turn, from `{from}` on a
/// microsecond apart.
const TIMERS: &str = "
    INSERT INTO timers (program_id, id, plugin_id, member_id, name, due_at, data)
    WITH m AS (
        SELECT program_id, id, ROW_NUMBER() OVER (ORDER BY id) - 1 AS place,
            COUNT(*) OVER () AS members
        FROM members
    )
    SELECT m.program_id, gen_random_uuid(), '{plugin}', m.id, '{name}-' || n, {from} + n,
        CAST('null' AS JSON)
    FROM m
    CROSS JOIN LATERAL generate_series(m.place, {count} - 1, m.members) AS n";
const DUE: &str = "SELECT COUNT(*) FROM timers WHERE name LIKE 'due-%'";
const ALL: &str = "SELECT COUNT(*) FROM timers";
const LONG: Duration = Duration::from_hours(24 * 365);

impl Platform {
    /// Serves the shop with plugins, without members and without a worker: what waits is done when a
    /// benchmark says so.
    pub(crate) async fn with_plugins(db: TestDb, host: &Arc<Host>, plugins: &[PluginOf]) -> Self {
        Self::serve(db, Arc::clone(host), SHOP, plugins).await
    }

    /// Lets plugins receive everything that waits; returns how long that took.
    pub(crate) async fn dispatch(&self) -> Duration {
        let start = Instant::now();
        while self.round().await > 0 {}
        let took = start.elapsed();
        self.drain(Duration::ZERO).await.expect("nothing waits any more");
        took
    }

    /// One round of the worker; returns how long it took.
    pub(crate) async fn turn(&self) -> Duration {
        let start = Instant::now();
        self.round().await;
        start.elapsed()
    }

    async fn round(&self) -> usize {
        worker::round(&self.loyalty).await.expect("a round")
    }

    /// Pauses a plugin and sets timers of it on PostgreSQL, so many that are due and so many that are
    /// due in a year.
    pub(crate) async fn set_timers(&self, plugin: &str, due: usize, later: usize) {
        self.loyalty.plugins().pause(&self.actor, plugin).await.expect("a plugin");
        let now = Clock.now();
        for (name, count, from) in [("due", due, now.minus(LONG)), ("later", later, now.plus(LONG))]
        {
            if count == 0 {
                continue;
            }
            let sql = TIMERS
                .replace("{plugin}", plugin)
                .replace("{name}", name)
                .replace("{count}", &count.to_string())
                .replace("{from}", &from.microseconds().to_string());
            self.loyalty.db().write().execute_unprepared(&sql).await.expect("timers");
        }
        self.loyalty.db().write().execute_unprepared("ANALYZE timers").await.expect("statistics");
    }

    pub(crate) async fn timers_due(&self) -> usize {
        self.count(DUE).await
    }

    pub(crate) async fn timers(&self) -> usize {
        self.count(ALL).await
    }
}
