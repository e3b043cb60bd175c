//! `plugin.toml`: what a plugin is, listens to and may do. It travels inside the component, so that
//! one file is the plugin.

mod check;
mod fluent;
mod message;
mod misfit;
mod package;
mod place;
mod records;
mod schema;
mod template;

pub use fluent::Texts;
pub use message::Filled;
pub use misfit::{Misfit, What};
pub use package::packaged;
pub use records::{Clash, Foreign, Whose, side_by_side};

use crate::events::{PLUGIN_EVENT, TIMER_FIRED};
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
    /// Names of the events that the plugin receives; those that another plugin raises as
    /// `PLUGIN/NAME`. `timer-fired` for its own timers comes without being named.
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
    /// Events of its own that the plugin raises: name to JSON Schema of their data.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub events: BTreeMap<String, Value>,
    /// Locale to texts in Fluent: the files `locales/<locale>.ftl` beside `plugin.toml`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub locales: BTreeMap<String, Texts>,
    /// Template name to locale to text: how a small plugin says it, and how all did before there were
    /// `locales`.
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
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the manifest")]
pub struct Capabilities {
    /// See the roles and locales of an organization's contacts.
    #[serde(default)]
    pub contacts: bool,
    /// Look up what the member has bought.
    #[serde(default)]
    pub purchases: bool,
    /// Look up what the member has of each point type.
    #[serde(default)]
    pub balances: bool,
    /// Look up the program's service network.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub directory: bool,
    /// See, add and remove the member's tags.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tags: bool,
    /// Send messages from its templates.
    #[serde(default)]
    pub messages: bool,
    /// Set timers.
    #[serde(default)]
    pub timers: bool,
    /// Record types of other plugins that it is shown, each as `OWNER/TYPE`.
    #[serde(default)]
    pub reads_records: BTreeSet<String>,
    /// Record types that it may write: declared under `records`, or named in `reads_records`.
    #[serde(default)]
    pub writes_records: BTreeSet<String>,
    /// The most points that one event or one appraisal may bring; none when 0.
    #[serde(default)]
    pub points_per_event_max: i64,
    /// The most points that one event may take; none when 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub deducts_per_event_max: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
const fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// Text with `{placeholders}`; a literal brace is written twice.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MessageText {
    pub subject: String,
    pub body: String,
}

/// Why a text is no manifest: with the line and the key of the first thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    first: String,
    /// What else is wrong with the files in `locales`, in their order.
    others: Vec<String>,
}

impl Manifest {
    /// Reads `plugin.toml`. Fails naming the line and the key of the first thing that is wrong.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let manifest: Self =
            toml::from_str(text).map_err(|error| refused(error.to_string().trim_end()))?;
        check(&manifest).map_err(|wrong| {
            let mut said = wrong.into_iter().map(|wrong| match wrong {
                Wrong::Key { at, why } => {
                    let key = at.join(".");
                    match line_of(text, &at) {
                        Some(line) => format!("plugin.toml: line {line}, {key}: {why}"),
                        None => format!("plugin.toml: {key}: {why}"),
                    }
                }
                Wrong::Text(flaw) => flaw.to_string(),
            });
            Refused { first: said.next().unwrap_or_default(), others: said.collect() }
        })?;
        Ok(manifest)
    }

    /// Checks one that was read from another file, whose lines are not those of a `plugin.toml`. Fails
    /// naming the key of the first thing that is wrong.
    pub fn checked(self) -> Result<Self, String> {
        match check(&self).map_err(|wrong| wrong.into_iter().next()) {
            Err(Some(Wrong::Key { at, why })) => Err(format!("{}: {why}", at.join("."))),
            Err(Some(Wrong::Text(flaw))) => Err(flaw.to_string()),
            Ok(()) | Err(None) => Ok(self),
        }
    }

    /// Whether `config`, a plugin's table in the program file without the key `version`, is what the
    /// plugin asked for. Nothing is filled in: a `default` of the schema is for readers.
    pub fn check_config(&self, config: &Value) -> Result<(), Misfit> {
        misfit::between(&self.config, config, What::Config)
    }

    /// Whether `data` fits the record type.
    pub fn check_record(&self, record_type: &str, data: &Value) -> Result<(), Misfit> {
        let schema = self.records.get(record_type).ok_or_else(|| {
            let why = format!("plugin {} declares no record type `{record_type}`", self.id);
            Misfit::new(What::RecordType, why)
        })?;
        misfit::between(schema, data, What::Record)
    }

    /// Whether the plugin declares an event, and `data` fits it; else why not.
    pub fn check_event(&self, name: &str, data: &Value) -> Result<(), String> {
        let id = &self.id;
        let schema = self.events.get(name);
        let schema = schema.ok_or_else(|| {
            let known: Vec<_> = self.events.keys().map(String::as_str).collect();
            let known = match known.is_empty() {
                true => String::new(),
                false => format!("; it declares {}", known.join(", ")),
            };
            format!("plugin {id} declares no event `{name}` under [events]{known}")
        })?;
        misfit::between(schema, data, What::Record)
            .map_err(|misfit| format!("the data of the event `{name}`: {misfit}"))
    }

    /// Whether the plugin is told of an event with this [topic](crate::call::Event::topic).
    pub fn receives(&self, event: &str, topic: Option<&str>) -> bool {
        if event == PLUGIN_EVENT {
            return topic.is_some_and(|name| self.subscribes.contains(name));
        }
        self.subscribes.contains(event)
            && topic.is_none_or(|record_type| self.is_shown(record_type))
    }

    /// Like [`Self::receives`], and its own timers.
    pub fn is_told(&self, event: &str, topic: Option<&str>) -> bool {
        event == TIMER_FIRED || self.receives(event, topic)
    }
}

/// That a plugin does what its manifest does not ask for, and how it asks.
pub(crate) fn unasked_for(capability: &str) -> String {
    format!(
        "the manifest does not ask for the capability `{capability}`: write `{capability} = true` \
         under [capabilities] in plugin.toml"
    )
}

fn empty_object_schema() -> Value {
    serde_json::json!({ "type": "object", "additionalProperties": false })
}

fn refused(why: &str) -> Refused {
    Refused::of(format!("plugin.toml: {why}"))
}

impl Refused {
    fn of(why: String) -> Self {
        Self { first: why, others: Vec::new() }
    }

    /// All that is wrong, for whoever writes it: of the manifest the first thing, of its texts
    /// everything, file by file.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.first).chain(&self.others).map(String::as_str)
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.first)
    }
}

impl std::error::Error for Refused {}
