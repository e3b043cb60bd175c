//! `[plugins.…]` of the program file.

use crate::Result;
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
) -> Result<WantedPlugins> {
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
    let by_id: BTreeMap<_, _> = files.into_iter().map(wanted).collect::<Result<_>>()?;
    let known = |id: &Spanned<String>| match by_id.contains_key(id.get_ref()) {
        true => Ok(id.get_ref().clone()),
        false => {
            let why = format!("the file enables no plugin `{}`", id.get_ref());
            Err(check.at(id.span(), &why))
        }
    };
    let required = required.iter().map(known).collect::<Result<_>>()?;
    Ok(WantedPlugins { by_id, required })
}
