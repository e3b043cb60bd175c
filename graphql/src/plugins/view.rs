//! What a plugin shows of a member, in both schemas.

use crate::scalars::Json;
use async_graphql::SimpleObject;
use perennial_core::plugins;

/// Data that a plugin provides about a member.
#[derive(Debug, SimpleObject)]
pub(crate) struct PluginView {
    /// The plugin's id in the program file.
    plugin_key: String,
    /// The data, in a structure that the plugin defines. Null if the plugin failed.
    data: Option<Json>,
}

impl From<plugins::View> for PluginView {
    fn from(view: plugins::View) -> Self {
        Self { plugin_key: view.plugin, data: view.data.map(Json::from) }
    }
}
