//! The table and `target/bench.json`: name, unit, value, baseline, ratio.

use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::{Duration, Instant};

#[derive(Debug, Default)]
pub(crate) struct Report(Vec<Row>);

#[derive(Debug, Deserialize, Serialize)]
struct Row {
    name: String,
    unit: String,
    value: f64,
    baseline: f64,
    /// How much of the baseline is reached: above 1 is better than it, whatever the unit.
    ratio: f64,
}

impl Report {
    /// Rates: more is better.
    pub(crate) fn rate(&mut self, name: impl Into<String>, unit: &str, value: f64, baseline: f64) {
        self.add(Row {
            name: name.into(),
            unit: unit.to_owned(),
            value,
            baseline,
            ratio: value / baseline,
        });
    }

    /// Sizes, factors and the like: less is better.
    pub(crate) fn cost(&mut self, name: impl Into<String>, unit: &str, value: f64, baseline: f64) {
        self.add(Row {
            name: name.into(),
            unit: unit.to_owned(),
            value,
            baseline,
            ratio: baseline / value,
        });
    }

    /// Durations of one call, microseconds: less is better.
    pub(crate) fn time(&mut self, name: impl Into<String>, value: Duration, baseline: Duration) {
        self.cost(name, "µs", value.as_secs_f64() * 1e6, baseline.as_secs_f64() * 1e6);
    }

    fn add(&mut self, row: Row) {
        println!(
            "{:<44} {:>12.2} {:<12} baseline {:>12.2}   ratio {:.3}",
            row.name, row.value, row.unit, row.baseline, row.ratio
        );
        self.0.push(row);
    }

    /// Something that the reader of the table should know and that is no row.
    #[expect(clippy::unused_self, reason = "only who writes the report may write between its rows")]
    pub(crate) fn note(&self, note: &str) {
        println!("  {note}");
    }

    pub(crate) fn finish(self) {
        self.write(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/target/bench.json")));
        println!("written to target/bench.json");
    }

    pub(crate) fn write(&self, path: &Path) {
        let json = serde_json::to_string_pretty(&self.0).expect("rows are plain values");
        std::fs::write(path, json).expect("rows can be written");
    }

    /// Takes over the rows that another process has written, and shown.
    pub(crate) fn take_over(&mut self, path: &Path) {
        let json = std::fs::read_to_string(path).expect("rows were written");
        let rows: Vec<Row> = serde_json::from_str(&json).expect("rows as they are written");
        self.0.extend(rows);
    }
}

/// Runs rounds of A and B in turn, so that both meet the same machine; returns the median duration
/// of each.
pub(crate) async fn paired(
    rounds: usize,
    mut one: impl AsyncFnMut(usize),
    mut other: impl AsyncFnMut(usize),
) -> (Duration, Duration) {
    paired_rounds(
        rounds,
        async |round| timed(&mut one, round).await,
        async |round| timed(&mut other, round).await,
    )
    .await
}

/// The same for rounds that measure themselves, because not all that they do counts.
pub(crate) async fn paired_rounds<T: PartialOrd + Copy>(
    rounds: usize,
    mut one: impl AsyncFnMut(usize) -> T,
    mut other: impl AsyncFnMut(usize) -> T,
) -> (T, T) {
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        ones.push(one(round).await);
        others.push(other(round).await);
    }
    (median(ones), median(others))
}

async fn timed(work: &mut impl AsyncFnMut(usize), round: usize) -> Duration {
    let start = Instant::now();
    work(round).await;
    start.elapsed()
}

pub(crate) fn median<T: PartialOrd + Copy>(mut measured: Vec<T>) -> T {
    measured.sort_unstable_by(|one, other| one.partial_cmp(other).expect("measures compare"));
    measured[measured.len() / 2]
}

/// Per second.
pub(crate) fn rate(count: usize, took: Duration) -> f64 {
    number(count) / took.as_secs_f64()
}

/// For the arithmetic of reports.
pub(crate) fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("counts here are small"))
}
