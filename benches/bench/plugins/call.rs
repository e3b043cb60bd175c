//! A call of a small plugin in a fresh instance: the median through the host, with all that it
//! bounds, beside the median of the least loop around the same engine, which has the same component
//! and the same arguments.

use super::Sizes;
use super::guests::{self, component, context, hello, joined, member};
use super::minimal::Minimal;
use crate::report::{Report, median, paired_rounds};
use perennial_core::plugins::{Known, Runtime};
use serde_json::json;
use std::time::{Duration, Instant};

/// At the same time, to see what each of them holds: fewer than there are slots.
const INSTANCES: usize = 50;

pub(super) async fn measure(report: &mut Report, sizes: Sizes) {
    let host = guests::host();
    let (wasm, config) = (hello(&host), context(json!({ "welcome_points": 50 })));
    let (member, event, known) = (member(), joined(), Known::default());
    let minimal = Minimal::start(&wasm, (&config, &member, &event)).expect("an engine");
    let component = component(&host, wasm);
    let call = async || {
        let run = host.on_event(&component, &config, Some(&member), &event, &known).await;
        run.expect("an answer")
    };
    let ours = async || call().await.output.len();
    let theirs = async || minimal.call().await.expect("an answer");
    assert_eq!(ours().await, theirs().await, "both are answered the same");
    let (ours, theirs) = paired_rounds(
        sizes.rounds,
        async |_| median_call(sizes.calls, &ours).await,
        async |_| median_call(sizes.calls, &theirs).await,
    )
    .await;
    report.time("plugins.call", ours, theirs);

    let run = call().await;
    let (bytes, memory) = (component.wasm.len() >> 10, run.memory >> 10);
    let resident = minimal.resident(INSTANCES).await.expect("instances");
    let resident = resident.map_or("unknown".to_owned(), |bytes| (bytes >> 10).to_string());
    report.note(&format!(
        "a component of {bytes} KiB; {memory} KiB of memory of its own and {} units of fuel in a \
         call, {resident} KiB of the machine's for each of {INSTANCES} live instances",
        run.fuel
    ));
}

async fn median_call(calls: usize, call: &impl AsyncFn() -> usize) -> Duration {
    let mut times = Vec::with_capacity(calls);
    for _ in 0..calls {
        let asked = Instant::now();
        std::hint::black_box(call().await);
        times.push(asked.elapsed());
    }
    median(times)
}
