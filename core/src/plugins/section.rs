//! `[plugins.…]` of the program file.

use crate::Error;
use crate::definition::{Check, Definition};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;

pub(crate) type PluginFiles = BTreeMap<Spanned<String>, toml::Table>;
/// `required_appraisals` of the program file.
pub(crate) type RequiredFiles = Vec<Spanned<String>>;

/// By plugin id.
#[derive(Debug)]
pub(crate) struct WantedPlugins {
    by_id: BTreeMap<String, Wanted>,
    /// Those without whose word no purchase is recorded.
    required: BTreeSet<String>,
}

/// How a program file enables a plugin.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// The version that the file names. Without one the program stays with what it runs.
    pub(crate) version: Option<String>,
    /// Everything else in the plugin's table. It was checked against the manifest when the program
    /// was applied.
    pub(crate) config: Value,
}

impl Wanted {
    /// The version that the file names.
    pub(crate) fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }
}

/// The one key of a plugin's table that is not the plugin's.
pub(crate) const VERSION: &str = "version";

impl Definition {
    /// The plugins that the program enables.
    pub(crate) fn plugins(&self) -> &BTreeMap<String, Wanted> {
        &self.section::<WantedPlugins>().by_id
    }

    /// Whether no purchase is recorded unless this plugin has said what it is worth.
    pub(crate) fn requires_plugin(&self, id: &str) -> bool {
        self.section::<WantedPlugins>().required.contains(id)
    }
}

pub(crate) fn section(
    check: &Check<'_>,
    files: PluginFiles,
    required: &RequiredFiles,
) -> WantedPlugins {
    let wanted = |(id, mut table): (Spanned<String>, toml::Table)| {
        let name = check.slug(&id);
        let version = match table.remove(VERSION) {
            None => Ok(None),
            Some(toml::Value::String(version)) => Ok(Some(version)),
            Some(other) => {
                let why = format!("version = {other}: use a text such as \"1.2.0\"");
                Err(check.at(id.span(), &why))
            }
        };
        let config = serde_json::to_value(table);
        let config = config.map_err(|error| check.at(id.span(), &error.to_string()));
        Ok::<_, Error>((name?, Wanted { version: version?, config: config? }))
    };
    let named: Vec<_> = files.keys().map(|id| id.get_ref().clone()).collect();
    let named: Vec<_> = named.iter().map(String::as_str).collect();
    let by_id: BTreeMap<_, _> = files.into_iter().filter_map(|file| wanted(file).ok()).collect();
    for id in required.iter().filter(|id| !named.contains(&id.get_ref().as_str())) {
        check.unknown(id, "is required, and the file enables no plugin of that id", &named);
    }
    let required = required.iter().map(|id| id.get_ref().clone()).collect();
    WantedPlugins { by_id, required }
}
