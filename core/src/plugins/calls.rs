//! How calls of plugins end, for metrics.

use crate::context::{Enabled, FaultReport, Program};
use crate::runtime::Fault;

/// Counts a call by how it ended.
pub(super) fn count<T>(
    program: &Program,
    plugin: &Enabled,
    hook: &'static str,
    ended: &Result<T, Fault>,
) {
    let outcome = match ended {
        Ok(_) => "ok".to_owned(),
        Err(fault) => FaultReport::new(fault, None, "").kind,
    };
    let (program, plugin) = (program.definition.slug.clone(), plugin.id.clone());
    metrics::counter!(
        "perennial_plugin_calls_total",
        "program" => program, "plugin" => plugin, "hook" => hook, "outcome" => outcome
    )
    .increment(1);
}
