//! Verifying all that the rows before have left: entries a second, of everything that
//! `perennial verify` does. The baseline is what is wanted.

use super::Stage;
use crate::report::{Report, number};

const WANTED: f64 = 200_000.0;

pub(super) async fn measure(report: &mut Report, stage: &Stage) {
    let (entries, rows, took) = stage.platform.verify().await;
    let seconds = took.as_secs_f64();
    let [entries, rows] =
        [entries, rows].map(|many| number(usize::try_from(many).expect("a count")));
    report.note(&format!(
        "{entries} entries were verified in {seconds:.1} s: {:.0} rows compared a second",
        rows / seconds
    ));
    report.rate("ledger.verify", "entries/s", entries / seconds, WANTED);
}
