//! Facts: all that the platform records as having happened to a member, each with what it says. The
//! names of events, what a manifest may subscribe to and `docs/events.md` follow from this one
//! list.

mod list;

pub use list::*;

use crate::db::{Field, Kind, push};
use crate::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::borrow::Cow;

/// What subscriptions are matched against.
#[derive(Clone, Debug)]
pub(crate) struct Topic<'a> {
    pub(crate) name: &'a str,
    /// What matters besides: a plugin receives only what concerns records of the types that it is shown,
    /// and of the events of other plugins those that it names.
    pub(crate) about: Option<Cow<'a, str>>,
}

impl Fact {
    pub(crate) fn topic(&self) -> Topic<'_> {
        let about = match self {
            Self::RecordPut(put) => Some(Cow::Borrowed(put.record_type.as_str())),
            Self::PluginEvent(raised) => {
                Some(Cow::Owned(format!("{}/{}", raised.plugin, raised.event)))
            }
            _ => None,
        };
        Topic { name: self.name(), about }
    }
}

/// A line of a purchase, as an event says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LineFact {
    /// The product's identifier in the shop.
    pub sku: String,
    pub category: Option<String>,
    /// 1 or more.
    pub quantity: u32,
    /// For the whole line, in minor units.
    pub amount_minor: i64,
}

/// Part of a line that came back, as an event says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReturnedLineFact {
    /// Which line of the purchase, from 1; 0 for a purchase without lines.
    pub position: i32,
    /// The product's identifier in the shop; null for a purchase without lines.
    pub sku: Option<String>,
    pub quantity: i64,
    /// In minor units.
    pub amount_minor: i64,
}

/// A record, as an event says it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordFact {
    #[serde(rename = "type")]
    pub record_type: String,
    pub external_id: String,
    pub data: Value,
}

/// How a hold ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldOutcome {
    /// Some or all of it was spent.
    Captured,
    /// Somebody gave it up.
    Released,
    /// Its time was over.
    Expired,
}

impl HoldOutcome {
    /// As the table of holds names it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Captured => "CAPTURED",
            Self::Released => "RELEASED",
            Self::Expired => "EXPIRED",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Captured, Self::Released, Self::Expired].into_iter().find(|one| one.as_str() == text)
    }
}

/// What became of a plugin in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PluginChange {
    /// The program file names it, for the first time or again.
    Enabled,
    /// It runs with another configuration.
    Configured,
    /// A newer version, or another build of the same, took the place of the one before.
    Upgraded,
    /// An older version took the place of the one before.
    RolledBack,
}

impl PluginChange {
    /// As the table of changes names it, and operators read it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::Configured => "CONFIGURED",
            Self::Upgraded => "UPGRADED",
            Self::RolledBack => "ROLLED_BACK",
        }
    }

    pub(crate) fn parse(text: &str) -> Result<Self> {
        let all = [Self::Enabled, Self::Configured, Self::Upgraded, Self::RolledBack];
        let found = all.into_iter().find(|one| one.as_str() == text);
        found.ok_or_else(|| Error::internal(format!("a plugin has the change `{text}`")))
    }
}

impl Field for PluginChange {
    const KIND: Kind = Kind::Text;

    fn write(&self, json: &mut String) {
        push(json, self.as_str());
    }

    fn read<'de, D: Deserializer<'de>>(column: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(column)?).map_err(serde::de::Error::custom)
    }
}

/// On which side of a referral a member stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReferralRole {
    Referrer,
    Referred,
}

#[cfg(test)]
mod tests {
    use super::SUBSCRIBABLE;
    use perennial_contract::events;

    #[test]
    fn manifests_may_subscribe_to_what_there_is() {
        let where_to = "write the new event into sdk/contract/src/events.rs, in the same order";
        assert_eq!(events::SUBSCRIBABLE, SUBSCRIBABLE, "{where_to}");
    }
}
