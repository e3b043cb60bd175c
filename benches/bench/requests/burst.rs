//! How far plugins fall behind: purchases as fast as 32 clients get them recorded, and then the
//! time until plugins have received the last. The value is both together as a multiple of the
//! first; the baseline is what is wanted, 1.5.

use super::purchases::buyers;
use super::{MANY, PATIENCE, Stage, settle};
use crate::client::Until;
use crate::report::Report;

const WANTED: f64 = 1.5;

pub(crate) async fn measure(report: &mut Report, stage: &Stage) {
    settle(report, &stage.platform, PATIENCE).await;
    let mut crowd = buyers(stage, MANY, "burst").await;
    let burst = crowd.round(Until::Calls(stage.sizes.burst)).await.took.as_secs_f64();
    let drained = match stage.platform.drain(PATIENCE).await {
        Ok(took) => took,
        Err(waiting) => {
            report.note(&format!("{waiting} events still wait: the factor is larger than this"));
            PATIENCE
        }
    };
    let drained = drained.as_secs_f64();
    report.note(&format!("the burst took {burst:.1} s, plugins {drained:.1} s more"));
    let name = format!("requests.{}.purchase.burst", stage.name);
    report.cost(name, "factor", (burst + drained) / burst, WANTED);
}
