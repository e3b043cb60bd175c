//! What became of a plugin, and how far the news of it is.

use crate::scalars::{DateTime, Long};
use async_graphql::{Enum, SimpleObject};
use perennial_core::facts;
use perennial_core::plugins::ChangeUnderWay;

/// A change of a plugin of which the events `plugin-changed` are being written: one for each record and
/// member that it is about.
#[derive(Debug, SimpleObject)]
pub(super) struct PluginChange {
    /// What became of the plugin.
    change: Change,
    /// The version that the program runs since.
    version: String,
    /// The version that the program ran before. Null if it enables the plugin for the first time.
    version_before: Option<String>,
    /// When the plugin changed, by the program's clock.
    started_at: DateTime,
    /// The number of events that were written so far.
    written: Long,
}

/// What became of a plugin in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "facts::PluginChange", name = "PluginChangeKind")]
enum Change {
    /// The program file names it, for the first time or again.
    Enabled,
    /// It runs with another configuration.
    Configured,
    /// A newer version, or another build of the same, took the place of the one before.
    Upgraded,
    /// An older version took the place of the one before.
    RolledBack,
}

impl From<ChangeUnderWay> for PluginChange {
    fn from(under_way: ChangeUnderWay) -> Self {
        let ChangeUnderWay { change, version, version_before, started_at, written } = under_way;
        Self {
            change: change.into(),
            version,
            version_before,
            started_at: started_at.into(),
            written: Long(written),
        }
    }
}
