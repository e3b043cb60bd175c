//! How much longer the slowest of a hundred takes when the ledger is busy and not flooded: earns
//! arrive evenly at 70 % of what 32 clients got through, whether or not those before are answered, so
//! that what waits counts. The value is the 99th percentile as a multiple of the median; the baseline
//! is what is wanted, 4.

use super::clients::{CoreEarner, Orders};
use super::{MANY, Stage};
use crate::client::Until;
use crate::platform::{Order, Teller};
use crate::report::{Report, median};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

const WANTED: f64 = 4.0;
const SHARE: f64 = 0.7;

pub(super) async fn measure(report: &mut Report, stage: &mut Stage) {
    let (members, rounds, round) = (stage.sizes.members, stage.sizes.rounds, stage.sizes.round);
    let mut crowd = CoreEarner::crowd(&stage.platform, MANY, "peak", members);
    let mut orders = Orders::for_each(1, "paced", members).next().expect("one");
    let (mut factors, mut medians, mut tails) = (vec![], vec![], vec![]);
    for _ in 0..rounds {
        let peak = stage.turn(&mut crowd, Until::Elapsed(round)).await.rate();
        let between = Duration::from_secs_f64(1.0 / (SHARE * peak));
        let arriving = (0_u32..).take_while(|n| *n * between < round);
        let orders: Vec<_> = arriving.map(|n| (n * between, orders.next())).collect();
        let (middle, tail) = percentiles(paced(stage.platform.teller(), orders).await);
        stage.platform.settle().await;
        factors.push(tail.as_secs_f64() / middle.as_secs_f64());
        medians.push(middle);
        tails.push(tail);
    }
    let milliseconds = |times| median::<Duration>(times).as_secs_f64() * 1e3;
    let (middle, tail) = (milliseconds(medians), milliseconds(tails));
    report
        .note(&format!("at 70 % of the peak: median {middle:.2} ms, 99th percentile {tail:.2} ms"));
    report.cost(stage.row("tail"), "factor", median(factors), WANTED);
}

/// Lets each order begin when it is due. A thread of its own keeps the time, because timers of the
/// runtime count in milliseconds.
async fn paced(teller: Teller, orders: Vec<(Duration, Order)>) -> Vec<Duration> {
    let runtime = Handle::current();
    let begin = move || -> Vec<JoinHandle<Duration>> {
        let start = Instant::now();
        let begin = |(due, order): (Duration, Order)| {
            sleep(due.saturating_sub(start.elapsed()));
            let teller = teller.clone();
            runtime.spawn(async move {
                teller.earn(&order).await;
                start.elapsed().saturating_sub(due)
            })
        };
        orders.into_iter().map(begin).collect()
    };
    let begun = tokio::task::spawn_blocking(begin).await.expect("a thread");
    let mut times = Vec::with_capacity(begun.len());
    for one in begun {
        times.push(one.await.expect("an earn"));
    }
    times
}

/// The median and the 99th percentile.
fn percentiles(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort_unstable();
    (times[times.len() / 2], times[times.len() * 99 / 100])
}
