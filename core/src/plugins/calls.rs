//! How calls of plugins end, for metrics.

use crate::context::{Enabled, Program};
use crate::runtime::Fault;

/// Counts a call by the fault with which it ended, if it did.
pub(super) fn count(
    program: &Program,
    plugin: &Enabled,
    hook: &'static str,
    fault: Option<&Fault>,
) {
    let outcome = fault.map_or("ok", |fault| fault.kind.name());
    let (program, plugin) = (program.definition.slug.clone(), plugin.id.clone());
    metrics::counter!(
        "perennial_plugin_calls_total",
        "program" => program, "plugin" => plugin, "hook" => hook, "outcome" => outcome
    )
    .increment(1);
}
