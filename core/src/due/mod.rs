//! Due work: what has to happen because its time has come, whoever asks or not. A kind of it is an
//! implementation of [`DueWork`] and one line in the worker's list.

use crate::Result;
use crate::context::{Context, Program};

/// A kind of work that falls due.
#[async_trait::async_trait]
pub(crate) trait DueWork: Send + Sync {
    /// For the log and for metrics.
    fn name(&self) -> &'static str;

    /// A select of the instant at which the next of it is due in the program `p.id`, null when
    /// there is none. The worker asks it for all programs at once, so it must be found by an index.
    fn next(&self) -> &'static str;

    /// The most that a part of it does. A part that did less has, for now, left nothing.
    fn part_max(&self) -> usize;

    /// Does part of what is due by the program's now; answers how much it was.
    async fn work(&self, context: &Context, program: &Program) -> Result<usize>;
}
