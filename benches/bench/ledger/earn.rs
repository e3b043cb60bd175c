//! Earns per second, beside one-statement earns per second: for accounts drawn at random, and for
//! one that everybody earns for.

use super::clients::{CoreEarner, HttpEarner};
use super::{MANY, Stage};
use crate::client::{Crowd, Until};
use crate::db::Backend;
use crate::report::{Report, median, number};

/// Purchases of a request, and clients that send such requests: each of them is as many earns as
/// three times the other clients together have.
const BULK: usize = 100;
const BULK_CLIENTS: usize = 2;

pub(super) async fn measure(report: &mut Report, stage: &mut Stage) {
    let (platform, sizes) = (&stage.platform, stage.sizes);
    let (members, until) = (sizes.members, Until::Elapsed(sizes.round));
    let mut core = CoreEarner::crowd(platform, MANY, "core", members);
    let mut http = HttpEarner::crowd(platform, MANY, "http", members, 1).await;
    let mut bulk = HttpEarner::crowd(platform, BULK_CLIENTS, "bulk", members, BULK).await;
    let (mut theirs, mut cores, mut https, mut bulks) = (vec![], vec![], vec![], vec![]);
    // The first round prepares statements, and does not count.
    for _ in 0..=sizes.rounds {
        theirs.push(stage.baseline.rate(MANY, sizes.round).await);
        cores.push(stage.turn(&mut core, until).await.rate());
        https.push(stage.turn(&mut http, until).await.rate());
        if stage.backend == Backend::Postgres {
            bulks.push(number(BULK) * stage.turn(&mut bulk, until).await.rate());
        }
    }
    let theirs = median_but_first(theirs);
    report.rate(stage.row("earn.core"), "earns/s", median_but_first(cores), theirs);
    report.rate(stage.row("earn.http"), "earns/s", median_but_first(https), theirs);
    if stage.backend == Backend::Postgres {
        report.rate(stage.row("earn.bulk"), "earns/s", median_but_first(bulks), theirs);
        note_log(report, stage, &mut core).await;
    }
}

/// Notes what of PostgreSQL's log an earn takes on each side: what the disk has to take.
async fn note_log(report: &Report, stage: &mut Stage, core: &mut Crowd<CoreEarner>) {
    let long = stage.sizes.round;
    let start = stage.platform.logged().await;
    let ours = number(stage.turn(core, Until::Elapsed(long)).await.latencies.len());
    let middle = stage.platform.logged().await;
    let theirs = stage.baseline.rate(MANY, long).await * long.as_secs_f64();
    let end = stage.platform.logged().await;
    let (ours, theirs) = (number(middle - start) / ours, number(end - middle) / theirs);
    report.note(&format!(
        "bytes of PostgreSQL's log for an earn: {ours:.0} with its place and its seal, of the \
         one-statement earn {theirs:.0}"
    ));
}

pub(super) async fn measure_hot(report: &mut Report, stage: &mut Stage) {
    let (platform, sizes) = (&stage.platform, stage.sizes);
    let until = Until::Elapsed(sizes.round);
    let mut pgbench = stage.baseline.of_one_account();
    let mut core = CoreEarner::crowd(platform, MANY, "hot-core", 1);
    let mut http = HttpEarner::crowd(platform, MANY, "hot-http", 1, 1).await;
    let (mut theirs, mut cores, mut https) = (vec![], vec![], vec![]);
    for _ in 0..=sizes.rounds {
        theirs.push(pgbench.rate(MANY, sizes.round));
        cores.push(stage.turn(&mut core, until).await.rate());
        https.push(stage.turn(&mut http, until).await.rate());
    }
    let theirs = median_but_first(theirs);
    report.rate(stage.row("hot.core"), "earns/s", median_but_first(cores), theirs);
    report.rate(stage.row("hot.http"), "earns/s", median_but_first(https), theirs);
}

pub(super) fn median_but_first(rounds: Vec<f64>) -> f64 {
    median(rounds.into_iter().skip(1).collect())
}
