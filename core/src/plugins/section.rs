//! `[plugins.…]` of the program file.

use crate::Result;
use crate::definition::{Check, Definition};
use serde_json::Value;
use std::collections::BTreeMap;
use toml::Spanned;

pub(crate) type PluginFiles = BTreeMap<Spanned<String>, toml::Table>;

/// Plugin id to configuration.
#[derive(Debug)]
pub(crate) struct Configurations(BTreeMap<String, Value>);

impl Definition {
    /// The plugins that the program enables, each with its configuration, which was checked against
    /// the plugin's manifest when the program was applied.
    pub(crate) fn plugins(&self) -> &BTreeMap<String, Value> {
        &self.section::<Configurations>().0
    }
}

pub(crate) fn section(check: &Check<'_>, files: PluginFiles) -> Result<Configurations> {
    let config = |(id, table): (Spanned<String>, toml::Table)| {
        let config = serde_json::to_value(table);
        let config = config.map_err(|error| check.at(id.span(), &error.to_string()))?;
        Ok((check.slug(&id)?, config))
    };
    files.into_iter().map(config).collect::<Result<_>>().map(Configurations)
}
