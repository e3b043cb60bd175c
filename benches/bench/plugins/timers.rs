//! Timers a second that are fired, where ten times as many are not due, beside as many where there
//! are no others; on PostgreSQL. The plugin is paused, so that nothing is called: firing is what is
//! measured.

use super::Timers;
use super::guests::{self, hello, subscribed};
use crate::db::{Backend, TestDb};
use crate::platform::{Platform, PluginOf};
use crate::report::{Report, rate};
use perennial_plugin_host::Host;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PLUGIN: &str = "waker";

pub(super) async fn measure(report: &mut Report, sizes: Timers) {
    let (host, start) = (Arc::new(guests::host()), Instant::now());
    let wasm = subscribed(&hello(&host), PLUGIN, &[]);
    let crowded = filled(&host, &wasm, sizes).await;
    let alone = filled(&host, &wasm, Timers { later: 0, ..sizes }).await;
    let took = start.elapsed().as_secs_f64();
    let Timers { members, due, later } = sizes;
    report.note(&format!(
        "{due} timers of {members} members are due, on one side {later} are not; filled in {took:.0} s"
    ));
    let (mut ours, mut theirs) = (Duration::ZERO, Duration::ZERO);
    while alone.timers_due().await > 0 {
        ours += crowded.turn().await;
        theirs += alone.turn().await;
    }
    assert_eq!((crowded.timers().await, alone.timers().await), (later, 0));
    report.rate("plugins.timers", "timers/s", rate(due, ours), rate(due, theirs));
}

async fn filled(host: &Arc<Host>, wasm: &[u8], sizes: Timers) -> Platform {
    let table = format!("[plugins.{PLUGIN}]\nwelcome_points = 50\n");
    let plugin = PluginOf { wasm: wasm.to_vec(), table };
    let db = TestDb::create(Backend::Postgres).await;
    let platform = Platform::with_plugins(db, host, &[plugin]).await;
    platform.enroll(0..sizes.members).await;
    platform.dispatch().await;
    platform.set_timers(PLUGIN, sizes.due, sizes.later).await;
    platform
}
