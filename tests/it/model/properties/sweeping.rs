//! When points expire and holds end does not depend on whoever sweeps.

use crate::model::history::{self, History};
use crate::model::world::{Sweeping, World};
use crate::support::{Backend, TestApp, on_both_databases};

on_both_databases!(expiry_is_the_same_whether_nobody_sweeps_or_five_times_or_in_time);

/// The same history three times, each beside a reference of its own; in the end the statements are
/// the same, too.
async fn expiry_is_the_same_whether_nobody_sweeps_or_five_times_or_in_time(backend: Backend) {
    history::all(1, History::any(40), async |history| {
        for sweeping in [Sweeping::Late(0), Sweeping::Late(5), Sweeping::InTime] {
            let app = TestApp::idle(backend).await;
            let mut world = World::open(&app, "model", &history.terms, sweeping).await;
            world.live(&history).await;
        }
    });
}
