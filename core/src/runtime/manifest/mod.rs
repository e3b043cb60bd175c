//! `plugin.toml`: what a plugin is, listens to and may do. It travels inside the component, so that
//! one file is the plugin.

mod check;
mod place;
mod template;

pub(crate) use template::render;

use crate::facts;
use crate::localized::lookup;
use crate::{Code, Error, Result};
use check::{Wrong, check};
use place::line_of;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A parsed and checked manifest.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Lower-case letters, digits and hyphens; names the plugin permanently, across versions.
    pub id: String,
    /// For people.
    pub name: String,
    /// Semantic version.
    pub version: String,
    #[serde(default)]
    pub description: String,
    /// Names of the events that the plugin receives. `timer-fired` for its own timers comes without
    /// being named.
    #[serde(default)]
    pub subscribes: BTreeSet<String>,
    /// Hooks besides `on-event` that the plugin answers.
    #[serde(default)]
    pub hooks: BTreeSet<Hook>,
    #[serde(default)]
    pub capabilities: Capabilities,
    /// JSON Schema of the configuration in the program file; an empty object when absent.
    #[serde(default = "empty_object_schema")]
    pub config: Value,
    /// Record types that the plugin declares: name to JSON Schema of their data.
    #[serde(default)]
    pub records: BTreeMap<String, Value>,
    /// Template name to locale to text.
    #[serde(default)]
    pub messages: BTreeMap<String, BTreeMap<String, MessageText>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hook {
    Appraise,
    View,
}

/// What a plugin may ask for. Everything is off unless named.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Capabilities {
    /// See the roles and locales of an organization's contacts.
    #[serde(default)]
    pub contacts: bool,
    /// Send messages from its templates.
    #[serde(default)]
    pub messages: bool,
    /// Set timers.
    #[serde(default)]
    pub timers: bool,
    /// Record types that it may write; each declared under `records`.
    #[serde(default)]
    pub writes_records: BTreeSet<String>,
    /// The most points that one event or one appraisal may bring; none when 0.
    #[serde(default)]
    pub points_per_event_max: i64,
}

/// Text with `{placeholders}`; a literal brace is written twice.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MessageText {
    pub subject: String,
    pub body: String,
}

impl Manifest {
    /// Reads `plugin.toml`. Fails with `MANIFEST_INVALID`, naming the line and the key of the first
    /// thing that is wrong.
    pub fn parse(text: &str) -> Result<Self> {
        let manifest: Self =
            toml::from_str(text).map_err(|error| invalid(error.to_string().trim_end()))?;
        check(&manifest).map_err(|Wrong { at, why }| {
            let key = at.join(".");
            match line_of(text, &at) {
                Some(line) => invalid(&format!("line {line}, {key}: {why}")),
                None => invalid(&format!("{key}: {why}")),
            }
        })?;
        Ok(manifest)
    }

    /// The text of a template in the first of `locales` that it is in, most preferred first; else
    /// in English, else in any. With the locale that it is in.
    pub fn message(&self, template: &str, locales: &[&str]) -> Option<(&str, &MessageText)> {
        lookup(self.messages.get(template)?, locales.iter().copied())
    }

    /// Whether `config` is what the plugin asked for. Fails with `CONFIG_INVALID`, naming the key.
    pub fn check_config(&self, config: &Value) -> Result<()> {
        check_against(&self.config, config, Code::ConfigInvalid)
    }

    /// Whether `data` fits the record type. Fails with `RECORD_TYPE_UNKNOWN` or `RECORD_INVALID`.
    pub fn check_record(&self, record_type: &str, data: &Value) -> Result<()> {
        let schema = self.records.get(record_type).ok_or_else(|| {
            Error::new(
                Code::RecordTypeUnknown,
                format!("plugin {} declares no record type `{record_type}`", self.id),
            )
        })?;
        check_against(schema, data, Code::RecordInvalid)
    }

    /// Whether the plugin receives events of this topic.
    pub(crate) fn receives(&self, topic: &facts::Topic<'_>) -> bool {
        self.subscribes.contains(topic.name)
            && topic.record_type.is_none_or(|record_type| self.records.contains_key(record_type))
    }
}

fn empty_object_schema() -> Value {
    serde_json::json!({ "type": "object", "additionalProperties": false })
}

fn invalid(why: &str) -> Error {
    Error::new(Code::ManifestInvalid, format!("plugin.toml: {why}"))
}

fn check_against(schema: &Value, value: &Value, code: Code) -> Result<()> {
    let validator =
        jsonschema::validator_for(schema).map_err(|error| invalid(&error.to_string()))?;
    match validator.iter_errors(value).next() {
        None => Ok(()),
        Some(error) => {
            let path = error.instance_path().to_string().trim_start_matches('/').replace('/', ".");
            let wrong = Error::new(code, error.to_string());
            Err(if path.is_empty() { wrong } else { wrong.at(path) })
        }
    }
}
