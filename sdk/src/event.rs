//! The facts that plugins are told of.

use crate::{Date, Failure, Json, PurchaseLine, Record, RecordKey};
use serde::{Deserialize, de::DeserializeOwned};

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident $name:literal;)*) => {
        /// A fact that the platform recorded.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Event {
            $($(#[$doc])* $variant($variant),)*
            /// A fact that this version of the SDK has no type for.
            Other(OtherEvent),
        }

        impl Event {
            /// Reads an event's JSON; fields that this version does not know are passed over.
            pub(crate) fn parse(name: &str, data: &str) -> Result<Self, Failure> {
                match name {
                    $($name => read(name, data).map(Self::$variant),)*
                    _ => Ok(Self::Other(OtherEvent {
                        name: name.to_owned(),
                        data: Json::parse(name, data)?,
                    })),
                }
            }

            /// The name that `plugin.toml` subscribes to.
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $name,)*
                    Self::Other(other) => &other.name,
                }
            }
        }
    };
}

events! {
    /// Somebody became a member.
    MemberJoined "member-joined";
    /// A purchase was recorded, and what it earns decided.
    PurchaseRecorded "purchase-recorded";
    /// Points were credited.
    PointsEarned "points-earned";
    /// Points were spent.
    PointsSpent "points-spent";
    /// Points reached the end of their life.
    PointsExpired "points-expired";
    /// The member is on another tier.
    TierChanged "tier-changed";
    /// A referred member did what the program asks for.
    ReferralCompleted "referral-completed";
    /// A reward was taken.
    RewardRedeemed "reward-redeemed";
    /// A record was created or changed.
    RecordPut "record-put";
    /// A timer that this plugin set is due.
    TimerFired "timer-fired";
}

/// Somebody became a member; who, is in the context.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct MemberJoined {}

/// A purchase and what it earned.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PurchaseRecorded {
    /// The platform's id.
    pub purchase_id: String,
    /// The shop's number for it.
    pub reference: String,
    /// ISO 4217.
    pub currency: String,
    /// In minor units.
    pub total_minor: i64,
    /// In the program's time zone; earlier than today if the purchase was recorded late.
    pub purchased_on: Date,
    /// Points that it earned.
    pub points: i64,
    /// What was bought.
    pub lines: Vec<PurchaseLine>,
}

/// Points credited.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PointsEarned {
    /// The platform's id.
    pub transaction_id: String,
    /// How many.
    pub points: i64,
    /// Points that can be spent afterwards.
    pub balance: i64,
    /// As shown to the member.
    pub reason: String,
}

/// Points spent.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PointsSpent {
    /// The platform's id.
    pub transaction_id: String,
    /// How many.
    pub points: i64,
    /// Points that can be spent afterwards.
    pub balance: i64,
    /// The reward's id in the program file.
    pub reward: String,
}

/// Points that reached the end of their life.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PointsExpired {
    /// The platform's id.
    pub transaction_id: String,
    /// How many.
    pub points: i64,
    /// Points that can be spent afterwards.
    pub balance: i64,
}

/// A step up or down the tier ladder.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct TierChanged {
    /// The tier's id in the program file; none below the first threshold.
    pub from: Option<String>,
    /// The same.
    pub to: Option<String>,
}

/// A completed referral; both sides are told.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ReferralCompleted {
    /// The side that the member of the context is on.
    pub role: ReferralRole,
    /// What the member gets for it.
    pub points: i64,
}

/// A side of a referral.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReferralRole {
    /// Recommended the program.
    Referrer,
    /// Followed the recommendation.
    Referred,
}

/// A reward taken.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RewardRedeemed {
    /// The platform's id.
    pub redemption_id: String,
    /// The reward's id in the program file.
    pub reward: String,
    /// What it cost.
    pub points: i64,
}

/// A record created or changed. The context's state is what the plugin stored for this record.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RecordPut {
    /// A type that a manifest declares.
    #[serde(rename = "type")]
    pub record_type: String,
    /// Unique among the records of the type.
    pub external_id: String,
    /// Valid against the manifest's schema of the type.
    pub data: Json,
    /// Whether it did not exist before.
    pub is_new: bool,
}

impl RecordPut {
    /// The record's name.
    pub fn key(&self) -> RecordKey {
        RecordKey::new(&self.record_type, &self.external_id)
    }
}

/// A timer of this plugin is due. The context's state is what the plugin stored for the timer's record, else for the member.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct TimerFired {
    /// As given to [`Actions::timer`](crate::Actions::timer).
    pub name: String,
    /// As given to [`Timer::data`](crate::Timer::data).
    pub data: Json,
    /// The record that the timer is [about](crate::Timer::about), as it is now.
    pub record: Option<Record>,
}

/// A fact that this version of the SDK has no type for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct OtherEvent {
    /// The name that `plugin.toml` subscribes to.
    pub name: String,
    /// What is known of it.
    pub data: Json,
}

fn read<T: DeserializeOwned>(name: &str, data: &str) -> Result<T, Failure> {
    serde_json::from_str(data)
        .map_err(|error| Failure::new("unexpected-event", format!("{name}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_by_name_and_unknown_fields_and_names_do_no_harm() {
        let tier = Event::parse("tier-changed", r#"{"from":null,"to":"gold","since":2030}"#);
        let expected = TierChanged { from: None, to: Some("gold".to_owned()) };
        assert_eq!(tier, Ok(Event::TierChanged(expected)));
        let joined = Event::parse("member-joined", r#"{"channel":"app"}"#).unwrap();
        assert_eq!(joined, Event::MemberJoined(MemberJoined {}));
        let survey = Event::parse("survey-answered", r#"{"stars":5}"#).unwrap();
        assert_eq!(survey.name(), "survey-answered");
    }

    #[test]
    fn an_event_that_does_not_fit_is_refused_by_name() {
        let failure = Event::parse("points-earned", "{}").unwrap_err();
        assert_eq!(failure.code, "unexpected-event");
        assert!(failure.message.starts_with("points-earned: missing field"), "{failure}");
    }
}
