//! Calls of plugins, whole, for as long as the program keeps them: why a plugin did what it did, and the
//! means to have it do so again.
//!
//! What has an effect is recorded, together with that effect: each event that a plugin handled or stands
//! still over, and each appraisal of a purchase. Quotes and views have none, and are not.

mod forget;
mod read;
mod recorder;
mod replay;
pub(crate) mod section;
mod write;

pub(super) use forget::forget;
pub use read::RecordedRun;
pub(super) use read::{recorded_runs, recording};
pub(super) use recorder::Recorder;
pub use replay::{Replayed, replay};
pub(crate) use write::{Occasion, Recorded};
