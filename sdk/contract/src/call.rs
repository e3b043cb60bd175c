//! What a plugin is told in a call. The types mirror `sdk/wit/plugin.wit`, with instants, days and JSON
//! already parsed.

use crate::events::PLUGIN_EVENT;
use crate::recording::{maybe, whole};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The circumstances of a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Context {
    pub program: String,
    pub revision: u32,
    pub now: Timestamp,
    pub today: Date,
    #[serde(with = "whole")]
    pub seed: u64,
    pub config: Value,
    #[serde(with = "maybe")]
    pub state: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemberKind {
    Person,
    Organization,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    pub id: String,
    pub role: String,
    pub locale: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    pub id: String,
    pub external_id: String,
    pub kind: MemberKind,
    pub locale: String,
    pub tier: Option<String>,
    pub points: i64,
    pub purchases: i64,
    pub spent_minor: i64,
    pub joined_on: Date,
    pub last_purchase_on: Option<Date>,
    pub contacts: Vec<Contact>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    pub id: String,
    pub name: String,
    pub occurred_at: Timestamp,
    pub data: Value,
}

impl Event {
    /// What a subscription to it depends on besides its name: the record's type where a record was put,
    /// and for an event of a plugin `PLUGIN/NAME`.
    #[must_use]
    pub fn topic(&self) -> Option<String> {
        let part = |name: &str| self.data.get(name).and_then(Value::as_str);
        match self.name.as_str() {
            "record-put" => part("type").map(str::to_owned),
            PLUGIN_EVENT => Some(format!("{}/{}", part("plugin")?, part("event")?)),
            _ => None,
        }
    }

    /// The record that the event is about, whose state the call brings and keeps; none when it is
    /// about the member itself.
    pub fn subject(&self) -> Option<RecordKey> {
        let record = match self.name.as_str() {
            "record-put" => &self.data,
            "timer-fired" | "plugin-changed" => self.data.get("record")?,
            _ => return None,
        };
        let part = |name: &str| record.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(RecordKey { record_type: part("type")?, external_id: part("externalId")? })
    }
}

/// How a record is named: by its type and its external id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordKey {
    pub record_type: String,
    pub external_id: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredRecord {
    pub key: RecordKey,
    pub data: Value,
    #[serde(with = "maybe")]
    pub state: Option<Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PurchaseLine {
    pub sku: String,
    pub category: Option<String>,
    pub quantity: u32,
    pub amount_minor: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Purchase {
    pub reference: String,
    pub currency: String,
    pub total_minor: i64,
    pub purchased_on: Date,
    pub lines: Vec<PurchaseLine>,
}

/// A purchase of the member as it stands: without what came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PastPurchase {
    pub id: String,
    pub reference: String,
    pub purchased_at: Timestamp,
    pub purchased_on: Date,
    pub currency: String,
    pub total_minor: i64,
    pub lines: Vec<PurchaseLine>,
}

/// What the member has of a point type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Balance {
    pub point_type: String,
    /// What can be spent; below zero what is owed.
    pub points: i64,
    pub pending: i64,
    pub held: i64,
}

/// Millionths of a degree, north and east positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Position {
    pub latitude: i32,
    pub longitude: i32,
}

/// An entry of the program's service network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceCenter {
    pub id: String,
    pub external_id: String,
    pub name: String,
    pub country: String,
    pub city: String,
    pub position: Position,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub languages: Vec<String>,
    pub capabilities: Vec<String>,
    /// From where it was looked for.
    pub distance_metres: Option<u32>,
}

/// The mean radius of the earth, metres.
const EARTH_RADIUS_METRES: f64 = 6_371_008.8;

impl Position {
    /// Along the great circle, as the platform measures.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a distance on the earth is at most 20,016 km"
    )]
    #[must_use]
    pub fn metres_to(self, other: Self) -> u32 {
        let radians = |millionths: i32| (f64::from(millionths) / 1_000_000.0).to_radians();
        let half = |from: i32, to: i32| ((radians(to) - radians(from)) / 2.0).sin().powi(2);
        let across = half(self.longitude, other.longitude);
        let (from, to) = (radians(self.latitude).cos(), radians(other.latitude).cos());
        let haversine = half(self.latitude, other.latitude) + from * to * across;
        (2.0 * EARTH_RADIUS_METRES * haversine.sqrt().min(1.0).asin()).round() as u32
    }

    /// Whether there is such a place.
    #[must_use]
    pub const fn is_on_earth(self) -> bool {
        self.latitude.unsigned_abs() <= 90_000_000 && self.longitude.unsigned_abs() <= 180_000_000
    }
}
