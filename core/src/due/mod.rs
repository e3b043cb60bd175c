//! Due work: what has to happen because its time has come, whoever asks or not. A kind of it is an
//! implementation of [`DueWork`] and one line in the worker's list.

use crate::Result;
use crate::context::{Context, Program};
use std::time::Duration;

/// A kind of work that falls due.
#[async_trait::async_trait]
pub(crate) trait DueWork: Send + Sync {
    /// For the log and for metrics.
    fn name(&self) -> &'static str;

    /// A select of the instant at which the next of it is due in the program `p.id`, null when
    /// there is none. The worker asks it for all programs at once, so it must be found by an index.
    fn next(&self) -> &'static str;

    /// Does part of what is due by the program's now.
    async fn work(&self, context: &Context, program: &Program) -> Result<Part>;
}

/// What a part of due work came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) done: usize,
    /// Whether, for now, it has left nothing.
    pub(crate) is_last: bool,
}

impl Part {
    /// A part that does at most so much at a time.
    pub(crate) const fn of(done: usize, most: usize) -> Self {
        Self { done, is_last: done < most }
    }
}

/// Shows, in the metrics, for how long the first of due work has waited.
pub(crate) fn show_lag(work: &'static str, waited: Duration) {
    metrics::gauge!("perennial_worker_lag_seconds", "work" => work).set(waited.as_secs_f64());
}
