//! How much longer a well-behaved plugin's slowest of a hundred calls takes while another loops
//! until its fuel is used up, and is called again, all the time: the 99th percentile beside the same
//! without the other.

use super::Sizes;
use super::guests::{bought, component, context, hello, hostile, joined, member};
use crate::report::{Report, paired_rounds};
use perennial_core::plugins::{Component, FaultKind, Known, Runtime};
use perennial_plugin_host::{Host, Limits};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// So many that it is fuel that ends a loop, and not the clock of a busy machine.
const TICKS: u32 = 1000;

/// A host with both plugins.
struct House {
    host: Host,
    good: Component,
    bad: Component,
}

pub(super) async fn measure(report: &mut Report, sizes: Sizes) {
    let host = Host::with_limits(Limits { ticks: TICKS, ..Limits::default() });
    let host = host.expect("a plugin host");
    let good = component(&host, hello(&host));
    let bad = component(&host, hostile(&host));
    let house = Arc::new(House { host, good, bad });
    house.call().await;
    house.loops().await;
    let (beside, alone) = paired_rounds(
        sizes.rounds,
        async |_| {
            let hostile = house.keep_looping();
            let tail = house.tail(sizes.calls).await;
            hostile.abort();
            // An instance that is let go in the middle is gone before the next has its turn.
            drop(hostile.await);
            tail
        },
        async |_| house.tail(sizes.calls).await,
    )
    .await;
    report.time("plugins.neighbour", beside, alone);
}

impl House {
    async fn call(&self) {
        let context = context(json!({ "welcome_points": 50 }));
        let known = Known::default();
        let run =
            self.host.on_event(&self.good, &context, Some(&member()), &joined(), &known).await;
        assert!(!run.expect("an answer").output.is_empty());
    }

    async fn loops(&self) {
        let context = context(json!({ "mode": "loop" }));
        let known = Known::default();
        let run = self.host.on_event(&self.bad, &context, Some(&member()), &bought(), &known).await;
        assert_eq!(run.expect_err("no answer").kind, FaultKind::OutOfFuel);
    }

    fn keep_looping(self: &Arc<Self>) -> JoinHandle<()> {
        let house = Arc::clone(self);
        tokio::spawn(async move {
            loop {
                house.loops().await;
            }
        })
    }

    /// The 99th percentile of calls, made by a task like any other.
    async fn tail(self: &Arc<Self>, calls: usize) -> Duration {
        let house = Arc::clone(self);
        let calling = tokio::spawn(async move {
            let mut times = Vec::with_capacity(calls);
            for _ in 0..calls {
                let asked = Instant::now();
                house.call().await;
                times.push(asked.elapsed());
            }
            times.sort_unstable();
            times[times.len() * 99 / 100]
        });
        calling.await.expect("calls")
    }
}
