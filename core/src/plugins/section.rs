//! `[plugins.…]` of the program file.

use crate::Result;
use crate::definition::{Check, Definition};
use serde_json::Value;
use std::collections::BTreeMap;
use toml::Spanned;

pub(crate) type PluginFiles = BTreeMap<Spanned<String>, toml::Table>;

/// By plugin id.
#[derive(Debug)]
pub(crate) struct WantedPlugins(BTreeMap<String, Wanted>);

/// How a program file enables a plugin.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// The version that the file names. Without one the program stays with what it runs.
    pub(crate) version: Option<String>,
    /// Everything else in the plugin's table. It was checked against the manifest when the program
    /// was applied.
    pub(crate) config: Value,
}

/// The one key of a plugin's table that is not the plugin's.
pub(crate) const VERSION: &str = "version";

impl Definition {
    /// The plugins that the program enables.
    pub(crate) fn plugins(&self) -> &BTreeMap<String, Wanted> {
        &self.section::<WantedPlugins>().0
    }
}

pub(crate) fn section(check: &Check<'_>, files: PluginFiles) -> Result<WantedPlugins> {
    let wanted = |(id, mut table): (Spanned<String>, toml::Table)| {
        let version = match table.remove(VERSION) {
            None => None,
            Some(toml::Value::String(version)) => Some(version),
            Some(other) => {
                let why = format!("version = {other}: use a text such as \"1.2.0\"");
                return Err(check.at(id.span(), &why));
            }
        };
        let config = serde_json::to_value(table);
        let config = config.map_err(|error| check.at(id.span(), &error.to_string()))?;
        Ok((check.slug(&id)?, Wanted { version, config }))
    };
    files.into_iter().map(wanted).collect::<Result<_>>().map(WantedPlugins)
}
