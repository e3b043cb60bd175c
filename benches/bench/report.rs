//! The table and `target/bench.json`: name, unit, value, baseline, ratio.

use serde::Serialize;
use std::time::{Duration, Instant};

#[derive(Debug, Default)]
pub(crate) struct Report(Vec<Row>);

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    unit: &'static str,
    value: f64,
    baseline: f64,
    /// How much of the baseline is reached: above 1 is better than it, whatever the unit.
    ratio: f64,
}

impl Report {
    /// Rates: more is better.
    pub(crate) fn rate(
        &mut self,
        name: impl Into<String>,
        unit: &'static str,
        value: f64,
        baseline: f64,
    ) {
        self.add(Row { name: name.into(), unit, value, baseline, ratio: value / baseline });
    }

    /// Durations of one call, microseconds: less is better.
    pub(crate) fn time(&mut self, name: impl Into<String>, value: Duration, baseline: Duration) {
        let (value, baseline) = (value.as_secs_f64() * 1e6, baseline.as_secs_f64() * 1e6);
        self.add(Row { name: name.into(), unit: "µs", value, baseline, ratio: baseline / value });
    }

    fn add(&mut self, row: Row) {
        println!(
            "{:<44} {:>12.1} {:<12} baseline {:>12.1}   ratio {:.3}",
            row.name, row.value, row.unit, row.baseline, row.ratio
        );
        self.0.push(row);
    }

    pub(crate) fn finish(self) {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/target/bench.json");
        let json = serde_json::to_string_pretty(&self.0).expect("rows are plain values");
        std::fs::write(path, json).expect("target/bench.json can be written");
        println!("written to target/bench.json");
    }
}

/// Runs rounds of A and B in turn, so that both meet the same machine; answers the median duration of each.
pub(crate) async fn paired(
    rounds: usize,
    mut one: impl AsyncFnMut(usize),
    mut other: impl AsyncFnMut(usize),
) -> (Duration, Duration) {
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        ones.push(timed(&mut one, round).await);
        others.push(timed(&mut other, round).await);
    }
    (median(ones), median(others))
}

async fn timed(work: &mut impl AsyncFnMut(usize), round: usize) -> Duration {
    let start = Instant::now();
    work(round).await;
    start.elapsed()
}

fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort_unstable();
    durations[durations.len() / 2]
}
