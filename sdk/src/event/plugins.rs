//! Events of plugins: about the plugin itself, and those that another one raised.

use crate::{Json, Record};
use serde::Deserialize;

/// This plugin was enabled in the program, configured anew, or moved to another version, so it can
/// plan anew. It comes once for each [`record`](Self::record) of the types that the manifest declares,
/// and once for each member: for all members when the plugin was enabled, otherwise for those of whom
/// it keeps something or has a timer. The context's state is what the plugin stored for the record,
/// otherwise for the member.
///
/// Until all of them were written, the timers of the plugin wait.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PluginChanged {
    /// What became of the plugin.
    pub change: PluginChange,
    /// The version that the program runs from then on.
    pub version: String,
    /// The version that the program ran before; none if it enables the plugin for the first time.
    pub version_before: Option<String>,
    /// The record that the event is about, with its current data; none if it is about the member.
    pub record: Option<Record>,
}

/// What became of a plugin in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PluginChange {
    /// The program file names it, for the first time or again.
    Enabled,
    /// It runs with another configuration.
    Configured,
    /// A newer version, or another build of the same, took the place of the one before.
    Upgraded,
    /// An older version took the place of the one before.
    RolledBack,
    /// Something that this version of the SDK has no name for.
    #[serde(other)]
    Other,
}

/// Another plugin raised an event of its own about the member. In `subscribes` of `plugin.toml` it is
/// called `PLUGIN/NAME`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct PluginEvent {
    /// The plugin that raised it, by its id.
    pub plugin: String,
    /// What that plugin calls it.
    pub event: String,
    /// The data, valid against that plugin's schema of the event.
    pub data: Json,
}
