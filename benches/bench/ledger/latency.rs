//! The median time of an earn through the core with one client, beside that of the one-statement
//! earn: nothing to combine with, so all of its statements and round trips show.

use super::Stage;
use super::clients::CoreEarner;
use crate::client::Until;
use crate::report::{Report, median};

pub(super) async fn measure(report: &mut Report, stage: &mut Stage) {
    let sizes = stage.sizes;
    let until = Until::Elapsed(sizes.round / 2);
    let mut core = CoreEarner::crowd(&stage.platform, 1, "alone", sizes.members);
    let (mut ours, mut theirs) = (vec![], vec![]);
    for _ in 0..sizes.rounds {
        theirs.push(stage.baseline.median(sizes.round / 2).await);
        ours.push(median(stage.turn(&mut core, until).await.latencies));
    }
    report.time(stage.row("latency"), median(ours), median(theirs));
}
