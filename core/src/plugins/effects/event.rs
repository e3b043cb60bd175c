//! Raising an event of the plugin's own.

use super::AskedBy;
use crate::Result;
use crate::events::Reach;
use crate::facts::PluginEvent;
use crate::operation::Operation;
use serde_json::Value;

#[derive(Debug)]
pub(super) struct Raise {
    pub(super) name: String,
    pub(super) data: Value,
}

impl Raise {
    /// Deep in a chain nothing is raised: answers of many events each would fan out without end.
    pub(super) fn apply(&self, operation: &mut Operation<'_>, asked_by: &AskedBy) -> Result<()> {
        let (plugin, event) = (asked_by.plugin.clone(), self.name.clone());
        if !asked_by.chain.may_raise() {
            let (root, member) = (asked_by.chain.root, asked_by.member);
            let slug = operation.program().definition.slug.clone();
            metrics::counter!("perennial_plugin_chains_ended_total", "program" => slug)
                .increment(1);
            tracing::warn!(plugin, event, %member, %root, "an event deep in a chain was left out");
            return Ok(());
        }
        let reach = Reach::AllBut(plugin.clone());
        let fact = PluginEvent { plugin, event, data: self.data.clone() };
        operation.record_for(reach, asked_by.member, asked_by.at, fact)
    }
}
