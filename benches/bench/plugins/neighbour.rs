//! How much longer a well-behaved plugin's slowest of a hundred calls takes while another loops
//! until its fuel is used up, and is called again, all the time: the 99th percentile beside the same
//! without the other. On a machine that is busy with other programs that is mostly how long the
//! thread waits for a processor, so it is noted without that wait too.

use super::Sizes;
use super::guests::{bought, component, context, hello, hostile, joined, member};
use crate::machine;
use crate::report::{Report, median, paired_rounds};
use perennial_core::plugins::{Component, FaultKind, Known, Runtime};
use perennial_plugin_host::{Host, Limits};
use serde_json::json;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// So many that it is fuel that ends a loop, and not the clock of a busy machine.
const TICKS: u32 = 1000;

/// 99th percentiles of calls.
struct Tail {
    all: Duration,
    /// Without what the thread waited for a processor, where the system says.
    own: Duration,
}

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
    let (mut own_beside, mut own_alone) = (Vec::new(), Vec::new());
    let (beside, alone) = paired_rounds(
        sizes.rounds,
        async |_| {
            let hostile = house.keep_looping();
            let tail = house.tail(sizes.calls).await;
            hostile.abort();
            // An instance that is let go in the middle is gone before the next has its turn.
            drop(hostile.await);
            own_beside.push(tail.own);
            tail.all
        },
        async |_| {
            let tail = house.tail(sizes.calls).await;
            own_alone.push(tail.own);
            tail.all
        },
    )
    .await;
    report.time("plugins.neighbour", beside, alone);
    let [beside, alone] = [own_beside, own_alone].map(|own| median(own).as_secs_f64() * 1e6);
    report.note(&format!(
        "without what threads waited for a processor: {beside:.2} µs, alone {alone:.2} µs, ratio {:.3}",
        alone / beside
    ));
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

    /// Calls that are made by a task like any other.
    async fn tail(self: &Arc<Self>, calls: usize) -> Tail {
        let house = Arc::clone(self);
        let calling = tokio::spawn(async move {
            let (mut all, mut own) = (Vec::with_capacity(calls), Vec::with_capacity(calls));
            for _ in 0..calls {
                let (thread, waited) = (thread::current().id(), machine::waited());
                let asked = Instant::now();
                house.call().await;
                let took = asked.elapsed();
                // Of a call that has moved to another thread nobody knows.
                let waits = waited.zip(machine::waited());
                let waits = waits.filter(|_| thread::current().id() == thread);
                let waits = waits.map_or(Duration::ZERO, |(before, after)| after - before);
                all.push(took);
                own.push(took.saturating_sub(waits));
            }
            Tail { all: percentile(all), own: percentile(own) }
        });
        calling.await.expect("calls")
    }
}

fn percentile(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() * 99 / 100]
}
